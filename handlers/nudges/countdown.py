"""`quarter countdown`: when the quarter's end is near, what is missing and what is open that still closes in it."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from handlers.conversation.reply import Buttons, Part, Reply, Table, Text
from handlers.conversation.request import Request
from handlers.conversation.wording import Days, plural
from handlers.figures import deal_rows, number
from handlers.figures.deal_rows import Circle, Row
from handlers.figures.deal_words import title
from handlers.figures.freshness import freshness
from handlers.figures.number import Own
from handlers.figures.stages import stage_words
from handlers.figures.standing import BOOKINGS, Subject
from handlers.figures.wording import about, as_of, percent
from handlers.nudges import old_data
from handlers.nudges.buttons import QUOTA, below
from handlers.nudges.nothing import nothing
from handlers.numbers.periods import Length
from handlers.numbers.shares import half_up
from handlers.reach.topic import Topic
from storage.database import Transaction
from storage.notices import Notice

MOST: Final = 5
"""Deals that are named."""


def compose(request: Request, tx: Transaction, notice: Notice) -> Reply | None:
    """The gap, what it takes a day, and the open deals; nothing without a target or on old data."""
    own = number.own(request, tx, Length.QUARTER)
    if own is None or not own.found.status.target:
        return nothing(request, tx, notice, "has no target in this quarter")
    fresh = freshness(request, tx, own.found.measure)
    if fresh.is_old:
        return old_data.held_back(request, tx, notice, fresh, "the quarter's countdown")
    said = number.sentences(request, own.found)
    parts: list[Part] = number.parts(request, own.found)
    if own.found.measure == BOOKINGS:
        more, laid = _open(request, tx, own)
        said += more
        parts += laid
    if fresh.as_of is not None:
        words = as_of(request, fresh.as_of)
        said.append(f"{words[0].upper()}{words[1:]}.")
        parts.append(Text(said[-1], style="quiet"))
    return Reply(" ".join(said), tuple(parts))


def _open(request: Request, tx: Transaction, own: Own) -> tuple[list[str], list[Part]]:
    """Open deals that close until the quarter's end, the largest first, with their part of each."""
    today, me, span = request.basis.now.date(), request.actor.person, own.found.span
    circle = Circle(tx, request.company, own.plan, Subject(request.actor.name, person=me), frozenset((me,)), today)
    rows = deal_rows.open_rows(circle, last=span.last)
    late = [row for row in rows if row.named.deal.closes_on and row.named.deal.closes_on < today]
    rows = sorted((row for row in rows if row not in late), key=lambda row: (-(row.amount or 0), row.named.deal.id))
    days = Days.of(request.basis)
    lead = "No open deal of yours closes by then."
    if rows:
        total = about(request, deal_rows.total(rows))
        lead = f"{plural(len(rows), 'open deal closes', 'open deals close')} by then, {total} together."
    said, parts = [lead], [Text(lead)]
    cells = [(title(row.named), _amount(request, row), stage_words(row.named.deal.stage), _closes(row, days))
             for row in rows[:MOST]]  # fmt: skip
    laid: list[Part] = list(parts)
    if cells:
        said.append(f"{'; '.join(', '.join(cell) for cell in cells)}.")
        laid.append(Table(("Account", "Amount", "Stage", "Closes"), tuple(cells), (1,)))
    if len(rows) > MOST:
        laid.append(Text(f"And {len(rows) - MOST} more.", style="quiet"))
        said.append(f"And {len(rows) - MOST} more.")
    if late:
        overdue = f"{plural(len(late), 'more deal is past its', 'more deals are past their')} close date."
        laid.append(Text(overdue))
        said.append(overdue)
    forecast = {"text": f"forecast for {request.actor.name} {span.first} to {span.last}"}
    laid.append(Buttons(below(QUOTA, request, tx, [("Forecast", "again", forecast)])))
    return said, laid


def _amount(request: Request, row: Row) -> str:
    if row.amount is None:
        return f"no rate for {row.no_rate}" if row.no_rate else "no amount"
    share = f" ({percent(row.share)})" if row.share != Fraction(1) else ""
    return f"{about(request, half_up(row.amount))}{share}"


def _closes(row: Row, days: Days) -> str:
    closes = row.named.deal.closes_on
    return days.day(closes) if closes else "no date"


_WHY: Final = "you carry a target, and the quarter ends soon"
TOPIC: Final = Topic(
    name="quarter countdown",
    title="The quarter's end",
    plain="what is missing until the quarter's end",
    why=_WHY,
    compose=compose,
    audience="sellers",
    rule="10 working days before quarter end at 08:30",
    called=("countdown",),
)
LAST_WEEK: Final = Topic(
    name="last countdown",
    title="The quarter's last week",
    plain="what is missing until the quarter's end",
    why=_WHY,
    compose=compose,
    audience="sellers",
    suggested="5 working days before quarter end at 08:30",
    called=("countdown",),
)
