"""Days, times and numbers as they are said."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from handlers.conversation.wording import Days

TODAY = date(2026, 11, 18)
US, ELSEWHERE = Days(TODAY, month_first=True), Days(TODAY, month_first=False)


@pytest.mark.parametrize(
    ("that", "us", "elsewhere"),
    [
        (TODAY, "today", "today"),
        (TODAY - timedelta(1), "yesterday", "yesterday"),
        (TODAY + timedelta(1), "tomorrow", "tomorrow"),
        (date(2026, 11, 16), "Mon, Nov 16", "Mon 16 Nov"),
        (date(2025, 2, 1), "Sat, Feb 1, 2025", "Sat 1 Feb 2025"),
    ],
)
def test_days(that: date, us: str, elsewhere: str) -> None:
    assert (US.day(that), ELSEWHERE.day(that)) == (us, elsewhere)


@pytest.mark.parametrize(
    ("at", "us", "elsewhere"),
    [
        (time(0, 5), "12:05 am", "00:05"),
        (time(9), "9:00 am", "09:00"),
        (time(12), "12:00 pm", "12:00"),
        (time(23, 59), "11:59 pm", "23:59"),
    ],
)
def test_times(at: time, us: str, elsewhere: str) -> None:
    assert (US.clock(at), ELSEWHERE.clock(at)) == (us, elsewhere)


def test_a_day_and_its_time() -> None:
    tomorrow, monday = TODAY + timedelta(1), date(2026, 11, 16)
    assert US.moment(tomorrow, time(15)) == "tomorrow 3:00 pm"
    assert US.moment(monday, time(15)) == "Mon, Nov 16 at 3:00 pm"
    assert ELSEWHERE.moment(monday, time(15)) == "Mon 16 Nov 15:00"
    assert ELSEWHERE.moment(tomorrow, time(15), near=False) == "Thu 19 Nov 15:00"
    assert US.moment(monday, None) == "Mon, Nov 16"


def test_a_week() -> None:
    assert ELSEWHERE.span(date(2026, 11, 16), date(2026, 11, 22)) == "Mon 16 to Sun 22 Nov"
    assert ELSEWHERE.span(date(2026, 11, 30), date(2026, 12, 6)) == "Mon 30 Nov to Sun 6 Dec"
    assert US.span(date(2026, 11, 16), date(2026, 11, 22)) == "Mon, Nov 16 to Sun, Nov 22"
