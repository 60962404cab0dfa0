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

FORMS = frozenset(("new", "edit"))
"""The actions that open the form."""

Wanted = tuple[str, str, dict[str, Any]]
"""Label, action (a key of the command's `actions`), and what is kept under the token."""


def lasting(request: Request, tx: Transaction, wanted: Sequence[Wanted]) -> list[Button]:
    """Buttons that may be pressed more than once, by this person."""
    return _issue(request, tx, [(one, GOOD_FOR, False) for one in wanted]) if wanted else []


def once_and_lasting(
    request: Request, tx: Transaction, once: Wanted, good_for: timedelta, wanted: Sequence[Wanted]
) -> list[Button]:
    """A button that acts one time within `good_for`, then some that may be pressed more than once."""
    return _issue(request, tx, [(once, good_for, True), *((one, GOOD_FOR, False) for one in wanted)])


def token_for(request: Request, tx: Transaction, action: str, data: dict[str, Any]) -> str:
    """The token of a form or a choice, consumed when it is answered."""
    return _issue(request, tx, [(("", action, data), GOOD_FOR, True)])[0].token


def _issue(request: Request, tx: Transaction, wanted: Sequence[tuple[Wanted, timedelta, bool]]) -> list[Button]:
    """A button for each of (what, how long, whether it acts one time); their tokens are written together."""
    now = request.now
    rows = [tokens.Wanted(action, data, now + good_for, once) for (_, action, data), good_for, once in wanted]
    issued = tokens.issue_all(tx, rows, person=request.actor.person, command=NAME, at=now)
    return [
        Button(label, token, opens_form=action in FORMS)
        for ((label, action, _), _, _), token in zip(wanted, issued, strict=True)
    ]
