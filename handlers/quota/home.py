"""My number on my own page, and for who leads their unit's number with the tree below it."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.conversation.buttons import Wanted
from handlers.conversation.reply import Buttons, Part, Text
from handlers.conversation.request import Request
from handlers.conversation.wording import plural
from handlers.figures import tree, tree_words
from handlers.figures.plan import Plan, load
from handlers.figures.standing import Figures, Subject, figures
from handlers.numbers.periods import FiscalCalendar, Length, day_in
from handlers.numbers.spans import Span
from handlers.quota import status_words
from handlers.quota.asked import asked_again, in_days, issuer, today_of
from handlers.quota.doubt import ISSUER as DOUBTS
from storage import inquiries
from storage.database import Transaction

ROWS = 20
"""Of the tree: as many as a phone scrolls through."""
LED = 2
"""Units that one person leads and sees here; whoever leads more asks for the others."""
DOUBTED = 3
"""Inquiries on the page, those that wait longest."""
NO_TARGET = "No target is set for you yet. Your number stands here once there is one."


def home(request: Request, tx: Transaction) -> tuple[Part, ...]:
    """What the company's period asks of me and has brought so far; of a unit that I lead the same, with its tree.

    An admin who leads nothing and carries no target sees the company.
    """
    today, actor = request.basis.now.date(), request.actor
    length = Length(request.company.quota_period)
    own_span = FiscalCalendar(request.company.fiscal_year_start).holding(length, today)
    # Everybody's rows are read only for who may see them.
    plan = load(tx, request.company, own_span, persons=[actor.person])
    led = plan.led_by(actor.person, today)[:LED]
    mine = bool(plan.person_months(actor.person))
    if led or actor.reports or "admin" in actor.roles:
        plan = load(tx, request.company, own_span)
    parts: list[Part] = []
    if mine:
        parts += _number(request, tx, plan, Subject(actor.name, person=actor.person), own_span)
    if not led and not mine and "admin" in actor.roles:
        led = [unit for unit in plan.units.values() if unit.parent is None and unit.kind == "company"][:1]
    for unit in led:
        parts += _number(request, tx, plan, Subject(unit.name, unit=unit.id), own_span)
    if not led and actor.reports:
        parts += _reports(request, tx, plan, own_span)
    if not parts and "rep" in actor.roles:
        parts.append(Text(NO_TARGET, style="quiet"))
    if "admin" in actor.roles:
        parts += _inquiries(request, tx)
    return tuple(parts)


def _number(request: Request, tx: Transaction, plan: Plan, subject: Subject, span: Span) -> list[Part]:
    today = today_of(request, subject)
    found = figures(tx, request.company, plan, subject, span, today)
    whose = "You" if subject.person else subject.name
    parts = list(status_words.figures_reply(request, found, whose, glance=True).parts)
    if subject.unit:
        below = tree.below(tx, request.company, plan, subject.unit, span, today, ROWS)
        parts += _table(request, below)
    parts.append(Buttons(tuple(issuer.lasting(request, tx, _wanted(plan, found)))))
    return parts


def _wanted(plan: Plan, found: Figures) -> Sequence[Wanted]:
    """Further answers about the same; they are questions in words, so that each is answered and guarded as one."""
    subject, span = found.subject, found.span
    forecast: Wanted = ("Forecast", "again", {"text": f"forecast for {subject.name} {in_days(span)}"})
    by_month: Wanted = ("By month", "again", asked_again(plan, subject, "by month", span))
    chart: Wanted = ("Chart", "chart", asked_again(plan, subject, "", span))
    if subject.person:
        return forecast, by_month, chart
    behind: Wanted = ("Who is behind", "again", {"text": f"who is behind in {subject.name} {in_days(span)}"})
    return behind, forecast, by_month, chart


def _inquiries(request: Request, tx: Transaction) -> list[Part]:
    """Figures that somebody doubts, for an admin to answer."""
    waiting, number = inquiries.waiting(tx, DOUBTED)
    parts: list[Part] = [Text(f"{plural(number, 'figure')} doubted", style="strong")] if waiting else []
    for one in waiting:
        answer = DOUBTS.lasting(request, tx, [("Answer", "answer doubt", {"inquiry": one.id})])
        parts += [Text(f"{one.name}: “{one.words}”"), Buttons(tuple(answer))]
    if number > len(waiting):
        parts.append(Text(f"And {number - len(waiting)} more: “/quota inquiries” shows them.", style="quiet"))
    return parts


def _reports(request: Request, tx: Transaction, plan: Plan, span: Span) -> list[Part]:
    """Of somebody who manages people and leads no unit."""
    today = day_in(request.company.zone, request.now)
    sellers = [plan.sellers[person] for person in sorted(request.actor.reports) if person in plan.sellers]
    lines = tree.people(tx, request.company, plan, sellers, span, today)
    if not lines:
        return []
    period = plan.fiscal.words(span)
    shown = tree.Tree(tuple(lines[:ROWS]), max(len(lines) - ROWS, 0))
    return [Text("Your reports", style="strong"), Text(period, style="quiet"), *_table(request, shown)]


def _table(request: Request, below: tree.Tree) -> list[Part]:
    """Won and target in short, so that a row fits a phone; the exact figures are one question away."""
    if not below.lines:
        return []
    parts: list[Part] = [tree_words.table(request.company, below.lines)]
    if below.left_out:
        parts.append(Text(f"And {plural(below.left_out, 'more', 'more')}.", style="quiet"))
    return parts
