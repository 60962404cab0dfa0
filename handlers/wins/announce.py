"""Making a win known: into the channels whose routes it fits, privately, or edited where it stands already.

Channels read it at once. What goes to one person unasked waits for the gate (told.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

import msgspec

from handlers.conversation.company import Company, WinRoute
from handlers.conversation.reply import Reply, Text
from handlers.conversation.request import Address, Message, Place, Request
from handlers.figures.deal_words import money, title
from handlers.reach.why import with_why
from handlers.wins import card
from handlers.wins.team import in_plan, team_of, whole_units
from storage import notices, people, wins
from storage.database import Transaction
from storage.deals import Deal, Named
from storage.wins import Post

TOPIC: Final = "win"
WORTH: Final = timedelta(days=7)
"""How long an announcement is still news."""
TOLD_FOR: Final = timedelta(days=35)
"""How long somebody is told what concerns them; a leave does not count."""


def routes_for(tx: Transaction, company: Company, deal: Deal) -> list[WinRoute]:
    """Where it goes, each conversation once: by its size and its owner's team."""
    amount = in_plan(tx, company, deal)
    size = whole_units(amount, company) if amount is not None else 0
    team = team_of(tx, company, deal)
    names = {one.name.casefold() for one in (team.unit, *team.above)} if team else set()
    found: dict[tuple[str, str], WinRoute] = {}
    for route in company.wins.routes:
        fits = size >= route.at_least and (not route.team or route.team.casefold() in names)
        if fits:
            found.setdefault((route.install, route.conversation), route)
    return list(found.values())


def announce(request: Request, tx: Transaction, named: Named) -> list[Message]:
    """Post it where it does not stand yet, and edit it where it does and says something else by now. Once for a deal
    and a channel, in whatever order and however often this is asked for."""
    deal, row = named.deal, wins.get(tx, named.deal.id)
    assert row is not None
    reply = card.announcement(tx, request.company, named, row)
    digest = card.digest(reply)
    messages: list[Message] = []
    if digest != row.digest and (standing := wins.posts(tx, deal.id) + _readable(request, tx, deal)):
        messages = _edits(request, tx, deal.id, standing, reply, row.revision + 1)
    for route in routes_for(tx, request.company, deal):
        key = f"win:{deal.id}:{route.install}:{route.conversation}"
        if wins.posted(tx, deal.id, route.install, route.conversation, key):
            place = Place(route.install, Address(conversation=route.conversation))
            messages.append(Message("", reply, TOPIC, key, request.now + WORTH, place=place))
    values = {"state": "announced", "digest": digest, "claimed": deal.claimed, "gone_at": None}
    wins.set_(tx, deal.id, **values, announced_at=row.announced_at or request.now)
    return messages


def correct(request: Request, tx: Transaction, named: Named) -> list[Message]:
    """What stands somewhere says what is so now, whoever reads it there; nothing is asked and nobody new is told, but
    of a private win those who are concerned by now."""
    row = wins.get(tx, named.deal.id)
    assert row is not None
    if row.state == "announced":
        return announce(request, tx, named)
    private = row.state == "kept" and row.visibility == "private"
    if not private and not wins.copies(tx, named.deal.id):
        return []
    return keep_private(request, tx, named, tell=private)


def _edits(
    request: Request, tx: Transaction, deal: str, standing: list[Post], reply: Reply, revision: int
) -> list[Message]:
    """What stands says this from now on."""
    wins.set_(tx, deal, revision=revision)
    own = msgspec.structs.replace(reply, private=True)
    return [
        Message(
            "",
            with_why(request, tx, post.person, own, [TOPIC]) if post.person else reply,
            TOPIC,
            f"{post.key}:{revision}",
            place=Place(post.install, _address(post)),
            edits=post.key,
        )
        for post in standing
    ]


def _address(post: Post) -> Address:
    """That of the message, once the row that posted it is gone; till then that row knows it."""
    if post.sent_as:
        return msgspec.json.decode(post.sent_as, type=Address)
    return Address() if post.person else Address(conversation=post.conversation)


