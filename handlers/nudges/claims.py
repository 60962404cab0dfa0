"""Claimed wins on Monday: to their owner, that they wait and for whose word; to a manager, with *Confirm*."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from handlers.conversation.access import Allowed, DealOf, may
from handlers.conversation.buttons import Wanted
from handlers.conversation.reply import Buttons, Part, Text
from handlers.conversation.request import Request
from handlers.conversation.wording import plural
from handlers.figures import number
from handlers.figures.claims import confirm
from handlers.figures.deal_words import money, title
from handlers.figures.number import Own
from handlers.nudges.buttons import DEAL, below
from storage import deals, people
from storage.database import Transaction
from storage.deals import Named

SINCE: Final = timedelta(days=120)
NAMED: Final = 3


def of_mine(request: Request, tx: Transaction, own: Own) -> str:
    """`And $48,000 claimed, which Omar Haddad has yet to confirm.`; empty where nothing of the period is claimed."""
    if not own.found.claimed:
        return ""
    amount = number.amount(request, own.found.measure, own.found.claimed)
    who = people.managers_of(tx, request.actor.person, request.basis.now.date())
    manager = people.person(tx, min(who)) if who else None
    whose = f"which {manager.name} has yet to confirm" if manager else "which nobody has confirmed yet"
    return f"And {amount} claimed, {whose}."


def of_team(request: Request, tx: Transaction, persons: Collection[str]) -> tuple[list[str], list[Part]]:
    """The latest of those that wait for this reader's word, as sentences and laid out, each with *Confirm*."""
    since = request.basis.now.date() - SINCE
    waiting = deals.claimed(tx, [one for one in persons if one in request.actor.reports], since=since)
    shares = deals.shares_of(tx, [one.deal.id for one in waiting])
    found = [one for one in waiting if _is_mine(request, one, {each.person for each in shares.get(one.deal.id, ())})]
    if not found:
        return [], []
    lead = f"{plural(len(found), 'claimed win waits', 'claimed wins wait')} for your word"
    wanted: list[Wanted] = [confirm(one.deal) for one in found[:NAMED]]
    said, parts = [_line(one) for one in found[:NAMED]], list[Part]([Text(f"{lead}:")])
    for line, button in zip(said, below(DEAL, request, tx, wanted), strict=True):
        parts += [Text(line), Buttons((button,))]
    if len(found) > NAMED:
        said.append(f"and {len(found) - NAMED} more, which “home” shows")
        parts.append(Text(f"{said[-1][0].upper()}{said[-1][1:]}.", style="quiet"))
    return [f"{lead}: {'; '.join(said)}."], parts


def _is_mine(request: Request, one: Named, sharing: set[str]) -> bool:
    subject = DealOf(one.deal.owner, frozenset({request.actor.person}), frozenset(sharing))
    return isinstance(may(request.actor, "confirm a win", subject), Allowed)


def _line(one: Named) -> str:
    """`Rosewood Paper, $48,000 (Sam Okafor)`."""
    return f"{', '.join(filter(None, (title(one), money(one.deal))))} ({one.owner})"
