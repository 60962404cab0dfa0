"""RFC 5545's RRULE as text: read, and written. A rule that says what a meeting does not need is refused by its part."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from handlers.meetings.recurrence import NthDay, Often, Recurrence
from handlers.schedules.slots import moment

DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
"""By `date.weekday()`."""
_NTH: Final = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)\Z")
_UNTIL: Final = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z)?)?\Z")
_KNOWN: Final = frozenset(
    ("FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST", "COUNT", "UNTIL")
)  # fmt: skip
_MOST: Final = 9999
"""Of a count: more is as good as no end."""


class UnknownRule(ValueError):
    """A rule that cannot be followed; the words say which part of it."""


def read(text: str, *, at: time = time(0), zone: str = "UTC") -> Recurrence:
    """The rule that an RRULE's value says, for meetings that begin `at` that time of the wall in that zone.

    Raises UnknownRule.
    """
    parts: dict[str, str] = {}
    for part in text.strip().upper().split(";"):
        name, equals, value = part.partition("=")
        if not part:
            continue
        if not equals or not value or name in parts:
            raise UnknownRule(part)
        if name not in _KNOWN:
            raise UnknownRule(part)
        parts[name] = value
    if parts.get("FREQ") not in list(Often):
        raise UnknownRule(f"FREQ={parts.get('FREQ', '')}")
    often = Often(parts["FREQ"])
    weekdays = tuple(_nth_day(one) for one in parts["BYDAY"].split(",")) if "BYDAY" in parts else ()
    if any(one.nth for one in weekdays) and often in (Often.DAILY, Often.WEEKLY):
        raise UnknownRule(f"BYDAY={parts['BYDAY']}")
    if often is Often.WEEKLY and "BYMONTHDAY" in parts:
        raise UnknownRule(f"BYMONTHDAY={parts['BYMONTHDAY']}")
    if parts.get("WKST", "MO") not in DAYS:
        raise UnknownRule(f"WKST={parts['WKST']}")
    if "COUNT" in parts and "UNTIL" in parts:
        raise UnknownRule("COUNT with UNTIL")
    count = _number(parts, "COUNT", 1, 10**9) if "COUNT" in parts else None
    return Recurrence(
        often=often,
        every=_number(parts, "INTERVAL", 1, 999) if "INTERVAL" in parts else 1,
        weekdays=weekdays,
        month_days=_numbers(parts, "BYMONTHDAY", 31),
        months=_numbers(parts, "BYMONTH", 12, negative=False),
        places=_numbers(parts, "BYSETPOS", 366),
        week_start=DAYS.index(parts.get("WKST", "MO")),
        count=None if count is None or count > _MOST else count,
        until=_until(parts["UNTIL"], at, zone) if "UNTIL" in parts else None,
    )


def write(rule: Recurrence, *, until: str | None = None) -> str:
    """As `read` takes it; `until` in place of the last day's date, where a calendar wants an instant there."""
    said = [f"FREQ={rule.often}"]
    if rule.every != 1:
        said.append(f"INTERVAL={rule.every}")
    if rule.months:
        said.append(f"BYMONTH={_listed(rule.months)}")
    if rule.month_days:
        said.append(f"BYMONTHDAY={_listed(rule.month_days)}")
    if rule.weekdays:
        said.append(f"BYDAY={','.join(f'{one.nth or str()}{DAYS[one.weekday]}' for one in rule.weekdays)}")
    if rule.places:
        said.append(f"BYSETPOS={_listed(rule.places)}")
    if rule.week_start:
        said.append(f"WKST={DAYS[rule.week_start]}")
    if rule.count is not None:
        said.append(f"COUNT={rule.count}")
    if rule.until is not None:
        said.append(f"UNTIL={until or f'{rule.until:%Y%m%d}'}")
    return ";".join(said)


def until_instant(rule: Recurrence, at: time, zone: str) -> str | None:
    """UNTIL as calendars want it of a meeting with a zone: the last occurrence's start in UTC."""
    if rule.until is None:
        return None
    return f"{moment(rule.until, at, ZoneInfo(zone)):%Y%m%dT%H%M%SZ}"


def _nth_day(said: str) -> NthDay:
    match = _NTH.match(said)
    if match is None or (match[1] is not None and not 1 <= abs(int(match[1])) <= 53):
        raise UnknownRule(f"BYDAY={said}")
    return NthDay(DAYS.index(match[2]), int(match[1] or 0))


def _number(parts: Mapping[str, str], name: str, least: int, most: int) -> int:
    said = parts[name]
    if not said.isascii() or not said.isdecimal() or len(said) > 9 or not least <= int(said) <= most:
        raise UnknownRule(f"{name}={said}")
    return int(said)


def _numbers(parts: Mapping[str, str], name: str, most: int, *, negative: bool = True) -> tuple[int, ...]:
    if name not in parts:
        return ()
    found = []
    for said in parts[name].split(","):
        if re.fullmatch(r"[+-]?\d{1,3}", said, re.ASCII) is None or not 1 <= abs(int(said)) <= most:
            raise UnknownRule(f"{name}={said}")
        if int(said) < 0 and not negative:
            raise UnknownRule(f"{name}={said}")
        found.append(int(said))
    return tuple(found)


def _until(said: str, at: time, zone: str) -> date:
    """The last day on which a meeting at that time begins not after it."""
    match = _UNTIL.match(said)
    try:
        if match is None:
            raise ValueError(said)
        day = date(int(match[1]), int(match[2]), int(match[3]))
        if match[4] is None:
            return day
        clock = time(int(match[4]), int(match[5]), min(int(match[6]), 59))
    except ValueError as error:
        raise UnknownRule(f"UNTIL={said}") from error
    if match[7] is None:
        return day if at <= clock else day - timedelta(days=1)
    limit = datetime.combine(day, clock, UTC)
    try:
        there = limit.astimezone(ZoneInfo(zone)).date()
        return there if moment(there, at, ZoneInfo(zone)) <= limit else there - timedelta(days=1)
    except OverflowError:
        return day


def _listed(numbers: tuple[int, ...]) -> str:
    return ",".join(str(one) for one in numbers)
