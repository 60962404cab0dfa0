"""What has been seen already: the same event twice has one effect and the same answer."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from storage.database import Transaction
from storage.statement import Statement
from storage.tables import seen_events

_select = Statement(sa.select(seen_events.c.answer).where(seen_events.c.key == sa.bindparam("event")))
_insert = Statement(seen_events.insert(), ("key", "answer", "seen_at"))


def answer_to(tx: Transaction, key: str) -> str | None:
    """What that event was answered with, or None when it is new."""
    row = _select.first(tx, event=key)
    return None if row is None else row[0]


def remember(tx: Transaction, key: str, answer: str, at: datetime) -> None:
    """The event had its effect, in this transaction, and this answer."""
    _insert.run(tx, {"key": key, "answer": answer, "seen_at": at})


def forget(tx: Transaction, before: datetime) -> int:
    """Drop what was seen before that time: platforms stop sending an event again long before. How many."""
    return tx.execute(seen_events.delete().where(seen_events.c.seen_at < before)).rowcount
