"""Somebody's own number, in the words of a nudge: how far, at which pace, what is needed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP
from typing import Final

from handlers.conversation.reply import Fact, Facts, Part, Text
from handlers.conversation.request import Request
from handlers.conversation.wording import plural
from handlers.figures import standing
from handlers.figures.plan import MONEY, Plan, load_own
from handlers.figures.standing import Figures, Subject
from handlers.figures.wording import measure_words, percent
from handlers.numbers.money import from_minor, to_minor, written
from handlers.numbers.periods import FiscalCalendar, Length
from handlers.numbers.spans import Span
from handlers.numbers.status import Standing
from storage import targets
from storage.database import Transaction

TARGET: Final = "Target"
NOTHING_YET: Final = "nothing won yet"
"""Instead of a pace of 0 %, which helps nobody."""
NEW_FOR: Final = timedelta(days=7)
WHOLE_FROM: Final = 100
"""Units of a currency, from which on cents are left out."""
_WARM: Final = {Standing.AHEAD: "Well done so far.", Standing.ON_PACE: "Right on course."}


@dataclass(frozen=True, slots=True)
class Own:
    """One person's plan and how they stand in a period."""

    plan: Plan
    found: Figures

    @property
    def has_target(self) -> bool:
        return self.found.status.target is not None


def own(request: Request, tx: Transaction, length: Length | None = None, *, on: date | None = None) -> Own | None:
    """Of who is spoken to: `of_person`."""
    return of_person(request, tx, request.actor.person, request.actor.name, length, on=on)


def of_person(
    request: Request, tx: Transaction, person: str, name: str, length: Length | None = None, *, on: date | None = None
) -> Own | None:
    """Of the company's period, or of the one of that length, that holds today (or that other day); None for nobody's
    id.

    On bookings; of who carries no target on them on another measure that they do carry one on.
    """
    today = request.basis.now.date()
    fiscal = FiscalCalendar(request.company.fiscal_year_start)
    span = fiscal.holding(length or Length(request.company.quota_period), on or today)
    plan = load_own(tx, request.company, span, person)
    if plan is None:
        return None
    if not plan.person_months(person):
        other = _other_measure(tx, person, fiscal.year_of(on or today))
        plan = load_own(tx, request.company, span, person, measure=other) if other else plan
        assert plan is not None
    subject = Subject(name, person=person)
    return Own(plan, standing.figures(tx, request.company, plan, subject, span, today))


def _other_measure(tx: Transaction, person: str, year: int) -> str | None:
    """Money first."""
    carried = [one.target.measure for one in targets.standing(tx, person=person, fiscal_year=year)]
    return min(carried, key=lambda one: (one not in MONEY, one), default=None)


def period(request: Request, span: Span) -> str:
    """`Q4 2026 (1 Oct – 31 Dec 2026)`."""
    return FiscalCalendar(request.company.fiscal_year_start).words(span)


def amount(request: Request, measure: str, number: int) -> str:
    """As it is read on a Monday morning: from a hundred on in whole units."""
    if measure not in MONEY:
        return f"{number:,}"
    currency = request.company.currency
    units = from_minor(number, currency)
    whole = to_minor(units.to_integral_value(ROUND_HALF_UP), currency) if abs(units) >= WHOLE_FROM else number
    return written(whole, currency)


def lead(request: Request, found: Figures) -> str:
    """`$120,000 of $300,000, 40 %`."""
    status = found.status
    what = measure_words(found.measure)
    won = f"{amount(request, found.measure, status.credited)}{f' {what}' if what else ''}"
    if status.target is None:
        return f"{won} so far, no target set"
    if status.attainment is None:
        return f"{won}, target 0"
    target = amount(request, found.measure, status.target)
    of = amount(request, found.measure, status.credited)
    return f"{of} of {target}{f' {what}' if what else ''}, {percent(status.attainment, glance=True)}"


def pace(found: Figures) -> str:
    """`Behind: pace 76 %`, `Pace: too early to say`; empty where there is no target."""
    status = found.status
    if status.pace is not None and not status.credited:
        return f"Pace: {NOTHING_YET}"
    if status.pace is not None and status.standing is not None:
        return f"{status.standing.value.capitalize()}: pace {percent(status.pace, glance=True)}"
    return f"Pace: {status.no_pace.value}" if status.no_pace is not None and status.target else ""


def to_go(request: Request, found: Figures) -> str:
    """`$180,000 to go: $6,000 a working day, 30 working days left`, `Target met, $30,000 above it`."""
    way = _way(request, found)
    if way is None:
        return ""
    return f"Target {way.value}" if way.label == TARGET else way.value.replace(", ", " to go: ", 1)


def _way(request: Request, found: Figures) -> Fact | None:
    status, measure = found.status, found.measure
    if status.attainment is None:
        return None
    if not status.gap:
        above = f", {amount(request, measure, status.surplus)} above it" if status.surplus else ""
        return Fact(TARGET, f"met{above}")
    needed = amount(request, measure, status.needed or status.gap)
    left = plural(status.days_left, "working day")
    return Fact("To go", f"{amount(request, measure, status.gap)}, {needed} a working day, {left} left")


def sentences(request: Request, found: Figures) -> list[str]:
    """All of it, to be read out."""
    said = [f"{lead(request, found)}, {period(request, found.span)}", pace(found), to_go(request, found)]
    return [*(f"{one}." for one in said if one), *([warm(found)] if warm(found) else [])]


def parts(request: Request, found: Figures) -> list[Part]:
    """The same laid out."""
    status = found.status
    rows = []
    if status.pace is not None and status.standing is not None and status.credited:
        rows.append(Fact("Pace", f"{percent(status.pace, glance=True)}, {status.standing.value}"))
    elif pace(found):
        rows.append(Fact("Pace", pace(found).removeprefix("Pace: ")))
    way = _way(request, found)
    rows += [way] if way else []
    laid: list[Part] = [Text(lead(request, found), style="strong"), Text(period(request, found.span), style="quiet")]
    return [*laid, Facts(tuple(rows))] if rows else laid


def is_new(span: Span, today: date) -> bool:
    """It is the first week of a period, in which people want to know how the last one ended."""
    return timedelta(0) <= today - span.first < NEW_FOR


def ended(request: Request, found: Figures, whose: str = "") -> str:
    """`Q4 2026 ended at $290,000 of $300,000, 97 %.`, with a kind word where the target was met; empty where there is
    nothing to look back on."""
    if found.status.attainment is None:
        return ""
    name = period(request, found.span).partition(" (")[0]
    met = " Well done." if not found.status.gap else ""
    return f"{f'{whose}: ' if whose else ''}{name} ended at {lead(request, found)}.{met}"


def warm(found: Figures) -> str:
    """A kind word where the figures carry one."""
    if found.status.attainment is not None and not found.status.gap:
        return "Well done."
    return _WARM.get(found.status.standing, "") if found.status.standing is not None else ""
