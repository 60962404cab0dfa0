"""Rows of rates of exchange into the plan. What was booked with another rate keeps it until it is imported again."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.imports.applying import Run, Tally
from handlers.imports.rows import RateRow
from storage import imports, targets
from storage.database import Transaction

_KEPT = "Rates that were changed: {n}. Wins booked before keep the old one until they are imported again."


def apply(tx: Transaction, run: Run, rows: Sequence[RateRow]) -> Tally:
    """Each year's and currency's rate; the last row of the same holds."""
    tally = Tally()
    known = targets.rates_of(tx, {row.year for row in rows})
    for row in rows:
        key = (row.year, row.currency)
        old = known.get(key)
        if row.currency == run.company.currency:
            tally.refuse(row.row, row.currency, f"{row.currency} is the plan's own currency and needs no rate.")
            continue
        if old == row.rate:
            tally.same += 1
            continue
        targets.put_rate(tx, *key, row.rate, at=run.now)
        imports.note_rate(tx, run.id, *key, old, row.rate)
        known[key] = row.rate
        if old is None:
            tally.made += 1
        else:
            tally.changed += 1
            tally.notes[_KEPT] += 1
    return tally
