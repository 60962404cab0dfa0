"""Who stands above a person: their managers, and theirs, and those who lead a unit that the person is in."""

from __future__ import annotations

from datetime import date

from storage import people, units
from storage.database import Transaction
from storage.units import Membership


def above(tx: Transaction, person: str, day: date) -> frozenset[str]:
    """Ids of all of them on that day, without the person."""
    found: set[str] = set()
    level = {person}
    while level:
        level = {manager for one in level for manager in people.managers_of(tx, one, day)} - found - {person}
        found |= level
    tree = {unit.id: unit for unit in units.everything(tx)}
    every = [one for one in units.memberships_of(tx) if _holds(one, day)] if tree else []
    own = {one.unit for one in every if one.person == person}
    while missing := {tree[unit].parent for unit in own if unit in tree} - own - {None}:
        own |= {unit for unit in missing if unit is not None}
    found |= {one.person for one in every if one.leads and one.unit in own}
    return frozenset(found - {person})


def _holds(membership: Membership, day: date) -> bool:
    return membership.since <= day and (membership.until is None or membership.until > day)
