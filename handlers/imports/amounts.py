"""A column of amounts: which sign is its decimal point is found in the column as a whole.

`1.234,50` and `12.5` say it themselves; `1.234` alone does not. It is read as its column's other cells tell; where none
tells, three digits behind a sign are thousands, and a note says so. Where the column holds both ways to write, cells
that are open are errors.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import Final, Literal

import msgspec
from babel import Locale
from babel.numbers import get_currency_name, list_currencies

from handlers.imports.sheet import Exact
from handlers.language.amounts import read_amount
from handlers.language.fold import words_of

Point = Literal[".", ","]
BLANK: Final = frozenset(
    {
        "",
        "-",
        "--",
        "–",
        "—",
        "n/a",
        "na",
        "#n/a",
        "null",
        "none",
        "nan",
        "nat",
        "tbd",
        "tbc",
        "?",
        "(blank)",
        "unknown",
    }
)
"""What stands in a cell that says nothing, folded."""

_SPACES: Final = dict.fromkeys(map(ord, "\u00a0\u202f\u2009\t"), " ")
_MINUS: Final = dict.fromkeys(map(ord, "−–—"), "-")
_APOSTROPHE: Final = dict.fromkeys(map(ord, "’`´"), "'")
_SIGNS: Final = {**_SPACES, **_MINUS, **_APOSTROPHE}
_WHOLE: Final = re.compile(
    r"(?P<before>[^\d.,+\-()]*)(?P<sign>[+-]?)\s*(?P<inner>[^\d.,+\-()]*)"
    r"(?P<number>\d[\d.,' ]*|[.,]\d+)(?P<after>[^\d()]*)"
)
_PLAIN: Final = re.compile(r"-?\d{1,13}(?:\.\d{1,2}|\.\d{4,12})?")
_GROUPED: Final = re.compile(r"\d{1,3}(?:([.,' ])\d{3})(?:\1\d{3})*|\d{1,2}(?:,\d{2})+,\d{3}")
_FACTORS: Final = {
    "k": 1000,
    "tsd": 1000,
    "thousand": 1000,
    "m": 10**6,
    "mm": 10**6,
    "mn": 10**6,
    "mio": 10**6,
    "mil": 10**6,
    "million": 10**6,
    "bn": 10**9,
    "b": 10**9,
    "billion": 10**9,
}
SHARED: Final = {
    "$": frozenset(
        {
            "USD",
            "CAD",
            "AUD",
            "NZD",
            "SGD",
            "HKD",
            "TWD",
            "MXN",
            "CLP",
            "COP",
            "ARS",
            "BSD",
            "BBD",
            "BZD",
            "FJD",
            "JMD",
            "TTD",
        }
    ),
    "kr": frozenset({"SEK", "NOK", "DKK", "ISK"}),
}
"""Signs that several currencies share."""
_NAMED: Final = {
    "zł": "PLN",
    "zl": "PLN",
    "kč": "CZK",
    "ft": "HUF",
    "lei": "RON",
    "лв": "BGN",
    "r": "ZAR",
    "fr": "CHF",
    "rm": "MYR",
}
_LANGUAGES: Final = ("en", "de", "fr", "es", "it", "nl", "pt")
_MORE_NAMES: Final = {
    "poundsterling": "GBP",
    "poundssterling": "GBP",
    "sterling": "GBP",
    "ukpound": "GBP",
    "ukpoundsterling": "GBP",
    "unitedstatesdollar": "USD",
    "unitedstatesdollars": "USD",
    "americandollar": "USD",
    "dollaramericain": "USD",
    "amerikanischerdollar": "USD",
    "dolaramericano": "USD",
    "yen": "JPY",
    "yuan": "CNY",
    "renminbi": "CNY",
    "franken": "CHF",
}
"""Names that CRMs and people use beside those of the Unicode tables."""
_IN_BRACKETS: Final = re.compile(r"[(\[][^)\]]*[)\]]")
_SCIENTIFIC: Final = re.compile(r"-?\d(?:[.,]\d{1,14})?[eE]\+?\d{1,2}")
_MOST: Final = Decimal(10) ** 13


class Sum(msgspec.Struct, frozen=True):
    """An amount as a cell says it; `currency` is empty where it says none, `shared` is a sign of several (`$`)."""

    value: Decimal
    currency: str = ""
    shared: str = ""


class _Read(msgspec.Struct, frozen=True):
    negative: bool
    number: str
    factor: int
    mark: str
    point: Point | None
    """What the cell itself says of the decimal point."""
    open: str = ""
    """The sign of which the cell does not say whether it is the point."""


class AmountColumn:
    """Looks at every cell first (`add`), then reads (`read`)."""

    def __init__(self, title: str, point: Point | None = None) -> None:
        self.title = title
        self._asked = point
        self._told: dict[Point, tuple[int, str]] = {}
        self._open: tuple[int, str] | None = None
        self.opened = 0
        self.marked = False
        """Whether some cell says its currency."""

    def add(self, row: int, cell: str) -> None:
        """Look at a cell that is not blank."""
        if type(cell) is Exact:
            return
        if _PLAIN.fullmatch(cell):
            if "." in cell:
                self._told.setdefault(".", (row, cell))
            return
        read = _read(cell)
        if read is None:
            return
        self.marked = self.marked or bool(read.mark)
        if read.point:
            self._told.setdefault(read.point, (row, cell))
        elif read.open:
            self.opened += 1
            self._open = self._open or (row, cell)

    @property
    def point(self) -> Point | None:
        """The decimal point, if it was given or the column tells it."""
        return self._asked or (next(iter(self._told)) if len(self._told) == 1 else None)

    @property
    def note(self) -> str:
        """What a person should know, a sentence, or nothing."""
        if len(self._told) > 1 and self._asked is None:
            (row, cell), (row_b, cell_b) = self._told.values()
            return (
                f"“{self.title}” writes amounts in two ways: {cell} in row {row}, {cell_b} in row {row_b}. "
                "Each is read as it says itself; those that could be either are left out with the reason."
            )
        if self.opened and self.point is None and self._open:
            row, cell = self._open
            return (
                f"“{self.title}”: {cell} (row {row}) and its like are read as thousands; "
                "nothing in the column says otherwise."
            )
        return ""

    def read(self, cell: str) -> Sum:
        """The amount. Raises ValueError with the reason, a sentence."""
        if type(cell) is Exact or (_PLAIN.fullmatch(cell) and self.point != ","):
            try:
                return _bounded(Sum(Decimal(cell)), cell)
            except ArithmeticError as error:
                raise ValueError(f"“{cell}” is no amount.") from error
        if _SCIENTIFIC.fullmatch(cell):
            return _bounded(Sum(Decimal(cell.replace(",", "."))), cell)
        read = _read(cell)
        if read is None:
            raise ValueError(f"“{cell}” is no amount that I know. Write it as 12500.00.")
        point = read.point
        if point is None and read.open:
            if len(self._told) > 1 and self._asked is None:
                raise ValueError(f"“{cell}” could be thousands or decimals, and the column is written in both ways.")
            point = self.point or ("," if read.open == "." else ".")
        value = _value(read.number, point)
        if value is None:
            raise ValueError(f"“{cell}” is no amount that I know. Write it as 12500.00.")
        currency, shared = _currency(read.mark)
        value *= read.factor
        return _bounded(Sum(-value if read.negative else value, currency, shared), cell)


def _bounded(found: Sum, cell: str) -> Sum:
    if not abs(found.value) < _MOST:
        raise ValueError(f"“{cell}” is larger than any amount that is kept.")
    return found


@lru_cache(maxsize=8192)
def _read(cell: str) -> _Read | None:
    text = cell.strip().translate(_SIGNS).removeprefix("'").replace("Rs.", "Rs").strip()
    if len(text) > 60:
        return None
    negative = text.startswith("(") and text.endswith(")")
    if negative:
        text = text[1:-1].strip()
    match = _WHOLE.fullmatch(text)
    if match is None:
        return None
    number, after = match["number"].rstrip(" "), match["after"].strip()
    while number[-1] in ".,'":
        if not after.startswith("-"):  # 12.- and 12,-- are round sums in some countries
            return None
        number, after = number[:-1], after.strip("-").strip()
    trailing_minus = after.endswith("-") or after.startswith("-")
    after = after.strip("- ")
    marks = [match["before"].strip(), match["inner"].strip()]
    factor = 1
    words = after.split()
    if words and words[0].lower().rstrip(".") in _FACTORS:
        factor = _FACTORS[words.pop(0).lower().rstrip(".")]
    marks.append(" ".join(words))
    marks = [mark for mark in marks if mark]
    known = {_currency(mark)[0] for mark in marks if _currency(mark)[0]}
    if not all(_currency(mark) != ("", "") for mark in marks) or len(known) > 1:
        return None
    mark = next((mark for mark in marks if _currency(mark)[0]), marks[0] if marks else "")
    point, unclear = _point(number)
    if point == "bad":
        return None
    told: Point | None = "." if point == "." else "," if point == "," else None
    return _Read(negative or match["sign"] == "-" or trailing_minus, number, factor, mark, told, unclear)


def _point(number: str) -> tuple[str, str]:
    """The decimal point that a number tells ("" for none, "bad" for no number), and the sign of which it is open."""
    dots, commas = number.count("."), number.count(",")
    if dots and commas:
        last = "." if number.rfind(".") > number.rfind(",") else ","
        return (last if number.count(last) == 1 else "bad"), ""
    mark = "." if dots else ","
    if dots + commas > 1:
        return ("," if mark == "." else "."), ""
    if dots + commas == 0:
        return "", ""
    before, after = number.split(mark)
    if len(after) != 3 or len(before) > 3 or before in {"", "0"}:
        return mark, ""
    return "", mark


def _value(number: str, point: Point | None) -> Decimal | None:
    whole, _, rest = number.partition(point) if point else (number, "", "")
    if not re.fullmatch(r"\d*", rest):
        return None
    if whole and not whole.isdigit():
        if not _GROUPED.fullmatch(whole):
            return None
        whole = re.sub(r"\D", "", whole)
    return Decimal(f"{whole or 0}.{rest or 0}") if rest else Decimal(whole or 0)


@lru_cache(maxsize=1024)
def _currency(mark: str) -> tuple[str, str]:
    """The currency of a sign or a code, or the sign that several currencies share; ("", "") if it is neither."""
    if mark.lower().rstrip(".") in SHARED:
        return "", mark.lower().rstrip(".")
    return currency_code(mark), ""


@lru_cache(maxsize=1024)
def currency_code(text: str) -> str:
    """The ISO 4217 code that a sign, a word or a code stands for; empty if none. Names like `USD - U.S. Dollar` too."""
    text = text.strip()
    if (named := _NAMED.get(text.lower().rstrip("."))) is not None:
        return named
    code = text[:3].upper()
    if code in _codes() and (len(text) == 3 or not text[3].isalnum()):
        return code
    found = read_amount(f"{text}1") or read_amount(f"1 {text}")
    sign = found[1] or "" if found and found[0] == 1 and text != "$" else ""
    return sign or _by_name().get("".join(words_of(_IN_BRACKETS.sub(" ", text))), "")


@lru_cache(maxsize=1)
def _by_name() -> dict[str, str]:
    """Codes by the folded names of currencies, one and many of them, as a CRM writes them in its user's language."""
    names = dict(_MORE_NAMES)
    for language in _LANGUAGES:
        for code, name in Locale(language).currencies.items():
            for each in (name, *(get_currency_name(code, count, language) for count in (1, 2))):
                names.setdefault("".join(words_of(each)), code)
    return names


@lru_cache(maxsize=1)
def _codes() -> frozenset[str]:
    return frozenset(list_currencies())
