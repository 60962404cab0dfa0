"""The tokens behind `/deal`'s buttons and forms."""

from __future__ import annotations

from handlers.conversation.buttons import Issuer, Wanted
from handlers.conversation.reply import Button
from handlers.conversation.request import Request
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


def confirm(deal: Deal) -> Wanted:
    """*Confirm*: for the win as it stands beside the button; its owner may change a claimed one meanwhile."""
    return "Confirm", "confirm", {"deal": deal.id, "seen": seen(deal)}


def seen(deal: Deal) -> list[str]:
    """What of a claimed win decides how much counts and when."""
    return [str(deal.amount_minor), deal.currency or "", str(deal.closes_on)]


def worth(request: Request, tx: Transaction, deal: Deal) -> list[Button]:
    """*Worth to me*, on a deal of one's own where there are commission plans; `/quota` answers it."""
    mine = deal.owner == request.actor.person and deal.stage != LOST and deal.amount_minor is not None
    if not mine or not commission.are_any(tx):
        return []
    return Issuer("quota").lasting(request, tx, [("Worth to me", "worth", {"deal": deal.id})])
