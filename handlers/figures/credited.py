"""What counts for whom on a measure in a span: B of GLOSSARY, *The sums*, for people and for units."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from handlers.conversation.company import Company
from handlers.figures import rates
from handlers.figures.plan import Plan
from handlers.numbers.credit import MissingRateError
from handlers.numbers.shares import cut
from handlers.numbers.spans import Span
from storage import credits, ledger, tallies
from storage.database import Transaction

LEDGER = {"revenue": (ledger.REVENUE,), "margin": (ledger.REVENUE, ledger.COST)}
"""Measures that the ledger holds, and the kinds of rows that they are made from."""
CREDITS = {"bookings": ("revenue",), "overlay": ("revenue", "overlay")}
"""Measures that credits are counted for, and the kinds of credits. Overlay credits count beside the others, and only
where there is an overlay target."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An amount (minor units, or a count) for a person; whose member they were on `held` has it in its figure."""

    person: str
    held: date
    amount: int


@dataclass(frozen=True, slots=True)
class Counted:
    """`no_rate`: currencies in which something stands that could not be converted, and so is not in `entries`."""

    entries: tuple[Entry, ...]
    no_rate: tuple[str, ...] = ()


def by_person(tx: Transaction, company: Company, plan: Plan, span: Span, persons: Collection[str]) -> dict[str, int]:
    """By person; without those for whom nothing counts."""
    if plan.measure in CREDITS:
        wanted = _with_target(plan, persons)
        found: dict[str, int] = {}
        for kind in CREDITS[plan.measure]:
            for person, amount in credits.by_person(tx, span.first, span.last, persons=wanted, kind=kind).items():
                found[person] = found.get(person, 0) + amount
        return found
    return _summed(counted(tx, company, plan, span, persons).entries)


def in_unit(tx: Transaction, company: Company, plan: Plan, unit: str, span: Span) -> int:
    """Of those who were members of the unit, or of one below it, on the day that decides (for deals the win date)."""
    if plan.measure in CREDITS:
        wanted = None if plan.measure != "overlay" or plan.own_months(unit) else plan.carriers()
        return sum(_credits_in(tx, plan, unit, span, kind, wanted) for kind in CREDITS[plan.measure])
    persons = {one.id for one in plan.sellers_in(unit, span)}
    found = counted(tx, company, plan, span, persons).entries
    return sum(one.amount for one in found if plan.was_in(one.person, unit, one.held))


def counted(tx: Transaction, company: Company, plan: Plan, span: Span, persons: Collection[str]) -> Counted:
    """Each amount by itself, of the measures that are no sums of credits."""
    first, last = span.first, span.last
    match plan.measure:
        case "revenue" | "margin":
            rows = ledger.by_day(tx, first, last, kinds=LEDGER[plan.measure], persons=persons)
            return Counted(tuple(Entry(*row) for row in rows))
        case "pipeline_created":
            return _created(tx, company, plan, span, persons)
        case "meetings_booked":
            return Counted(tuple(Entry(*row) for row in tallies.booked(tx, first, last, persons=persons)))
        case kind:
            logged = tallies.logged(tx, first, last, persons=persons, kind=kind)
            return Counted(tuple(Entry(person, day, number) for person, day, _, number in logged))


def _with_target(plan: Plan, persons: Collection[str]) -> Collection[str]:
    return plan.carriers().intersection(persons) if plan.measure == "overlay" else persons


def _summed(entries: Iterable[Entry]) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in entries:
        found[one.person] = found.get(one.person, 0) + one.amount
    return found


def _credits_in(tx: Transaction, plan: Plan, unit: str, span: Span, kind: str, wanted: Collection[str] | None) -> int:
    """A unit's credit, from the kept sums of those who were members all along and day by day for the rest.

    A credit of another day than its win (a reversal, a late booking) counts where the person was on the win date: it is
    taken out of the sums of the unit in which they are by now, and added where they were then.
    """
    members = [one.id for one in plan.sellers_in(unit, span) if wanted is None or one.id in wanted]
    always = {one for one in members if plan.was_in_all_of(one, unit, span)}
    total = sum(credits.by_person(tx, span.first, span.last, persons=always, kind=kind).values()) if always else 0
    summed: list[tuple[Span, set[str]]] = [(span, always)]
    by_days: list[tuple[Span, set[str]]] = []
    changing = [one for one in members if one not in always]
    for piece in _pieces(span) if changing else ():
        whole = {one for one in changing if plan.was_in_all_of(one, unit, piece)}
        partly = {one for one in changing if one not in whole and plan.was_there(one, unit, piece)}
        summed.append((piece, whole))
        by_days.append((piece, partly))
        if whole:
            total += sum(credits.by_person(tx, piece.first, piece.last, persons=whole, kind=kind).values())
        if partly:
            won = credits.by_win_date(tx, piece.first, piece.last, persons=partly, kind=kind)
            total += sum(amount for person, day, amount in won if plan.was_in(person, unit, day))
    for person, day, won_on, amount in credits.apart(tx, span.first, span.last, kind=kind):
        if wanted is not None and person not in wanted:
            continue
        if any(day in piece and person in those for piece, those in by_days):
            continue
        in_sum = any(day in piece and person in those for piece, those in summed)
        theirs = plan.was_in(person, unit, won_on)
        total += amount * (theirs - in_sum)
    return total


def _pieces(span: Span) -> Iterator[Span]:
    for piece, _ in span.by_month():
        yield piece


def _created(tx: Transaction, company: Company, plan: Plan, span: Span, persons: Collection[str]) -> Counted:
    """Deals made in the span at their amount of today, converted at the rate of the year in which they close."""
    rows = tallies.created(tx, span.first, span.last)
    year_of = plan.fiscal.year_of
    money = rates.load(tx, company, {year_of(row.closes_on or row.created_on) for row in rows})
    wanted = set(persons)
    found: list[Entry] = []
    missing: set[str] = set()
    for row in rows:
        if wanted.isdisjoint(person for person, _ in row.held):
            continue
        currency = row.currency or company.currency
        try:
            amount = money.converted(row.amount_minor, currency, year_of(row.closes_on or row.created_on))
        except MissingRateError:
            missing.add(currency)
            continue
        parts = cut(amount, [millionths for _, millionths in row.held])
        found += [
            Entry(person, row.created_on, part)
            for (person, _), part in zip(row.held, parts, strict=True)
            if person in wanted
        ]
    return Counted(tuple(found), tuple(sorted(missing)))
