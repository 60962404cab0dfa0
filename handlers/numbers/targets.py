"""Targets over any span. The month targets are the base, every other target is a sum of them (GLOSSARY)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from handlers.numbers.ramp import ALWAYS, Carrier, part_of
from handlers.numbers.shares import half_up, rounded, rounded_by_group
from handlers.numbers.spans import Span, months_between, shifted
from handlers.numbers.working_days import WorkCalendar

#: Month targets in minor units by the first day of their month. A month that is missing has no target, unlike one of 0.
Months = Mapping[date, int]

EVEN = (Fraction(1, 12),) * 12
WEEKDAYS = WorkCalendar()
_NOTHING = Fraction(0)


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A dated change to a target: so much more or less, in minor units, from the month of `effective` on.

    It ends with the fiscal year, or with the month of `until`: relief for a long absence is one of these.
    """

    amount: int
    effective: date
    until: date | None = None


class WeightsError(ValueError):
    """Weights that are not the whole year: twelve for months or four for quarters, none negative, adding up to 1."""


def month_weights(weights: Sequence[Fraction]) -> tuple[Fraction, ...]:
    """Twelve weights from twelve, or from four: a quarter's spreads evenly over its months. WeightsError otherwise."""
    if len(weights) not in (4, 12):
        raise WeightsError(f"a year has 12 months or 4 quarters, these are {len(weights)} weights")
    if any(weight < 0 for weight in weights):
        raise WeightsError("a weight cannot be negative")
    if (whole := sum(weights, Fraction(0))) != 1:
        raise WeightsError(f"the weights add up to {in_percent(whole)}, not to 100 %")
    if len(weights) == 12:
        return tuple(Fraction(weight) for weight in weights)
    return tuple(Fraction(weight) / 3 for weight in weights for _ in range(3))


def in_percent(share: Fraction) -> str:
    """`99.96 %`: up to six digits after the point, and none that say nothing."""
    return f"{Decimal(share.numerator) * 100 / share.denominator:.6f}".rstrip("0").rstrip(".") + " %"


def month_targets(
    amount: int,
    year: Span,
    weights: Sequence[Fraction] = EVEN,
    carrier: Carrier = ALWAYS,
    adjustments: Iterable[Adjustment] = (),
    calendar: WorkCalendar = WEEKDAYS,
) -> dict[date, int]:
    """The twelve month targets of a fiscal year: year × weight × ramp × proration, plus adjustments.

    `weights` are the fiscal year's months in order. The exact months are made whole together, by largest remainder,
    the quarters first and each quarter's months then: they add up to `amount` where nobody ramps, joins or leaves, else
    to the rounded sum of what is carried, and $400,000 is $100,000 in each quarter.
    An adjustment is spread over the months from its effective one in proportion to weight × proration (so nothing falls
    on months in which nobody carries it), not lowered by a ramp, in the same way: the year changes by exactly its
    amount. Where none of its months has a weight all of it falls on its effective month.
    A month before they joined or after they left is 0. ValueError for an adjustment outside of the year.
    """
    firsts = [shifted(year.first, n) for n in range(12)]
    carried = list(weights)
    if carrier.joined or carrier.left:
        carried = [weight * carrier.proration(first, calendar) for weight, first in zip(weights, firsts, strict=True)]
    months = _whole([amount * share * carrier.ramp_share(first) for share, first in zip(carried, firsts, strict=True)])
    for change in adjustments:
        start = months_between(year.first, change.effective)
        end = months_between(year.first, change.until) if change.until else 11
        if not 0 <= start <= end <= 11:
            raise ValueError(
                f"an adjustment from {change.effective} does not lie in the year {year.first} – {year.last}"
            )
        shares = list(carried[start : end + 1])
        if not any(shares):
            shares[0] = Fraction(1)
        size, whole = abs(change.amount), sum(shares, Fraction(0))
        # What is taken back is what was given.
        sign = 1 if change.amount >= 0 else -1
        for at, part in enumerate(_whole([size * share / whole for share in shares], start), start):
            months[at] += sign * part
    return dict(zip(firsts, months, strict=True))


def even_months(amount: int) -> list[int]:
    """A year's amount spread evenly."""
    return _whole([amount * share for share in EVEN])


def _whole(months: Sequence[Fraction], first: int = 0) -> list[int]:
    """Months of one fiscal year made whole, the first of them being its month `first` (from 0)."""
    return rounded_by_group(months, [at // 3 for at in range(first, first + len(months))])


def exact(months: Months, span: Span, calendar: WorkCalendar = WEEKDAYS, carrier: Carrier = ALWAYS) -> Fraction | None:
    """The target of a span before it is rounded; None where none of its months has a target.

    A span that cuts a month takes month target × its working days in that month ÷ the month's working days. In the
    month in which a person joins or leaves these are the days on which they carry (`carrier`): a prorated target lies
    on no others. Exact targets of adjoining spans add up.
    """
    whole_months, cut_months, found = _parted(months, span, calendar, carrier)
    return whole_months + cut_months if found else None


def _parted(months: Months, span: Span, calendar: WorkCalendar, carrier: Carrier) -> tuple[int, Fraction, bool]:
    """The whole months of a span, the months that it cuts, and whether any of them has a target."""
    whole_months, cut_months, found = 0, _NOTHING, False
    for piece, month in span.by_month():
        amount = months.get(month.first)
        if amount is None:
            continue
        found = True
        if piece == month:
            whole_months += amount
        else:
            cut_months += amount * part_of(month, piece, calendar, carrier)
    return whole_months, cut_months, found


def over(months: Months, span: Span, calendar: WorkCalendar = WEEKDAYS, carrier: Carrier = ALWAYS) -> int | None:
    """The target of any span in minor units, rounded once, half up; None where there is none."""
    whole_months, cut_months, found = _parted(months, span, calendar, carrier)
    if not found:
        return None
    return half_up(whole_months + cut_months) if cut_months else whole_months


def parts(
    months: Months, spans: Sequence[Span], calendar: WorkCalendar = WEEKDAYS, carrier: Carrier = ALWAYS
) -> list[int]:
    """The targets of spans that are shown side by side (the weeks of a month), by largest remainder: they add up to
    the target of all of them together. None of a target counts as 0."""
    return rounded([exact(months, span, calendar, carrier) or Fraction(0) for span in spans])


def without_target(months: Months, span: Span) -> list[date]:
    """First days of the span's months that have no target: said when others of them have one."""
    return [month.first for _, month in span.by_month() if month.first not in months]


def added(several: Iterable[Months]) -> dict[date, int]:
    """Month by month, the sum of several targets."""
    total: dict[date, int] = {}
    for months in several:
        for first, amount in months.items():
            total[first] = total.get(first, 0) + amount
    return total


@dataclass(frozen=True, slots=True)
class ToDate:
    """A target to date, today included, and the whole span's beside it (YTD). None: no target set."""

    to_date: int | None
    full: int | None


def to_date(
    months: Months, span: Span, today: date, calendar: WorkCalendar = WEEKDAYS, carrier: Carrier = ALWAYS
) -> ToDate:
    """Both halves of "YTD" and of every unfinished span; before the span begins its target to date is 0."""
    full = over(months, span, calendar, carrier)
    if today < span.first:
        return ToDate(None if full is None else 0, full)
    return ToDate(over(months, Span(span.first, min(today, span.last)), calendar, carrier), full)
