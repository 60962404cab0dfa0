"""`/target`: somebody's targets by measure and month with all that was changed in them, or a unit's plan."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from handlers.conversation.access import AdjustmentOf, Allowed, may
from handlers.conversation.buttons import Wanted
from handlers.conversation.reply import Buttons, Fact, Facts, Part, Reply, Table, Text
from handlers.conversation.request import Request
from handlers.conversation.wording import Days
from handlers.figures import roster as rosters
from handlers.figures.roster import Roster
from handlers.numbers.spans import shifted
from handlers.plan import expectations, figures, measures, subject, unit_table
from handlers.plan.buttons import issuer
from handlers.plan.subject import Whose
from storage import targets
from storage.database import Transaction
from storage.targets import Adjustment, Version


def any_of(request: Request, tx: Transaction, whose: Whose, year: int, measure: str = "", lead: str = "") -> Reply:
    """A person's targets, or a unit's plan; `lead` says what was just done."""
    reply = of_person(request, tx, whose, year) if whose.person else of_unit(request, tx, whose, year, measure)
    if not lead:
        return reply
    return Reply(text=f"{lead} {reply.text}", parts=(Text(lead), *reply.parts))


def of_person(request: Request, tx: Transaction, whose: Whose, year: int) -> Reply:
    """By measure and month; who set and changed it, why, when, and what the person says of it."""
    roster = rosters.load(tx)
    versions = targets.standing(tx, person=whose.person, fiscal_year=year)
    own = whose.person == request.actor.person
    name = figures.fiscal_of(request.company).year_in_words(year)
    job = expectations.sentence(request, tx, whose)
    if not versions:
        none = f"{'You have' if own else f'{whose.name} has'} no target for {name} yet."
        sentence = f"{none} {job}".strip()
        return Reply(text=sentence, parts=(Text(sentence), *_ways_on(request, tx, whose, year, "")))
    columns: list[tuple[str, dict[date, int]]] = []
    sentences: list[str] = []
    parts: list[Part] = [Text(f"{'Your' if own else whose.name + ':'} targets for {name}", style="strong")]
    for version in versions:
        measure = version.target.measure
        plan = figures.plan_of(tx, request.company, measure, year)
        months = figures.months_of(plan, whose)
        columns.append((measure, dict(months)))
        headline = _headline(request, version, sum(months.values()))
        by = _made(request, roster, version)
        sentences.append(f"{headline}. {by}")
        parts += [Text(f"{headline}\n{by}"), *_answer_buttons(request, tx, whose, version)]
        for adjustment in _adjustments(tx, whose, measure, year):
            line = _adjusted(request, roster, adjustment)
            sentences.append(line)
            parts += [Text(line), *_adjustment_buttons(request, tx, whose, adjustment)]
    parts.append(_months(request, year, columns))
    if job:
        sentences.append(job)
        parts.append(Text(job, style="quiet"))
    parts += _ways_on(request, tx, whose, year, versions[0].target.measure)
    lead = f"{'Your' if own else whose.name + ':'} targets for {name}."
    return Reply(text=" ".join([lead, *sentences]), parts=tuple(parts))


def of_unit(request: Request, tx: Transaction, whose: Whose, year: int, measure: str = "") -> Reply:
    """The unit's target, what its people carry, and by how much that is over; a row for each of them."""
    measure = measure or measures.DEFAULT
    roster = rosters.load(tx)
    sentence, table_parts = unit_table.laid_out(request, tx, whose, year, measure)
    parts: list[Part] = list(table_parts)
    sentences = [sentence]
    version = figures.standing(tx, whose, measure, year)
    if version is not None:
        by = _made(request, roster, version)
        sentences.append(by)
        parts += [Text(by, style="quiet"), *_answer_buttons(request, tx, whose, version)]
    for adjustment in _adjustments(tx, whose, measure, year):
        line = _adjusted(request, roster, adjustment)
        sentences.append(line)
        parts += [Text(line), *_adjustment_buttons(request, tx, whose, adjustment)]
    others = [one for one in targets.measures_of(tx, year) if one != measure]
    parts += _ways_on(request, tx, whose, year, measure, others)
    return Reply(text=" ".join(sentences), parts=tuple(parts))


def change_in_words(request: Request, adjustment: Adjustment) -> str:
    """`+$50,000 from July 2026`."""
    sign = "+" if adjustment.amount > 0 else ""
    amount = measures.shown(request.company, adjustment.measure, adjustment.amount)
    return f"{sign}{amount} from {adjustment.from_month:%B %Y}"


