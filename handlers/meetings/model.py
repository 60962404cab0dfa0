"""A meeting and the times that it takes place, as pure data.

A meeting is a wall clock's time in its organiser's zone, so that a series stays at 10:00 through summer and winter. One
of its times, an *occurrence*, is named for ever by the day that the rule gave it, wherever it was moved since.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Final, Literal, TypeAlias
from zoneinfo import ZoneInfo

from handlers.meetings.recurrence import Recurrence, days
from handlers.schedules.slots import moment

Kind: TypeAlias = Literal["one_to_one", "sales"]
Source: TypeAlias = Literal["chat", "ics"]

LEAD: Final = 15
"""Minutes before the start at which a meeting is reminded of, where it says nothing else."""
MINUTES: Final = {"one_to_one": 30, "sales": 60}
"""How long a meeting takes, where nobody says."""
LONGEST: Final = 24 * 60
_A_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One occurrence that is not as the rule says: elsewhere in time (also one added beside the rule), or cancelled.

    `day` is the day that the rule gave it, in the meeting's zone; `start` its time now, on the wall of that zone
    (naive); None: it does not take place. `minutes` None: as long as the others.
    """

    day: date
    start: datetime | None
    minutes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A meeting or a series of them. `start` is the first one's, on the wall (naive) of `zone`, an IANA name."""

    title: str
    start: datetime
    zone: str
    minutes: int = 60
    recurrence: Recurrence | None = None
    changes: tuple[Change, ...] = ()
    kind: Kind = "sales"
    cancelled: bool = False

    id: str = ""
    """Of its row; empty before it has one, and so are the following."""
    organiser: str = ""
    lead: int = LEAD
    """Minutes before the start at which it is reminded of; 0: never."""
    source: Source = "chat"
    uid: str = ""
    """The calendar's own name for it, the same in every calendar."""
    feed: str | None = None
    sequence: int = 0
    """RFC 5545: grows with each change that invited people should hear of."""
    version: int = 1
    """Grows with every change of when, for whom or how early it is reminded of."""

    @property
    def place(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


@dataclass(frozen=True, slots=True, order=True)
class Occurrence:
    """One time that a meeting takes place. Instants in UTC; `local` is the start on the wall of the meeting's zone."""

    start: datetime
    end: datetime
    day: date
    """As the rule gave it: its name for ever."""
    local: datetime
    moved: bool = False


def occurrences(meeting: Meeting, after: datetime, until: datetime | None = None) -> Iterator[Occurrence]:
    """Those that start after `after` and not after `until` (aware; None: without an end), in order.

    A time that the clocks skip is the first moment after the gap, one that they show twice the first of both.
    """
    if meeting.cancelled:
        return
    changed = {change.day for change in meeting.changes}
    moved = sorted(
        _at(meeting, change.day, change.start, change.minutes, moved=change.start.date() != change.day
            or change.start.time() != meeting.start.time())
        for change in meeting.changes
        if change.start is not None
    )  # fmt: skip
    # A day of the zone's may begin up to a day before or after UTC's.
    since = (after - 2 * _A_DAY).astimezone(meeting.place).date()
    regular = (
        _at(meeting, day, datetime.combine(day, meeting.start.time()), None)
        for day in _days(meeting, since)
        if day not in changed
    )
    for one in heapq.merge(regular, moved):
        if until is not None and one.start > until:
            return
        if one.start > after:
            yield one


def next_one(meeting: Meeting, now: datetime) -> Occurrence | None:
    """The next that has not begun."""
    return next(islice(occurrences(meeting, now), 1), None)


def current_or_next(meeting: Meeting, now: datetime) -> Occurrence | None:
    """The one that is on, else the next one: what an agenda is for."""
    longest = max([meeting.minutes, *(change.minutes or 0 for change in meeting.changes)])
    return next((one for one in occurrences(meeting, now - timedelta(minutes=longest)) if one.end > now), None)


def last_one(meeting: Meeting, now: datetime, *, within: timedelta) -> Occurrence | None:
    """The latest that has begun, not longer ago than that: what minutes are of."""
    return max(occurrences(meeting, now - within, now), default=None)


def occurrence_on(meeting: Meeting, day: date) -> Occurrence | None:
    """The one that the rule (or a change beside it) gave that day; None where there is none or it was cancelled."""
    if meeting.cancelled:
        return None
    for change in meeting.changes:
        if change.day == day:
            if change.start is None:
                return None
            moved = (change.start.date(), change.start.time()) != (day, meeting.start.time())
            return _at(meeting, day, change.start, change.minutes, moved=moved)
    if next(_days(meeting, day), None) != day:
        return None
    return _at(meeting, day, datetime.combine(day, meeting.start.time()), None)


def _days(meeting: Meeting, since: date) -> Iterator[date]:
    first = meeting.start.date()
    if meeting.recurrence is not None:
        yield from days(meeting.recurrence, first, since=since)
    elif first >= since:
        yield first


def _at(meeting: Meeting, day: date, local: datetime, minutes: int | None, *, moved: bool = False) -> Occurrence:
    start = moment(local.date(), local.time(), meeting.place)
    return Occurrence(start, start + timedelta(minutes=minutes or meeting.minutes), day, local, moved)


def instant_of(local: datetime, zone: str) -> datetime:
    """A wall clock's time (naive) in that zone, in UTC."""
    return moment(local.date(), local.time(), ZoneInfo(zone))


def on_the_wall(instant: datetime, zone: str) -> datetime:
    """An instant as that zone's clocks show it (naive), to the minute."""
    return instant.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None, second=0, microsecond=0)


def same_time(day: date, at: time) -> datetime:
    """A day and a time of the wall as one."""
    return datetime.combine(day, at)
