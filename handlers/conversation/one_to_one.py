"""A manager and somebody who reports to them today, and what the two want to talk about: check-ins and meetings show
the same agenda."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from handlers.conversation.buttons import Issuer
from handlers.conversation.wording import Days
from storage import checkins, one_to_ones, people
from storage.database import Transaction
from storage.people import Person

NAME: Final = "one-to-one"
issuer: Final = Issuer(NAME, frozenset({"add", "write", "make action", "edit note"}))
LONGEST: Final = 500
"""Characters of a point of the agenda."""
MOST: Final = 30
"""Points that wait at the same time."""


@dataclass(frozen=True, slots=True)
class Pair:
    """`person` reports to `manager` today."""

    manager: Person
    person: Person

    def other(self, one: str) -> Person:
        """The one of the two who is not that one."""
        return self.person if one == self.manager.id else self.manager

    @property
    def data(self) -> dict[str, str]:
        """For a button's token."""
        return {"manager": self.manager.id, "person": self.person.id}


@dataclass(frozen=True, slots=True)
class Line:
    """Something to talk about: a point of the agenda, or a check-in that the manager keeps for it."""

    id: str
    """Of the point, or of the check-in."""
    text: str
    author: str
    flagged: bool = False


def between(tx: Transaction, one: str, other: str, day: date) -> Pair | None:
    """The two, whoever of them is the manager on that day; None where neither is."""
    for manager, person in ((one, other), (other, one)):
        if manager in people.managers_of(tx, person, day):
            found = people.person(tx, manager), people.person(tx, person)
            if found[0] is not None and found[1] is not None:
                return Pair(found[0], found[1])
    return None


def agenda(tx: Transaction, pair: Pair, days: Days) -> list[Line]:
    """What they have not talked about: what the manager keeps of check-ins first, then each one's points."""
    found = []
    for remark, _ in checkins.flagged(tx, pair.manager.id, [pair.person.id]):
        of = checkins.get(tx, remark.checkin)
        name = f"check-in of {days.on(of.day)}" if of is not None else "check-in"
        text = f"{remark.text} ({name})" if remark.text else f"The {name}"
        found.append(Line(remark.checkin, text, remark.author, flagged=True))
    return found + [
        Line(one.id, one.text, one.author) for one in one_to_ones.points(tx, pair.manager.id, pair.person.id)
    ]
