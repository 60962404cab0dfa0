"""What is to be said unasked: planned once by its key, looked at when its time comes, said or ended with a reason.

A notice is no message yet: what it says is put together when the gate lets it through, from what is true then. In the
same transaction the message becomes a row of the outbox and the notice is settled, so that it is said once.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from storage.database import Transaction
from storage.tables import new_id, notices, outbox, slots_planned
from storage.tables import people as people_table

State = Literal["planned", "said", "nothing", "withheld", "withdrawn"]
"""`nothing`: there was nothing to say when it came to it; `withheld`: the gate kept it until it was worth nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A notice to be planned. `slot` names the occurrence; `subject` what it is about, often the recipient."""

    topic: str
    person: str
    slot: str
    due_at: datetime
    until: datetime
    subject: str = ""
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The same twice is one notice."""
        return f"{self.topic}:{self.subject or self.person}:{self.person}:{self.slot}"


@dataclass(frozen=True, slots=True)
class Notice:
    """One that waits to be said."""

    id: str
    key: str
    topic: str
    subject: str
    person: str
    slot: str
    data: dict[str, Any]
    due_at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one, for an operator."""

    topic: str
    slot: str
    due_at: datetime
    state: State
    reason: str | None
    settled_at: datetime | None
    said_as: str | None


_columns = tuple(notices.c[name] for name in Notice.__slots__)


def plan(tx: Transaction, wanted: Sequence[Wanted], *, at: datetime) -> None:
    """Add those whose key is not there yet."""
    rows = [
        {
            "id": new_id(),
            "key": one.key,
            "topic": one.topic,
            "subject": one.subject or one.person,
            "person": one.person,
            "slot": one.slot,
            "data": one.data,
            "due_at": one.due_at,
            "until": one.until,
            "look_at": one.due_at,
            "state": "planned",
            "created_at": at,
        }
        for one in wanted
    ]
    tx.insert_all_once(notices, rows)


def is_there(topic: str, slot: str) -> sa.ColumnElement[bool]:
    """Of a row of people: whether what they are to be told of that topic's slot is planned (see Wanted.key)."""
    key = sa.literal(f"{topic}:") + people_table.c.id + ":" + people_table.c.id + f":{slot}"
    return sa.exists().where(notices.c.key == key)


def waiting(tx: Transaction, *, now: datetime, people: int) -> list[str]:
    """Of whom something is to be looked at now: up to so many, who has waited longest first."""
    query = sa.select(notices.c.person).where(notices.c.settled_at.is_(None), notices.c.look_at <= now)
    first = query.order_by(notices.c.look_at, notices.c.person).limit(people * 4)
    return list(dict.fromkeys(tx.execute(first).scalars()))[:people]


def next_look(tx: Transaction, after: datetime) -> datetime | None:
    """When the next one is to be looked at, of those that wait for later."""
    waiting = sa.select(sa.func.min(notices.c.look_at)).where(notices.c.settled_at.is_(None), notices.c.look_at > after)
    found: datetime | None = tx.execute(waiting).scalar_one()
    return found


def due(tx: Transaction, people: Sequence[str], *, now: datetime) -> list[Notice]:
    """All of these people that is to be looked at now, without what another process is looking at."""
    which = (notices.c.settled_at.is_(None), notices.c.look_at <= now, notices.c.person.in_(sorted(people)))
    query = sa.select(*_columns).where(*which).order_by(notices.c.due_at, notices.c.id)
    if tx.skip_locked:
        query = query.with_for_update(skip_locked=True)
    return [Notice(*row) for row in tx.execute(query)]


def due_about(tx: Transaction, topic: str, person: str, subject: str | None, *, now: datetime) -> list[Notice]:
    """What they are to be told of that subject now, all of it together; None: of any subject of the topic."""
    about = [notices.c.topic == topic, notices.c.person == person]
    about += [notices.c.subject == subject] if subject is not None else []
    which = (*about, notices.c.settled_at.is_(None), notices.c.due_at <= now)
    return [Notice(*row) for row in tx.execute(sa.select(*_columns).where(*which).order_by(notices.c.id))]


def is_waiting(tx: Transaction, person: str, topics: Collection[str]) -> bool:
    """Whether something on one of these topics is still to be said to them."""
    which = (notices.c.person == person, notices.c.topic.in_(sorted(topics)), notices.c.settled_at.is_(None))
    return tx.execute(sa.select(notices.c.id).where(*which).limit(1)).first() is not None


