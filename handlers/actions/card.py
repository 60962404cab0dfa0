"""How action items are said and listed, with their buttons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import msgspec

from handlers.conversation.access import ActionOf, Allowed, may
from handlers.conversation.buttons import Issuer, Wanted
from handlers.conversation.reply import Button, Buttons, Part, Reply, Text
from handlers.conversation.request import Request
from handlers.conversation.wording import Days, plural
from handlers.figures.activity_words import next_line
from storage import actions, activities
from storage.actions import Action
from storage.database import Transaction

NAME: Final = "todo"
issuer: Final = Issuer(NAME, frozenset({"edit"}))
STEPS: Final = 3
"""Next steps of activities that are named below the list."""
STEPS_READ: Final = 50
STEPS_SINCE: Final = timedelta(days=14)
STEPS_AHEAD: Final = timedelta(days=366)
_OF_BOTH: Final = frozenset(("checkin", "one-to-one"))
"""What passes between a report and their manager: what comes of it both see."""
LISTED: Final = 8
"""With buttons: a phone's screen full."""


def line(request: Request, one: Action) -> str:
    """`Send the NDA to Acme, due Fri, Nov 20`."""
    days = Days.of(request.basis)
    whose = "" if one.owner == request.actor.person else f"{one.owner_name}: "
    due = f", due {days.day(one.due)}" if one.due and one.state == "open" else ""
    late = ", overdue" if one.state == "open" and one.due and one.due < days.today else ""
    return f"{whose}{one.text}{due}{late}"


def of(one: Action) -> ActionOf:
    """It as far as it matters who may do what with it."""
    return ActionOf(one.owner, one.subject, one.shared, one.source in _OF_BOTH)


def _may(request: Request, action: str, one: Action) -> bool:
    return isinstance(may(request.actor, action, of(one)), Allowed)


def seen(request: Request, one: Action) -> bool:
    """Whether it is for the actor's eyes: what is owed to a report ends there when the report has another manager."""
    return _may(request, "see an action item", one)


def seen_by(request: Request, one: Action) -> str:
    """Who can see it."""
    if one.about and one.about != one.owner:
        return "You, and the person whom it is for, can see it."
    if one.owner != request.actor.person:
        return f"You and {one.owner_name} can see it."
    return "You and your manager can see it." if one.shared else "Only you can see it."


def buttons(request: Request, tx: Transaction, one: Action, *, whole: bool = False) -> tuple[Button, ...]:
    """*Done*, *Move*, *Drop*; on one that stands alone also who may see it."""
    data = {"action": one.id}
    wanted: list[Wanted] = [("Done", "done", data), ("Change", "edit", data), ("Drop", "drop", data)]
    if whole and one.about is None and _may(request, "share an action item", one):
        wanted.append(("Keep it to myself", "unshare", data) if one.shared else ("Show my manager", "share", data))
    return tuple(issuer.lasting(request, tx, wanted))


def single(request: Request, tx: Transaction, one: Action, lead: str, note: str = "") -> Reply:
    """One of them, with what happened to it; `note` is a sentence about its day."""
    sentence, small = f"{lead} {line(request, one)}.", " ".join(filter(None, (note, seen_by(request, one))))
    parts: tuple[Part, ...] = (Text(sentence), Text(small, style="quiet"))
    if one.state == "open":
        return Reply(f"{sentence} {small}", (*parts, Buttons(buttons(request, tx, one, whole=True))))
    again = issuer.lasting(request, tx, [("Open it again", "reopen", {"action": one.id})])
    return Reply(sentence, (Text(sentence), Buttons(tuple(again))))


def listing(request: Request, tx: Transaction) -> Reply:
    """One's own open ones, what is overdue first."""
    mine = [one for one in actions.open_of(tx, request.actor.person) if seen(request, one)]
    steps = _next_steps(request, tx)
    if not mine:
        nothing = "Nothing is on your list. “remind me to send the NDA to Acme on Friday” puts something there."
        return Reply(f"{nothing} {steps}".strip())
    late = [one for one in mine if one.due is not None and one.due < request.basis.now.date()]
    lead = f"{plural(len(mine), 'open action item')}" + (f", {len(late)} overdue" if late else "")
    parts: list[Part] = [Text(lead, style="strong"), *rows(request, tx, mine[:LISTED])]
    if len(mine) > LISTED:
        parts.append(Text(f"And {len(mine) - LISTED} more.", style="quiet"))
    if steps:
        parts.append(Text(steps, style="quiet"))
    said = "; ".join(line(request, one) for one in mine[:LISTED])
    return Reply(f"{lead}: {said}. {steps}".strip(), tuple(parts))


def _next_steps(request: Request, tx: Transaction) -> str:
    """`Next steps of what you logged: Acme: send NDA, Fri, Nov 20. …`; empty where none is open."""
    days = Days.of(request.basis)
    first, last = days.today - STEPS_SINCE, days.today + STEPS_AHEAD
    found = activities.next_due(tx, request.actor.person, first, last, STEPS_READ)[::-1]
    if not found:
        return ""
    said = []
    for one in found[:STEPS]:
        who = one.account_name or one.account_text
        said.append(f"{who}: {next_line(one, days)}" if who else next_line(one, days))
    more = "; and more" if len(found) > STEPS else ""
    return (
        f"Next steps of what you logged: {'; '.join(said)}{more}. “home” and the morning message bring each on its day."
    )


def rows(request: Request, tx: Transaction, some: Sequence[Action]) -> list[Part]:
    """Each with its buttons; the list stays when one is pressed."""
    request = msgspec.structs.replace(request, listing=True)
    parts: list[Part] = []
    for one in some:
        parts += [Text(line(request, one)), Buttons(buttons(request, tx, one))]
    return parts
