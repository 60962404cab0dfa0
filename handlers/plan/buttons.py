"""The tokens behind the buttons and forms of `/target`, those of messages to others among them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from handlers.conversation.buttons import Issuer, Wanted
from handlers.conversation.reply import Button, Buttons
from handlers.conversation.request import Request
from storage import tokens
from storage.database import Transaction

NAME = "target"
FORMS = frozenset({"set", "adjust", "ask", "object", "give"})
GOOD_FOR = timedelta(days=60)
"""How long somebody may take to accept a target or to give their own figure."""

issuer = Issuer(NAME, forms=FORMS)


def for_other(request: Request, tx: Transaction, person: str, wanted: Sequence[Wanted]) -> Buttons:
    """Buttons that somebody else is to press."""
    rows = [tokens.Wanted(action, data, request.now + GOOD_FOR, False) for _, action, data in wanted]
    issued = tokens.issue_all(tx, rows, person=person, command=NAME, at=request.now)
    return Buttons(
        tuple(
            Button(label, token, opens_form=action in FORMS)
            for (label, action, _), token in zip(wanted, issued, strict=True)
        )
    )
