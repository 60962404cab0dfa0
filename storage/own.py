"""What one person's own figures need of the plan, read at the driver's own speed: it is asked many times a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from storage.database import Transaction
from storage.statement import Statement
from storage.tables import absences, memberships, people, units
from storage.units import Membership, Unit

_person = Statement(
    sa.select(people.c.name, people.c.country, people.c.subdivision).where(people.c.id == sa.bindparam("person"))
)
_memberships = Statement(
    sa.select(
        memberships.c.unit, memberships.c.person, memberships.c.leads, memberships.c.valid_from, memberships.c.valid_to
    )
    .where(memberships.c.person == sa.bindparam("person"))
    .order_by(memberships.c.valid_from, memberships.c.id)
)
_absences = Statement(
    sa.select(absences.c.first, absences.c.last)
    .where(absences.c.person == sa.bindparam("person"), absences.c.cancelled_at.is_(None))
    .order_by(absences.c.first)
)
_units = Statement(sa.select(units.c.id, units.c.name, units.c.kind, units.c.parent).order_by(units.c.name))
_names = Statement(sa.select(people.c.name).union_all(sa.select(units.c.name)))


@dataclass(frozen=True, slots=True)
class Own:
    """One person, all their memberships, their leave, and the tree of units."""

    name: str
    country: str
    subdivision: str
    memberships: tuple[Membership, ...]
    absences: tuple[tuple[date, date], ...]
    units: tuple[Unit, ...]


def of(tx: Transaction, person: str) -> Own | None:
    """None for nobody's id."""
    row: Any = _person.first(tx, person=person)
    if row is None:
        return None
    return Own(
        row[0],
        row[1] or "",
        row[2] or "",
        tuple(
            Membership(unit, who, bool(leads), *days)
            for unit, who, leads, *days in _memberships.rows(tx, person=person)
        ),
        tuple((first, last) for first, last in _absences.rows(tx, person=person)),
        _tree(tuple(map(tuple, _units.rows(tx)))),
    )


# The same until a unit is made or moved.
@lru_cache(maxsize=4)
def _tree(rows: tuple[tuple[Any, ...], ...]) -> tuple[Unit, ...]:
    return tuple(Unit(*row) for row in rows)


def names(tx: Transaction) -> tuple[str, ...]:
    """The names of everybody and of all units."""
    return tuple(row[0] for row in _names.rows(tx))
