"""Who takes part in a meeting, and who may do what with it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from handlers.conversation.access import AgendaItemOf, Denied, MeetingOf, may
from handlers.conversation.errors import NotAllowed
from handlers.conversation.request import Request
from handlers.meetings.model import Meeting
from storage import meetings, people, staff, units
from storage.database import Transaction
from storage.meetings import Invited


def invited(tx: Transaction, meeting: str) -> Invited:
    """Who is invited besides its organiser."""
    return meetings.invited(tx, [meeting]).get(meeting, Invited())


def members_of(tx: Transaction, chosen: Collection[str], day: date) -> list[str]:
    """Who belongs to these units, or to one below them, on that day."""
    if not chosen:
        return []
    tree = units.everything(tx)
    wanted = {*chosen, *(one for unit in chosen for one in units.below(tree, unit))}
    return meetings.members(tx, wanted, day)


def participants(tx: Transaction, meeting: Meeting, day: date, asked: Invited | None = None) -> list[str]:
    """Its organiser, then who is invited by name, then the units' members on that day; without who has left."""
    asked = asked or invited(tx, meeting.id)
    named = [meeting.organiser, *asked.persons]
    here = set(meetings.still_here(tx, named))
    found = [one for one in named if one in here] + members_of(tx, asked.units, day)
    return list(dict.fromkeys(found))


def units_of(tx: Transaction, person: str, day: date) -> set[str]:
    """The units that they sell in or lead on that day, and those above these."""
    parents = {unit.id: unit.parent for unit in units.everything(tx)}
    found: set[str] = set()
    for one in units.memberships_of(tx, persons=[person]):
        if one.since <= day and (one.until is None or one.until > day):
            unit: str | None = one.unit
            while unit is not None and unit not in found:
                found.add(unit)
                unit = parents.get(unit)
    return found


def subject(tx: Transaction, meeting: Meeting, day: date) -> MeetingOf:
    """What matters about it for who may do what."""
    asked = invited(tx, meeting.id)
    there = participants(tx, meeting, day, asked)
    organiser = people.person(tx, meeting.organiser)
    return MeetingOf(
        organiser=meeting.organiser,
        takes_part=frozenset(there),
        above=_above(tx, [meeting.organiser, *there], asked.units, day),
        orphaned=organiser is None or organiser.left,
    )


def _above(tx: Transaction, persons: Iterable[str], chosen: Collection[str], day: date) -> frozenset[str]:
    """Everybody who manages one of these people, however far up, and who leads one of these units or one above."""
    manager_of = staff.managers(tx, day)
    found: set[str] = set()
    for one in persons:
        above = manager_of.get(one)
        while above is not None and above not in found:
            found.add(above)
            above = manager_of.get(above)
    parents = {unit.id: unit.parent for unit in units.everything(tx)} if chosen else {}
    over: set[str] = set()
    for unit in chosen:
        up: str | None = unit
        while up is not None and up not in over:
            over.add(up)
            up = parents.get(up)
    found.update(meetings.leaders(tx, over, day))
    return frozenset(found)


def check(request: Request, tx: Transaction, meeting: Meeting, action: str) -> None:
    """Raises NotAllowed with the rule's sentence."""
    verdict = may(request.actor, action, subject(tx, meeting, request.basis.now.date()))
    if isinstance(verdict, Denied):
        raise NotAllowed(reason=verdict.sentence)


def check_item(request: Request, tx: Transaction, meeting: Meeting, author: str) -> None:
    """Raises NotAllowed for who may not take that author's point off the meeting's agenda."""
    of = AgendaItemOf(subject(tx, meeting, request.basis.now.date()), author)
    verdict = may(request.actor, "take off an agenda", of)
    if isinstance(verdict, Denied):
        raise NotAllowed(reason=verdict.sentence)
