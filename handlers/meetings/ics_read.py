"""What a calendar file says of meetings: each of its events as a Meeting with those who are invited, or why not.

Pure: nobody is looked up here, an e-mail stays an e-mail. The library that reads the lines is imported at first use.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from handlers.meetings.ics_lines import TOO_LONG, Lines, sort
from handlers.meetings.ics_parts import (
    ZONE,
    broken,
    clean,
    component,
    dates,
    guests_of,
    is_broken,
    number_of,
    several,
    text_of,
    title_of,
)
from handlers.meetings.ics_rule import NoRule, recurrence_of
from handlers.meetings.ics_zone import zone_of
from handlers.meetings.model import LEAD, Change, Meeting
from handlers.schedules.slots import moment

if TYPE_CHECKING:
    from icalendar import Component

_LONGEST: Final = timedelta(days=14)
_DAY: Final = timedelta(days=1)
_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
_UID: Final = 255
_SERIES: Final = 500
"""That repeat, of one calendar: finding the first day of a hostile rule takes milliseconds."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An event that is not taken, and why: the end of a sentence that begins with its title."""

    title: str
    reason: str


@dataclass(frozen=True, slots=True)
class Event:
    """One event with all that a file says of its single times.

    `only` is set where the file holds that one time of a series alone, as an invitation that moves it does.
    """

    meeting: Meeting
    organiser: str = ""
    invited: tuple[str, ...] = ()
    """E-mail addresses, in small letters."""
    declined: tuple[str, ...] = ()
    private: bool = False
    stamp: datetime = _NEVER
    only: date | None = None
    remarks: tuple[str, ...] = ()
    """What of it is not taken."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """What a file holds."""

    name: str
    events: tuple[Event, ...]
    left_out: tuple[LeftOut, ...]
    whole: bool = True
    """False where there were more events than are read."""


class _Odd(ValueError):
    """Its text says why an event is not taken."""


@dataclass(frozen=True, slots=True)
class _When:
    local: datetime
    zone: str
    all_day: bool = False


def read(content: bytes, *, name: str, near: Sequence[str], now: datetime) -> Calendar:
    """The calendar in these bytes of a file of that name. `near`: the reader's zone, which times without one are of,
    then others that are likely. Raises what ics_lines.sort raises.
    """
    lines = sort(content, name, (now - _LONGEST - _DAY).date())
    return _Reading(lines, near, now).calendar()


class _Reading:
    def __init__(self, lines: Lines, near: Sequence[str], now: datetime) -> None:
        self._lines = lines
        self._year = now.year
        self._near = tuple(near)
        self._zones: dict[str, str | None] = {}
        named = lines.header.get("X-WR-TIMEZONE", "")
        self._floating = (self._zone(named) if named else None) or self._near[0]
        self._cancels = lines.header.get("METHOD", "").upper() == "CANCEL"
        self._left_out: list[LeftOut] = []
        self._series = 0

    def calendar(self) -> Calendar:
        """All of it."""
        masters: dict[str, Event] = {}
        later = []
        for lines in self._lines.events:
            part = component(lines)
            title = title_of(part)
            uid = text_of(part, "UID")[:_UID]
            try:
                if not uid:
                    raise _Odd("it has no UID, so I would not know it again")
                if TOO_LONG in lines:
                    raise _Odd("it lists more days than I read")
                if "RECURRENCE-ID" in part:
                    later.append((uid, title, part))
                    continue
                event = self._event(part, uid, title)
            except _Odd as odd:
                self._left_out.append(LeftOut(title, str(odd)))
                continue
            known = masters.get(uid)
            if known is None or (known.meeting.sequence, known.stamp) <= (event.meeting.sequence, event.stamp):
                masters[uid] = event
        events = self._with_changes(masters, later)
        header = self._lines.header
        return Calendar(
            clean(header.get("X-WR-CALNAME", "")), tuple(events), tuple(self._left_out), not self._lines.too_many
        )

    # ------------------------------------------------------------ one event

    def _event(self, part: Component, uid: str, title: str) -> Event:
        start = self._when(part, "DTSTART")
        length = self._length(part, start)
        rule, remarks = None, []
        if start.zone == "UTC" and "RRULE" not in part and "RDATE" not in part:
            # The same instant, on the clock of whoever reads it.
            start = _When(_on(start.local, "UTC", self._floating), self._floating, start.all_day)
        if "RRULE" in part:
            rules = several(part, "RRULE")
            if len(rules) > 1 or is_broken(rules[0]):
                raise _Odd("it repeats by a rule that I cannot read")
            self._series += 1
            if self._series > _SERIES:
                raise _Odd(f"it is one of more than {_SERIES:,} that repeat")
            try:
                rule = recurrence_of(rules[0].to_ical().decode(), start.local, start.zone)
            except NoRule as error:
                raise _Odd(str(error)) from error
        if "EXRULE" in part:
            remarks.append("the times that a rule (EXRULE) takes out are still in it")
        meeting = Meeting(
            title=title,
            start=start.local,
            zone=start.zone,
            minutes=max(1, round(length / timedelta(minutes=1))),
            recurrence=rule,
            changes=self._changes(part, start),
            lead=0 if start.all_day else LEAD,
            source="ics",
            uid=uid,
            sequence=number_of(part, "SEQUENCE"),
            cancelled=self._cancels or text_of(part, "STATUS").upper() == "CANCELLED",
        )
        return Event(
            meeting,
            **guests_of(part),
            private=text_of(part, "CLASS").upper() in ("PRIVATE", "CONFIDENTIAL"),
            stamp=self._stamp(part),
            remarks=tuple(remarks),
        )

    def _changes(self, part: Component, start: _When) -> tuple[Change, ...]:
        """The times that are taken out, and those that come besides the rule."""
        found = {}
        for value, named in dates(part, "RDATE"):
            local = self._local(value, named, start)
            if local != start.local:
                found[local.date()] = Change(day=local.date(), start=local)
        for value, named in dates(part, "EXDATE"):
            local = self._local(value, named, start)
            found[local.date()] = Change(day=local.date(), start=None)
        return tuple(found[day] for day in sorted(found))

    def _length(self, part: Component, start: _When) -> timedelta:
        span = _DAY if start.all_day else timedelta(hours=1)
        if "DTEND" in part:
            end = self._when(part, "DTEND")
            span = _instant(end) - _instant(start) if not start.all_day else end.local - start.local
        elif "DURATION" in part:
            given = getattr(several(part, "DURATION")[0], "dt", None) if not broken(part, "DURATION") else None
            span = given if isinstance(given, timedelta) else span
        if span <= timedelta(0):
            # No time at all is how a calendar writes a reminder; ends before it begins is nonsense that some write.
            span = timedelta(minutes=1) if not span else timedelta(hours=1)
        if span > _LONGEST:
            raise _Odd(f"it lasts longer than {_LONGEST.days} days")
        return span

    def _stamp(self, part: Component) -> datetime:
        try:
            return _instant(self._when(part, "DTSTAMP"))
        except _Odd:
            return _NEVER

    # ------------------------------------------------------------ single times of a series

    def _with_changes(self, masters: dict[str, Event], later: Sequence[tuple[str, str, Component]]) -> list[Event]:
        changed: dict[str, dict[date, tuple[int, datetime, Change]]] = {}
        alone: dict[tuple[str, date], Event] = {}
        for uid, title, part in later:
            master = masters.get(uid)
            try:
                if "THISANDFUTURE" in str(several(part, "RECURRENCE-ID")[0].params.get("RANGE", "")).upper():
                    raise _Odd("one of its changes is for all later times, which I do not read")
                order = (number_of(part, "SEQUENCE"), self._stamp(part))
                zone = master.meeting.zone if master else ""
                day, change, event = self._change(part, uid, title, zone)
            except _Odd as odd:
                self._left_out.append(LeftOut(title, str(odd)))
                continue
            if master is None:
                if (uid, day) not in alone or alone[uid, day].stamp <= event.stamp:
                    alone[uid, day] = event
            elif day not in changed.setdefault(uid, {}) or changed[uid][day][:2] <= order:
                changed[uid][day] = (*order, change)
        found = []
        for uid, event in masters.items():
            own = {change.day: change for change in event.meeting.changes}
            theirs = changed.get(uid, {})
            own |= {day: change for day, (_, _, change) in theirs.items()}
            # Some calendars count a series' version up with the single time alone.
            sequence = max([event.meeting.sequence, *(one[0] for one in theirs.values())])
            meeting = replace(event.meeting, changes=tuple(own[day] for day in sorted(own)), sequence=sequence)
            found.append(replace(event, meeting=meeting))
        return [*found, *alone.values()]

    def _change(self, part: Component, uid: str, title: str, zone: str) -> tuple[date, Change, Event]:
        """What is different about one time of a series in that zone (empty: not known), by its day there."""
        original = self._when(part, "RECURRENCE-ID")
        zone = zone or original.zone
        day = (original.local if original.all_day else _on(original.local, original.zone, zone)).date()
        gone = self._cancels or text_of(part, "STATUS").upper() == "CANCELLED"
        start = original if "DTSTART" not in part else self._when(part, "DTSTART")
        length = self._length(part, start)
        local = start.local if start.all_day else _on(start.local, start.zone, zone)
        minutes = max(1, round(length / timedelta(minutes=1)))
        change = Change(day=day, start=None if gone else local, minutes=None if gone else minutes)
        meeting = Meeting(
            title=title, start=local, zone=zone, minutes=minutes, lead=0 if start.all_day else LEAD, source="ics",
            uid=uid, sequence=number_of(part, "SEQUENCE"), cancelled=gone,
        )  # fmt: skip
        private = text_of(part, "CLASS").upper() in ("PRIVATE", "CONFIDENTIAL")
        return day, change, Event(meeting, **guests_of(part), private=private, stamp=self._stamp(part), only=day)

    # ------------------------------------------------------------ times

    def _when(self, part: Component, name: str) -> _When:
        found = [prop for prop in several(part, name) if not is_broken(prop)]
        if not found:
            raise _Odd(f"its {_SAID.get(name, name)} is missing or cannot be read")
        return self._read_time(getattr(found[0], "dt", None), str(found[0].params.get(ZONE, "")))

    def _read_time(self, value: Any, named: str) -> _When:
        """`named`: what the file calls its zone, if it does."""
        if isinstance(value, tuple):  # a period: its beginning
            value = value[0]
        if not isinstance(value, datetime):
            if not isinstance(value, date):
                raise _Odd("one of its times cannot be read")
            return _When(datetime.combine(_sane(value), time()), self._floating, all_day=True)
        _sane(value)
        value = value.replace(second=0, microsecond=0)
        if str(value.tzinfo) == "UTC":  # also where a zone is named besides
            return _When(value.replace(tzinfo=None), "UTC")
        if not named:
            return _When(value.replace(tzinfo=None), self._floating)
        zone = self._zone(named)
        if zone is None:
            raise _Odd(f"its time zone “{clean(named)[:60]}” is none that I know")
        return _When(value.replace(tzinfo=None), zone)

    def _local(self, value: Any, named: str, start: _When) -> datetime:
        """On the wall of the series; a day alone is that day's time."""
        when = self._read_time(value, named)
        if when.all_day:
            return datetime.combine(when.local.date(), start.local.time())
        return _on(when.local, when.zone, start.zone)

    def _zone(self, named: str) -> str | None:
        if named not in self._zones:
            self._zones[named] = zone_of(named, self._lines.zones, self._near, self._year)
        return self._zones[named]


_SAID: Final = {"DTSTART": "start", "DTEND": "end", "RECURRENCE-ID": "original time"}


def _sane(value: date) -> date:
    if not 1970 <= value.year <= 2200:
        raise _Odd(f"one of its times is in the year {value.year}")
    return value


def _on(local: datetime, zone: str, other: str) -> datetime:
    """What the clocks of `other` show when those of `zone` show `local`."""
    if zone == other:
        return local
    return _instant(_When(local, zone)).astimezone(ZoneInfo(other)).replace(tzinfo=None)


def _instant(when: _When) -> datetime:
    return moment(when.local.date(), when.local.time(), ZoneInfo(when.zone))
