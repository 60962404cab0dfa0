"""Rows of targets: all of one person or unit, measure and fiscal year become a year's target with its months' weights.

What a file says of some months replaces those months; the others keep what stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from typing import Final

import sqlalchemy as sa

from handlers.conversation.company import Company
from handlers.conversation.facts import TargetsImported
from handlers.figures import rates
from handlers.figures.plan import MONEY
from handlers.imports.applying import Run, Tally
from handlers.imports.rows import TargetRow
from handlers.imports.words import Words
from handlers.numbers.credit import MissingRateError
from handlers.numbers.money import to_minor
from handlers.numbers.periods import FiscalCalendar
from handlers.numbers.shares import cut
from handlers.numbers.spans import months_between
from handlers.numbers.targets import EVEN, even_months, month_targets, month_weights
from storage import imports, units
from storage import targets as stored
from storage.database import Transaction
from storage.tables import targets
from storage.targets import Target

KINDS: Final = ("call", "email", "meeting", "demo", "visit", "proposal", "message")
"""The activity kinds that every company has; app.yaml adds further ones."""
OWN: Final = "Nobody sets their own target. Another admin can import this row, or whoever runs me by `pacer import`."
_DIGITS: Final = Decimal(1).scaleb(-24)

Subject = tuple[str, str]
"""`person` or `unit`, and the id."""


@dataclass(slots=True)
class Group:
    """What the file says of one target."""

    subject: Subject
    measure: str
    year: int
    whole: int | None = None
    quarters: dict[int, int] = field(default_factory=dict)
    months: dict[int, int] = field(default_factory=dict)
    owner: str = ""
    """Who is told of it: the person, or who leads the unit."""
    rows: list[TargetRow] = field(default_factory=list)


def grouped(tx: Transaction, run: Run, rows: Iterable[TargetRow], tally: Tally) -> list[Group]:
    """The rows by target. One that nobody bears is left out with its reason."""
    known = {one.name.casefold(): one for one in units.everything(tx)}
    fiscal = FiscalCalendar(run.company.fiscal_year_start)
    measures = _measures(run.company)
    found: dict[tuple[Subject, str, int], Group] = {}
    for row in rows:
        subject = _subject(row, known)
        if subject is None:
            who = row.unit or (row.person.written if row.person else "")
            tally.refuse(row.row, who, f"No person and no unit is called “{who}”. Import people first.")
            continue
        measure = measures.find(row.measure)
        if not measure:
            tally.refuse(row.row, row.measure, f"“{row.measure}” is no measure and no kind of activity.")
            continue
        if row.amount < 0:
            tally.refuse(row.row, str(row.amount), "A target cannot be negative.")
            continue
        year, month = _when(row, fiscal)
        try:
            amount = _amount(tx, run, row, measure, year)
        except MissingRateError as missing:
            said = fiscal.year_in_words(missing.year)
            tally.refuse(row.row, row.currency, f"The plan of {said} has no rate for {missing.currency}.")
            continue
        group = found.setdefault((subject, measure, year), Group(subject, measure, year))
        group.rows.append(row)
        if month:
            group.months[month] = amount
        elif row.quarter:
            group.quarters[row.quarter] = amount
        else:
            group.whole = amount
    leads = {one.unit: one.person for one in units.memberships_of(tx) if one.leads and one.until is None}
    for group in found.values():
        kind, identifier = group.subject
        group.owner = identifier if kind == "person" else leads.get(identifier, identifier)
    return list(found.values())


def pieces(groups: Sequence[Group], size: int) -> Iterator[list[Group]]:
    """Some `size` of them together, and all of one owner in one piece, so that they are told of them at once."""
    piece: list[Group] = []
    for _, own in groupby(sorted(groups, key=lambda group: group.owner), key=lambda group: group.owner):
        piece += own
        if len(piece) >= size:
            yield piece
            piece = []
    if piece:
        yield piece


def apply(tx: Transaction, run: Run, groups: Sequence[Group]) -> Tally:
    """Set these targets; further versions where one holds."""
    tally = Tally()
    fiscal = FiscalCalendar(run.company.fiscal_year_start)
    news: list[tuple[str, str | None]] = []
    for group in groups:
        size = len(group.rows)
        standing = _standing(tx, group)
        if group.subject == ("person", run.by):
            for row in group.rows:
                tally.refuse(row.row, str(row.amount), OWN)
            continue
        try:
            wanted = _target(run, group, standing)
        except _Disagree as error:
            for row in group.rows:
                tally.refuse(row.row, str(row.amount), str(error))
            continue
        before = _snapshot(tx, group.subject)
        if not stored.put(tx, wanted, by=run.by, at=run.now, imported=run.id):
            tally.same += size
            continue
        after = _snapshot(tx, group.subject)
        imports.note_difference(tx, run.id, targets, before, after)
        if run.announces and group.year >= fiscal.year_of(run.today):
            (now,) = set(after) - set(before)
            news.append((now, next((row for row in before if before[row] != after[row]), None)))
        if standing is None:
            tally.made += size
        else:
            tally.changed += size
    if news:
        tally.facts.append(TargetsImported(tuple(news), run.by))
    return tally


class _Disagree(Exception):
    pass


def _subject(row: TargetRow, known: dict[str, units.Unit]) -> Subject | None:
    """A spreadsheet may list teams among the people."""
    if row.person is not None and row.person.key:
        return "person", row.person.key
    name = row.unit if row.person is None else row.person.written
    unit = known.get(" ".join(name.split()).casefold())
    return ("unit", unit.id) if unit else None


def _when(row: TargetRow, fiscal: FiscalCalendar) -> tuple[int, int]:
    """The fiscal year, and which of its months, from 1 (0: none). A quarter or year is the plan's, so fiscal."""
    if not row.month:
        return row.year, 0
    number = (row.month - fiscal.starts_in) % 12 + 1
    return (row.year if row.fiscal else fiscal.year_of(date(row.year, row.month, 1))), number


