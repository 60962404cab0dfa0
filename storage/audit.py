"""The audit log: who did, or tried, what matters to somebody else."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.database import Transaction
from storage.tables import audit_log, new_id


def write(
    tx: Transaction, event: str, *, at: datetime, person: str | None, install: str | None, details: dict[str, Any]
) -> None:
    """One line. `details` hold ids and reasons, never the text of a message."""
    tx.execute(
        audit_log.insert(),
        {"id": new_id(), "at": at, "person": person, "install": install, "event": event, "details": details},
    )


def events(tx: Transaction, event: str) -> list[dict[str, Any]]:
    """The lines of one kind, oldest first."""
    query = sa.select(audit_log).where(audit_log.c.event == event).order_by(audit_log.c.id)
    return [dict(row._mapping) for row in tx.execute(query)]
