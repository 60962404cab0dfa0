"""East of Testing & Co, with its targets and wins: what the conversations about `/quota` are held on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from storage import credits, deals, people, targets, units
from storage.database import Transaction
from tests.chat import Chat

YEAR = date(2026, 1, 1)
"""Today is Wednesday, 18 November 2026; the quarter has 62 working days in the US (21 + 19 + 22), 32 of them
completed before today (21 + 11), so 30 are left."""


@dataclass
class Team:
    """East of Testing & Co: Rae, Dana and Sam sell, Max leads; Lee leads the company above it."""

    chat: Chat
    ids: dict[str, str]

    def win(self, name: str, day: date, amount: int, deal: str) -> None:
        """A won deal, credited to one person."""

        def write(tx: Transaction) -> None:
            who = self.ids[name]
            won = deals.Deal(id=deal, stage="won", owner=who, created_on=day, closes_on=day, amount_minor=amount)
            deals.add(tx, won, [deals.Share(who)], at=self.chat.now, by=None)
            credits.write(tx, deal, [credits.Credit(who, "revenue", day, amount)], at=self.chat.now)

        self.chat.database.submit(write).result()

    def open(self, name: str, closes: date | None, amount: int | None, stage: str, deal: str) -> None:
        """An open deal."""

        def write(tx: Transaction) -> None:
            who = self.ids[name]
            made = deals.Deal(
                id=deal, name=deal, stage=stage, owner=who, created_on=YEAR, closes_on=closes, amount_minor=amount
            )
            deals.add(tx, made, [deals.Share(who)], at=self.chat.now, by=None)

        self.chat.database.submit(write).result()


def east_of(chat: Chat) -> Team:
    """Yearly targets of $1,200,000 for Rae and Dana, $600,000 for Sam: a quarter of them each quarter."""

    def fill(tx: Transaction) -> dict[str, str]:
        ids = {one.name.split()[0].lower(): one.id for one in people.everybody(tx)}
        for name in ("Dana Reyes", "Sam Okafor"):
            one = people.add(tx, name=name, email=f"{name.split()[0].lower()}@test.example", at=chat.now, imported=True)
            ids[name.split()[0].lower()] = one.id
        company = units.add(tx, "Testing & Co", kind="company", parent=None, at=chat.now)
        east = units.add(tx, "East", kind="team", parent=company, at=chat.now)
        units.add(tx, "West", kind="team", parent=company, at=chat.now)
        for name, amount in (("rae", 1_200_000), ("dana", 1_200_000), ("sam", 600_000)):
            units.join(tx, east, ids[name], since=YEAR)
            target = targets.Target(
                person=ids[name], unit=None, measure="bookings", fiscal_year=2026, amount=amount * 100
            )
            targets.put(tx, target, by=None, at=chat.now)
        units.join(tx, east, ids["max"], since=YEAR, leads=True)
        units.join(tx, company, ids["lee"], since=YEAR, leads=True)
        return ids

    made = Team(chat, chat.database.submit(fill).result())
    made.win("rae", date(2026, 10, 20), 9_000_000, "d1")
    made.win("rae", date(2026, 11, 2), 3_000_000, "d2")
    made.win("rae", date(2026, 9, 30), 5_000_000, "d0")
    made.win("dana", date(2026, 11, 10), 33_000_000, "d3")
    return made
