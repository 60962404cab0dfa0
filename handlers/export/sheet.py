"""A table on its way into a file: columns that say what they hold, and rows that come one after the other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal, TypeAlias

Cell: TypeAlias = str | int | Decimal | Fraction | date | None
"""Text, a count, an amount in units of its currency, a share of 1, a day; None for nothing known."""

Kind: TypeAlias = Literal["text", "count", "money", "amount", "share", "day"]
"""`money` is in the plan's currency, `amount` in the one that stands beside it."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `wide` in letters."""

    title: str
    kind: Kind = "text"
    wide: int = 14


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table. `rows` can be gone through once; `currency` is the plan's; `note` is a sentence on what is not in it."""

    name: str
    columns: tuple[Column, ...]
    rows: Iterable[tuple[Cell, ...]]
    currency: str
    note: str = ""
