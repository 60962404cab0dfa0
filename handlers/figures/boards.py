"""A board: who is where by attainment, amount, improvement or a count, and what of it whoever asks may see.

Shared by plain questions (`top 5 reps`) and `/leaderboard`, so that both say the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Final, Literal

from handlers.conversation.reply import Reply, Text
from handlers.conversation.request import Request
from handlers.conversation.wording import plural
from handlers.figures import improved, standing
from handlers.figures.plan import Plan, load
from handlers.figures.sight import sees_each
from handlers.figures.standing import BOOKINGS, Line, Subject
from handlers.figures.wording import amount, labelled, measure_words, percent, table_reply, won_words
from handlers.numbers.periods import FiscalCalendar, before, day_in, same_point, so_far
from handlers.numbers.ranking import by_amount, ranked
from handlers.numbers.shares import half_up
from handlers.numbers.spans import Span
from storage import kudos
from storage.database import Transaction

By = Literal["attainment", "amount", "improvement"]
IMPROVED: Final = "most improved"
NO_WIN: Final = "No {what} {yet}in {name} {when}, so nobody is first."
HIDDEN: Final = "{count} not on it, by their own choice."
COUNTED_BY: Final = {
    "margin": "Margin is revenue less cost, by the day it was recognised; bookings count on the day a deal is won.",
    "revenue": "Revenue counts on the day it was recognised, bookings on the day a deal is won.",
    "pipeline_created": "A deal counts here on the day it was created, not on the day it is won.",
    "meetings_booked": "A meeting counts here on the day it was booked.",
}
"""By which date a measure counts, where that is another than most would think of (GLOSSARY: *measure*)."""


@dataclass(frozen=True, slots=True)
class Row:
    """One place. `rank` None: unranked, for want of a target, of something before to compare with, or of a rise.
    `seen`: whoever asks may see the figures. `rise`: since the period before, where the board goes by it."""

    line: Line
    rank: int | None
    seen: bool
    own: bool
    rise: improved.Rise | None = None


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
    today: date = date.min
    """Whoever is ranked counts up to it."""
    before: Span | None = None
    """What it is compared with, as far on as this span is: it goes by who has risen since."""

    @property
    def placed(self) -> tuple[Row, ...]:
        """Those listed: everybody, but where it goes by a rise those who rose."""
        return self.rows if self.before is None else tuple(row for row in self.rows if row.rank is not None)

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
    today, earlier, rises = _today(request, subject), None, None
    by, values = "by attainment", [(at, one.order) for at, one in enumerate(lines)]
    ordered: Sequence[tuple[int, Fraction | int | None]] = values
    if detail == "improvement":
        earlier = same_point(span, today, before(span))
        rises = _rises(request, tx, plan, subject, span, lines, earlier, teams=teams)
        by, ordered = IMPROVED, [(at, one.placed) for at, one in enumerate(rises)]
    elif detail == "amount" or by_amount([one.target for one in lines]):
        by, ordered = "by amount", [(at, one.credited) for at, one in enumerate(lines)]
    rows = _rows(request, plan, subject, lines, ordered, worst_first=worst_first, rises=rises)
    open_to_all = sees_each(request.actor, plan, subject, request.basis.now.date())
    hidden = hidden if open_to_all else 0
    made = Board(subject, span, plan.measure, by, rows, teams, open_to_all=open_to_all, hidden=hidden)
    return replace(made, today=today, before=earlier)


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
    made = Board(subject, span, "", f"by {what}", rows, counted=what, open_to_all=open_to_all, hidden=hidden)
    return replace(made, today=_today(request, subject))


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
    rises: Sequence[improved.Rise] | None = None,
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
            rises[place.key] if rises else None,
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


def _rises(
    request: Request,
    tx: Transaction,
    plan: Plan,
    subject: Subject,
    span: Span,
    lines: list[Line],
    point: Span,
    *,
    teams: bool,
) -> list[improved.Rise]:
    """By how much each is above the same point of the period before."""
    whole, now = before(span), so_far(span, _today(request, subject))
    wide = load(tx, request.company, whole, measure=plan.measure)
    goals = {one.subject: one for one in _lines(request, tx, wide, subject, whole, teams=teams)}
    held = lines if now == span else _lines(request, tx, plan, subject, now, teams=teams) if now else []
    there = goals.values() if point == whole else _lines(request, tx, wide, subject, point, teams=teams)
    return improved.rises(
        lines, {one.subject: one.credited for one in held}, {one.subject: one.credited for one in there}, goals
    )


def _today(request: Request, subject: Subject) -> date:
    return request.basis.now.date() if subject.person else day_in(request.company.zone, request.now)


# ---------------------------------------------------------------- in words


def title(request: Request, found: Board) -> str:
    """`East, margin, by amount, Q4 2026 (1 Oct – 31 Dec 2026)`; `East: most improved, this week against last`."""
    name = labelled(found.subject.name, found.measure) if found.measure else found.subject.name
    if found.before is not None:
        return f"{name}: {found.by}, {improved.against(_fiscal(request), found.span, found.today)}"
    by = "by bookings" if (found.by, found.measure) == ("by amount", BOOKINGS) else found.by
    return f"{name}, {by}, {_fiscal(request).words(found.span)}"


def _fiscal(request: Request) -> FiscalCalendar:
    return FiscalCalendar(request.company.fiscal_year_start)


def nothing(request: Request, found: Board) -> str:
    """The sentence where nobody has anything yet, or nobody rose; empty where somebody is first."""
    if found.counted or found.subject.person or any(row.line.credited > 0 for row in found.rows):
        if found.before is None or found.placed:
            return ""
        against = improved.against(_fiscal(request), found.span, found.today)
        said = improved.NOBODY_ROSE.format(yet=_yet(found), name=found.subject.name, against=against)
        return f"{said} {_compared(request, found, found.before)}"
    what = measure_words(found.measure) or "win"
    when = when_of(request, found)
    return NO_WIN.format(what=what, yet=_yet(found), name=found.subject.name, when=when)


def when_of(request: Request, found: Board) -> str:
    """The board's time, as a sentence ends with it."""
    return improved.when(_fiscal(request), found.span, found.today)


