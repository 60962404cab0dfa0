"""How deals stood before an import and stand after it, for the journal by which it is rolled back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from handlers.imports.applying import Run
from storage import imports, open_shares
from storage.database import Transaction
from storage.tables import credits, deal_shares, deals

Rows: TypeAlias = dict[str, dict[str, imports.Row]]
"""Table -> whole rows by their id."""


def snapshot(tx: Transaction, ids: Sequence[str]) -> Rows:
    """These deals, with their shares and credits."""
    return {
        deals.name: imports.rows_where(tx, deals, "id", ids),
        deal_shares.name: imports.rows_where(tx, deal_shares, "deal", ids),
        credits.name: imports.rows_where(tx, credits, "deal", ids),
    }


def joined(one: Rows, two: Rows) -> Rows:
    """Both."""
    return {table: one[table] | two[table] for table in one}


def end(tx: Transaction, run: Run, twins: Sequence[str], before: Rows) -> None:
    """Deals of earlier imports whose win was told in chat as another deal: that one is the imported one from now on, so
    that what was announced stands once, and is corrected in its place."""
    if not twins:
        return
    values = {"voided_at": run.now, "external_id": None, "changed_at": run.now}
    tx.execute(deals.update().where(deals.c.id.in_(twins)), values)
    # Noted before all else, and so rolled back last, when their ids in the file are free again.
    after = imports.rows_where(tx, deals, "id", twins)
    imports.note_difference(tx, run.id, deals, {one: before[deals.name][one] for one in twins}, after)
    before[deals.name] |= after
    open_shares.follow(tx, twins)
