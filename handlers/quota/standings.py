"""How somebody or a unit stands: the figure, its months and products, the chart, and what is ahead."""

from __future__ import annotations

from handlers.ask.reading import Question
from handlers.conversation.reply import Buttons, Reply
from handlers.conversation.request import Request
from handlers.figures import standing
from handlers.figures.cuts import by_product
from handlers.figures.plan import Plan
from handlers.figures.standing import BOOKINGS, Figures, Subject, fresh_as_of
from handlers.figures.wording import as_of, labelled
from handlers.numbers.periods import before
from handlers.numbers.spans import Span
from handlers.quota import status_words as words
from handlers.quota.asked import (
    NOBODY,
    asked_again,
    each,
    figures,
    fiscal_of,
    issuer,
    sees_all,
    today_of,
    whose,
)
from storage.database import Transaction

NO_COVERAGE = "Coverage is open deals against the gap in bookings; for {measure} nothing is open that could fill it."


def status(request: Request, tx: Transaction, question: Question, plan: Plan, subject: Subject) -> Reply:
    """The figure of a span; its months or products where the question is cut by them."""
    span = question.period
    assert span is not None
    if question.by == "month":
        return _months(request, tx, plan, subject, span)
    if question.by == "product" and plan.measure in (BOOKINGS, "revenue", "margin"):
        cut = by_product(tx, plan, subject, span)
        made_from = as_of(request, fresh_as_of(tx, plan.measure))
        return words.products_reply(request, whose(request, subject), span, plan.measure, cut, made_from)
    today = today_of(request, subject)
    found = standing.figures(tx, request.company, plan, subject, span, today, whole=question.whole)
    reply = words.figures_reply(request, found, whose(request, subject))
    return _with_buttons(request, tx, plan, reply, found)


def _with_buttons(request: Request, tx: Transaction, plan: Plan, reply: Reply, found: Figures) -> Reply:
    subject, span = found.subject, found.span
    wanted = [
        ("By month", "again", asked_again(plan, subject, "by month", span)),
        ("Period before", "again", asked_again(plan, subject, "", before(span))),
        ("Chart", "chart", asked_again(plan, subject, "", span)),
    ]
    if subject.unit:
        wanted.insert(0, ("By rep", "again", asked_again(plan, subject, "by rep", span)))
    buttons = issuer.lasting(request, tx, wanted)
    return Reply(text=reply.text, parts=(*reply.parts, Buttons(tuple(buttons))))


def _months(request: Request, tx: Transaction, plan: Plan, subject: Subject, span: Span) -> Reply:
    today = today_of(request, subject)
    months = [
        (standing.figures(tx, request.company, plan, subject, piece, today), piece.first <= today)
        for piece, _ in span.by_month()
    ]
    whole = figures(request, tx, plan, subject, span)
    return words.months_reply(request, whose(request, subject), whole, months)


def chart(request: Request, tx: Transaction, question: Question, plan: Plan, subject: Subject) -> Reply:
    """Bars to target with the mark of what is expected by now: a bar a rep for who may see them, else a bar a month."""
    span = question.period
    assert span is not None
    if subject.unit and sees_all(request, plan, subject):
        bars = [(one.subject.name, one) for one in each(request, tx, question, plan, subject)]
    else:
        months = [piece for piece, _ in span.by_month() if piece.first <= today_of(request, subject)]
        bars = [(f"{piece.first:%b}", figures(request, tx, plan, subject, piece)) for piece in months]
    if not bars:
        return Reply(text=NOBODY.format(name=subject.name))
    period = fiscal_of(request.company).words(span)
    return words.chart_reply(request, whose(request, subject), period, bars, plan.measure)


def forecast(request: Request, tx: Transaction, question: Question, plan: Plan, subject: Subject) -> Reply:
    """Where it will end."""
    found = figures(request, tx, plan, subject, question.period)
    return words.forecast_reply(request, found, whose(request, subject), named=sees_all(request, plan, subject))


def coverage(request: Request, tx: Transaction, question: Question, plan: Plan, subject: Subject) -> Reply:
    """Open pipeline against the gap, of bookings."""
    if plan.measure != BOOKINGS:
        return Reply(text=NO_COVERAGE.format(measure=labelled("", plan.measure).lstrip(", ")))
    found = figures(request, tx, plan, subject, question.period)
    return words.coverage_reply(request, found, whose(request, subject))


def needed(request: Request, tx: Transaction, question: Question, plan: Plan, subject: Subject) -> Reply:
    """What it takes to reach the target."""
    found = figures(request, tx, plan, subject, question.period)
    return words.needed_reply(request, found, whose(request, subject), per_week=question.detail == "week")
