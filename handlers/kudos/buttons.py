"""The tokens behind the buttons and forms of kudos."""

from __future__ import annotations

from typing import Final

from handlers.conversation.buttons import Issuer

NAME: Final = "kudos"
issuer: Final = Issuer(NAME, frozenset({"new"}))
