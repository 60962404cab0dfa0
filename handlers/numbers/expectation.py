"""What the job asks for in a week, and how much of it by now (GLOSSARY: *expectation*)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from handlers.numbers.shares import half_up
from handlers.numbers.spans import Span
from handlers.numbers.working_days import WorkCalendar, completed, week_of


@dataclass(frozen=True, slots=True)
class Expected:
    """`week` is for the whole week (or span), `so_far` for the working days completed before today; rounded half up."""

    week: int
    so_far: int


def expected(a_week: int, today: date, country: str, subdivision: str = "") -> Expected:
    """The expectation of `a_week` for five working days, scaled to the week of `today`."""
    return expected_over(a_week, Span(*week_of(today)), today, WorkCalendar(country, subdivision))


def expected_over(a_week: int, span: Span, today: date, calendar: WorkCalendar, leave: Iterable[Span] = ()) -> Expected:
    """The same over any span and less a person's leave: `a_week` × working days ÷ 5.

    Leave lowers an expectation, unlike a target: it is what the job asks of the days on which somebody works.
    """
    return expected_in(a_week, [span], today, calendar, leave)


def expected_in(
    a_week: int, stays: Iterable[Span], today: date, calendar: WorkCalendar, leave: Iterable[Span] = ()
) -> Expected:
    """The same over several stretches of days that do not overlap (somebody's stays in a unit), rounded once."""
    stays, leave = tuple(stays), tuple(leave)
    of_all = sum(calendar.count(span, leave) for span in stays)
    by_now = sum(completed(span, today, calendar, leave) for span in stays)
    return Expected(half_up(Fraction(a_week * of_all, 5)), half_up(Fraction(a_week * by_now, 5)))
