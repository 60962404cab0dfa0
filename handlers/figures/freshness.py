"""How old the data is that a figure was made from (GLOSSARY, *The sums*: after three days no pace is said)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from handlers.conversation.request import Request
from handlers.conversation.wording import plural
from handlers.figures.credited import CREDITS, LEDGER
from handlers.figures.standing import BOOKINGS, fresh_as_of
from storage import ledger
from storage.database import Transaction

FRESH_FOR: Final = timedelta(days=3)
"""GLOSSARY, *The sums*: after that no nudge says a pace."""


@dataclass(frozen=True, slots=True)
class Freshness:
    """As of when the data of a measure is; None: there is none, or it counts as it is logged."""

    measure: str
    as_of: datetime | None
    now: datetime

    @property
    def is_old(self) -> bool:
        """Too old for a pace, or not there at all."""
        if not _is_data(self.measure):
            return False
        return self.as_of is None or self.now - self.as_of > FRESH_FOR

    @property
    def words(self) -> str:
        """`deal data is 5 days old`."""
        what = "revenue data" if self.measure in LEDGER else "deal data"
        if self.as_of is None:
            return f"there is no {what} yet"
        age = self.now - self.as_of
        more = "more than " if timedelta(0) < age - FRESH_FOR < timedelta(days=1) else ""
        return f"{what} is {more}{plural(age // timedelta(days=1), 'day')} old"


def freshness(request: Request, tx: Transaction, measure: str = BOOKINGS) -> Freshness:
    """When anything in it last changed, or when it was last imported, be it without a change."""
    as_of = fresh_as_of(tx, measure)
    if as_of is not None and measure not in LEDGER and _is_data(measure):
        imported = ledger.imported_at(tx, kinds=("deals",))
        as_of = max(as_of, imported) if imported else as_of
    return Freshness(measure, as_of, request.now)


def _is_data(measure: str) -> bool:
    """Activities count as they are logged: they are never old."""
    return measure in LEDGER or measure in CREDITS or measure == "pipeline_created"
