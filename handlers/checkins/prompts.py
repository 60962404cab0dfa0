"""`check-in`: the questions come to a rep on their rhythm, and are reminded of twice at most."""

from __future__ import annotations

from typing import Final

import msgspec

from handlers.checkins import begin, given, sheet, times, wording
from handlers.checkins.buttons import issuer
from handlers.checkins.sheet import Sheet
from handlers.conversation.buttons import Wanted
from handlers.conversation.reply import Buttons, Part, Reply, Text
from handlers.conversation.request import Request
from handlers.conversation.wording import plural
from handlers.figures.plan import load_own
from handlers.numbers.spans import Span
from handlers.reach.topic import Topic
from storage import checkins, notices, people
from storage.database import Transaction
from storage.notices import Notice

NAME: Final = "check-in"


def nothing(request: Request, tx: Transaction, notice: Notice, reason: str) -> Reply | None:
    """The notice ends with that reason, and nothing is said."""
    notices.settle(tx, [notice.id], "nothing", at=request.now, reason=reason)
    return None


def compose(request: Request, tx: Transaction, notice: Notice) -> Reply | None:
    """The question goes out, and its two reminders are planned; nothing for who has checked in this week."""
    me = request.actor.person
    manager = begin.manager_of(request, tx, me)
    if manager is None:
        return nothing(request, tx, notice, "has no manager to check in with")
    there = begin.this_weeks(request, tx)
    by = str(notice.data.get("by", ""))
    if there is not None and there.submitted_at is not None and not by:
        return nothing(request, tx, notice, "has checked in this week")
    if there is not None and there.asked_at is not None:
        return nothing(request, tx, notice, "was asked this week")
    if there is not None and there.submitted_at is not None:
        return nothing(request, tx, notice, "has checked in this week")
    if there is not None and there.skipped_at is not None:
        return nothing(request, tx, notice, "said: not this time")
    of = sheet.load(tx, begin.begin(request, tx, asked=True))
    today = request.basis.now.date()
    plan = load_own(tx, request.company, Span(today, today), me)
    seller = plan.sellers.get(me) if plan else None
    zone = request.basis.zone
    coming = [times.with_the_nudge(tx, times.after(request.now, days, seller, zone), zone) for days in times.REMINDERS]
    # One that they began and put off themselves is reminded of from now on.
    notices.withdraw(tx, at=request.now, reason="was asked for", topic=given.REMINDER, subject=of.checkin.id)
    given.remind(request, tx, of.checkin, coming, said=0)
    asker = people.person(tx, by) if by else None
    lead = f"{asker.name} asks how it goes." if asker else "Time for your check-in: how did the week go?"
    count = plural(len(of.asked), "short question")
    how = f"{count[0].upper()}{count[1:]}, about two minutes; {manager.name} reads your answers."
    how += " A late answer counts too."
    return _prompt(request, tx, of, lead, how, manager, said=0)


def remind(request: Request, tx: Transaction, notice: Notice) -> Reply | None:
    """It waits still; nothing for who has answered, or said *not this time*."""
    found = checkins.get(tx, notice.subject)
    if found is None or found.submitted_at is not None:
        return nothing(request, tx, notice, "has checked in")
    if found.skipped_at is not None:
        return nothing(request, tx, notice, "said: not this time")
    latest = checkins.of_person(tx, found.person, limit=1)[0]
    # One that comes at this very moment may be put together after this.
    coming = notices.is_waiting(tx, found.person, (NAME, OF_MANAGERS.name))
    if coming or latest.id != found.id:
        return nothing(request, tx, notice, "a newer one was asked for")
    manager = begin.manager_of(request, tx, found.person)
    if manager is None:
        return nothing(request, tx, notice, "has no manager to check in with")
    of = sheet.load(tx, found)
    said = int(notice.data["said"])
    lead = f"Your check-in of {wording.of_day(request, of)} waits for you."
    done, total = len(of.asked) - len(of.open), len(of.asked)
    how = f"{done} of {total} questions are answered already. " if done else ""
    how += (
        "This is the last reminder; a late answer counts too." if said >= given.REMINDERS else "It takes two minutes."
    )
    return _prompt(request, tx, of, lead, how, manager, said=said)


def _prompt(
    request: Request, tx: Transaction, of: Sheet, lead: str, how: str, manager: people.Person, *, said: int
) -> Reply:
    reads = wording.who_reads(manager)
    data = {"checkin": of.checkin.id}
    wanted: list[Wanted] = [("Answer here", "here", data), ("As a form", "form", data)]
    wanted.append(("Tomorrow", "later", {**data, "said": said}))
    if said:
        wanted.append(("Not this time", "not this time", data))
    buttons = issuer.lasting(msgspec.structs.replace(request, listing=True), tx, wanted)
    parts: list[Part] = [Text(lead, style="strong"), Text(how), Text(reads, style="quiet"), Buttons(tuple(buttons))]
    return Reply(f"{lead} {how} {reads}", tuple(parts))


TOPIC: Final = Topic(
    name=NAME,
    title="Your check-in",
    why="you sell in a team, and your manager reads once a week how it goes",
    compose=compose,
    audience="sellers",
    rule="every Friday at 14:00",
    called=("checkin", "check in", "weekly check-in"),
)
OF_MANAGERS: Final = Topic(
    name="manager check-in",
    title="Your check-in as a manager",
    why="you lead a team, and your own manager reads once a week how it goes",
    compose=compose,
    audience="managers",
    suggested="every Friday at 14:00",
    called=("manager check-ins", "check-ins of managers"),
)
REMINDER: Final = Topic(
    name=given.REMINDER,
    title="Check-in reminder",
    plain="your check-in that waits",
    why="your check-in was asked for and is not answered yet; there are two reminders at most",
    compose=remind,
    roles=frozenset({"rep", "manager", "leader"}),
    called=("checkin reminder",),
)
