"""How days, times, numbers and lists are said, the same in every reply."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from handlers.conversation.request import Basis

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
ISO = len("2026-11-23")
"""Characters of a day as date fields send it."""
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Days:
    """How days and times are said to one person: `Mon 16 Nov`, `15:00`; `Mon, Nov 16`, `3:00 pm` to whoever writes the
    month first."""

    today: date
    month_first: bool

    @classmethod
    def of(cls, basis: Basis) -> Days:
        """On the person's own calendar."""
        return cls(basis.now.date(), basis.date_order == "mdy")

    def day(self, that: date) -> str:
        """`today`, `yesterday`, `tomorrow`, else the date."""
        near = {0: "today", -1: "yesterday", 1: "tomorrow"}.get((that - self.today) // timedelta(days=1))
        return near or self.on(that)

    def on(self, that: date, *, year: bool = False) -> str:
        """`Mon 16 Nov`; with the year when it is not this one, or with `year` always."""
        weekday, month = DAYS[that.weekday()], MONTHS[that.month - 1]
        year = year or that.year != self.today.year
        if self.month_first:
            return f"{weekday}, {month} {that.day}" + (f", {that.year}" if year else "")
        return f"{weekday} {that.day} {month}" + (f" {that.year}" if year else "")

    def short(self, that: date) -> str:
        """`16 Nov`, `Nov 16`: where the weekday matters to nobody; with the year when it is not this one."""
        return self.on(that).removeprefix(DAYS[that.weekday()]).lstrip(", ")

    def clock(self, at: time) -> str:
        """`15:00`, `3:00 pm`."""
        if not self.month_first:
            return f"{at:%H:%M}"
        return f"{at.hour % 12 or 12}:{at:%M} {'am' if at.hour < 12 else 'pm'}"

    def moment(self, that: date, at: time | None, *, near: bool = True) -> str:
        """The day and the time, where one is known: `tomorrow 15:00`; without `near` the date in any case."""
        day = self.day(that) if near else self.on(that)
        if at is None:
            return day
        # "Nov 16 3:00 pm" would be read twice.
        joint = " at " if self.month_first and day[-1].isdigit() else " "
        return f"{day}{joint}{self.clock(at)}"

    def span(self, first: date, last: date) -> str:
        """`Mon 16 to Sun 22 Nov`, `Mon, Nov 16 to Sun, Nov 22`."""
        if self.month_first or first.month != last.month:
            return f"{self.on(first)} to {self.on(last)}"
        return f"{DAYS[first.weekday()]} {first.day} to {self.on(last)}"


def form_in_words(values: Iterable[str], days: Days) -> str:
    """What was put into a form, as one line: `Initech · Mon, Nov 23`."""
    return " · ".join(_as_people_read_it(" ".join(value.split()), days) for value in values if value.strip())


def _as_people_read_it(value: str, days: Days) -> str:
    try:
        return days.on(date.fromisoformat(value)) if len(value) == ISO and value[4] == "-" else value
    except ValueError:
        return value


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


def bracketed(text: str, more: str) -> str:
    """`Globex renewal (you)`; `Legal (check-in of Fri, Nov 20; you)`, where a bracket ends the text already."""
    return f"{text[:-1]}; {more})" if text.endswith(")") and "(" in text else f"{text} ({more})"


def plural(count: int, one: str, many: str = "") -> str:
    """`1 call`, `12 calls`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
