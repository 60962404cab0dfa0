"""Meetings, who is invited, what is different about single times of a series, agendas and minutes.

A meeting's day and time are those of the wall in its zone; a series' rule is RFC 5545's RRULE as text. One of its
times is named by the day that the rule gave it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Literal

import sqlalchemy as sa

from storage import outbox
from storage.database import Transaction
from storage.tables import (
    agenda_items,
    meeting_exceptions,
    meeting_people,
    meetings,
    memberships,
    minutes,
    new_id,
    notices,
    people,
)

Source = Literal["chat", "ics"]


@dataclass(frozen=True, slots=True)
class Meeting:
    """A row: one meeting, or a series of them where there is a rule."""

    id: str
    organiser: str
    title: str
    kind: str
    day: date
    at: time
    zone: str
    minutes: int
    rule: str | None
    lead: int
    source: str
    uid: str
    feed: str | None
    sequence: int
    version: int
    cancelled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Exception_:
    """What is different about the time that the rule gave that day. `new_day` None: it does not take place."""

    meeting: str
    day: date
    new_day: date | None
    new_at: time | None
    minutes: int | None


@dataclass(frozen=True, slots=True)
class Invited:
    """Ids of the people who are invited by themselves, and of the units whose members are."""

    persons: tuple[str, ...] = ()
    units: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AgendaItem:
    """Something to be talked about at one time of a meeting."""

    id: str
    meeting: str
    day: date
    author: str
    text: str
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class Minutes:
    """What somebody wrote down of one time of a meeting."""

    id: str
    meeting: str
    day: date
    author: str
    text: str
    at: datetime


_columns = tuple(meetings.c[name] for name in Meeting.__slots__)
_exception = tuple(meeting_exceptions.c[name] for name in Exception_.__slots__)
_item = tuple(agenda_items.c[name] for name in AgendaItem.__slots__)
_minutes = tuple(minutes.c[name] for name in Minutes.__slots__)

# ---------------------------------------------------------------- the meetings


def add(
    tx: Transaction,
    *,
    organiser: str,
    title: str,
    kind: str,
    day: date,
    at: time,
    zone: str,
    length: int,
    rule: str | None,
    lead: int,
    source: Source,
    uid: str | None = None,
    feed: str | None = None,
    sequence: int = 0,
    now: datetime,
) -> Meeting:
    """A new one; nobody but its organiser is invited yet. `length` and `lead` are minutes."""
    identifier = new_id()
    made = Meeting(
        identifier, organiser, title, kind, day, at, zone, length, rule, lead, source,
        uid or f"{identifier}@pacer", feed, sequence, 1, None,
    )  # fmt: skip
    row = {name: getattr(made, name) for name in Meeting.__slots__}
    tx.execute(meetings.insert(), {**row, "look_at": now, "created_at": now, "changed_at": now})
    return made


def change(tx: Transaction, meeting: Meeting, *, now: datetime, **values: Any) -> Meeting:
    """The same meeting with other values (of Meeting's own names); its version grows, and it is looked at anew."""
    values = {**values, "version": meeting.version + 1}
    tx.execute(meetings.update().where(meetings.c.id == meeting.id), {**values, "look_at": now, "changed_at": now})
    found = get(tx, meeting.id)
    assert found is not None
    return found


def get(tx: Transaction, identifier: str) -> Meeting | None:
    """The one of that id, cancelled or not."""
    row = tx.execute(sa.select(*_columns).where(meetings.c.id == identifier)).first()
    return None if row is None else Meeting(*row)


def by_uid(tx: Transaction, uid: str) -> Meeting | None:
    """The one that calendars call so, cancelled or not."""
    row = tx.execute(sa.select(*_columns).where(meetings.c.uid == uid).order_by(meetings.c.id)).first()
    return None if row is None else Meeting(*row)


def of_feed(tx: Transaction, feed: str) -> list[Meeting]:
    """Those that came from that feed and stand."""
    query = sa.select(*_columns).where(meetings.c.feed == feed, meetings.c.cancelled_at.is_(None))
    return [Meeting(*row) for row in tx.execute(query.order_by(meetings.c.id))]


def of_person(tx: Transaction, person: str, units: Collection[str]) -> list[Meeting]:
    """Those that stand and that they organise, or are invited to by themselves or with one of these units."""
    invited = sa.or_(meeting_people.c.person == person, meeting_people.c.unit.in_(sorted(units)))
    theirs = sa.exists().where(
        meeting_people.c.meeting == meetings.c.id, meeting_people.c.removed_at.is_(None), invited
    )
    query = sa.select(*_columns).where(meetings.c.cancelled_at.is_(None))
    return [
        Meeting(*row)
        for row in tx.execute(query.where(sa.or_(meetings.c.organiser == person, theirs)).order_by(meetings.c.id))
    ]


# ---------------------------------------------------------------- single times of a series


def exceptions(tx: Transaction, identifiers: Collection[str]) -> dict[str, list[Exception_]]:
    """Those that hold, by meeting, in order of their days."""
    found: dict[str, list[Exception_]] = {}
    query = sa.select(*_exception).where(meeting_exceptions.c.meeting.in_(sorted(identifiers)))
    for row in tx.execute(query.order_by(meeting_exceptions.c.day)):
        found.setdefault(row.meeting, []).append(Exception_(*row))
    return found


def except_(tx: Transaction, one: Exception_, *, by: str | None, now: datetime) -> None:
    """That time of the series is so from now on, whatever was said of it before."""
    back(tx, one.meeting, one.day)
    row = {name: getattr(one, name) for name in Exception_.__slots__}
    tx.execute(meeting_exceptions.insert(), {**row, "by": by, "made_at": now})


def back(tx: Transaction, meeting: str, day: date | None = None) -> None:
    """That time of the series, or every one, is again as the rule says."""
    which = [meeting_exceptions.c.meeting == meeting]
    if day is not None:
        which.append(meeting_exceptions.c.day == day)
    tx.execute(meeting_exceptions.delete().where(*which))


# ---------------------------------------------------------------- who is invited


def invite(
    tx: Transaction, meeting: str, *, persons: Iterable[str] = (), units: Iterable[str] = (), now: datetime
) -> None:
    """These too, whoever is not yet."""
    known = invited(tx, [meeting]).get(meeting, Invited())
    rows = [{"person": person, "unit": None} for person in dict.fromkeys(persons) if person not in known.persons]
    rows += [{"person": None, "unit": unit} for unit in dict.fromkeys(units) if unit not in known.units]
    if rows:
        more = {"meeting": meeting, "invited_at": now}
        tx.execute(meeting_people.insert(), [{"id": new_id(), **row, **more} for row in rows])


def uninvite(
    tx: Transaction, meeting: str, *, persons: Collection[str] = (), units: Collection[str] = (), now: datetime
) -> None:
    """These no more."""
    which = sa.or_(meeting_people.c.person.in_(sorted(persons)), meeting_people.c.unit.in_(sorted(units)))
    standing = (meeting_people.c.meeting == meeting, meeting_people.c.removed_at.is_(None))
    tx.execute(meeting_people.update().where(*standing, which), {"removed_at": now})


def invited(tx: Transaction, identifiers: Collection[str]) -> dict[str, Invited]:
    """Who is, by meeting; the organiser is not among them unless invited too."""
    query = sa.select(meeting_people.c.meeting, meeting_people.c.person, meeting_people.c.unit)
    standing = (meeting_people.c.meeting.in_(sorted(identifiers)), meeting_people.c.removed_at.is_(None))
    persons: dict[str, list[str]] = {}
    units: dict[str, list[str]] = {}
    for meeting, person, unit in tx.execute(query.where(*standing).order_by(meeting_people.c.id)):
        (persons if person is not None else units).setdefault(meeting, []).append(person or unit)
    return {one: Invited(tuple(persons.get(one, ())), tuple(units.get(one, ()))) for one in {*persons, *units}}


def members(tx: Transaction, units: Collection[str], day: date) -> list[str]:
    """Who sells in these units or leads them on that day, without those who have left."""
    holds = (memberships.c.valid_from <= day, sa.or_(memberships.c.valid_to.is_(None), memberships.c.valid_to > day))
    query = sa.select(memberships.c.person).join(people, people.c.id == memberships.c.person).distinct()
    there = (memberships.c.unit.in_(sorted(units)), people.c.left_at.is_(None))
    return list(tx.execute(query.where(*there, *holds).order_by(memberships.c.person)).scalars())


def leaders(tx: Transaction, units: Collection[str], day: date) -> list[str]:
    """Who leads one of these units on that day."""
    holds = (memberships.c.valid_from <= day, sa.or_(memberships.c.valid_to.is_(None), memberships.c.valid_to > day))
    query = sa.select(memberships.c.person).where(memberships.c.unit.in_(sorted(units)), memberships.c.leads, *holds)
    return list(tx.execute(query.distinct().order_by(memberships.c.person)).scalars())


def still_here(tx: Transaction, persons: Collection[str]) -> list[str]:
    """Those of these people who have not left."""
    query = sa.select(people.c.id).where(people.c.id.in_(sorted(persons)), people.c.left_at.is_(None))
    return list(tx.execute(query.order_by(people.c.id)).scalars())


# ---------------------------------------------------------------- when their reminders are planned


def to_look_at(tx: Transaction, now: datetime, *, after: str, limit: int) -> list[Meeting]:
    """Those whose reminders are to be planned now, by id, from the one behind `after` on."""
    waiting = (meetings.c.cancelled_at.is_(None), meetings.c.look_at <= now, meetings.c.id > after)
    query = sa.select(*_columns).where(*waiting).order_by(meetings.c.id).limit(limit)
    return [Meeting(*row) for row in tx.execute(query)]


def look_again(tx: Transaction, meeting: str, at: datetime | None) -> None:
    """Not before then; None: never again."""
    tx.execute(meetings.update().where(meetings.c.id == meeting), {"look_at": at})


# ---------------------------------------------------------------- what is talked about


def agenda(tx: Transaction, meeting: str, day: date) -> list[AgendaItem]:
    """What stands on it for that time, in order, what is done included."""
    which = (agenda_items.c.meeting == meeting, agenda_items.c.day == day, agenda_items.c.removed_at.is_(None))
    return [AgendaItem(*row) for row in tx.execute(sa.select(*_item).where(*which).order_by(agenda_items.c.id))]


def agenda_item(tx: Transaction, identifier: str) -> AgendaItem | None:
    """That item, unless it was removed."""
    which = (agenda_items.c.id == identifier, agenda_items.c.removed_at.is_(None))
    row = tx.execute(sa.select(*_item).where(*which)).first()
    return None if row is None else AgendaItem(*row)


def put_on_agenda(tx: Transaction, meeting: str, day: date, author: str, text: str, *, now: datetime) -> AgendaItem:
    """One more item for that time."""
    item = AgendaItem(new_id(), meeting, day, author, text, None)
    row = {name: getattr(item, name) for name in AgendaItem.__slots__}
    tx.execute(agenda_items.insert(), {**row, "created_at": now})
    return item


def take_off_agenda(tx: Transaction, identifier: str, *, now: datetime) -> bool:
    """It is no item any more; False where it was none already."""
    which = (agenda_items.c.id == identifier, agenda_items.c.removed_at.is_(None))
    return tx.execute(agenda_items.update().where(*which), {"removed_at": now}).rowcount == 1


def settle_item(tx: Transaction, identifier: str, *, done_at: datetime | None) -> None:
    """It was talked about; None: it was not."""
    tx.execute(agenda_items.update().where(agenda_items.c.id == identifier), {"done_at": done_at})


def move_agenda(tx: Transaction, meeting: str, day: date, to: date) -> None:
    """What was to be talked about that time is for another one."""
    which = (agenda_items.c.meeting == meeting, agenda_items.c.day == day, agenda_items.c.done_at.is_(None))
    tx.execute(agenda_items.update().where(*which, agenda_items.c.removed_at.is_(None)), {"day": to})


def write_minutes(tx: Transaction, meeting: str, day: date, author: str, text: str, *, now: datetime) -> Minutes:
    """What was written down of that time, beside what was before."""
    made = Minutes(new_id(), meeting, day, author, text, now)
    tx.execute(minutes.insert(), {name: getattr(made, name) for name in Minutes.__slots__})
    return made


def minutes_of(tx: Transaction, meeting: str, day: date | None = None) -> list[Minutes]:
    """All that was written down of that time, or of every one, in order."""
    which = [minutes.c.meeting == meeting, minutes.c.voided_at.is_(None)]
    if day is not None:
        which.append(minutes.c.day == day)
    return [Minutes(*row) for row in tx.execute(sa.select(*_minutes).where(*which).order_by(minutes.c.id))]


def void_minutes(tx: Transaction, identifier: str, *, now: datetime) -> bool:
    """They do not stand any more; False where they did not already."""
    which = (minutes.c.id == identifier, minutes.c.voided_at.is_(None))
    return tx.execute(minutes.update().where(*which), {"voided_at": now}).rowcount == 1


# ---------------------------------------------------------------- what was said of them


def heard(tx: Transaction, topic: str, meeting: str) -> set[tuple[str, str]]:
    """(person, slot) of what was said on that topic about that meeting and not taken back."""
    said = (notices.c.topic == topic, notices.c.subject == meeting, notices.c.state == "said")
    return {(person, slot) for person, slot in tx.execute(sa.select(notices.c.person, notices.c.slot).where(*said))}


def waiting(tx: Transaction, topic: str, meeting: str) -> dict[str, dict[str, Any]]:
    """Person -> the data of what is not said to them yet on that topic about that meeting."""
    planned = (notices.c.topic == topic, notices.c.subject == meeting, notices.c.settled_at.is_(None))
    # dict() would take the result, which has keys(), for a mapping.
    rows = tx.execute(sa.select(notices.c.person, notices.c.data).where(*planned))
    return {row.person: row.data for row in rows}


def take_back(tx: Transaction, topic: str, meeting: str, *, persons: Collection[str] | None = None, reason: str,
              now: datetime) -> None:  # fmt: skip
    """What was planned on that topic about that meeting is not said, to these people or anybody; nor what was put into
    the outbox and has not left yet."""
    whose = () if persons is None else (notices.c.person.in_(sorted(persons)),)
    mine = (notices.c.topic == topic, notices.c.subject == meeting, *whose)
    gone = {"state": "withdrawn", "settled_at": now, "reason": reason}
    tx.execute(notices.update().where(*mine, notices.c.settled_at.is_(None)), gone)
    recent = (notices.c.state == "said", notices.c.until > now, notices.c.said_as.is_not(None))
    for identifier, key in tx.execute(sa.select(notices.c.id, notices.c.said_as).where(*mine, *recent)).all():
        # One of several that were folded into one message goes out with the others.
        alone = sa.select(sa.func.count()).select_from(notices).where(notices.c.said_as == key)
        if tx.execute(alone).scalar_one() == 1 and outbox.withdraw(tx, now=now, key=key):
            tx.execute(notices.update().where(notices.c.id == identifier), gone)
