"""`/quota` and questions in plain words: what is asked (handlers/ask), whose it is to see, the figures, the answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import msgspec

from handlers.ask.org import Org
from handlers.ask.read import looks_like_a_question, read
from handlers.ask.reading import Question, Scope
from handlers.conversation.buttons import Issuer
from handlers.conversation.command import Command
from handlers.conversation.company import Company
from handlers.conversation.reply import Button, Buttons, Reply, Text
from handlers.conversation.request import Basis, Outcome, Request
from handlers.figures.plan import Plan, load
from handlers.figures.sight import refusal
from handlers.figures.standing import Figures, Subject, figures
from handlers.numbers.periods import FiscalCalendar, before, day_in
from handlers.numbers.ranking import by_amount, ranked
from handlers.numbers.spans import Span
from handlers.quota import wording
from handlers.quota.org import org_of
from storage import activities
from storage.database import Transaction

NAME = "quota"
MEASURE = "bookings"
NOT_YET = "I cannot answer that yet. What I can: “quota”, “who is behind”, “forecast for this quarter”."
ONLY_BOOKINGS = "I count bookings only so far; {measure} comes later. Ask “quota” for bookings."
NOBODY = "{name} has nobody with a target or a deal in that time."

_issuer = Issuer(NAME)


def prepare(text: str, basis: Basis, company: Company) -> Question:
    """How far the words by themselves ask about the numbers; whose they are is read in the transaction."""
    return read(text, asker=None, org=Org((), ()), today=basis.now.date(), fiscal=_fiscal(company))


def handle(request: Request, tx: Transaction) -> Outcome:
    """A question, answered."""
    today = request.basis.now.date()
    fiscal = _fiscal(request.company)
    plan = load(tx, request.company, fiscal.year(fiscal.year_of(today)))
    org = org_of(plan, today)
    question = read(
        request.text or NAME,
        asker=org.members.get(request.actor.person),
        org=org,
        today=today,
        fiscal=fiscal,
        date_order=request.basis.date_order,
    )
    return _answered(request, tx, question, plan, org)


def again(request: Request, tx: Transaction) -> Outcome:
    """A button of an answer: the same question about another reading, period or cut."""
    return handle(_saying(request, str(request.data["text"])), tx)


def _answered(request: Request, tx: Transaction, question: Question, plan: Plan, org: Org) -> Outcome:
    if question.refused:
        return Outcome(reply=Reply(text=question.refused))
    if question.intent == "unknown" or question.scope is None or question.period is None:
        return Outcome(reply=Reply(text=NOT_YET))
    if question.intent != "activity" and question.measure not in (None, MEASURE):
        return Outcome(reply=Reply(text=ONLY_BOOKINGS.format(measure=question.measure)))
    answer = _ANSWERS.get(question.intent)
    if answer is None:
        return Outcome(reply=Reply(text=NOT_YET))
    span = question.period
    if not all(any(year.first <= day <= year.last for year in plan.years) for day in (span.first, span.last)):
        plan = load(tx, request.company, span)
    subject = _subject(request, plan, question.scope, org)
    refused = refusal(request.actor, plan, subject, request.basis.now.date())
    if refused and not (question.intent == "ranking" and subject.unit):
        return Outcome(reply=Reply(text=refused))
    reply = answer(request, tx, question, plan, subject)
    if not question.sure and question.other_readings:
        reply = _in_doubt(request, tx, reply, question)
    return Outcome(reply=reply)


def _status(request: Request, tx: Transaction, question: Question, plan: Plan, subject: Subject) -> Reply:
    found = _figures(request, tx, plan, subject, question.period)
    reply = wording.figures_reply(request, found, _whose(request, subject))
    earlier = before(found.span)
    wanted = [("Before", "again", {"text": f"status of {subject.name} {_days(earlier)}"})]
    if subject.unit:
        wanted.insert(0, ("By rep", "again", {"text": f"{subject.name} by rep {_days(found.span)}"}))
    buttons = _issuer.lasting(request, tx, wanted)
    return Reply(text=reply.text, parts=(*reply.parts, Buttons(tuple(buttons))))


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
    period = _fiscal(request.company).words(each[0].span)
    return wording.table_reply(f"{subject.name}, {by}, {period}", columns, rows, numeric=2)


def _behind(request: Request, tx: Transaction, question: Question, plan: Plan, subject: Subject) -> Reply:
    """Who is below the on-pace limit, ordered by the shortfall of the weighted forecast (GLOSSARY: *status*)."""
    each = _each(request, tx, question, plan, subject)
    late = [one for one in each if one.status.standing is not None and one.status.standing.is_behind]
    period = _fiscal(request.company).words(question.period) if question.period else ""
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
    return wording.activity_reply(_whose(request, subject), _fiscal(request.company).words(span), total)


_Answer = Callable[[Request, Transaction, Question, Plan, Subject], Reply]
_ANSWERS: dict[str, _Answer] = {
    "status": _status,
    "forecast": _forecast,
    "coverage": _coverage,
    "needed": _needed,
    "ranking": _ranking,
    "behind": _behind,
    "activity": _activity,
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


def _subject(request: Request, plan: Plan, scope: Scope, org: Org) -> Subject:
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


def _days(span: Span) -> str:
    return f"{span.first} to {span.last}"


def _in_doubt(request: Request, tx: Transaction, reply: Reply, question: Question) -> Reply:
    """What it was taken for is said, and the other readings are offered."""
    wanted = []
    for other in question.other_readings[:3]:
        if other.scope is None or other.period is None:
            continue
        name = other.scope.name or "my number"
        words = f"{other.intent} {name} {_days(other.period)}"
        wanted.append((f"{other.intent.replace('_', ' ').capitalize()}: {name}", "again", {"text": words}))
    buttons: list[Button] = _issuer.lasting(request, tx, wanted)
    doubt = Text("Not what you meant?", style="quiet")
    parts = reply.parts or (Text(reply.text),)
    return Reply(
        text=f"{reply.text} Not what you meant? Say it in other words.",
        parts=(*parts, doubt, Buttons(tuple(buttons))) if buttons else parts,
    )


def _saying(request: Request, text: str) -> Request:
    return msgspec.structs.replace(request, text=text)


def _fiscal(company: Company) -> FiscalCalendar:
    return FiscalCalendar(company.fiscal_year_start)


COMMAND = Command(
    name=NAME,
    summary="Ask how you, somebody or a team stands against the target",
    usage="[question]",
    examples=("/quota", "/quota east this quarter", "/quota who is behind", "/quota forecast"),
    explain=(
        "Ask as you would ask a colleague: “how is East doing”, “what do I need per day”, “top 5 reps last quarter”, "
        "“pipeline coverage for West”. The answer says the figure, the pace, the gap and as of when. You see your own "
        "numbers, managers their people's, leaders their units'."
    ),
    handle=handle,
    prepare=prepare,
    understands=lambda prepared: isinstance(prepared, Question) and looks_like_a_question(prepared),
    actions={"again": again},
)
