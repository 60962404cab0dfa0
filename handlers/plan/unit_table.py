"""A unit's plan as a table: its parts and people by quarter, what they carry together, and the over-assignment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from handlers.conversation.reply import Fact, Facts, Part, Table, Text
from handlers.conversation.request import Request
from handlers.figures.plan import Plan
from handlers.numbers.spans import months_between
from handlers.numbers.units import by_unit
from handlers.plan import figures, measures
from handlers.plan.figures import Sums
from handlers.plan.subject import Whose
from storage.database import Transaction

MOST_ROWS = 60


def laid_out(request: Request, tx: Transaction, whose: Whose, year: int, measure: str) -> tuple[str, tuple[Part, ...]]:
    """The sentence with all sums, and the same as a table."""
    unit = whose.unit or ""
    plan = figures.plan_of(tx, request.company, measure, year)
    span = figures.fiscal_of(request.company).year(year)
    sums = figures.sums_of(plan, unit, span)
    name = figures.fiscal_of(request.company).year_in_words(year)
    title = f"{whose.name}, {measures.words(measure)}, {name}"
    rows = _rows(plan, unit, span.first)
    facts = _facts(request, measure, sums)
    sentence = f"{title}: " + " ".join(f"{label}: {value}." for label, value in facts)
    named = "; ".join(f"{row[0]} {_shown(request, measure, sum(row[1].values()) if row[1] else None)}" for row in rows)
    cells = [_cells(request, measure, label, months, span.first) for label, months in rows[:MOST_ROWS]]
    table = Table(("", name, "Q1", "Q2", "Q3", "Q4"), tuple(cells), numeric=(1, 2, 3, 4, 5))
    parts: list[Part] = [Text(title, style="strong"), Facts(tuple(Fact(label, value) for label, value in facts))]
    if cells:
        parts.append(table)
    if len(rows) > MOST_ROWS:
        parts.append(
            Text(f"and {len(rows) - MOST_ROWS} more; “/target” and a team's name shows one team", style="quiet")
        )
    return f"{sentence} {named}.".strip(), tuple(parts)


def _facts(request: Request, measure: str, sums: Sums) -> list[tuple[str, str]]:
    facts = [
        ("Target", _shown(request, measure, sums.own) if sums.own is not None else "none of its own"),
        ("Its people carry", _shown(request, measure, sums.carried)),
    ]
    if sums.over is not None and sums.carried:
        hundredths = f"{float(abs(sums.over)) * 100:.1f}".rstrip("0").rstrip(".")
        facts.append(("Over-assignment" if sums.over >= 0 else "Not assigned", f"{hundredths} %"))
    return facts


def _rows(plan: Plan, unit: str, first: date) -> list[tuple[str, Mapping[date, int]]]:
    """Units right below, then people who are here themselves in that year, each with what counts here."""
    found: list[tuple[str, Mapping[date, int]]] = [
        (child.name, plan.unit_months(child.id)) for child in plan.children(unit)
    ]
    for seller in plan.sellers_in(unit, plan.fiscal.year(plan.fiscal.year_of(first))):
        if not any(one.unit == unit for one in seller.member_of):
            continue
        months = plan.person_months(seller.id)
        if not months:
            found.append((seller.name, {}))
            continue
        parts = by_unit(months, seller.member_of, seller.carrier(ramped=False), seller.calendar)
        found.append((seller.name, parts.get(unit, {})))
    return found


def _cells(request: Request, measure: str, label: str, months: Mapping[date, int], first: date) -> tuple[str, ...]:
    if not months:
        return (label, "none set", "", "", "", "")
    quarters = [0, 0, 0, 0]
    for month, amount in months.items():
        quarters[months_between(first, month) // 3] += amount
    return (label, *(_shown(request, measure, one) for one in (sum(months.values()), *quarters)))


def _shown(request: Request, measure: str, amount: int | None) -> str:
    return "none set" if amount is None else measures.shown(request.company, measure, amount)
