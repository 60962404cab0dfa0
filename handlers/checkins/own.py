"""One's own check-ins: the one of now, the earlier ones, and with whom they are shared after a change of manager."""

from __future__ import annotations

from typing import Final

import msgspec

from handlers.checkins import asking, begin, card, form, given, sheet, wording
from handlers.checkins.buttons import issuer
from handlers.checkins.errors import NothingToShare
from handlers.checkins.sheet import Sheet
from handlers.conversation.buttons import Wanted
from handlers.conversation.reply import Buttons, Part, Reply, Text
from handlers.conversation.request import Outcome, Request
from handlers.conversation.wording import Days, plural
from storage import checkins, people
from storage.checkins import Checkin
from storage.database import Transaction
from storage.people import Person

LISTED: Final = 6
SHARED: Final = 26
"""Half a year of them goes with one press."""


def now(request: Request, tx: Transaction) -> Outcome:
    """`checkin`: begins it, goes on with it, or shows it. In a channel only as a form: what is typed there is read."""
    found = begin.current(request, tx)
    of = sheet.load(tx, found if found is not None else begin.begin(request, tx, asked=False))
    if of.checkin.submitted_at is not None and not of.open:
        return Outcome(reply=given.shown(request, tx, of))
    if request.incoming.place == "direct":
        return asking.go_on(request, tx, of)
    if request.incoming.can_open_form:
        return Outcome(form=form.make(request, tx, of))
    lead = "Your check-in, as a form: what is typed here others would read."
    reads = wording.who_reads(begin.manager_of(request, tx, request.actor.person))
    buttons = issuer.lasting(request, tx, [("As a form", "form", {"checkin": of.checkin.id})])
    return Outcome(reply=Reply(f"{lead} {reads}", (Text(lead), Text(reads, style="quiet"), Buttons(tuple(buttons)))))


def opened(request: Request, tx: Transaction) -> Outcome:
    """*Open it*: one's own, with what the manager said."""
    of = sheet.mine(request, tx, str(request.data["checkin"]))
    return Outcome(reply=_with_remarks(request, tx, of))


def _with_remarks(request: Request, tx: Transaction, of: Sheet) -> Reply:
    reply = given.shown(request, tx, of)
    said = card.remarks(request, tx, of)
    late = wording.late(request, of)
    more = [*([late] if late else []), *said]
    if not more:
        return reply
    *parts, small, buttons = reply.parts
    laid = (*parts, Text("\n".join(more)), small, buttons)
    return Reply(f"{reply.text} {' '.join(more)}", laid)


def listing(request: Request, tx: Transaction) -> Outcome:
    """`checkin list`: the latest ones, and who reads them."""
    mine = [one for one in checkins.of_person(tx, request.actor.person, limit=LISTED) if one.submitted_at is not None]
    manager = begin.manager_of(request, tx, request.actor.person)
    if not mine:
        return Outcome(reply=Reply("You have given no check-in yet. “checkin” begins one."))
    request = msgspec.structs.replace(request, listing=True)
    shared = checkins.shared_with(tx, [one.id for one in mine])
    lead = f"Your last {plural(len(mine), 'check-in')}" if len(mine) > 1 else "Your check-in"
    lines = [_line(request, tx, one, manager, shared.get(one.id, frozenset())) for one in mine]
    wanted: list[Wanted] = [
        (Days.of(request.basis).on(one.day), "mine", {"checkin": one.id}) for one in mine
    ]  # fmt: skip
    parts: list[Part] = [Text(lead, style="strong"), Text("\n".join(lines))]
    parts.append(Buttons(tuple(issuer.lasting(request, tx, wanted))))
    if manager is not None and (more := _sharing(request, tx, manager)):
        parts.append(Buttons(tuple(issuer.lasting(request, tx, more))))
    reads = "Admins never read check-ins."
    parts.append(Text(reads, style="quiet"))
    return Outcome(reply=Reply(f"{lead}: {' '.join(lines)} {reads}", tuple(parts)))


def _line(
    request: Request, tx: Transaction, one: Checkin, manager: Person | None, shared: frozenset[str]
) -> str:  # fmt: skip
    to = people.person(tx, one.manager) if one.manager else None
    reads = "you alone"
    if manager is not None and (one.manager == manager.id or manager.id in shared):
        reads = f"you and {manager.name}"
    given_to = f", given to {to.name}" if to is not None else ""
    return f"{Days.of(request.basis).on(one.day)}{given_to}: {reads} can see it{' (late)' if one.late else ''}."


def _others(request: Request, tx: Transaction, manager: Person) -> tuple[list[str], list[str]]:
    """Those that the manager of today was not given: not shared with them, and shared."""
    mine = [one for one in checkins.of_person(tx, request.actor.person, limit=SHARED) if one.submitted_at is not None]
    before = [one.id for one in mine if one.manager != manager.id]
    shared = checkins.shared_with(tx, before)
    kept = [one for one in before if manager.id not in shared.get(one, frozenset())]
    return kept, [one for one in before if one not in kept]


def _sharing(request: Request, tx: Transaction, manager: Person) -> list[Wanted]:
    kept, shared = _others(request, tx, manager)
    data = {"person": manager.id}
    wanted: list[Wanted] = [(f"Share older ones with {manager.name}", "share", data)] if kept else []
    return wanted + ([("Stop sharing older ones", "unshare", data)] if shared else [])


def share(request: Request, tx: Transaction) -> Outcome:
    """Older ones are for the manager of today too. Raises NothingToShare."""
    manager = begin.manager_of(request, tx, request.actor.person)
    if manager is None or manager.id != request.data["person"]:
        raise NothingToShare(manager="your manager")
    kept, _ = _others(request, tx, manager)
    if not kept:
        raise NothingToShare(manager=manager.name)
    checkins.share(tx, kept, manager.id, at=request.now)
    what = plural(len(kept), "older check-in")
    sentence = f"{manager.name} can read {what} of yours now. What your manager of then said stays yours."
    buttons = issuer.lasting(request, tx, [("Stop sharing older ones", "unshare", {"person": manager.id})])
    return Outcome(reply=Reply(sentence, (Text(sentence), Buttons(tuple(buttons)))), replace=False)


def unshare(request: Request, tx: Transaction) -> Outcome:
    """They are for oneself alone again."""
    manager = people.person(tx, str(request.data["person"]))
    mine = [one.id for one in checkins.of_person(tx, request.actor.person, limit=SHARED)]
    checkins.unshare(tx, mine, str(request.data["person"]), at=request.now)
    name = manager.name if manager else "Your manager"
    return Outcome(reply=Reply(f"{name} can read your older check-ins no more."), replace=False)


def home(request: Request, tx: Transaction) -> tuple[Part, ...]:
    """On one's own page: the check-in that was asked for and waits."""
    found = begin.current(request, tx)
    if found is None or found.submitted_at is not None or found.skipped_at is not None or found.asked_at is None:
        return ()
    of = sheet.load(tx, found)
    lead = f"Your check-in of {wording.of_day(request, of)} waits for you."
    reads = wording.who_reads(begin.manager_of(request, tx, request.actor.person))
    buttons = issuer.lasting(request, tx, [("Answer as a form", "form", {"checkin": found.id})])
    return Text(lead, style="strong"), Text(reads, style="quiet"), Buttons(tuple(buttons))
