"""Targets as the plan has them: of a person or unit, in a fiscal year, month by month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from handlers.conversation.company import Company
from handlers.conversation.request import Request
from handlers.conversation.wording import plural
from handlers.figures.plan import Plan, load
from handlers.numbers.periods import FiscalCalendar, day_in, in_days
from handlers.numbers.spans import Span
from handlers.numbers.targets import over
from handlers.numbers.units import by_unit, over_assignment
from handlers.plan import measures
from handlers.plan.subject import Whose
from storage import targets
from storage.database import Transaction
from storage.targets import Version

LONG = 20
"""Working days in a row from which on an absence is a reason for relief (GLOSSARY: *proration*)."""


@dataclass(frozen=True, slots=True)
class Sums:
    """A unit's year: its own target (None: none set), Σ of what its people carry, and how much that is over."""

    own: int | None
    carried: int
    over: Fraction | None


def fiscal_of(company: Company) -> FiscalCalendar:
    """The company's fiscal calendar."""
    return FiscalCalendar(company.fiscal_year_start)


def this_year(request: Request) -> int:
    """The fiscal year of today, in the company's zone."""
    return fiscal_of(request.company).year_of(day_in(request.company.zone, request.now))


def plan_of(tx: Transaction, company: Company, measure: str, year: int) -> Plan:
    """The plan of one measure in one fiscal year."""
    return load(tx, company, fiscal_of(company).year(year), measure=measure)


def months_of(plan: Plan, whose: Whose) -> dict[date, int]:
    """Their month targets; a unit's own, else what its people carry."""
    return plan.person_months(whose.person) if whose.person else plan.unit_months(whose.unit or "")


def standing(tx: Transaction, whose: Whose, measure: str, year: int) -> Version | None:
    """The target that holds."""
    found = targets.standing(tx, person=whose.person, unit=whose.unit, fiscal_year=year, measure=measure)
    return found[0] if found else None


def carried_in(plan: Plan, unit: str, year: Span) -> int:
    """Σ of what the people in the unit and below it carry there; moves in mid-month split by working days."""
    inside = plan.inside(unit)
    total = 0
    for seller in plan.sellers_in(unit, year):
        months = plan.person_months(seller.id)
        if months:
            parts = by_unit(months, seller.member_of, seller.carrier(ramped=False), seller.calendar)
            total += sum(sum(part.values()) for there, part in parts.items() if there in inside)
    return total


def sums_of(plan: Plan, unit: str, year: Span) -> Sums:
    """The unit's year."""
    own = plan.own_months(unit)
    whole = sum(own.values()) if own else None
    carried = carried_in(plan, unit, year)
    return Sums(whole, carried, over_assignment(carried, whole))


def relief(request: Request, tx: Transaction, plan: Plan, whose: Whose, year: int) -> list[tuple[Span, int, int]]:
    """Each long absence in the year, its working days, and what of the target falls on it."""
    seller = plan.sellers.get(whose.person or "")
    months = months_of(plan, whose)
    if seller is None or not months:
        return []
    whole, found = fiscal_of(request.company).year(year), []
    for leave in seller.leave:
        inside = leave.common(whole)
        if inside is None or seller.calendar.count(leave) < LONG:
            continue
        amount = over(months, inside, seller.calendar, seller.carrier(ramped=False))
        if amount:
            found.append((leave, seller.calendar.count(leave), amount))
    return found


def relief_hint(request: Request, tx: Transaction, whose: Whose, measure: str, year: int) -> str:
    """`Away 1 – 31 Jul 2026, 22 working days: relief would be $100,000 less.`; empty where nobody was away so long."""
    plan = plan_of(tx, request.company, measure, year)
    return " ".join(
        f"Away {in_days(leave)}, {plural(days, 'working day')}: relief would be "
        f"{measures.shown(request.company, measure, amount)} less."
        for leave, days, amount in relief(request, tx, plan, whose, year)
    )
