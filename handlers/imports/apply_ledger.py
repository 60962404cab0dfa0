"""Rows of revenue and cost into the ledger. One that names a quarter or a year is spread evenly over its months."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from handlers.figures import rates
from handlers.imports.apply_accounts import accounts_for
from handlers.imports.applying import Identities, Run, Tally
from handlers.imports.rows import CostRow, RevenueRow
from handlers.numbers.credit import MissingRateError
from handlers.numbers.money import to_minor
from handlers.numbers.periods import FiscalCalendar, Length
from handlers.numbers.shares import cut
from handlers.numbers.spans import shifted
from storage import imports
from storage.accounts import folded
from storage.database import Transaction
from storage.deals import imported_as
from storage.tables import ledger, new_id

Entry = RevenueRow | CostRow


@dataclass(frozen=True, slots=True)
class Part:
    """One line of the ledger."""

    key: str
    row: Entry
    day: date
    minor: int


class Parts:
    """Cuts rows into lines, each with what it goes by: its id in the file's source, else what it is."""

    def __init__(self, fiscal: FiscalCalendar) -> None:
        self._fiscal = fiscal
        self._ids = Identities()
        self._without = Identities()

    def of(self, row: Entry) -> list[Part]:
        """A month's on its first day."""
        days = self._days(row)
        if row.external_id:
            seen = self._ids.of(row.external_id).partition("-")[2].partition("-")[2]
            key = f"{row.external_id}#{seen}" if seen else row.external_id
        else:
            account, owner = (folded(one.written) if one else "" for one in (row.account, row.owner))
            named = (row.deal_id, row.deal, row.product, row.note)
            key = self._without.of(days[0].isoformat(), account, owner, *named)
        amounts = cut(to_minor(row.amount, row.currency), [1] * len(days))
        return [
            Part(key if len(days) == 1 else f"{key}/{number + 1}", row, day, minor)
            for number, (day, minor) in enumerate(zip(days, amounts, strict=True))
        ]

    def _days(self, row: Entry) -> list[date]:
        if row.day is not None:
            return [row.day]
        if row.month:
            year = row.year
            if row.fiscal:
                year = self._fiscal.year(row.year).first.year
                year += row.month < self._fiscal.starts_in
            return [date(year, row.month, 1)]
        length = Length.QUARTER if row.quarter else Length.YEAR
        first = self._fiscal.part(length, row.year, row.quarter or 1).first
        return [shifted(first, number) for number in range(length.months)]


def apply(tx: Transaction, run: Run, kind: str, parts: Sequence[Part]) -> Tally:
    """Some lines; those of one row are together."""
    tally = Tally()
    query = sa.select(ledger).where(
        ledger.c.kind == kind, ledger.c.source == run.source, ledger.c.external_id.in_([part.key for part in parts])
    )
    known: dict[str, dict[str, Any]] = {row.external_id: dict(row._mapping) for row in tx.execute(query)}
    sold = imported_as(tx, run.source, {part.row.deal_id for part in parts if part.row.deal_id})
    ids = accounts_for(tx, run, [part.row.account for part in parts if part.row.account], tally)
    fiscal = FiscalCalendar(run.company.fiscal_year_start)
    at_rates = rates.load(tx, run.company, {fiscal.year_of(part.day) for part in parts})
    outcome: dict[int, str] = {}
    made: list[dict[str, Any]] = []
    for part in parts:
        row, deal = part.row, sold.get(part.row.deal_id)
        try:
            amount = at_rates.converted(part.minor, row.currency, fiscal.year_of(part.day))
        except MissingRateError as missing:
            if outcome.get(row.row) != "left out":
                said = fiscal.year_in_words(missing.year)
                tally.refuse(row.row, row.currency, f"The plan of {said} has no rate for {missing.currency}.")
            outcome[row.row] = "left out"
            continue
        if row.owner is not None and not row.owner.key:
            tally.notes["Rows whose owner is nobody known, so that they count for nobody: {n}."] += 1
        values: dict[str, Any] = {
            "person": (row.owner.key or None) if row.owner else deal.owner if deal else None,
            "account": ids[row.account] if row.account else deal.account if deal else None,
            "product": row.product or (deal.product if deal else None),
            "day": part.day,
            "entered_minor": part.minor,
            "entered_currency": row.currency,
            "amount_minor": amount,
            "voided_at": None,
        }
        standing = known.get(part.key)
        if standing is None:
            identity = {"id": new_id(), "kind": kind, "source": run.source, "external_id": part.key}
            made.append({**identity, **values})
            outcome.setdefault(row.row, "made")
        elif any(standing[name] != value for name, value in values.items()):
            tx.execute(ledger.update().where(ledger.c.id == standing["id"]), values)
            after = {standing["id"]: {**standing, **values}}
            imports.note_difference(tx, run.id, ledger, {standing["id"]: standing}, after)
            outcome[row.row] = "made" if standing["voided_at"] is not None else "changed"
        else:
            outcome.setdefault(row.row, "same")
    if made:
        tx.execute(ledger.insert(), made)
        imports.note_made(tx, run.id, ledger, [row["id"] for row in made])
    words = list(outcome.values())
    tally.made, tally.changed, tally.same = (words.count(word) for word in ("made", "changed", "same"))
    return tally
