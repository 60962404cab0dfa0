"""Commission estimates worked by hand: from a plan's file and deals in the rows to the cent; and whose plan is whose.

Today is Wednesday, 18 November 2026. The fiscal year is the calendar's; a year's target falls evenly on its months.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.conversation.company import Company
from handlers.figures.booking import book_for
from handlers.figures.commission import Commissions, Found, Paid, TooManyPeriodsError
from handlers.figures.standing import Subject
from handlers.imports.plan_file import Plan, read_plan
from handlers.numbers.commission import Plan as SumsPlan
from handlers.numbers.commission import Tier, estimate, to_next_band
from handlers.numbers.money import from_minor, to_minor
from handlers.numbers.spans import Span
from storage import commission, deals, people, targets, units
from storage.database import Database, Transaction
from storage.tables import ledger, new_id

NOW = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)
TODAY = NOW.date()
YEAR = date(2026, 1, 1)
Q3, Q4 = Span(date(2026, 7, 1), date(2026, 9, 30)), Span(date(2026, 10, 1), date(2026, 12, 31))
COMPANY = Company(name="Testing & Co", currency="USD", zone="America/New_York")

GLOSSARY = "tiers: [{from: 0, rate: 3 %}, {from: 300000, rate: 5 %}, {from: 500000, rate: 7 %}]"
BY_TARGET = "tiers: [{from: 0 %, rate: 5 %}, {from: 100 %, rate: 8 %}]"


@dataclass(frozen=True)
class Won:
    """A deal that was won: Dana's, of whom `share` is hers and the rest Sam's."""

    amount: str
    day: date = date(2026, 11, 10)
    currency: str = "USD"
    share: str = "1"
    undone: bool = False
    """Today, by losing it after all."""


@dataclass(frozen=True)
class Case:
    name: str
    why: str
    plan: str
    won: Sequence[Won]
    pays: Sequence[str]
    """The estimate of each period; `-` for none."""
    target: str | None = "1200000"
    joined: date = YEAR
    asked: Span = Q4
    company: Company = COMPANY
    uncapped: str = ""
    ledger: Sequence[tuple[str, str]] = field(default=())


CASES = (
    Case("marginal", "3 % × 300k + 5 % × 200k + 7 % × 100k (GLOSSARY)", GLOSSARY, [Won("600000")], ["26000"]),
    Case("retroactive", "7 % × 600k", GLOSSARY + "\nmethod: retroactive", [Won("600000")], ["42000"]),
    Case(
        "an accelerator past 100 %",
        "a quarter of 1.2m is 300k: 5 % × 300k + 8 % × 150k",
        BY_TARGET,
        [Won("250000"), Won("200000", date(2026, 10, 2))],
        ["27000"],
    ),
    Case(
        "a cap",
        "27,000 as above, at most 20,000",
        BY_TARGET + "\ncap: 20k",
        [Won("450000")],
        ["20000"],
        uncapped="27000",
    ),
    Case("a split", "60 % of 200k is 120k, at 5 %", BY_TARGET, [Won("200000", share="0.6")], ["6000"]),
    Case(
        "a split to the cent",
        "a third of $100.00 is $33.33, by largest remainder; at 50 % it is $16.665, rounded half up",
        "base rate: 50 %",
        [Won("100", share="0.333333")],
        ["16.67"],
    ),
    Case(
        "a reversal in a closed quarter",
        "Q3 keeps 5 % × 100k; Q4 has 300k − 100k, at 5 %",
        BY_TARGET,
        [Won("100000", date(2026, 9, 10), undone=True), Won("300000")],
        ["5000", "10000"],
        asked=Span(Q3.first, Q4.last),
    ),
    Case(
        "more reversed than won",
        "−100k at the first tier's 5 % are taken back",
        BY_TARGET,
        [Won("100000", date(2026, 9, 10), undone=True)],
        ["-5000"],
    ),
    Case(
        "a reversal in the open month", "voided: nothing is left of it", BY_TARGET, [Won("90000", undone=True)], ["0"]
    ),
    Case("another currency", "€50,000 × 1.10 = 55,000, at 5 %", BY_TARGET, [Won("50000", currency="EUR")], ["2750"]),
    Case(
        "a plan by month",
        "Oct 1 % × 10k + 2 % × 20k; Nov 1 % × 5k; Dec nothing",
        "period: month\ntiers: [{from: 0, rate: 1 %}, {from: 10000, rate: 2 %}]",
        [Won("30000", date(2026, 10, 31)), Won("5000", date(2026, 11, 1))],
        ["500", "50", "0"],
    ),
    Case(
        "a plan by half, asked for a quarter",
        "July counts too: 2 % × 150k",
        "period: half\nbase rate: 2 %",
        [Won("100000", date(2026, 7, 1)), Won("50000")],
        ["3000"],
    ),
    Case(
        "a joiner in the middle of November",
        "100k × 10 of 19 working days + 100k = 152,631.58: × 5 % + 47,368.42 × 8 % = 7,631.579 + 3,789.4736",
        BY_TARGET,
        [Won("200000", date(2026, 12, 1))],
        ["11421.05"],
        joined=date(2026, 11, 16),
    ),
    Case("target 0", "shares of nothing", BY_TARGET, [Won("200000")], ["-"], target="0"),
    Case("no target", "shares of nothing", BY_TARGET, [Won("200000")], ["-"], target=None),
    Case("no target where none is needed", "3 % × 200k", GLOSSARY, [Won("200000")], ["6000"], target=None),
    Case(
        "variable pay",
        "60k a year ÷ 1.2m is 5 %: a quarter's 300k pays a quarter of it, 15k; 100k above at twice the rate",
        "variable pay: 60000\ntiers: [{from: 0 %, rate: base}, {from: 100 %, rate: 2 x base}]",
        [Won("400000")],
        ["25000"],
    ),
    Case(
        "variable pay of a joiner",
        "the rate is that of the full year's target: 5 % × 100k",
        "variable pay: 60000",
        [Won("100000", date(2026, 12, 1))],
        ["5000"],
        joined=date(2026, 11, 16),
    ),
    Case("variable pay without a target", "no rate", "variable pay: 60000", [Won("100000")], ["-"], target=None),
    Case(
        "a plan that begins in the middle of a quarter",
        "October's 50k is before it: 10 % × 20k",
        "base rate: 10 %\nfrom: 2026-11-01",
        [Won("50000", date(2026, 10, 31)), Won("20000", date(2026, 11, 1))],
        ["2000"],
    ),
    Case(
        "a currency without cents",
        "3 % × 500,000 + 5 % × 500,000 yen",
        "tiers: [{from: 0, rate: 3 %}, {from: 500000, rate: 5 %}]",
        [Won("1000000", currency="JPY")],
        ["40000"],
        company=Company(name="Testing & Co", currency="JPY", zone="Asia/Tokyo"),
    ),
    Case(
        "a fiscal year from February",
        "its fourth quarter begins on 1 November: 10 % × 20k",
        "base rate: 10 %",
        [Won("50000", date(2026, 10, 31)), Won("20000", date(2026, 11, 1))],
        ["2000"],
        asked=Span(TODAY, TODAY),
        company=Company(name="Testing & Co", currency="USD", zone="America/New_York", fiscal_year_start=2),
    ),
    Case(
        "margin",
        "100k revenue − 60k cost, at 10 %; the deal's 500k are no margin",
        "measure: margin\nbase rate: 10 %",
        [Won("500000")],
        ["4000"],
        ledger=[("revenue", "100000"), ("cost", "60000")],
    ),
    Case(
        "revenue",
        "100k recognised, at 10 %",
        "measure: revenue\nbase rate: 10 %",
        [],
        ["10000"],
        ledger=[("revenue", "100000"), ("cost", "60000")],
    ),
)


def plan_of(text: str, name: str = "Reps", who: str = "{roles: [rep]}") -> Plan:
    read = read_plan(f"name: {name}\nfor: {who}\n{text}\n".encode(), "plan.yaml")
    assert isinstance(read, Plan), read
    return read


def keep(tx: Transaction, text: str, name: str = "Reps", who: str = "{roles: [rep]}") -> None:
    plan = plan_of(text, name, who).plan
    commission.put(tx, plan.name, plan.as_data(), by=None, at=NOW)


def hire(
    tx: Transaction, name: str, unit: str = "East", *, joined: date = YEAR, role: str = "rep", leads: bool = False
) -> str:
    one = people.add(tx, name=name, email=f"{name.lower()}@test.example", at=NOW, imported=True)
    people.give_role(tx, one, role, joined)
    top = units.add(tx, "Company", kind="company", parent=None, at=NOW)
    units.join(tx, units.add(tx, unit, kind="team", parent=top, at=NOW), one.id, since=joined, leads=leads)
    return one.id


def aim(tx: Transaction, person: str, amount: str, company: Company = COMPANY) -> None:
    minor = to_minor(Decimal(amount), company.currency)
    wanted = targets.Target(person=person, unit=None, measure="bookings", fiscal_year=2026, amount=minor)
    targets.put(tx, wanted, by=None, at=NOW)


def win(tx: Transaction, company: Company, dana: str, sam: str, won: Won) -> None:
    deal = deals.Deal(
        id=new_id(),
        stage="won",
        owner=dana,
        created_on=YEAR,
        closes_on=won.day,
        amount_minor=to_minor(Decimal(won.amount), won.currency),
        currency=won.currency,
    )
    part = int(Decimal(won.share) * deals.WHOLE)
    shares = [deals.Share(dana, part), *([deals.Share(sam, deals.WHOLE - part)] if part < deals.WHOLE else [])]
    then = datetime(won.day.year, won.day.month, won.day.day, 20, tzinfo=UTC)
    deals.add(tx, deal, shares, at=then, by=None)
    book_for(tx, company, deal, now=then)
    if won.undone:
        lost = replace(deal, stage="lost")
        deals.change(tx, deal, lost, at=NOW, by=None)
        book_for(tx, company, lost, now=NOW)


class _Undone(Exception):
    """Ends a case, so that the next one finds nothing of it."""


def estimates(tx: Transaction, case: Case) -> list[Paid]:
    """The case in the rows, and what it pays."""
    dana, sam = hire(tx, "Dana", joined=case.joined), hire(tx, "Sam")
    targets.put_rate(tx, 2026, "EUR", Decimal("1.10"), at=NOW)
    if case.target is not None:
        aim(tx, dana, case.target, case.company)
    for won in case.won:
        win(tx, case.company, dana, sam, won)
    for kind, amount in case.ledger:
        minor = to_minor(Decimal(amount), "USD")
        row = {"id": new_id(), "kind": kind, "source": "test", "person": dana, "day": date(2026, 11, 5)}
        money = {"entered_minor": minor, "entered_currency": "USD", "amount_minor": minor}
        tx.execute(ledger.insert(), {**row, **money})
    keep(tx, case.plan)
    held = Commissions(tx, case.company, TODAY, persons=[dana])
    return [held.paid(one, Subject("Dana", person=dana)) for one in held.found(dana, case.asked).pieces]


def test_cases(database: Database) -> None:
    """Each case in a transaction of its own that is rolled back."""
    for case in CASES:
        paid: list[Paid] = []

        def work(tx: Transaction, case: Case = case, paid: list[Paid] = paid) -> None:
            paid[:] = estimates(tx, case)
            raise _Undone

        with pytest.raises(_Undone):
            database.submit(work).result()
        currency = case.company.currency
        made = [from_minor(one.estimate.amount, currency) if one.estimate else None for one in paid]
        assert made == [None if one == "-" else Decimal(one) for one in case.pays], f"{case.name}: {case.why}"
        for one in paid:
            if one.estimate is not None:
                assert sum(line.amount for line in one.estimate.lines) == one.estimate.uncapped, case.name
                assert sum(line.sales for line in one.estimate.lines) == one.estimate.credited, case.name
        if case.uncapped:
            assert paid[0].estimate is not None
            assert from_minor(paid[0].estimate.uncapped, currency) == Decimal(case.uncapped), case.name


@given(st.integers(0, 2_000_000), st.booleans())
def test_what_is_missing_to_the_next_band_reaches_it(credited: int, by_target: bool) -> None:
    """One minor unit less does not; and the last band has no next one."""
    starts = (
        [Fraction(0), Fraction(1, 3), Fraction(1)] if by_target else [Fraction(0), Fraction(333_333), Fraction(10**6)]
    )
    plan = SumsPlan([Tier(start, Fraction(at + 1, 100)) for at, start in enumerate(starts)], of_target=by_target)
    found = to_next_band(estimate(plan, credited, 10**6))
    if found is None:
        assert credited >= 10**6
        return
    missing, rate = found
    reached = estimate(replace(plan, retroactive=True), credited + missing, 10**6).lines[0].rate
    short = estimate(replace(plan, retroactive=True), credited + missing - 1, 10**6).lines[0].rate
    assert (reached, short < rate) == (rate, True)


# ---------------------------------------------------------------- whose plan is whose


def applies(tx: Transaction, person: str, asked: Span | None = None) -> list[tuple[str, date, date]]:
    found: Found = Commissions(tx, COMPANY, TODAY).found(person, asked)
    assert not found.at_once
    return [(one.plan.name, one.span.first, one.span.last) for one in found.pieces]


def names(tx: Transaction, person: str) -> list[str]:
    found = Commissions(tx, COMPANY, TODAY).found(person)
    return [one.name for one in found.at_once] or [one.plan.name for one in found.pieces]


def test_roles_and_units_narrow_each_other(database: Database) -> None:
    def work(tx: Transaction) -> dict[str, list[str]]:
        team = {
            "Dana": hire(tx, "Dana"),
            "Wes": hire(tx, "Wes", "West"),
            "Max": hire(tx, "Max", role="manager", leads=True),
            "Mia": hire(tx, "Mia", "West", role="manager", leads=True),
        }
        keep(tx, "base rate: 5 %", "East reps", "{roles: [rep], units: [east]}")
        keep(tx, "base rate: 1 %", "East managers", "{roles: [manager], units: [East]}")
        keep(tx, "base rate: 2 %", "Whole company", "{units: [Company], roles: [manager]}")
        return {name: names(tx, person) for name, person in team.items()}

    assert database.submit(work).result() == {
        "Dana": ["East reps"],
        "Wes": [],
        "Max": ["East managers", "Whole company"],
        "Mia": ["Whole company"],
    }


def test_a_plan_that_names_somebody_goes_first_and_two_others_hold_each_other_up(database: Database) -> None:
    def work(tx: Transaction) -> tuple[list[str], list[str]]:
        dana, sam = hire(tx, "Dana"), hire(tx, "Sam")
        keep(tx, "base rate: 5 %", "Reps")
        keep(tx, "base rate: 6 %", "East", "{units: [East]}")
        keep(tx, "base rate: 9 %", "Danas own", "{people: [dana@test.example]}")
        return names(tx, dana), names(tx, sam)

    assert database.submit(work).result() == (["Danas own"], ["East", "Reps"])


def test_who_changes_team_has_the_plan_of_the_periods_last_day(database: Database) -> None:
    """Dana moves from East to West on 1 October: Q3 by East's plan, Q4 by West's."""

    def work(tx: Transaction) -> list[tuple[str, date, date]]:
        dana = hire(tx, "Dana")
        hire(tx, "Wes", "West")
        west = units.named(tx, "West")
        assert west is not None
        units.join(tx, west, dana, since=date(2026, 10, 1))
        keep(tx, "base rate: 5 %", "East", "{units: [East]}")
        keep(tx, "base rate: 6 %", "West", "{units: [West]}")
        return applies(tx, dana, Span(Q3.first, Q4.last))

    assert database.submit(work).result() == [("East", Q3.first, Q3.last), ("West", Q4.first, Q4.last)]


def test_a_leaver_keeps_the_plan_of_the_last_day(database: Database) -> None:
    def work(tx: Transaction) -> list[str]:
        dana = hire(tx, "Dana")
        units.leave(tx, dana, on=date(2026, 11, 2))
        keep(tx, "base rate: 5 %", "East", "{units: [East]}")
        return names(tx, dana)

    assert database.submit(work).result() == ["East"]


def test_plans_that_follow_each_other_share_a_quarter(database: Database) -> None:
    def work(tx: Transaction) -> list[tuple[str, date, date]]:
        dana = hire(tx, "Dana")
        keep(tx, "base rate: 5 %\nto: 2026-10-31", "Old")
        keep(tx, "base rate: 6 %\nperiod: month\nfrom: 2026-11-01", "New")
        return applies(tx, dana, Q4)

    assert database.submit(work).result() == [
        ("Old", date(2026, 10, 1), date(2026, 10, 31)),
        ("New", date(2026, 11, 1), date(2026, 11, 30)),
        ("New", date(2026, 12, 1), date(2026, 12, 31)),
    ]


def test_nobody_is_shown_a_hundred_months(database: Database) -> None:
    def work(tx: Transaction) -> None:
        dana = hire(tx, "Dana")
        keep(tx, "base rate: 5 %\nperiod: month")
        Commissions(tx, COMPANY, TODAY).found(dana, Span(date(2018, 1, 1), TODAY))

    with pytest.raises(TooManyPeriodsError):
        database.submit(work).result()