def _yet(found: Board) -> str:
    return "" if found.span.last < found.today else "yet "


def figures(request: Request, found: Board, row: Row, *, glance: bool = False) -> tuple[str, ...]:
    """The amount, and the attainment where there is a target; or where it goes by it, what it is and its change. In
    whole units for a `glance` on a leaderboard."""
    if found.counted:
        return (f"{row.line.credited:,}",)
    if row.rise is not None:
        return _risen(request, found, row, row.rise, glance=glance)
    attained = "no target set" if row.line.target is None else "target 0"
    if row.line.attainment is not None:
        attained = percent(row.line.attainment, glance=glance)
    return amount(request, found.measure, row.line.credited, glance=glance), attained


def _risen(request: Request, found: Board, row: Row, rise: improved.Rise, *, glance: bool) -> tuple[str, ...]:
    """`28 %` and `+12 points`; `$9,000` and `+$4,000` where targets do not differ."""
    if isinstance(rise.change, Fraction) and rise.now is not None:
        points = half_up(rise.change * 100)
        told = plural(points, "point") if points else "under 1 point"
        return percent(rise.now, glance=glance), f"+{told}" if points else told
    told = amount(request, found.measure, row.line.credited, glance=glance)
    return told, f"+{amount(request, found.measure, int(rise.change or 0), glance=glance)}"


def own_place(request: Request, found: Board, *, figures_too: bool, glance: bool = False) -> str:
    """`Your place: 2 of 7.`; empty for who is not on it."""
    row = found.own
    if row is None:
        return ""
    if row.rank is None and row.rise is not None and row.rise.change is not None:
        return f"You have no place on it: no rise {'yet' if _yet(found) else 'in that time'}."
    if row.rank is None and row.rise is not None and row.line.target:
        return "You have no place yet: there is nothing of yours before to compare with."
    if row.rank is None:
        return "You have no place: no target is set for you."
    of = sum(one.rank is not None for one in found.rows)
    told = f", with {_own_figures(request, found, row, glance=glance)}" if figures_too else ""
    return f"Your place: {row.rank} of {of}{' who rose' if row.rise else ''}{told}."


def _own_figures(request: Request, found: Board, row: Row, *, glance: bool) -> str:
    """`$55,000 and 55 % of target`, `30 % of target and +12 points`, `12 activities`: no column says what they are."""
    told = figures(request, found, row, glance=glance)
    if found.counted:
        return f"{told[0]} {'activity' if (told[0], found.counted) == ('1', 'activities') else found.counted}"
    return " and ".join(f"{one} of target" if one.endswith("%") else one for one in told)


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
    elif found.before is not None:
        columns = (*columns[:2], "Attained" if _in_points(found) else columns[2], "Change")
    rows: list[tuple[str, ...]] = []
    for row in found.placed[: limit or len(found.placed)]:
        rank = f"{row.rank}." if row.rank is not None else "–"
        cells: tuple[str, ...] = ()
        if some_seen:
            cells = figures(request, found, row, glance=glance) if row.seen else ("",) * (len(columns) - 2)
        rows.append((rank, row.line.subject.name, *cells))
    own_figures = figures_too and not (some_seen and found.open_to_all)
    more = [own_place(request, found, figures_too=own_figures, glance=glance), *_besides(request, found)]
    more.append(COUNTED_BY.get(found.measure, ""))
    if found.hidden:
        more.append(HIDDEN.format(count=plural(found.hidden, "person is", "people are")))
    more = [one for one in more if one]
    made = table_reply(title(request, found), columns if some_seen else columns[:2], rows, numeric=2)
    return Reply(" ".join([made.text, *more]), (*made.parts, *(Text(one, style="quiet") for one in more)))


def _besides(request: Request, found: Board) -> list[str]:
    """Who has no place on a board of the most improved, and what it compares."""
    if found.before is None:
        return []
    others = [row for row in found.rows if row.rank is None and not row.own]
    level = [row.line.subject.name for row in others if row.rise is not None and row.rise.change is not None]
    unknown = [row.line.subject.name for row in others if row.rise is None or row.rise.change is None]
    return [
        improved.others(level, improved.NO_RISE, improved.NO_RISES),
        improved.others(unknown, improved.NOT_COMPARED, improved.NOT_COMPAREDS),
        _compared(request, found, found.before),
    ]


def _compared(request: Request, found: Board, then: Span) -> str:
    now = so_far(found.span, found.today) or found.span
    return improved.compared(_fiscal(request), found.span, now, then, points=_in_points(found))


def _in_points(found: Board) -> bool:
    return any(row.rise is not None and row.rise.now is not None for row in found.rows)
