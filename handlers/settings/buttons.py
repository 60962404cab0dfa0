"""The tokens behind the buttons and forms of `settings`."""

from __future__ import annotations

from handlers.conversation.buttons import Issuer

NAME = "settings"
issuer = Issuer(NAME, forms=frozenset({"change", "add leave", "what others see"}))
