"""A unit's credit from kept sums is what it would be counted credit by credit, whoever moves and whatever is undone."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta

import pytest

from handlers.conversation.company import Company
from handlers.figures import credited
from handlers.figures.plan import Plan, load
from handlers.figures.standing import Subject, board, each, figures
from handlers.numbers.spans import Span
from storage import credits, deals, people, targets, units
from storage.database import Database, Transaction

NOW = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)
YEAR = Span(date(2026, 1, 1), date(2026, 12, 31))
COMPANY = Company(name="Northwind")
SPANS = (
    YEAR,
    Span(date(2026, 10, 1), date(2026, 12, 31)),
    Span(date(2026, 9, 28), date(2026, 10, 4)),
    Span(date(2026, 3, 15), date(2026, 6, 10)),
    Span(date(2026, 5, 1), date(2026, 5, 31)),
)


def _world(tx: Transaction, chance: random.Random) -> dict[str, list[credits.Credit]]:
    """Twelve people who join late, move between two teams and leave; wins, reversals months later, late bookings."""
    top = units.add(tx, "Northwind", kind="company", parent=None, at=NOW)
    teams = [units.add(tx, name, kind="team", parent=top, at=NOW) for name in ("East", "West")]
    written: dict[str, list[credits.Credit]] = {}
    for number in range(12):
        who = people.add(tx, name=f"Rep {number:02}", email=f"r{number}@example.com", at=NOW, imported=True).id
        day = date(2026, 1, 1) + timedelta(days=chance.choice((0, 0, 0, 20, 70)))
        for _ in range(chance.randint(1, 3)):
            units.join(tx, chance.choice(teams), who, since=day)
            day += timedelta(days=chance.randint(20, 120))
        if chance.random() < 0.2:
            units.leave(tx, who, on=day)
        if number % 3:
            target = targets.Target(
                person=who, unit=None, measure="bookings", fiscal_year=2026, amount=number * 1_000_003
            )
            targets.put(tx, target, by=None, at=NOW)
        mine = []
        for _ in range(15):
            won = date(2026, 1, 1) + timedelta(days=chance.randrange(330))
            amount = chance.randrange(1, 10_000_000)
            mine.append(credits.Credit(who, "revenue", won, amount))
            if chance.random() < 0.3:
                later = min(won + timedelta(days=chance.randrange(90)), YEAR.last)
                mine.append(credits.Credit(who, "revenue", later, -amount, won_on=won))
        deal = f"deal{number}"
        deals.add(tx, deals.Deal(id=deal, stage="won", created_on=YEAR.first), [], at=NOW, by=None)
        credits.write(tx, deal, mine, at=NOW)
        written[who] = mine
    return written


def _naive(plan: Plan, unit: str, span: Span, written: dict[str, list[credits.Credit]]) -> int:
    return sum(
        one.amount_minor
        for who, theirs in written.items()
        for one in theirs
        if one.day in span and plan.was_in(who, unit, one.won_on or one.day)
    )


@pytest.mark.parametrize("seed", range(4))
def test_a_units_credit_is_that_of_those_who_were_members_on_the_win_date(database: Database, seed: int) -> None:
    def work(tx: Transaction) -> list[tuple[str, Span, int, int]]:
        written = _world(tx, random.Random(seed))
        plan = load(tx, COMPANY, YEAR)
        return [
            (unit.name, span, credited.in_unit(tx, COMPANY, plan, unit.id, span), _naive(plan, unit.id, span, written))
            for unit in plan.units.values()
            for span in SPANS
        ]

    compared = database.submit(work).result()
    assert any(found for _, _, found, _ in compared)
    for name, span, found, wanted in compared:
        assert found == wanted, (name, span)


def test_a_board_says_of_each_what_their_own_status_says(database: Database) -> None:
    def work(tx: Transaction) -> list[tuple[tuple[int, int | None], ...]]:
        _world(tx, random.Random(7))
        plan = load(tx, COMPANY, YEAR)
        top = next(unit.id for unit in plan.units.values() if unit.parent is None)
        found = []
        for span in SPANS:
            together = {one.subject.person: one.status for one in each(tx, COMPANY, plan, top, span, NOW.date())}
            for line in board(tx, COMPANY, plan, top, span):
                alone = figures(tx, COMPANY, plan, Subject(line.subject.name, line.subject.person), span, NOW.date())
                status = together[line.subject.person]
                found.append(tuple((one.credited, one.target) for one in (line, alone.status, status)))
        return found

    compared = database.submit(work).result()
    assert len(compared) > 40
    for line, alone, together in compared:
        assert line == alone == together
