"""Taking back, editing and confirming what was said of a deal."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from handlers.conversation import meanwhile, questions
from handlers.conversation.access import Denied, may
from handlers.conversation.command import Done
from handlers.conversation.errors import NotAllowed
from handlers.conversation.facts import DealMoved, DealReversed, DealWon, WinChanged
from handlers.conversation.reply import Buttons, Reply, Text
from handlers.conversation.request import Outcome, Request
from handlers.conversation.wording import Days
from handlers.deals import buttons, flow, form, state
from handlers.deals.errors import (
    ChangedSince,
    DealGone,
    GoneAlready,
    NotClaimed,
    NothingToUndo,
    UndoneAlready,
    UndoTooLate,
)
from handlers.deals.record import keep_changed
from handlers.deals.stages import pipeline_of
from handlers.figures.booking import book_for, check
from handlers.figures.deal_words import one_line, title
from handlers.figures.stages import LOST, WON
from storage import deals, people
from storage.database import Transaction
from storage.deals import Change, Deal, Named


def undo_button(request: Request, tx: Transaction) -> Outcome:
    """*Undo* below a reply: exactly that change."""
    taken = deals.change_of(tx, request.data["change"])
    if taken is None:
        raise GoneAlready
    return _take_back(request, tx, taken)


def latest_at(request: Request, tx: Transaction) -> Done | None:
    """When I last changed a deal."""
    latest = deals.latest_by(tx, request.actor.person)
    return Done(latest.at, latest.id) if latest is not None else None


def undo_said(request: Request, tx: Transaction) -> Outcome:
    """`undo`: the question that is open here is dropped, else my latest change is taken back, within the set time."""
    dropped = questions.drop(request, tx, buttons.NAME, latest_at(request, tx))
    if dropped is not None:
        return Outcome(reply=dropped)
    latest = deals.latest_by(tx, request.actor.person)
    if latest is None:
        raise NothingToUndo
    if latest.undone:
        raise UndoneAlready(what=latest.said or "a change by button")
    minutes = request.company.undo_minutes
    if request.now - latest.at > timedelta(minutes=minutes):
        raise UndoTooLate(what=latest.said or "a change by button", minutes=minutes)
    return _take_back(request, tx, latest)


def _take_back(request: Request, tx: Transaction, taken: Change) -> Outcome:
    named = deals.get(tx, taken.deal)
    if taken.undone or named is None:
        raise GoneAlready
    state.check(request, tx, named.deal)
    _check_latest(tx, taken, named)
    now = named.deal
    before = replace(
        now, **{name: _value(name, old) for name, (old, _) in taken.changed.items()} if not taken.made else {}
    )
    if not deals.take_back(tx, taken, now, before, at=request.now):
        raise GoneAlready
    # A deal that never was counts for nobody, like a lost one.
    book_for(tx, request.company, replace(now, stage=LOST) if taken.made else before, now=request.now)
    days = Days.of(request.basis)
    if taken.made:
        sentence = f"Undone: {title(named)}, {one_line(now, days)}. That deal is gone."
    else:
        sentence = f"Undone: {title(named)} is again {one_line(before, days)}."
    parts = (Text(sentence), Text(f"Your words were: {taken.said}", style="quiet")) if taken.said else (Text(sentence),)
    return Outcome(reply=Reply(sentence, parts), facts=_facts(request, now, None if taken.made else before))


def _check_latest(tx: Transaction, taken: Change, named: Named) -> None:
    """Raises ChangedSince where somebody changed the same again."""
    for later in deals.history(tx, taken.deal):
        if later.id == taken.id:
            return
        if later.changed and (taken.made or set(later.changed) & set(taken.changed)):
            who = people.person(tx, later.by) if later.by else None
            raise ChangedSince(what=title(named), who=who.name if who else "an import")


def _value(name: str, plain: Any) -> Any:
    return date.fromisoformat(plain) if name in ("created_on", "closes_on") and plain is not None else plain


def _facts(request: Request, now: Deal, before: Deal | None) -> tuple[object, ...]:
    by = request.actor.person
    if now.stage == WON and (before is None or before.stage != WON):
        return (DealReversed(now, by),)
    if before is not None and before.stage == WON:
        return (DealWon(before, by),) if now.stage != WON else (WinChanged(now, before, by),)
    return (DealMoved(now, before, by),) if before is not None and before.stage != LOST else ()


def _standing(request: Request, tx: Transaction) -> Named:
    named = deals.get(tx, request.data["deal"])
    if named is None:
        raise DealGone
    return named


def edit_button(request: Request, tx: Transaction) -> Outcome:
    """*Edit*: the form, filled in."""
    named = _standing(request, tx)
    state.check(request, tx, named.deal)
    return Outcome(form=form.filled(request, tx, named, pipeline_of(request.company)))


def edited(request: Request, tx: Transaction) -> Outcome:
    """The edit form was sent: what its sender changed is changed, and nothing of what others did meanwhile."""
    named = _standing(request, tx)
    state.check(request, tx, named.deal)
    merged = meanwhile.merged(request, tx, form.values_of(named.deal), said=form.said_of(named.deal))
    if merged.problems:
        return Outcome(problems=merged.problems)
    read = form.read(request, named.deal, merged.values, pipeline_of(request.company))
    if isinstance(read, dict):
        return Outcome(problems=read)
    after, reason = read
    after = state.settled(request, tx, named.deal, after)
    if not reason and (state.slips(named.deal, after) or (after.stage == LOST and named.deal.stage != LOST)):
        what = "was lost" if after.stage == LOST else "moves into a later month"
        return Outcome(problems={"reason": f"Say in a few words why it {what}."})
    if after.stage == LOST:
        after = replace(after, loss_reason=reason or named.deal.loss_reason)
    return keep_changed(request, tx, named, after, reason=reason, said="in the form")


def confirm_button(request: Request, tx: Transaction) -> Outcome:
    """*Confirm*: a claimed win counts from now on. Raises MissingRate."""
    named = _standing(request, tx)
    verdict = may(request.actor, "confirm a win", state.subject(request, tx, named.deal))
    if isinstance(verdict, Denied):
        raise NotAllowed(reason=verdict.sentence)
    if named.deal.stage != WON or not named.deal.claimed:
        raise NotClaimed
    if request.data.get("seen", buttons.seen(named.deal)) != buttons.seen(named.deal):
        return _changed_meanwhile(request, tx, named)
    confirmed = replace(named.deal, claimed=False)
    check(tx, request.company, confirmed)
    return keep_changed(request, tx, named, confirmed, reason=None, said="by button")


def _changed_meanwhile(request: Request, tx: Transaction, named: Named) -> Outcome:
    """What was to be confirmed is not what stands there: it is shown anew, and nothing counts yet."""
    line = f"{title(named)} was changed since you saw it: {one_line(named.deal, Days.of(request.basis))}."
    line += " Nothing is confirmed yet."
    wanted = [buttons.confirm(named.deal), ("Edit", "edit", {"deal": named.deal.id})]
    parts = (Text(line), Buttons(tuple(buttons.lasting(request, tx, wanted))))
    return Outcome(reply=Reply(line, parts))


def still_right_button(request: Request, tx: Transaction) -> Outcome:
    """*Still right*: somebody has looked at a stuck deal."""
    named = _standing(request, tx)
    state.check(request, tx, named.deal)
    deals.still_right(tx, named.deal.id, at=request.now, by=request.actor.person)
    line = f"Noted: {title(named)} stands as it is, {one_line(named.deal, Days.of(request.basis))}."
    edit = buttons.lasting(request, tx, [("Edit", "edit", {"deal": named.deal.id})])
    return Outcome(reply=Reply(line, (Text(line), Buttons(tuple(edit)))), replace=False)


def won_button(request: Request, tx: Transaction) -> Outcome:
    """*Won* in a list."""
    return _closed(request, tx, WON)


def lost_button(request: Request, tx: Transaction) -> Outcome:
    """*Lost* in a list: why is asked."""
    return _closed(request, tx, LOST)


def _closed(request: Request, tx: Transaction, stage: str) -> Outcome:
    outcome = flow.closed_by_button(request, tx, _standing(request, tx), stage)
    return Outcome(reply=outcome.reply, facts=outcome.facts, replace=False)