def _measures(company: Company) -> Words:
    """All that a target may count, by every word for it: the company's own kinds of activity too, one or several."""
    kinds = {kind: (f"{kind}s", *company.kinds.get(kind, ())) for kind in (*KINDS, *company.kinds)}
    return Words({**dict.fromkeys((*MONEY, "meetings_booked"), ()), **kinds})


def _amount(tx: Transaction, run: Run, row: TargetRow, measure: str, year: int) -> int:
    if measure not in MONEY:
        return int(row.amount)
    minor = to_minor(row.amount, row.currency)
    if row.currency == run.company.currency:
        return minor
    return rates.load(tx, run.company, [year]).converted(minor, row.currency, year)


def _standing(tx: Transaction, group: Group) -> Target | None:
    kind, identifier = group.subject
    return next(
        (one for one in stored.of_year(tx, group.year, group.measure) if getattr(one, kind) == identifier), None
    )


def _target(run: Run, group: Group, standing: Target | None) -> Target:
    kind, identifier = group.subject
    months = _months(group)
    if months is None:
        assert group.whole is not None
        amount, weights = group.whole, standing.weights if standing else None
    else:
        if len(months) < 12:
            months = {**_standing_months(run, group.year, standing), **months}
        amount = sum(months.values())
        if group.whole is not None and group.whole != amount:
            raise _Disagree("The year's target is not the sum of its parts in the file, so none of them was set.")
        weights = _weights([months.get(number, 0) for number in range(1, 13)])
    return Target(
        person=identifier if kind == "person" else None,
        unit=identifier if kind == "unit" else None,
        measure=group.measure,
        fiscal_year=group.year,
        amount=amount,
        weights=weights,
        ramped=standing.ramped if standing else False,
    )


def _months(group: Group) -> dict[int, int] | None:
    """By number in the fiscal year. A quarter spreads evenly; one whose months are there too must be their sum."""
    if not group.months and not group.quarters:
        return None
    months = dict(group.months)
    for quarter, amount in group.quarters.items():
        numbers = range(quarter * 3 - 2, quarter * 3 + 1)
        given = [number for number in numbers if number in group.months]
        if not given:
            months.update(zip(numbers, cut(amount, [1, 1, 1]), strict=True))
        elif sum(group.months[number] for number in given) != amount:
            raise _Disagree("A quarter's target is not the sum of its months in the file, so none of them was set.")
    return months


def _standing_months(run: Run, year: int, standing: Target | None) -> dict[int, int]:
    if standing is None:
        return {}
    span = FiscalCalendar(run.company.fiscal_year_start).year(year)
    weights = month_weights([Fraction(one) for one in standing.weights]) if standing.weights else EVEN
    return {
        months_between(span.first, first) + 1: amount
        for first, amount in month_targets(standing.amount, span, weights).items()
    }


def _weights(months: Sequence[int]) -> tuple[Decimal, ...] | None:
    """Each month's share of the year: exactly 1 together, and near enough that the months come out to the cent."""
    total = sum(months)
    if not total or list(months) == even_months(total):
        return None
    shares = [(Decimal(month) / total).quantize(_DIGITS) for month in months]
    largest = max(range(12), key=lambda at: months[at])
    shares[largest] += 1 - sum(shares)
    return tuple(shares)


def _snapshot(tx: Transaction, subject: Subject) -> dict[str, imports.Row]:
    kind, identifier = subject
    # In order: rolled back from the end, a new version ends before the old one holds again.
    rows = tx.execute(sa.select(targets).where(targets.c[kind] == identifier).order_by(targets.c.id))
    return {row.id: dict(row._mapping) for row in rows}
