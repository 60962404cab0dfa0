"""Rows that will not be sent, and rows that are not kept any more."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from storage.database import Transaction
from storage.outbox.lists import among, listed
from storage.outbox.rows import OPEN_STATES
from storage.tables import id_at, outbox


def withdraw(
    tx: Transaction,
    *,
    now: datetime,
    install: str | None = None,
    key: str | None = None,
    person: str | None = None,
    conversation: str | None = None,
    begun: bool = False,
) -> int:
    """Take back what has not begun to leave, of an install or under a key; how many rows.

    `person` and `conversation` narrow it to what goes to somebody, or into a conversation and its threads.
    `begun`: also what was on its way when its process ended, so that it is never tried again.
    """
    if install is None and key is None:
        raise ValueError("withdraw what: an install's rows, or a key's?")
    states = OPEN_STATES if begun else ("waiting", "claimed")
    which: list[sa.ColumnElement[bool]] = [outbox.c.settled_at.is_(None), outbox.c.state.in_(states)]
    if install is not None:
        which.append(outbox.c.install == install)
    if key is not None:
        which.append(outbox.c.key == key)
    if person is not None:
        which.append(outbox.c.person == person)
    if conversation is not None:
        which.append(outbox.c.address.startswith(f'{{"conversation":"{conversation}', autoescape=True))
    done = tx.execute(
        sa.update(outbox)
        .where(*which)
        .values(state="withdrawn", settled_at=now, claimed_by=None, lease_until=None, retry_at=None)
    )
    return done.rowcount


_PRUNED_AT_ONCE = 5000
"""Rows: while they are deleted nobody else writes on SQLite."""
_edits = outbox.alias("f")
_awaited = sa.select(_edits.c.after).where(_edits.c.settled_at.is_(None), _edits.c.after.is_not(None))
_long_settled = (
    sa.select(outbox.c.id)
    .where(
        # The time in the id lets the primary key find the old ones: a table with a quarter's messages is not read.
        outbox.c.id < sa.bindparam("made_before"),
        outbox.c.settled_at < sa.bindparam("settled_before", type_=outbox.c.settled_at.type),
        outbox.c.key.not_in(_awaited),
    )
    .order_by(outbox.c.id)
    .limit(_PRUNED_AT_ONCE)
)


def prune(tx: Transaction, before: datetime) -> int:
    """Drop rows that were settled before that time, some thousands at most; how many.

    A post stays while an edit waits for it. With a row goes its key: who puts that again sends it again.
    """
    long_ago = {"made_before": id_at(before), "settled_before": before}
    found = list(tx.execute(_long_settled, long_ago).scalars())
    if found:
        tx.execute(sa.delete(outbox).where(among(outbox.c.id, "ids")), {"ids": listed(found)})
    return len(found)
