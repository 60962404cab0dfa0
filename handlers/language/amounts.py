"""Money in a text: `$50k`, `€12,500`, `1.2m`, `75,000 USD`, `35 grand`, `₹12 lakh`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final

_SYMBOLS: Final = {
    "€": "EUR",
    "£": "GBP",
    "¥": "JPY",
    "₹": "INR",
    "₩": "KRW",
    "₪": "ILS",
    "₺": "TRY",
    "₽": "RUB",
    "₴": "UAH",
    "₫": "VND",
    "₦": "NGN",
    "฿": "THB",
    "₱": "PHP",
    "us$": "USD",
    "ca$": "CAD",
    "c$": "CAD",
    "au$": "AUD",
    "a$": "AUD",
    "nz$": "NZD",
    "hk$": "HKD",
    "s$": "SGD",
    "r$": "BRL",
    "mx$": "MXN",
    "rs": "INR",
    "rs.": "INR",
}
_CODES: Final = frozenset(
    {
        *(
            "usd",
            "eur",
            "gbp",
            "jpy",
            "inr",
            "chf",
            "cad",
            "aud",
            "nzd",
            "sgd",
            "hkd",
            "cny",
            "rmb",
            "sek",
            "nok",
            "dkk",
        ),
        *(
            "pln",
            "czk",
            "huf",
            "ron",
            "try",
            "zar",
            "brl",
            "mxn",
            "aed",
            "sar",
            "ils",
            "krw",
            "thb",
            "php",
            "myr",
            "idr",
        ),
        *(
            "twd",
            "vnd",
            "ngn",
            "kes",
            "egp",
            "clp",
            "cop",
            "ars",
            "pen",
            "uah",
            "bgn",
            "isk",
            "qar",
            "kwd",
            "pkr",
            "lkr",
        ),
    }
)
_WORDS: Final = {
    "dollars": "$",
    "dollar": "$",
    "bucks": "$",
    "euros": "EUR",
    "euro": "EUR",
    "pounds": "GBP",
    "pound": "GBP",
    "quid": "GBP",
    "sterling": "GBP",
    "rupees": "INR",
    "rupee": "INR",
    "yen": "JPY",
    "francs": "CHF",
    "renminbi": "CNY",
    "yuan": "CNY",
}
_DOLLARS: Final = frozenset({"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD", "BSD", "BBD", "BZD", "FJD", "JMD", "TTD"})
_FACTORS: Final = {
    "k": 10**3,
    "tsd": 10**3,
    "thousand": 10**3,
    "grand": 10**3,
    "g": 10**3,
    "m": 10**6,
    "mm": 10**6,
    "mn": 10**6,
    "mil": 10**6,
    "mill": 10**6,
    "mio": 10**6,
    "million": 10**6,
    "bn": 10**9,
    "b": 10**9,
    "billion": 10**9,
    "l": 10**5,
    "lac": 10**5,
    "lacs": 10**5,
    "lakh": 10**5,
    "lakhs": 10**5,
    "cr": 10**7,
    "crore": 10**7,
    "crores": 10**7,
}
_NEED_A_SIGN: Final = frozenset({"g", "b", "l", "mn", "mm", "mil", "mill", "tsd"})
"""Letters that are a factor only beside a currency: `5l` and `3g` are something else."""


def _any_of(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_THOUSANDS = r"\d{1,3}(?:[,.'’\u00a0\u202f ]\d{3})+(?:[.,]\d{1,2})?(?!\d)"
_INDIAN = r"\d{1,3}(?:,\d{2})+,\d{3}(?!\d)"
_NUMBER = rf"{_THOUSANDS}|{_INDIAN}|\d{{1,12}}(?:[.,]\d{{1,3}})?(?!\d)"
_SIGN = rf"\$|{_any_of(_SYMBOLS)}|(?:{_any_of(sorted(_CODES))})(?![^\W\d_])"
_FACTOR = rf"(?:\s?(?:{_any_of(_FACTORS)}))(?![^\W_])"
_MARK_AFTER = rf"\s?(?:\$|{_any_of(key for key in _SYMBOLS if not key.isascii())})"
_AFTER = rf"{_MARK_AFTER}|\s?(?:{_any_of(sorted([*_CODES, *_WORDS]))})(?![^\W_])"
_AMOUNT = re.compile(
    rf"(?P<sign>{_SIGN})?\s?(?P<number>{_NUMBER})(?P<factor>{_FACTOR})?\+?(?P<after>{_AFTER})?(?![^\W_]|[-:/]\d|%|\s%)",
    re.I,
)
_DIGITS = re.compile(r"\d+")

SIGNS: Final = frozenset({"$", *(key for key in _SYMBOLS if len(key) == 1)})
"""Characters that an amount may begin with."""
LETTERED_SIGNS: Final = frozenset({*_CODES, "rs", "us", "ca", "c", "au", "a", "nz", "hk", "s", "r", "mx"})
"""Folded words that an amount may begin with."""


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount in units; `currency` is None where none was said."""

    value: Decimal
    currency: str | None
    stop: int
    """The offset where it ends."""
    grouped: bool
    """Written with a sign, a factor or grouped thousands: money beyond doubt, where `20` may be seats."""
    lone_m: bool
    """Its only sign of being money is a small `m`, which may as well be minutes or metres."""


