"""What is heard of wins, wherever they come from: chat, an import, the command line."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from handlers.conversation.facts import DealReversed, DealWon, WinChanged, WinTold
from handlers.conversation.request import Message, Outcome, Request
from handlers.figures.stages import WON
from handlers.wins import announce, milestones, preview
from handlers.wins.card import LONGEST_STORY
from storage import deals, wins
from storage.database import Transaction
from storage.deals import Named


def won(fact: DealWon, request: Request, tx: Transaction) -> Outcome:
    """A deal is won, or a claimed win counts from now on."""
    named = deals.get(tx, fact.deal.id)
    if not request.company.wins.routes or named is None or named.deal.stage != WON:
        return Outcome()
    return Outcome(messages=tuple(_heard(request, tx, named, explicit=False)))


def told(fact: WinTold, request: Request, tx: Transaction) -> Outcome:
    """Somebody spoke of a win: who helped and how it went is kept, and what would go out is shown."""
    named = deals.get(tx, fact.deal.id)
    if not request.company.wins.routes or named is None or named.deal.stage != WON:
        return Outcome()
    deal = named.deal
    new = wins.hear(tx, deal.id, state="asked", asked=fact.by, claimed=deal.claimed, at=request.now)
    if fact.helpers:
        before = [one for one, _ in wins.helpers(tx, deal.id)]
        wins.help_by(tx, deal.id, [*before, *(one for one in fact.helpers if one != deal.owner)])
    if fact.story:
        wins.set_(tx, deal.id, story=fact.story[:LONGEST_STORY])
    return Outcome(messages=tuple(_heard(request, tx, named, explicit=True, new=new)))


def changed(fact: WinChanged, request: Request, tx: Transaction) -> Outcome:
    """A won deal was corrected: what was announced says so."""
    row, named = wins.get(tx, fact.after.id), deals.get(tx, fact.after.id)
    if row is None or named is None or row.state == "gone":
        return Outcome()
    asked = milestones.correct(request, tx, named, fact.before)
    return Outcome(messages=(*announce.correct(request, tx, named), *asked))


def reversed_(fact: DealReversed, request: Request, tx: Transaction) -> Outcome:
    """A won deal is won no more. The deal may be gone altogether, so its names come from the fact's."""
    if wins.get(tx, fact.deal.id) is None:
        return Outcome()
    named = wins.named(tx, fact.deal)
    return Outcome(messages=tuple(announce.take_back(request, tx, named)))


def _heard(request: Request, tx: Transaction, named: Named, *, explicit: bool, new: bool = False) -> list[Message]:
    deal, spoken = named.deal, bool(request.incoming.profile.external_id)
    starter = request.actor.person if spoken else None
    new = wins.hear(tx, deal.id, state="asked", asked=starter, claimed=deal.claimed, at=request.now) or new
    row = wins.get(tx, deal.id)
    assert row is not None
    if row.state == "gone":
        # Where it was announced or told before, it is again; else it begins anew.
        copies = row.visibility == "private" and wins.copies(tx, deal.id)
        state: Any = "announced" if wins.posts(tx, deal.id) else "kept" if copies else "asked"
        wins.set_(tx, deal.id, state=state, gone_at=None, digest=None, asked=starter)
        row, new = replace(row, state=state, gone_at=None, digest=None, asked=starter), state == "asked"
    asked = milestones.reach(request, tx, named)
    if row.state == "announced":
        return [*announce.announce(request, tx, named), *asked]
    asked = [*announce.correct(request, tx, named), *asked]
    choice = wins.choice(tx, deal.owner) if deal.owner else None
    if not spoken:
        return [*_unasked(request, tx, named, row.state, new, choice), *asked]
    if explicit or (new and choice != "none"):
        if choice == "private" and not explicit:
            wins.set_(tx, deal.id, state="kept", visibility="private")
            return [*announce.keep_private(request, tx, named), preview.kept(request, tx, named), *asked]
        return [preview.ask(request, tx, named), *asked]
    if new:
        wins.set_(tx, deal.id, state="kept", visibility="none")
    return asked


def _unasked(
    request: Request, tx: Transaction, named: Named, state: str, new: bool, choice: wins.Visibility | None
) -> list[Message]:
    """Nobody is there to be asked: the owner's choice of the last time holds, and what they decided for this one."""
    if state in ("held", "kept"):
        return []
    if choice in ("private", "none"):
        wins.set_(tx, named.deal.id, state="kept", visibility=choice)
        return announce.keep_private(request, tx, named) if choice == "private" else []
    return announce.announce(request, tx, named)
