"""How days, times and lists are said, the same in every reply."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time, timedelta

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day(that: date, today: date) -> str:
    """`today`, `yesterday`, `tomorrow`, else `Mon 16 Nov`, with the year when it is another one."""
    near = {0: "today", -1: "yesterday", 1: "tomorrow"}.get((that - today) // timedelta(days=1))
    return near or date_of(that, today)


def date_of(that: date, today: date) -> str:
    """`Mon 16 Nov`, with the year when it is not `today`'s."""
    year = "" if that.year == today.year else f" {that.year}"
    return f"{DAYS[that.weekday()]} {that.day} {MONTHS[that.month - 1]}{year}"


def day_with_year(that: date, today: date) -> str:
    """`Mon 16 Nov 2026`; `today` for today."""
    return "today" if that == today else f"{DAYS[that.weekday()]} {that.day} {MONTHS[that.month - 1]} {that.year}"


def clock(at: time) -> str:
    """`15:00`."""
    return f"{at:%H:%M}"


def length(minutes: int) -> str:
    """`45 min`, `1 h`, `1 h 15 min`."""
    hours, rest = divmod(minutes, 60)
    parts = ([f"{hours} h"] if hours else []) + ([f"{rest} min"] if rest or not hours else [])
    return " ".join(parts)


def listed(items: Sequence[str], last: str = "and") -> str:
    """`A`, `A and B`, `A, B and C`."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def plural(count: int, one: str, many: str = "") -> str:
    """`1 call`, `12 calls`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
