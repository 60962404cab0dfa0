"""What a calendar calls a time zone, as an IANA name.

Outlook uses Windows' names, others put a path before the name or describe a zone of their own in a VTIMEZONE: then it
is the first zone with the same clock on every day of two years, those that are near being tried first.
"""

from __future__ import annotations

import functools
import re
import zoneinfo
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from handlers.meetings.ics_lines import value
from handlers.meetings.ics_rule import NoRule, recurrence_of
from handlers.meetings.recurrence import days

_UTC_NAMES: Final = frozenset(("utc", "gmt", "z", "zulu", "etc/utc", "etc/gmt", "coordinated universal time"))
_OFFSET: Final = re.compile(r"([+-])(\d\d)(\d\d)(\d\d)?")
_LOCAL: Final = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)")
_CHANGES: Final = 40
"""Of an offset that are looked at; two a year."""


@functools.cache
def _known() -> Mapping[str, str]:
    """IANA names by their lower-case form."""
    return {name.lower(): name for name in zoneinfo.available_timezones() if "/" in name or name == "UTC"}


def zone_of(name: str, described: Mapping[str, Sequence[str]], near: Sequence[str], year: int) -> str | None:
    """The IANA name of what a file calls `name`; None where it cannot be told.

    `described` are the lines of the file's VTIMEZONEs by name, `near` the zones that come first where several have the
    same clock in `year` and the next.
    """
    named = _by_name(name) or _by_name(value(described.get(name, ()), "X-LIC-LOCATION"))
    if named is not None:
        return named
    lines = described.get(name)
    return _by_clock(tuple(lines), tuple(near), year) if lines else None


def _by_name(name: str) -> str | None:
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    name = name.strip().strip('"')
    plain = name.lower().removeprefix("tzone://microsoft/")
    if plain in _UTC_NAMES:
        return "UTC"
    if plain in _known():
        return _known()[plain]
    for windows, olson in WINDOWS_TO_OLSON.items():
        if windows.lower() == plain:
            return olson if olson.lower() in _known() else None
    parts = plain.split("/")
    for taken in (3, 2):  # America/Argentina/Salta, Europe/Berlin, behind whatever path
        if len(parts) > taken and (found := _known().get("/".join(parts[-taken:]))):
            return found
    return None


@functools.lru_cache(64)
def _by_clock(lines: tuple[str, ...], near: tuple[str, ...], year: int) -> str | None:
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    looks = [datetime(year, 1, 1, 12, tzinfo=UTC) + timedelta(days=day) for day in range(730)]
    changes = sorted(_changes(lines, year))
    if not changes:
        return None
    wanted = [_in_force(changes, look) for look in looks]
    for zone in dict.fromkeys((*near, *WINDOWS_TO_OLSON.values())):
        if zone.lower() not in _known():
            continue
        there = ZoneInfo(zone)
        if all(look.astimezone(there).utcoffset() == offset for look, offset in zip(looks, wanted, strict=True)):
            return zone
    return None


def _in_force(changes: Sequence[tuple[datetime, timedelta]], look: datetime) -> timedelta:
    offset = changes[0][1]
    for at, then in changes:
        if at > look:
            break
        offset = then
    return offset


def _changes(lines: Sequence[str], year: int) -> Iterator[tuple[datetime, timedelta]]:
    """The instants at which the described zone's offset becomes another one: those before the year that still count,
    and those of the two years from then on."""
    part: list[str] = []
    for line in lines:
        if line.startswith("BEGIN:"):
            part = []
        elif line.startswith("END:"):
            yield from _of_part(part, year)
        else:
            part.append(line)


def _of_part(part: Sequence[str], year: int) -> Iterator[tuple[datetime, timedelta]]:
    before, after = _offset(value(part, "TZOFFSETFROM")), _offset(value(part, "TZOFFSETTO"))
    began = _LOCAL.match(value(part, "DTSTART"))
    if before is None or after is None or began is None:
        return
    try:
        start = datetime(*(int(number) for number in began.groups()))  # type: ignore[arg-type]  # noqa: DTZ001
    except ValueError:
        return
    found = [start.date()]
    text = value(part, "RRULE")
    if text and start.year <= year + 2:
        try:
            rule = recurrence_of(text, start, "UTC")
        except NoRule:
            return
        first = max(start.date(), start.date().replace(year=max(start.year, year - 1), day=1))
        for day in days(rule, start.date(), since=first):
            if day.year > year + 2 or len(found) > _CHANGES:
                break
            found.append(day)
    for day in found:
        local = datetime.combine(day, time(start.hour, start.minute), UTC)
        yield max(local, datetime(1900, 1, 1, tzinfo=UTC)) - before, after


def _offset(text: str) -> timedelta | None:
    match = _OFFSET.match(text.strip())
    if match is None:
        return None
    span = timedelta(hours=int(match[2]), minutes=int(match[3]), seconds=int(match[4] or 0))
    return span if match[1] == "+" else -span
