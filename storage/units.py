"""The company as a tree of units, and who belongs to which and leads which, on a day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from storage.accounts import folded
from storage.database import Transaction
from storage.tables import absences, memberships, new_id, units

KINDS = ("company", "region", "team")


@dataclass(frozen=True, slots=True)
class Unit:
    """A team, a region or the company. `parent` is a unit's id; None for the top."""

    id: str
    name: str
    kind: str
    parent: str | None


@dataclass(frozen=True, slots=True)
class Membership:
    """From the first day to the day before the last; `until` None holds still."""

    unit: str
    person: str
    leads: bool
    since: date
    until: date | None


def everything(tx: Transaction) -> list[Unit]:
    """All units, by name."""
    rows = tx.execute(sa.select(units.c.id, units.c.name, units.c.kind, units.c.parent).order_by(units.c.name))
    return [Unit(*row) for row in rows]


def named(tx: Transaction, name: str) -> Unit | None:
    """The unit of exactly that name (folded)."""
    query = sa.select(units.c.id, units.c.name, units.c.kind, units.c.parent).where(units.c.key == folded(name))
    row = tx.execute(query).first()
    return None if row is None else Unit(*row)


def add(tx: Transaction, name: str, *, kind: str, parent: Unit | None, at: datetime) -> Unit:
    """The unit of that name, made if it is not there yet, and now under that parent.

    Raises ValueError for a parent that is the unit itself or below it.
    """
    existing = named(tx, name)
    if existing is None:
        unit = Unit(new_id(), " ".join(name.split()), kind, parent.id if parent else None)
        row = {"id": unit.id, "name": unit.name, "key": folded(name), "kind": kind, "parent": unit.parent}
        tx.execute(units.insert(), {**row, "created_at": at})
        return unit
    if parent is not None and parent.id in {existing.id, *below(everything(tx), existing.id)}:
        raise ValueError(f"{existing.name} cannot be under {parent.name}, which is a part of it.")
    changed = Unit(existing.id, existing.name, kind, parent.id if parent else existing.parent)
    if changed != existing:
        tx.execute(units.update().where(units.c.id == existing.id), {"kind": kind, "parent": changed.parent})
    return changed


def below(tree: Iterable[Unit], top: str) -> list[str]:
    """Ids of the units under that one, the nearest first."""
    listed = list(tree)
    found: list[str] = []
    level = [top]
    while level:
        level = [unit.id for unit in listed if unit.parent in level and unit.id not in found]
        found += level
    return found


def memberships_of(tx: Transaction, *, persons: Iterable[str] | None = None) -> list[Membership]:
    """Every membership and lead, past ones too; of some people, or of everybody."""
    columns = (
        memberships.c.unit,
        memberships.c.person,
        memberships.c.leads,
        memberships.c.valid_from,
        memberships.c.valid_to,
    )
    query = sa.select(*columns).order_by(memberships.c.valid_from, memberships.c.id)
    if persons is not None:
        query = query.where(memberships.c.person.in_(list(persons)))
    return [Membership(*row) for row in tx.execute(query)]


def join(tx: Transaction, unit: Unit, person: str, *, since: date, leads: bool = False) -> None:
    """From that day the person sells in the unit (and nowhere else), or leads it. Earlier days keep what stood."""
    holds = (
        memberships.c.person == person,
        memberships.c.leads == leads,
        sa.or_(memberships.c.valid_to.is_(None), memberships.c.valid_to > since),
    )
    same = sa.select(memberships.c.id).where(*holds, memberships.c.unit == unit.id, memberships.c.valid_from <= since)
    if tx.execute(same).first() is not None:
        return
    if not leads:
        tx.execute(memberships.delete().where(*holds, memberships.c.valid_from >= since))
        tx.execute(memberships.update().where(*holds).values(valid_to=since))
    row = {"id": new_id(), "unit": unit.id, "person": person, "leads": leads, "valid_from": since}
    tx.execute(memberships.insert(), row)


def lead(tx: Transaction, units_led: Iterable[Unit], person: str, *, since: date) -> None:
    """From that day the person leads these units and no others."""
    of = (memberships.c.person == person, memberships.c.leads)
    living = sa.or_(memberships.c.valid_to.is_(None), memberships.c.valid_to > since)
    wanted = list(units_led)
    others = memberships.c.unit.not_in([unit.id for unit in wanted])
    tx.execute(memberships.delete().where(*of, others, living, memberships.c.valid_from >= since))
    tx.execute(memberships.update().where(*of, others, living).values(valid_to=since))
    for unit in wanted:
        join(tx, unit, person, since=since, leads=True)


def sell_nowhere(tx: Transaction, person: str, *, since: date) -> None:
    """From that day the person sells in no unit."""
    of = (memberships.c.person == person, memberships.c.leads.is_(False))
    living = sa.or_(memberships.c.valid_to.is_(None), memberships.c.valid_to > since)
    tx.execute(memberships.delete().where(*of, living, memberships.c.valid_from >= since))
    tx.execute(memberships.update().where(*of, living).values(valid_to=since))


def leave(tx: Transaction, person: str, *, on: date) -> None:
    """From that day the person belongs to no unit and leads none."""
    holds = (memberships.c.person == person, sa.or_(memberships.c.valid_to.is_(None), memberships.c.valid_to > on))
    tx.execute(memberships.delete().where(*holds, memberships.c.valid_from >= on))
    tx.execute(memberships.update().where(*holds).values(valid_to=on))


def absences_of(tx: Transaction, persons: Iterable[str]) -> dict[str, list[tuple[date, date]]]:
    """First and last day of each absence, by person."""
    query = (
        sa.select(absences.c.person, absences.c.first, absences.c.last)
        .where(absences.c.person.in_(list(persons)), absences.c.cancelled_at.is_(None))
        .order_by(absences.c.first)
    )
    found: dict[str, list[tuple[date, date]]] = {}
    for person, first, last in tx.execute(query):
        found.setdefault(person, []).append((first, last))
    return found
