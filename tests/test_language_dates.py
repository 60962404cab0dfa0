"""Days and times in words, by the product's rules of time. Today is Wednesday, 18 November 2026, ten o'clock."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.language.clock import clock_at
from handlers.language.dates import Reading, day_at
from handlers.language.tokens import Line

NOW = datetime(2026, 11, 18, 10)  # noqa: DTZ001
PAST = Reading(NOW)
FUTURE = Reading(NOW, future=True)


@pytest.mark.parametrize(
    ("text", "past", "future"),
    [
        ("yesterday", "2026-11-17", "2026-11-17"),
        ("monday", "2026-11-16", "2026-11-23"),
        ("wednesday", "2026-11-18", "2026-11-25"),
        ("last wednesday", "2026-11-11", "2026-11-11"),
        ("last friday", "2026-11-13", "2026-11-13"),
        ("this friday", "2026-11-20", "2026-11-20"),
        ("next friday", "2026-11-27", "2026-11-27"),
        ("last week tuesday", "2026-11-10", "2026-11-10"),
        ("tuesday last week", "2026-11-10", "2026-11-10"),
        ("next week tuesday", "2026-11-24", "2026-11-24"),
        ("11/12", "2026-11-12", "2027-11-12"),
        ("13/11", "2026-11-13", "2027-11-13"),
        ("25.11.", "2025-11-25", "2026-11-25"),
        ("9 Nov", "2026-11-09", "2027-11-09"),
        ("Nov 9th, 2026", "2026-11-09", "2026-11-09"),
        ("09-Nov-2026", "2026-11-09", "2026-11-09"),
        ("2026-11-09", "2026-11-09", "2026-11-09"),
        ("dec 15", "2025-12-15", "2026-12-15"),
        ("feb 29", "2024-02-29", "2028-02-29"),
        ("the 12th", "2026-11-12", "2026-12-12"),
        ("mon, nov 16", "2026-11-16", "2027-11-16"),
        ("two days ago", "2026-11-16", "2026-11-16"),
        ("a couple of days ago", "2026-11-16", "2026-11-16"),
        ("3 business days ago", "2026-11-13", "2026-11-13"),
        ("in 2 weeks", "2026-12-02", "2026-12-02"),
        ("a week from friday", "2026-11-27", "2026-11-27"),
        ("day before yesterday", "2026-11-16", "2026-11-16"),
        ("the day after tomorrow", "2026-11-20", "2026-11-20"),
        ("end of the month", "2026-11-30", "2026-11-30"),
        ("end of next week", "2026-11-27", "2026-11-27"),
        ("end of next month", "2026-12-31", "2026-12-31"),
        ("EOW", "2026-11-20", "2026-11-20"),
        ("ystrday", "2026-11-17", "2026-11-17"),
        ("thrusday", "2026-11-12", "2026-11-19"),
    ],
)
def test_day(text: str, past: str, future: str) -> None:
    line = Line(text)
    for reading, expected in ((PAST, past), (FUTURE, future)):
        found = day_at(line, 0, reading, line.count)
        assert found is not None
        assert (found.day.isoformat(), found.stop) == (expected, line.count)


def test_by_a_weekday_on_that_day_is_today() -> None:
    friday = Reading(datetime(2026, 11, 20, 9), future=True)  # noqa: DTZ001
    found = day_at(Line("by friday"), 1, friday, 2)
    assert found is not None
    assert found.day == date(2026, 11, 20)


@pytest.mark.parametrize(
    "text", ["May", "april", "june 45", "Q4", "555", "24/7", "99/99", "1.5", "second", "may invoice", "12"]
)
def test_no_day(text: str) -> None:
    line = Line(text)
    assert day_at(line, 0, PAST, line.count) is None


def test_the_other_order_is_offered_where_it_is_as_likely() -> None:
    found = day_at(Line("11/12"), 0, Reading(NOW, order="dmy"), 3)
    assert found is not None
    assert (found.day, found.other) == (date(2025, 12, 11), date(2026, 11, 12))


@pytest.mark.parametrize(
    ("text", "at", "minutes"),
    [
        *(("3pm", time(15), None), ("9:15", time(9, 15), None), ("noon", time(12), None), ("at 2", time(14), None)),
        *(
            ("at 7", time(7), None),
            ("at 12", time(12), None),
            ("half past 3", time(15, 30), None),
            ("15:00", time(15), None),
        ),
        *(
            ("10-11am", time(10), 60),
            ("11-1pm", time(11), 120),
            ("2-3:30pm", time(14), 90),
            ("9:30-10:15", time(9, 30), 45),
        ),
        *(
            ("quarter to 4", time(15, 45), None),
            ("02:30", time(2, 30), None),
            ("9.30am", time(9, 30), None),
            ("3ish", time(15), None),
        ),
    ],
)
def test_time(text: str, at: time, minutes: int | None) -> None:
    line = Line(text)
    marked = line.words[0] == "at"
    found = clock_at(line, int(marked), marked=marked)
    assert found is not None
    assert (found.at, found.minutes, found.stop) == (at, minutes, line.count)


def test_the_evening_makes_a_bare_hour_pm() -> None:
    found = clock_at(Line("8"), 0, marked=True, half="pm")
    assert found is not None
    assert found.at == time(20)


@given(st.text(max_size=80), st.datetimes(datetime(1990, 1, 1), datetime(2200, 1, 1)), st.booleans())  # noqa: DTZ001
def test_any_text_at_any_time_is_answered(text: str, now: datetime, future: bool) -> None:
    line = Line(text)
    for at in range(line.count):
        found = day_at(line, at, Reading(now, future), line.count)
        assert found is None or at < found.stop <= line.count
        clock_at(line, at, marked=future)
