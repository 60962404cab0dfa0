"""A board: who is where by attainment, amount, improvement or a count, and what of it whoever asks may see.

Shared by plain questions (`top 5 reps`) and `/leaderboard`, so that both say the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final, Literal

from handlers.conversation.reply import Reply, Text
from handlers.conversation.request import Request
from handlers.conversation.wording import plural
from handlers.figures import standing
from handlers.figures.plan import Plan, load
from handlers.figures.sight import sees_each
from handlers.figures.standing import BOOKINGS, Line, Subject
from handlers.figures.wording import amount, labelled, percent, table_reply, won_words
from handlers.numbers.periods import FiscalCalendar, before, day_in, same_point
from handlers.numbers.ranking import by_amount, improvement, ranked
from handlers.numbers.shares import half_up
from handlers.numbers.spans import Span
from storage import kudos
from storage.database import Transaction

By = Literal["attainment", "amount", "improvement"]
CHANGE: Final = "by change"
HIDDEN: Final = "{count} not on it, by their own choice."


@dataclass(frozen=True, slots=True)
class Row:
    """One place. `rank` None: unranked, for want of a target, or of something before to compare with. `seen`: whoever
    asks may see the figures. `change`: since the period before, in points of attainment or as an amount, where the
    board goes by it; `now` then is the attainment of the target to date, which it is the change of."""

    line: Line
    rank: int | None
    seen: bool
    own: bool
    change: Fraction | int | None = None
    now: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Board:
    """Everybody, in order. `by` says what it goes by; `hidden` are those who do not want to be on it, as far as whoever
    asks may know of them."""

    subject: Subject
    span: Span
    measure: str
    by: str
    rows: tuple[Row, ...]
    teams: bool = False
    counted: str = ""
    """What was counted, where that is no measure of the plan."""
    open_to_all: bool = False
    hidden: int = 0

    @property
    def by_change(self) -> bool:
        """It goes by how much better everybody is than in the period before."""
        return self.by.startswith(CHANGE)

    @property
    def own(self) -> Row | None:
        """Of whoever asks."""
        return next((row for row in self.rows if row.own), None)


def board(
    request: Request,
    tx: Transaction,
    plan: Plan,
    subject: Subject,
    span: Span,
    *,
    detail: str | None,
    worst_first: bool = False,
    teams: bool = False,
) -> Board:
    """By attainment where targets differ, else by amount (GLOSSARY: *ranking*), or as `detail` wants it."""
    lines, hidden = shown(request, tx, plan, subject, _lines(request, tx, plan, subject, span, teams=teams))
    nows: Mapping[int, Fraction | None] = {}
    by, values = "by attainment", [(at, one.order) for at, one in enumerate(lines)]
    ordered: Sequence[tuple[int, Fraction | int | None]] = values
    if detail == "improvement":
        by, ordered, nows = _improvements(request, tx, plan, subject, span, lines, teams=teams)
    elif detail == "amount" or by_amount([one.target for one in lines]):
        by, ordered = "by amount", [(at, one.credited) for at, one in enumerate(lines)]
    changes = dict(ordered) if by.startswith(CHANGE) else {}
    rows = _rows(request, plan, subject, lines, ordered, worst_first=worst_first, changes=changes, nows=nows)
    open_to_all = sees_each(request.actor, plan, subject, request.basis.now.date())
    hidden = hidden if open_to_all else 0
    return Board(subject, span, plan.measure, by, rows, teams, open_to_all=open_to_all, hidden=hidden)


def counted(
    request: Request,
    tx: Transaction,
    plan: Plan,
    subject: Subject,
    span: Span,
    counts: Mapping[str, int],
    *,
    what: str,
    open_to_all: bool = False,
) -> Board:
    """Of a count by person; who has none is not on it. `open_to_all`: the counts are no secret."""
    names = {one: plan.sellers[one].name for one, count in counts.items() if count and one in plan.sellers}
    lines = [Line(Subject(name, person=one), counts[one], None) for one, name in names.items()]
    lines.sort(key=lambda line: (line.subject.name, line.subject.person))
    lines, hidden = shown(request, tx, plan, subject, lines)
    values = [(at, one.credited) for at, one in enumerate(lines)]
    sees = sees_each(request.actor, plan, subject, request.basis.now.date())
    rows = _rows(request, plan, subject, lines, values, all_seen=open_to_all)
    hidden = hidden if sees else 0
    open_to_all = open_to_all or sees
    return Board(subject, span, "", f"by {what}", rows, counted=what, open_to_all=open_to_all, hidden=hidden)


def shown(
    request: Request, tx: Transaction, plan: Plan, subject: Subject, lines: Sequence[Line]
) -> tuple[list[Line], int]:
    """Without those who do not want to be on boards, whoever asks excepted; and how many these are."""
    persons = {one.subject.person for one in lines if one.subject.person} - {request.actor.person}
    off = kudos.off_boards(tx, persons) if persons else frozenset()
    return [one for one in lines if one.subject.person not in off], len(off)


def _rows(
    request: Request,
    plan: Plan,
    subject: Subject,
    lines: Sequence[Line],
    values: Sequence[tuple[int, Fraction | int | None]],
    *,
    worst_first: bool = False,
    all_seen: bool = False,
    changes: Mapping[int, Fraction | int | None] | None = None,
    nows: Mapping[int, Fraction | None] | None = None,
) -> tuple[Row, ...]:
    today, me = request.basis.now.date(), request.actor.person
    everybody = all_seen or sees_each(request.actor, plan, subject, today)
    led = [] if everybody else [unit.id for unit in plan.led_by(me, today)]
    theirs = (
        {one.id for unit in led for one in plan.sellers_in(unit, Span(today, today))} | request.actor.reports | {me}
    )
    return tuple(
        Row(
            lines[place.key],
            place.rank,
            everybody or lines[place.key].subject.person in theirs,
            lines[place.key].subject.person == me,
            (changes or {}).get(place.key),
            (nows or {}).get(place.key),
        )
        for place in ranked(values, worst_first=worst_first)
    )


def _lines(request: Request, tx: Transaction, plan: Plan, subject: Subject, span: Span, *, teams: bool) -> list[Line]:
    if subject.unit is None:
        found = standing.figures(tx, request.company, plan, subject, span, _today(request, subject))
        return [Line(subject, found.status.credited, found.status.target)]
    if teams:
        return standing.board_of_units(tx, request.company, plan, subject.unit, span)
    return standing.board(tx, request.company, plan, subject.unit, span)


def _improvements(
    request: Request, tx: Transaction, plan: Plan, subject: Subject, span: Span, lines: list[Line], *, teams: bool
) -> tuple[str, list[tuple[int, Fraction | int | None]], dict[int, Fraction | None]]:
    """By how much each is above the same point of the period before: in points of attainment where targets are set."""
    today = _today(request, subject)
    point = same_point(span, today, before(span))
    wide = load(tx, request.company, point, measure=plan.measure)
    then = {one.subject: one for one in _lines(request, tx, wide, subject, point, teams=teams)}
    now = lines
    if span.last >= today:
        so_far = Span(span.first, max(span.first, min(span.last, today)))
        now = _lines(request, tx, plan, subject, so_far, teams=teams)
    held = {one.subject: one for one in now}
    nothing = Line(subject, 0, None)
    pairs = [(at, held.get(one.subject, one), then.get(one.subject, nothing)) for at, one in enumerate(lines)]
    against = FiscalCalendar(request.company.fiscal_year_start).words(before(span)).partition(" (")[0]
    if by_amount([one.target for one in lines]):
        return f"{CHANGE} since {against}", [(at, one.credited - was.credited) for at, one, was in pairs], {}
    changes = [(at, improvement(one.attainment, was.attainment)) for at, one, was in pairs]
    return f"{CHANGE} of attainment since {against}", list(changes), {at: one.attainment for at, one, _ in pairs}


def _today(request: Request, subject: Subject) -> date:
    return request.basis.now.date() if subject.person else day_in(request.company.zone, request.now)


# ---------------------------------------------------------------- in words


def title(request: Request, found: Board) -> str:
    """`East, margin, by amount, Q4 2026 (1 Oct – 31 Dec 2026)`."""
    name = labelled(found.subject.name, found.measure) if found.measure else found.subject.name
    by = "by bookings" if (found.by, found.measure) == ("by amount", BOOKINGS) else found.by
    return f"{name}, {by}, {FiscalCalendar(request.company.fiscal_year_start).words(found.span)}"


def figures(request: Request, found: Board, row: Row, *, glance: bool = False) -> tuple[str, ...]:
    """The amount, and the attainment where there is a target; or where it goes by it, what it is and its change. In
    whole units for a `glance` on a leaderboard."""
    if found.counted:
        return (f"{row.line.credited:,}",)
    if found.by_change:
        return _change(request, found, row, glance=glance)
    attained = "no target set" if row.line.target is None else "target 0"
    if row.line.attainment is not None:
        attained = percent(row.line.attainment, glance=glance)
    return amount(request, found.measure, row.line.credited, glance=glance), attained


def _change(request: Request, found: Board, row: Row, *, glance: bool) -> tuple[str, ...]:
    """`28 %` of the target to date and `+12 points`; of who has nothing before, so."""
    if isinstance(row.change, Fraction):
        points = half_up(abs(row.change) * 100)
        now = percent(row.now, glance=glance) if row.now is not None else ""
        return now, f"{'+' if row.change > 0 else '−' if row.change < 0 else '±'}{points:,} points"
    told = amount(request, found.measure, row.line.credited, glance=glance)
    if row.change is None:
        return (percent(row.now, glance=glance) if row.now is not None else told), "nothing before"
    return told, f"{'+' if row.change >= 0 else '−'}{amount(request, found.measure, abs(row.change), glance=glance)}"


def own_place(request: Request, found: Board, *, figures_too: bool, glance: bool = False) -> str:
    """`Your place: 2 of 7.`; empty for who is not on it."""
    row = found.own
    if row is None:
        return ""
    if row.rank is None and found.by_change and row.line.target:
        return "You have no place yet: there is nothing of yours before to compare with."
    if row.rank is None:
        return "You have no place: no target is set for you."
    of = sum(one.rank is not None for one in found.rows)
    told = f", with {' and '.join(figures(request, found, row, glance=glance))}" if figures_too else ""
    if told and isinstance(row.change, Fraction):
        told = f", with {' of the target to date, '.join(figures(request, found, row, glance=glance))}"
    told += f" {found.counted}" if told and found.counted else ""
    return f"Your place: {row.rank} of {of}{told}."


def reply(
    request: Request, found: Board, *, limit: int | None = None, figures_too: bool = False, glance: bool = False
) -> Reply:
    """Ranks and names; figures beside those whose figures whoever asks may see, and always their own place
    (`figures_too`: with its figures)."""
    some_seen = any(row.seen and not row.own for row in found.rows)
    columns: tuple[str, ...] = ("", "Team" if found.teams else "Rep", won_words(found.measure), "Attained")
    if found.counted:
        # Managers give kudos too.
        columns = ("", "Who", found.counted.capitalize())
    elif found.by_change:
        columns = (*columns[:2], "To date", "Change")
    rows: list[tuple[str, ...]] = []
    for row in found.rows[: limit or len(found.rows)]:
        rank = f"{row.rank}." if row.rank is not None else "–"
        cells: tuple[str, ...] = ()
        if some_seen:
            cells = figures(request, found, row, glance=glance) if row.seen else ("",) * (len(columns) - 2)
        rows.append((rank, row.line.subject.name, *cells))
    own_figures = figures_too and not (some_seen and found.open_to_all)
    more = [own_place(request, found, figures_too=own_figures, glance=glance)]
    if found.hidden:
        more.append(HIDDEN.format(count=plural(found.hidden, "person is", "people are")))
    more = [one for one in more if one]
    made = table_reply(title(request, found), columns if some_seen else columns[:2], rows, numeric=2)
    return Reply(" ".join([made.text, *more]), (*made.parts, *(Text(one, style="quiet") for one in more)))
