"""`kudos`: who is thanked hears of it, in their own chat."""

from __future__ import annotations

from typing import Final

from handlers.conversation.access import Denied, may
from handlers.conversation.reply import Reply, Text
from handlers.conversation.request import Request
from handlers.conversation.wording import listed
from handlers.figures import roster as rosters
from handlers.kudos import give, wording
from handlers.kudos.buttons import NAME
from handlers.reach.topic import Topic
from storage import kudos, notices
from storage.database import Transaction
from storage.notices import Notice


def compose(request: Request, tx: Transaction, notice: Notice) -> Reply | None:
    """The thank-you; nothing of what was taken back."""
    one = kudos.get(tx, notice.subject)
    if one is None or one.taken_back_at is not None:
        notices.settle(tx, [notice.id], "nothing", at=request.now, reason="was taken back")
        return None
    if isinstance(may(request.actor, "see kudos", give.subject(one)), Denied):
        notices.settle(tx, [notice.id], "nothing", at=request.now, reason="is not for them")
        return None
    roster = rosters.load(tx)
    others = [roster.name(person) for person in one.to if person != request.actor.person]
    giver, tagged = roster.name(one.giver), wording.tagged(request.company, one)
    lead = f"{giver} thanks {listed(['you', *others])}"
    sees = wording.may_see(one, [*others, giver])
    parts = (Text(lead, style="strong"), Text(wording.quoted(one)), Text(f"{tagged}\n{sees}", style="quiet"))
    value = wording.value_of(request.company, one.value).name
    return Reply(f"{lead}: {wording.quoted(one)} ({value}). {sees}", parts)


TOPIC: Final = Topic(
    name=NAME,
    title="Kudos for you",
    why="a colleague has thanked you",
    compose=compose,
    said=True,
    counts=False,
    called=("kudos", "thanks"),
)
