"""`team digest`: on Monday a manager's team: its figure, who is ahead and who behind, its deals of last week, who was
silent, who is away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from handlers.conversation.buttons import Wanted
from handlers.conversation.reply import Buttons, Part, Reply, Text
from handlers.conversation.request import Request
from handlers.conversation.wording import Days, listed, plural
from handlers.figures import deal_rows, number, past_week, standing, tree, tree_words, week
from handlers.figures.deal_rows import Circle, Row
from handlers.figures.deal_words import money, title
from handlers.figures.freshness import freshness
from handlers.figures.plan import Plan, Seller
from handlers.figures.sight import refusal
from handlers.figures.standing import Figures, Subject
from handlers.figures.wording import as_of
from handlers.nudges import claims, led
from handlers.nudges.buttons import QUOTA, below
from handlers.nudges.nothing import nothing
from handlers.numbers.spans import Span
from handlers.numbers.working_days import week_of
from handlers.reach.topic import Topic
from storage import tallies
from storage.database import Transaction
from storage.notices import Notice

ROWS: Final = 12
"""People in the table: as many as a phone shows at once."""
NAMED: Final = 2
"""Of what is lost, moved or stuck: the largest, for a button and a question show all. Of what is won there are more."""


def compose(request: Request, tx: Transaction, notice: Notice) -> Reply | None:
    """Of the units that they lead, or of their reports; nothing for who leads units of units, who gets theirs."""
    view = led.view(request, tx)
    if view is None or view.above:
        return nothing(request, tx, notice, "leads no team of their own")
    plan = led.plan_of(request, tx)
    team = _team(request, plan, view)
    if not team:
        return nothing(request, tx, notice, "nobody sells in the team")
    fresh = freshness(request, tx)
    found = [
        standing.figures(tx, request.company, plan, Subject(one.name, unit=one.id), view.span, view.today)
        for one in view.units
    ]
    lines = tree.people(tx, request.company, plan, team, view.span, view.today)
    said, parts = led.numbers(request, found, fresh) if found else _together(request, lines, view.span)
    if (me := plan.sellers.get(request.actor.person)) is not None and plan.person_months(me.id):
        # Their number is in the team's too.
        lines = tree.people(tx, request.company, plan, [*team, me], view.span, view.today)
    for sentence in led.ended(request, tx, view.units, view.span, view.today):
        said.append(sentence)
        parts.append(Text(sentence))
    # In a period's first days a table of nothing says nothing.
    if not fresh.is_old and any(line.status.credited for line in lines):
        # In the order of the share of the target that each has, the one column that is read from top to bottom.
        lines.sort(key=lambda line: (line.status.attainment is None, line.status.attainment or 0))
        parts.append(tree_words.table(request.company, lines[:ROWS]))
        said.append(f"By rep: {tree_words.said(request.company, lines[:ROWS])}.")
        if len(lines) > ROWS:
            parts.append(Text(f"And {len(lines) - ROWS} more.", style="quiet"))
    past = _deals(request, tx, plan, team, view.today, is_old=fresh.is_old)
    if fresh.is_old:
        said.append(led.unknown(request, fresh, named=bool(past)))
        parts.append(Text(said[-1]))
    for heading, items in past:
        said.append(f"{heading}: {'; '.join(items)}.")
        parts.append(Text(said[-1] if len(items) == 1 else "\n".join((f"{heading}:", *items))))
    waiting, laid = claims.of_team(request, tx, [one.id for one in team])
    said += waiting
    parts += laid
    for sentence in _people(request, tx, team):
        said.append(sentence)
        parts.append(Text(sentence))
    if fresh.is_old:
        return Reply(" ".join(said), tuple(parts))
    buttons = below(QUOTA, request, tx, _wanted(found))
    parts += [Buttons(buttons)] if buttons else []
    words = as_of(request, fresh.as_of)
    said.append(f"{words[0].upper()}{words[1:]}.")
    parts.append(Text(said[-1], style="quiet"))
    return Reply(" ".join(said), tuple(parts))


def _team(request: Request, plan: Plan, view: led.View) -> list[Seller]:
    """Who sells in a unit of theirs today, and their reports who sell anywhere; each only where they may see it."""
    now = Span(view.today, view.today)
    found = {one.id: one for unit in view.units for one in plan.sellers_in(unit.id, now)}
    for person in request.actor.reports:
        one = plan.sellers.get(person)
        if one is not None and (plan.unit_of(person, view.today) or plan.person_months(person)):
            found[person] = one
    seen = (one for one in found.values() if one.id != request.actor.person)
    return sorted(
        (one for one in seen if refusal(request.actor, plan, Subject(one.name, one.id), view.today) is None),
        key=lambda one: one.name,
    )


def _together(request: Request, lines: Sequence[tree.Line], span: Span) -> tuple[list[str], list[Part]]:
    """Reports who are in no unit: what they have and carry, added up."""
    lead = f"Your {plural(len(lines), 'report')}: {led.sum_of(request, lines)}" if lines else "Your reports"
    period = number.period(request, span)
    return [f"{lead}, {period}."], [Text(lead, style="strong"), Text(period, style="quiet")]


def _wanted(found: Sequence[Figures]) -> list[Wanted]:
    """Further answers about the one team; whoever leads several asks for each."""
    if len(found) != 1:
        return []
    name, status = found[0].subject.name, found[0].status
    wanted: list[Wanted] = [("Stuck deals", "again", {"text": f"stuck deals of {name}"})]
    if status.standing is not None and status.standing.is_behind:
        wanted.append(("Why behind", "again", {"text": f"why is {name} behind"}))
    return wanted


def _deals(
    request: Request, tx: Transaction, plan: Plan, team: Sequence[Seller], today: date, *, is_old: bool
) -> list[tuple[str, list[str]]]:
    """Won, lost and moved last week, and stuck: each a heading with the largest. Of old data only what is known to have
    happened: a deal is stuck there because nobody imported."""
    days, persons = Days.of(request.basis), frozenset(one.id for one in team)
    events = past_week.load(tx, request.company, plan, persons, week.last_week(request))
    found = []
    for kind, heading in (("won", "Won"), ("lost", "Lost"), ("slipped", "Moved to a later day")):
        of_kind = [event for event in events if event.kind == kind]
        if of_kind or (kind == "won" and not is_old):
            named = past_week.NAMED if kind == "won" else NAMED
            found.append((f"{heading} last week", past_week.lines(of_kind, days, named) or ["none"]))
    if is_old:
        return found
    circle = Circle(tx, request.company, plan, Subject(""), persons, today)
    stuck = deal_rows.stuck(circle, deal_rows.open_rows(circle), request.now, days)
    if stuck:
        stuck.sort(key=lambda row: (-(row.amount or 0), row.named.deal.id))
        more = [f"and {len(stuck) - NAMED} more"] if len(stuck) > NAMED else []
        found.append(("Stuck", [*(_stuck(row) for row in stuck[:NAMED]), *more]))
    return found


def _stuck(row: Row) -> str:
    owner = f" ({row.named.owner})" if row.named.owner else ""
    return ", ".join(filter(None, (title(row.named), money(row.named.deal), *row.why))) + owner


def _people(request: Request, tx: Transaction, team: Sequence[Seller]) -> list[str]:
    """Who logged nothing on the days of last week on which they worked, and who is away."""
    days, last = Days.of(request.basis), week.last_week(request)
    said = []
    logged = {row[0] for row in tallies.logged(tx, last.first, last.last, persons=[one.id for one in team])}
    silent = [one.name for one in team if one.id not in logged and _worked(one, last)]
    if silent:
        said.append(f"Nothing logged last week: {listed(silent)}.")
    this_week = Span(*week_of(days.today))
    away = [
        f"{one.name} ({days.day(absence.first) if absence.days == 1 else days.span(absence.first, absence.last)})"
        for one in team
        for absence in one.leave
        if absence.common(this_week)
    ]
    return [*said, f"On leave this week: {listed(away)}."] if away else said


def _worked(seller: Seller, span: Span) -> bool:
    stay = seller.carrier(ramped=False).stay(span)
    return stay is not None and seller.calendar.count(stay, seller.leave) > 0


TOPIC: Final = Topic(
    name="team digest",
    title="Your team",
    plain="how your team stands",
    why="you lead a team, and whoever does reads on Monday how it stands",
    compose=compose,
    audience="managers",
    rule="every Monday at 08:30",
    called=("digest", "weekly digest"),
)