def amount_at(text: str, start: int, dollar: str = "USD") -> Amount | None:
    """The amount written at this offset. `dollar` is what a bare `$` means. A plain number is one, not `grouped`."""
    match = _AMOUNT.match(text, start)
    if match is None:
        return None
    sign, written, factor, after = match["sign"], match["number"], match["factor"], match["after"]
    factor = factor.strip() if factor else ""
    marked = bool(sign or after)
    if factor and factor.lower() in _NEED_A_SIGN and not marked:
        return None
    value = _value(written)
    if value is None:
        return None
    value *= _FACTORS.get(factor.lower(), 1)
    if value == value.to_integral_value():
        value = value.to_integral_value()
    if value <= 0 or value >= 10**13:
        return None
    return Amount(
        value,
        _currency(sign, dollar) or _currency(after, dollar),
        match.end(),
        grouped=marked or bool(factor) or (value >= 1000 and len(_DIGITS.findall(written)) > 1),
        lone_m=not marked and factor == "m" and written.isdigit(),
    )


def read_amount(text: str, currency: str = "USD") -> tuple[Decimal, str | None] | None:
    """A form field's text as an amount in units and its currency, None where none was said; None if it is no amount.

    `currency` is the company's: what `$` means if it is a dollar.
    """
    text = text.strip()
    found = amount_at(text, 0, dollar_of(currency)) if text else None
    return (found.value, found.currency) if found and found.stop == len(text) else None


@lru_cache(maxsize=64)
def dollar_of(currency: str) -> str:
    """What `$` means in a company whose plan is in that currency."""
    return currency if currency in _DOLLARS else "USD"


def _currency(sign: str | None, dollar: str) -> str | None:
    if not sign:
        return None
    key = sign.strip().lower()
    if key == "$" or _WORDS.get(key) == "$":
        return dollar
    if key == "rmb":
        return "CNY"
    return _SYMBOLS.get(key) or _WORDS.get(key) or key.upper()


def _value(written: str) -> Decimal | None:
    """`12,500`, `12.500`, `1'200.50`, `2,5`: the last separator is the point unless three digits follow it."""
    digits = re.split(r"\D", written)
    if len(digits) == 1:
        return Decimal(written)
    last = digits[-1]
    whole = "".join(digits[:-1])
    if len(last) == 3 and not (len(digits) == 2 and (digits[0] == "0" or len(digits[0]) > 3)):
        return Decimal(whole + last)
    if len(digits) > 2 and any(len(group) not in (2, 3) for group in digits[1:-1]):
        return None
    return Decimal(f"{whole}.{last}")
