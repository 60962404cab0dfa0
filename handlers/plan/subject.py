"""Whose target: a person or a unit, whose own it is, who is above, and who may see or set it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from handlers.conversation.access import Denied, TargetOf, may
from handlers.conversation.errors import NotAllowed
from handlers.conversation.request import Request
from handlers.figures.chain import above
from handlers.figures.roster import Roster, several, unknown
from handlers.plan.errors import NotKnown
from storage import units
from storage.database import Transaction
from storage.people import Person
from storage.units import Unit


@dataclass(frozen=True, slots=True)
class Whose:
    """A person or a unit, exactly one of them."""

    name: str
    person: str | None = None
    unit: str | None = None

    @property
    def data(self) -> dict[str, str | None]:
        """As it is kept under a token."""
        return {"person": self.person, "unit": self.unit}


def of(found: Person | Unit) -> Whose:
    """The row as a bearer of targets."""
    return Whose(found.name, unit=found.id) if isinstance(found, Unit) else Whose(found.name, person=found.id)


def from_data(roster: Roster, data: dict[str, str | None]) -> Whose:
    """What was kept under a token. Raises NotKnown for a row that is gone."""
    found = roster.person(data.get("person")) or roster.unit(data.get("unit"))
    if found is None:
        raise NotKnown(sentence="Whose target that was is no longer in the rows.")
    return of(found)


def named(roster: Roster, words: str) -> Whose | str:
    """Who is called so, or the sentence that says why that is nobody or several."""
    found = [one for one in roster.whose(words) if isinstance(one, Unit) or (one.imported and not one.left)]
    if len(found) == 1:
        return of(found[0])
    names = [*(one.name for one in roster.people if one.imported), *(one.name for one in roster.units)]
    return several(words, found) if found else unknown(words, names, "person or unit")


def owners(tx: Transaction, whose: Whose, day: date) -> list[str]:
    """Whose own target it is: the person, or who leads the unit."""
    if whose.person:
        return [whose.person]
    return [
        one.person
        for one in units.memberships_of(tx)
        if one.unit == whose.unit and one.leads and one.since <= day and (one.until is None or one.until > day)
    ]


def target_of(tx: Transaction, whose: Whose, day: date) -> TargetOf:
    """The target, as `may` asks of it."""
    if whose.person:
        return TargetOf(frozenset({whose.person}), above(tx, whose.person, day))
    tree = {unit.id: unit for unit in units.everything(tx)}
    higher: set[str] = set()
    parent = tree[whose.unit].parent if whose.unit in tree else None
    while parent is not None and parent in tree and parent not in higher:
        higher.add(parent)
        parent = tree[parent].parent
    leads = [
        one
        for one in units.memberships_of(tx)
        if one.leads and one.since <= day and (one.until is None or one.until > day)
    ]
    return TargetOf(
        frozenset(one.person for one in leads if one.unit == whose.unit),
        frozenset(one.person for one in leads if one.unit in higher),
    )


def may_set(request: Request, tx: Transaction, whose: Whose) -> bool:
    """Whether this person sets and adjusts that target."""
    of_target = target_of(tx, whose, request.basis.now.date())
    return not isinstance(may(request.actor, "set a target", of_target), Denied)


def check(request: Request, tx: Transaction, whose: Whose) -> None:
    """Raises NotAllowed for who may not set it."""
    verdict = may(request.actor, "set a target", target_of(tx, whose, request.basis.now.date()))
    if isinstance(verdict, Denied):
        raise NotAllowed(reason=verdict.sentence)
