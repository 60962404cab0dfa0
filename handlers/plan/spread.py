"""How a year's target falls on its months: evenly, by four quarters, or by twelve months."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from handlers.numbers.targets import WeightsError, even_months, month_weights

_DIGITS = Decimal(1).scaleb(-24)
Weights = tuple[Decimal, ...] | None


def read(text: str, amount: int, read_month: Callable[[str], int | str]) -> Weights | str:
    """Twelve weights, None for even ones, or what is wrong. `read_month` reads one of twelve amounts."""
    words = text.strip().lower()
    if words in ("", "even", "evenly"):
        return None
    pieces = [piece for piece in re.split(r"[;\s/%]+|,(?!\d{3}\b)", words) if piece]
    if len(pieces) not in (4, 12):
        return f"That is {len(pieces)} figures. Write “even”, four percentages like 20 25 25 30, or twelve months."
    shares = _percentages(pieces)
    if shares is not None and sum(shares) == 100:
        try:
            whole = month_weights([Fraction(one) / 100 for one in shares])
        except WeightsError as error:
            return f"{str(error)[:1].upper()}{str(error)[1:]}."
        return exact(whole)
    if len(pieces) == 4:
        given = f"{sum(shares):g}" if shares is not None else "something else"
        return f"Four percentages must add up to 100; these add up to {given}."
    months = [read_month(piece) for piece in pieces]
    wrong = next((one for one in months if isinstance(one, str)), None)
    if wrong is not None:
        return wrong
    amounts = [one for one in months if isinstance(one, int)]
    if sum(amounts) != amount:
        return "The twelve months do not add up to the year's amount. Change one of them, or write percentages."
    return by_amounts(amounts)


def exact(weights: Sequence[Fraction]) -> Weights:
    """The weights as they are kept: exactly 1 together. None where they are even."""
    if len(set(weights)) == 1:
        return None
    shares = [(Decimal(one.numerator) / Decimal(one.denominator)).quantize(_DIGITS) for one in weights]
    largest = max(range(12), key=lambda at: shares[at])
    shares[largest] += 1 - sum(shares)
    return tuple(shares)


def by_amounts(months: Sequence[int]) -> Weights:
    """The weights that give these months to the cent."""
    total = sum(months)
    if not total or list(months) == even_months(total):
        return None
    return exact([Fraction(month, total) for month in months])


def in_words(weights: Weights) -> str:
    """As the form has it: `even`, four quarters where that is all, else twelve percentages."""
    if weights is None:
        return "even"
    quarters = [sum(weights[at : at + 3], Decimal(0)) for at in (0, 3, 6, 9)]
    near = all(abs(weights[at] - quarters[at // 3] / 3) < Decimal("1e-12") for at in range(12))
    parts = quarters if near else list(weights)
    return " ".join(f"{part * 100:.6f}".rstrip("0").rstrip(".") for part in parts)


def _percentages(pieces: Sequence[str]) -> list[Decimal] | None:
    try:
        return [Decimal(piece.replace(",", ".")) for piece in pieces]
    except InvalidOperation:
        return None
