"""A line of the audit log about what somebody does in a conversation."""

from __future__ import annotations

from typing import Any

from handlers.conversation.request import Request
from storage import audit
from storage.database import Transaction


def audited(request: Request, tx: Transaction, event: str, **details: Any) -> None:
    """Who did it where, now. `details` hold ids and reasons, never the text of a message."""
    audit.write(
        tx, event, at=request.now, person=request.actor.person, install=request.incoming.install, details=details
    )
