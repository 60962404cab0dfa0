"""What every answer needs of a question: whose it is, on which day, in which words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from handlers.ask.org import Org
from handlers.ask.reading import Question, Scope
from handlers.conversation.buttons import Issuer
from handlers.conversation.company import Company
from handlers.conversation.reply import Reply
from handlers.conversation.request import Request
from handlers.figures import standing
from handlers.figures.plan import Plan
from handlers.figures.sight import sees_each
from handlers.figures.standing import Figures, Subject
from handlers.figures.wording import measure_words
from handlers.numbers.periods import FiscalCalendar, day_in
from handlers.numbers.spans import Span
from storage.database import Transaction

NOT_YET = "I cannot answer that yet. What I can: “quota”, “who is behind”, “forecast for this quarter”."
NOBODY = "{name} has nobody with a target or a deal in that time."

Answer = Callable[[Request, Transaction, Question, Plan, Subject], Reply]
"""From a question, the plan of its measure and whose numbers are meant to the reply."""

issuer = Issuer("quota")


def figures(request: Request, tx: Transaction, plan: Plan, subject: Subject, span: Span | None) -> Figures:
    """The figures of a span."""
    assert span is not None
    return standing.figures(tx, request.company, plan, subject, span, today_of(request, subject))


def each(request: Request, tx: Transaction, question: Question, plan: Plan, subject: Subject) -> list[Figures]:
    """Everybody of a unit who carries a target or for whom something counts; for a person just them."""
    if question.period is None or subject.unit is None:
        return [figures(request, tx, plan, subject, question.period)]
    return standing.each(tx, request.company, plan, subject.unit, question.period, request.basis.now.date())


def today_of(request: Request, subject: Subject) -> date:
    """A person's own day; a unit's is the company's."""
    return request.basis.now.date() if subject.person else day_in(request.company.zone, request.now)


def sees_all(request: Request, plan: Plan, subject: Subject) -> bool:
    """They lead the unit or one above it, or are an admin: amounts and attainment are theirs to see."""
    return sees_each(request.actor, plan, subject, request.basis.now.date())


def whose(request: Request, subject: Subject) -> str:
    """`You`, or the name."""
    return "You" if subject.person == request.actor.person else subject.name


def asked_again(plan: Plan, subject: Subject, rest: str, span: Span) -> dict[str, str]:
    """What a button asks: words about the same measure and subject."""
    what = measure_words(plan.measure) or "status"
    return {"text": f"{what} of {subject.name}{f' {rest}' if rest else ''} {in_days(span)}"}


def subject_of(request: Request, plan: Plan, scope: Scope, org: Org) -> Subject:
    """Whose numbers a scope means; of somebody who leads and carries no target, `me` is what they lead."""
    if scope.kind == "me":
        led = plan.led_by(request.actor.person, request.basis.now.date())
        if led and not plan.person_months(request.actor.person):
            return Subject(led[0].name, unit=led[0].id)
        return Subject(request.actor.name, person=request.actor.person)
    if scope.kind == "person":
        return Subject(scope.name or "", person=scope.key)
    top = org.company
    return Subject(scope.name or request.company.name, unit=scope.key or (top.key if top else ""))


def in_days(span: Span) -> str:
    """A span as the words of a question."""
    return f"{span.first} to {span.last}"


def fiscal_of(company: Company) -> FiscalCalendar:
    """The company's fiscal calendar."""
    return FiscalCalendar(company.fiscal_year_start)
