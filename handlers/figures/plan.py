"""The plan as the rows hold it, put together for the sums: who is where, who carries what, month by month."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property, lru_cache

from handlers.conversation.company import Company
from handlers.figures.belonging import belongs_to
from handlers.numbers.periods import FiscalCalendar
from handlers.numbers.ramp import RAMP, Carrier
from handlers.numbers.spans import Span
from handlers.numbers.targets import EVEN, Adjustment, month_targets, month_weights, over
from handlers.numbers.units import Membership, by_unit, unit_targets
from handlers.numbers.units import Unit as SummedUnit
from handlers.numbers.working_days import WorkCalendar
from storage import own, people, targets
from storage import units as unit_rows
from storage.database import Transaction
from storage.units import Unit

DAY = timedelta(days=1)
MONEY = ("bookings", "revenue", "margin", "pipeline_created", "overlay")
"""Measures that are counted in the plan's currency; all others are counts."""

# Everybody's months are asked for with every question about a unit, and change only with the plan.
_month_targets = lru_cache(maxsize=8192)(month_targets)


@dataclass(frozen=True, slots=True)
class Seller:
    """A person as the sums need them."""

    id: str
    name: str
    calendar: WorkCalendar
    leave: tuple[Span, ...]
    member_of: tuple[Membership, ...]
    leads: tuple[Membership, ...]
    ramp: tuple[Fraction, ...] = RAMP

    def carrier(self, *, ramped: bool) -> Carrier:
        """From their first day in a unit to their last; whoever is in none carries all year."""
        if not self.member_of:
            return Carrier()
        ends = [one.last for one in self.member_of]
        left = None if None in ends else max(end for end in ends if end is not None)
        return Carrier(min(one.first for one in self.member_of), left, self.ramp if ramped else ())


