"""A stretch of days, both ends included, and how it falls into calendar months."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From `first` to `last`, both included. An end before its start is a ValueError: an empty span is no span."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"a span cannot end on {self.last} when it begins on {self.first}")

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    @property
    def days(self) -> int:
        """How many calendar days."""
        return (self.last - self.first).days + 1

    def common(self, other: Span) -> Span | None:
        """The days that both have, None where there are none."""
        first, last = max(self.first, other.first), min(self.last, other.last)
        return Span(first, last) if first <= last else None

    def by_month(self) -> tuple[tuple[Span, Span], ...]:
        """Cut where calendar months end, in order: each piece with the whole month that it lies in."""
        return _by_month(self)

    @property
    def whole_months(self) -> int:
        """How many calendar months it consists of; 0 if it cuts one."""
        if self.first.day != 1 or (self.last + DAY).day != 1:
            return 0
        return months_between(self.first, self.last) + 1


@lru_cache(maxsize=2048)
def _by_month(span: Span) -> tuple[tuple[Span, Span], ...]:
    pieces: list[tuple[Span, Span]] = []
    first = span.first
    while first <= span.last:
        month = month_of(first)
        pieces.append((Span(first, min(month.last, span.last)), month))
        first = month.last + DAY
    return tuple(pieces)


def month_of(day: date) -> Span:
    """The calendar month that holds a day."""
    return Span(day.replace(day=1), day.replace(day=days_in_month(day)))


def days_in_month(day: date) -> int:
    return calendar.monthrange(day.year, day.month)[1]


def months_between(earlier: date, later: date) -> int:
    """Calendar months from the one of `earlier` to the one of `later`: 0 in the same month."""
    return (later.year - earlier.year) * 12 + later.month - earlier.month


def shifted(day: date, months: int) -> date:
    """The same day of the month so many months on (or back); the month's last day where it has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    there = date(day.year + years, month + 1, 1)
    return there.replace(day=min(day.day, days_in_month(there)))
