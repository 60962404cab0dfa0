"""Which deal a line means: the account's open one, a new one, or one that has to be asked for."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from handlers.conversation.access import Denied, may
from handlers.conversation.errors import NotAllowed
from handlers.conversation.reply import Reply
from handlers.conversation.request import Request
from handlers.conversation.wording import Days, listed, plural
from handlers.deals import state
from handlers.deals.card import described
from handlers.deals.entry import Said
from handlers.deals.errors import DealGone, NothingToReopen
from handlers.deals.questions import NEW_DEAL, Step, ask
from handlers.deals.stages import Pipeline
from handlers.figures.stages import LOST, WON
from handlers.language.fold import words_of
from handlers.numbers.money import to_minor
from storage import deals, wins
from storage.accounts import Account
from storage.database import Transaction
from storage.deals import Deal, Named
from storage.tables import new_id

MOST_OFFERED: Final = 8
SAME_WIN: Final = timedelta(days=30)
"""A win said again within so many days of its date is the same one (GLOSSARY: *claimed*)."""
UNDONE_WITHIN: Final = timedelta(days=120)
"""A win may be said to be lost after all for so long; then it is done in the form."""


def deal_for(request: Request, tx: Transaction, step: Step, account: Account, pipeline: Pipeline) -> Named | Reply:
    """The deal, a new one (with an id that no row has), or the question which. Raises NotAllowed, NothingToReopen."""
    if step.deal == NEW_DEAL or (step.said.fresh and not step.deal):
        return _new(request, account, pipeline)
    if step.deal:
        chosen = deals.get(tx, step.deal)
        if chosen is None:
            raise DealGone
        return chosen
    every = deals.of_account(tx, account.id)
    mine = [one for one in every if state.allowed(request, tx, one.deal)]
    pool = _meant(step.said, mine, request, pipeline)
    if pool:
        return _one_of(request, tx, step, account, pool, pipeline)
    if step.said.reopened:
        raise NothingToReopen(account=account.name)
    others = [one for one in every if one not in mine]
    theirs = [one for one in others if one.deal.stage in pipeline.open]
    twins = [one for one in _closed_near(step.said, others, request, WON, SAME_WIN) if _may_be(step.said, one.deal)]
    asked = _without_one(request, tx, step, account, theirs, twins if step.said.stage == WON else [])
    return asked or _new(request, account, pipeline)


def _new(request: Request, account: Account, pipeline: Pipeline) -> Named:
    return Named(state.blank(request, pipeline, new_id(), account.id), account.name, request.actor.name)


def _meant(said: Said, mine: list[Named], request: Request, pipeline: Pipeline) -> list[Named]:
    def closed(stage: str, within: timedelta) -> list[Named]:
        return _closed_near(said, mine, request, stage, within)

    if said.reopened:
        return [one for one in mine if one.deal.stage in (WON, LOST)]
    still = [one for one in mine if one.deal.stage in pipeline.open]
    if still:
        # A win that is told again just after it may be meant for another one: in doubt it is asked.
        return [*still, *closed(WON, SAME_WIN)] if said.win else still
    if said.stage == WON:
        # What was lost a moment ago may be won after all: in doubt it is asked, so that it does not stand there twice.
        return closed(WON, SAME_WIN) or closed(LOST, SAME_WIN)
    if said.stage == LOST:
        return closed(WON, UNDONE_WITHIN) or closed(LOST, SAME_WIN)
    if said.stage is None and not said.fresh and not said.slipped:
        # "Acme is now 80k" just after the win still speaks of it.
        return closed(WON, SAME_WIN)
    return []


def _closed_near(said: Said, some: list[Named], request: Request, stage: str, within: timedelta) -> list[Named]:
    """Those that ended so, about the day that is said or today."""
    around = said.closes or request.basis.now.date()
    return [
        one
        for one in some
        if one.deal.stage == stage and one.deal.closes_on and abs(one.deal.closes_on - around) <= within
    ]


def _one_of(
    request: Request, tx: Transaction, step: Step, account: Account, pool: list[Named], pipeline: Pipeline
) -> Named | Reply:
    said = step.said
    if len(pool) > 1:
        pool = _narrowed(said, pool)
    only = pool[0] if len(pool) == 1 else None
    is_open = only is not None and only.deal.stage in pipeline.open
    another_type = only is not None and said.type not in (None, only.deal.type)
    undoes_win = only is not None and only.deal.stage == WON and said.stage == LOST
    revived = only is not None and only.deal.stage == LOST and said.stage == WON
    another_sum = only is not None and not is_open and not revived and said.win and _differs(said, only.deal)
    if only is not None and not (is_open and another_type) and not undoes_win and not another_sum and not revived:
        return only
    days = Days.of(request.basis)
    shown = pool[:MOST_OFFERED]
    labels = [described(one, days) for one in shown]
    values = [one.deal.id for one in shown]
    if not said.reopened:
        labels.append("A new deal")
        values.append(NEW_DEAL)
    # Each has commas of its own.
    question = f"Which deal with {account.name} do you mean: {'; '.join(labels[:-1])}; or {_in_sentence(labels[-1])}?"
    if undoes_win and only is not None:
        question = f"{account.name} has no open deal. Is the one lost that is {described(only, days)}, or a new deal?"
    if revived and only is not None:
        question = f"{account.name} was lost: {described(only, days)}. Is that the one, won after all, or a new deal?"
        labels[0] = "Yes, won after all"
    if another_sum and only is not None:
        question = f"{account.name} was won already: {described(only, days)}. Is that the one, with what you say now?"
        labels[0] = "Yes, correct it"
    return ask(request, tx, step, "deal", question, labels, values)


def _in_sentence(label: str) -> str:
    return f"{label[:1].lower()}{label[1:]}"


def _differs(said: Said, deal: Deal) -> bool:
    """Another amount is said than that which is known."""
    if said.amount is None or deal.amount_minor is None or deal.currency is None:
        return False
    return said.currency not in (None, deal.currency) or to_minor(said.amount, deal.currency) != deal.amount_minor


def _may_be(said: Said, deal: Deal) -> bool:
    """Whether a colleague's win may be the one that is said; what one of them does not say is no difference."""
    another_type = said.type not in (None, deal.type)
    products = (words_of(said.product or ""), words_of(deal.product or ""))
    return not (another_type or _differs(said, deal) or (all(products) and products[0] != products[1]))


