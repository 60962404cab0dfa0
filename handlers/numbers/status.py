"""Where somebody stands against a target: attainment, gap, pace, projection, what is needed (GLOSSARY: *The sums*)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from handlers.numbers.ramp import ALWAYS, Carrier, part_of
from handlers.numbers.shares import half_up
from handlers.numbers.spans import Span
from handlers.numbers.targets import Months, over
from handlers.numbers.working_days import WorkCalendar, completed


class Standing(StrEnum):
    """The status, by pace. As a question, *behind* includes at risk."""

    AHEAD = "ahead"
    ON_PACE = "on pace"
    BEHIND = "behind"
    AT_RISK = "at risk"

    @property
    def is_behind(self) -> bool:
        return self in (Standing.BEHIND, Standing.AT_RISK)


class Unknown(StrEnum):
    """Why a figure is not given. The value is what is said in its place."""

    NO_TARGET = "no target set"
    TARGET_0 = "target 0"
    NOT_BEGUN = "not begun"
    TOO_EARLY = "too early to say"
    NOTHING_EXPECTED = "nothing expected yet"


@dataclass(frozen=True, slots=True)
class Limits:
    """From which pace on each standing holds (settings), and when a pace is said at all.

    It is said once `early_share` of the working days, and at least `early_days`, are completed.
    """

    ahead: Fraction = Fraction(105, 100)
    on_pace: Fraction = Fraction(95, 100)
    behind: Fraction = Fraction(75, 100)
    early_share: Fraction = Fraction(1, 10)
    early_days: int = 3

    def standing(self, pace: Fraction) -> Standing:
        if pace >= self.ahead:
            return Standing.AHEAD
        if pace >= self.on_pace:
            return Standing.ON_PACE
        return Standing.BEHIND if pace >= self.behind else Standing.AT_RISK


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Status:
    """Money in minor units, shares exact. A figure that is None is explained by the field `no_…` beside it.

    `days` and `completed` are working days (D and d), for a person less their leave. `needed` is per working day that
    is left, today included; the whole gap where none is left; None once the span is over ("ended, short by …").
    """

    credited: int
    target: int | None
    attainment: Fraction | None
    no_attainment: Unknown | None
    gap: int | None
    surplus: int | None
    days: int
    completed: int
    expected: int | None
    pace: Fraction | None
    no_pace: Unknown | None
    projected: int | None
    needed: int | None
    standing: Standing | None
    ended: bool

    @property
    def days_left(self) -> int:
        """Working days that are left, today included: D − d."""
        return self.days - self.completed

    @property
    def needed_a_week(self) -> int | None:
        """What five working days have to bring; the whole gap where fewer are left. None as `needed` is."""
        if self.gap is None or self.ended:
            return None
        return half_up(Fraction(self.gap * 5, max(self.days_left, 5)))


def expected_by_now(
    months: Months,
    span: Span,
    today: date,
    calendar: WorkCalendar,
    leave: Iterable[Span] = (),
    carrier: Carrier = ALWAYS,
) -> Fraction:
    """E: the targets of the span's finished months + the current month's × own working days completed ÷ own in it.

    A month that the span cuts is taken for the part within the span, as its target is. Own working days are less leave,
    and less the days before joining and after leaving. Somebody who is away for all of the current month is expected
    what the calendar says, so that E does not leap when that month ends.
    """
    leave = tuple(leave)
    total = Fraction(0)
    for piece, month in span.by_month():
        amount = months.get(month.first, 0)
        if not amount or today <= piece.first:
            continue
        share = Fraction(1) if piece == month else part_of(month, piece, calendar, carrier)
        if today <= piece.last:
            away = (*leave, *carrier.outside(piece))
            if not calendar.count(piece, away):
                away = ()
            own = calendar.count(piece, away)
            share *= Fraction(completed(piece, today, calendar, away), own) if own else 0
        total += amount * share
    return total


def status(
    credited: int,
    months: Months,
    span: Span,
    today: date,
    calendar: WorkCalendar,
    leave: Iterable[Span] = (),
    limits: Limits = LIMITS,
    carrier: Carrier = ALWAYS,
) -> Status:
    """Every sum about one target. `credited` is B, in minor units; `today` is the person's, for a unit the company's.

    `leave` and `carrier` (when they joined and left) are a person's, and no unit's. Days on which a person does not
    carry are in neither D nor d.
    A span that is over has a pace whatever its length: nothing about it is early any more.
    """
    leave = tuple(leave)
    away = (*leave, *carrier.outside(span))
    target = over(months, span, calendar, carrier)
    ended = today > span.last
    days, done = calendar.count(span, away), completed(span, today, calendar, away)
    by_now = expected_by_now(months, span, today, calendar, leave, carrier)
    gap = None if target is None else max(target - credited, 0)
    no_attainment = Unknown.NO_TARGET if target is None else Unknown.TARGET_0 if target <= 0 else None
    no_pace = no_attainment
    if no_pace is None and today < span.first:
        no_pace = Unknown.NOT_BEGUN
    elif no_pace is None and not ended:
        if done < limits.early_days or done < limits.early_share * days:
            no_pace = Unknown.TOO_EARLY
        elif by_now <= 0:
            no_pace = Unknown.NOTHING_EXPECTED
    # A rounded target of a span that is over is its E: 100 % of it is a pace of exactly 1.
    pace = None if no_pace else Fraction(credited, target or 1) if ended else credited / by_now
    return Status(
        credited=credited,
        target=target,
        attainment=None if no_attainment or target is None else Fraction(credited, target),
        no_attainment=no_attainment,
        gap=gap,
        surplus=None if target is None else max(credited - target, 0),
        days=days,
        completed=done,
        expected=None if target is None else half_up(by_now),
        pace=pace,
        no_pace=no_pace,
        projected=None if pace is None or target is None else half_up(target * pace),
        needed=None if gap is None or ended else half_up(Fraction(gap, max(days - done, 1))),
        standing=None if pace is None else limits.standing(pace),
        ended=ended,
    )
