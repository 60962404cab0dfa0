"""When a check-in is due and is reminded of: in the person's own working days, days of leave left out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from handlers.figures.plan import Seller
from handlers.numbers.spans import DAY, Span
from handlers.schedules.slots import moment

REMINDERS: Final = (1, 3)
"""Working days after the question: +24 h and +72 h, of days on which they work."""
MORNING: Final = time(9)
_FAR: Final = 60


def after(at: datetime, days: int, seller: Seller | None, zone: ZoneInfo) -> datetime:
    """The same time of day, so many of their working days later."""
    here = at.astimezone(zone)
    day, leave = here.date(), tuple(seller.leave) if seller else ()
    for _ in range(_FAR):
        if days == 0:
            break
        day += DAY
        if (seller.calendar.works(day) if seller else day.weekday() < 5) and not _in(leave, day):
            days -= 1
    return moment(day, here.time().replace(tzinfo=None, microsecond=0), zone)


def end_of_day(at: datetime, zone: ZoneInfo) -> datetime:
    """When that day of theirs is over."""
    return moment(at.astimezone(zone).date() + DAY, time(0), zone)


def tomorrow(now: datetime, seller: Seller | None, zone: ZoneInfo) -> datetime:
    """The next working morning."""
    next_day = after(now, 1, seller, zone).astimezone(zone).date()
    return moment(next_day, MORNING, zone)


def late_by(given: datetime, due: datetime, zone: ZoneInfo) -> int:
    """Whole days, at least one where it is late at all."""
    days = (given.astimezone(zone).date() - due.astimezone(zone).date()) // timedelta(days=1)
    return max(days, 1)


def _in(leave: Iterable[Span], day: date) -> bool:
    return any(day in absence for absence in leave)
