"""The company of the run: people who were met, one of them with more activities than a turn exports by itself."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from storage import people, reach, units
from storage.database import Database, Transaction
from storage.tables import activities, new_id
from tests.chaos.rounds import rounds

ROWS = 1100


def settle(tx: Transaction, *, users: list[str], at: datetime, weekday: int) -> None:
    """Everybody in one team, led by the first; the rounds' schedules hold since then."""
    for topic in rounds(weekday):
        reach.schedule(tx, topic.name, topic.rule, since=at, by=None)
    team = units.add(tx, "East", kind="team", parent=None, at=at)
    for user in users:
        who = people.add(tx, name=f"Person {user}", at=at, email=f"{user.casefold()}@example.com", zone="UTC")
        people.identify(tx, who, install="acme", external_id=user, at=at)
        units.join(tx, team, who.id, since=date(2026, 1, 1), leads=user == users[0])
        if user == users[0]:
            tx.execute(activities.insert(), [_activity(who.id, at, number) for number in range(ROWS)])


def no_more(tx: Transaction, *, weekday: int, since: datetime) -> None:
    """Rounds that are not due by then are called off."""
    for topic in rounds(weekday):
        reach.schedule(tx, topic.name, None, since=since, by=None)


def _activity(person: str, at: datetime, number: int) -> dict[str, object]:
    given = new_id()
    return {
        "id": given,
        "entry": given,
        "line": given,
        "version": 1,
        "person": person,
        "author": person,
        "recorded_at": at,
        "kind": "call",
        "count": 1,
        "contacts": [],
        "day": at.date(),
        "zone": "UTC",
        "planned": False,
        "tags": [],
        "said": f"before {number}",
    }


async def found(database: Database, users: list[str], at: datetime) -> None:
    """Write it down, the day before the rounds."""
    start = at + timedelta(days=1)
    await database.write(lambda tx: settle(tx, users=users, at=at, weekday=start.weekday()))
