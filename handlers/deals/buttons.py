"""The tokens behind `/deal`'s buttons and forms."""

from __future__ import annotations

from handlers.conversation.buttons import Issuer, Wanted

__all__ = ["ISSUER", "NAME", "Wanted", "lasting", "once_and_lasting", "token_for"]

NAME = "deal"

ISSUER = Issuer(NAME, frozenset(("new", "edit")))
lasting = ISSUER.lasting
once_and_lasting = ISSUER.once_and_lasting
token_for = ISSUER.token_for
