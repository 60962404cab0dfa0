"""The button below what came unasked. An edit of such a message takes its buttons away, so it brings this one too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from handlers.conversation.buttons import Issuer
from handlers.conversation.reply import Buttons, Reply, Text
from handlers.conversation.request import Request
from storage.database import Transaction

_SETTINGS: Final = Issuer("settings")


def with_why(request: Request, tx: Transaction, reader: str, reply: Reply, topics: Sequence[str]) -> Reply:
    """The message to that person, who has not asked for it, with *Why this?* below it; `topics`: of what is in it."""
    actor = msgspec.structs.replace(request.actor, person=reader)
    as_reader = msgspec.structs.replace(request, actor=actor, listing=False)
    buttons = _SETTINGS.lasting(as_reader, tx, [("Why this?", "why", {"topics": list(topics)})])
    return msgspec.structs.replace(reply, parts=(*(reply.parts or (Text(reply.text),)), Buttons(tuple(buttons))))
