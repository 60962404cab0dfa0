"""Whose a won deal is: conversion, splits, overlay, reversal (GLOSSARY: *Deals*, *Currencies*)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from handlers.numbers.money import precision
from handlers.numbers.periods import FiscalCalendar
from handlers.numbers.shares import cut, half_up
from handlers.numbers.spans import DAY, Span
from handlers.numbers.targets import in_percent


class MissingRateError(ValueError):
    """The plan has no rate for a currency in a fiscal year. It is named, the deal is never skipped."""

    def __init__(self, currency: str, to: str, year: int) -> None:
        super().__init__(f"the plan of {year} has no rate from {currency} to {to}")
        self.currency = currency
        self.year = year


class SplitError(ValueError):
    """Revenue credits that are not exactly 100 % of their deal."""


@dataclass(frozen=True, slots=True)
class Rates:
    """The plan's rates: units of `currency`, the plan's, for one unit of another, by fiscal year and ISO code."""

    currency: str
    by_year: Mapping[int, Mapping[str, Decimal]]

    def converted(self, minor: int, currency: str, year: int) -> int:
        """An amount in the plan's minor units, at that fiscal year's rate, rounded half up once.

        Each currency has its own minor unit (JPY none, KWD a thousandth). MissingRateError names a missing rate.
        """
        if currency == self.currency:
            return minor
        rate = self.by_year.get(year, {}).get(currency)
        if rate is None or rate <= 0:
            raise MissingRateError(currency, self.currency, year)
        digits = precision(self.currency) - precision(currency)
        return half_up(minor * Fraction(rate) * Fraction(10) ** digits)


@dataclass(frozen=True, slots=True)
class Share:
    """A person's part of a deal: 1 for all of it."""

    person: str
    part: Fraction


@dataclass(frozen=True, slots=True)
class Credit:
    """What counts for a person, in the plan's minor units.

    `day` is the day it counts on; `won` is the deal's win date, which says whose member the person was. They differ
    only for a reversal in a closed period. An overlay credit counts only where there is an overlay target.
    """

    person: str
    amount: int
    day: date
    won: date
    overlay: bool = False


def credits_of(amount: int, won: date, shares: Sequence[Share], overlay: Sequence[Share] = ()) -> list[Credit]:
    """The credits of a deal won for `amount`, which is in the plan's currency already.

    They are cut by largest remainder, ties to the first. Revenue shares add up to exactly 100 %, else SplitError says
    what they add up to. Overlay shares are extra, each rounded half up on its own. No share may be 0 % or less.
    """
    if any(share.part <= 0 for share in (*shares, *overlay)):
        raise SplitError("a share of a deal is more than 0 %")
    whole = sum((share.part for share in shares), Fraction(0))
    if whole != 1:
        raise SplitError(f"the shares add up to {in_percent(whole)}, not to 100 %")
    parts = cut(amount, [share.part for share in shares])
    return [
        *(Credit(share.person, part, won, won) for share, part in zip(shares, parts, strict=True)),
        *(Credit(share.person, half_up(amount * share.part), won, won, overlay=True) for share in overlay),
    ]


def won_credits(
    minor: int,
    currency: str,
    won: date,
    shares: Sequence[Share],
    rates: Rates,
    fiscal: FiscalCalendar,
    overlay: Sequence[Share] = (),
) -> list[Credit]:
    """Converted once, at the rate for the fiscal year of the win date, then split: the parts are the deal again."""
    return credits_of(rates.converted(minor, currency, fiscal.year_of(won)), won, shares, overlay)


def reversal(credited: Iterable[Credit], day: date, closed_through: date | None = None) -> list[Credit]:
    """What to add when a won deal is undone on `day`: nothing in an open period, where its credits are voided instead.

    Once the period of the win is closed (`closed_through` is the last closed day) it is a negative credit for each,
    on the reversal's own day. That day too can lie in what is closed (entered late): then it is the first open day.
    Overlay credits are undone alike.
    """
    if closed_through is None:
        return []
    on = max(day, closed_through + DAY)
    return [replace(credit, amount=-credit.amount, day=on) for credit in credited if credit.day <= closed_through]


def is_voided(credit: Credit, closed_through: date | None = None) -> bool:
    """Whether a reversal voids this credit, rather than adding a negative one beside it."""
    return closed_through is None or credit.day > closed_through


def credited(credited_to: Iterable[Credit], span: Span, overlay: bool = False) -> int:
    """B of the credits handed in, one person's: what counts in the span. `overlay`: they have an overlay target."""
    return sum(credit.amount for credit in credited_to if credit.day in span and (overlay or not credit.overlay))


def unit_credit(
    all_credits: Iterable[Credit], is_member: Callable[[str, date], bool], span: Span, overlay: bool = False
) -> int:
    """B of a unit: revenue credit of those who were members of it, or of a unit below it, on the win date.

    Each credit is looked at once, so a deal's share counts once however many units between hold its person. A reversal
    counts against the unit that had the win, on the reversal's day, wherever the person is by then.
    """
    theirs = (credit for credit in all_credits if is_member(credit.person, credit.won))
    return credited(theirs, span, overlay)
