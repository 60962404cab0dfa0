"""Who rose, and the words of the board that says so."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from handlers.figures import improved
from handlers.figures.standing import Line, Subject
from handlers.numbers.periods import FiscalCalendar
from handlers.numbers.spans import Span

FISCAL = FiscalCalendar(2)
"""Q4 FY2027 is 1 Nov 2026 – 31 Jan 2027."""
WEEK = Span(date(2026, 11, 16), date(2026, 11, 22))
NOVEMBER = Span(date(2026, 11, 1), date(2026, 11, 30))
QUARTER = Span(date(2026, 11, 1), date(2027, 1, 31))


@pytest.mark.parametrize(
    ("span", "today", "against", "when"),
    [
        (WEEK, date(2026, 11, 16), "this week against last", "this week (16 – 22 Nov 2026)"),
        (WEEK, date(2026, 11, 29), "last week against the week before", "last week (16 – 22 Nov 2026)"),
        (
            WEEK,
            date(2026, 11, 30),
            "week of 16 – 22 Nov 2026 against week of 9 – 15 Nov 2026",
            "in the week of 16 – 22 Nov 2026",
        ),
        (NOVEMBER, date(2026, 12, 31), "last month against the month before", "last month (1 – 30 Nov 2026)"),
        (
            NOVEMBER,
            date(2027, 1, 1),
            "November 2026 against October 2026",
            "in November 2026 (1 – 30 Nov 2026)",
        ),
        (QUARTER, date(2026, 12, 1), "this quarter against last", "this quarter (1 Nov 2026 – 31 Jan 2027)"),
        (
            QUARTER,
            date(2027, 5, 1),
            "Q4 FY2027 against Q3 FY2027",
            "in Q4 FY2027 (1 Nov 2026 – 31 Jan 2027)",
        ),
        (
            Span(date(2026, 11, 3), date(2026, 11, 5)),
            date(2026, 11, 4),
            "3 – 5 Nov 2026 against 31 Oct – 2 Nov 2026",
            "in 3 – 5 Nov 2026",
        ),
    ],
)
def test_the_time_is_said_as_people_say_it(span: Span, today: date, against: str, when: str) -> None:
    assert improved.against(FISCAL, span, today) == against
    assert improved.when(FISCAL, span, today) == when


def test_only_a_rise_is_placed() -> None:
    """Of 100 and 200 in both periods; the newcomer has nothing before, and two zeros are no improvement."""
    up, level, down, new = (Subject(name, person=name) for name in ("up", "level", "down", "new"))
    lines = [Line(one, 0, target) for one, target in ((up, 100), (level, 200), (down, 200), (new, 100))]
    goals = {one: Line(one, 0, target) for one, target in ((up, 100), (level, 200), (down, 200))}
    found = improved.rises(lines, {up: 30, down: 20, new: 90}, {up: 10, down: 40}, goals)
    assert [one.change for one in found] == [Fraction(1, 5), 0, Fraction(-1, 10), None]
    assert [one.placed for one in found] == [Fraction(1, 5), None, None, None]
    assert [one.now for one in found] == [Fraction(3, 10), 0, Fraction(1, 10), Fraction(9, 10)]


def test_where_targets_do_not_differ_it_goes_by_the_amount() -> None:
    one, other = (Subject(name, person=name) for name in ("one", "other"))
    found = improved.rises([Line(one, 0, 100), Line(other, 0, 100)], {one: 30}, {other: 10}, {})
    assert [(each.change, each.placed, each.now) for each in found] == [(30, 30, None), (-10, None, None)]


def test_many_without_a_place_are_a_number() -> None:
    names = [f"Person {at}" for at in range(9)]
    assert improved.others(names, improved.NO_RISE, improved.NO_RISES) == "9 others did not rise."
    assert improved.others(names[:2], improved.NO_RISE, improved.NO_RISES) == "No rise: Person 0, Person 1."
    assert improved.others([], improved.NO_RISE, improved.NO_RISES) == ""
