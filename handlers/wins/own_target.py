"""That somebody has reached their own target: told to them alone, who may tell the team. No figure is said."""

from __future__ import annotations

from handlers.conversation.access import Denied, WinOf, may
from handlers.conversation.errors import NotAllowed
from handlers.conversation.reply import Buttons, Reply, Text
from handlers.conversation.request import Outcome, Request
from handlers.figures.deal_words import title
from handlers.figures.stages import WON
from handlers.wins import announce, card, preview, team
from handlers.wins.errors import NothingReached
from handlers.wins.milestones import ASKED, key_of
from storage import deals, wins
from storage.database import Transaction
from storage.notices import Notice
from storage.wins import Milestone


def told(request: Request, tx: Transaction, notice: Notice) -> Reply | None:
    """That they reached their target, to its owner; None where that is not so any more, or they know."""
    asked = wins.milestone(tx, str(notice.data.get("key")))
    named = deals.get(tx, asked.deal) if asked is not None else None
    if asked is None or asked.value or named is None or "quota" not in request.company.wins.milestones:
        return None
    wins.told_milestone(tx, asked.key)
    period = team.period_of(request.company, team.span_of(request.company, card.day_of(named.deal)))
    sentence = (
        f"With {title(named)} you have reached your target for {period}. Well done. Only you read this; shall the team "
        "read it with the win? No figure is said."
    )
    pressable = preview.ISSUER.lasting(request, tx, [("Tell the team", "tell quota", {"deal": asked.deal})])
    return Reply(sentence, (Text(sentence), Buttons(tuple(pressable))))


def tell_button(request: Request, tx: Transaction) -> Outcome:
    """*Tell the team*: said with the win, where that is announced, and as soon as it is where it is not yet."""
    first = wins.even_gone(tx, request.data["deal"])
    if first is None:
        raise NothingReached
    period = key_of(team.span_of(request.company, card.day_of(first.deal)))
    # By now it may be another win of that period that reached it.
    asked = wins.milestone(tx, f"{ASKED}:{request.actor.person}:{period}")
    named = deals.get(tx, asked.deal) if asked is not None else None
    row = wins.get(tx, asked.deal) if asked is not None else None
    if named is None or row is None or named.deal.stage != WON:
        raise NothingReached
    verdict = may(request.actor, "tell of a target reached", WinOf(named.deal.owner, row.asked))
    if isinstance(verdict, Denied):
        raise NotAllowed(reason=verdict.sentence)
    key = f"quota:{request.actor.person}:{period}"
    wins.reach(tx, Milestone(key, "quota", named.deal.id, request.actor.person, None, None), at=request.now)
    messages = announce.announce(request, tx, named) if row.state == "announced" else []
    sentence = "It stands with your win now." if messages else "It is said with your win when that is announced."
    return Outcome(reply=Reply(sentence), messages=tuple(messages))
