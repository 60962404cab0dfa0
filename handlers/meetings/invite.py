"""Who is meant by the names behind `with`: people, units, *my team*, *everyone*."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from handlers.conversation.access import Denied, UnitOf, may
from handlers.conversation.request import Request
from handlers.figures import roster as rosters
from handlers.figures.roster import several, unknown
from handlers.language.fold import folded
from storage import people, staff, units
from storage.database import Transaction
from storage.people import Person

_EVERYBODY: Final = frozenset(
    ("everyone", "everybody", "all", "all hands", "the company", "the whole company", "company")
)
_TEAM: Final = frozenset(("my team", "the team", "our team", "team", "us", "my unit", "the whole team"))
_MANAGER: Final = frozenset(("my manager", "my boss", "manager", "boss"))
_ME: Final = frozenset(("me", "myself", "i"))


@dataclass(frozen=True, slots=True)
class Guests:
    """Ids of people and of units."""

    persons: tuple[str, ...] = ()
    units: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.persons or self.units)


def guests(request: Request, tx: Transaction, names: Iterable[str], *, known: Guests | None = None) -> Guests | str:
    """Those meant, or the sentence that says which name is not understood. `known`: who was invited before and may stay
    whoever writes the list."""
    persons: dict[str, None] = {}
    chosen: dict[str, None] = {}
    roster = rosters.load(tx)
    for name in names:
        found = _meant(request, tx, name, roster)
        if isinstance(found, str):
            return found
        persons.update(dict.fromkeys(found.persons))
        chosen.update(dict.fromkeys(found.units))
    persons.pop(request.actor.person, None)
    already = known.units if known else ()
    for unit in chosen:
        if unit in already:
            continue
        mine = frozenset(one.unit for one in _memberships(request, tx))
        verdict = may(request.actor, "invite a unit", UnitOf(unit, mine))
        if isinstance(verdict, Denied):
            return verdict.sentence
    return Guests(tuple(persons), tuple(chosen))


def _meant(request: Request, tx: Transaction, name: str, roster: rosters.Roster) -> Guests | str:
    said, me, day = folded(" ".join(name.split())), request.actor.person, request.basis.now.date()
    if said in _ME:
        return Guests()
    if said in _EVERYBODY:
        top = tuple(unit.id for unit in roster.units if unit.parent is None)
        return Guests(units=top) if top else Guests(persons=tuple(one.id for one in roster.people if not one.left))
    if said in _TEAM:
        return _team(request, tx)
    if said in _MANAGER:
        above = tuple(people.managers_of(tx, me, day))
        return Guests(persons=above) if above else "I do not know who your manager is. Please write the name."
    found = roster.whose(name)
    here = [one for one in found if not (isinstance(one, Person) and one.left)]
    if not here and found:
        return f"{found[0].name} has left, so I cannot invite them."
    if not here:
        known = [one.name for one in roster.people if not one.left] + [unit.name for unit in roster.units]
        return unknown(name, known, "person or unit")
    if len(here) > 1:
        return several(name, here)
    one = here[0]
    return Guests(persons=(one.id,)) if isinstance(one, Person) else Guests(units=(one.id,))


def _team(request: Request, tx: Transaction) -> Guests | str:
    """The units that they lead, else who reports to them, else the unit that they sell in."""
    me, day = request.actor.person, request.basis.now.date()
    mine = _memberships(request, tx)
    leads = tuple(one.unit for one in mine if one.leads)
    if leads:
        return Guests(units=leads)
    if reports := staff.reports_of(tx, me, day):
        return Guests(persons=tuple(reports))
    sells = tuple(one.unit for one in mine)
    return Guests(units=sells) if sells else "I do not know your team. Please write the names."


def _memberships(request: Request, tx: Transaction) -> list[units.Membership]:
    day = request.basis.now.date()
    every = units.memberships_of(tx, persons=[request.actor.person])
    return [one for one in every if one.since <= day and (one.until is None or one.until > day)]
