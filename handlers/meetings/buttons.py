"""The tokens behind `/meeting`'s buttons and forms."""

from __future__ import annotations

from handlers.conversation.buttons import Issuer

NAME = "meeting"
ISSUER = Issuer(
    NAME, frozenset(("new", "edit", "move form", "add to agenda", "write minutes"))
)  # fmt: skip
