"""A sheet of what else is counted besides bookings: a row a unit or person and measure, where there is anything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from handlers.conversation.wording import listed
from handlers.export.scope import Asker, Extent
from handlers.export.sheet import Cell, Column, Sheet
from handlers.figures import credited
from handlers.figures.plan import MONEY, Plan
from handlers.figures.sight import refusal
from handlers.figures.standing import BOOKINGS, figures, limits_of
from handlers.figures.wording import measure_words
from handlers.numbers.money import from_minor
from handlers.numbers.status import Status, status
from storage import tallies, targets
from storage.database import Transaction

COLUMNS = (
    Column("Kind", "text", 10),
    Column("Name", "text", 24),
    Column("Unit", "text", 20),
    Column("Measure", "text", 18),
    Column("Currency", "text", 9),
    Column("Target", "amount"),
    Column("Counted", "amount"),
    Column("Attainment", "share", 11),
    Column("Expected by now", "amount", 16),
    Column("Pace", "share", 9),
    Column("Status", "text", 18),
    Column("Gap", "amount"),
    Column("Above the target", "amount", 16),
    Column("Projected", "amount"),
    Column("Left out", "text", 16),
)


def sheet(tx: Transaction, asker: Asker, extent: Extent) -> Sheet | None:
    """Units first, then people, measure by measure; None where nothing else is counted."""
    rows = [row for measure in _measures(tx, extent) for row in _rows(tx, asker, _on(tx, extent, measure))]
    return Sheet("Other measures", COLUMNS, rows, asker.company.currency) if rows else None


def _measures(tx: Transaction, extent: Extent) -> list[str]:
    """Those that are money or booked, and kinds of activity that have a target or were logged."""
    found = [*(one for one in MONEY if one != BOOKINGS), "meetings_booked"]
    there = {
        one for year in extent.plan.years for one in targets.measures_of(tx, extent.plan.fiscal.year_of(year.last))
    }
    ids = [one.id for one in extent.people]
    there |= {kind for _, _, kind, _ in tallies.logged(tx, extent.span.first, extent.span.last, persons=ids)}
    return [*found, *sorted(there - {*found, BOOKINGS})]


def _on(tx: Transaction, extent: Extent, measure: str) -> Extent:
    """The same people and units, with the targets of that measure."""
    years = [extent.plan.fiscal.year_of(one.last) for one in extent.plan.years]
    plan = replace(
        extent.plan,
        measure=measure,
        set_for=tuple(one for year in years for one in targets.of_year(tx, year, measure)),
        adjusted=tuple(one for year in years for one in targets.adjustments_of_year(tx, year, measure)),
    )
    return replace(extent, plan=plan)


def _rows(tx: Transaction, asker: Asker, extent: Extent) -> Iterator[tuple[Cell, ...]]:
    plan, span, company = extent.plan, extent.span, asker.company
    for unit in extent.units:
        assert unit.unit is not None
        # On this measure fewer may carry a target than on bookings, and the sum be one colleague's.
        if refusal(asker.actor, plan, unit, asker.today, span) is not None:
            continue
        found = figures(tx, company, plan, unit, span, asker.company_day)
        known = plan.units[unit.unit]
        above = plan.units[known.parent].name if known.parent else ""
        if found.status.target is not None or found.status.credited:
            yield (known.kind, unit.name, above, *_sums(asker, plan, found.status, found.no_rate))
    ids = {one.id for one in extent.people}
    amounts = credited.by_person(tx, company, plan, span, ids)
    no_rate = credited.counted(tx, company, plan, span, ids).no_rate if plan.measure == "pipeline_created" else ()
    limits = limits_of(company)
    for one in extent.people:
        months = plan.person_months(one.id)
        if not months and one.id not in amounts:
            continue
        counted = amounts.get(one.id, 0)
        stands = status(counted, months, span, asker.today, one.calendar, one.leave, limits, plan.carrier(one))
        if stands.target is None and not counted:
            continue
        unit_now = plan.unit_of(one.id, asker.today)
        yield ("person", one.name, unit_now.name if unit_now else "", *_sums(asker, plan, stands, no_rate))


def _sums(asker: Asker, plan: Plan, found: Status, no_rate: tuple[str, ...]) -> tuple[Cell, ...]:
    currency = asker.company.currency if plan.measure in MONEY else ""

    def amount(number: int | None) -> Decimal | int | None:
        return None if number is None else from_minor(number, currency) if currency else number

    unknown = found.no_attainment or found.no_pace
    return (
        measure_words(plan.measure),
        currency,
        amount(found.target),
        amount(found.credited),
        found.attainment,
        amount(found.expected),
        found.pace,
        found.standing.value if found.standing else unknown.value if unknown else "",
        amount(found.gap),
        amount(found.surplus),
        None if found.ended else amount(found.projected),
        f"{listed(list(no_rate))}: no rate" if no_rate else "",
    )
