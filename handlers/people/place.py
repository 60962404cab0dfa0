"""Where somebody stands on a day: role, unit, manager."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from handlers.figures.roster import Roster
from storage import staff, units
from storage.database import Transaction
from storage.units import Unit

SELLING_MANAGER = "selling manager"


@dataclass(frozen=True, slots=True)
class Place:
    """Ids of people, units as rows; since when, where that is known."""

    role: str
    """Empty where none was given."""
    role_since: date | None
    sells: Unit | None
    sells_since: date | None
    leads: tuple[Unit, ...]
    manager: str | None
    manager_since: date | None

    @property
    def kind(self) -> str:
        """The role, told apart by whether a manager sells too."""
        return SELLING_MANAGER if self.role == "manager" and self.sells is not None else self.role

    @property
    def units(self) -> tuple[Unit, ...]:
        """What is led, else what is sold in."""
        return self.leads or ((self.sells,) if self.sells else ())


def place_of(tx: Transaction, roster: Roster, person: str, day: date) -> Place:
    """As it holds on that day."""
    role, manager = staff.role_of(tx, person, day), staff.manager_of(tx, person, day)
    holding = [
        one
        for one in units.memberships_of(tx, persons=[person])
        if one.since <= day and (one.until is None or one.until > day)
    ]
    sells = next((one for one in holding if not one.leads), None)
    return Place(
        role.what if role else "",
        role.since if role else None,
        roster.unit(sells.unit) if sells else None,
        sells.since if sells else None,
        tuple(unit for one in holding if one.leads and (unit := roster.unit(one.unit))),
        manager.what if manager else None,
        manager.since if manager else None,
    )
