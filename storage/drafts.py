"""Half-finished exchanges: a question that was asked, and what is needed to go on from its answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from storage.database import Transaction
from storage.statement import Statement
from storage.tables import drafts, new_id

MOST: Final = 60
"""Open questions in one conversation that are looked at."""

_open_in = Statement(
    sa.select(drafts.c.id, drafts.c.person, drafts.c.command, drafts.c.data)
    .where(
        drafts.c.person == sa.bindparam("who"),
        drafts.c.install == sa.bindparam("on"),
        drafts.c.conversation == sa.bindparam("where"),
        drafts.c.settled_at.is_(None),
        drafts.c.expires_at > sa.bindparam("now"),
    )
    .order_by(drafts.c.id.desc())
    .limit(MOST)
)


@dataclass(frozen=True, slots=True)
class Draft:
    """An open question of one command to one person in one conversation."""

    id: str
    person: str
    command: str
    data: dict[str, Any]


def keep(
    tx: Transaction,
    *,
    person: str,
    install: str,
    conversation: str,
    command: str,
    data: dict[str, Any],
    at: datetime,
    expires_at: datetime,
) -> str:
    """Store what was understood so far; the draft's id."""
    identifier = new_id()
    tx.execute(
        drafts.insert(),
        {
            "id": identifier,
            "person": person,
            "install": install,
            "conversation": conversation,
            "command": command,
            "data": data,
            "created_at": at,
            "expires_at": expires_at,
        },
    )
    return identifier


def get(tx: Transaction, identifier: str, now: datetime) -> Draft | None:
    """The draft, while it is open."""
    return _first(tx, drafts.c.id == identifier, now)


@dataclass(frozen=True, slots=True)
class Ended:
    """A question that is not open any more: `settled` where it was answered or dropped, else its time is over."""

    data: dict[str, Any]
    settled: bool


def ended(tx: Transaction, identifier: str) -> Ended | None:
    """What became of a draft that is not open, for as long as it is kept."""
    row = tx.execute(sa.select(drafts.c.data, drafts.c.settled_at).where(drafts.c.id == identifier)).first()
    return None if row is None else Ended(row[0], row[1] is not None)


def open_in(tx: Transaction, person: str, install: str, conversation: str, now: datetime) -> Draft | None:
    """The latest open question to that person in that conversation."""
    return next(iter(all_in(tx, person, install, conversation, now)), None)


def all_in(tx: Transaction, person: str, install: str, conversation: str, now: datetime) -> list[Draft]:
    """The open questions to that person in that conversation, the latest first."""
    return [Draft(*row) for row in _open_in.rows(tx, who=person, on=install, where=conversation, now=now)]


def open_of(tx: Transaction, person: str, now: datetime, limit: int) -> list[Draft]:
    """Their open questions wherever they were asked, the latest first."""
    query = (
        sa.select(drafts.c.id, drafts.c.person, drafts.c.command, drafts.c.data)
        .where(drafts.c.person == person, drafts.c.settled_at.is_(None), drafts.c.expires_at > now)
        .order_by(drafts.c.id.desc())
        .limit(limit)
    )
    return [Draft(*row) for row in tx.execute(query)]


def _first(tx: Transaction, condition: sa.ColumnElement[bool], now: datetime) -> Draft | None:
    row = tx.execute(
        sa.select(drafts.c.id, drafts.c.person, drafts.c.command, drafts.c.data)
        .where(condition, drafts.c.settled_at.is_(None), drafts.c.expires_at > now)
        .order_by(drafts.c.id.desc())
        .limit(1)
    ).first()
    return None if row is None else Draft(row[0], row[1], row[2], row[3])


def update(tx: Transaction, identifier: str, data: dict[str, Any]) -> None:
    """A further answer is in it now."""
    tx.execute(drafts.update().where(drafts.c.id == identifier), {"data": data})


def settle(tx: Transaction, identifier: str, at: datetime) -> None:
    """The exchange has ended."""
    tx.execute(drafts.update().where(drafts.c.id == identifier, drafts.c.settled_at.is_(None)), {"settled_at": at})


def forget(tx: Transaction, before: datetime) -> int:
    """Drop drafts that expired before that time. How many."""
    return tx.execute(drafts.delete().where(drafts.c.expires_at < before)).rowcount
