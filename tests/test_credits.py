"""Deals, shares and credits in the rows, on both databases."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta

import pytest

from storage import credits, deals, people, units
from storage.database import Database, Transaction

NOW = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)
TODAY = NOW.date()


def _person(tx: Transaction, name: str) -> str:
    return people.add(tx, name=name, email=f"{name.lower()}@example.com", at=NOW, imported=True).id


def test_sums_over_any_span_are_those_of_the_credits(database: Database) -> None:
    """Whole months come from kept sums; voids and reversals are in them too."""
    chance = random.Random(7)

    def fill(tx: Transaction) -> list[tuple[str, date, int]]:
        dana, sam = _person(tx, "Dana"), _person(tx, "Sam")
        deal = deals.Deal(id="d1", stage="won", created_on=TODAY)
        deals.add(tx, deal, [], at=NOW, by=None)
        given = [
            credits.Credit(
                chance.choice((dana, sam)),
                "revenue",
                date(2026, 1, 1) + timedelta(days=chance.randrange(365)),
                chance.randrange(-50_000, 500_000),
            )
            for _ in range(200)
        ]
        credits.write(tx, "d1", given, at=NOW)
        credits.void(tx, credits.of_deal(tx, "d1")[:50], at=NOW)
        return [(one.person, one.day, one.amount_minor) for one in given[50:]]

    living = database.submit(fill).result()
    spans = [(date(2026, 9, 28), date(2026, 10, 4)), (date(2026, 1, 5), date(2026, 3, 31)), (TODAY, TODAY)]
    spans += [(date(2026, 1, 1), date(2026, 12, 31)), (date(2026, 2, 1), date(2026, 2, 28)), (TODAY, date(2026, 1, 1))]
    for first, last in spans:
        wanted: dict[str, int] = {}
        for person, day, amount in living:
            if first <= day <= last:
                wanted[person] = wanted.get(person, 0) + amount
        found = database.submit(lambda tx, a=first, b=last: credits.by_person(tx, a, b)).result()
        assert {person: amount for person, amount in found.items() if amount} == wanted, (first, last)


def test_voided_twice_counts_once(database: Database) -> None:
    def work(tx: Transaction) -> dict[str, int]:
        dana = _person(tx, "Dana")
        deals.add(tx, deals.Deal(id="d1", stage="won", created_on=TODAY), [], at=NOW, by=None)
        credits.write(tx, "d1", [credits.Credit(dana, "revenue", TODAY, 100)], at=NOW)
        kept = credits.of_deal(tx, "d1")
        credits.void(tx, kept, at=NOW)
        credits.void(tx, kept, at=NOW)
        return credits.by_person(tx, date(2026, 11, 1), date(2026, 11, 30))

    assert set(database.submit(work).result().values()) == {0}


def test_a_deal_changes_with_who_and_why(database: Database) -> None:
    def work(tx: Transaction) -> list[deals.Change]:
        dana = _person(tx, "Dana")
        first = deals.Deal(id="d1", stage="proposal", owner=dana, created_on=TODAY, closes_on=date(2026, 12, 15))
        deals.add(tx, first, [deals.Share(dana)], at=NOW, by=dana)
        second = deals.Deal(id="d1", stage="proposal", owner=dana, created_on=TODAY, closes_on=date(2027, 1, 31))
        assert deals.change(tx, first, second, at=NOW + timedelta(1), by=dana, reason="budget") is not None
        assert deals.change(tx, second, second, at=NOW + timedelta(1), by=dana) is None
        return deals.history(tx, "d1")

    slipped, made = database.submit(work).result()
    assert slipped.changed == {"closes_on": ("2026-12-15", "2027-01-31")}
    assert slipped.reason == "budget"
    assert made.changed == {"stage": (None, "proposal")}


def test_shares_are_all_of_a_deal(database: Database) -> None:
    def work(tx: Transaction) -> None:
        dana, sam = _person(tx, "Dana"), _person(tx, "Sam")
        shares = [deals.Share(dana, 600_000), deals.Share(sam, 300_000), deals.Share(sam, 500_000, "overlay")]
        deals.add(tx, deals.Deal(id="d1", stage="proposal", created_on=TODAY), shares, at=NOW, by=dana)

    with pytest.raises(ValueError, match="90 %"):
        database.submit(work).result()


def test_a_move_keeps_what_stood(database: Database) -> None:
    """Membership is dated: East until the move, West since; a unit cannot come under a part of itself."""

    def work(tx: Transaction) -> list[units.Membership]:
        company = units.add(tx, "Northwind", kind="company", parent=None, at=NOW)
        east = units.add(tx, "East", kind="team", parent=company, at=NOW)
        west = units.add(tx, "West", kind="team", parent=company, at=NOW)
        dana = _person(tx, "Dana")
        units.join(tx, east, dana, since=date(2026, 1, 1))
        units.join(tx, east, dana, since=date(2026, 3, 1))
        units.join(tx, west, dana, since=date(2026, 11, 16))
        assert units.below(units.everything(tx), company.id) == [east.id, west.id]
        with pytest.raises(ValueError, match="part of it"):
            units.add(tx, "Northwind", kind="company", parent=west, at=NOW)
        return units.memberships_of(tx, persons=[dana])

    first, second = database.submit(work).result()
    assert (first.since, first.until) == (date(2026, 1, 1), date(2026, 11, 16))
    assert (second.since, second.until) == (date(2026, 11, 16), None)
