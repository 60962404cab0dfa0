"""A board as it is shown: places, one's own, a picture, and buttons to another time or another sort."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

import msgspec

from handlers.conversation.buttons import Wanted as Button
from handlers.conversation.reply import Buttons, Chart, ChartRow, Choice, Option, Part, Reply, Text
from handlers.conversation.request import Request
from handlers.figures import boards
from handlers.figures.boards import Board, Row
from handlers.figures.plan import MONEY, Plan, load
from handlers.figures.standing import BOOKINGS, Subject
from handlers.figures.wording import amount, percent, rough
from handlers.leaderboard.buttons import issuer
from handlers.leaderboard.wanted import Wanted, What, holding
from handlers.numbers.money import from_minor
from handlers.numbers.spans import Span
from storage import kudos, tallies
from storage.database import Transaction

SORTS: Final[tuple[tuple[str, What, str], ...]] = (
    ("Attainment", "attainment", BOOKINGS),
    ("Bookings", "amount", BOOKINGS),
    ("Margin", "amount", "margin"),
    ("Activity", "activity", BOOKINGS),
    ("Most improved", "improvement", BOOKINGS),
    ("Kudos given", "kudos", BOOKINGS),
)
LENGTHS: Final = ("week", "month", "quarter")
DRAWN: Final = 10
NOBODY: Final = {
    "activity": "Nobody in {name} has logged anything {when}.",
    "kudos": "Nobody in {name} has given public kudos {when}. “/kudos” begins one.",
}
NONE_GIVEN: Final = "You are not on it yet: you have given none in that time. “/kudos” begins one."
NOBODY_ELSE: Final = "{name} has nobody with a target or a deal {when}."
OFF: Final = "You are on nobody else's leaderboard. Your place is shown to you alone."


def show(request: Request, tx: Transaction, wanted: Wanted) -> Reply:
    """The board, as far as whoever asks may see it."""
    plan = load(tx, request.company, wanted.span, measure=wanted.measure)
    found = made(request, tx, plan, wanted)
    concerned = _concerned(request, plan, wanted, found)
    off = concerned and request.actor.person in kudos.off_boards(tx, [request.actor.person])
    buttons = _buttons(request, tx, wanted, concerned=concerned, off=off)
    if not found.rows:
        text = NOBODY.get(wanted.what, NOBODY_ELSE).format(name=found.subject.name, when=boards.when_of(request, found))
        return Reply(text, (Text(text), *buttons))
    text = boards.nothing(request, found)
    if text:
        # Everybody in the first place, with nothing, is no board.
        return Reply(text, (Text(text), *buttons))
    said = boards.reply(request, found, limit=wanted.limit, figures_too=True, glance=True)
    if wanted.what == "kudos" and found.own is None and concerned:
        said = msgspec.structs.replace(
            said, text=f"{said.text} {NONE_GIVEN}", parts=(*said.parts, Text(NONE_GIVEN, style="quiet"))
        )
    chart = _chart(request, found, wanted.limit)
    more = (Text(OFF, style="quiet"),) if off else ()
    parts: tuple[Part, ...] = (*said.parts, *more, *chart, *buttons)
    return msgspec.structs.replace(said, text=f"{said.text} {OFF}" if off else said.text, parts=parts)


def made(request: Request, tx: Transaction, plan: Plan, wanted: Wanted) -> Board:
    """The board."""
    unit = plan.units.get(wanted.unit or "")
    subject = Subject(unit.name if unit else request.company.name, unit=wanted.unit or "")
    if wanted.what == "activity":
        persons = [one.id for one in plan.sellers_in(subject.unit or "", wanted.span)]
        counts: dict[str, int] = {}
        for person, _, _, number in tallies.logged(tx, wanted.span.first, wanted.span.last, persons=persons):
            counts[person] = counts.get(person, 0) + number
        return boards.counted(request, tx, plan, subject, wanted.span, counts, what="activities")
    if wanted.what == "kudos":
        persons = _all_in(plan, subject.unit or "", wanted.span)
        thanks = kudos.given_by(tx, wanted.span.first, wanted.span.last, persons=persons)
        return boards.counted(
            request, tx, plan, subject, wanted.span, thanks, what="kudos given", open_to_all=True
        )  # fmt: skip
    return boards.board(
        request, tx, plan, subject, wanted.span, detail=wanted.what, worst_first=wanted.worst_first, teams=wanted.teams
    )


def _all_in(plan: Plan, unit: str, span: Span) -> list[str]:
    """Who sells in it, and who leads in it."""
    inside = plan.inside(unit) if unit in plan.units else frozenset()
    leads = {one.id for one in plan.sellers.values() if any(at.unit in inside and at.meets(span) for at in one.leads)}
    return sorted(leads | {one.id for one in plan.sellers_in(unit, span)})


def _concerned(request: Request, plan: Plan, wanted: Wanted, found: Board) -> bool:
    """Whether whoever asks is on it or could be: who leads and sells nothing is on that of kudos alone."""
    me = request.actor.person
    if found.own is not None or wanted.teams or me not in plan.sellers:
        return found.own is not None
    if wanted.what == "kudos":
        return me in _all_in(plan, wanted.unit or "", wanted.span)
    led = {at.unit for at in plan.sellers[me].leads}
    sells = any(at.unit not in led for at in plan.sellers[me].member_of)
    return sells and me in {one.id for one in plan.sellers_in(wanted.unit or "", wanted.span)}


def _chart(request: Request, found: Board, limit: int | None) -> tuple[Chart, ...]:
    """Bars of the figures where whoever asks may see all of them. None else: bars of mere places would read as
    results."""
    if not found.open_to_all:
        return ()
    rows = found.placed[: min(limit or DRAWN, DRAWN)]
    title = boards.title(request, found)
    drawn = tuple(_bar(request, found, row) for row in rows)
    said = "; ".join(
        " ".join(
            (
                f"{row.rank}." if row.rank is not None else "–",
                row.line.subject.name,
                *boards.figures(request, found, row, glance=True),
            )
        )
        for row in rows
    )
    return (Chart(title, "bars", drawn, f"{title}: {said}.", said_above=True),)


def _bar(request: Request, found: Board, row: Row) -> ChartRow:
    def size(number: int) -> float:
        return float(from_minor(number, request.company.currency)) if found.measure in MONEY else float(number)

    line, name = row.line, row.line.subject.name
    if found.counted:
        return ChartRow(name, float(line.credited), f"{line.credited:,}")
    if row.rise is not None:
        change = row.rise.change or 0
        long = float(change * 100) if isinstance(change, Fraction) else size(change)
        return ChartRow(name, long, boards.figures(request, found, row, glance=True)[-1])
    told = amount(request, found.measure, line.credited, glance=True)
    if line.target is None or found.by == "by amount":
        return ChartRow(name, size(line.credited), told)
    attained = f" ({percent(line.attainment, glance=True)})" if line.attainment is not None else ""
    target = rough(request, found.measure, line.target, glance=True)
    return ChartRow(name, size(line.credited), f"{told}{attained}", size(line.target), target)


def _buttons(request: Request, tx: Transaction, wanted: Wanted, *, concerned: bool, off: bool) -> tuple[Part, ...]:
    """Other times, other sorts, and on or off for whom it concerns."""
    data = wanted.as_data()
    lasting: list[Button] = []
    for length in LENGTHS:
        span = holding(request, length)
        if span != wanted.span:
            days = [span.first.isoformat(), span.last.isoformat()]
            lasting.append((f"This {length}", "again", {**data, "span": days}))
    if concerned:
        lasting.append(("Put me on" if off else "Leave me off", "on" if off else "off", {}))
    (sort,) = issuer.lasting(request, tx, [("", "sort", data)])
    options = tuple(Option(label, str(at)) for at, (label, _, _) in enumerate(SORTS))
    return (Buttons(tuple(issuer.lasting(request, tx, lasting))), Choice("Order by", sort.token, options))
