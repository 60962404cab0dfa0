"""How fast an install may be written to, kept by all processes together: one bucket an install, in one row.

Each process has a bucket of its own beside it (scheduled/outgoing/lanes.py), which is enough where there is one. The
row is of `leases`: its instant is the one at which the bucket would be full again, so that a bucket needs no more.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import sqlalchemy as sa

from storage.database import Transaction
from storage.tables import leases

_LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)


class Taken(NamedTuple):
    """How many may leave now, and in how many seconds one more may; 0 where all may that were asked for."""

    granted: int
    wait: float


def take(tx: Transaction, install: str, wanted: int, *, size: float, rate: float) -> Taken:
    """Take up to so many from the install's bucket, which holds `size` and fills with `rate` a second.

    By the database's own clock, which is the same for all. PostgreSQL alone: the row stays locked until the commit.
    """
    name = f"pace {install}"
    look = sa.select(leases.c.until, sa.func.clock_timestamp()).where(leases.c.name == name).with_for_update()
    row = tx.execute(look).first()
    if row is None:
        tx.insert_once(leases, {"name": name, "owner": "", "until": _LONG_AGO})
        row = tx.execute(look).one()
    until, now = row
    # A clock that has gone back leaves the bucket empty at the most.
    full = min(max(until, now), now + timedelta(seconds=size / rate))
    there = size - (full - now).total_seconds() * rate
    granted = min(wanted, int(there + 1e-6))
    if granted:
        full += timedelta(seconds=granted / rate)
        tx.execute(leases.update().where(leases.c.name == name), {"until": full})
    return Taken(granted, 0.0 if granted == wanted else max((1 - (there - granted)) / rate, 0.001))
