"""What others make of a win that its owner has told: confirmed, claimed again, not won. The owner is told once the gate
lets it through, from what is so then. Of what an import brings they read in the file's own answer, or nowhere."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from handlers.conversation.facts import DealReversed, DealWon, WinChanged
from handlers.conversation.reply import Reply
from handlers.conversation.request import Request
from handlers.figures.deal_words import money, title
from handlers.figures.stages import WON
from handlers.wins import announce
from storage import deals, notices, people, wins
from storage.database import Transaction
from storage.deals import Deal
from storage.notices import Notice

CONFIRMED, CLAIMED = "confirmed", "claimed"


def confirmed(fact: DealWon, request: Request, tx: Transaction) -> None:
    """A claimed win counts from now on."""
    if fact.confirmed and _is_anothers(request, fact.deal):
        _tell(request, tx, fact.deal, CONFIRMED, {"was": _said_before(tx, fact.deal)}, instead_of=CLAIMED)


def claimed_again(fact: WinChanged, request: Request, tx: Transaction) -> None:
    """What confirmed it was undone."""
    if not fact.before.claimed and fact.after.claimed and _is_anothers(request, fact.after):
        _tell(request, tx, fact.after, CLAIMED, {}, instead_of=CONFIRMED)


def not_won(fact: DealReversed, request: Request, tx: Transaction) -> None:
    """What the owner said to be won is not, also where nobody else has read of it. As `announce.take_back` tells it,
    and not twice."""
    deal, row = fact.deal, wins.get(tx, fact.deal.id)
    if not _is_anothers(request, deal) or not (deal.claimed or _told_by_owner(tx, deal)):
        return
    slot = f"gone:{row.revision}" if row is not None else f"gone:at {request.now.isoformat()}"
    _withdraw(request, tx, deal, CONFIRMED, CLAIMED)
    data = {"by": request.actor.person, "what": title(wins.named(tx, deal)), "amount": money(deal)}
    announce.tell_of(request, tx, deal, [str(deal.owner)], slot, data)


def compose(request: Request, tx: Transaction, notice: Notice) -> Reply | None:
    """That it counts, or does not any more; None of what is not so by now."""
    named, by = deals.get(tx, notice.subject), people.person(tx, str(notice.data.get("by")))
    if named is None or by is None or named.deal.stage != WON or named.deal.owner != request.actor.person:
        return None
    if named.deal.claimed != (notice.slot.partition(":")[0] == CLAIMED):
        return None
    now = money(named.deal)
    what = f"{title(named)}, {now}" if now else title(named)
    if named.deal.claimed:
        return Reply(
            f"{by.name} took back the confirmation of your win of {what}. It is claimed again: it counts once a "
            "manager, an admin or an import confirms it."
        )
    was = notice.data.get("was")
    instead = f", which was {was} so far" if was and was != now else ""
    return Reply(f"{by.name} confirmed your win of {what}{instead}. It counts from now on.")


def _is_anothers(request: Request, deal: Deal) -> bool:
    """Somebody else than the owner says so, and no import does."""
    return bool(request.incoming.profile.external_id) and deal.owner not in (None, request.actor.person)


def _told_by_owner(tx: Transaction, deal: Deal) -> bool:
    history = deals.history(tx, deal.id)
    return any(one.by == deal.owner and one.changed.get("stage", (None, None))[1] == WON for one in history)


def _said_before(tx: Transaction, deal: Deal) -> str:
    """The amount that was claimed, where what confirmed it changed it."""
    latest = next(iter(deals.history(tx, deal.id)), None)
    changed = latest.changed if latest is not None and not latest.made else {}
    before = {name: changed[name][0] for name in ("amount_minor", "currency") if name in changed}
    return money(replace(deal, **before)) if before else ""


def _tell(request: Request, tx: Transaction, deal: Deal, what: str, data: dict[str, Any], *, instead_of: str) -> None:
    """Unless they have not even read yet of what this takes back: then nothing has happened for them."""
    if not _withdraw(request, tx, deal, instead_of):
        data = {"by": request.actor.person, **data}
        announce.tell_of(request, tx, deal, [str(deal.owner)], f"{what}:{request.now.isoformat()}", data)


def _withdraw(request: Request, tx: Transaction, deal: Deal, *kinds: str) -> bool:
    """What waits to be told of these; whether anything did."""
    waiting = notices.due_about(tx, announce.TOPIC, str(deal.owner), deal.id, now=request.now)
    found = [one.id for one in waiting if one.slot.partition(":")[0] in kinds]
    if found:
        notices.settle(tx, found, "withdrawn", at=request.now, reason="it is otherwise by now")
    return bool(found)
