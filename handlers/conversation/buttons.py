"""The tokens behind a command's buttons and forms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from handlers.conversation.reply import Button
from handlers.conversation.request import Request
from storage import tokens
from storage.database import Transaction

LISTED = "listed"
"""Kept under the token of a button within a list, whose message stays when it is pressed (bot/turn.py)."""
GOOD_FOR = timedelta(days=14)
"""How long a button stays good that is not about undoing; a list gives fresh ones."""

Wanted = tuple[str, str, dict[str, Any]]
"""Label, action (a key of the command's `actions`), and what is kept under the token."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """Makes the buttons of one command; `forms` are its actions that open a form."""

    command: str
    forms: frozenset[str] = frozenset()

    def lasting(self, request: Request, tx: Transaction, wanted: Sequence[Wanted]) -> list[Button]:
        """Buttons that may be pressed more than once, by this person."""
        return self._issue(request, tx, [(one, GOOD_FOR, False) for one in wanted]) if wanted else []

    def once_and_lasting(
        self, request: Request, tx: Transaction, once: Wanted, good_for: timedelta, wanted: Sequence[Wanted]
    ) -> list[Button]:
        """A button that acts one time within `good_for`, then some that may be pressed more than once."""
        return self._issue(request, tx, [(once, good_for, True), *((one, GOOD_FOR, False) for one in wanted)])

    def token_for(self, request: Request, tx: Transaction, action: str, data: dict[str, Any]) -> str:
        """The token of a form or a choice, consumed when it is answered."""
        return self._issue(request, tx, [(("", action, data), GOOD_FOR, True)])[0].token

    def _issue(
        self, request: Request, tx: Transaction, wanted: Sequence[tuple[Wanted, timedelta, bool]]
    ) -> list[Button]:
        """A button for each of (what, how long, whether it acts one time); their tokens are written together."""
        now = request.now
        more = {LISTED: True} if request.listing else {}
        rows = [
            tokens.Wanted(action, data | more, now + good_for, once) for (_, action, data), good_for, once in wanted
        ]
        issued = tokens.issue_all(tx, rows, person=request.actor.person, command=self.command, at=now)
        return [
            Button(label, token, opens_form=action in self.forms)
            for ((label, action, _), _, _), token in zip(wanted, issued, strict=True)
        ]
