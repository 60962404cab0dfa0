"""What open deals may still bring: the weighted forecast, coverage, and what the rep calls (GLOSSARY: *The sums*)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from handlers.numbers.shares import half_up
from handlers.numbers.spans import Span


class Call(StrEnum):
    """What a rep calls an open deal; each includes the ones above it."""

    COMMIT = "commit"
    BEST_CASE = "best case"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class OpenDeal:
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
    for deal in deals:
        overdue = deal.closes is not None and deal.closes < today
        may_move_in = span.last >= today and (deal.closes is None or overdue)
        if not may_move_in and (deal.closes is None or deal.closes not in span):
            continue
        reasons = [
            *(["no close date"] if deal.closes is None else []),
            *(["overdue"] if overdue else []),
            *([f"no rate for {deal.no_rate}" if deal.no_rate else "no amount"] if deal.amount is None else []),
        ]
        if reasons:
            left_out.append(LeftOut(deal, tuple(reasons)))
        else:
            counted.append(deal)
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
    part = half_up(
        _sum(
            (
                (deal.amount or 0) * deal.share.numerator * deal.probability.numerator,
                deal.share.denominator * deal.probability.denominator,
            )
            for deal in found.deals
        )
    )
    return Weighted(credited + part, part, found.left_out)


def _sum(parts: Iterable[tuple[int, int]]) -> Fraction:
    """Exact, of numerators and denominators: few of these differ, and whole numbers add up ten times as fast."""
    by_denominator: dict[int, int] = {}
    for numerator, denominator in parts:
        by_denominator[denominator] = by_denominator.get(denominator, 0) + numerator
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
    pipeline = half_up(
        _sum(((deal.amount or 0) * deal.share.numerator, deal.share.denominator) for deal in found.deals)
    )
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
