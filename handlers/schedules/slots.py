"""The days that a rule means. A slot is named by its period and its place in it, not by its day or instant: whatever
happens to a rule, a zone or a clock, the same slot is the same slot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from handlers.numbers.periods import FiscalCalendar
from handlers.numbers.spans import DAY, Span
from handlers.numbers.working_days import WorkCalendar
from handlers.schedules.rule import Counted, OfPeriod, Rule, Weekly

WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """One time that a rule comes up: `key` is the same for everybody and for ever, `day` is somebody's own."""

    day: date
    at: time
    key: str


def slots(rule: Rule, span: Span, calendar: WorkCalendar, fiscal: FiscalCalendar) -> Iterator[Slot]:
    """Those whose day lies in the span, in order. `calendar` is the person's, `fiscal` the company's."""
    found = _weekly(rule, span, calendar) if isinstance(rule, Weekly) else _of_period(rule, span, calendar, fiscal)
    return (slot for slot in found if slot.day in span)


def moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """When that is, in UTC. A time that the clocks skip is the first moment after the gap; one that they show twice is
    the first of both."""
    local = datetime.combine(day, at, zone)
    there = local.astimezone(UTC)
    if there.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return there
    # In a gap the later offset (fold=1) leads to before it, the earlier to after it, by the gap's length both.
    before = local.replace(fold=1).astimezone(UTC)
    return _first_after_gap(before, there, zone)


def _first_after_gap(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The moment at which the offset changes, found by halving."""
    offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)


def _weekly(rule: Weekly, span: Span, calendar: WorkCalendar) -> Iterator[Slot]:
    monday = span.first - timedelta(days=span.first.weekday())
    while monday <= span.last:
        if rule.anchor is None or (monday - rule.anchor).days // 7 % rule.every == 0:
            year, week, _ = monday.isocalendar()
            for place, weekday in enumerate(rule.days):
                day = monday + timedelta(days=weekday)
                if not rule.working or calendar.works(day):
                    yield Slot(day, rule.at, f"{year}-W{week:02}-{place}")
        monday += WEEK


def _of_period(rule: OfPeriod, span: Span, calendar: WorkCalendar, fiscal: FiscalCalendar) -> Iterator[Slot]:
    period = fiscal.holding(rule.length, span.first)
    while period.first <= span.last:
        yield Slot(_day_of(rule, period, calendar), rule.at, f"{rule.length}-{period.first}")
        period = fiscal.holding(rule.length, period.last + DAY)


def _day_of(rule: OfPeriod, period: Span, calendar: WorkCalendar) -> date:
    step = DAY if rule.nth > 0 else -DAY
    day, edge = (period.first, period.last) if rule.nth > 0 else (period.last, period.first)
    left, last = abs(rule.nth), None
    while True:
        if _counts(rule, day, calendar):
            last, left = day, left - 1
        if left == 0 or day == edge:
            return last or day
        day += step


def _counts(rule: OfPeriod, day: date, calendar: WorkCalendar) -> bool:
    match rule.counted:
        case Counted.DAY:
            return True
        case Counted.WORKING_DAY:
            return calendar.works(day)
        case Counted.WEEKDAY:
            return day.weekday() == rule.weekday
