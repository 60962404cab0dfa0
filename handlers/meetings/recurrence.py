"""How a meeting comes again, as RFC 5545's RRULE says it, in days: the time of day stays the same on the wall.

Only what a calendar writes for meetings: daily, weekly, monthly and yearly with INTERVAL, BYDAY, BYMONTHDAY, BYMONTH,
BYSETPOS, WKST, COUNT and UNTIL. What is finer than a day is refused, so that no rule costs more than it can mean.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from handlers.numbers.spans import DAY, days_in_month, month_of, shifted

_LAST: Final = date(9999, 1, 1)


class Often(StrEnum):
    """What a rule counts in. The value is RFC 5545's word."""

    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    YEARLY = "YEARLY"


_FRUITLESS: Final = {Often.DAILY: 3000, Often.WEEKLY: 3000, Often.MONTHLY: 500, Often.YEARLY: 60}
"""Periods in a row without a day after which a rule counts as over: 29 February lies within them, 30 February never."""


@dataclass(frozen=True, slots=True, order=True)
class NthDay:
    """A day of the week (0 is Monday); the `nth` of its month or year, from the end where negative; 0: each."""

    weekday: int
    nth: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurrence:
    """Every `every` days, weeks, months or years, on the days that the rest says; by default the first one's.

    `count` and `until` (the last day that may be one, in the meeting's own zone) end it; at most one of the two.
    """

    often: Often
    every: int = 1
    weekdays: tuple[NthDay, ...] = ()
    month_days: tuple[int, ...] = ()
    """From the month's end where negative."""
    months: tuple[int, ...] = ()
    places: tuple[int, ...] = ()
    """Of the days found in a period, only these, counted from 1, or from -1 at the end (BYSETPOS)."""
    week_start: int = 0
    count: int | None = None
    until: date | None = None


def days(rule: Recurrence, first: date, *, since: date | None = None) -> Iterator[date]:
    """The days on which it comes, in order, from `first` on; those before `since` are left out cheaply."""
    period: date | None = _begin(rule, first)
    if since is not None and since > first and rule.count is None:
        period = _skip(rule, _begin(rule, first), since)
    left, fruitless = rule.count, 0
    while period is not None and fruitless < _FRUITLESS[rule.often]:
        fruitless += 1
        for day in _chosen(rule, period, first):
            if day < first:
                continue
            if (rule.until is not None and day > rule.until) or left == 0:
                return
            fruitless = 0
            left = None if left is None else left - 1
            if since is None or day >= since:
                yield day
        period = _next(rule, period)
        if rule.until is not None and period is not None and period > rule.until:
            return


def _begin(rule: Recurrence, day: date) -> date:
    """The first day of the period that holds that day."""
    match rule.often:
        case Often.DAILY:
            return day
        case Often.WEEKLY:
            return day - timedelta(days=(day.weekday() - rule.week_start) % 7)
        case Often.MONTHLY:
            return day.replace(day=1)
        case Often.YEARLY:
            return day.replace(month=1, day=1)


def _next(rule: Recurrence, period: date, times: int = 1) -> date | None:
    steps = rule.every * times
    try:
        match rule.often:
            case Often.DAILY:
                there = period + timedelta(days=steps)
            case Often.WEEKLY:
                there = period + timedelta(weeks=steps)
            case Often.MONTHLY:
                there = shifted(period, steps)
            case Often.YEARLY:
                there = shifted(period, 12 * steps)
    except (OverflowError, ValueError):
        return None
    return there if there < _LAST else None


def _skip(rule: Recurrence, period: date, since: date) -> date | None:
    """The last of the rule's periods that begins not after `since`."""
    match rule.often:
        case Often.DAILY:
            apart = (since - period).days
        case Often.WEEKLY:
            apart = (since - period).days // 7
        case Often.MONTHLY:
            apart = (since.year - period.year) * 12 + since.month - period.month
        case Often.YEARLY:
            apart = since.year - period.year
    return _next(rule, period, apart // rule.every)


def _chosen(rule: Recurrence, period: date, first: date) -> list[date]:
    found = _found(rule, period, first)
    if not rule.places:
        return found
    picked = {place - 1 if place > 0 else len(found) + place for place in rule.places}
    return [day for at, day in enumerate(found) if at in picked]


def _found(rule: Recurrence, period: date, first: date) -> list[date]:
    match rule.often:
        case Often.DAILY:
            plain = {one.weekday for one in rule.weekdays}
            fits = _in_months(rule, period) and _on_month_days(rule, period)
            return [period] if fits and (not plain or period.weekday() in plain) else []
        case Often.WEEKLY:
            wanted = {one.weekday for one in rule.weekdays} or {first.weekday()}
            week = (period + timedelta(days=at) for at in range(7))
            return [day for day in week if day.weekday() in wanted and _in_months(rule, day)]
        case Often.MONTHLY:
            return _in_month(rule, period, first) if _in_months(rule, period) else []
        case Often.YEARLY:
            return _in_year(rule, period, first)


def _in_months(rule: Recurrence, day: date) -> bool:
    return not rule.months or day.month in rule.months


def _on_month_days(rule: Recurrence, day: date) -> bool:
    if not rule.month_days:
        return True
    return day.day in rule.month_days or day.day - days_in_month(day) - 1 in rule.month_days


def _in_month(rule: Recurrence, month: date, first: date) -> list[date]:
    span = month_of(month)
    every = [span.first + timedelta(days=at) for at in range(span.days)]
    if not rule.weekdays and not rule.month_days:
        return [day for day in every if day.day == first.day]
    if rule.month_days:
        every = [day for day in every if _on_month_days(rule, day)]
    return [day for day in every if _nth_of(rule, day, span.first, span.last)] if rule.weekdays else every


def _in_year(rule: Recurrence, year: date, first: date) -> list[date]:
    if rule.weekdays and not rule.months and not rule.month_days:
        last = year.replace(month=12, day=31)
        every = (year + timedelta(days=at) for at in range((last - year).days + 1))
        return [day for day in every if _nth_of(rule, day, year, last)]
    if not rule.months and rule.month_days:
        months: tuple[int, ...] = tuple(range(1, 13))
    else:
        months = rule.months or (first.month,)
    return [day for month in sorted(months) for day in _in_month(rule, year.replace(month=month), first)]


def _nth_of(rule: Recurrence, day: date, begin: date, end: date) -> bool:
    from_begin, from_end = (day - begin).days // 7 + 1, -((end - day).days // 7) - 1
    return any(one.weekday == day.weekday() and one.nth in (0, from_begin, from_end) for one in rule.weekdays)


def before(rule: Recurrence, day: date) -> Recurrence:
    """The same rule, over before that day."""
    last = day - DAY
    if rule.count is None and rule.until is not None and rule.until <= last:
        return rule
    return Recurrence(
        often=rule.often, every=rule.every, weekdays=rule.weekdays, month_days=rule.month_days, months=rule.months,
        places=rule.places, week_start=rule.week_start, until=last,
    )  # fmt: skip
