"""Who may do what with which deal, and what a line makes of one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from handlers.conversation.access import Allowed, DealOf, Denied, may
from handlers.conversation.errors import NotAllowed
from handlers.conversation.request import Request
from handlers.conversation.wording import Days
from handlers.deals.closing import later
from handlers.deals.entry import Said
from handlers.deals.errors import WinAhead
from handlers.deals.stages import Pipeline
from handlers.figures.chain import above
from handlers.figures.stages import LOST, WON
from handlers.numbers.money import to_minor
from handlers.numbers.spans import months_between
from storage import deals
from storage.database import Transaction
from storage.deals import Deal, Named


def subject(request: Request, tx: Transaction, deal: Deal) -> DealOf:
    """The deal, as `may` asks of it."""
    chain = above(tx, deal.owner, request.basis.now.date()) if deal.owner else frozenset()
    shares = deals.shares_of(tx, [deal.id]).get(deal.id, ())
    return DealOf(deal.owner, chain, frozenset(one.person for one in shares))


def allowed(request: Request, tx: Transaction, deal: Deal) -> bool:
    """Whether this person may change it."""
    # Owners and admins may without a look at who is above whom.
    if isinstance(may(request.actor, "change a deal", DealOf(deal.owner, frozenset())), Allowed):
        return True
    return not isinstance(may(request.actor, "change a deal", subject(request, tx, deal)), Denied)


def check(request: Request, tx: Transaction, deal: Deal) -> None:
    """Raises NotAllowed for whoever may not change the deal, or not any more since its win counts."""
    of = subject(request, tx, deal)
    action = "change a win that counts" if deal.stage == WON and not deal.claimed else "change a deal"
    for one in ("change a deal", action):
        verdict = may(request.actor, one, of)
        if isinstance(verdict, Denied):
            raise NotAllowed(reason=verdict.sentence)


def may_confirm(request: Request, tx: Transaction, deal: Deal) -> bool:
    """Whether this person's word makes a win count."""
    return not isinstance(may(request.actor, "confirm a win", subject(request, tx, deal)), Denied)


def blank(request: Request, pipeline: Pipeline, identifier: str, account: str) -> Deal:
    """A new deal of the person's own, of which nothing is known yet."""
    return Deal(
        id=identifier,
        account=account,
        owner=request.actor.person,
        stage=pipeline.first,
        created_on=request.basis.now.date(),
    )


def applied(request: Request, tx: Transaction, deal: Deal, said: Said, pipeline: Pipeline) -> Deal:
    """The deal as the line says that it is now, without a reason. Raises WinAhead."""
    today = request.basis.now.date()
    stage = said.stage or (open_before(tx, deal, pipeline) if said.reopened else deal.stage)
    after = replace(deal, stage=stage, type=said.type or deal.type, product=said.product or deal.product)
    if said.amount is not None:
        currency = said.currency or deal.currency or request.company.currency
        after = replace(after, amount_minor=to_minor(said.amount, currency), currency=currency)
    return settled(request, tx, deal, replace(after, closes_on=_close(deal, stage, said, today)))


def settled(request: Request, tx: Transaction, before: Deal, after: Deal) -> Deal:
    """With what follows from its stage: when it ended, whether the win counts, no reason for a loss where none is."""
    today = request.basis.now.date()
    if after.stage in (WON, LOST):
        after = replace(after, closes_on=after.closes_on or today)
        # East of here the day may have come already: what stood before is not questioned where it is confirmed.
        stood = (before.stage, before.closes_on) == (after.stage, after.closes_on)
        if after.closes_on and after.closes_on > today and not stood:
            raise WinAhead(day=Days.of(request.basis).on(after.closes_on))
    claimed = after.stage == WON and (before.claimed or before.stage != WON) and not may_confirm(request, tx, after)
    return replace(after, claimed=claimed, loss_reason=after.loss_reason if after.stage == LOST else None)


def says_the_same(request: Request, tx: Transaction, deal: Deal, said: Said, pipeline: Pipeline) -> bool:
    """The deal is won already, and the line says nothing of it that is otherwise."""
    if deal.stage != WON:
        return False
    after = applied(request, tx, deal, said, pipeline)
    return replace(after, claimed=deal.claimed) == deal


def _close(deal: Deal, stage: str, said: Said, today: date) -> date | None:
    if said.closes is not None:
        return said.closes
    if stage in (WON, LOST):
        return deal.closes_on if deal.stage == stage else today
    if deal.stage in (WON, LOST):
        # The day on which it ended is no day on which it will close.
        return None
    if said.moves_later:
        return later(deal.closes_on or today, said.later_days, said.later_months)
    return deal.closes_on


def open_before(tx: Transaction, deal: Deal, pipeline: Pipeline) -> str:
    """The stage that a closed deal was in before it was closed."""
    for change in deals.history(tx, deal.id):
        old = change.changed.get("stage", (None, None))[0]
        if old in pipeline.open:
            return str(old)
    return pipeline.first


def slips(before: Deal, after: Deal) -> bool:
    """An open deal's close moves into a later month."""
    if before.closes_on is None or after.closes_on is None or {before.stage, after.stage} & {WON, LOST}:
        return False
    return months_between(before.closes_on, after.closes_on) > 0


def same(one: Named, other: Deal) -> Named:
    """The deal with its names, changed."""
    return Named(other, one.account, one.owner)
