"""Keeping what a line made of a deal: the row, its history, its credits, the facts, and what the person reads."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from handlers.conversation.facts import DealLost, DealMoved, DealReversed, DealWon, WinChanged
from handlers.conversation.reply import Buttons, Fact, Facts, Part, Reply, Text
from handlers.conversation.request import Outcome, Request
from handlers.conversation.wording import Days
from handlers.deals import buttons, state
from handlers.deals.card import changes
from handlers.figures.booking import MissingRate, book_for, check
from handlers.figures.deal_words import one_line, title
from handlers.figures.stages import LOST, WON
from storage import deals
from storage.database import Transaction
from storage.deals import Deal, Named


def keep_new(
    request: Request, tx: Transaction, named: Named, *, reason: str | None, said: str, left: str = ""
) -> Outcome:
    """A deal that was not there before."""
    deal = named.deal
    deal, hint = _counted(request, tx, deal)
    change = deals.add(tx, deal, (), at=request.now, by=request.actor.person, said=said)
    book_for(tx, request.company, deal, now=request.now)
    named = state.same(named, deal)
    days = Days.of(request.basis)
    verb = {WON: "Won", LOST: "Lost"}.get(deal.stage, "New deal")
    line = f"{verb}: {title(named)}, {one_line(deal, days, verb=verb == 'New deal')}"
    rows = (Fact("Reason", deal.loss_reason),) if deal.loss_reason else ()
    hints = [*hint, *_hints(request, deal, left)]
    return Outcome(
        reply=_reply(request, tx, line, rows, hints, change, named), facts=_facts(request, None, deal, reason)
    )


def keep_changed(
    request: Request, tx: Transaction, before: Named, after: Deal, *, reason: str | None, said: str, left: str = ""
) -> Outcome:
    """A deal is otherwise than before; or nothing differs, and that is said."""
    state.check(request, tx, before.deal)
    days = Days.of(request.basis)
    after, hint = _counted(request, tx, after)
    change = deals.change(
        tx, before.deal, after, at=request.now, by=request.actor.person, reason=reason or after.loss_reason, said=said
    )
    if change is None:
        return Outcome(reply=_as_it_was(request, tx, before, [*hint, *_not_taken(left)]))
    book_for(tx, request.company, after, now=request.now)
    named = state.same(before, after)
    rows = changes(before.deal, after, days)
    if reason and not after.loss_reason:
        rows = (*rows, Fact("Reason", reason))
    confirmed = before.deal.claimed and not after.claimed and after.stage == WON
    moved = before.deal.stage != after.stage
    verb = "Confirmed" if confirmed else {WON: "Won", LOST: "Lost"}.get(after.stage if moved else "", "Changed")
    line = f"{verb}: {title(named)}, {one_line(after, days, verb=verb == 'Changed')}"
    hints = [*hint, *_hints(request, after, left)]
    return Outcome(
        reply=_reply(request, tx, line, rows, hints, change, named), facts=_facts(request, before.deal, after, reason)
    )


def _counted(request: Request, tx: Transaction, deal: Deal) -> tuple[Deal, list[str]]:
    """A win that cannot be converted stays claimed, and why is said."""
    if deal.stage != WON or deal.claimed:
        return deal, []
    probe = deals.get(tx, deal.id)
    if probe is not None and probe.deal.stage == WON and not probe.deal.claimed:
        return deal, []  # It counts already: what cannot be booked anew is refused whole.
    try:
        check(tx, request.company, deal)
    except MissingRate as missing:
        return replace(deal, claimed=True), [missing.claimed]
    return deal, []


def _as_it_was(request: Request, tx: Transaction, named: Named, hints: list[str]) -> Reply:
    line = f"Nothing to change: {title(named)}, {one_line(named.deal, Days.of(request.basis))}"
    edit = buttons.lasting(request, tx, [("Edit", "edit", {"deal": named.deal.id})])
    parts: list[Part] = [Text(f"{line}."), *(Text(hint, "quiet") for hint in hints), Buttons(tuple(edit))]
    return Reply(text=" ".join([f"{line}.", *hints]), parts=tuple(parts))


def _reply(
    request: Request,
    tx: Transaction,
    line: str,
    rows: tuple[Fact, ...],
    hints: list[str],
    change: str,
    named: Named,
) -> Reply:
    sentences = [f"{line}.", *(f"{row.label}: {row.value}." for row in rows), *hints]
    parts: list[Part] = [Text(line, style="strong")]
    if rows:
        parts.append(Facts(rows))
    parts += [Text(hint, style="quiet") for hint in hints]
    wanted: list[buttons.Wanted] = [("Edit", "edit", {"deal": named.deal.id})]
    if named.deal.claimed and state.may_confirm(request, tx, named.deal):
        wanted.insert(0, buttons.confirm(named.deal))
    undo: buttons.Wanted = ("Undo", "undo", {"change": change})
    undo_for = timedelta(minutes=request.company.undo_minutes)
    pressable = buttons.once_and_lasting(request, tx, undo, undo_for, wanted)
    parts.append(Buttons((*pressable, *buttons.worth(request, tx, named.deal))))
    return Reply(text=" ".join(sentences), parts=tuple(parts))


def _hints(request: Request, deal: Deal, left: str = "") -> list[str]:
    hints = []
    today = request.basis.now.date()
    if deal.claimed:
        hints.append("It is claimed: it counts once a manager, an admin or an import confirms it.")
    if deal.stage == WON and deal.amount_minor is None:
        hints.append("I know no amount yet; “/deal” with the account and the sum adds it.")
    if deal.stage not in (WON, LOST) and deal.closes_on is not None and deal.closes_on < today:
        hints.append("That close date is over already.")
    return [*hints, *_not_taken(left)]


def _not_taken(left: str) -> list[str]:
    return [f"I did not understand “{left}”, so it is not kept."] if left else []


def _facts(request: Request, before: Deal | None, after: Deal, reason: str | None) -> tuple[object, ...]:
    """What happened, for others: what was won before comes first if it is won no more."""
    by = request.actor.person
    told: list[object] = []
    was_won = before is not None and before.stage == WON
    if was_won and after.stage != WON:
        assert before is not None
        told.append(DealReversed(before, by))
    if after.stage == WON and before is not None and before.claimed and not after.claimed:
        told.append(DealWon(after, by, confirmed=True))
    elif after.stage == WON and not was_won:
        told.append(DealWon(after, by))
    elif after.stage == WON:
        assert before is not None
        told.append(WinChanged(before, after, by))
    elif after.stage == LOST and (before is None or before.stage != LOST):
        told.append(DealLost(after, by))
    elif after.stage not in (WON, LOST):
        told.append(DealMoved(before, after, by, reason))
    return tuple(told)
