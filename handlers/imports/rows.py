"""What comes out: one frozen row of each kind, or a row that cannot be read with the reasons.

Amounts are in units (not minor ones) of the currency beside them. Empty strings stand for what the file does not say.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TypeAlias

import msgspec

from handlers.imports.match import Named
from handlers.imports.words import State


class RowError(msgspec.Struct, frozen=True):
    """Why a row cannot be read."""

    row: int
    """As a spreadsheet numbers it."""
    column: str
    """The column's name in the file; empty if it is the row as a whole."""
    value: str
    reason: str
    """A sentence."""


class BadRow(msgspec.Struct, frozen=True):
    """A row that is left out."""

    row: int
    cells: tuple[str, ...]
    errors: tuple[RowError, ...]


class PersonRow(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody of the company."""

    row: int
    name: str
    email: str = ""
    external_id: str = ""
    manager: Named | None = None
    unit: str = ""
    region: str = ""
    """What the unit belongs to; the unit itself where none is named."""
    role: str = ""
    start: date | None = None
    end: date | None = None
    gone: bool | None = None
    """Whether a status says that they are here no more; None where nothing says it."""
    since: date | None = None
    """From which day on the row holds, where it says something new."""
    country: str = ""
    subdivision: str = ""
    zone: str = ""


class AccountRow(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who may buy."""

    row: int
    name: str
    external_id: str = ""
    owner: Named | None = None
    industry: str = ""
    region: str = ""
    country: str = ""
    website: str = ""
    parent: str = ""
    size: str = ""
    aliases: tuple[str, ...] = ()


class TargetRow(msgspec.Struct, frozen=True, kw_only=True):
    """One target of one span. A wide row of the file becomes several of these."""

    row: int
    person: Named | None = None
    unit: str = ""
    measure: str = "bookings"
    amount: Decimal
    currency: str
    year: int
    quarter: int = 0
    """1 to 4, or 0 for none."""
    month: int = 0
    """1 to 12, the calendar's, or 0 for none. Neither quarter nor month: the year."""
    fiscal: bool = False
    """The year was called a fiscal one (`FY2027`)."""


class Split(msgspec.Struct, frozen=True):
    """A person's part of a deal's credit."""

    person: Named
    percent: Decimal


class DealRow(msgspec.Struct, frozen=True, kw_only=True):
    """Something an account may buy."""

    row: int
    external_id: str = ""
    repeat: int = 0
    """How many rows with the same external id stand above this one."""
    name: str = ""
    account: Named | None = None
    account_id: str = ""
    owner: Named | None = None
    owner_id: str = ""
    amount: Decimal | None = None
    currency: str = ""
    stage: str = ""
    """A stage of the settings; empty where they have none such."""
    stage_written: str = ""
    state: State = "open"
    created: date | None = None
    close: date | None = None
    """Of a closed deal the day it was closed, of an open one the day it is expected to."""
    type: str = ""
    type_written: str = ""
    product: str = ""
    loss_reason: str = ""
    probability: Decimal | None = None
    """In percent."""
    forecast: str = ""
    splits: tuple[Split, ...] = ()
    next_step: str = ""


class _Entry(msgspec.Struct, frozen=True, kw_only=True):
    row: int
    amount: Decimal
    currency: str
    day: date | None
    """None where only a month or a year is said."""
    year: int
    quarter: int = 0
    month: int = 0
    fiscal: bool = False
    external_id: str = ""
    deal_id: str = ""
    deal: str = ""
    account: Named | None = None
    owner: Named | None = None
    product: str = ""
    note: str = ""


class RevenueRow(_Entry, frozen=True, kw_only=True):
    """Revenue recognised on a day, or in a month."""


class CostRow(_Entry, frozen=True, kw_only=True):
    """Cost on a day, or in a month."""


class RateRow(msgspec.Struct, frozen=True, kw_only=True):
    """What one unit of a currency is worth in the plan's, in a fiscal year."""

    row: int
    year: int
    """The calendar's, or the fiscal one: both are named by the same number."""
    currency: str
    rate: Decimal


Row: TypeAlias = PersonRow | AccountRow | TargetRow | DealRow | RevenueRow | CostRow | RateRow