def _readable(request: Request, tx: Transaction, deal: Deal) -> list[Post]:
    """Private copies of those whom it still concerns."""
    copies = wins.copies(tx, deal.id)
    readers = concerned(request, tx, deal) if copies else []
    return [one for one in copies if one.person in readers]


def keep_private(request: Request, tx: Transaction, named: Named, *, tell: bool = True) -> list[Message]:
    """Only the owner's managers and who helped read of it, in their own chat; where it stands there already it is
    edited. Who read of it and is not concerned any more sees no more than that. `tell`: those who were not told yet."""
    deal, row = named.deal, wins.get(tx, named.deal.id)
    assert row is not None
    reply = private(request, tx, named, row)
    readers = concerned(request, tx, deal)
    digest, copies = card.digest(reply), wins.copies(tx, deal.id)
    messages: list[Message] = []
    if digest != row.digest and copies:
        theirs = [one for one in copies if one.person in readers]
        others = [one for one in copies if one.person not in readers]
        revision = row.revision + 1
        messages = _edits(request, tx, deal.id, theirs, reply, revision)
        messages += _edits(request, tx, deal.id, others, card.for_others(named), revision)
    wins.set_(tx, deal.id, digest=digest)
    if tell:
        told = {one.person for one in copies} | {request.actor.person, deal.owner}
        tell_of(request, tx, deal, [one for one in readers if one not in told], f"private:{row.revision}", {})
    return messages


def private(request: Request, tx: Transaction, named: Named, row: wins.Win) -> Reply:
    """A win as those read it to whom it is told privately."""
    reply = msgspec.structs.replace(card.announcement(tx, request.company, named, row), private=True)
    why = "It is kept private: you read it because you helped, or as the manager."
    return msgspec.structs.replace(reply, text=f"{reply.text} {why}", parts=(*reply.parts, Text(why, style="quiet")))


def tell_of(
    request: Request, tx: Transaction, deal: Deal, persons: Sequence[str], slot: str, data: dict[str, Any]
) -> None:
    """Each of them hears it as soon as they may be written to, as it is then."""
    wanted = [
        notices.Wanted(
            topic=TOPIC, person=one, slot=slot, subject=deal.id, due_at=request.now, until=request.now + TOLD_FOR,
            data=data,
        )
        for one in persons
    ]  # fmt: skip
    notices.plan(tx, wanted, at=request.now)


def concerned(request: Request, tx: Transaction, deal: Deal) -> list[str]:
    """Ids of the owner, who helped, and the owner's managers today."""
    today = request.basis.now.date()
    managers = people.managers_of(tx, deal.owner, today) if deal.owner else []
    owner = [deal.owner] if deal.owner else []
    return list(dict.fromkeys([*owner, *(one for one, _ in wins.helpers(tx, deal.id)), *managers]))


def take_back(request: Request, tx: Transaction, named: Named) -> list[Message]:
    """A win that was made known is won no more: where it stands it says so, and those concerned are told."""
    deal, row = named.deal, wins.get(tx, named.deal.id)
    if row is None or row.state == "gone":
        return []
    standing, copies = wins.posts(tx, deal.id), _readable(request, tx, deal)
    revision = row.revision + 1
    messages: list[Message] = []
    if standing or copies:
        reply = card.taken_back(tx, request.company, named, announced=bool(standing))
        messages = _edits(request, tx, deal.id, [*standing, *copies], reply, revision)
    wins.set_(tx, deal.id, state="gone", gone_at=request.now, digest=None, revision=revision)
    wins.unreach(tx, deal.id, at=request.now)
    if standing or copies or (row.state == "kept" and row.visibility == "private"):
        concern = [one for one in concerned(request, tx, deal) if one != request.actor.person]
        # With its name: where an import is rolled back, the account goes too.
        data = {"by": request.actor.person, "what": title(named), "amount": money(deal)}
        tell_of(request, tx, deal, concern, f"gone:{revision}", data)
    return messages
