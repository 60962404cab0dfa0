"""What somebody leads, and how its figure is said in a digest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from handlers.conversation.reply import Part, Text
from handlers.conversation.request import Request
from handlers.conversation.wording import Days
from handlers.figures import number, standing
from handlers.figures.freshness import Freshness
from handlers.figures.plan import Plan, load, load_own
from handlers.figures.standing import Figures, Subject
from handlers.figures.tree import Line
from handlers.figures.wording import money, percent
from handlers.numbers.periods import FiscalCalendar, Length, day_in
from handlers.numbers.spans import DAY, Span
from storage.database import Transaction
from storage.units import Unit


@dataclass(frozen=True, slots=True)
class View:
    """`units` that they lead, the widest first, and those of them that stand `above` others. The day and the period are
    the company's."""

    units: tuple[Unit, ...]
    above: tuple[Unit, ...]
    today: date
    span: Span


def view(request: Request, tx: Transaction) -> View | None:
    """None for who leads no unit and has no reports."""
    today = day_in(request.company.zone, request.now)
    fiscal = FiscalCalendar(request.company.fiscal_year_start)
    span = fiscal.holding(Length(request.company.quota_period), today)
    own = load_own(tx, request.company, span, request.actor.person)
    units = tuple(own.led_by(request.actor.person, today)) if own is not None else ()
    if own is None or not (units or request.actor.reports):
        return None
    return View(units, tuple(one for one in units if own.children(one.id)), today, span)


def plan_of(request: Request, tx: Transaction) -> Plan:
    """Everybody's, for the period."""
    today = day_in(request.company.zone, request.now)
    fiscal = FiscalCalendar(request.company.fiscal_year_start)
    return load(tx, request.company, fiscal.holding(Length(request.company.quota_period), today))


def unknown(request: Request, fresh: Freshness, *, named: bool) -> str:
    """What a digest cannot say on old data: that nothing was won is known no better than what was. `named`: some of
    last week's deals are known, and are said."""
    else_ = " else" if named else ""
    since = "yet"
    if fresh.as_of is not None:
        since = f"since {Days.of(request.basis).on(fresh.as_of.astimezone(request.basis.zone).date())}"
    return f"I have had no deal data {since}, so I give no pace and cannot say what{else_} was won, lost or stuck."


def numbers(request: Request, found: Sequence[Figures], fresh: Freshness) -> tuple[list[str], list[Part]]:
    """Each unit's figure, as sentences and laid out; its pace only on fresh data, of old `unknown` is said once."""
    said: list[str] = []
    parts: list[Part] = []
    for one in found:
        lead = f"{one.subject.name}: {number.lead(request, one)}"
        if fresh.is_old:
            period = number.period(request, one.span)
            said.append(f"{lead}, {period}.")
            parts += [Text(lead, style="strong"), Text(period, style="quiet")]
            continue
        said += [f"{one.subject.name}: {number.sentences(request, one)[0]}", *number.sentences(request, one)[1:]]
        parts += [Text(lead, style="strong"), *number.parts(request, one)[1:]]
    return said, parts


def ended(request: Request, tx: Transaction, units: Sequence[Unit], span: Span, today: date) -> list[str]:
    """How each ended the period before, in the first week of a new one."""
    if not number.is_new(span, today):
        return []
    before = FiscalCalendar(request.company.fiscal_year_start).holding(
        Length(request.company.quota_period), span.first - DAY
    )
    plan = load(tx, request.company, before)
    found = [
        standing.figures(tx, request.company, plan, Subject(one.name, unit=one.id), before, today) for one in units
    ]
    return [words for one in found if (words := number.ended(request, one, one.subject.name))]


def sum_of(request: Request, lines: Sequence[Line]) -> str:
    """`$450,000 of $750,000, 60 %`: of people who are in no unit together."""
    won = sum(line.status.credited for line in lines)
    target = sum(line.status.target or 0 for line in lines)
    if not target:
        return money(request, won, glance=True)
    of = f"{money(request, won, glance=True)} of {money(request, target, glance=True)}"
    return f"{of}, {percent(Fraction(won, target), glance=True)}"
