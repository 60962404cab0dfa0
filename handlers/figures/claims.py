"""*Confirm* of a claimed win: the button that a list, Home and Monday's message share, answered by `/deal`."""

from __future__ import annotations

from handlers.conversation.buttons import Wanted
from storage.deals import Deal


def confirm(deal: Deal) -> Wanted:
    """*Confirm*: for the win as it stands beside the button; its owner may change a claimed one meanwhile."""
    return "Confirm", "confirm", {"deal": deal.id, "seen": seen(deal)}


def seen(deal: Deal) -> list[str]:
    """What of a claimed win decides how much counts and when."""
    return [str(deal.amount_minor), deal.currency or "", str(deal.closes_on)]
