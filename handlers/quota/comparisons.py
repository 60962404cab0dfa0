"""Two periods or two scopes side by side, and win rates."""

from __future__ import annotations

from collections.abc import Callable

from handlers.ask.reading import Question
from handlers.conversation.reply import Reply
from handlers.conversation.request import Request
from handlers.figures.plan import Plan, load
from handlers.figures.sight import refusal
from handlers.figures.stages import LOST, WON
from handlers.figures.standing import Subject
from handlers.numbers.closed import ClosedDeal, win_rate
from handlers.numbers.periods import same_point
from handlers.numbers.spans import Span
from handlers.quota import compare_words as words
from handlers.quota.asked import NOT_YET, figures, fiscal_of, sees_all, subject_of, today_of, whose
from handlers.quota.org import org_of
from storage import deals
from storage.database import Transaction
from storage.deals import Named

THEIRS = "What is whose part of it is shown to those who lead {name}."


def compare(request: Request, tx: Transaction, question: Question, plan: Plan, subject: Subject) -> Reply:
    """Two scopes in one period, or one scope in two; an unfinished period at the same point of the other (GLOSSARY)."""
    span, fiscal = question.period, fiscal_of(request.company)
    assert span is not None
    today = today_of(request, subject)
    first = figures(request, tx, plan, subject, span)
    if question.against_scope is not None:
        other = subject_of(request, plan, question.against_scope, org_of(plan, today))
        refused = refusal(request.actor, plan, other, today, span)
        if refused:
            return Reply(text=refused)
        second = figures(request, tx, plan, other, span)
        sides = [(subject.name, first), (other.name, second)]
        return words.sides_reply(request, fiscal.words(span), sides)
    if question.against is None:
        return Reply(text=NOT_YET)
    both = Span(min(span.first, question.against.first), max(span.last, question.against.last))
    wide = load(tx, request.company, both, measure=plan.measure)
    refused = refusal(request.actor, wide, subject, today, question.against)
    if refused:
        return Reply(text=refused)
    point = same_point(span, today, question.against)
    there = figures(request, tx, wide, subject, point)
    whole = figures(request, tx, wide, subject, question.against)
    named = (fiscal.words(span), fiscal.words(question.against))
    return words.change_reply(request, whose(request, subject), named, first, there, whole)


def rate(request: Request, tx: Transaction, question: Question, plan: Plan, subject: Subject) -> Reply:
    """Won ÷ (won + lost) of the deals closed in the span, by count, by value second; a row a part where it is cut."""
    span = question.period
    assert span is not None
    persons = _persons(plan, subject, span)
    closed = [row for row in deals.closing(tx, span.first, span.last, stages=(WON, LOST)) if row.deal.owner in persons]
    keys: dict[str, Callable[[Named], str]] = {
        "product": lambda row: row.deal.product or "no product",
        "rep": lambda row: row.owner or "",
        "month": lambda row: f"{row.deal.closes_on or span.last:%b %Y}",
        "team": lambda row: _team(plan, row, span),
    }
    parts: dict[str, list[ClosedDeal]] = {}
    for row in closed:
        key = keys[question.by](row) if question.by in keys else ""
        one = ClosedDeal(row.deal.stage == WON, row.deal.amount_minor, row.deal.closes_on or span.last)
        parts.setdefault(key, []).append(one)
    whole = win_rate([one for part in parts.values() for one in part])
    names = list(parts) if question.by == "month" else sorted(parts)
    theirs = question.by in ("rep", "team") and not sees_all(request, plan, subject)
    names = [] if theirs else names
    rows = [(name, win_rate(parts[name])) for name in names if name]
    reply = words.win_rate_reply(whose(request, subject), fiscal_of(request.company).words(span), whole, rows)
    return Reply(text=f"{reply.text} {THEIRS.format(name=subject.name)}") if theirs else reply


def _team(plan: Plan, row: Named, span: Span) -> str:
    unit = plan.unit_of(row.deal.owner or "", row.deal.closes_on or span.last)
    return unit.name if unit else "no team"


def _persons(plan: Plan, subject: Subject, span: Span) -> set[str]:
    return {subject.person} if subject.person else {one.id for one in plan.sellers_in(subject.unit or "", span)}
