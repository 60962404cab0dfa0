"""What is heard of wins, wherever they come from: chat, an import, the command line."""

from __future__ import annotations

from dataclasses import replace

from handlers.conversation.facts import DealReversed, DealWon, WinChanged, WinTold
from handlers.conversation.request import Message, Outcome, Request
from handlers.figures.stages import WON
from handlers.wins import announce, milestones, owners, preview, second_story
from handlers.wins.card import LONGEST_STORY
from storage import deals, wins
from storage.database import Transaction
from storage.deals import Named


def won(fact: DealWon, request: Request, tx: Transaction) -> Outcome:
    """A deal is won, or a claimed win counts from now on."""
    owners.confirmed(fact, request, tx)
    named = deals.get(tx, fact.deal.id)
    if not request.company.wins.routes or named is None or named.deal.stage != WON:
        return Outcome()
    return Outcome(messages=tuple(_heard(request, tx, named, explicit=False)))


def told(fact: WinTold, request: Request, tx: Transaction) -> Outcome:
    """Somebody spoke of a win: who helped and how it went is kept, and what would go out is shown. Where wins are
    announced nowhere it is kept alone."""
    named, routes = deals.get(tx, fact.deal.id), request.company.wins.routes
    if named is None or named.deal.stage != WON or not (routes or fact.story or fact.helpers):
        return Outcome()
    deal = named.deal
    new = wins.hear(tx, deal.id, state="asked", asked=fact.by, claimed=deal.claimed, at=request.now)
    row, again = _risen(request, tx, named)
    story, offered = fact.story[:LONGEST_STORY], list[Message]()
    if row.state in preview.DECIDED and not preview.may_press(request, tx, named, row):
        offered += second_story.back(request, tx, named, story, fact.helpers)
    else:
        if fact.helpers:
            before = [one for one, _ in wins.helpers(tx, deal.id)]
            wins.help_by(tx, deal.id, [*before, *(one for one in fact.helpers if one != deal.owner)])
        if story and (not row.story or fact.by in (deal.owner, row.story_by)):
            wins.set_(tx, deal.id, story=story, story_by=fact.by)
        elif story and story != row.story:
            offered += second_story.offered(request, tx, named, row, story)
    asked = _heard(request, tx, named, explicit=True, new=new or again) if routes else []
    return Outcome(messages=(*offered, *asked))


def changed(fact: WinChanged, request: Request, tx: Transaction) -> Outcome:
    """A won deal was corrected: what was announced says so."""
    owners.claimed_again(fact, request, tx)
    row, named = wins.get(tx, fact.after.id), deals.get(tx, fact.after.id)
    if row is None or named is None or row.state == "gone":
        return Outcome()
    if request.company.wins.routes or row.state != "asked":
        milestones.correct(request, tx, named, fact.before)
    return Outcome(messages=tuple(announce.correct(request, tx, named)))


def reversed_(fact: DealReversed, request: Request, tx: Transaction) -> Outcome:
    """A won deal is won no more. The deal may be gone altogether, so its names come from the fact's."""
    heard_of = wins.get(tx, fact.deal.id) is not None
    messages = announce.take_back(request, tx, wins.named(tx, fact.deal)) if heard_of else []
    owners.not_won(fact, request, tx)
    return Outcome(messages=tuple(messages))


def _risen(request: Request, tx: Transaction, named: Named) -> tuple[wins.Win, bool]:
    """The row, and whether it begins anew. Won again it is announced where it was, and what was chosen for it holds."""
    row = wins.get(tx, named.deal.id)
    assert row is not None
    if row.state != "gone":
        return row, False
    state: wins.State = "kept" if row.visibility == "private" else "held" if row.visibility == "none" else "asked"
    if wins.posts(tx, row.deal):
        state = "announced"
    teller = _starter(request) if state == "asked" else row.asked
    wins.set_(tx, row.deal, state=state, gone_at=None, digest=None, asked=teller)
    return replace(row, state=state, gone_at=None, digest=None, asked=teller), state == "asked"


def _starter(request: Request) -> str | None:
    """Who speaks; None in an import."""
    return request.actor.person if request.incoming.profile.external_id else None


def _heard(request: Request, tx: Transaction, named: Named, *, explicit: bool, new: bool = False) -> list[Message]:
    deal, starter = named.deal, _starter(request)
    new = wins.hear(tx, deal.id, state="asked", asked=starter, claimed=deal.claimed, at=request.now) or new
    row, again = _risen(request, tx, named)
    new = new or again
    milestones.reach(request, tx, named)
    if row.state == "announced":
        return announce.announce(request, tx, named)
    edits = announce.correct(request, tx, named)
    choice = wins.choice(tx, deal.owner) if deal.owner else None
    if starter is None:
        return [*edits, *_unasked(request, tx, named, row, choice)]
    if explicit or (new and choice != "none"):
        if choice == "private" and not explicit:
            wins.set_(tx, deal.id, state="kept", visibility="private", asked=deal.owner)
            return [*edits, *announce.keep_private(request, tx, named), preview.kept(request, tx, named)]
        return [*edits, preview.ask(request, tx, named)]
    if new:
        wins.set_(tx, deal.id, state="kept", visibility="none")
    return edits


def _unasked(
    request: Request, tx: Transaction, named: Named, row: wins.Win, choice: wins.Visibility | None
) -> list[Message]:
    """Nobody is there to be asked: what was decided for this win holds, else the owner's choice of the last time."""
    if row.state in preview.DECIDED:
        return []
    chosen = row.visibility or choice
    if chosen in ("private", "none"):
        wins.set_(tx, named.deal.id, state="kept", visibility=chosen)
        return announce.keep_private(request, tx, named) if chosen == "private" else []
    return announce.announce(request, tx, named)