def _narrowed(said: Said, pool: list[Named]) -> list[Named]:
    """By what else was said: the type, the product, words of the deal's name."""
    left = set(words_of(said.left or ""))
    for fits in (
        lambda one: bool(left) and left <= set(words_of(one.deal.name)),
        lambda one: said.product is not None and words_of(one.deal.product or "") == words_of(said.product),
        lambda one: said.type is not None and one.deal.type == said.type,
    ):
        fewer = [one for one in pool if fits(one)]
        if fewer:
            pool = fewer
    return pool


def _without_one(
    request: Request, tx: Transaction, step: Step, account: Account, theirs: list[Named], twins: list[Named]
) -> Reply | None:
    """No deal that this line could be about is the person's to change: what is asked before there is a new one.
    `twins`: others' wins that may be this one."""
    said = step.said
    undone = said.stage == LOST or said.slipped or said.moves_later
    if theirs and undone:
        verdict = may(request.actor, "change a deal", state.subject(request, tx, theirs[0].deal))
        assert isinstance(verdict, Denied)
        raise NotAllowed(reason=f"{_owned(account, theirs)} {verdict.sentence}")
    if theirs or (twins and not undone):
        known = [_owned(account, theirs)] if theirs else []
        known += [_won_already(tx, account, twins)] if twins else []
        question = f"{' '.join(known)} Shall I add a new deal, of yours?"
        return ask(request, tx, step, "other", question, ["A new deal of mine"], [NEW_DEAL])
    if undone:
        label = "Add it as lost" if said.stage == LOST else "Add it"
        question = f"I know no open deal with {account.name}. Shall I add one?"
        return ask(request, tx, step, "missing", question, [label], [NEW_DEAL])
    return None


def _owned(account: Account, theirs: list[Named]) -> str:
    names = listed(sorted({one.owner or "nobody I know" for one in theirs}))
    return f"{account.name} has {plural(len(theirs), 'open deal')} already, of {names}."


def _won_already(tx: Transaction, account: Account, twins: list[Named]) -> str:
    """Without the name of who keeps it to themselves."""
    named = sorted({one.owner for one in twins if one.owner and not _is_kept(tx, one.deal)})
    if not named:
        return f"{account.name} may be known as won already, by somebody else."
    return f"{account.name} is known as won already, by {listed(named)}."


def _is_kept(tx: Transaction, deal: Deal) -> bool:
    row = wins.get(tx, deal.id)
    if row is not None and row.state in ("announced", "held", "kept"):
        return row.state != "announced"
    return deal.owner is not None and wins.choice(tx, deal.owner) in ("private", "none")
