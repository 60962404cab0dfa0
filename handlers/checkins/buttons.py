"""The tokens behind the buttons and forms of check-ins."""

from __future__ import annotations

from typing import Final

from handlers.conversation.buttons import Issuer

NAME: Final = "checkin"
issuer: Final = Issuer(NAME, frozenset({"form", "comment", "flag", "make action"}))
