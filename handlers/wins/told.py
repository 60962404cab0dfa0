"""`win`: what one person hears of a win unasked, put together when the gate lets it through, from what is true then.

A private win, to the managers and who helped; that one was taken back, to those concerned; that it was confirmed, and
that they reached their target, to its owner.
"""

from __future__ import annotations

from typing import Final

from handlers.conversation.reply import Reply
from handlers.conversation.request import Request
from handlers.figures.stages import WON
from handlers.reach.topic import Topic
from handlers.wins import announce, own_target, owners
from storage import deals, people, wins
from storage.database import Transaction
from storage.notices import Notice


def compose(request: Request, tx: Transaction, notice: Notice) -> Reply | None:
    """None of what is not so any more."""
    match notice.slot.partition(":")[0]:
        case "private":
            return _private(request, tx, notice)
        case "gone":
            return _gone(request, tx, notice)
        case owners.CONFIRMED | owners.CLAIMED:
            return owners.compose(request, tx, notice)
        case _:
            return own_target.told(request, tx, notice)


def _private(request: Request, tx: Transaction, notice: Notice) -> Reply | None:
    named, row, me = deals.get(tx, notice.subject), wins.get(tx, notice.subject), request.actor.person
    if named is None or row is None or named.deal.stage != WON or (row.state, row.visibility) != ("kept", "private"):
        return None
    install = people.install_for(tx, me)
    if install is None or me == named.deal.owner or me not in announce.concerned(request, tx, named.deal):
        return None
    # Where it stands from now on, so that a correction finds it; once for each of them.
    if not wins.copied(tx, named.deal.id, install, me, f"notice:{notice.key}"):
        return None
    return announce.private(request, tx, named, row)


def _gone(request: Request, tx: Transaction, notice: Notice) -> Reply | None:
    named, row, me = wins.even_gone(tx, notice.subject), wins.get(tx, notice.subject), request.actor.person
    if not notice.data or named is None:
        return None
    if row is None and (named.deal.stage == WON and deals.get(tx, notice.subject) is not None):
        return None
    if row is not None and (row.state, f"gone:{row.revision}") != ("gone", notice.slot):
        return None
    standing = bool(wins.posts(tx, named.deal.id))
    read = standing or me == named.deal.owner or any(one.person == me for one in wins.copies(tx, named.deal.id))
    if not read or me not in announce.concerned(request, tx, named.deal):
        return None
    by = people.person(tx, notice.data["by"]) if notice.data["by"] else None
    who = f"by {by.name}" if by is not None else "by an import"
    amount = f", {notice.data['amount']}," if notice.data["amount"] else ""
    where = " The announcement says so too." if standing else ""
    return Reply(f"The win of {notice.data['what']}{amount} was taken back {who}, and is in no number any more.{where}")


TOPIC: Final = Topic(
    name=announce.TOPIC,
    title="Wins that concern you",
    why="you won, helped, or manage who did",
    compose=compose,
    said=True,
    counts=False,
    called=("wins", "win", "private wins"),
)
