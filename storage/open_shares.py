"""Whose the revenue of open deals is, kept beside the deals for whoever asks how they stand.

Of all that somebody ever had a share in few deals are open, and looking through all of it costs more than anything else
in a status. So every function that writes a deal or its shares calls `follow` in the same transaction.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import sqlalchemy as sa

from storage.database import Transaction
from storage.tables import deal_shares, deals, open_shares

WHOLE: Final = 1_000_000
"""All of a deal, in the millionths that shares are counted in."""
CLOSED: Final = ("won", "lost")

_open = (deals.c.voided_at.is_(None), deals.c.stage.not_in(CLOSED))
_revenue = (deal_shares.c.deal == deals.c.id, deal_shares.c.replaced_at.is_(None), deal_shares.c.kind == "revenue")


def follow(tx: Transaction, identifiers: Collection[str]) -> None:
    """What is kept of these deals is what they say: revenue shares where there are any, else all is the owner's."""
    if not identifiers:
        return
    wanted = sorted(identifiers)
    these = (deals.c.id.in_(wanted), *_open)
    shared = (
        sa.select(
            deal_shares.c.person,
            deals.c.id,
            sa.cast(sa.func.sum(deal_shares.c.millionths), sa.Integer),
            deals.c.closes_on,
        )
        .join(deals, sa.and_(*_revenue))
        .where(*these)
        .group_by(deal_shares.c.person, deals.c.id, deals.c.closes_on)
    )
    owned = sa.select(deals.c.owner, deals.c.id, sa.literal_column(str(WHOLE)), deals.c.closes_on).where(
        *these, deals.c.owner.is_not(None), ~sa.exists().where(*_revenue)
    )
    tx.execute(open_shares.delete().where(open_shares.c.deal.in_(wanted)))
    tx.execute(open_shares.insert().from_select(list(open_shares.c), shared.union_all(owned)))


def hand_over(tx: Transaction, person: str) -> None:
    """Whoever has their deals and shares by now has them here too."""
    held = sa.select(open_shares.c.deal).where(open_shares.c.person == person)
    follow(tx, list(tx.execute(held).scalars()))
