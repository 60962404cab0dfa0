"""The tokens behind the buttons and forms of `people`."""

from __future__ import annotations

from handlers.conversation.buttons import Issuer

NAME = "people"

issuer = Issuer(NAME, forms=frozenset({"change", "leave", "new"}))
