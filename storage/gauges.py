"""What an operator's figures are made from: counts over the rows, of what is open or was made in the last day.

What was settled long ago is not counted: it stands in the same tables for a quarter, and a figure that reads all of it
every minute would cost more than it says.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from storage import deals, outbox
from storage.database import Transaction
from storage.tables import id_at, jobs, notices
from storage.tables import outbox as messages

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Gauges:
    """At one moment."""

    waiting: dict[str, int]
    """Rows of the outbox that are not settled, by state."""
    waits_since: datetime | None
    """When the oldest row was due of those that might go and that nobody has taken."""
    made: dict[str, int]
    """Rows of the outbox made in the last day, by state."""
    jobs: dict[str, int]
    notices: dict[tuple[str, str, str], int]
    """Notices planned in the last day: (state, reason, state of the message that says it) -> how many."""
    deals_as_of: datetime | None
    """When a deal was changed or imported last."""


def look(tx: Transaction, now: datetime) -> Gauges:
    """All of them; for `Database.read`."""
    since = id_at(now - DAY)
    open_rows = sa.select(messages.c.state, sa.func.count()).where(messages.c.settled_at.is_(None))
    made = sa.select(messages.c.state, sa.func.count()).where(messages.c.id > since)
    due = (messages.c.claimed_by.is_(None), messages.c.settled_at.is_(None), messages.c.due_at <= now)
    oldest = sa.select(sa.func.min(messages.c.due_at)).where(
        *due, sa.or_(messages.c.retry_at.is_(None), messages.c.retry_at <= now)
    )
    said = sa.func.coalesce(messages.c.state, "")
    reason = sa.func.coalesce(notices.c.reason, "")
    ended = (
        sa.select(notices.c.state, reason, said, sa.func.count())
        .select_from(notices.outerjoin(messages, messages.c.key == notices.c.said_as))
        .where(notices.c.id > since)
        .group_by(notices.c.state, reason, said)
    )
    by_job = sa.select(jobs.c.state, sa.func.count()).group_by(jobs.c.state)
    return Gauges(
        waiting={**dict.fromkeys(outbox.OPEN_STATES, 0), **_counted(tx, open_rows.group_by(messages.c.state))},
        waits_since=tx.execute(oldest).scalar_one(),
        made={
            **dict.fromkeys((*outbox.OPEN_STATES, *outbox.FINAL_STATES), 0),
            **_counted(tx, made.group_by(messages.c.state)),
        },
        jobs={**dict.fromkeys(("waiting", "running", "done", "failed"), 0), **_counted(tx, by_job)},
        notices={(row[0], row[1], row[2]): row[3] for row in tx.execute(ended)},
        deals_as_of=deals.fresh_as_of(tx),
    )


def _counted(tx: Transaction, query: sa.Select[tuple[str, int]]) -> dict[str, int]:
    return {row[0]: row[1] for row in tx.execute(query)}
