"""What closed deals say: win rate, average deal, cycle and velocity (GLOSSARY: *The sums*)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from statistics import median

from handlers.numbers.shares import half_up


@dataclass(frozen=True, slots=True)
class ClosedDeal:
    """A deal won or lost. `amount` in minor units of the plan's currency; None where an export had none."""

    won: bool
    amount: int | None
    closed: date
    created: date | None = None


@dataclass(frozen=True, slots=True)
class WinRate:
    """`by_count` is the win rate, `by_value` comes second. None ("–"): none closed, or nothing closed had a value."""

    won: int
    lost: int
    won_amount: int
    lost_amount: int

    @property
    def by_count(self) -> Fraction | None:
        closed = self.won + self.lost
        return Fraction(self.won, closed) if closed else None

    @property
    def by_value(self) -> Fraction | None:
        closed = self.won_amount + self.lost_amount
        return Fraction(self.won_amount, closed) if closed else None


def win_rate(deals: Iterable[ClosedDeal]) -> WinRate:
    """Won ÷ (won + lost), of the deals handed in (those closed in the span). A deal without an amount counts as one."""
    deals = list(deals)
    won = [deal.amount or 0 for deal in deals if deal.won]
    lost = [deal.amount or 0 for deal in deals if not deal.won]
    return WinRate(len(won), len(lost), sum(won), sum(lost))


def average_deal(deals: Iterable[ClosedDeal]) -> int | None:
    """Σ won amount ÷ number won, half up; None with none won. Wins of 0 and without an amount are in the number."""
    rate = win_rate(deals)
    return half_up(Fraction(rate.won_amount, rate.won)) if rate.won else None


def cycle(deals: Iterable[ClosedDeal]) -> Fraction | None:
    """Median calendar days from created to won; the mean of the middle two of an even number.

    Wins without a day of creation are not in it. None ("–") where that leaves none.
    """
    days = [Fraction((deal.closed - deal.created).days) for deal in deals if deal.won and deal.created]
    return median(days) if days else None


def velocity(open_deals: int, rate: Fraction | None, average: int | None, days: Fraction | None) -> int | None:
    """Open deals × win rate × average deal ÷ cycle: minor units per calendar day. None ("–") where a part is missing.

    A cycle of 0 days (everything entered on the day it was won) counts as missing.
    """
    if rate is None or average is None or not days:
        return None
    return half_up(open_deals * rate * average / days)
