"""A calendar's RRULE as a Recurrence: days alone, with an end that costs nothing to find."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any, Final
from zoneinfo import ZoneInfo

from handlers.meetings.recurrence import NthDay, Often, Recurrence, days

_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_READ: Final = frozenset(
    ("FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST", "COUNT", "UNTIL", "BYHOUR", "BYMINUTE",
     "BYSECOND")
)  # fmt: skip
_ENDLESS: Final = 2_000
"""From so many times on a series counts as one without an end: it outlasts everybody in it."""
_MOST: Final = 60
"""Values of one part of a rule; a month has 31 days, and its last ones are counted from the end."""


class NoRule(ValueError):
    """Its text says what of the rule is not read."""


def recurrence_of(parts: Mapping[str, Sequence[Any]], start: datetime, zone: str) -> Recurrence:
    """The rule of these parts (as icalendar reads them) for a series whose first time is `start`, on the wall (naive)
    of `zone`. Raises NoRule.
    """
    given = {name.upper(): list(values) for name, values in parts.items()}
    odd = sorted(name for name in given if name not in _READ and not name.startswith("X-"))
    if odd:
        raise NoRule(f"it repeats by {' and '.join(odd)}")
    if any(len(values) > _MOST for values in given.values()):
        raise NoRule("it repeats in too many ways at once")
    for name, own in (("BYHOUR", start.hour), ("BYMINUTE", start.minute), ("BYSECOND", 0)):
        if any(int(value) != own for value in given.get(name, ())):
            raise NoRule("it repeats several times a day")
    often = str(next(iter(given.get("FREQ", ())), "")).upper()
    if often in ("HOURLY", "MINUTELY", "SECONDLY"):
        raise NoRule("it repeats more often than daily")
    if often not in Often.__members__:
        raise NoRule(f"it repeats {often or 'by a rule that does not say how often'}")
    count = _one(given, "COUNT")
    rule = Recurrence(
        often=Often[often],
        every=_within(_one(given, "INTERVAL") or 1, 1, 1_000),
        weekdays=tuple(_weekday(value) for value in given.get("BYDAY", ())),
        month_days=tuple(_within(int(value), -31, 31) for value in given.get("BYMONTHDAY", ())),
        months=tuple(_within(int(value), 1, 12) for value in given.get("BYMONTH", ())),
        places=tuple(_within(int(value), -366, 366) for value in given.get("BYSETPOS", ())),
        week_start=_DAYS.index(str(given["WKST"][0]).upper()) if given.get("WKST") else 0,
        count=count if count is not None and count <= _ENDLESS else None,
        until=_until(given, start, zone) if count is None else None,
    )
    if count is not None and count < 1:
        raise NoRule("it repeats less than once")
    if not list(islice(days(rule, start.date()), 1)):
        raise NoRule("no day fits its rule")
    return rule


def _one(given: Mapping[str, Sequence[Any]], name: str) -> int | None:
    values = given.get(name)
    return int(values[0]) if values else None


def _within(number: int, least: int, most: int) -> int:
    if number == 0 or not least <= number <= most:
        raise NoRule(f"it repeats by {number}, which is not from {least} to {most}")
    return number


def _weekday(value: Any) -> NthDay:
    text = str(value).strip().upper()
    if text[-2:] not in _DAYS:
        raise NoRule(f"it repeats on {text[:20]}, which is no day of the week")
    nth = int(text[:-2] or 0)
    return NthDay(_DAYS.index(text[-2:]), _within(nth, -53, 53) if nth else 0)


def _until(given: Mapping[str, Sequence[Any]], start: datetime, zone: str) -> date | None:
    """The last day that may be one of the series', on the wall of its zone."""
    if not given.get("UNTIL"):
        return None
    until = given["UNTIL"][0]
    if not isinstance(until, datetime):
        return until if isinstance(until, date) else None
    if until.tzinfo is not None:
        until = until.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    return until.date() if start.time() <= until.time() else until.date() - timedelta(days=1)


def written(rule: Recurrence, start: datetime, zone: str) -> dict[str, Any]:
    """The rule as a calendar is given it; an end is an instant, as RFC 5545 wants it beside a time with a zone."""
    parts: dict[str, Any] = {"FREQ": rule.often.value}
    if rule.every != 1:
        parts["INTERVAL"] = rule.every
    if rule.weekdays:
        parts["BYDAY"] = [f"{one.nth or ''}{_DAYS[one.weekday]}" for one in rule.weekdays]
    for name, values in (("BYMONTHDAY", rule.month_days), ("BYMONTH", rule.months), ("BYSETPOS", rule.places)):
        if values:
            parts[name] = list(values)
    if rule.week_start:
        parts["WKST"] = _DAYS[rule.week_start]
    if rule.count is not None:
        parts["COUNT"] = rule.count
    if rule.until is not None:
        last = datetime.combine(rule.until, start.time(), ZoneInfo(zone))
        parts["UNTIL"] = last.astimezone(UTC)
    return parts