@dataclass(frozen=True)
class Plan:
    """One measure over the fiscal years of a span."""

    measure: str
    years: tuple[Span, ...]
    calendar: WorkCalendar
    """The company's, which units are counted by."""
    sellers: Mapping[str, Seller]
    units: Mapping[str, Unit]
    set_for: tuple[targets.Target, ...]
    adjusted: tuple[targets.Adjustment, ...]
    fiscal: FiscalCalendar = field(default_factory=FiscalCalendar)

    def person_months(self, person: str) -> dict[date, int]:
        """Their month targets; none where no target was set."""
        return self._person_months.get(person, {})

    def person_targets(self, sellers: Iterable[Seller], span: Span) -> list[int | None]:
        """The target of the span of each, None where there is none: `over`, for many at a time."""
        everybodys = self._person_months
        whole = span.first <= self.years[0].first and self.years[-1].last <= span.last
        months = [piece.first for piece, _ in span.by_month()] if span.whole_months else []
        found: list[int | None] = []
        for seller in sellers:
            theirs = everybodys.get(seller.id)
            if not theirs:
                found.append(None)
            elif whole:
                found.append(sum(theirs.values()))
            elif months:
                known = [theirs[first] for first in months if first in theirs]
                found.append(sum(known) if known else None)
            else:
                found.append(over(theirs, span, seller.calendar, self.carrier(seller)))
        return found

    def unit_months(self, unit: str) -> dict[date, int]:
        """A unit's month targets: its own, else what its children and direct members carry (GLOSSARY)."""
        return unit_targets(self._summed(unit))

    def own_months(self, unit: str) -> dict[date, int]:
        """The month targets that were set for the unit itself."""
        return self._months(unit=unit)

    def carrier(self, seller: Seller) -> Carrier:
        """From when to when they carry."""
        found = self._carriers.get(seller.id)
        if found is None:
            found = self._carriers[seller.id] = seller.carrier(ramped=False)
        return found

    @cached_property
    def _carriers(self) -> dict[str, Carrier]:
        return {}

    def carriers(self) -> set[str]:
        """Everybody for whom a target of this measure was set."""
        return set(self._person_months)

    def sellers_in(self, unit: str, span: Span) -> list[Seller]:
        """Who was a member of the unit, or of one below it, on any day of the span; by name."""
        inside, first, last = self.inside(unit), span.first, span.last
        found = []
        for seller in self._by_name:
            # As `Membership.meets` has it; a board goes through everybody.
            for one in seller.member_of:
                if one.unit in inside and one.first <= last and (one.last is None or one.last >= first):
                    found.append(seller)
                    break
        return found

    @cached_property
    def _by_name(self) -> list[Seller]:
        return sorted(self.sellers.values(), key=lambda seller: seller.name)

    def was_in(self, seller: str, unit: str, day: date) -> bool:
        """Whether they were a member of the unit, or of one below it, on that day."""
        inside = self.inside(unit)
        known = self.sellers.get(seller)
        return known is not None and any(one.unit in inside and one.holds(day) for one in known.member_of)

    def was_in_all_of(self, seller: str, unit: str, span: Span) -> bool:
        """Whether they were a member of the unit, or of one below it, on each day of the span."""
        inside = self.inside(unit)
        known = self.sellers.get(seller)
        if known is None:
            return False
        day = span.first
        for one in known.member_of:
            if one.unit in inside and one.holds(day):
                if one.last is None or one.last >= span.last:
                    return True
                day = one.last + DAY
        return False

    def was_there(self, seller: str, unit: str, span: Span) -> bool:
        """Whether they were a member of the unit, or of one below it, on any day of the span."""
        inside = self.inside(unit)
        known = self.sellers.get(seller)
        return known is not None and any(one.unit in inside and one.meets(span) for one in known.member_of)

    def inside(self, unit: str) -> frozenset[str]:
        """The unit's id and those of all units below it."""
        found = self._inside.get(unit)
        if found is None:
            found = self._inside[unit] = frozenset((unit, *unit_rows.below(self.units.values(), unit)))
        return found

    def children(self, unit: str) -> list[Unit]:
        """The units right below it, by name."""
        return sorted((one for one in self.units.values() if one.parent == unit), key=lambda one: one.name)

    @cached_property
    def _inside(self) -> dict[str, frozenset[str]]:
        return {}

    def with_above(self, unit: str) -> list[str]:
        """The unit's id and those above it, the nearest first."""
        found: list[str] = []
        at: str | None = unit
        while at is not None and at not in found and at in self.units:
            found.append(at)
            at = self.units[at].parent
        return found

    def unit_of(self, person: str, day: date) -> Unit | None:
        """The unit that they sell in."""
        known = self.sellers.get(person)
        found = next((one.unit for one in known.member_of if one.holds(day)), None) if known else None
        return self.units.get(found) if found else None

    def led_by(self, person: str, day: date) -> list[Unit]:
        """The units that they lead, the widest first."""
        known = self.sellers.get(person)
        led = [self.units[one.unit] for one in known.leads if one.holds(day)] if known else []
        return sorted(led, key=lambda unit: unit_rows.KINDS.index(unit.kind))

    @cached_property
    def _person_months(self) -> dict[str, dict[date, int]]:
        return {one: self._months(person=one) for one in {target.person for target in self.set_for} if one is not None}

    @cached_property
    def _set_for(self) -> dict[tuple[str | None, str | None], list[targets.Target]]:
        found: dict[tuple[str | None, str | None], list[targets.Target]] = {}
        for target in self.set_for:
            found.setdefault((target.person, target.unit), []).append(target)
        return found

    @cached_property
    def _adjusted(self) -> dict[tuple[str | None, str | None, int], tuple[Adjustment, ...]]:
        found: dict[tuple[str | None, str | None, int], tuple[Adjustment, ...]] = {}
        for one in self.adjusted:
            key = (one.person, one.unit, one.fiscal_year)
            found[key] = (*found.get(key, ()), Adjustment(one.amount, one.from_month))
        return found

    def _months(self, *, person: str | None = None, unit: str | None = None) -> dict[date, int]:
        months: dict[date, int] = {}
        seller = self.sellers.get(person) if person else None
        calendar = seller.calendar if seller else self.calendar
        for target in self._set_for.get((person, unit), ()):
            weights = month_weights([Fraction(one) for one in target.weights]) if target.weights else EVEN
            carrier = seller.carrier(ramped=target.ramped) if seller else Carrier()
            year = self.fiscal.year(target.fiscal_year)
            changes = self._adjusted.get((person, unit, target.fiscal_year), ())
            months |= _month_targets(target.amount, year, weights, carrier, changes, calendar)
        return months

    def _summed(self, unit: str) -> SummedUnit:
        return SummedUnit(
            self.units[unit].name,
            self._months(unit=unit),
            self._members.get(unit, ()),
            [self._summed(child.id) for child in self.units.values() if child.parent == unit],
        )

    @cached_property
    def _members(self) -> dict[str, list[dict[date, int]]]:
        """By unit, what each direct member's targets count for there."""
        found: dict[str, list[dict[date, int]]] = {}
        for person, months in self._person_months.items():
            seller = self.sellers.get(person)
            if seller is None or not seller.member_of:
                continue
            parts = by_unit(months, seller.member_of, seller.carrier(ramped=False), seller.calendar)
            for unit, part in parts.items():
                if unit is not None:
                    found.setdefault(unit, []).append(part)
        return found


