"""The buttons below a nudge. Each is one of `/deal`'s, `/log`'s or `/quota`'s own, and is answered by them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from handlers.conversation.buttons import Issuer, Wanted
from handlers.conversation.reply import Button
from handlers.conversation.request import Request
from storage.database import Transaction

DEAL: Final = Issuer("deal", frozenset(("new", "edit")))
LOG: Final = Issuer("log", frozenset(("new", "edit", "follow")))
QUOTA: Final = Issuer("quota")
TODO: Final = Issuer("todo", frozenset({"edit"}))


def below(issuer: Issuer, request: Request, tx: Transaction, wanted: Sequence[Wanted]) -> tuple[Button, ...]:
    """The nudge stays when one of them is pressed, and the answer comes below it."""
    return tuple(issuer.lasting(msgspec.structs.replace(request, listing=True), tx, wanted))
