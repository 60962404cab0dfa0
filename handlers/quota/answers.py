"""Each kind of question, answered: from a question and the plan to the reply."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from handlers.ask.org import Org
from handlers.ask.reading import Question, Scope
from handlers.conversation.buttons import Issuer
from handlers.conversation.company import Company
from handlers.conversation.reply import Buttons, Reply
from handlers.conversation.request import Request
from handlers.figures.plan import Plan, load
from handlers.figures.sight import refusal
from handlers.figures.stages import LOST, WON
from handlers.figures.standing import Figures, Subject, figures
from handlers.numbers.closed import ClosedDeal, win_rate
from handlers.numbers.periods import FiscalCalendar, before, day_in, same_point
from handlers.numbers.ranking import by_amount, ranked
from handlers.numbers.spans import Span
from handlers.quota import commission, deal_lists, wording
from handlers.quota.org import org_of
from storage import activities, deals
from storage.database import Transaction

NOT_YET = "I cannot answer that yet. What I can: “quota”, “who is behind”, “forecast for this quarter”."
NOBODY = "{name} has nobody with a target or a deal in that time."

issuer = Issuer("quota")


def _status(request: Request, tx: Transaction, question: Question, plan: Plan, subject: Subject) -> Reply:
    found = _figures(request, tx, plan, subject, question.period)
    reply = wording.figures_reply(request, found, _whose(request, subject))
    earlier = before(found.span)
    wanted = [("Period before", "again", {"text": f"status of {subject.name} {in_days(earlier)}"})]
    if subject.unit:
        wanted.insert(0, ("By rep", "again", {"text": f"{subject.name} by rep {in_days(found.span)}"}))
    wanted.append(("Chart", "chart", {"text": f"{subject.name} {in_days(found.span)}"}))
    buttons = issuer.lasting(request, tx, wanted)
    return Reply(text=reply.text, parts=(*reply.parts, Buttons(tuple(buttons))))


def chart(request: Request, tx: Transaction, question: Question, plan: Plan, subject: Subject) -> Reply:
    """Bars to target with the mark of what is expected by now: a bar a rep for who may see them, else a bar a month."""
    span = question.period
    assert span is not None
    if subject.unit and _sees_all(request, plan, subject):
        each = [(one.subject.name, one) for one in _each(request, tx, question, plan, subject)]
    else:
        months = [month for month in span.by_month() if month[0].first <= _today(request, subject)]
        each = [(f"{month[0].first:%b}", _figures(request, tx, plan, subject, month[0])) for month in months]
    if not each:
        return Reply(text=NOBODY.format(name=subject.name))
    return wording.chart_reply(request, _whose(request, subject), fiscal_of(request.company).words(span), each)


def _forecast(request: Request, tx: Transaction, question: Question, plan: Plan, subject: Subject) -> Reply:
    return wording.forecast_reply(
        request, _figures(request, tx, plan, subject, question.period), _whose(request, subject)
    )


def _coverage(request: Request, tx: Transaction, question: Question, plan: Plan, subject: Subject) -> Reply:
    return wording.coverage_reply(
        request, _figures(request, tx, plan, subject, question.period), _whose(request, subject)
    )


def _needed(request: Request, tx: Transaction, question: Question, plan: Plan, subject: Subject) -> Reply:
    found = _figures(request, tx, plan, subject, question.period)
    return wording.needed_reply(request, found, _whose(request, subject), per_week=question.detail == "week")


def _ranking(request: Request, tx: Transaction, question: Question, plan: Plan, subject: Subject) -> Reply:
    """Ranks with amounts; the attainment beside them only for who may see everybody's (GLOSSARY: *Peers*)."""
    each = _each(request, tx, question, plan, subject)
    if not each:
        return Reply(text=NOBODY.format(name=subject.name))
    amounts = question.detail == "amount" or by_amount([one.status.target for one in each])
    values = [(at, one.status.credited if amounts else one.status.attainment) for at, one in enumerate(each)]
    places = ranked(values, worst_first=question.order == "worst")
    open_to_all = _sees_all(request, plan, subject)
    rows: list[tuple[str, ...]] = []
    for place in places[: question.limit or len(places)]:
        one = each[place.key]
        share = one.status.attainment
        attained = wording.percent(share) if share is not None else str(one.status.no_attainment or "")
        won = wording.money(request, one.status.credited)
        rank = f"{place.rank}." if place.rank is not None else "–"
        rows.append((rank, one.subject.name, won, attained) if open_to_all else (rank, one.subject.name))
    columns = ("", "Rep", "Won", "Attained") if open_to_all else ("", "Rep")
    by = "by amount" if amounts else "by attainment"
    period = fiscal_of(request.company).words(each[0].span)
    return wording.table_reply(f"{subject.name}, {by}, {period}", columns, rows, numeric=2)


