"""One click from *whom to see*: a report's facts since the last check-in, and a way to begin."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

import msgspec

from handlers.checkins import begin, card, coming, given, prompts, sheet, since, times
from handlers.checkins.buttons import issuer
from handlers.checkins.errors import NoCheckin
from handlers.conversation import one_to_one
from handlers.conversation.access import Allowed, CheckinOf, may
from handlers.conversation.buttons import Wanted
from handlers.conversation.reply import Buttons, Facts, Part, Reply, Text
from handlers.conversation.request import Outcome, Request
from handlers.conversation.wording import Days
from handlers.numbers.spans import DAY
from handlers.numbers.working_days import week_of
from handlers.reach.gate import Go, Never, Reason, Wait
from storage import checkins, notices, people
from storage.checkins import Checkin
from storage.database import Transaction
from storage.people import Person

LOOKED_AT: Final = 5


def button(request: Request, tx: Transaction) -> Outcome:
    """The person's name was pressed."""
    return Outcome(reply=show(request, tx, _who(tx, str(request.data["person"]))))


def _who(tx: Transaction, identifier: str) -> Person:
    found = people.person(tx, identifier)
    if found is None:
        raise NoCheckin
    return found


def show(request: Request, tx: Transaction, who: Person) -> Reply:
    """The last check-in whole where it is of these two weeks, else the facts; for the person's manager of today."""
    # Nobody but a manager learns whether there is any.
    if who.id not in request.actor.reports:
        sheet.check(request, "see a check-in", CheckinOf(who.id))
    sheet.check(request, "ask for a check-in", who.id)
    latest = _latest(request, tx, who)
    if latest is not None and request.basis.now.date() - latest.day < 14 * DAY:
        _read(request, tx, latest)
        return card.whole(request, tx, sheet.load(tx, latest), who)
    return _facts(request, tx, who, latest)


def _read(request: Request, tx: Transaction, one: Checkin) -> None:
    me = request.actor.person
    notices.withdraw(tx, at=request.now, reason="has read it", topic=given.ARRIVED, subject=one.id, person=me)
    if one.manager == request.actor.person and one.told_at is None:
        checkins.change(tx, one.id, {"told_at": request.now})


def _latest(request: Request, tx: Transaction, who: Person) -> Checkin | None:
    """The latest that they may see."""
    for one in checkins.of_person(tx, who.id, limit=LOOKED_AT):
        of = sheet.subject(request, tx, one)
        if of.given_to == request.actor.person or request.actor.person in of.shared:
            return one
    return None


def _facts(request: Request, tx: Transaction, who: Person, latest: Checkin | None) -> Reply:
    first = begin.since(request, tx, who.id, request.now)
    rows = since.facts(request, tx, who, first)
    days = Days.of(request.basis)
    heading = f"{who.name} since {days.on(first)}"
    last = f"The last check-in with you is of {days.on(latest.day)}." if latest else "No check-in with you yet."
    wanted: list[Wanted] = [("Ask for a check-in", "ask", {"person": who.id})]
    wanted += [("Read the last one", "read", {"checkin": latest.id})] if latest else []
    pair = {"manager": request.actor.person, "person": who.id}
    below = msgspec.structs.replace(request, listing=True)
    talk = one_to_one.issuer.lasting(below, tx, [("One-to-one", "open", pair)])
    parts: list[Part] = [Text(heading, style="strong")]
    parts += [Facts(tuple(rows))] if rows else [Text("Nothing was logged and no deal has moved.")]
    parts += [Text(f"{last} Only you see this.", style="quiet")]
    parts.append(Buttons((*issuer.lasting(below, tx, wanted), *talk)))
    said = " ".join(f"{row.label}: {row.value}." for row in rows) or "Nothing was logged and no deal has moved."
    return Reply(f"{heading}. {said} {last} Only you see this.", tuple(parts))


def ask(request: Request, tx: Transaction) -> Outcome:
    """*Ask for a check-in*: the rep gets the questions at their next open hour."""
    who = _who(tx, str(request.data["person"]))
    return Outcome(reply=asked(request, tx, who))


def asked(request: Request, tx: Transaction, who: Person) -> Reply:
    """The notice is planned, once while it waits. Where it would not come, that is said, and no more of why than a
    colleague who asks in person would see."""
    sheet.check(request, "ask for a check-in", who.id)
    until = times.after(request.now, 2, None, request.basis.zone)
    in_the_way = _in_the_way(request, tx, who, until)
    if in_the_way:
        return Reply(f"{who.name} {in_the_way}.")
    wanted = notices.Wanted(
        topic=prompts.NAME,
        person=who.id,
        slot=f"asked:{request.now.isoformat()}",
        due_at=request.now,
        until=until,
        data={"by": request.actor.person},
    )
    if not notices.is_waiting(tx, who.id, (prompts.NAME,)):
        notices.plan(tx, [wanted], at=request.now)
    when = "at their next open hour, unless they check in before that"
    return Reply(f"{who.name} gets the questions {when}, and you the answers.")


def _in_the_way(request: Request, tx: Transaction, who: Person, until: datetime) -> str:
    """Why the questions would not come by then; empty where they would."""
    if people.install_for(tx, who.id) is None:
        return "cannot be written to yet, so nothing comes by itself; ask in person"
    verdict, zone = coming.to(request, tx, who.id, prompts.NAME, request.now, until)
    match verdict:
        case Never(Reason.OFF | Reason.SNOOZED):
            return "has turned messages off, so nothing comes by itself; ask in person"
        case Never():
            return "is away, so nothing comes by itself; ask when they are back"
        case Wait(opens):
            return _this_week(request, tx, who, opens.astimezone(zone).date())
        case Go():
            return _this_week(request, tx, who, request.now.astimezone(zone).date())


def _this_week(request: Request, tx: Transaction, who: Person, day: date) -> str:
    """Why nobody is asked anew in the week of that day: they were already, or have checked in."""
    latest = next(iter(checkins.of_person(tx, who.id, limit=1)), None)
    if latest is None or latest.day < week_of(day)[0]:
        return ""
    if latest.submitted_at is not None:
        if request.now < latest.submitted_at + sheet.GRACE:
            # Nobody learns of it before the time to take it back is over.
            return ""
        seen = isinstance(may(request.actor, "see a check-in", sheet.subject(request, tx, latest)), Allowed)
        return "has checked in this week already" + (f": “checkin of {who.name}” shows it" if seen else "")
    if latest.skipped_at is not None:
        return "has said “not this time” this week, so nothing comes by itself; ask in person"
    if latest.asked_at is None:
        return ""
    reminded = notices.is_waiting(tx, who.id, (given.REMINDER,))
    since = Days.of(request.basis).on(latest.asked_at.astimezone(request.basis.zone).date())
    return f"has the questions since {since}, " + ("and is reminded of them" if reminded else "so ask in person")
