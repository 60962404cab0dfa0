"""The share of a full target that somebody carries in a month: ramp of a new rep, proration of a part-month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from handlers.numbers.spans import DAY, Span, month_of, months_between
from handlers.numbers.working_days import WorkCalendar

#: The shares of a new rep's first months by default; 100 % after them.
RAMP = (Fraction(1, 2), Fraction(1, 2), Fraction(3, 4), Fraction(3, 4))


@dataclass(frozen=True, slots=True)
class Carrier:
    """From when to when somebody carries a target (both days included, None for open), and how they ramp up.

    `ramp` is empty for somebody who does not ramp. `last_start` is the day of the month on which a start still makes
    that month the ramp's first.
    """

    joined: date | None = None
    left: date | None = None
    ramp: Sequence[Fraction] = ()
    last_start: int = 15

    def stay(self, span: Span) -> Span | None:
        """The part of a span in which they carry."""
        first = max(self.joined or span.first, span.first)
        last = min(self.left or span.last, span.last)
        return Span(first, last) if first <= last else None

    def outside(self, span: Span) -> list[Span]:
        """The parts of a span, at its start and its end, in which they do not carry."""
        stay = self.stay(span)
        if stay is None:
            return [span]
        return [
            *([Span(span.first, stay.first - DAY)] if stay.first > span.first else []),
            *([Span(stay.last + DAY, span.last)] if stay.last < span.last else []),
        ]

    def ramp_share(self, month: date) -> Fraction:
        """The ramp's share in the month that holds that day.

        Month 1 is the starting month if the start is on or before its 15th, else the next; the part-month before it
        carries month 1's share as well (GLOSSARY: *ramp*).
        """
        if self.joined is None or not self.ramp:
            return Fraction(1)
        at = months_between(self.joined, month) - (self.joined.day > self.last_start)
        return Fraction(self.ramp[max(at, 0)]) if at < len(self.ramp) else Fraction(1)

    def proration(self, month: date, calendar: WorkCalendar) -> Fraction:
        """Their working days in that month ÷ the month's: 1 for a whole month, 0 outside their time.

        A month without any working day is shared by calendar days.
        """
        whole = month_of(month)
        stay = self.stay(whole)
        if stay == whole:
            return Fraction(1)
        return part_of(whole, stay, calendar) if stay else Fraction(0)


ALWAYS = Carrier()


def part_of(whole: Span, part: Span, calendar: WorkCalendar, carrier: Carrier = ALWAYS) -> Fraction:
    """The part's share of the whole in working days on which `carrier` carries; of all where they carry on none.

    In calendar days where the whole has no working day.
    """
    away = carrier.outside(whole)
    if days := away and calendar.count(whole, away):
        return Fraction(calendar.count(part, away), days)
    if days := calendar.count(whole):
        return Fraction(calendar.count(part), days)
    return Fraction(part.days, whole.days)
