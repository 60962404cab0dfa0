"""Thanks between people: who thanked whom for what, and where it was posted.

Who may see one is said by handlers/conversation/access.py, and by nothing here.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from storage.database import Transaction
from storage.tables import kudos, kudos_people, new_id, notices, outbox, people, preferences


@dataclass(frozen=True, slots=True)
class Kudos:
    """One thank-you. `to` are ids of people; `value` is the key of a company's value."""

    id: str
    giver: str
    to: tuple[str, ...]
    reason: str
    value: str
    private: bool
    day: date
    given_at: datetime
    posts: tuple[str, ...] = ()
    """Keys of the outbox rows that post it to channels."""
    taken_back_at: datetime | None = None


_columns = (
    kudos.c.id, kudos.c.giver, kudos.c.reason, kudos.c.value, kudos.c.private, kudos.c.day, kudos.c.given_at,
    kudos.c.posts, kudos.c.taken_back_at,
)  # fmt: skip
_stands = kudos.c.taken_back_at.is_(None)


def give(
    tx: Transaction, *, giver: str, to: Sequence[str], reason: str, value: str, private: bool, day: date, at: datetime
) -> Kudos:
    """Keep one; nobody is told by this."""
    made = Kudos(new_id(), giver, tuple(to), reason, value, private, day, at)
    row = {"id": made.id, "giver": giver, "reason": reason, "value": value, "private": private, "day": day}
    tx.execute(kudos.insert(), {**row, "given_at": at, "posts": []})
    tx.execute(kudos_people.insert(), [{"kudos": made.id, "person": one} for one in made.to])
    return made


def posted(tx: Transaction, identifier: str, keys: Sequence[str]) -> None:
    """It is posted by these rows of the outbox."""
    tx.execute(kudos.update().where(kudos.c.id == identifier), {"posts": list(keys)})


def take_back(tx: Transaction, identifier: str, *, at: datetime) -> bool:
    """Whether it stood until now. Whoever was not told yet will not be."""
    taken = tx.execute(kudos.update().where(kudos.c.id == identifier, _stands).values(taken_back_at=at))
    return bool(taken.rowcount)


def told(tx: Transaction, topic: str, identifier: str) -> list[tuple[str, str, str]]:
    """(person, install, key of the outbox row) of those who were told of it in a message of its own."""
    others = notices.alias("others")
    together = sa.exists().where(others.c.said_as == notices.c.said_as, others.c.id != notices.c.id)
    query = (
        sa.select(notices.c.person, outbox.c.install, outbox.c.key)
        .join(outbox, outbox.c.key == notices.c.said_as)
        .where(notices.c.topic == topic, notices.c.subject == identifier, notices.c.state == "said", ~together)
        .order_by(notices.c.id)
    )
    return [(person, install, key) for person, install, key in tx.execute(query)]


def get(tx: Transaction, identifier: str) -> Kudos | None:
    """The one of that id, taken back or not."""
    found = _read(tx, sa.select(*_columns).where(kudos.c.id == identifier))
    return found[0] if found else None


def latest_by(tx: Transaction, giver: str) -> Kudos | None:
    """What they gave last, taken back or not."""
    query = sa.select(*_columns).where(kudos.c.giver == giver)
    found = _read(tx, query.order_by(kudos.c.given_at.desc(), kudos.c.id.desc()).limit(1))
    return found[0] if found else None


def given(tx: Transaction, giver: str, limit: int) -> list[Kudos]:
    """What they gave, the latest first."""
    query = sa.select(*_columns).where(kudos.c.giver == giver, _stands)
    return _read(tx, query.order_by(kudos.c.given_at.desc(), kudos.c.id.desc()).limit(limit))


def received(tx: Transaction, person: str, limit: int, *, public: bool = False) -> list[Kudos]:
    """What they were thanked for, the latest first; `public`: without what is private."""
    query = (
        sa.select(*_columns)
        .join(kudos_people, kudos_people.c.kudos == kudos.c.id)
        .where(kudos_people.c.person == person, _stands)
    )
    if public:
        query = query.where(kudos.c.private.is_(False))
    return _read(tx, query.order_by(kudos.c.given_at.desc(), kudos.c.id.desc()).limit(limit))


def thanked(tx: Transaction, giver: str, first: date, last: date) -> int:
    """How many people they thanked between those days, each as often as it was done."""
    query = (
        sa.select(sa.func.count())
        .select_from(kudos_people.join(kudos, kudos.c.id == kudos_people.c.kudos))
        .where(kudos.c.giver == giver, kudos.c.day.between(first, last), _stands)
    )
    return int(tx.execute(query).scalar_one())


def given_by(tx: Transaction, first: date, last: date, *, persons: Collection[str]) -> dict[str, int]:
    """Giver -> how many people they thanked in public between those days; nothing of what is private."""
    query = (
        sa.select(kudos.c.giver, sa.func.count())
        .select_from(kudos_people.join(kudos, kudos.c.id == kudos_people.c.kudos))
        .where(
            kudos.c.day.between(first, last), kudos.c.private.is_(False), kudos.c.giver.in_(sorted(persons)), _stands
        )
        .group_by(kudos.c.giver)
    )
    return {giver: int(count) for giver, count in tx.execute(query)}


def _read(tx: Transaction, query: sa.Select[Any]) -> list[Kudos]:
    rows = tx.execute(query).all()
    whom: dict[str, list[str]] = {}
    named = (
        sa.select(kudos_people.c.kudos, kudos_people.c.person)
        .join(people, people.c.id == kudos_people.c.person)
        .where(kudos_people.c.kudos.in_([row.id for row in rows]))
        .order_by(people.c.name, people.c.id)
    )
    for identifier, person in tx.execute(named) if rows else ():
        whom.setdefault(identifier, []).append(person)
    return [
        Kudos(
            row.id, row.giver, tuple(whom.get(row.id, ())), row.reason, row.value, row.private, row.day, row.given_at,
            tuple(row.posts), row.taken_back_at,
        )
        for row in rows
    ]  # fmt: skip


# ---------------------------------------------------------------- on leaderboards


def off_boards(tx: Transaction, persons: Collection[str] | None = None) -> frozenset[str]:
    """Who does not want to be on others' leaderboards, of these people or of all."""
    query = sa.select(preferences.c.person).where(preferences.c.boards.is_(False))
    if persons is not None:
        query = query.where(preferences.c.person.in_(sorted(persons)))
    return frozenset(tx.execute(query).scalars())


def show_on_boards(tx: Transaction, person: str, *, shown: bool, at: datetime) -> None:
    """Whether they are on others' leaderboards from now on."""
    if not tx.insert_once(preferences, {"person": person, "extra": {}, "boards": shown, "changed_at": at}):
        tx.execute(preferences.update().where(preferences.c.person == person), {"boards": shown, "changed_at": at})
