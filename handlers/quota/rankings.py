"""Who is first and who is behind: people or teams, on any measure."""

from __future__ import annotations

from handlers.ask.reading import Question
from handlers.conversation.reply import Reply
from handlers.conversation.request import Request
from handlers.figures import boards, standing
from handlers.figures.expected import expected_of
from handlers.figures.plan import Plan
from handlers.figures.standing import BOOKINGS, Figures, Subject
from handlers.figures.wording import amount, measure_words, percent, rough, table_reply
from handlers.numbers.spans import Span
from handlers.quota.asked import NOBODY, each, fiscal_of, today_of
from storage import tallies
from storage.database import Transaction

NO_EXPECTATION = "No target and no expectation is set for {what}, so nobody can be behind on it."


def ranking(request: Request, tx: Transaction, question: Question, plan: Plan, subject: Subject) -> Reply:
    """Ranks with amounts; the attainment beside them only for who may see it (GLOSSARY: *Peers*)."""
    span = question.period
    assert span is not None
    teams = question.by == "team"
    subject = _with_teams(plan, subject) if teams else subject
    worst = question.order == "worst"
    found = boards.board(
        request, tx, plan, subject, span, detail=question.detail, worst_first=worst, teams=teams
    )  # fmt: skip
    if not found.rows:
        return Reply(text=NOBODY.format(name=subject.name))
    none = boards.nothing(request, found)
    if none:
        return Reply(text=none)
    return boards.reply(request, found, limit=question.limit)


def _with_teams(plan: Plan, subject: Subject) -> Subject:
    """Whoever leads a team and asks for the teams means those beside it."""
    if subject.unit is None or plan.children(subject.unit):
        return subject
    parent = plan.units[subject.unit].parent
    return Subject(plan.units[parent].name, unit=parent) if parent in plan.units and parent else subject


def behind(request: Request, tx: Transaction, question: Question, plan: Plan, subject: Subject) -> Reply:
    """Who is below the on-pace limit, ordered by the shortfall of the weighted forecast (GLOSSARY: *status*)."""
    span = question.period
    assert span is not None
    people = each(request, tx, question, plan, subject)
    if plan.measure not in (BOOKINGS, "overlay", "revenue", "margin", "pipeline_created") and not plan.carriers():
        return _behind_expected(request, tx, question, plan, subject, span)
    late = [one for one in people if one.status.standing is not None and one.status.standing.is_behind]
    period = fiscal_of(request.company).words(span)
    what = f" on {measure_words(plan.measure)}" if plan.measure != BOOKINGS else ""
    if not late:
        if not any(one.status.target for one in people):
            return Reply(text=f"Nobody in {subject.name} has a target{what}, {period}, so nobody can be behind.")
        unsaid = sum(one.status.pace is None and one.status.target is not None for one in people)
        early = f" For {unsaid} of {len(people)} it is too early to say." if unsaid else ""
        return Reply(text=f"Nobody in {subject.name} is behind{what}, {period}.{early}")
    late.sort(key=lambda one: _ends_at(one) - (one.status.target or 0))
    rows: list[tuple[str, ...]] = [
        (
            one.subject.name,
            one.status.standing.value if one.status.standing else "",
            percent(one.status.pace) if one.status.pace is not None else "",
            _short(request, one),
        )
        for one in late[: question.limit or len(late)]
    ]
    lead = f"{len(late)} of {len(people)} in {subject.name} behind{what}, {period}"
    column = "Short by forecast" if plan.measure == BOOKINGS else "Short by projection"
    return table_reply(lead, ("Rep", "Status", "Pace", column), rows, numeric=2)


def _ends_at(one: Figures) -> int:
    """Where it will end: by open deals where there are such, else at the pace so far."""
    projected = one.status.projected
    return one.forecast.total if one.measure == BOOKINGS or projected is None else projected


def _short(request: Request, one: Figures) -> str:
    missing = (one.status.target or 0) - _ends_at(one)
    if missing <= 0:
        return "covered by open deals"
    return amount(request, one.measure, missing) if one.measure == BOOKINGS else rough(request, one.measure, missing)


def _behind_expected(
    request: Request, tx: Transaction, question: Question, plan: Plan, subject: Subject, span: Span
) -> Reply:
    """Of an activity without targets: who has less than the job asks for by now, the furthest below first."""
    today, kind = today_of(request, subject), plan.measure
    persons = {one.id for one in plan.sellers_in(subject.unit or "", span)} or {subject.person or ""}
    asked = expected_of(tx, request.company, plan, persons, span, today)
    wanted = {person: of[kind] for person, of in asked.items() if kind in of}
    if not wanted:
        return Reply(text=NO_EXPECTATION.format(what=measure_words(kind)))
    done = dict.fromkeys(wanted, 0)
    for person, _, _, number in tallies.logged(tx, span.first, span.last, persons=list(wanted), kind=kind):
        done[person] += number
    limit = standing.limits_of(request.company).on_pace
    late = [person for person, of in wanted.items() if done[person] < of.so_far * limit]
    period, what = fiscal_of(request.company).words(span), measure_words(kind)
    if not late:
        return Reply(text=f"Nobody in {subject.name} is behind on {what}, {period}.")
    late.sort(key=lambda person: (done[person] - wanted[person].so_far, plan.sellers[person].name))
    rows: list[tuple[str, ...]] = [
        (
            plan.sellers[person].name,
            f"{done[person]:,}",
            f"{wanted[person].so_far:,}",
            f"{wanted[person].so_far - done[person]:,}",
        )
        for person in late[: question.limit or len(late)]
    ]
    lead = f"{len(late)} of {len(wanted)} in {subject.name} behind on {what}, {period}"
    said = [f"{name} {logged} of {by_now} expected by now, {short} short" for name, logged, by_now, short in rows]
    return table_reply(lead, ("Rep", "Logged", "Expected by now", "Short by"), rows, numeric=1, said=said)