def wait(tx: Transaction, identifier: str, *, until: datetime, reason: str) -> None:
    """Look at it again then."""
    which = (notices.c.id == identifier, notices.c.settled_at.is_(None))
    tx.execute(notices.update().where(*which), {"look_at": until, "reason": reason})


def look_again(tx: Transaction, person: str, *, now: datetime) -> None:
    """What waits for them is looked at now: what kept it may be over."""
    which = (notices.c.person == person, notices.c.settled_at.is_(None), notices.c.look_at > now)
    tx.execute(notices.update().where(*which, notices.c.due_at <= now), {"look_at": now})


def settle(
    tx: Transaction,
    identifiers: Collection[str],
    state: State,
    *,
    at: datetime,
    reason: str | None = None,
    said_as: str | None = None,
) -> None:
    """How they ended."""
    which = (notices.c.id.in_(sorted(identifiers)), notices.c.settled_at.is_(None))
    tx.execute(notices.update().where(*which), {"state": state, "settled_at": at, "reason": reason, "said_as": said_as})


def withdraw(
    tx: Transaction, *, at: datetime, reason: str, topic: str | None = None, subject: str | None = None,
    person: str | None = None,
) -> int:  # fmt: skip
    """End what is not said yet of a topic, a subject, a person: whichever are given. How many."""
    given = ((notices.c.topic, topic), (notices.c.subject, subject), (notices.c.person, person))
    which = [column == value for column, value in given if value is not None]
    if not which:
        raise ValueError("a topic, a subject or a person is needed")
    values = {"state": "withdrawn", "settled_at": at, "reason": reason}
    return tx.execute(notices.update().where(*which, notices.c.settled_at.is_(None)), values).rowcount


def of_person(tx: Transaction, person: str, *, limit: int = 50) -> list[Told]:
    """What was planned for somebody, the latest first."""
    columns = tuple(notices.c[name] for name in Told.__slots__)
    query = sa.select(*columns).where(notices.c.person == person)
    return [Told(*row) for row in tx.execute(query.order_by(notices.c.due_at.desc(), notices.c.id.desc()).limit(limit))]


def said_alone(tx: Transaction, topic: str, person: str, subjects: Collection[str]) -> str | None:
    """The key of the message in which they were told of these, where it says nothing of another topic."""
    which = (notices.c.topic == topic, notices.c.person == person, notices.c.subject.in_(sorted(subjects)))
    query = sa.select(notices.c.said_as).where(*which, notices.c.said_as.is_not(None)).order_by(notices.c.id.desc())
    key: str | None = tx.execute(query).scalars().first()
    if key is None:
        return None
    others = sa.select(sa.func.count()).where(
        notices.c.person == person, notices.c.said_as == key, notices.c.topic != topic
    )
    return None if tx.execute(others).scalar_one() else key


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of the message that said it. `error` is the platform's, or ours."""

    state: str
    settled_at: datetime | None
    retry_at: datetime | None
    attempts: int
    error: str | None


def messages(tx: Transaction, keys: Collection[str]) -> dict[str, Sent]:
    """The rows of the outbox of these keys that are still kept, by key."""
    columns = tuple(outbox.c[name] for name in Sent.__slots__)
    query = sa.select(outbox.c.key, *columns).where(outbox.c.key.in_(sorted(keys)))
    return {row[0]: Sent(*row[1:]) for row in tx.execute(query)}


def counts(tx: Transaction) -> dict[str, int]:
    """How many are in each state."""
    query = sa.select(notices.c.state, sa.func.count()).group_by(notices.c.state)
    return {row[0]: row[1] for row in tx.execute(query)}


def prune(tx: Transaction, before: datetime) -> None:
    """Forget those that were settled before that moment, and what was planned before it."""
    tx.execute(notices.delete().where(notices.c.settled_at < before))
    tx.execute(slots_planned.delete().where(slots_planned.c.at < before))


# ---------------------------------------------------------------- what was planned whole


def planned(tx: Transaction, topic: str, slots: Collection[str]) -> set[tuple[str, str]]:
    """(slot, place) of those that were planned whole."""
    query = sa.select(slots_planned.c.slot, slots_planned.c.place)
    which = (slots_planned.c.topic == topic, slots_planned.c.slot.in_(sorted(slots)))
    return {(slot, place) for slot, place in tx.execute(query.where(*which))}


def mark_planned(tx: Transaction, topic: str, slot: str, place: str, *, at: datetime) -> None:
    """Everybody of that place has theirs."""
    tx.insert_once(slots_planned, {"topic": topic, "slot": slot, "place": place, "at": at})
