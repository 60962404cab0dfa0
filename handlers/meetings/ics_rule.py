"""A calendar's RRULE, read the way that calendars write it: with parts that say nothing, and out of anybody's hands."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from handlers.meetings.recurrence import Recurrence, days
from handlers.meetings.rrule import UnknownRule
from handlers.meetings.rrule import read as read_rule

_FINER: Final = ("HOURLY", "MINUTELY", "SECONDLY")
_MOST: Final = 31
"""Values of one part of a rule. More would say nothing, and make each of its days dear to find."""
_NTH_WEEKDAYS: Final = 7
_ENDLESS: Final = 2_000
"""From so many times on a series counts as one without an end: it outlasts everybody in it."""
_FIRST_WITHIN: Final = timedelta(days=3290)
"""After a series' start its first day is found: 29 February is eight years away at most."""


class NoRule(ValueError):
    """Its text says what of the rule is not read: `it repeats …`."""


def recurrence_of(text: str, start: datetime, zone: str) -> Recurrence:
    """The rule for a series whose first time is `start`, on the wall (naive) of `zone`. Raises NoRule."""
    own = {"BYHOUR": str(start.hour), "BYMINUTE": str(start.minute), "BYSECOND": "0"}
    kept = []
    for part in filter(None, text.strip().upper().split(";")):
        name, _, value = part.partition("=")
        values = value.split(",")
        if name == "FREQ" and value in _FINER:
            raise NoRule("it repeats more often than daily")
        if name in own and {one.lstrip("0") or "0" for one in values} != {own[name]}:
            raise NoRule("it repeats several times a day")
        if len(values) > _MOST or (re.search(r"\d", value) and name == "BYDAY" and len(values) > _NTH_WEEKDAYS):
            raise NoRule("it repeats in too many ways at once")
        if name == "COUNT" and value.isdecimal() and (len(value) > 9 or int(value) > _ENDLESS):
            continue
        if name not in own and not name.startswith("X-"):
            kept.append(part)
    try:
        rule = read_rule(";".join(kept), at=start.time(), zone=zone)
    except UnknownRule as error:
        raise NoRule(f"it repeats by a rule that I cannot follow ({str(error)[:40]})") from error
    horizon = start.date() + _FIRST_WITHIN
    near = replace(rule, until=min(rule.until or horizon, horizon))
    if not list(islice(days(near, start.date()), 1)):
        raise NoRule("no day fits the rule that it repeats by")
    return rule
