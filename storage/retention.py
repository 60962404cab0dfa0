"""What has been kept for long enough goes, a bite at a time: words only, never an amount, a deal or a date."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

import sqlalchemy as sa

from storage.database import Transaction
from storage.personal import NOTHING
from storage.tables import (
    actions,
    activities,
    agenda_items,
    checkin_answers,
    checkin_remarks,
    checkin_shares,
    checkins,
    minutes,
    one_to_one_items,
    outbox,
    people,
)

BITE: Final = 1000
"""Rows of a kind at a time: while they are written nobody else writes on SQLite."""


def messages(tx: Transaction, before: datetime) -> int:
    """Empty messages that were settled before that moment; how many. Their keys stay: nothing is said again."""
    old = (outbox.c.settled_at < before, outbox.c.body != NOTHING)
    ids = _some(tx, sa.select(outbox.c.id).where(*old))
    return tx.execute(outbox.update().where(outbox.c.id.in_(ids)), {"body": NOTHING}).rowcount if ids else 0


def check_ins(tx: Transaction, before: date) -> int:
    """Forget check-ins of days before that one, with their answers and what was said to them; how many."""
    ids = _some(tx, sa.select(checkins.c.id).where(checkins.c.day < before))
    for table in (checkin_answers, checkin_remarks, checkin_shares):
        tx.execute(table.delete().where(table.c.checkin.in_(ids)))
    return tx.execute(checkins.delete().where(checkins.c.id.in_(ids))).rowcount if ids else 0


def notes(tx: Transaction, before: datetime) -> int:
    """Take the words from activities recorded before that moment, and forget agendas, minutes, what was written for
    one-to-ones and action items that had ended by then; how many rows."""
    one = activities.c
    worded = sa.or_(one.said != "", one.note.is_not(None), one.next_text.is_not(None), one.account_text.is_not(None))
    ids = _some(tx, sa.select(one.id).where(one.recorded_at < before, worded))
    blank = {"said": "", "note": None, "next_text": None, "account_text": None}
    count = tx.execute(activities.update().where(one.id.in_(ids)), blank).rowcount if ids else 0
    ended = sa.select(actions.c.action).where(
        actions.c.replaced_at.is_(None), actions.c.state != "open", actions.c.recorded_at < before
    )
    count += _drop(tx, actions, actions.c.action.in_(ended))
    count += _drop(tx, minutes, minutes.c.at < before)
    for table in (agenda_items, one_to_one_items):
        count += _drop(tx, table, table.c.created_at < before)
    return count


def leavers(tx: Transaction, before: datetime, limit: int = 5) -> list[str]:
    """Ids of people who left before that moment and of whom there is more than an id."""
    query = sa.select(people.c.id).where(people.c.left_at < before, ~people.c.name.like("Former colleague %"))
    return list(tx.execute(query.order_by(people.c.left_at, people.c.id).limit(limit)).scalars())


def _drop(tx: Transaction, table: sa.Table, which: sa.ColumnElement[bool]) -> int:
    ids = _some(tx, sa.select(table.c.id).where(which))
    return tx.execute(table.delete().where(table.c.id.in_(ids))).rowcount if ids else 0


def _some(tx: Transaction, query: sa.Select[str]) -> Sequence[str]:
    return list(tx.execute(query.limit(BITE)).scalars())