def _headline(request: Request, version: Version, carried: int) -> str:
    target = version.target
    amount = measures.shown(request.company, target.measure, carried)
    said = f"{measures.words(target.measure).capitalize()}: {amount}"
    if carried != target.amount:
        said += f" (full year {measures.shown(request.company, target.measure, target.amount)}"
        said += ", ramped)" if target.ramped else ", with start, end and adjustments)"
    return said


def _made(request: Request, roster: Roster, version: Version) -> str:
    day = _day(request, version.set_at)
    who = f"by {roster.name(version.set_by)}" if version.set_by else "by import"
    reason = f": {version.reason}" if version.reason else ""
    return f"Set {who}, {day}{reason}.{_state(version.answer, version.comment, asked=bool(version.set_by))}"


def _adjusted(request: Request, roster: Roster, adjustment: Adjustment) -> str:
    day = f", {_day(request, adjustment.at)}" if adjustment.at else ""
    what = change_in_words(request, adjustment)
    state = _state(adjustment.answer, adjustment.comment, asked=True)
    return f"{what}: {adjustment.reason}. By {roster.name(adjustment.by)}{day}.{state}"


def _state(answer: str | None, comment: str | None, *, asked: bool) -> str:
    if answer is None:
        return " Not answered yet." if asked else ""
    return f" {answer.capitalize()}{f': {comment}' if comment else ''}."


def _day(request: Request, at: datetime) -> str:
    return Days.of(request.basis).day(at.astimezone(request.basis.zone).date())


def _adjustments(tx: Transaction, whose: Whose, measure: str, year: int) -> list[Adjustment]:
    every = targets.adjustments_of_year(tx, year, measure)
    return [one for one in every if (one.person, one.unit) == (whose.person, whose.unit)]


def _months(request: Request, year: int, columns: Sequence[tuple[str, dict[date, int]]]) -> Table:
    first = figures.fiscal_of(request.company).year(year).first
    rows = []
    for number in range(12):
        month = shifted(first, number)
        cells = [
            measures.shown(request.company, measure, months[month]) if month in months else ""
            for measure, months in columns
        ]
        rows.append((f"{month:%B %Y}", *cells))
    titles = tuple(measures.words(measure).capitalize() for measure, _ in columns)
    return Table(("Month", *titles), tuple(rows), numeric=tuple(range(1, len(columns) + 1)))


def _answer_buttons(request: Request, tx: Transaction, whose: Whose, version: Version) -> list[Part]:
    own = request.actor.person in subject.owners(tx, whose, request.basis.now.date())
    if not own or version.answer is not None or version.set_by in (None, request.actor.person):
        return []
    data = {"version": version.id}
    return [Buttons(tuple(issuer.lasting(request, tx, [("Accept", "accept", data), ("Object", "object", data)])))]


def _adjustment_buttons(request: Request, tx: Transaction, whose: Whose, adjustment: Adjustment) -> list[Part]:
    owners = frozenset(subject.owners(tx, whose, request.basis.now.date()))
    own = request.actor.person in owners
    data = {"adjustment": adjustment.id}
    wanted: list[Wanted] = []
    if own and adjustment.answer is None and adjustment.by != request.actor.person:
        wanted = [("Accept", "accept", data), ("Object", "object", data)]
    elif isinstance(may(request.actor, "withdraw an adjustment", AdjustmentOf(adjustment.by, owners)), Allowed):
        wanted = [("Withdraw", "withdraw", data)]
    return [Buttons(tuple(issuer.lasting(request, tx, wanted)))] if wanted else []


def _ways_on(
    request: Request, tx: Transaction, whose: Whose, year: int, measure: str, others: Sequence[str] = ()
) -> list[Part]:
    """*Set*, *Adjust*, *Ask for input* for who may, the year after, and other measures."""
    data = {**whose.data, "year": year, "measure": measure or measures.DEFAULT}
    wanted: list[Wanted] = []
    if subject.may_set(request, tx, whose):
        wanted.append(("Set", "set", data))
        if measure:
            wanted.append(("Adjust", "adjust", data))
        if whose.person:
            wanted.append(("Ask for input", "ask", data))
    fiscal = figures.fiscal_of(request.company)
    now = figures.this_year(request)
    other = now if year != now else now + 1
    wanted.append((fiscal.year_in_words(other), "look", {**data, "year": other}))
    wanted += [(measures.words(one).capitalize(), "look", {**data, "measure": one}) for one in others[:2]]
    return [Buttons(tuple(issuer.lasting(request, tx, wanted)))]


def facts(rows: Sequence[tuple[str, str]]) -> Facts:
    """Labels beside values."""
    return Facts(tuple(Fact(label, value) for label, value in rows))
