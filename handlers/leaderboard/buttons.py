"""The tokens behind the leaderboard's buttons."""

from __future__ import annotations

from typing import Final

from handlers.conversation.buttons import Issuer

NAME: Final = "leaderboard"
issuer: Final = Issuer(NAME)
