"""Targets and credit of units: whose months make up a team's, a region's, the company's (GLOSSARY)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise

from handlers.numbers.ramp import ALWAYS, Carrier
from handlers.numbers.shares import cut
from handlers.numbers.spans import DAY, Span, month_of
from handlers.numbers.targets import WEEKDAYS, Months, added
from handlers.numbers.working_days import WorkCalendar


@dataclass(frozen=True, slots=True)
class Membership:
    """In which unit a person was from `first` to `last` (both included; None: until further notice)."""

    unit: str
    first: date
    last: date | None = None

    def within(self, span: Span) -> Span | None:
        last = min(self.last or span.last, span.last)
        first = max(self.first, span.first)
        return Span(first, last) if first <= last else None

    def meets(self, span: Span) -> bool:
        """Whether it has a day in common with the span."""
        return self.first <= span.last and (self.last is None or self.last >= span.first)

    def holds(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)


def unit_on(memberships: Iterable[Membership], day: date) -> str | None:
    """The unit whose member a person was on that day; None for nobody's."""
    return next((membership.unit for membership in memberships if membership.holds(day)), None)


def by_unit(
    months: Months,
    memberships: Sequence[Membership],
    carrier: Carrier = ALWAYS,
    calendar: WorkCalendar = WEEKDAYS,
) -> dict[str | None, dict[date, int]]:
    """A person's month targets as they count in each unit; None holds what fell on days in no unit, if anything.

    A month with a move in it is split by the person's working days in each unit ÷ those in which they carried a target
    in that month, by largest remainder in the order of time, so that the parts are the person's month again.
    ValueError where two memberships hold the same day.
    """
    in_order = sorted(memberships, key=lambda membership: membership.first)
    for earlier, later in pairwise(in_order):
        if earlier.last is None or earlier.last >= later.first:
            raise ValueError(f"{earlier.unit} and {later.unit} both hold {later.first}")
    units: dict[str | None, dict[date, int]] = {}
    for first, amount in months.items():
        whole = month_of(first)
        stays = list(_stays(carrier.stay(whole) or whole, in_order))
        shares = [amount] if len(stays) == 1 else cut(amount, _days(stays, calendar))
        for (unit, _), part in zip(stays, shares, strict=True):
            if unit is None and not part:
                continue
            there = units.setdefault(unit, {})
            there[first] = there.get(first, 0) + part
    return units


def _days(stays: Sequence[tuple[str | None, Span]], calendar: WorkCalendar) -> list[int]:
    """Working days of each stay; calendar days where none of them has a working day."""
    days = [calendar.count(stay) for _, stay in stays]
    return days if any(days) else [stay.days for _, stay in stays]


def _stays(span: Span, in_order: Sequence[Membership]) -> Iterator[tuple[str | None, Span]]:
    """The span cut where a membership begins or ends, days in no unit among the pieces."""
    day = span.first
    for membership in in_order:
        if stay := membership.within(span):
            if stay.first > day:
                yield None, Span(day, stay.first - DAY)
            yield membership.unit, stay
            day = stay.last + DAY
    if day <= span.last:
        yield None, Span(day, span.last)


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as its sums need it.

    `own` is the unit's own target, month by month (empty: none set), `members` what each direct member's month targets
    count for here (`by_unit`), the leader's personal target among them if there is one.
    """

    name: str
    own: Months
    members: Sequence[Months] = ()
    children: Sequence[Unit] = ()


def unit_targets(unit: Unit) -> dict[date, int]:
    """Its own target in the months that have one, else Σ of its child units' targets + its direct members'."""
    summed = added([*(unit_targets(child) for child in unit.children), *unit.members])
    return {**summed, **unit.own}


def assigned(unit: Unit) -> dict[date, int]:
    """Σ of the targets of all persons in the unit and below it, whatever the units' own targets say."""
    return added([*(assigned(child) for child in unit.children), *unit.members])


def over_assignment(assigned_to_reps: int | None, target: int | None) -> Fraction | None:
    """Σ rep targets ÷ unit target − 1: 0.1 for 10 % more than the unit needs. None with nothing to compare."""
    if assigned_to_reps is None or target is None or target <= 0:
        return None
    return Fraction(assigned_to_reps, target) - 1