def _behind(request: Request, tx: Transaction, question: Question, plan: Plan, subject: Subject) -> Reply:
    """Who is below the on-pace limit, ordered by the shortfall of the weighted forecast (GLOSSARY: *status*)."""
    each = _each(request, tx, question, plan, subject)
    late = [one for one in each if one.status.standing is not None and one.status.standing.is_behind]
    period = fiscal_of(request.company).words(question.period) if question.period else ""
    if not late:
        unsaid = sum(one.status.pace is None and one.status.target is not None for one in each)
        early = f" For {unsaid} of {len(each)} it is too early to say." if unsaid else ""
        return Reply(text=f"Nobody in {subject.name} is behind, {period}.{early}")
    late.sort(key=lambda one: one.forecast.total - (one.status.target or 0))
    rows: list[tuple[str, ...]] = [
        (
            one.subject.name,
            one.status.standing.value if one.status.standing else "",
            wording.percent(one.status.pace) if one.status.pace is not None else "",
            wording.money(request, (one.status.target or 0) - one.forecast.total)
            if one.forecast.total < (one.status.target or 0)
            else "covered by open deals",
        )
        for one in late[: question.limit or len(late)]
    ]
    lead = f"{len(late)} of {len(each)} in {subject.name} behind, {period}"
    return wording.table_reply(lead, ("Rep", "Status", "Pace", "Short by forecast"), rows, numeric=2)


def _compare(request: Request, tx: Transaction, question: Question, plan: Plan, subject: Subject) -> Reply:
    """Two scopes in one period, or one scope in two; an unfinished period at the same point of the other (GLOSSARY)."""
    span, fiscal = question.period, fiscal_of(request.company)
    assert span is not None
    today = _today(request, subject)
    first = _figures(request, tx, plan, subject, span)
    if question.against_scope is not None:
        other = subject_of(request, plan, question.against_scope, org_of(plan, today))
        refused = refusal(request.actor, plan, other, today)
        if refused:
            return Reply(text=refused)
        second = _figures(request, tx, plan, other, span)
        sides = [(subject.name, first), (other.name, second)]
        return wording.sides_reply(request, fiscal.words(span), sides)
    if question.against is None:
        return Reply(text=NOT_YET)
    wide = load(
        tx, request.company, Span(min(span.first, question.against.first), max(span.last, question.against.last))
    )
    point = same_point(span, today, question.against)
    there = _figures(request, tx, wide, subject, point)
    whole = _figures(request, tx, wide, subject, question.against)
    named = (fiscal.words(span), fiscal.words(question.against))
    return wording.change_reply(request, _whose(request, subject), named, first, there, whole)


def _why(request: Request, tx: Transaction, question: Question, plan: Plan, subject: Subject) -> Reply:
    """What makes the gap to what is expected by now: whose, which open deals are overdue, what was lost."""
    span = question.period
    assert span is not None
    whole = _figures(request, tx, plan, subject, span)
    each = _each(request, tx, question, plan, subject) if _sees_all(request, plan, subject) else []
    persons = {subject.person} if subject.person else {one.id for one in plan.sellers_in(subject.unit or "", span)}
    closed = deals.closing(tx, span.first, span.last, stages=(LOST,))
    lost = sorted(
        (row for row in closed if row.deal.owner in persons), key=lambda row: row.deal.amount_minor or 0, reverse=True
    )
    period = fiscal_of(request.company).words(span)
    return wording.why_reply(request, _whose(request, subject), period, whole, each, lost)


