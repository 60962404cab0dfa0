# ruff: noqa: DTZ001
"""How meetings come again: each rule as python-dateutil reads it, on the wall of its zone in summer and winter."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from handlers.conversation.wording import Days
from handlers.meetings import repeats, rrule
from handlers.meetings.model import Change, Meeting, current_or_next, next_one, occurrence_on, occurrences
from handlers.meetings.moving import from_then_on
from handlers.meetings.recurrence import NthDay, Often, Recurrence, days

WEEKDAYS = st.lists(st.integers(0, 6), max_size=4, unique=True).map(lambda some: tuple(map(NthDay, sorted(some))))
NTH = st.one_of(st.integers(-5, -1), st.integers(1, 5))
NTHS = st.lists(st.builds(NthDay, st.integers(0, 6), NTH), max_size=3, unique=True).map(tuple)
"""Never beside plain weekdays: RFC 5545 takes what either of them names, dateutil only what both do."""
MONTHS = st.lists(st.integers(1, 12), max_size=3, unique=True).map(lambda some: tuple(sorted(some)))
MONTH_DAYS = st.lists(st.one_of(st.integers(1, 31), st.integers(-31, -1)), max_size=3, unique=True).map(tuple)
PLACES = st.one_of(st.just(()), st.tuples(st.sampled_from((1, 2, 3, -1, -2))))
FIRST = st.dates(date(2019, 1, 1), date(2031, 12, 31))


@st.composite
def rules(draw: st.DrawFn) -> Recurrence:
    often = draw(st.sampled_from(list(Often)))
    every = draw(st.integers(1, 4))
    months = draw(st.one_of(st.just(()), MONTHS))
    if often in (Often.DAILY, Often.WEEKLY):
        weekdays = draw(WEEKDAYS)
        month_days = draw(st.one_of(st.just(()), MONTH_DAYS)) if often is Often.DAILY else ()
        places = ()
    else:
        weekdays, month_days = draw(st.one_of(st.just(()), WEEKDAYS, NTHS)), draw(st.one_of(st.just(()), MONTH_DAYS))
        if month_days and any(one.nth for one in weekdays):
            weekdays = ()
        places = draw(PLACES) if weekdays or month_days else ()
    end = draw(st.sampled_from(("", "count", "until")))
    return Recurrence(
        often=often,
        every=every,
        weekdays=weekdays,
        month_days=month_days,
        months=months,
        places=places,
        week_start=draw(st.sampled_from((0, 6))),
        count=draw(st.integers(1, 12)) if end == "count" else None,
        until=draw(st.dates(date(2019, 1, 1), date(2034, 1, 1))) if end == "until" else None,
    )


def by_dateutil(rule: Recurrence, first: date, until: date) -> list[date]:
    """Its own search goes on to the year 9999 for what never comes, so that is left out here."""
    assume(next(days(replace(rule, count=None, until=None), until), None) is not None)
    last = until if rule.until is None else min(until, rule.until)
    text = rrule.write(replace(rule, count=None, until=last))
    found = rrulestr(text, dtstart=datetime.combine(first, time()))
    return [each.date() for each in islice(found, rule.count)]


@settings(max_examples=60, deadline=None)
@given(rules(), FIRST, st.integers(0, 500))
def test_days_are_those_of_dateutil(rule: Recurrence, first: date, ahead: int) -> None:
    horizon = first + timedelta(days=800)
    expected = by_dateutil(rule, first, horizon)
    assert _until(days(rule, first), horizon) == expected
    since = first + timedelta(days=ahead)
    assert _until(days(rule, first, since=since), horizon) == [day for day in expected if day >= since]


def _until(found: object, last: date) -> list[date]:
    kept = []
    for day in found:  # type: ignore[attr-defined]
        if day > last:
            break
        kept.append(day)
    return kept


@settings(max_examples=100, deadline=None)
@given(rules())
def test_a_rule_written_is_read_as_the_same(rule: Recurrence) -> None:
    assert rrule.read(rrule.write(rule)) == rule


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=SECONDLY",
        "FREQ=DAILY;BYHOUR=9,10",
        "FREQ=WEEKLY;BYDAY=1MO",
        "FREQ=WEEKLY;INTERVAL=0",
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=DAILY;COUNT=3;UNTIL=20261201",
        "FREQ=YEARLY;BYYEARDAY=100",
        "FREQ=DAILY;INTERVAL=²",
        "FREQ=DAILY;UNTIL=2026",
        "BYDAY=MO",
        "",
    ],
)
def test_what_a_meeting_does_not_need_is_refused(text: str) -> None:
    with pytest.raises(rrule.UnknownRule):
        rrule.read(text)


def test_a_day_that_never_comes_ends_soon() -> None:
    for text in ("YEARLY;BYMONTH=2;BYMONTHDAY=30", "MONTHLY;BYMONTH=2;BYMONTHDAY=31", "DAILY;BYMONTH=4;BYMONTHDAY=31"):
        assert list(days(rrule.read(f"FREQ={text}"), date(2026, 1, 1))) == []
    leap = rrule.read("FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=29")
    assert next(days(leap, date(2028, 1, 1))) == date(2028, 2, 29)


def test_each_tuesday_and_the_first_monday() -> None:
    rule = rrule.read("FREQ=MONTHLY;BYDAY=TU,1MO")
    found = [str(day) for day in islice(days(rule, date(2026, 11, 1)), 6)]
    assert found == ["2026-11-02", "2026-11-03", "2026-11-10", "2026-11-17", "2026-11-24", "2026-12-01"]


def test_until_is_the_day_on_the_wall() -> None:
    """An instant in UTC as calendars give it, for a meeting at 10:00 in Sydney (UTC+11 in December)."""

    def until(text: str) -> date | None:
        return rrule.read(f"FREQ=WEEKLY;UNTIL={text}", at=time(10), zone="Australia/Sydney").until

    assert until("20261207T230000Z") == date(2026, 12, 8)
    assert until("20261207T225959Z") == date(2026, 12, 7)
    assert until("20261208T095959") == date(2026, 12, 7)
    rule = rrule.read("FREQ=WEEKLY;UNTIL=20261208")
    assert rrule.until_instant(rule, time(10), "Australia/Sydney") == "20261207T230000Z"


# ---------------------------------------------------------------- on the wall


def weekly(zone: str, first: datetime, *, changes: tuple[Change, ...] = ()) -> Meeting:
    return Meeting(title="Review", start=first, zone=zone, minutes=30, recurrence=Recurrence(often=Often.WEEKLY),
                   changes=changes)  # fmt: skip


@pytest.mark.parametrize(
    ("zone", "first", "instants"),
    [
        # Summer begins on 8 March, ends on 1 November.
        ("America/New_York", datetime(2026, 3, 2, 9), ["02 14:00", "09 13:00"]),
        ("America/New_York", datetime(2026, 10, 26, 9), ["26 13:00", "02 14:00"]),
        ("Europe/London", datetime(2026, 3, 23, 10), ["23 10:00", "30 09:00"]),
        # 02:30 does not exist on 29 March: the first moment after the gap.
        ("Europe/Berlin", datetime(2026, 3, 22, 2, 30), ["22 01:30", "29 01:00"]),
        # 01:30 is shown twice on 25 October: the first of both.
        ("Europe/London", datetime(2026, 10, 18, 1, 30), ["18 00:30", "25 00:30"]),
        # Half an hour's difference, and a zone without midnight on that day.
        ("Australia/Lord_Howe", datetime(2026, 9, 27, 9), ["26 22:30", "03 22:00"]),
        ("Africa/Cairo", datetime(2026, 4, 17, 0, 0), ["16 22:00", "23 22:00"]),
    ],
)
def test_a_series_keeps_its_wall_clock(zone: str, first: datetime, instants: list[str]) -> None:
    begin = first.replace(tzinfo=ZoneInfo(zone)) - timedelta(hours=3)
    found = list(islice(occurrences(weekly(zone, first), begin), 2))
    assert [f"{one.start:%d %H:%M}" for one in found] == instants
    assert all(one.end - one.start == timedelta(minutes=30) for one in found)


@settings(max_examples=50, deadline=None)
@given(
    st.sampled_from(["America/New_York", "Europe/Berlin", "Asia/Kolkata", "Pacific/Auckland", "Pacific/Apia"]),
    st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1)),
    rules(),
    st.integers(0, 400),
)
def test_any_window_holds_what_a_long_look_finds_in_it(
    zone: str, first: datetime, rule: Recurrence, ahead: int
) -> None:
    first = first.replace(second=0, microsecond=0)
    meeting = Meeting(title="Review", start=first, zone=zone, recurrence=rule)
    begin = datetime(2024, 12, 1, tzinfo=UTC)
    after = first.replace(tzinfo=UTC) + timedelta(days=ahead)
    whole = list(occurrences(meeting, begin, after + timedelta(days=60)))
    assert whole == sorted(whole)
    window = list(occurrences(meeting, after, after + timedelta(days=60)))
    assert window == [one for one in whole if one.start > after]
    assert all(occurrence_on(meeting, one.day) == one for one in window)
    assert next_one(meeting, after) == (window[0] if window else next_one(meeting, after))


def test_single_times_are_moved_added_and_cancelled() -> None:
    changes = (
        Change(day=date(2026, 11, 12), start=None),
        Change(day=date(2026, 11, 19), start=datetime(2026, 11, 27, 14, 0), minutes=60),
        Change(day=date(2026, 11, 22), start=datetime(2026, 11, 22, 9, 0)),
    )
    series = weekly("America/New_York", datetime(2026, 11, 5, 9), changes=changes)
    found = list(occurrences(series, datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 4, tzinfo=UTC)))
    assert [f"{one.local:%d %H:%M} {one.day:%d} {one.moved}" for one in found] == [
        "05 09:00 05 False",
        "22 09:00 22 False",
        "26 09:00 26 False",
        "27 14:00 19 True",
        "03 09:00 03 False",
    ]
    assert occurrence_on(series, date(2026, 11, 12)) is None
    moved = occurrence_on(series, date(2026, 11, 19))
    assert moved is not None
    assert moved.end - moved.start == timedelta(hours=1)
    assert current_or_next(series, moved.start + timedelta(minutes=59)) == moved


def test_a_moved_series_has_as_many_times_left_as_before() -> None:
    rule = Recurrence(often=Often.WEEKLY, weekdays=(NthDay(1), NthDay(3)), count=6)
    series = Meeting(title="Review", start=datetime(2026, 11, 3, 9), zone="UTC", recurrence=rule)
    third = occurrence_on(series, date(2026, 11, 10))
    assert third is not None
    after = from_then_on(series, third, datetime(2026, 11, 11, 15))
    assert after is not None
    found = list(occurrences(after, datetime(2026, 11, 1, tzinfo=UTC)))
    assert [f"{one.start:%a %d %H}" for one in found] == ["Wed 11 15", "Thu 12 15", "Wed 18 15", "Thu 19 15"]


# ---------------------------------------------------------------- in words


@pytest.mark.parametrize(
    ("said", "written", "again"),
    [
        ("every Tuesday", "FREQ=WEEKLY;BYDAY=TU", "every Tuesday"),
        ("every other Tuesday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "every 2 weeks on Tuesday"),
        ("Mondays and Thursdays", "FREQ=WEEKLY;BYDAY=MO,TH", "every Monday and Thursday"),
        ("every 3 weeks on fri", "FREQ=WEEKLY;INTERVAL=3;BYDAY=FR", "every 3 weeks on Friday"),
        ("biweekly on Wed", "FREQ=WEEKLY;INTERVAL=2;BYDAY=WE", "every 2 weeks on Wednesday"),
        ("every working day", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "every working day"),
        ("every day", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU", "every day"),
        ("first Monday of the month", "FREQ=MONTHLY;BYDAY=1MO", "first Monday of the month"),
        ("every last Friday of the month", "FREQ=MONTHLY;BYDAY=-1FR", "last Friday of the month"),
        (
            "last working day of the month",
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
            "last working day of the month",
        ),
        ("on the 15th of every month", "FREQ=MONTHLY;BYMONTHDAY=15", "day 15 of the month"),
        ("monthly on the 2nd Tuesday", "FREQ=MONTHLY;BYDAY=2TU", "second Tuesday of the month"),
    ],
)
def test_repetition_in_words(said: str, written: str, again: str) -> None:
    found = repeats.repeats_at(said, 0)
    assert found is not None
    assert found.end == len(said)
    assert rrule.write(found.rule) == written
    assert repeats.words(found.rule, date(2026, 11, 17), Days(date(2026, 11, 18), month_first=False)) == again
