"""The tokens behind `/deal`'s buttons and forms."""

from __future__ import annotations

from handlers.conversation.buttons import Issuer, Wanted
from handlers.conversation.reply import Button
from handlers.conversation.request import Request
from handlers.figures.claims import confirm, seen
from handlers.figures.stages import LOST
from storage import commission
from storage.database import Transaction
from storage.deals import Deal

__all__ = ["ISSUER", "NAME", "Wanted", "confirm", "lasting", "once_and_lasting", "seen", "token_for", "worth"]

NAME = "deal"

ISSUER = Issuer(NAME, frozenset(("new", "edit")))
lasting = ISSUER.lasting
once_and_lasting = ISSUER.once_and_lasting
token_for = ISSUER.token_for


def worth(request: Request, tx: Transaction, deal: Deal) -> list[Button]:
    """*Worth to me*, on a deal of one's own where there are commission plans; `/quota` answers it."""
    mine = deal.owner == request.actor.person and deal.stage != LOST and deal.amount_minor is not None
    if not mine or not commission.are_any(tx):
        return []
    return Issuer("quota").lasting(request, tx, [("Worth to me", "worth", {"deal": deal.id})])
