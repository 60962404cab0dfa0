"""What of my deals waits for me, on my own page: claimed wins to confirm, deals past their close date or about to
close, and my own wins that wait for somebody's word."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from handlers.conversation.reply import Buttons, Part, Text
from handlers.conversation.request import Request
from handlers.conversation.wording import Days, listed, plural
from handlers.deals import buttons
from handlers.deals.stages import pipeline_of
from handlers.figures.deal_words import one_line, title
from handlers.numbers.working_days import week_of
from storage import deals
from storage.database import Transaction
from storage.deals import Named

FIRST: Final = 3
"""Deals with buttons under each heading; `/deal list` has them all."""
CLAIMED_FOR: Final = timedelta(days=120)


def home(request: Request, tx: Transaction) -> tuple[Part, ...]:
    """Nothing where nothing waits."""
    today, actor = request.basis.now.date(), request.actor
    claimed = deals.claimed(tx, {actor.person, *actor.reports}, since=today - CLAIMED_FOR)
    theirs = [one for one in claimed if one.deal.owner != actor.person]
    own = [one for one in claimed if one.deal.owner == actor.person]
    closing = [
        one
        for one in deals.owned(tx, [actor.person], stages=pipeline_of(request.company).open)
        if one.deal.closes_on is not None and one.deal.closes_on <= week_of(today)[1]
    ]
    late = [one for one in closing if one.deal.closes_on and one.deal.closes_on < today]
    soon = [one for one in closing if one not in late]
    parts = [
        *_group(request, tx, f"{plural(len(theirs), 'claimed win')} to confirm", theirs, ("Confirm", "Edit")),
        *_group(request, tx, f"{plural(len(late), 'deal')} past the close date", late, ("Edit",)),
        *_group(request, tx, f"{plural(len(soon), 'deal')} closing this week", soon, ("Edit",)),
    ]
    if own:
        names = listed([title(one) for one in own[:FIRST]])
        more = f" and {len(own) - FIRST} more" if len(own) > FIRST else ""
        parts.append(Text(f"Claimed, and waiting for a manager's word: {names}{more}.", style="quiet"))
    return tuple(parts)


def _group(
    request: Request, tx: Transaction, heading: str, some: Sequence[Named], labels: tuple[str, ...]
) -> list[Part]:
    if not some:
        return []
    days, me = Days.of(request.basis), request.actor.person
    shown = some[:FIRST]
    wanted: list[buttons.Wanted] = [
        buttons.confirm(one.deal) if label == "Confirm" else (label, label.lower(), {"deal": one.deal.id})
        for one in shown
        for label in labels
    ]
    made = buttons.lasting(request, tx, wanted)
    parts: list[Part] = [Text(heading, style="strong")]
    for at, one in enumerate(shown):
        owner = f" ({one.owner})" if one.deal.owner != me and one.owner else ""
        # The heading says that it is claimed.
        line = one_line(one.deal, days).removesuffix(", claimed")
        parts.append(Text(f"{title(one)}{owner}: {line}"))
        parts.append(Buttons(tuple(made[at * len(labels) : (at + 1) * len(labels)])))
    if len(some) > FIRST:
        parts.append(Text(f"And {len(some) - FIRST} more: “/deal list” shows them.", style="quiet"))
    return parts
