"""Meetings are written here: made, changed, moved, cancelled, each with its reminders and what others are told of it,
in one transaction. Chat and calendars come by the same way."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal

from handlers.conversation.company import Company
from handlers.meetings import reminders, rows, rrule, who
from handlers.meetings.model import Change, Meeting, next_one
from storage import meetings, notices
from storage.database import Transaction
from storage.meetings import Exception_

News = Literal["invited", "moved", "cancelled"]
NEWS_WORTH: Final = timedelta(days=3)
"""How long the news of a meeting without an end is worth saying."""


def bring(
    tx: Transaction,
    company: Company,
    wanted: Meeting,
    *,
    persons: Iterable[str] = (),
    units: Iterable[str] = (),
    by: str | None,
    now: datetime,
    tell: bool = True,
) -> Meeting:
    """The meeting is so from now on: made where `wanted.id` is empty, else changed as far as it is different.

    `persons` and `units` are all who are invited, besides the organiser. `by`: who does it; they are told nothing.
    `tell`: the others are (a calendar tells its people itself).
    """
    persons = [one for one in dict.fromkeys(persons) if one != wanted.organiser]
    units = list(dict.fromkeys(units))
    if not wanted.id:
        return _made(tx, company, wanted, persons, units, by, now, tell)
    before = rows.load(tx, wanted.id)
    assert before is not None
    asked = who.invited(tx, wanted.id)
    people_differ = set(asked.persons) != set(persons) or set(asked.units) != set(units)
    wanted = replace(wanted, version=before.version, uid=before.uid, feed=wanted.feed)
    if wanted == before and not people_differ:
        return before
    there = who.participants(tx, before, now.date(), asked)
    moves = _when(wanted) != _when(before)
    after = _changed(tx, before, wanted, by, now)
    if people_differ:
        gone = {"persons": set(asked.persons) - set(persons), "units": set(asked.units) - set(units)}
        meetings.uninvite(tx, wanted.id, **gone, now=now)
        meetings.invite(tx, wanted.id, persons=persons, units=units, now=now)
    reminders.anew(tx, company, after, now)
    if tell:
        _tell_of_change(tx, before, after, set(there) - {by}, by, now, moves=moves)
    return after


def cancel(
    tx: Transaction, company: Company, meeting: Meeting, *, by: str | None, now: datetime, tell: bool = True
) -> Meeting:
    """It does not take place any more, none of it."""
    asked = who.invited(tx, meeting.id)
    gone = replace(meeting, cancelled=True, sequence=meeting.sequence + 1)
    return bring(tx, company, gone, persons=asked.persons, units=asked.units, by=by, now=now, tell=tell)


def change_one(
    tx: Transaction,
    company: Company,
    meeting: Meeting,
    change: Change,
    *,
    by: str | None,
    now: datetime,
    tell: bool = True,
) -> Meeting:
    """One time of it is elsewhere, or does not take place."""
    asked = who.invited(tx, meeting.id)
    changes = (*(one for one in meeting.changes if one.day != change.day), change)
    wanted = replace(meeting, changes=tuple(sorted(changes, key=lambda one: one.day)), sequence=meeting.sequence + 1)
    return bring(tx, company, wanted, persons=asked.persons, units=asked.units, by=by, now=now, tell=tell)


def _made(
    tx: Transaction,
    company: Company,
    wanted: Meeting,
    persons: list[str],
    units: list[str],
    by: str | None,
    now: datetime,
    tell: bool,
) -> Meeting:
    row = meetings.add(
        tx,
        organiser=wanted.organiser,
        title=wanted.title,
        kind=wanted.kind,
        day=wanted.start.date(),
        at=wanted.start.time(),
        zone=wanted.zone,
        length=wanted.minutes,
        rule=rrule.write(wanted.recurrence) if wanted.recurrence else None,
        lead=wanted.lead,
        source=wanted.source,
        uid=wanted.uid or None,
        feed=wanted.feed,
        sequence=wanted.sequence,
        now=now,
    )
    for change in wanted.changes:
        meetings.except_(tx, _exception(row.id, change), by=by, now=now)
    meetings.invite(tx, row.id, persons=persons, units=units, now=now)
    made = rows.load(tx, row.id)
    assert made is not None
    reminders.anew(tx, company, made, now)
    if tell:
        _tell(tx, made, "invited", set(who.participants(tx, made, now.date())) - {by}, by, now)
    return made


def _changed(tx: Transaction, before: Meeting, wanted: Meeting, by: str | None, now: datetime) -> Meeting:
    """The row and its exceptions; what was on the agenda of days that are none any more goes to the next one."""
    row = meetings.get(tx, before.id)
    assert row is not None
    values: dict[str, Any] = {
        "organiser": wanted.organiser,
        "title": wanted.title,
        "kind": wanted.kind,
        "day": wanted.start.date(),
        "at": wanted.start.time(),
        "zone": wanted.zone,
        "minutes": wanted.minutes,
        "rule": rrule.write(wanted.recurrence) if wanted.recurrence else None,
        "lead": wanted.lead,
        "feed": wanted.feed,
        "sequence": wanted.sequence,
        "cancelled_at": now if wanted.cancelled else None,
    }
    meetings.change(tx, row, now=now, **values)
    if wanted.changes != before.changes:
        meetings.back(tx, before.id)
        for change in wanted.changes:
            meetings.except_(tx, _exception(before.id, change), by=by, now=now)
    after = rows.load(tx, before.id)
    assert after is not None
    _keep_agenda(tx, before, after, now)
    return after


def _keep_agenda(tx: Transaction, before: Meeting, after: Meeting, now: datetime) -> None:
    was, will = next_one(before, now), next_one(after, now)
    if was is not None and will is not None and was.day != will.day:
        meetings.move_agenda(tx, before.id, was.day, will.day)


def _exception(meeting: str, change: Change) -> Exception_:
    start = change.start
    return Exception_(
        meeting, change.day, start.date() if start else None, start.time() if start else None, change.minutes
    )


def _when(meeting: Meeting) -> tuple[object, ...]:
    return (
        meeting.start, meeting.zone, meeting.minutes, meeting.recurrence, meeting.changes, meeting.cancelled,
    )  # fmt: skip


# ---------------------------------------------------------------- what others are told


def _tell_of_change(
    tx: Transaction, before: Meeting, after: Meeting, were: set[str], by: str | None, now: datetime, *, moves: bool
) -> None:
    are = set(who.participants(tx, after, now.date())) - {by}
    # Who has not heard yet that they are invited will read it as it stands then.
    unheard = {
        person for person, data in meetings.waiting(tx, reminders.NEWS, after.id).items() if data["what"] == "invited"
    }
    if after.cancelled and not before.cancelled:
        meetings.take_back(tx, reminders.NEWS, after.id, reason=reminders.MOVED, now=now)
        _tell(tx, after, "cancelled", were - unheard, by, now)
        return
    meetings.take_back(tx, reminders.NEWS, after.id, persons=were - are, reason=reminders.MOVED, now=now)
    if before.cancelled and not after.cancelled:
        _tell(tx, after, "invited", are, by, now)
        return
    _tell(tx, after, "invited", are - were, by, now)
    _tell(tx, after, "cancelled", were - are - unheard, by, now)
    if moves:
        again = (were & are) - unheard
        meetings.take_back(tx, reminders.NEWS, after.id, persons=again, reason=reminders.MOVED, now=now)
        _tell(tx, after, "moved", again, by, now, day=_day_changed(before, after))


def _day_changed(before: Meeting, after: Meeting) -> date | None:
    """Which time of a series was changed, where it is one only."""
    if replace(before, changes=(), version=0, sequence=0) != replace(after, changes=(), version=0, sequence=0):
        return None
    differ = {one.day for one in set(before.changes) ^ set(after.changes)}
    return differ.pop() if len(differ) == 1 else None


def _tell(
    tx: Transaction, meeting: Meeting, what: News, to: Collection[str], by: str | None, now: datetime, *,
    day: date | None = None,
) -> None:  # fmt: skip
    """By way of the gate: who sleeps reads it in the morning."""
    data = {"meeting": meeting.id, "what": what, "by": by, "day": day.isoformat() if day else None}
    notices.plan(
        tx,
        [
            notices.Wanted(
                topic=reminders.NEWS,
                subject=meeting.id,
                person=person,
                slot=f"{what}.{meeting.version}",
                due_at=now,
                until=now + NEWS_WORTH,
                data=data,
            )
            for person in sorted(to)
        ],
        at=now,
    )
