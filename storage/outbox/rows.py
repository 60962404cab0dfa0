"""A row of the outbox as its process sees it, and what is asked of one."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

import msgspec
import sqlalchemy as sa

from storage.database import Transaction
from storage.tables import outbox

Ending: TypeAlias = Literal["sent", "failed", "expired", "unknown", "withdrawn"]
"""The states that are for good."""
OPEN_STATES = ("waiting", "claimed", "sending", "unsure")
FINAL_STATES: tuple[Ending, ...] = ("sent", "failed", "expired", "unknown", "withdrawn")

NEW_MESSAGES = ("post", "upload")
"""Operations that put something new before people: twice would be seen. The others may be repeated."""


class Row(msgspec.Struct, frozen=True, array_like=True):
    """A row that this process holds, with what is needed to send it. The fields up to `post_address` are _COLUMNS."""

    id: str
    key: str
    operation: str
    install: str
    person: str | None
    lane: str
    address: str
    """JSON of Address, its response URL sealed."""
    body: str
    """JSON of Reply."""
    expires_at: datetime | None
    attempts: int
    """Tries that were begun before this one."""
    after: str | None
    post_state: str | None
    """How the post that `after` names ended; None where there is no such row."""
    post_address: str | None
    """That post's own address, once it is sent."""
    user: str = ""
    """The person's external id in this install; empty for nobody in particular, or for a person who is not there."""
    direct: str = ""
    """The one-to-one conversation with them, once known."""
    service: str = ""
    """Where the platform takes messages for them; empty where it is always the same."""


class Claimed(msgspec.Struct, frozen=True):
    """What a claim took. `more`: there was more to look at than the limit."""

    rows: list[Row]
    more: bool


class Settled(msgspec.Struct, frozen=True):
    """How a try ended. `waiting` comes again, not before `retry_at`; `unsure` stays with its process."""

    id: str
    state: Ending | Literal["waiting", "unsure"]
    sent_as: str | None = None
    error: str | None = None
    retry_at: datetime | None = None


def beside_others(tx: Transaction) -> None:
    """To be called first in a transaction that only moves rows of the outbox along.

    On PostgreSQL it becomes READ COMMITTED: the rows are locked one by one, and delivery must not make a person's
    turn fail to serialise.
    """
    if tx.skip_locked:
        tx.connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")


def sent_address(tx: Transaction, key: str) -> str | None:
    """JSON of the address under which a message can be edited (its response URL sealed), once it is sent."""
    address: str | None = tx.execute(sa.select(outbox.c.sent_as).where(outbox.c.key == key)).scalar()
    return address


def install_of(tx: Transaction, key: str) -> str | None:
    """Through which install it went; None where that row is not kept any more."""
    install: str | None = tx.execute(sa.select(outbox.c.install).where(outbox.c.key == key)).scalar()
    return install


def counts(tx: Transaction) -> dict[str, int]:
    """How many rows are in each state, all states named."""
    found = dict.fromkeys((*OPEN_STATES, *FINAL_STATES), 0)
    for row in tx.execute(sa.select(outbox.c.state, sa.func.count().label("rows")).group_by(outbox.c.state)):
        found[row.state] = row.rows
    return found
