"""What cannot be done with a win, as the person reads it."""

from __future__ import annotations

from handlers.conversation.errors import UserError


class WonNoMore(UserError):
    """That deal is won no more, so there is nothing to announce. “/win” and the account says a win."""


class NothingReached(UserError):
    """That is not so any more, since the deal was changed or taken back, so nothing was said."""
