"""An IANA zone's rules as a VTIMEZONE: from a day on, as rules of the year where it has such, else its next changes.

Calendars know the zone by its name; the rules beside it are for those that do not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from icalendar import Timezone

_YEARS: Final = 3
"""In a row in which a change falls on the same week's day of the same month, for it to be a rule."""
_AHEAD: Final = 12
"""Years of changes that are written one by one, where they follow no such rule."""
_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - on the wall
_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True, slots=True)
class _Turn:
    """The clocks change: at this time of the old wall, from one offset to another."""

    local: datetime
    before: timedelta
    after: timedelta
    name: str
    summer: bool


def timezone_of(zone: str, since: date) -> Timezone:
    """The rules of that zone for every time from that day on."""
    from icalendar import Timezone

    there = ZoneInfo(zone)
    made = Timezone()
    made.add("tzid", zone)
    begin = datetime(since.year - 1, 1, 1, tzinfo=UTC)
    turns = list(_turns(there, begin, datetime(since.year + _AHEAD, 1, 1, tzinfo=UTC)))
    rules = _by_rule(turns)
    if rules is not None:
        for turn, rule in rules:
            made.add_component(_part(turn, rule))
        return made
    now = begin.astimezone(there)
    offset = now.utcoffset() or timedelta()
    # What holds before the first of them.
    made.add_component(_part(_Turn(_EPOCH, offset, offset, now.tzname() or zone, bool(now.dst()))))
    for turn in turns:
        made.add_component(_part(turn))
    return made


def _turns(there: ZoneInfo, begin: datetime, end: datetime) -> Iterator[_Turn]:
    step, at = timedelta(days=7), begin
    while at < end:
        then = min(at + step, end)
        before, after = at.astimezone(there).utcoffset(), then.astimezone(there).utcoffset()
        if before != after and before is not None and after is not None:
            early, late = at, then
            while late - early > timedelta(minutes=1):
                middle = early + (late - early) / 2
                if middle.astimezone(there).utcoffset() == before:
                    early = middle
                else:
                    late = middle
            instant = late.replace(second=0, microsecond=0)
            turned = (instant + timedelta(minutes=1)).astimezone(there)
            local = (instant + before).replace(tzinfo=None)
            yield _Turn(local, before, after, turned.tzname() or "", bool(turned.dst()))
        at = then


def _by_rule(turns: list[_Turn]) -> list[tuple[_Turn, dict[str, Any]]] | None:
    """The two changes of a year as rules for ever; None where they are not."""
    kinds: dict[tuple[timedelta, timedelta], list[_Turn]] = {}
    for turn in turns:
        kinds.setdefault((turn.before, turn.after), []).append(turn)
    if len(kinds) != 2:
        return None
    found = []
    for each in kinds.values():
        years = [turn.local.year for turn in each]
        same = {(turn.local.month, turn.local.weekday(), turn.local.time()) for turn in each}
        nths = set.intersection(*(_nths(turn.local.date()) for turn in each))
        if len(each) < _YEARS or len(same) != 1 or not nths or years != list(range(years[0], years[0] + len(years))):
            return None
        first = each[0].local
        nth = -1 if -1 in nths else max(nths)
        rule = {"FREQ": "YEARLY", "BYMONTH": first.month, "BYDAY": f"{nth}{_DAYS[first.weekday()]}"}
        # Since 1970, as calendars write it: Outlook takes one rule for summer and one for winter, and no more.
        month = _month_of(_EPOCH.year, first.month)
        day = next(day for day in month if nth in _nths(day) and day.weekday() == first.weekday())
        found.append((replace(each[0], local=datetime.combine(day, first.time())), rule))
    return found


def _month_of(year: int, month: int) -> Iterator[date]:
    day = date(year, month, 1)
    while day.month == month:
        yield day
        day += timedelta(days=1)


def _nths(day: date) -> set[int]:
    """The how-manieth of its month that the day of the week is: from the front, and -1 where it is the last."""
    found = {(day.day - 1) // 7 + 1}
    if (day + timedelta(days=7)).month != day.month:
        found.add(-1)
    return found


def _part(turn: _Turn, rule: dict[str, Any] | None = None) -> Any:
    from icalendar import TimezoneDaylight, TimezoneStandard

    made: Any = TimezoneDaylight() if turn.summer else TimezoneStandard()
    made.add("dtstart", turn.local)
    made.add("tzoffsetfrom", turn.before)
    made.add("tzoffsetto", turn.after)
    if turn.name:
        made.add("tzname", turn.name)
    if rule is not None:
        made.add("rrule", rule)
    return made
