"""What open deals may still bring: the weighted forecast, coverage, and what the rep calls (GLOSSARY: *The sums*)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

import msgspec

from handlers.numbers.shares import half_up
from handlers.numbers.spans import Span


class Call(StrEnum):
    """What a rep calls an open deal; each includes the ones above it."""

    COMMIT = "commit"
    BEST_CASE = "best case"
    OPEN = "open"


class OpenDeal(msgspec.Struct, frozen=True):
    """An open deal as one person or unit sees it.

    `amount` in minor units of the plan's currency, None where there is none or it could not be converted; then
    `no_rate` is the currency without a rate. `share` is their part of the credit, for a unit Σ of its members'.
    """

    name: str
    amount: int | None
    closes: date | None
    probability: Fraction = Fraction(0)
    share: Fraction = Fraction(1)
    call: Call = Call.OPEN
    no_rate: str = ""

    @property
    def credit(self) -> Fraction:
        """Their part of the amount, exact."""
        return self.share * (self.amount or 0)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A deal that no forecast counts, with every reason in words."""

    deal: OpenDeal
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Closing:
    """The open deals that close in a span, and those that cannot be placed or valued."""

    deals: tuple[OpenDeal, ...]
    left_out: tuple[LeftOut, ...]


def closing(deals: Iterable[OpenDeal], span: Span, today: date) -> Closing:
    """Which deals a forecast of the span counts. Left out and named: no date, no amount (or rate), overdue.

    Overdue is a close date before today on a deal that is still open: it will not close on that day, so no figure here
    counts it. In a span that is not over yet deals overdue from before it are named too: they may still close in it.
    A deal that closes outside of the span is not named for lacking an amount.
    """
    counted: list[OpenDeal] = []
    left_out: list[LeftOut] = []
    first, last = span.first, span.last
    for deal in deals:
        closes = deal.closes
        overdue = closes is not None and closes < today
        if closes is not None and not overdue and first <= closes <= last and deal.amount is not None:
            counted.append(deal)
            continue
        may_move_in = last >= today and (closes is None or overdue)
        if not may_move_in and (closes is None or not first <= closes <= last):
            continue
        reasons = [
            *(["no close date"] if closes is None else []),
            *(["overdue"] if overdue else []),
            *([f"no rate for {deal.no_rate}" if deal.no_rate else "no amount"] if deal.amount is None else []),
        ]
        left_out.append(LeftOut(deal, tuple(reasons)))
    return Closing(tuple(counted), tuple(left_out))


@dataclass(frozen=True, slots=True)
class Weighted:
    """`total` = credited + `open`; both in minor units, the open part rounded once, half up."""

    total: int
    open: int
    left_out: tuple[LeftOut, ...]


def weighted(credited: int, deals: Iterable[OpenDeal], span: Span, today: date) -> Weighted:
    """B + Σ credit share × amount × stage probability over the open deals that close in the span."""
    return weighted_of(credited, closing(deals, span, today))


def weighted_of(credited: int, found: Closing) -> Weighted:
    """`weighted` of deals that `closing` gave."""
    by_denominator: dict[int, int] = {}
    for deal in found.deals:
        share, likely = deal.share, deal.probability
        of = share.denominator * likely.denominator
        by_denominator[of] = by_denominator.get(of, 0) + (deal.amount or 0) * share.numerator * likely.numerator
    part = half_up(_sum(by_denominator))
    return Weighted(credited + part, part, found.left_out)


def _sum(by_denominator: Mapping[int, int]) -> Fraction:
    """Exact, of numerators added up by what they are of: few of these differ, and whole numbers add up ten times as
    fast."""
    return sum((Fraction(one, of) for of, one in by_denominator.items()), Fraction(0))


@dataclass(frozen=True, slots=True)
class Coverage:
    """Open pipeline ÷ gap. `ratio` None: no gap ("target met") if `met`, else no target. The divisor is the gap."""

    pipeline: int
    gap: int | None
    ratio: Fraction | None
    met: bool
    left_out: tuple[LeftOut, ...]


def coverage(gap: int | None, deals: Iterable[OpenDeal], span: Span, today: date) -> Coverage:
    """How often the open pipeline that closes in the span would fill the gap, by credit share, unweighted by stage.

    The same deals count as in the weighted forecast, and the same are named as left out.
    """
    return coverage_of(gap, closing(deals, span, today))


def coverage_of(gap: int | None, found: Closing) -> Coverage:
    """`coverage` of deals that `closing` gave."""
    by_denominator: dict[int, int] = {}
    for deal in found.deals:
        of = deal.share.denominator
        by_denominator[of] = by_denominator.get(of, 0) + (deal.amount or 0) * deal.share.numerator
    pipeline = half_up(_sum(by_denominator))
    return Coverage(pipeline, gap, Fraction(pipeline, gap) if gap else None, gap == 0, found.left_out)


@dataclass(frozen=True, slots=True)
class Called:
    """Closed ⊂ commit ⊂ best case ⊂ all open, each with the ones before it in it. Minor units."""

    closed: int
    commit: int
    best_case: int
    all_open: int
    left_out: tuple[LeftOut, ...]


def called(credited: int, deals: Iterable[OpenDeal], span: Span, today: date) -> Called:
    """What the rep calls, whatever the stages say: whole amounts by credit share."""
    found = closing(deals, span, today)
    sums = {call: Fraction(credited) for call in Call}
    for deal in found.deals:
        for call in list(Call)[list(Call).index(deal.call) :]:
            sums[call] += deal.credit
    commit, best, everything = (half_up(sums[call]) for call in Call)
    return Called(credited, commit, best, everything, found.left_out)
