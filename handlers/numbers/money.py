"""Money: integer minor units at rest, Decimal in sums, one way to write it."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from babel.core import Locale, UnknownLocaleError
from babel.numbers import format_currency, get_currency_precision

ENGLISH = "en_US"


@lru_cache(maxsize=256)
def precision(currency: str) -> int:
    """Digits after the point in that ISO 4217 currency: 2 for USD, 0 for JPY."""
    return get_currency_precision(currency)


def to_minor(amount: Decimal, currency: str) -> int:
    """An amount in units as minor units, rounded half up."""
    return int((amount * 10 ** precision(currency)).to_integral_value(ROUND_HALF_UP))


def from_minor(minor: int, currency: str) -> Decimal:
    """Minor units as an amount in units."""
    return Decimal(minor).scaleb(-precision(currency))


def short(minor: int, currency: str) -> str:
    """For a narrow table: `$950`, `$4.5k`, `$262k`, `$1.25M`, rounded half up."""
    units = from_minor(minor, currency)
    size = abs(units)
    if size >= 999_500:
        scaled, sign = (units / 1_000_000).quantize(Decimal("0.01"), ROUND_HALF_UP), "M"
    elif size >= 1000:
        places = Decimal("0.1") if size < 9950 else Decimal(1)
        scaled, sign = (units / 1000).quantize(places, ROUND_HALF_UP), "k"
    else:
        return written(to_minor(units.to_integral_value(ROUND_HALF_UP), currency), currency)
    return format_currency(scaled, currency, locale=ENGLISH, format="¤#,##0.##", currency_digits=False) + sign


@lru_cache(maxsize=4096)
def written(minor: int, currency: str, locale: str = ENGLISH) -> str:
    """As people read it: `$50,000`, with cents only where there are any."""
    amount = from_minor(minor, currency)
    whole = amount == amount.to_integral_value()
    try:
        Locale.parse(locale)
    except (UnknownLocaleError, ValueError):
        locale = ENGLISH
    return format_currency(
        amount, currency, locale=locale, format="¤#,##0" if whole else None, currency_digits=not whole
    )
