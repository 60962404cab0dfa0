"""What was logged beside what the job expects by now, for people and units."""

from __future__ import annotations

from collections.abc import Mapping

from handlers.ask.reading import Question
from handlers.conversation.reply import Reply
from handlers.conversation.request import Request
from handlers.conversation.wording import listed, plural
from handlers.figures.expected import expected_of, summed
from handlers.figures.plan import Plan
from handlers.figures.standing import Subject
from handlers.figures.wording import measure_words, table_reply
from handlers.numbers.expectation import Expected
from handlers.numbers.spans import Span
from handlers.quota import standings
from handlers.quota.asked import fiscal_of, sees_all, today_of, whose
from storage import tallies
from storage.database import Transaction

THEIRS = "What each of them logged is theirs and their managers'."


def activity(request: Request, tx: Transaction, question: Question, plan: Plan, subject: Subject) -> Reply:
    """By kind, or one kind where the question names it; against its target where one is set, else the expectation."""
    span, kind = question.period, question.measure
    assert span is not None
    months = plan.person_months(subject.person) if subject.person else plan.unit_months(subject.unit or "")
    if kind is not None and question.by != "rep" and (question.by == "month" or (months and plan.measure == kind)):
        return standings.status(request, tx, question, plan, subject)
    persons = [subject.person] if subject.person else [one.id for one in plan.sellers_in(subject.unit or "", span)]
    today = today_of(request, subject)
    asked = expected_of(tx, request.company, plan, persons, span, today, subject.unit or "")
    done: dict[str, dict[str, int]] = {}
    for person, day, of, number in tallies.logged(tx, span.first, span.last, persons=persons, kind=kind):
        if subject.unit is None or plan.was_in(person, subject.unit, day):
            theirs = done.setdefault(person, {})
            theirs[of] = theirs.get(of, 0) + number
    total = _total(done)
    expected = summed(asked.values())
    if kind is not None:
        total = {kind: total.get(kind, 0)}
        expected = {kind: expected[kind]} if kind in expected else {}
    name, period = whose(request, subject), fiscal_of(request.company).words(span)
    if question.by == "rep" and subject.unit and sees_all(request, plan, subject):
        return _by_rep(request, plan, subject, span, kind, persons, done, asked)
    more = f" {THEIRS}" if question.by == "rep" and subject.unit else ""
    said = [plural(number, of.replace("_", " ")) for of, number in sorted(total.items(), key=lambda one: -one[1])]
    sentence = f"{name}: {listed(said) if said else 'nothing'} logged, {period}."
    beside = [_beside(of, total.get(of, 0), one, over=today > span.last) for of, one in expected.items()]
    return Reply(text=" ".join([sentence, *(f"{one}." for one in beside)]) + more)


def _beside(kind: str, done: int, expected: Expected, *, over: bool) -> str:
    """`calls: 16 expected by now of 40, 13 short`."""
    what = measure_words(kind)
    by_now = expected.week if over else expected.so_far
    of = "" if over else f" by now of {expected.week:,}"
    if not by_now:
        return f"{what[:1].upper()}{what[1:]}: none expected{of}"
    short = by_now - done
    how = f"{short:,} short" if short > 0 else "met" if not short else f"{-short:,} more"
    return f"{what[:1].upper()}{what[1:]}: {by_now:,} expected{of}, {how}"


def _total(done: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for theirs in done.values():
        for kind, number in theirs.items():
            found[kind] = found.get(kind, 0) + number
    return found


def _by_rep(
    request: Request,
    plan: Plan,
    subject: Subject,
    span: Span,
    kind: str | None,
    persons: list[str],
    done: Mapping[str, Mapping[str, int]],
    asked: Mapping[str, Mapping[str, Expected]],
) -> Reply:
    """One kind: logged and expected by now; else all of each kind that was logged."""
    over = today_of(request, subject) > span.last
    kinds = [kind] if kind else sorted(_total(done))
    rows: list[tuple[str, ...]] = []
    for person in persons:
        theirs = done.get(person, {})
        row = [f"{theirs.get(one, 0):,}" for one in kinds]
        if kind:
            expected = asked.get(person, {}).get(kind)
            row.append("–" if expected is None else f"{expected.week if over else expected.so_far:,}")
        rows.append((plan.sellers[person].name, *row))
    if kind:
        rows.sort(key=lambda row: (-int(row[1].replace(",", "")), row[0]))
    columns = ("Rep", *(measure_words(one).capitalize() for one in kinds))
    columns = (*columns, "Expected" if over else "Expected by now") if kind else columns
    lead = f"{subject.name}, {measure_words(kind) if kind else 'activity'} by rep"
    said = [_row_in_words(row, kinds, over=over, one_kind=kind is not None) for row in rows]
    return table_reply(f"{lead}, {fiscal_of(request.company).words(span)}", columns, rows, numeric=1, said=said)


def _row_in_words(row: tuple[str, ...], kinds: list[str], *, over: bool, one_kind: bool) -> str:
    if one_kind:
        name, done, expected = row
        return (
            f"{name} {done}" if expected == "–" else f"{name} {done} of {expected} expected{'' if over else ' by now'}"
        )
    said = [f"{number} {measure_words(kind)}" for kind, number in zip(kinds, row[1:], strict=True) if number != "0"]
    return f"{row[0]} {listed(said) if said else 'nothing'}"
