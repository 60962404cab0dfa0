"""When a check-in is due and is reminded of: in the person's own working days, days of leave left out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from handlers.figures.plan import Seller
from handlers.numbers.spans import DAY, Span
from handlers.schedules.read import NotASchedule, read
from handlers.schedules.rule import Weekly
from handlers.schedules.slots import moment
from storage import reach
from storage.database import Transaction

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


def with_the_nudge(tx: Transaction, at: datetime, zone: ZoneInfo) -> datetime:
    """On the weekly nudge's day at its time, where that is earlier: in one message with it, for which the day's cap has
    room, rather than hours later in the digest of what is over it."""
    nudge = _weekly(tx, "weekly nudge", at.astimezone(zone))
    return moment(at.astimezone(zone).date(), nudge, zone) if nudge and nudge < at.astimezone(zone).time() else at


def with_the_prompt(tx: Transaction, now: datetime, zone: ZoneInfo) -> datetime:
    """At the time of the week's message on whom to see, where that comes within the hour: what came over the weekend
    would be the day's one message before it, and put it off to the afternoon."""
    here = now.astimezone(zone)
    prompt = _weekly(tx, "whom to see", here)
    then = moment(here.date(), prompt, zone) if prompt else now
    return then if now < then <= now + timedelta(hours=1) else now


def _weekly(tx: Transaction, topic: str, here: datetime) -> time | None:
    """When that topic comes on that day, where it is a weekly one of that weekday."""
    said = [one.rule for one in reach.scheduled(tx, [topic]) if one.unit is None]
    try:
        rule = read(said[-1], today=here.date()) if said and said[-1] else None
    except NotASchedule:
        return None
    return rule.at if isinstance(rule, Weekly) and here.weekday() in rule.days else None


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
