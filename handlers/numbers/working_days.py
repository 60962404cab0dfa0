"""Working days: weekdays less the holidays of a country and subdivision (GLOSSARY: *Targets over any span*)."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import holidays


@lru_cache(maxsize=512)
def _holidays(country: str, subdivision: str, year: int) -> frozenset[date]:
    try:
        return frozenset(holidays.country_holidays(country, subdiv=subdivision or None, years=year))
    except (NotImplementedError, KeyError):
        return frozenset()


def is_working_day(day: date, country: str, subdivision: str = "") -> bool:
    """Monday to Friday and no public holiday there. An unknown country has no holidays."""
    return day.weekday() < 5 and day not in _holidays(country, subdivision, day.year)


def working_days(first: date, last: date, country: str, subdivision: str = "") -> int:
    """How many working days lie from `first` to `last`, both included."""
    span = (last - first).days + 1
    return sum(is_working_day(first + timedelta(days=n), country, subdivision) for n in range(max(span, 0)))


def week_of(day: date) -> tuple[date, date]:
    """Monday and Sunday of the ISO week that holds that day."""
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)
