"""Why there was nothing to say, kept with the notice: `pacer deliveries` answers with it."""

from __future__ import annotations

from handlers.conversation.reply import Reply
from handlers.conversation.request import Request
from storage import notices
from storage.database import Transaction
from storage.notices import Notice


def nothing(request: Request, tx: Transaction, notice: Notice, reason: str) -> Reply | None:
    """The notice ends with that reason, and nothing is said."""
    notices.settle(tx, [notice.id], "nothing", at=request.now, reason=reason)
    return None
