"""The one thing to do next that a rep's own rows suggest: a deal that is overdue or stuck, an account that nobody has
spoken to for the longest, a next step that comes due this week."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Final

from handlers.conversation.buttons import Wanted
from handlers.conversation.reply import Button
from handlers.conversation.request import Request
from handlers.conversation.wording import Days, listed
from handlers.figures import deal_rows
from handlers.figures.activity_words import next_line
from handlers.figures.deal_rows import Circle, Row
from handlers.figures.deal_words import money, title
from handlers.figures.plan import Plan
from handlers.figures.stages import stage_words
from handlers.figures.standing import Subject
from handlers.nudges.buttons import DEAL, LOG, below
from handlers.numbers.working_days import week_of
from storage import activities
from storage.database import Transaction

SILENT: Final = timedelta(days=7)
"""An account with an open deal is worth a word when nothing was logged there for so long."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A sentence, and the buttons that do it."""

    sentence: str
    buttons: tuple[Button, ...]


def suggest(request: Request, tx: Transaction, plan: Plan) -> Suggestion | None:
    """The first that there is of them, the largest deal first; None where the rows suggest nothing."""
    me, today = request.actor.person, request.basis.now.date()
    subject = Subject(request.actor.name, person=me)
    circle = Circle(tx, request.company, plan, subject, frozenset((me,)), today)
    mine = [row for row in deal_rows.open_rows(circle) if row.named.deal.owner == me]
    late = [row for row in mine if row.named.deal.closes_on is not None and row.named.deal.closes_on < today]
    if late:
        return _late(request, tx, _largest(late))
    stuck = deal_rows.stuck(circle, mine, request.now, Days.of(request.basis))
    if stuck:
        return _stuck(request, tx, _largest(stuck))
    return _silent(request, tx, mine, today) or _step(request, tx, today) or _first_deal(request, tx, mine)


def _largest(rows: Sequence[Row]) -> Row:
    return max(rows, key=lambda row: (row.amount or Fraction(0), row.named.deal.id))


def _late(request: Request, tx: Transaction, row: Row) -> Suggestion:
    closes = row.named.deal.closes_on
    assert closes is not None
    was = f"should have closed {Days.of(request.basis).day(closes)}"
    # What /deal does by one press it does by the account's name; of a deal without one the form is left.
    labels = ("Won", "Lost", "Edit") if row.named.deal.account else ("Edit",)
    wanted: list[Wanted] = [(label, label.lower(), {"deal": row.named.deal.id}) for label in labels]
    sentence = f"One for today: {_named(row)}, {was}. Won, lost, or a new date?"
    return Suggestion(sentence, below(DEAL, request, tx, wanted))


def _stuck(request: Request, tx: Transaction, row: Row) -> Suggestion:
    data = {"deal": row.named.deal.id}
    wanted: list[Wanted] = [("Still right", "still right", data), ("Edit", "edit", data)]
    sentence = f"One to look at: {_named(row, stage=False)}, {', '.join(row.why)}. Does it still stand as it is?"
    return Suggestion(sentence, below(DEAL, request, tx, wanted))


def _named(row: Row, *, stage: bool = True) -> str:
    deal = row.named.deal
    said = [title(row.named), stage_words(deal.stage) if stage else "", money(deal)]
    return ", ".join(one for one in said if one)


def _silent(request: Request, tx: Transaction, mine: Sequence[Row], today: date) -> Suggestion | None:
    """The account of an open deal where the last thing that they logged lies back the furthest."""
    me = request.actor.person
    with_account = [row for row in mine if row.named.deal.account]
    if not with_account:
        return None
    last = activities.last_days(tx, [me], {row.named.deal.account or "" for row in with_account})

    def since(row: Row) -> date:
        return last.get((me, row.named.deal.account or ""), row.named.deal.created_on)

    row = min(with_account, key=lambda row: (since(row), -(row.amount or Fraction(0)), row.named.deal.id))
    if today - since(row) < SILENT:
        return None
    account = row.named.account or title(row.named)
    # Not “nothing logged there”: the line before it may say that of the whole week.
    silent = "quiet so far"
    if (me, row.named.deal.account or "") in last:
        silent = f"quiet since {Days.of(request.basis).on(since(row))}"
    worth = f", and {money(row.named.deal)} is open" if money(row.named.deal) else ""
    wanted: list[Wanted] = [("Log an activity", "new", {"account": account})]
    return Suggestion(f"One to call: {account}, {silent}{worth}.", below(LOG, request, tx, wanted))


def _step(request: Request, tx: Transaction, today: date) -> Suggestion | None:
    """A next step of theirs that comes due until Sunday; what is due today stands in the morning message."""
    found = activities.next_due(tx, request.actor.person, today + timedelta(days=1), week_of(today)[1], 20)
    if not found:
        return None
    first = min(found, key=lambda one: (one.next_day or today, one.entry))
    who = first.account_name or first.account_text or listed(first.contacts)
    line = next_line(first, Days.of(request.basis))
    data = {"entry": first.entry}
    sentence = f"Next step this week: {f'{who}, ' if who else ''}{line}."
    return Suggestion(sentence, below(LOG, request, tx, [("Log it", "follow", data), ("Edit", "edit", data)]))


def _first_deal(request: Request, tx: Transaction, mine: Sequence[Row]) -> Suggestion | None:
    """Who carries a target and has nothing open may have forgotten to say so."""
    if mine:
        return None
    sentence = "You have no open deal. “/deal Acme proposal $60k closes 15 Dec” would add one."
    return Suggestion(sentence, below(DEAL, request, tx, [("New deal", "new", {})]))
