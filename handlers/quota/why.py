"""Why somebody is behind: which people, deals and activities make the gap to what is expected by now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from handlers.ask.reading import Question
from handlers.conversation.reply import Buttons, Part, Reply, Table, Text
from handlers.conversation.request import Request
from handlers.conversation.wording import Days, listed, plural
from handlers.figures import deal_rows
from handlers.figures.deal_rows import Circle, Row
from handlers.figures.expected import expected_of, summed
from handlers.figures.plan import Plan
from handlers.figures.standing import Figures, Subject
from handlers.figures.wording import about, amount, as_of, labelled, measure_words, money, rough, won_words
from handlers.numbers.spans import Span
from handlers.quota.asked import each, figures, fiscal_of, in_days, issuer, sees_all, today_of, whose
from storage import deals, tallies
from storage.database import Transaction

BOOKINGS: Final = "bookings"
NAMED: Final = 5
"""Deals that each reason names; the lists have all."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Deals that are missing for one reason, the largest first; `note` is said behind a deal's name."""

    words: str
    rows: list[Row]
    notes: dict[str, str]


def answer(request: Request, tx: Transaction, question: Question, plan: Plan, subject: Subject) -> Reply:
    """The gap first; then whose it is, which deals slipped, are overdue, stuck or lost, what is open, what was logged.

    Names of people and of deals are for who leads them; of a unit others see the sums.
    """
    span = question.period
    assert span is not None
    whole = figures(request, tx, plan, subject, span)
    name = labelled(whose(request, subject), plan.measure)
    period = fiscal_of(request.company).words(span)
    status = whole.status
    if status.expected is None:
        return Reply(text=f"{name}: no target set, so there is nothing to be behind, {period}.")
    short = status.expected - status.credited
    if short > 0:
        lead = f"{name}: {rough(request, plan.measure, short)} less than expected by now, {period}"
    else:
        lead = f"{name}: not behind, {rough(request, plan.measure, -short)} more than expected by now, {period}"
    parts: list[Part] = [Text(lead, style="strong")]
    said = [f"{lead}."]
    named = sees_all(request, plan, subject)
    if named and subject.unit:
        table, sentence = _people(request, plan, each(request, tx, question, plan, subject))
        parts += [table] if table else []
        said += [sentence] if sentence else []
    lines: list[str] = []
    if plan.measure == BOOKINGS:
        circle = Circle.of(tx, request.company, plan, subject, span, today_of(request, subject))
        lines += [_line(request, reason, named=named) for reason in _reasons(request, circle, span) if reason.rows]
        lines += _ahead(request, whole)
    lines += _activity(request, tx, plan, subject, span)
    parts += [Text(line) for line in lines]
    fresh = as_of(request, whole.as_of)
    fresh = f"{fresh[0].upper()}{fresh[1:]}."
    parts.append(Text(fresh, style="quiet"))
    buttons = [("Stuck deals", "again", {"text": f"stuck deals of {subject.name}"})]
    buttons.append(("Forecast", "again", {"text": f"forecast of {subject.name} {in_days(span)}"}))
    if plan.measure == BOOKINGS:
        parts.append(Buttons(tuple(issuer.lasting(request, tx, buttons))))
    return Reply(" ".join([*said, *lines, fresh]), tuple(parts))


def _people(request: Request, plan: Plan, each: Sequence[Figures]) -> tuple[Table | None, str]:
    """Who is short of what is expected by now, the most first."""
    gaps = sorted(((one.status.expected or 0) - one.status.credited, one.subject.name, one) for one in each)
    rows = tuple(
        (name, rough(request, plan.measure, gap), amount(request, plan.measure, one.status.credited))
        for gap, name, one in reversed(gaps)
        if gap > 0
    )
    if not rows:
        return None, ""
    said = "; ".join(f"{name} short by {gap}" for name, gap, _ in rows)
    return Table(("", "Short by now", won_words(plan.measure)), rows, (1, 2)), f"{said}."


def _reasons(request: Request, circle: Circle, span: Span) -> list[Reason]:
    """Each deal under the first reason that holds: slipped out of the span, overdue, stuck, lost in it."""
    still = deal_rows.open_rows(circle)
    due = [row for row in still if row.named.deal.closes_on is None or row.named.deal.closes_on <= span.last]
    later = {row.named.deal.id: row for row in still if row not in due}
    slipped: dict[str, str] = {}
    for deal, was, reason in deals.slips(circle.tx, later):
        if was in span:
            slipped.setdefault(deal, reason)
    overdue = [row for row in due if row.named.deal.closes_on and row.named.deal.closes_on < circle.today]
    days = Days.of(request.basis)
    late = {row.named.deal.id for row in overdue}
    stuck = [row for row in deal_rows.stuck(circle, due, request.now, days) if row.named.deal.id not in late]
    lost = deal_rows.lost_rows(circle, span)
    return [
        Reason("Slipped to later", [later[deal] for deal in slipped], slipped),
        Reason("Overdue and still open", overdue, {}),
        Reason("Stuck", stuck, {row.named.deal.id: ", ".join(row.why) for row in stuck}),
        Reason("Lost", lost, {row.named.deal.id: row.named.deal.loss_reason or "" for row in lost}),
    ]


def _line(request: Request, reason: Reason, *, named: bool) -> str:
    """`Lost: 2 deals, $90,000: Umbrella (price), Globex.`"""
    rows = sorted(reason.rows, key=lambda row: (-(row.amount or 0), row.named.deal.id))
    line = f"{reason.words}: {plural(len(rows), 'deal')}"
    if any(row.amount is not None for row in rows):
        line += f", {money(request, deal_rows.total(rows))}"
    if not named:
        return f"{line}."
    names = []
    for row in rows[:NAMED]:
        note = reason.notes.get(row.named.deal.id, "")
        name = row.named.account or row.named.deal.name or "a deal without an account"
        names.append(f"{name} ({note})" if note else name)
    more = f" and {len(rows) - NAMED} more" if len(rows) > NAMED else ""
    return f"{line}: {', '.join(names)}{more}."


def _ahead(request: Request, whole: Figures) -> list[str]:
    """What is open still and closes in time, beside the whole gap."""
    gap = whole.status.gap
    if whole.status.ended or not gap:
        return []
    there, weighted = whole.coverage.pipeline, whole.forecast.open
    return [
        f"To the target {money(request, gap)} are missing; open deals that close in time: {about(request, there)}, "
        f"weighted {about(request, weighted)}."
    ]


def _activity(request: Request, tx: Transaction, plan: Plan, subject: Subject, span: Span) -> list[str]:
    """Kinds of which less was logged than the job expects by now."""
    today = today_of(request, subject)
    persons = [subject.person] if subject.person else [one.id for one in plan.sellers_in(subject.unit or "", span)]
    asked = summed(expected_of(tx, request.company, plan, persons, span, today, subject.unit or "").values())
    done: dict[str, int] = {}
    for person, day, kind, number in tallies.logged(tx, span.first, min(span.last, today), persons=persons):
        if subject.unit is None or plan.was_in(person, subject.unit, day):
            done[kind] = done.get(kind, 0) + number
    few = []
    for kind, expected in asked.items():
        by_now = expected.week if today > span.last else expected.so_far
        if done.get(kind, 0) < by_now:
            few.append(f"{done.get(kind, 0):,} of {by_now:,} {measure_words(kind)}")
    return [f"Logged less than expected by now: {listed(few)}."] if few else []
