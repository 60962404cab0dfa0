"""The playground's own clock: it goes on as the machine's does, and can be moved forward."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from handlers.schedules.slots import moment


class MovableClock:
    """A clock to be called; `move_to` takes it forward, never back."""

    def __init__(self, real: Callable[[], datetime]) -> None:
        self._real = real
        self._ahead = timedelta(0)

    def __call__(self) -> datetime:
        """Now, in UTC."""
        return self._real() + self._ahead

    def move_to(self, instant: datetime) -> None:
        """From now on it is that instant, and later. Nothing happens where it is later already."""
        self._ahead += max(instant - self(), timedelta(0))


def leaps(now: datetime, zone: ZoneInfo) -> list[tuple[str, datetime]]:
    """What somebody in that zone is offered: words, and the instant that they mean."""
    here = now.astimezone(zone)
    today = here.date()
    monday = today + timedelta(days=7 - today.weekday())
    at_nine = "Today 09:00", _at(today, zone)
    return [
        *([at_nine] if at_nine[1] > now else []),
        ("In an hour", (now + timedelta(hours=1)).astimezone(UTC)),
        ("Tomorrow 09:00", _at(today + timedelta(days=1), zone)),
        ("Next Monday 09:00", _at(monday, zone)),
        ("In two weeks", (now + timedelta(weeks=2)).astimezone(UTC)),
    ]


def _at(day: date, zone: ZoneInfo) -> datetime:
    return moment(day, time(9), zone)
