"""Whose open deals are is what deals and shares say, whatever is done to them and taken back."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from storage import deals, people
from storage.database import Database, Transaction
from storage.deals import WHOLE, Deal, Share
from storage.pipeline import open_until
from storage.tables import deal_shares, open_shares
from storage.tables import deals as deal_rows

NOW = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)
STAGES = ("qualified", "proposal", "won", "lost")
FIRST, LAST = date(2026, 1, 1), date(2027, 12, 31)

Kept = set[tuple[str, str, int, date | None]]


def kept(tx: Transaction) -> Kept:
    return {tuple(row) for row in tx.execute(sa.select(open_shares))}  # type: ignore[misc]


def said(tx: Transaction) -> Kept:
    """By the deals and shares themselves, one after the other."""
    found: dict[tuple[str, str, date | None], int] = {}
    for deal in tx.execute(sa.select(deal_rows)).all():
        if deal.voided_at is not None or deal.stage in ("won", "lost"):
            continue
        shares = tx.execute(
            sa.select(deal_shares).where(deal_shares.c.deal == deal.id, deal_shares.c.replaced_at.is_(None))
        ).all()
        held = [(one.person, one.millionths) for one in shares if one.kind == "revenue"]
        for person, part in held or ([(deal.owner, WHOLE)] if deal.owner else []):
            key = (person, deal.id, deal.closes_on)
            found[key] = found.get(key, 0) + part
    return {(person, deal, part, closes) for (person, deal, closes), part in found.items()}


class Moves:
    """What chat does to deals, at random."""

    def __init__(self, tx: Transaction, chance: random.Random) -> None:
        self.tx, self.chance, self.count = tx, chance, 0
        self.reps = [people.add(tx, name=f"Rep {n}", email=f"r{n}@example.com", at=NOW).id for n in range(5)]

    def made(self) -> None:
        self.count += 1
        deal = Deal(
            id=f"d{self.count:03}",
            stage=self.chance.choice(STAGES),
            owner=self.chance.choice([*self.reps, None]),
            created_on=FIRST,
            closes_on=self._day(),
        )
        deals.add(self.tx, deal, self._shares(), at=NOW, by=None)

    def changed(self) -> None:
        was = self._any()
        after = replace(was, **{self.chance.choice(("stage", "owner", "closes_on", "name")): None})  # type: ignore[arg-type]
        after = replace(
            after,
            stage=after.stage or self.chance.choice(STAGES),
            name=after.name or f"Deal {self.chance.random()}",
            owner=after.owner or self.chance.choice([*self.reps, None]),
            closes_on=after.closes_on or self._day(),
        )
        deals.change(self.tx, was, after, at=NOW, by=self.reps[0], said="so")

    def shared(self) -> None:
        deals.share(self.tx, self._any().id, self._shares(), at=NOW)

    def voided(self) -> None:
        deals.void(self.tx, self._any().id, at=NOW)

    def taken_back(self) -> None:
        now = self._any()
        history = deals.history(self.tx, now.id)
        if history and history[0].changed:
            before = {name: _typed(name, old) for name, (old, _) in history[0].changed.items()}
            if history[0].made:
                before = {}
            deals.take_back(self.tx, history[0], now, replace(now, **before), at=NOW)

    def one_person_after_all(self) -> None:
        deals.hand_over(self.tx, *self.chance.sample(self.reps, 2))

    def _any(self) -> Deal:
        there = [f"d{number:03}" for number in range(1, self.count + 1)]
        found = deals.several(self.tx, there)
        return found[self.chance.choice(sorted(found))].deal if found else Deal(id="-", stage="lost", created_on=FIRST)

    def _day(self) -> date | None:
        return self.chance.choice([None, FIRST + timedelta(days=self.chance.randrange(600))])

    def _shares(self) -> list[Share]:
        one, two, three = self.chance.sample(self.reps, 3)
        return self.chance.choice(
            [
                [],
                [Share(one)],
                [Share(one, 600_000), Share(two, 400_000)],
                [Share(one, 600_000), Share(two, 300_000), Share(one, 100_000), Share(three, 500_000, "overlay")],
                [Share(three, WHOLE, "overlay")],
            ]
        )


def _typed(name: str, value: str | None) -> object:
    return date.fromisoformat(value) if value and name == "closes_on" else value


@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_done_to_deals_it_is_what_they_say(database: Database, seed: int) -> None:
    def work(tx: Transaction) -> int:
        chance = random.Random(seed)
        moves = Moves(tx, chance)
        do: list[Callable[[], None]] = [moves.made, moves.changed, moves.shared, moves.voided, moves.taken_back]
        for _ in range(8):
            moves.made()
        most = 0
        for _ in range(70):
            step = chance.choices([*do, moves.one_person_after_all], (8, 16, 5, 2, 5, 1))[0]
            step()
            assert kept(tx) == said(tx), step.__name__
            most = max(most, len(kept(tx)))
        return most

    assert database.submit(work).result() > 5


def test_open_deals_of_some_are_those_of_everybody_less_the_others(database: Database) -> None:
    def work(tx: Transaction) -> None:
        moves = Moves(tx, random.Random(7))
        for _ in range(40):
            moves.made()
        until = date(2027, 1, 1)
        many = [*moves.reps, *(f"nobody{number}" for number in range(40))]
        everybodys = open_until(tx, until, stages=STAGES[:2], persons=many)
        assert len(everybodys) > 10
        days = [one.closes_on or LAST for one in everybodys]
        assert days == sorted(days)
        assert max(day for day in days if day != LAST) <= until
        assert open_until(tx, until, stages=STAGES[:2], persons=moves.reps) == everybodys
        for rep in moves.reps:
            mine = open_until(tx, until, stages=STAGES[:2], persons=[rep])
            theirs = [(one.closes_on, one.held[rep]) for one in everybodys if rep in one.held]
            assert [(one.closes_on, one.held[rep]) for one in mine] == theirs
            assert all(set(one.held) == {rep} for one in mine)

    database.submit(work).result()
