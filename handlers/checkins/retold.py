"""A check-in was changed after its manager read it: the message that brought it shows the new words, where it stands.

Nothing new comes where that can be: a changed word is no reason to be written to. But what was read must not go on
saying the old ones.
"""

from __future__ import annotations

from typing import Final

import msgspec

from handlers.checkins import begin, given, sheet, told
from handlers.checkins.sheet import Sheet
from handlers.conversation.access import Allowed, may
from handlers.conversation.request import Actor, Address, Message, Outcome, Place, Request
from handlers.reach.whereabouts import whereabouts
from handlers.reach.why import with_why
from storage import checkins, notices, outbox, people, reach
from storage.checkins import Checkin
from storage.database import Transaction

CHANGED: Final = "Changed: the new words are what is shown from now on."


def changed(request: Request, tx: Transaction, of: Sheet, lead: str = CHANGED) -> Outcome:
    """Answers were changed after it was given."""
    return Outcome(reply=given.shown(request, tx, of, lead), messages=anew(request, tx, of))


def unchanged(request: Request, tx: Transaction, of: Sheet) -> Outcome:
    """The form was sent as it stood."""
    return Outcome(reply=given.shown(request, tx, of, "Nothing was changed."))


def anew(request: Request, tx: Transaction, of: Sheet) -> tuple[Message, ...]:
    """That message as it is now. Where they read it in one message with other things, or asked for it, it comes to
    them anew; nothing where they were not told yet, or are the manager no more. To the manager of today, with whom it
    was shared, it comes too."""
    one = of.checkin
    _tell_whom_it_is_shared_with(request, tx, one)
    reader = people.person(tx, one.manager) if one.manager is not None and one.told_at is not None else None
    if reader is None or one.told_at is None:
        return ()
    as_reader = _as(request, tx, reader)
    together = checkins.told_together(tx, reader.id, one.told_at)
    seen = [each for each in together if _seen(as_reader, tx, each)]
    if one.id not in [each.id for each in seen]:
        return ()
    key = notices.said_alone(tx, given.ARRIVED, reader.id, [each.id for each in together])
    install = outbox.install_of(tx, key) if key is not None else None
    if key is None or install is None or checkins.said_with(tx, key, [each.id for each in together]):
        # That they were told of it before stays known: it has reached somebody.
        given.tell(request, tx, one.id, reader, given.AGAIN)
        return ()
    whose = [(sheet.load(tx, each), people.person(tx, each.person)) for each in seen]
    reply = told.of_these(as_reader, tx, [(each, person) for each, person in whose if person is not None])
    reply = with_why(request, tx, reader.id, reply, [given.ARRIVED])
    version = sum(answer.version for answer in of.answers.values())
    place = Place(install, Address())
    again = f"{key}:{one.id}:{version}"
    return (Message("", reply, given.ARRIVED, again, request.now + given.WORTH, place=place, edits=key),)


def _tell_whom_it_is_shared_with(request: Request, tx: Transaction, one: Checkin) -> None:
    manager = begin.manager_of(request, tx, one.person)
    if manager is not None and manager.id != one.manager and begin.is_read_by(tx, one, manager.id):
        given.tell(request, tx, one.id, manager, given.SHARED)


def _as(request: Request, tx: Transaction, reader: people.Person) -> Request:
    """As if they had asked: with their name, their reports and their clock."""
    zone, _ = whereabouts(reach.place_of(tx, reader.id) or reach.Place("", "", ""), request.company)
    basis = msgspec.structs.replace(request.basis, now=request.now.astimezone(zone))
    holds = people.circumstances(tx, reader.id, basis.now.date())
    actor = Actor(reader.id, reader.name, reader.email or "", holds.roles, holds.reports)
    return msgspec.structs.replace(request, actor=actor, basis=basis, listing=False)


def _seen(request: Request, tx: Transaction, one: Checkin) -> bool:
    return isinstance(may(request.actor, "see a check-in", sheet.subject(request, tx, one)), Allowed)
