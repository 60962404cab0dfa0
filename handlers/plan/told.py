"""Who is told that a target was set or changed, and what they read: before, after, why, *Accept* and *Object*."""

from __future__ import annotations

from handlers.conversation.reply import Buttons, Fact, Facts, Reply, Text
from handlers.conversation.request import Message, Request
from handlers.plan.buttons import for_other
from handlers.plan.subject import Whose, owners
from storage.database import Transaction

Key = tuple[str, str]
"""`version` or `adjustment`, and its id."""


def messages(
    request: Request,
    tx: Transaction,
    whose: Whose,
    about: Key,
    what: str,
    facts: tuple[tuple[str, str], ...],
) -> tuple[Message, ...]:
    """To the person, or to who leads the unit. `what` is a sentence's rest: `set your bookings target for 2026`."""
    kind, identifier = about
    found = []
    for person in owners(tx, whose, request.basis.now.date()):
        if person == request.actor.person:
            continue
        of = "your" if whose.person else f"{whose.name}'s"
        lead = f"{request.actor.name} {what.format(of=of)}."
        told = " ".join(f"{label}: {value}." for label, value in facts)
        data = {kind: identifier}
        buttons: Buttons = for_other(request, tx, person, [("Accept", "accept", data), ("Object", "object", data)])
        rows = tuple(Fact(label, value) for label, value in facts)
        reply = Reply(text=f"{lead} {told}", parts=(Text(lead, style="strong"), Facts(rows), buttons))
        found.append(Message(to=person, reply=reply, topic="target", key=f"target:{identifier}:{person}"))
    return tuple(found)


def plainly(to: str, sentence: str, key: str) -> tuple[Message, ...]:
    """One sentence to one person."""
    return (Message(to=to, reply=Reply(text=sentence), topic="target", key=key),)
