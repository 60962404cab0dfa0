"""A check-in whose manager changed before they were told of it: nobody reads it, and its author hears so, with a button
that gives it to the manager of today. It is never handed on by itself: it is private until it is shared."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from handlers.checkins import begin, given, sheet, wording
from handlers.checkins.buttons import issuer
from handlers.checkins.errors import NothingToShare
from handlers.checkins.prompts import nothing
from handlers.checkins.sheet import GRACE
from handlers.conversation.company import Company
from handlers.conversation.reply import Buttons, Part, Reply, Text
from handlers.conversation.request import Message, Outcome, Request
from handlers.reach.topic import Topic
from handlers.reach.whereabouts import whereabouts
from storage import checkins, notices, people, reach
from storage.checkins import Checkin
from storage.database import Transaction
from storage.notices import Notice

NAME: Final = "check-in astray"
LOOKED_BACK: Final = timedelta(days=35)


def due(tx: Transaction, company: Company, now: datetime) -> list[Message]:
    """Whoever's check-in nobody will be told of is told so, at their next open hour."""
    today = now.astimezone(ZoneInfo(company.zone)).date()
    lost = checkins.astray(tx, today, since=now - LOOKED_BACK, before=now - GRACE)
    tell(tx, [one for one in lost if _has_gone(tx, company, one, now)], at=now)
    return []


def _has_gone(tx: Transaction, company: Company, one: Checkin, now: datetime) -> bool:
    """Whether the day of the change has come where its author is, too: until then somebody reads it."""
    zone, _ = whereabouts(reach.place_of(tx, one.person) or reach.Place("", "", ""), company)
    return one.manager not in people.managers_of(tx, one.person, now.astimezone(zone).date())


def tell(tx: Transaction, lost: Sequence[Checkin], *, at: datetime) -> None:
    """Its author hears of each, once for each manager whom it did not reach."""
    wanted = [
        notices.Wanted(
            topic=NAME, person=one.person, slot=str(one.manager), subject=one.id, due_at=at, until=at + given.WORTH
        )
        for one in lost
    ]
    notices.plan(tx, wanted, at=at)


def compose(request: Request, tx: Transaction, notice: Notice) -> Reply | None:
    """Nothing where somebody reads it after all."""
    found = checkins.get(tx, notice.subject)
    if found is None or found.submitted_at is None or found.told_at is not None or found.manager is None:
        return nothing(request, tx, notice, "was read, or taken back")
    manager = begin.manager_of(request, tx, found.person)
    if manager is not None and begin.is_read_by(tx, found, manager.id):
        return nothing(request, tx, notice, "is with the manager of today")
    of, former = sheet.load(tx, found), people.person(tx, found.manager)
    name = former.name if former is not None else "Your manager of then"
    lead = f"Your check-in of {wording.of_day(request, of)} reached nobody."
    why = f"{name} stopped being your manager before they were told of it. Only you can see it."
    why += "" if manager is not None else " The plan names no manager of yours now."
    wanted = given.to_hand_on(request, tx, found)
    wanted.append(("Open it", "mine", {"checkin": found.id}))
    buttons = issuer.lasting(msgspec.structs.replace(request, listing=True), tx, wanted)
    parts: list[Part] = [Text(lead, style="strong"), Text(why), Buttons(tuple(buttons))]
    return Reply(f"{lead} {why}", tuple(parts))


def hand_on(request: Request, tx: Transaction) -> Outcome:
    """*Give it to …*: as if it were given now, with five minutes to take it back. Raises NothingToShare."""
    of = sheet.mine(request, tx, str(request.data["checkin"]))
    checkin, manager = of.checkin, begin.manager_of(request, tx, of.checkin.person)
    if checkin.submitted_at is None and manager is not None:
        is_theirs = manager.id == request.data["person"]
        return given.give(request, tx, of) if is_theirs else Outcome(reply=given.held(request, tx, of))
    if manager is None or manager.id != request.data["person"]:
        raise NothingToShare(manager=manager.name if manager is not None else "your manager")
    if begin.is_read_by(tx, checkin, manager.id):
        return Outcome(reply=given.shown(request, tx, of, f"{manager.name} has it already."))
    again: dict[str, Any] = {"manager": manager.id, "submitted_at": request.now, "told_at": None}
    if checkin.due_at is not None and checkin.submitted_at is not None:
        # It is as late as it was when it was given first.
        again["due_at"] = checkin.due_at + (request.now - checkin.submitted_at)
    checkins.change(tx, checkin.id, again)
    given.tell(request, tx, checkin.id, manager)
    lead = f"Given to {manager.name}, who can read it in 5 minutes; until then you can take it back."
    return Outcome(reply=given.shown(request, tx, sheet.load(tx, checkins.get(tx, checkin.id) or checkin), lead))


TOPIC: Final = Topic(
    name=NAME,
    title="A check-in that nobody reads",
    why="your manager changed before they were told of your check-in",
    compose=compose,
    roles=frozenset({"rep", "manager", "leader"}),
    said=True,
    counts=False,
    called=("check-ins that nobody reads",),
)
