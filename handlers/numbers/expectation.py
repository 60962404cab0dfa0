"""What the job asks for in a week, and how much of it by now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from handlers.numbers.working_days import week_of, working_days


@dataclass(frozen=True, slots=True)
class Expected:
    """`week` is for the whole week, `so_far` for the working days completed before today; both rounded half up."""

    week: int
    so_far: int


def expected(a_week: int, today: date, country: str, subdivision: str = "") -> Expected:
    """The expectation of `a_week` for five working days, scaled to the week of `today` (GLOSSARY: *expectation*)."""
    monday, sunday = week_of(today)
    days = working_days(monday, sunday, country, subdivision)
    completed = working_days(monday, today - timedelta(days=1), country, subdivision)
    return Expected(_half_up(a_week * days, 5), _half_up(a_week * completed, 5))


def _half_up(number: int, by: int) -> int:
    return (2 * number + by) // (2 * by)
