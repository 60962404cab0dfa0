"""A unit's tree: how the units right below it and the people in them stand, with few queries however many they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from handlers.conversation.company import Company
from handlers.figures import credited
from handlers.figures.plan import Plan, Seller
from handlers.figures.standing import Subject, limits_of
from handlers.numbers.spans import Span
from handlers.numbers.status import Status, status
from storage.database import Transaction


@dataclass(frozen=True, slots=True)
class Line:
    """Somebody or a unit in the tree; `depth` 0 is right below the top."""

    subject: Subject
    status: Status
    depth: int

    @property
    def short(self) -> int:
        """Minor units less than expected by now; negative for who has more."""
        return (self.status.expected or 0) - self.status.credited


@dataclass(frozen=True, slots=True)
class Tree:
    """At most as many lines as were asked for, and how many were left out for that."""

    lines: tuple[Line, ...]
    left_out: int = 0


def below(tx: Transaction, company: Company, plan: Plan, unit: str, span: Span, today: date, most: int) -> Tree:
    """The units right below, each followed by those who sell in it or below it, and who sells in the unit itself; who
    is furthest behind comes first. Where that is too much, only the units; `today` is the company's."""
    parts = plan.children(unit)
    if not parts:
        return _cut(people(tx, company, plan, plan.sellers_in(unit, span), span, today), most)
    units = _worst_first(
        Line(Subject(one.name, unit=one.id), _of_unit(tx, company, plan, one.id, span, today), 0) for one in parts
    )
    there = {line.subject.unit or "": plan.sellers_in(line.subject.unit or "", span) for line in units}
    inside = {one.id for sellers in there.values() for one in sellers}
    direct = [one for one in plan.sellers_in(unit, span) if one.id not in inside]
    if len(units) + len(inside) + len(direct) > most:
        return _cut(units, most)
    everybody = {one.id: one for sellers in (*there.values(), direct) for one in sellers}
    # Whoever has moved from one to another within the span stands in both, with all of their own number.
    standing = {line.subject.person: line for line in people(tx, company, plan, everybody.values(), span, today)}
    lines: list[Line] = []
    for line in units:
        lines.append(line)
        mine = {one.id for one in there[line.subject.unit or ""]}
        lines += [Line(one.subject, one.status, 1) for person, one in standing.items() if person in mine]
    lines += [standing[one.id] for one in direct if one.id in standing]
    return _cut(lines, most)


def people(
    tx: Transaction, company: Company, plan: Plan, sellers: Iterable[Seller], span: Span, today: date
) -> list[Line]:
    """Those of them who carry a target or have a credit, furthest behind first."""
    known = list(sellers)
    won = credited.by_person(tx, company, plan, span, {one.id for one in known})
    limits = limits_of(company)
    found = []
    for one in known:
        months = plan.person_months(one.id)
        if not months and not won.get(one.id):
            continue
        carrier = one.carrier(ramped=False)
        stands = status(won.get(one.id, 0), months, span, today, one.calendar, one.leave, limits, carrier)
        if stands.target is not None or stands.credited:
            found.append(Line(Subject(one.name, person=one.id), stands, 0))
    return _worst_first(found)


def _of_unit(tx: Transaction, company: Company, plan: Plan, unit: str, span: Span, today: date) -> Status:
    won = credited.in_unit(tx, company, plan, unit, span)
    return status(won, plan.unit_months(unit), span, today, plan.calendar, (), limits_of(company))


def _worst_first(lines: Iterable[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: (-line.short, line.subject.name))


def _cut(lines: list[Line], most: int) -> Tree:
    return Tree(tuple(lines[:most]), max(len(lines) - most, 0))
