"""What a won deal counts for whom, on both databases; worked by hand. Today is Wed 18 Nov 2026: October is closed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from handlers.figures import booking
from handlers.figures.booking import MissingRate, book
from handlers.figures.chain import above
from storage import credits, deals, people, units
from storage.database import Database, Transaction
from storage.deals import Deal, Share

NOW = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)
RATES = {(2026, "EUR"): Decimal("1.085"), (2027, "EUR"): Decimal("1.1"), (2026, "JPY"): Decimal("0.0066")}
OCTOBER, NOVEMBER = date(2026, 10, 20), date(2026, 11, 10)


class Book:
    """A deal of Dana's, shared as the test says, and what is credited."""

    def __init__(self, tx: Transaction, *shares: tuple[str, int, str]) -> None:
        self.tx = tx
        self.ids = {name: people.add(tx, name=name, email=f"{name}@example.com", at=NOW).id for name in ("dana", "sam")}
        self.deal = Deal(id="d1", stage="negotiation", owner=self.ids["dana"], created_on=date(2026, 9, 1))
        given = [Share(self.ids[name], millionths, kind) for name, millionths, kind in shares]
        deals.add(tx, self.deal, given, at=NOW, by=None)

    def now(self, *, fiscal_start: int = 1, at: datetime = NOW, zone: str = "UTC", **changed: object) -> Book:
        """The deal is so from now on."""
        after = replace(self.deal, **changed)  # type: ignore[arg-type]
        deals.change(self.tx, self.deal, after, at=at, by=None)
        self.deal = after
        book(self.tx, after, plan_currency="USD", rates=RATES, fiscal_start=fiscal_start, now=at, zone=zone)
        return self

    def won(self, amount: int, day: date, currency: str = "USD", **more: object) -> Book:
        return self.now(stage="won", amount_minor=amount, currency=currency, closes_on=day, **more)

    @property
    def living(self) -> list[tuple[str, str, str, int]]:
        """(who, kind, day, minor units) of what counts."""
        names = {identifier: name for name, identifier in self.ids.items()}
        kept = [one.credit for one in credits.of_deal(self.tx, "d1")]
        return [(names[one.person], one.kind, one.day.isoformat(), one.amount_minor) for one in kept]

    def month(self, number: int) -> int:
        first = date(2026, number, 1)
        return sum(credits.by_person(self.tx, first, date(2026, number, 30 if number == 11 else 31)).values())


def test_all_of_it_is_the_owners_once(database: Database) -> None:
    def work(tx: Transaction) -> list[object]:
        made = Book(tx).won(6_000_000, NOVEMBER)
        book(tx, made.deal, plan_currency="USD", rates=RATES, fiscal_start=1, now=NOW)
        return [made.living, made.month(11)]

    assert database.submit(work).result() == [[("dana", "revenue", "2026-11-10", 6_000_000)], 6_000_000]


def test_open_lost_claimed_and_worthless_deals_count_nothing(database: Database) -> None:
    def work(tx: Transaction) -> list[object]:
        made = Book(tx)
        found = [made.now(amount_minor=100, currency="USD", closes_on=NOVEMBER).living]
        found.append(made.now(stage="lost").living)
        found.append(made.won(100, NOVEMBER, claimed=True).living)
        found.append(made.won(0, NOVEMBER, claimed=False).living)
        found.append(made.now(amount_minor=None).living)
        return list(found)

    assert database.submit(work).result() == [[]] * 5


def test_converted_once_and_cut_by_largest_remainder(database: Database) -> None:
    """€100.01 × 1.085 = $108.51085 → $108.51, a third each of 10851 is 3617; 70/30 of 10851: 7595.7 and 3255.3."""

    def work(tx: Transaction) -> list[tuple[str, str, str, int]]:
        shares = (("dana", 700_000, "revenue"), ("sam", 300_000, "revenue"), ("sam", 500_000, "overlay"))
        return Book(tx, *shares).won(10_001, NOVEMBER, "EUR").living

    assert database.submit(work).result() == [
        ("dana", "revenue", "2026-11-10", 7596),
        ("sam", "revenue", "2026-11-10", 3255),
        ("sam", "overlay", "2026-11-10", 5426),  # 5425.5, half up
    ]


def test_the_rate_is_that_of_the_fiscal_year_of_the_win(database: Database) -> None:
    """A year that begins in February and is named by its end: 10 Nov 2026 is in FY2027."""

    def work(tx: Transaction) -> list[int]:
        made = Book(tx)
        made.deal = replace(made.deal, amount_minor=10_000, currency="EUR", closes_on=NOVEMBER)
        first = made.now(stage="won", fiscal_start=2).living[0][3]
        second = made.now(closes_on=date(2026, 11, 11), fiscal_start=1).living[0][3]
        return [first, second]

    assert database.submit(work).result() == [11_000, 10_850]


def test_yen_have_no_cents(database: Database) -> None:
    """¥1,000,000 × 0.0066 = $6,600.00."""
    living = database.submit(lambda tx: Book(tx).won(1_000_000, NOVEMBER, "JPY").living).result()
    assert [one[3] for one in living] == [660_000]


