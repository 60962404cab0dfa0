"""`leader digest`: on Monday the units of who leads a unit of units, and the three things that changed most."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final, NamedTuple

from handlers.conversation.buttons import Wanted
from handlers.conversation.reply import Buttons, Reply, Text
from handlers.conversation.request import Request
from handlers.conversation.wording import Days
from handlers.figures import credited, past_week, standing, tree, tree_words, week
from handlers.figures.freshness import freshness
from handlers.figures.past_week import Event
from handlers.figures.plan import Plan
from handlers.figures.standing import Subject, limits_of
from handlers.figures.tree import Line
from handlers.figures.wording import as_of, percent
from handlers.nudges import led
from handlers.nudges.buttons import QUOTA, below
from handlers.nudges.nothing import nothing
from handlers.numbers.spans import DAY, Span
from handlers.numbers.status import status
from handlers.reach.topic import Topic
from storage.database import Transaction
from storage.notices import Notice
from storage.units import Unit

LED: Final = 2
"""Units that one message speaks of; whoever leads more asks for the others."""
CHANGES: Final = 3
HEADING: Final = "What changed most last week"
NOTHING: Final = "No deal was won, lost or moved last week."
_KINDS: Final = {"won": "Won", "lost": "Lost", "slipped": "Moved to a later day"}


class _Change(NamedTuple):
    """What is said, and how much money it is about."""

    weight: int
    sentence: str


def compose(request: Request, tx: Transaction, notice: Notice) -> Reply | None:
    """The whole first, then a line a unit, then what changed; nothing for who leads no unit of units."""
    view = led.view(request, tx)
    if view is None or not view.above:
        return nothing(request, tx, notice, "leads no unit of units")
    plan = led.plan_of(request, tx)
    tops = view.above[:LED]
    fresh = freshness(request, tx)
    found = [
        standing.figures(tx, request.company, plan, Subject(one.name, unit=one.id), view.span, view.today)
        for one in tops
    ]
    said, parts = led.numbers(request, found, fresh)
    lines: list[Line] = []
    for top in tops:
        children = plan.children(top.id)
        under = tree.below(tx, request.company, plan, top.id, view.span, view.today, len(children)).lines
        lines += [line for line in under if line.subject.unit]
    for sentence in led.ended(request, tx, tops, view.span, view.today):
        said.append(sentence)
        parts.append(Text(sentence))
    if not fresh.is_old and any(line.status.credited for line in lines):
        parts.append(tree_words.table(request.company, lines))
        said.append(f"By unit: {tree_words.said(request.company, lines)}.")
    changed = _changed(request, tx, plan, view, tops, lines if not fresh.is_old else ())
    if fresh.is_old:
        said.append(led.unknown(request, fresh, named=bool(changed)))
        parts.append(Text(said[-1]))
    if changed:
        said.append(f"{HEADING}. {' '.join(changed)}")
        parts += [Text(HEADING, style="strong"), Text("\n".join(changed))]
    elif not fresh.is_old:
        said.append(NOTHING)
        parts.append(Text(NOTHING))
    parts.append(Buttons(below(QUOTA, request, tx, _wanted(tops, view.span))))
    if fresh.is_old:
        return Reply(" ".join(said), tuple(parts))
    words = as_of(request, fresh.as_of)
    said.append(f"{words[0].upper()}{words[1:]}.")
    parts.append(Text(said[-1], style="quiet"))
    return Reply(" ".join(said), tuple(parts))


def _wanted(tops: Sequence[Unit], span: Span) -> list[Wanted]:
    name = tops[0].name
    return [
        ("Who is behind", "again", {"text": f"who is behind in {name} {span.first} to {span.last}"}),
        ("Forecast", "again", {"text": f"forecast for {name} {span.first} to {span.last}"}),
    ]


def _changed(
    request: Request, tx: Transaction, plan: Plan, view: led.View, tops: Sequence[Unit], lines: Sequence[Line]
) -> list[str]:
    """The three that are about the most money: deals of last week, and units whose status is another than then."""
    days, last = Days.of(request.basis), week.last_week(request)
    persons = {one.id for top in tops for one in plan.sellers_in(top.id, last)}
    events = past_week.load(tx, request.company, plan, persons, last)
    found = [_Change(event.amount or 0, _said(event, days)) for event in events if event.kind in _KINDS]
    found += _moved(request, tx, plan, view, lines)
    return [change.sentence for change in sorted(found, key=lambda one: -one.weight)[:CHANGES]]


def _said(event: Event, days: Days) -> str:
    return f"{_KINDS[event.kind]}: {event.line(days)}."


def _moved(request: Request, tx: Transaction, plan: Plan, view: led.View, lines: Sequence[Line]) -> list[_Change]:
    """Units whose status is another than a week ago, by how much further behind or ahead they are."""
    then = view.today - timedelta(days=7)
    if then <= view.span.first:
        return []
    found = []
    for line in lines:
        unit = line.subject.unit or ""
        won = credited.in_unit(tx, request.company, plan, unit, Span(view.span.first, then - DAY))
        before = status(won, plan.unit_months(unit), view.span, then, plan.calendar, (), limits_of(request.company))
        now = line.status
        if before.standing is None or now.standing is None or before.pace is None or now.pace is None:
            continue
        if before.standing is not now.standing:
            weight = abs(line.short - ((before.expected or 0) - before.credited))
            paces = f"pace {percent(before.pace, glance=True)}, now {percent(now.pace, glance=True)}"
            said = f"{line.subject.name} went from {before.standing.value} to {now.standing.value}: {paces}."
            found.append(_Change(weight, said))
    return found


TOPIC: Final = Topic(
    name="leader digest",
    title="Your units",
    plain="how your units stand",
    why="you lead a unit of several units, and whoever does reads on Monday how they stand",
    compose=compose,
    audience="leaders",
    rule="every Monday at 08:30",
    called=("digest", "weekly digest"),
)
