"""The tokens behind `/log`'s buttons and forms."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from handlers.conversation.reply import Button
from handlers.conversation.request import Request
from storage import tokens
from storage.database import Transaction

NAME = "log"
GOOD_FOR = timedelta(days=14)
"""How long a button stays good that is not about undoing; the list gives fresh ones."""

Wanted = tuple[str, str, dict[str, Any]]
"""Label, action (a key of the command's `actions`), and what is kept under the token."""


def lasting(request: Request, tx: Transaction, wanted: Sequence[Wanted]) -> list[Button]:
    """Buttons that may be pressed more than once, by this person."""
    if not wanted:
        return []
    issued = _issue(request, tx, wanted, GOOD_FOR, once=False)
    return [Button(label, token) for (label, _, _), token in zip(wanted, issued, strict=True)]


def once(request: Request, tx: Transaction, wanted: Wanted, good_for: timedelta) -> Button:
    """A button that acts one time."""
    return Button(wanted[0], _issue(request, tx, [wanted], good_for, once=True)[0])


def token_for(request: Request, tx: Transaction, action: str, data: dict[str, Any]) -> str:
    """The token of a form or a choice, consumed when it is answered."""
    return _issue(request, tx, [("", action, data)], GOOD_FOR, once=True)[0]


def _issue(
    request: Request, tx: Transaction, wanted: Sequence[Wanted], good_for: timedelta, *, once: bool
) -> list[str]:
    return tokens.issue(
        tx,
        *((action, data) for _, action, data in wanted),
        person=request.actor.person,
        command=NAME,
        at=request.now,
        expires_at=request.now + good_for,
        once=once,
    )
