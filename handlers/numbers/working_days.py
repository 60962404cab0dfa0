"""Working days: weekdays less the holidays of a country and subdivision (GLOSSARY: *Targets over any span*)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import holidays

from handlers.numbers.spans import Span


@lru_cache(maxsize=512)
def _holidays(country: str, subdivision: str, year: int) -> frozenset[date]:
    try:
        return frozenset(holidays.country_holidays(country, subdiv=subdivision or None, years=year))
    except (NotImplementedError, KeyError):
        return frozenset()


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """On which days somebody works: the holidays of a place as the company edited them.

    `added` are days off that the library does not have, `removed` are its holidays on which the company works.
    For a person the list of their country and subdivision, for a unit the company's. An unknown country has no
    holidays. Leave is never part of it: it is handed to `count` where a sum takes it out (pace), and to nothing else.
    """

    country: str = ""
    subdivision: str = ""
    added: frozenset[date] = frozenset()
    removed: frozenset[date] = frozenset()

    def works(self, day: date) -> bool:
        """Whether that is a working day."""
        return day.weekday() < 5 and day not in _days_off(self, day.year)

    def count(self, span: Span, leave: Iterable[Span] = ()) -> int:
        """Working days in the span, less those of the leave. Leave that overlaps is taken out once."""
        days = _counted(self, span)
        for absence in _apart(leave):
            common = span.common(absence)
            days -= self.count(common) if common else 0
        return days


# A board asks the same few spans of the same few calendars for hundreds of people.
@lru_cache(maxsize=8192)
def _counted(calendar: WorkCalendar, span: Span) -> int:
    return _weekdays(span) - sum(_off(calendar, span, year) for year in range(span.first.year, span.last.year + 1))


@lru_cache(maxsize=4096)
def _days_off(calendar: WorkCalendar, year: int) -> tuple[date, ...]:
    days = (_holidays(calendar.country, calendar.subdivision, year) - calendar.removed) | calendar.added
    return tuple(sorted(day for day in days if day.year == year and day.weekday() < 5))


def _off(calendar: WorkCalendar, span: Span, year: int) -> int:
    days = _days_off(calendar, year)
    return bisect_right(days, span.last) - bisect_left(days, span.first)


def _weekdays(span: Span) -> int:
    weeks, rest = divmod(span.days, 7)
    start = span.first.weekday()
    return weeks * 5 + sum((start + n) % 7 < 5 for n in range(rest))


def _apart(leave: Iterable[Span]) -> list[Span]:
    """The same days without any of them twice."""
    apart: list[Span] = []
    for absence in sorted(leave):
        if apart and absence.first <= apart[-1].last:
            apart[-1] = Span(apart[-1].first, max(apart[-1].last, absence.last))
        else:
            apart.append(absence)
    return apart


def is_working_day(day: date, country: str, subdivision: str = "") -> bool:
    """Monday to Friday and no public holiday there. An unknown country has no holidays."""
    return WorkCalendar(country, subdivision).works(day)


def working_days(first: date, last: date, country: str, subdivision: str = "") -> int:
    """How many working days lie from `first` to `last`, both included; 0 where `last` is before `first`."""
    return WorkCalendar(country, subdivision).count(Span(first, last)) if first <= last else 0


def completed(span: Span, today: date, calendar: WorkCalendar, leave: Iterable[Span] = ()) -> int:
    """Working days of the span that were over when `today` began: `d` of GLOSSARY, *The sums*."""
    yesterday = min(today - timedelta(days=1), span.last)
    return calendar.count(Span(span.first, yesterday), leave) if yesterday >= span.first else 0


def week_of(day: date) -> tuple[date, date]:
    """Monday and Sunday of the ISO week that holds that day."""
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)
