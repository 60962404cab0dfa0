"""The facts about a rep since their last check-in, for the manager beside the answers: a line each, the short ones
first; what there is nothing to say of is left out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from handlers.conversation.reply import Fact
from handlers.conversation.request import Request
from handlers.conversation.wording import Days, plural
from handlers.figures import deal_rows, number, past_week, standing, week
from handlers.figures.deal_rows import Circle, Row
from handlers.figures.deal_words import money, title
from handlers.figures.freshness import freshness
from handlers.figures.number import Own
from handlers.figures.plan import load
from handlers.figures.sight import refusal
from handlers.figures.stages import stage_words
from handlers.figures.standing import Subject
from handlers.figures.wording import percent
from handlers.numbers.periods import day_in, instants
from handlers.numbers.spans import DAY, Span
from storage import actions, activities, deal_moves, deals
from storage.actions import Action
from storage.database import Transaction
from storage.people import Person

NAMED: Final = 3
"""Deals, accounts or action items that one line names."""
UNTOUCHED: Final = timedelta(days=14)
"""An account with an open deal is named when nothing was logged there for so long."""


def facts(request: Request, tx: Transaction, who: Person, first: date) -> list[Fact]:
    """From `first` up to now."""
    found: list[Fact] = []
    own = number.of_person(request, tx, who.id, who.name)
    today = request.basis.now.date()
    if own is not None:
        found += _number(request, tx, own) or _of_units(request, tx, own, who)
        if first < today:
            logged = week.load(request, tx, own.plan, Span(first, today - DAY), who.id)
            found += [Fact("Activity", logged.over)] if logged.over else []
        found += _deals(request, tx, own, who, first)
    found += _actions(request, tx, who)
    return found


def _number(request: Request, tx: Transaction, own: Own) -> list[Fact]:
    if not own.has_target and not own.found.status.credited:
        return []
    fresh = freshness(request, tx, own.found.measure)
    pace = _pace(own) if not fresh.is_old else f"no pace: {fresh.words}"
    return [Fact("Number", " · ".join(filter(None, (number.lead(request, own.found), pace))))]


def _of_units(request: Request, tx: Transaction, own: Own, who: Person) -> list[Fact]:
    """Of who has no number of their own: those of the units that they lead, as far as the actor may see them."""
    today, span = day_in(request.company.zone, request.now), own.found.span
    units = own.plan.led_by(who.id, today)
    if not units:
        return []
    plan = load(tx, request.company, span)
    subjects = [Subject(one.name, unit=one.id) for one in units[:NAMED]]
    figures = [
        standing.figures(tx, request.company, plan, one, span, today)
        for one in subjects
        if refusal(request.actor, plan, one, today) is None
    ]
    return [Fact(one.subject.name, number.lead(request, one)) for one in figures]


def _pace(own: Own) -> str:
    """`pace 76 %, behind`, `pace: too early to say`; empty where there is no target."""
    status = own.found.status
    if status.pace is not None and status.standing is not None:
        return f"pace {percent(status.pace)}, {status.standing.value}"
    said = number.pace(own.found)
    return f"{said[:1].lower()}{said[1:]}"


def _deals(request: Request, tx: Transaction, own: Own, who: Person, first: date) -> list[Fact]:
    days, today = Days.of(request.basis), request.basis.now.date()
    span = Span(first, today)
    events = past_week.load(tx, request.company, own.plan, {who.id}, span)
    found = []
    for kind, label in (("won", "Won"), ("claimed", "Won, not confirmed"), ("lost", "Lost"), ("slipped", "Slipped")):
        lines = [_short(event.line(days), who.name) for event in events if event.kind == kind]
        found += [Fact(label, _few(lines))] if lines else []
    moved = _moved(request, tx, who, span)
    found += [Fact("Moved on", _few(moved))] if moved else []
    circle = Circle(tx, request.company, own.plan, Subject(who.name, person=who.id), frozenset((who.id,)), today)
    mine = [row for row in deal_rows.open_rows(circle) if row.named.deal.owner == who.id]
    stuck = deal_rows.stuck(circle, mine, request.now, Days.of(request.basis))
    stuck.sort(key=lambda row: -(row.amount or 0))
    found += [Fact("Stuck", _few([_stuck(row) for row in stuck]))] if stuck else []
    untouched = _untouched(tx, who, mine, today)
    found += [Fact("Not touched", _few(untouched))] if untouched else []
    return found


def _moved(request: Request, tx: Transaction, who: Person, span: Span) -> list[str]:
    """Open deals whose stage is another than at the beginning of the span."""
    since, until = instants(span, request.company.zone)
    found = []
    for deal, before in deal_moves.stages_before(tx, [who.id], since, until).items():
        named = deals.get(tx, deal)
        if named is not None and named.deal.stage in request.company.stages and named.deal.stage not in (
            before, "won", "lost",
        ):  # fmt: skip
            found.append(f"{title(named)} to {stage_words(named.deal.stage)}")
    return found


def _untouched(tx: Transaction, who: Person, mine: Sequence[Row], today: date) -> list[str]:
    """Accounts with an open deal of theirs where nothing was logged for long, the longest first."""
    places = {row.named.deal.account: row for row in mine if row.named.deal.account}
    last = activities.last_days(tx, [who.id], [one for one in places if one])
    silent = []
    for account, row in places.items():
        day = last.get((who.id, account or ""), row.named.deal.created_on)
        if today - day >= UNTOUCHED:
            silent.append((day, f"{row.named.account or title(row.named)} ({plural((today - day).days, 'day')})"))
    return [said for _, said in sorted(silent)]


def _actions(request: Request, tx: Transaction, who: Person) -> list[Fact]:
    mine = actions.open_about(tx, [who.id])
    return [Fact("Open actions", _few([action_line(request, one, who.id) for one in mine]))] if mine else []


def action_line(request: Request, one: Action, about: str) -> str:
    """`Send the NDA, due Fri, Nov 20, overdue`; of who else owes it, with the name."""
    days = Days.of(request.basis)
    said = one.text if one.owner == about else f"{one.owner_name}: {one.text}"
    if one.due is not None:
        said += f", due {days.day(one.due)}" + (", overdue" if one.due < days.today else "")
    return said


def _short(line: str, owner: str) -> str:
    return line.replace(f" ({owner})", "")


def _stuck(row: Row) -> str:
    return ", ".join(filter(None, (title(row.named), money(row.named.deal), row.why[-1])))


def _few(lines: Sequence[str]) -> str:
    more = f"; and {len(lines) - NAMED} more" if len(lines) > NAMED else ""
    return "; ".join(lines[:NAMED]) + more
