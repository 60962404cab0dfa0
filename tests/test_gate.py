"""The gate of everything unprompted: a table of cases, and laws that hold for any person and any moment."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.numbers.spans import Span
from handlers.numbers.working_days import WorkCalendar
from handlers.reach.gate import DIGEST, EVERYTHING, Go, Never, Reach, Reason, Wait, gate, worth_until

BERLIN = ZoneInfo("Europe/Berlin")
US = WorkCalendar("US")


def moment(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def verdict(at: str, until: str = "2026-11-27 23:59", topic: str = "nudge", counts: bool = True, **who: object) -> str:
    """In words: `go`, `wait until … (why)`, `never (why)`."""
    found = gate(topic, moment(at), moment(until), Reach(BERLIN, **who), counts=counts)  # type: ignore[arg-type]
    match found:
        case Go():
            return "go"
        case Wait(when, reason):
            return f"{when.astimezone(BERLIN):%a %d %H:%M}, {reason}"
        case Never(reason):
            return f"never, {reason}"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        # Wednesday 18 November 2026
        (verdict("2026-11-18 09:00"), "go"),
        (verdict("2026-11-18 07:59"), "Wed 18 08:00, quiet hours"),
        (verdict("2026-11-18 08:00"), "go"),
        (verdict("2026-11-18 18:00"), "Thu 19 08:00, quiet hours"),
        (verdict("2026-11-18 12:30", quiet=(time(12), time(13))), "Wed 18 13:00, quiet hours"),
        (verdict("2026-11-18 23:00", quiet=(time(8), time(8))), "go"),
        # a weekend, and then Monday's quiet hours
        (verdict("2026-11-21 10:00"), "Mon 23 08:00, not a working day"),
        # Thanksgiving
        (verdict("2026-11-26 10:00", calendar=US), "Fri 27 08:00, not a working day"),
        (verdict("2026-11-18 10:00", leave=(Span(date(2026, 11, 16), date(2026, 11, 20)),)), "Mon 23 08:00, on leave"),
        (
            verdict("2026-11-18 10:00", "2026-11-18 18:00", leave=(Span(date(2026, 11, 16), date(2026, 11, 20)),)),
            "never, on leave",
        ),
        (verdict("2026-11-18 17:59", "2026-11-18 18:00"), "go"),
        (verdict("2026-11-18 19:00", "2026-11-18 23:00"), "never, quiet hours"),
        (verdict("2026-11-18 10:00", "2026-11-18 10:00"), "never, too late to be of use"),
        (verdict("2026-11-18 10:00", muted={"nudge": None}), "never, this topic is turned off"),
        (verdict("2026-11-18 10:00", muted={EVERYTHING: None}), "never, this topic is turned off"),
        (verdict("2026-11-18 10:00", muted={"digest": None}), "go"),
        (verdict("2026-11-18 10:00", muted={"nudge": moment("2026-11-19 15:00")}), "Thu 19 15:00, snoozed"),
        (verdict("2026-11-18 10:00", muted={EVERYTHING: moment("2026-11-20 19:00")}), "Mon 23 08:00, snoozed"),
        (verdict("2026-11-18 10:00", muted={"nudge": moment("2026-11-17 15:00")}), "go"),
        (verdict("2026-11-18 10:00", said={date(2026, 11, 18): 1}), "Wed 18 16:00, enough for one day"),
        (verdict("2026-11-18 16:00", said={date(2026, 11, 18): 1}), "go"),
        (
            verdict("2026-11-18 16:05", said={date(2026, 11, 18): 1}, digested=frozenset({date(2026, 11, 18)})),
            "Thu 19 08:00, enough for one day",
        ),
        (verdict("2026-11-18 10:00", said={date(2026, 11, 18): 1}, cap=2), "go"),
        (verdict("2026-11-18 10:00", said={date(2026, 11, 18): 1}, counts=False), "go"),
        (verdict("2026-11-18 10:00", said={date(2026, 11, 17): 5}), "go"),
        (
            verdict("2026-11-18 10:00", disturb_not_until=moment("2026-11-18 11:00")),
            "Wed 18 11:00, do not disturb is on",
        ),
        (verdict("2026-11-18 10:00", left=True), "never, has left the company"),
        # 25 October 2026: the hour from 02:00 comes twice; quiet ends at 02:30 on its first showing
        (verdict("2026-10-26 07:00", "2026-10-26 12:00"), "Mon 26 08:00, quiet hours"),
    ],
)
def test_the_gate(asked: str, said: str) -> None:
    assert asked == said


@pytest.mark.parametrize(
    ("leave", "said"),
    [
        ((), "2026-11-25 10:00"),
        # over before it was said, and after it was worth nothing any more
        (
            (Span(date(2026, 11, 2), date(2026, 11, 17)), Span(date(2026, 11, 26), date(2026, 12, 4))),
            "2026-11-25 10:00",
        ),
        ((Span(date(2026, 11, 18), date(2026, 11, 18)),), "2026-11-26 00:00"),
        ((Span(date(2026, 11, 25), date(2029, 11, 24)),), "2029-12-02 00:00"),
        # a second leave within the week after the first
        (
            (Span(date(2026, 12, 4), date(2026, 12, 6)), Span(date(2026, 11, 20), date(2026, 11, 30))),
            "2026-12-14 00:00",
        ),
    ],
)
def test_a_leave_does_not_use_up_how_long_a_word_is_worth_saying(leave: tuple[Span, ...], said: str) -> None:
    who = Reach(BERLIN, leave=leave)
    assert worth_until(moment("2026-11-18 10:00"), moment("2026-11-25 10:00"), who) == moment(said)


zones = st.sampled_from(
    [ZoneInfo(name) for name in ("America/New_York", "Asia/Kolkata", "Africa/Cairo", "Australia/Lord_Howe")]
)
moments = st.integers(0, 500 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
clocks = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))
days = st.dates(date(2026, 1, 1), date(2027, 6, 1))
people = st.builds(
    Reach,
    zones,
    st.sampled_from([US, WorkCalendar("IN"), WorkCalendar("EG")]),
    st.lists(st.tuples(days, st.integers(0, 20)).map(lambda of: Span(of[0], of[0] + timedelta(of[1])))).map(tuple),
    st.tuples(clocks, clocks),
    st.dictionaries(st.sampled_from(["nudge", "digest", EVERYTHING]), moments),
    said=st.dictionaries(days, st.integers(0, 2), max_size=30),
)


@given(people, moments, st.booleans())
def test_what_goes_goes_at_an_open_moment(who: Reach, now: datetime, counts: bool) -> None:
    until = now + timedelta(days=40)
    found = gate("nudge", now, until, who, counts=counts)
    if isinstance(found, Wait):
        assert now < found.until < until
        now = found.until
        found = gate("nudge", now, until, who, counts=counts)
    if isinstance(found, Never):
        assert found.reason is not Reason.WORTH
        return
    assert isinstance(found, Go)
    here = now.astimezone(who.zone)
    begin, end = who.quiet
    clock = here.time()
    assert not (begin < end and begin <= clock < end)
    assert not (begin > end and (clock >= begin or clock < end))
    assert who.calendar.works(here.date())
    assert not any(here.date() in one for one in who.leave)
    assert not counts or who.said.get(here.date(), 0) < who.cap or clock >= DIGEST
    assert all(until is None or now >= until for name, until in who.muted.items() if name != "digest")
