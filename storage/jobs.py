"""Jobs: work that takes longer than a turn may. A process claims one under a lease, does it piece by piece, settles it.

What a job has done stands in its `cursor`, written in the same transaction as the piece itself, so that whoever claims
it after a process died goes on from there. Jobs of one lane run one after the other.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from storage.database import Database, Transaction
from storage.outbox import beside_others
from storage.tables import jobs, new_id

State = Literal["waiting", "running", "done", "failed"]

CLAIM_LOCK: Final = 0x9ACE61
"""PostgreSQL's advisory lock for claiming: two claims at once could both take the first job of a lane."""
TRIES: Final = 6
"""For a piece that meets a turn which makes the same row at the same moment."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Job:
    """One job, as it was claimed."""

    id: str
    kind: str
    key: str
    state: State
    person: str | None
    data: dict[str, Any]
    cursor: Any
    created_at: datetime
    error: str | None


@dataclass(frozen=True, slots=True)
class Claimed:
    """A job that this process has now, and how many processes have died while they had it."""

    job: Job
    lives: int


_columns = tuple(jobs.c[name] for name in Job.__slots__)


def put(
    tx: Transaction, *, kind: str, key: str, person: str | None, data: Mapping[str, Any], at: datetime
) -> str | None:
    """A job that waits to be claimed; its id. None where its key is taken: it was asked for before."""
    row = {"id": new_id(), "kind": kind, "key": key, "state": "waiting", "person": person, "data": dict(data)}
    return str(row["id"]) if tx.insert_once(jobs, {**row, "created_at": at}) else None


def get(tx: Transaction, key: str) -> Job | None:
    """The job of that key."""
    row = tx.execute(sa.select(*_columns).where(jobs.c.key == key)).first()
    return None if row is None else Job(*row)


def is_any(tx: Transaction, kinds: Collection[str], now: datetime) -> bool:
    """Whether there is one to be claimed, perhaps."""
    query = sa.select(jobs.c.id).where(jobs.c.kind.in_(sorted(kinds)), _to_be_claimed(now))
    return tx.execute(query.limit(1)).first() is not None


def claim(tx: Transaction, lanes: Mapping[str, str], *, owner: str, now: datetime, until: datetime) -> Claimed | None:
    """The next job of these kinds (kind -> lane; empty for none) whose lane is free.

    One that runs and whose lease is over was left by a process that died.
    """
    beside_others(tx)
    if tx.skip_locked:
        tx.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": CLAIM_LOCK})
    kinds = sorted(lanes)
    alive = (jobs.c.state == "running", jobs.c.lease_until > now)
    busy = set(tx.execute(sa.select(jobs.c.kind).where(*alive)).scalars())
    taken = {lanes[kind] for kind in busy if lanes.get(kind)}
    free = [kind for kind in kinds if lanes[kind] not in taken]
    query = sa.select(*_columns).where(jobs.c.kind.in_(free), _to_be_claimed(now))
    row = tx.execute(query.order_by(jobs.c.id).limit(1).with_for_update(skip_locked=True)).first()
    if row is None:
        return None
    lives = int(row.data.get("lives", 0)) + (row.state == "running")
    held = {"state": "running", "claimed_by": owner, "lease_until": until, "data": {**row.data, "lives": lives}}
    tx.execute(jobs.update().where(jobs.c.id == row.id), held)
    return Claimed(Job(*row), lives)


def _to_be_claimed(now: datetime) -> sa.ColumnElement[bool]:
    left = sa.and_(jobs.c.state == "running", jobs.c.lease_until <= now)
    return sa.or_(jobs.c.state == "waiting", left)


def hold(tx: Transaction, identifier: str, owner: str, until: datetime) -> bool:
    """Hold it for longer; False where it is not this process's any more."""
    mine = (jobs.c.id == identifier, jobs.c.claimed_by == owner, jobs.c.state == "running")
    return tx.execute(jobs.update().where(*mine), {"lease_until": until}).rowcount == 1


def release(tx: Transaction, identifier: str, owner: str) -> None:
    """It is to be gone on with by whoever comes next."""
    mine = (jobs.c.id == identifier, jobs.c.claimed_by == owner, jobs.c.state == "running")
    tx.execute(jobs.update().where(*mine), {"state": "waiting", "claimed_by": None, "lease_until": None})


def save(tx: Transaction, identifier: str, cursor: Any) -> None:
    """How far it is."""
    tx.execute(jobs.update().where(jobs.c.id == identifier), {"cursor": cursor})


def settle(
    tx: Transaction, identifier: str, state: Literal["done", "failed"], *, at: datetime, error: str | None = None
) -> None:
    """It is over."""
    over = {"state": state, "settled_at": at, "error": error, "claimed_by": None, "lease_until": None}
    tx.execute(jobs.update().where(jobs.c.id == identifier), over)


def run_piece(database: Database, work: Callable[[Transaction], T]) -> T:
    """One piece of long work in a transaction of its own, waited for; not for an event loop's thread.

    PostgreSQL says of two transactions that make the same row at once that one of them is too late: that one goes
    again and finds the row. Raises what `work` raises, and StorageError.
    """
    for attempt in range(TRIES):
        try:
            return database.submit(work).result()
        except IntegrityError:
            if attempt == TRIES - 1:
                raise
            time.sleep(random.uniform(0, 0.02 * 2**attempt))
    raise AssertionError("unreachable")


def prune(tx: Transaction, before: datetime) -> None:
    """Forget those that were over before that moment."""
    tx.execute(jobs.delete().where(jobs.c.settled_at < before))