def test_a_missing_rate_is_named(database: Database) -> None:
    with pytest.raises(MissingRate, match="no rate from GBP to USD for 2026"):
        database.submit(lambda tx: Book(tx).won(100, NOVEMBER, "GBP")).result()


@pytest.mark.parametrize("again", [{"stage": "negotiation"}, {"stage": "lost"}])
def test_undone_in_an_open_month_it_is_voided(database: Database, again: dict[str, str]) -> None:
    def work(tx: Transaction) -> tuple[object, int]:
        made = Book(tx).won(6_000_000, NOVEMBER).now(**again)
        return made.living, made.month(11)

    assert database.submit(work).result() == ([], 0)


def test_undone_after_its_month_it_is_taken_back_today(database: Database) -> None:
    def work(tx: Transaction) -> list[object]:
        made = Book(tx, ("dana", 700_000, "revenue"), ("sam", 300_000, "revenue")).won(1001, OCTOBER)
        made.now(stage="lost")
        return [made.living, made.month(10), made.month(11), [one.credit.won_on for one in credits.of_deal(tx, "d1")]]

    living, october, november, won_on = database.submit(work).result()
    assert living == [
        ("dana", "revenue", "2026-10-20", 701),
        ("sam", "revenue", "2026-10-20", 300),
        ("dana", "revenue", "2026-11-18", -701),
        ("sam", "revenue", "2026-11-18", -300),
    ]
    assert (october, november) == (1001, -1001)
    assert won_on == [OCTOBER] * 4, "a reversal counts against whose member the person was"


def test_today_is_the_companys(database: Database) -> None:
    """At 03:00 UTC on 1 December it is still November in New York, and a win of November is in an open month."""

    def work(tx: Transaction) -> list[object]:
        night = datetime(2026, 12, 1, 3, 0, tzinfo=UTC)
        made = Book(tx).won(100, NOVEMBER)
        return list(made.now(stage="lost", at=night, zone="America/New_York").living)

    assert database.submit(work).result() == []


def test_an_amount_corrected_in_an_open_month_is_booked_anew(database: Database) -> None:
    def work(tx: Transaction) -> list[object]:
        made = Book(tx).won(100, NOVEMBER).now(amount_minor=250)
        return [made.living, made.now(closes_on=date(2026, 11, 12)).living]

    assert database.submit(work).result() == [
        [("dana", "revenue", "2026-11-10", 250)],
        [("dana", "revenue", "2026-11-12", 250)],
    ]


def test_a_closed_month_never_changes(database: Database) -> None:
    """Corrected twice, undone, won again: October stays at 100; the rest shows in November."""

    def work(tx: Transaction) -> list[tuple[int, int]]:
        made = Book(tx).won(100, OCTOBER)
        seen = []
        for changed in ({"amount_minor": 250}, {"amount_minor": 60}, {"stage": "lost"}, {"stage": "won"}):
            made.now(**changed)
            made.now()
            seen.append((made.month(10), made.month(11)))
        made.now(closes_on=date(2026, 9, 30))
        seen.append((made.month(10), made.month(11)))
        return seen

    assert database.submit(work).result() == [(100, 150), (100, -40), (100, -100), (100, -40), (100, -40)]


def test_a_confirmed_claim_counts(database: Database) -> None:
    from handlers.conversation.company import Company

    def work(tx: Transaction) -> tuple[object, bool, object]:
        made = Book(tx).won(100, NOVEMBER, claimed=True)
        confirmed = booking.confirm(tx, Company(), made.deal, by=made.ids["sam"], now=NOW)
        return made.living, confirmed.claimed, deals.history(tx, "d1")[0].changed

    assert database.submit(work).result() == (
        [("dana", "revenue", "2026-11-10", 100)],
        False,
        {"claimed": (True, False)},
    )


def test_above_a_person_are_managers_and_those_who_lead_their_units(database: Database) -> None:
    def work(tx: Transaction) -> tuple[set[str], set[str]]:
        staff = {name: people.add(tx, name=name, at=NOW) for name in ("rep", "max", "boss", "east", "world", "west")}
        names = {person.id: name for name, person in staff.items()}
        since = date(2026, 1, 1)
        people.give_manager(tx, staff["rep"], staff["max"], since)
        people.give_manager(tx, staff["max"], staff["boss"], since)
        world = units.add(tx, "World", kind="company", parent=None, at=NOW)
        east = units.add(tx, "East", kind="team", parent=world, at=NOW)
        west = units.add(tx, "West", kind="team", parent=world, at=NOW)
        for unit, leader in ((world, "world"), (east, "east"), (west, "west")):
            units.join(tx, unit, staff[leader].id, since=since, leads=True)
        units.join(tx, east, staff["rep"].id, since=date(2026, 11, 1))
        today = {names[one] for one in above(tx, staff["rep"].id, NOW.date())}
        before = {names[one] for one in above(tx, staff["rep"].id, date(2026, 10, 31))}
        return today, before

    assert database.submit(work).result() == ({"max", "boss", "east", "world"}, {"max", "boss"})