def _win_rate(request: Request, tx: Transaction, question: Question, plan: Plan, subject: Subject) -> Reply:
    """Won ÷ (won + lost) of the deals closed in the span, by count, by value second; a row a product where asked."""
    span = question.period
    assert span is not None
    persons = {subject.person} if subject.person else {one.id for one in plan.sellers_in(subject.unit or "", span)}
    closed = [row for row in deals.closing(tx, span.first, span.last, stages=(WON, LOST)) if row.deal.owner in persons]
    cut: dict[str, list[ClosedDeal]] = {}
    for row in closed:
        key = (row.deal.product or "no product") if question.by == "product" else row.owner or ""
        one = ClosedDeal(row.deal.stage == WON, row.deal.amount_minor, row.deal.closes_on or span.last)
        cut.setdefault(key if question.by in ("product", "rep") else "", []).append(one)
    whole = win_rate([one for part in cut.values() for one in part])
    rows = [(name, win_rate(part)) for name, part in sorted(cut.items()) if name]
    return wording.win_rate_reply(_whose(request, subject), fiscal_of(request.company).words(span), whole, rows)


def _activity(request: Request, tx: Transaction, question: Question, plan: Plan, subject: Subject) -> Reply:
    """What was logged, by kind; one kind alone where the question names it."""
    assert question.period is not None
    span = question.period
    persons = [subject.person] if subject.person else [one.id for one in plan.sellers_in(subject.unit or "", span)]
    total: dict[str, int] = {}
    for person in persons:
        for kind, number in activities.counts(tx, person, span.first, span.last).items():
            total[kind] = total.get(kind, 0) + number
    if question.measure is not None:
        total = {question.measure: total.get(question.measure, 0)}
    return wording.activity_reply(_whose(request, subject), fiscal_of(request.company).words(span), total)


Answer = Callable[[Request, Transaction, Question, Plan, Subject], Reply]
ANSWERS: dict[str, Answer] = {
    "status": _status,
    "forecast": _forecast,
    "coverage": _coverage,
    "needed": _needed,
    "ranking": _ranking,
    "behind": _behind,
    "activity": _activity,
    "compare": _compare,
    "win_rate": _win_rate,
    "why": _why,
    "commission": commission.answer,
    "deals": deal_lists.answer,
}


def _each(request: Request, tx: Transaction, question: Question, plan: Plan, subject: Subject) -> list[Figures]:
    """Everybody of a unit who carries a target or has a credit; for a person just them."""
    if question.period is None or subject.unit is None:
        return [_figures(request, tx, plan, subject, question.period)]
    found = [
        _figures(request, tx, plan, Subject(seller.name, person=seller.id), question.period)
        for seller in plan.sellers_in(subject.unit, question.period)
    ]
    return [one for one in found if one.status.target is not None or one.status.credited]


def _figures(request: Request, tx: Transaction, plan: Plan, subject: Subject, span: Span | None) -> Figures:
    assert span is not None
    return figures(tx, request.company, plan, subject, span, _today(request, subject))


def _today(request: Request, subject: Subject) -> date:
    """A person's own day; a unit's is the company's."""
    return request.basis.now.date() if subject.person else day_in(request.company.zone, request.now)


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


def _sees_all(request: Request, plan: Plan, subject: Subject) -> bool:
    """They lead the unit or one above it, or are an admin: amounts and attainment are theirs to see."""
    led = {unit.id for unit in plan.led_by(request.actor.person, request.basis.now.date())}
    return "admin" in request.actor.roles or bool(led & set(plan.with_above(subject.unit or "")))


def _whose(request: Request, subject: Subject) -> str:
    return "You" if subject.person == request.actor.person else subject.name


def in_days(span: Span) -> str:
    """A span as the words of a question."""
    return f"{span.first} to {span.last}"


def fiscal_of(company: Company) -> FiscalCalendar:
    """The company's fiscal calendar."""
    return FiscalCalendar(company.fiscal_year_start)
