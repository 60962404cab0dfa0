"""`/kudos list`: what I received and gave; of somebody else what everybody may see."""

from __future__ import annotations

from typing import Final

from handlers.conversation.access import Allowed, may
from handlers.conversation.reply import Buttons, Part, Reply, Text
from handlers.conversation.request import Outcome, Request
from handlers.conversation.wording import listed, plural
from handlers.figures import roster as rosters
from handlers.figures.roster import several, unknown
from handlers.kudos import give, wording
from handlers.kudos.buttons import issuer
from handlers.kudos.errors import NobodyCalled
from storage import kudos
from storage.database import Transaction

SHOWN: Final = 10


def mine(request: Request, tx: Transaction) -> Outcome:
    """The latest of both."""
    me, roster = request.actor.person, rosters.load(tx)
    got, gave = kudos.received(tx, me, SHOWN), kudos.given(tx, me, SHOWN)
    received = [wording.listed_line(request, one, roster.name(one.giver)) for one in got]
    given = [
        wording.listed_line(request, one, f"to {listed([roster.name(person) for person in one.to])}") for one in gave
    ]
    still = give.left(request, tx)
    month = "" if still is None else f"You have kudos for {plural(still, 'more person', 'more people')} this month."
    parts: list[Part] = []
    said: list[str] = []
    for lead, lines, none in (
        ("Kudos that you received", received, "You have received none yet."),
        ("Kudos that you gave", given, "You have given none yet: “/kudos @sam for the demo rescue”."),
    ):
        parts += [Text(lead, style="strong"), Text("\n".join(lines) or none)]
        said.append(f"{lead}: {'; '.join(lines)}." if lines else f"{lead}: {none}")
    if month:
        parts.append(Text(month, style="quiet"))
        said.append(month)
    parts.append(Buttons(tuple(issuer.lasting(request, tx, [("Give kudos", "new", {})]))))
    return Outcome(reply=Reply(" ".join(said), tuple(parts)))


def theirs(request: Request, tx: Transaction, name: str) -> Outcome:
    """What somebody else received, as far as one may see it."""
    roster = rosters.load(tx)
    found = [one for one in roster.people_called(name) if not one.left]
    if len(found) != 1:
        here = [one.name for one in roster.people if not one.left]
        raise NobodyCalled(sentence=several(name, found) if found else unknown(name, here, "person"))
    who = found[0]
    if who.id == request.actor.person:
        return mine(request, tx)
    seen = [
        one
        for one in kudos.received(tx, who.id, SHOWN * 5)
        if isinstance(may(request.actor, "see kudos", give.subject(one)), Allowed)
    ][:SHOWN]
    if not seen:
        return Outcome(reply=Reply(f"I have no kudos of {who.name} to show you yet."))
    lines = [wording.listed_line(request, one, roster.name(one.giver)) for one in seen]
    lead = f"Kudos that {who.name} received"
    return Outcome(reply=Reply(f"{lead}: {'; '.join(lines)}.", (Text(lead, style="strong"), Text("\n".join(lines)))))
