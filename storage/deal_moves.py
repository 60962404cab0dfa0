"""How deals have moved through the stages in a time."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from storage.database import Transaction
from storage.tables import deal_changes, deals


def stages_before(tx: Transaction, owners: Collection[str], since: datetime, until: datetime) -> dict[str, str]:
    """Deals of these owners whose stage changed from `since` on and before `until`: the stage that each had before
    that; without those that were made in that time."""
    query = (
        sa.select(deal_changes.c.deal, deal_changes.c.fields)
        .join(deals, deals.c.id == deal_changes.c.deal)
        # A deal that was changed since then is found by its index; few are.
        .where(deals.c.changed_at >= since, deals.c.voided_at.is_(None), deals.c.owner.in_(sorted(owners)))
        .where(deal_changes.c.at >= since, deal_changes.c.at < until, deal_changes.c.undone_at.is_(None))
        .order_by(deal_changes.c.at, deal_changes.c.id)
    )
    first: dict[str, str | None] = {}
    for deal, changed in tx.execute(query):
        if "stage" in changed:
            first.setdefault(deal, changed["stage"][0])
    return {deal: before for deal, before in first.items() if before is not None}
