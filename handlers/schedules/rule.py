"""A schedule as data: on which days of which period, at what time of each person's own day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from typing import TypeAlias

from handlers.numbers.periods import Length

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
"""By `date.weekday()`."""


class Counted(StrEnum):
    """What is counted within a period. The value is the word for it."""

    DAY = "day"
    WORKING_DAY = "working day"
    WEEKDAY = "weekday"
    """One of the seven, named beside it."""


@dataclass(frozen=True, slots=True)
class Weekly:
    """Those days of the ISO week (0 is Monday), in order; every second, third … week counted from the week of `anchor`.

    `working`: only where that day is a working day of the person's.
    """

    days: tuple[int, ...]
    at: time
    every: int = 1
    anchor: date | None = None
    working: bool = False


@dataclass(frozen=True, slots=True)
class OfPeriod:
    """One day of each month, quarter, half or year of the fiscal calendar: the `nth` of what is counted, from the end
    where it is negative (-1 is the last). Where a period has fewer, its last (or first) one."""

    length: Length
    counted: Counted
    nth: int
    at: time
    weekday: int | None = None


Rule: TypeAlias = Weekly | OfPeriod


def words(rule: Rule) -> str:
    """The rule as a person would say it; `read.read` gives the same rule for it."""
    at = f"{rule.at:%H:%M}"
    if isinstance(rule, Weekly):
        return f"{_week_words(rule)} at {at}"
    of = f"of the {rule.length}"
    if rule.counted is not Counted.WEEKDAY and rule.nth < -1:
        before = -rule.nth - 1
        return f"{before} {rule.counted}{'s' if before > 1 else ''} before {rule.length} end at {at}"
    what = WEEKDAYS[rule.weekday] if rule.weekday is not None else str(rule.counted)
    return f"{_ordinal(rule.nth)} {what} {of} at {at}"


def _week_words(rule: Weekly) -> str:
    if rule.working and rule.every == 1 and rule.days == tuple(range(5)):
        return "every working day"
    if rule.every == 1 and rule.days == tuple(range(7)):
        return "every day"
    names = [WEEKDAYS[day] for day in rule.days]
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    often = "every" if rule.every == 1 else f"every {rule.every} weeks on"
    since = f" from {rule.anchor}" if rule.anchor is not None else ""
    return f"{often} {listed}{' if it is a working day' if rule.working else ''}{since}"


def _ordinal(nth: int) -> str:
    if nth < 0:
        return "last" if nth == -1 else f"{_ordinal(-nth)} to last"
    return f"{nth}{'th' if 10 <= nth % 100 <= 20 else {1: 'st', 2: 'nd', 3: 'rd'}.get(nth % 10, 'th')}"
