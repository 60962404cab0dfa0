"""The open action items of a one-to-one: carried until each is done or dropped, and taken over by a new manager."""

from __future__ import annotations

from typing import Final

import msgspec

from handlers.checkins import since, talk
from handlers.conversation.access import ActionOf, Allowed, may
from handlers.conversation.buttons import Issuer, Wanted
from handlers.conversation.reply import Buttons, Part, Reply, Text
from handlers.conversation.request import Outcome, Request
from handlers.conversation.wording import plural
from storage import actions
from storage.actions import Action
from storage.database import Transaction

issuer: Final = Issuer("todo", frozenset({"edit"}))
"""What an action item's buttons do is `/todo`'s (handlers/actions)."""
LISTED: Final = 6


def listing(request: Request, tx: Transaction) -> Outcome:
    """*Action items*: each with *Done*, *Change*, *Drop*; *Take over* on what a former manager owed."""
    pair = talk.pressed(request, tx)
    found = [one for one in actions.open_about(tx, [pair.person.id]) if _seen(request, one)]
    other = pair.other(request.actor.person).name
    if not found:
        return Outcome(reply=Reply(f"No action item of your one-to-ones with {other} is open."))
    below = msgspec.structs.replace(request, listing=True)
    title = plural(len(found), "open action item")
    parts: list[Part] = [Text(f"{title} of your one-to-ones with {other}", style="strong")]
    said = []
    for one in found[:LISTED]:
        mine = one.owner == request.actor.person
        line = since.action_line(request, one, request.actor.person)
        said.append(line)
        data = {"action": one.id}
        wanted: list[Wanted] = []
        if _left_behind(one, pair.manager.id, pair.person.id):
            line = f"{line} (before you)" if request.actor.person == pair.manager.id else line
            wanted = [("Take over", "take over", data)] if request.actor.person == pair.manager.id else []
        if mine or _changes(request, one):
            wanted += [("Done", "done", data), ("Change", "edit", data), ("Drop", "drop", data)]
        parts.append(Text(line))
        if wanted:
            parts.append(Buttons(tuple(issuer.lasting(below, tx, wanted))))
    if len(found) > LISTED:
        parts.append(Text(f"And {len(found) - LISTED} more.", style="quiet"))
    reads = f"Only you and {other} can see these."
    parts.append(Text(reads, style="quiet"))
    return Outcome(reply=Reply(f"{title}: {'; '.join(said)}. {reads}", tuple(parts)))


def _left_behind(one: Action, manager: str, person: str) -> bool:
    """Owed to the report by somebody who is their manager no more."""
    return one.about == person and one.owner not in (manager, person)


def _of(one: Action) -> ActionOf:
    return ActionOf(one.owner, one.subject, one.shared)


def _seen(request: Request, one: Action) -> bool:
    return isinstance(may(request.actor, "see an action item", _of(one)), Allowed)


def _changes(request: Request, one: Action) -> bool:
    return isinstance(may(request.actor, "change an action item", _of(one)), Allowed)
