"""The tokens behind `/log`'s buttons and forms."""

from __future__ import annotations

from handlers.conversation.buttons import GOOD_FOR, Issuer, Wanted

__all__ = ["FORMS", "GOOD_FOR", "ISSUER", "NAME", "Wanted", "lasting", "once_and_lasting", "token_for"]

NAME = "log"
FORMS = frozenset(("new", "edit", "follow"))
"""The actions that open the form."""

ISSUER = Issuer(NAME, FORMS)
lasting = ISSUER.lasting
once_and_lasting = ISSUER.once_and_lasting
token_for = ISSUER.token_for
