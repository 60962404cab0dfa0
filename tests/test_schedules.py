"""Schedules: what words mean, on which days they come up, in which instant of a zone, and what a change does."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.numbers.periods import FiscalCalendar, Length
from handlers.numbers.spans import Span
from handlers.numbers.working_days import WorkCalendar
from handlers.schedules.changes import Version, due
from handlers.schedules.read import NotASchedule, read
from handlers.schedules.rule import Counted, OfPeriod, Rule, Weekly, words
from handlers.schedules.slots import moment, slots

TODAY = date(2026, 11, 18)  # a Wednesday
NEW_YORK = ZoneInfo("America/New_York")
US = WorkCalendar("US")
CALENDAR_YEAR = FiscalCalendar()
FEBRUARY = FiscalCalendar(2)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("every monday 09:00", "every Monday at 09:00"),
        ("Every Monday at 9", "every Monday at 09:00"),
        ("mondays 9am", "every Monday at 09:00"),
        ("every fri", "every Friday at 09:00"),
        ("every monday and thursday at 4pm", "every Monday and Thursday at 16:00"),
        ("every mon, wed & fri 8.30", "every Monday, Wednesday and Friday at 08:30"),
        ("every thursday, monday at 4", "every Monday and Thursday at 16:00"),
        ("every working day 08:30", "every working day at 08:30"),
        ("every weekday at 8", "every working day at 08:00"),
        ("daily at noon", "every day at 12:00"),
        ("every day 12am", "every day at 00:00"),
        ("every other tuesday 10:00", "every 2 weeks on Tuesday from 2026-11-16 at 10:00"),
        ("every 3 weeks on friday at 3pm", "every 3 weeks on Friday from 2026-11-16 at 15:00"),
        ("last friday of month", "last Friday of the month at 09:00"),
        ("the first monday of each month at 10", "1st Monday of the month at 10:00"),
        ("last working day of the quarter 17:00", "last working day of the quarter at 17:00"),
        ("on the 15th of the month", "15th day of the month at 09:00"),
        ("day before month end", None),
        ("2 working days before quarter end", "2 working days before quarter end at 09:00"),
        ("three days before the end of the month at 5pm", "3 days before month end at 17:00"),
        ("one working day before year end", "1 working day before year end at 09:00"),
        ("sixth monday of the month", None),
        ("every monday 25:00", None),
        ("every monday 13pm", None),
        ("every blue moon", None),
        ("0 weeks", None),
        ("", None),
    ],
)
def test_words_are_read(text: str, meant: str | None) -> None:
    if meant is None:
        with pytest.raises(NotASchedule, match="could not read"):
            read(text, today=TODAY)
    else:
        assert words(read(text, today=TODAY)) == meant


times = st.times().map(lambda at: at.replace(second=0, microsecond=0))
mondays = st.dates(date(2020, 1, 1), date(2040, 1, 1)).map(lambda day: day - timedelta(days=day.weekday()))
weekly_rules = st.builds(
    lambda days, at, every, monday, working: Weekly(
        tuple(sorted(days)),
        at,
        every,
        monday if every > 1 else None,
        working and days != set(range(7)),
    ),
    st.sets(st.integers(0, 6), min_size=1),
    times,
    st.integers(1, 8),
    mondays,
    st.booleans(),
)
weekday_rules = st.builds(
    lambda length, nth, at, weekday: OfPeriod(length, Counted.WEEKDAY, nth, at, weekday),
    st.sampled_from(Length),
    st.sampled_from([-3, -2, -1, 1, 2, 3, 4, 5]),
    times,
    st.integers(0, 6),
)
counted_rules = st.builds(
    OfPeriod,
    st.sampled_from(Length),
    st.sampled_from([Counted.DAY, Counted.WORKING_DAY]),
    st.integers(-20, 31).filter(bool),
    times,
)


@given(st.one_of(weekly_rules, weekday_rules, counted_rules))
def test_what_is_said_of_a_rule_is_read_as_that_rule(rule: Rule) -> None:
    assert read(words(rule), today=TODAY) == rule


def days_of(text: str, first: date, last: date, fiscal: FiscalCalendar = CALENDAR_YEAR) -> list[str]:
    found = slots(read(text, today=TODAY), Span(first, last), US, fiscal)
    return [f"{slot.day:%a %d %b}" for slot in found]


def test_the_days_of_rules() -> None:
    first, last = date(2026, 11, 1), date(2026, 12, 31)
    assert days_of("last friday of month", first, last) == ["Fri 27 Nov", "Fri 25 Dec"]
    assert days_of("last working day of the month", first, last) == ["Mon 30 Nov", "Thu 31 Dec"]
    assert days_of("2 working days before quarter end", first, last) == ["Tue 29 Dec"]
    assert days_of("2 days before month end", first, last) == ["Sat 28 Nov", "Tue 29 Dec"]
    assert days_of("31st of the month", first, last) == ["Mon 30 Nov", "Thu 31 Dec"]
    assert days_of("first working day of the month", first, last) == ["Mon 02 Nov", "Tue 01 Dec"]
    assert days_of("every other tuesday", first, last) == [
        "Tue 03 Nov",
        "Tue 17 Nov",
        "Tue 01 Dec",
        "Tue 15 Dec",
        "Tue 29 Dec",
    ]
    # Thanksgiving is no working day; the day after is one.
    assert days_of("every working day", date(2026, 11, 25), date(2026, 11, 30)) == [
        "Wed 25 Nov",
        "Fri 27 Nov",
        "Mon 30 Nov",
    ]


def test_quarters_are_the_companys() -> None:
    assert days_of("last working day of the quarter", date(2026, 11, 1), date(2027, 2, 1), FEBRUARY) == ["Fri 29 Jan"]


@pytest.mark.parametrize(
    ("day", "at", "zone", "instant"),
    [
        # an ordinary day
        (date(2026, 11, 18), time(9), "America/New_York", "2026-11-18 14:00"),
        # the clocks go from 02:00 to 03:00: 02:30 is the first moment after
        (date(2026, 3, 8), time(2, 30), "America/New_York", "2026-03-08 07:00"),
        # 01:30 comes twice: the first of both
        (date(2026, 11, 1), time(1, 30), "America/New_York", "2026-11-01 05:30"),
        # Cairo's clocks skip midnight itself
        (date(2026, 4, 24), time(0), "Africa/Cairo", "2026-04-23 22:00"),
        # half an hour, and a gap of half an hour
        (date(2026, 11, 18), time(9), "Asia/Kolkata", "2026-11-18 03:30"),
        (date(2026, 10, 4), time(2, 15), "Australia/Lord_Howe", "2026-10-03 15:30"),
    ],
)
def test_the_instant_of_a_time_of_day(day: date, at: time, zone: str, instant: str) -> None:
    assert f"{moment(day, at, ZoneInfo(zone)):%Y-%m-%d %H:%M}" == instant


@given(
    st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    times,
    st.sampled_from(["America/New_York", "Africa/Cairo", "Australia/Lord_Howe", "Asia/Kathmandu", "Europe/Berlin"]),
)
def test_a_later_time_of_the_day_is_never_earlier(day: date, at: time, zone: str) -> None:
    here = ZoneInfo(zone)
    assert moment(day, time(0), here) <= moment(day, at, here) < moment(day + timedelta(days=1), at, here)


def coming(versions: list[Version], after: datetime, until: datetime) -> list[str]:
    return [
        f"{one.instant.astimezone(NEW_YORK):%a %d %H:%M}"
        for one in due(versions, after, until, NEW_YORK, US, CALENDAR_YEAR)
    ]


def at(day: int, hour: int) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=NEW_YORK).astimezone(UTC)


MONDAYS, TUESDAYS = read("every monday 09:00", today=TODAY), read("every tuesday 09:00", today=TODAY)


@pytest.mark.parametrize(
    ("rule", "changed", "expected"),
    [
        # Monday has been: this week's is over, whatever the new rule says
        ((MONDAYS, TUESDAYS), at(16, 12), ["Mon 16 09:00", "Tue 24 09:00"]),
        # before Monday's: it moves
        ((MONDAYS, TUESDAYS), at(16, 8), ["Tue 17 09:00", "Tue 24 09:00"]),
        # from Tuesday to a Monday that is over: this week keeps its Tuesday
        ((TUESDAYS, MONDAYS), at(16, 12), ["Tue 17 09:00", "Mon 23 09:00"]),
        # turned off: what was to come does not
        ((MONDAYS, None), at(16, 8), []),
        ((MONDAYS, None), at(16, 12), ["Mon 16 09:00"]),
        # another kind of period
        ((MONDAYS, read("last friday of month", today=TODAY)), at(16, 12), ["Mon 16 09:00", "Fri 27 09:00"]),
    ],
)
def test_a_change_neither_doubles_nor_swallows(
    rule: tuple[Rule, Rule | None], changed: datetime, expected: list[str]
) -> None:
    old, new = rule
    versions = [Version(old, at(1, 0)), Version(new, changed)]
    assert coming(versions, at(15, 23), at(28, 0)) == expected


instants = st.integers(0, 34 * 24 * 60).map(
    lambda minutes: datetime(2026, 10, 26, tzinfo=UTC) + timedelta(minutes=minutes)
)
of_one_day = st.builds(lambda day, clock: Weekly((day,), clock), st.integers(0, 6), times)


@given(st.lists(st.tuples(of_one_day, instants), min_size=1, max_size=5))
def test_however_often_it_is_changed_each_week_has_it_once(changes: list[tuple[Weekly, datetime]]) -> None:
    versions = [Version(of_first, at(1, 0) - timedelta(days=60)) for of_first in (MONDAYS,)]
    versions += [Version(rule, since) for rule, since in sorted(changes, key=lambda change: change[1])]
    found = due(versions, at(1, 0) - timedelta(days=6), at(30, 0), NEW_YORK, US, CALENDAR_YEAR)
    weeks = [one.slot.day.isocalendar()[1] for one in found]
    assert len(weeks) == len(set(weeks))
    assert {45, 46, 47} <= set(weeks)


@given(st.lists(st.tuples(of_one_day, instants), max_size=3), st.lists(instants, min_size=1, max_size=6))
def test_looking_often_or_seldom_finds_the_same(changes: list[tuple[Weekly, datetime]], looks: list[datetime]) -> None:
    versions = [Version(MONDAYS, at(1, 0) - timedelta(days=60))]
    versions += [Version(rule, since) for rule, since in sorted(changes, key=lambda change: change[1])]
    begin, end = at(1, 0) - timedelta(days=10), at(30, 0)
    whole = due(versions, begin, end, NEW_YORK, US, CALENDAR_YEAR)
    pieces, last = [], begin
    for look in [*sorted(looks), end]:
        # What a version that is not made yet will say cannot be known at that look.
        known = [one for one in versions if one.since <= look]
        pieces += due(known, last, look, NEW_YORK, US, CALENDAR_YEAR)
        last = look
    assert pieces == whole