def load(
    tx: Transaction, company: Company, span: Span, *, measure: str = "bookings", persons: Collection[str] | None = None
) -> Plan:
    """What the rows say of the fiscal years that the span touches; of some persons alone, where they are named."""
    fiscal = FiscalCalendar(company.fiscal_year_start)
    numbers = range(fiscal.year_of(span.first), fiscal.year_of(span.last) + 1)
    known = [one for one in people.everybody(tx, leavers=True) if persons is None or one.id in persons]
    ids = [one.id for one in known]
    absent = _absent(tx, ids)
    belongs: dict[str, list[unit_rows.Membership]] = {}
    for membership in unit_rows.memberships_of(tx, persons=persons):
        belongs.setdefault(membership.person, []).append(membership)
    wanted = None if persons is None else set(persons)
    tree = {unit.id: unit for unit in unit_rows.everything(tx)}
    return Plan(
        measure=measure,
        years=tuple(fiscal.year(number) for number in numbers),
        calendar=WorkCalendar(company.country, company.subdivision),
        sellers={
            one.id: Seller(
                one.id,
                one.name,
                WorkCalendar(
                    one.country or company.country, one.subdivision or ("" if one.country else company.subdivision)
                ),
                tuple(absent.get(one.id, ())),
                *_places(belongs.get(one.id, ()), tree),
                tuple(Fraction(share, 100) for share in company.ramp),
            )
            for one in known
        },
        units=tree,
        set_for=tuple(
            target
            for number in numbers
            for target in targets.of_year(tx, number, measure)
            if wanted is None or target.person in wanted
        ),
        adjusted=tuple(one for number in numbers for one in targets.adjustments_of_year(tx, number, measure)),
        fiscal=fiscal,
    )


def load_own(tx: Transaction, company: Company, span: Span, person: str, *, measure: str = "bookings") -> Plan | None:
    """The same of one person alone, as quickly as can be; None for nobody's id. No unit's targets are in it."""
    found = own.of(tx, person)
    if found is None:
        return None
    fiscal = FiscalCalendar(company.fiscal_year_start)
    numbers = range(fiscal.year_of(span.first), fiscal.year_of(span.last) + 1)
    tree = {unit.id: unit for unit in found.units}
    seller = Seller(
        person,
        found.name,
        WorkCalendar(
            found.country or company.country, found.subdivision or ("" if found.country else company.subdivision)
        ),
        tuple(Span(first, last) for first, last in found.absences),
        *_places(found.memberships, tree),
        tuple(Fraction(share, 100) for share in company.ramp),
    )
    held = [targets.of_person(tx, person, number, measure) for number in numbers]
    return Plan(
        measure=measure,
        years=tuple(fiscal.year(number) for number in numbers),
        calendar=WorkCalendar(company.country, company.subdivision),
        sellers={person: seller},
        units=tree,
        set_for=tuple(one for of_year, _ in held for one in of_year),
        adjusted=tuple(one for _, of_year in held for one in of_year),
        fiscal=fiscal,
    )


def _absent(tx: Transaction, ids: Collection[str]) -> dict[str, list[Span]]:
    """Leave, by person."""
    return {
        person: [Span(first, last) for first, last in days] for person, days in unit_rows.absences_of(tx, ids).items()
    }


def _places(
    belongs: Sequence[unit_rows.Membership], tree: Mapping[str, Unit]
) -> tuple[tuple[Membership, ...], tuple[Membership, ...]]:
    """What they are a member of, and what they lead."""
    leads = tuple(_dated(belongs, leads=True))
    return belongs_to(tuple(_dated(belongs, leads=False)), leads, tree), leads


def _dated(belongs: Iterable[unit_rows.Membership], *, leads: bool) -> Iterable[Membership]:
    for one in belongs:
        last = one.until - DAY if one.until else None
        if one.leads == leads and (last is None or last >= one.since):
            yield Membership(one.unit, one.since, last)
