"""What the other one hears: the manager that check-ins have come, the rep that the manager answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from handlers.checkins import answers, astray, card, given, questions, sheet, times, wording
from handlers.checkins.buttons import issuer
from handlers.checkins.prompts import nothing
from handlers.checkins.sheet import GRACE, Sheet
from handlers.conversation.access import Allowed, may
from handlers.conversation.buttons import Wanted
from handlers.conversation.reply import Buttons, Part, Reply, Text
from handlers.conversation.request import Request
from handlers.conversation.wording import Days, plural
from handlers.reach.topic import Topic
from storage import actions, checkins, notices, people
from storage.checkins import Checkin
from storage.database import Transaction
from storage.notices import Notice
from storage.people import Person

FIRST: Final = 8
"""Check-ins that one message names."""
LONGEST: Final = 90
"""Characters of one line about one of several."""


def arrived(request: Request, tx: Transaction, notice: Notice) -> Reply | None:
    """One that came, whole; several as a line each. Nothing for who has read them, or manages these people no more."""
    me = request.actor.person
    later = times.with_the_prompt(tx, request.now, request.basis.zone)
    if later > request.now:
        again = notices.Wanted(
            topic=given.ARRIVED, person=me, slot=later.isoformat(), subject=notice.subject, due_at=later,
            until=later + given.WORTH, data=notice.data,
        )  # fmt: skip
        notices.plan(tx, [again], at=request.now)
        return nothing(request, tx, notice, "comes with the message on whom to see")
    if notice.data.get(given.SHARED):
        return _changed(request, tx, notice)
    due = notices.due_about(tx, given.ARRIVED, me, None, now=request.now)
    if notice.id not in [one.id for one in due]:
        return None
    came = checkins.untold(tx, me, given_before=request.now - GRACE)
    of_changes = [one for one in due if one.data.get(given.AGAIN)]
    changed = (checkins.get(tx, one) for one in sorted({one.subject for one in of_changes}))
    came += [one for one in changed if one is not None and one.manager == me and one.told_at is not None]
    seen = [one for one in came if _may_see(request, tx, one)]
    astray.tell(tx, [one for one in came if one not in seen and one.told_at is None], at=request.now)
    others = [one.id for one in of_changes if one.id != notice.id]
    notices.settle(tx, others, "nothing", at=request.now, reason="was told with another one")
    if not seen:
        return nothing(request, tx, notice, "has read it, or is their manager no more")
    for one in seen:
        checkins.change(tx, one.id, {"told_at": request.now})
    found = [(sheet.load(tx, one), person) for one in seen if (person := people.person(tx, one.person)) is not None]
    return of_these(request, tx, found)


def _may_see(request: Request, tx: Transaction, one: Checkin) -> bool:
    return isinstance(may(request.actor, "see a check-in", sheet.subject(request, tx, one)), Allowed)


def _changed(request: Request, tx: Transaction, notice: Notice) -> Reply | None:
    """One that was shared with them, with its new words; once, however often it was changed by now."""
    together = notices.due_about(tx, given.ARRIVED, notice.person, notice.subject, now=request.now)
    if notice.id not in [one.id for one in together]:
        return None
    others = [one.id for one in together if one.id != notice.id]
    notices.settle(tx, others, "nothing", at=request.now, reason="was told with another one")
    found = checkins.get(tx, notice.subject)
    who = people.person(tx, found.person) if found is not None and _may_see(request, tx, found) else None
    if found is None or who is None:
        return nothing(request, tx, notice, "it is shared with them no more")
    return card.whole(request, tx, sheet.load(tx, found), who)


def of_these(request: Request, tx: Transaction, found: Sequence[tuple[Sheet, Person]]) -> Reply:
    """What a manager reads of check-ins that came at the same time."""
    if len(found) == 1:
        return card.whole(request, tx, *found[0])
    request = msgspec.structs.replace(request, listing=True)
    lead = f"{plural(len(found), 'check-in has', 'check-ins have')} come."
    lines = [line(request, of, who) for of, who in found[:FIRST]]
    wanted: list[Wanted] = [(f"Read {who.name}", "read", {"checkin": of.checkin.id}) for of, who in found[:FIRST]]
    if len(found) > FIRST:
        lines.append(f"And {len(found) - FIRST} more: “checkin team” shows them.")
    parts: list[Part] = [Text(lead, style="strong"), Text("\n".join(lines))]
    parts.append(Buttons(tuple(issuer.lasting(request, tx, wanted))))
    return Reply(f"{lead} {' '.join(lines)}", tuple(parts))


def line(request: Request, of: Sheet, who: Person) -> str:
    """`Rae Quinn: feels 4 of 5; commit $400,000; in the way: legal takes two weeks.`"""
    said = []
    for kind, words in ((questions.RATING, "feels {}"), (questions.COMMIT, "commit {}")):
        found = next(((one, answer) for one, answer in of.answered if one.kind == kind), None)
        if found is not None:
            said.append(words.format(sheet.shown(request, of, *found)))
    way = card.in_the_way(of).rstrip(".")
    if way:
        said.append(f"in the way: {way if len(way) <= LONGEST else way[: LONGEST - 1] + '…'}")
    late = " (late)" if of.checkin.late else ""
    return f"{who.name}{late}: {'; '.join(said) or wording.of_day(request, of)}."


def answered(request: Request, tx: Transaction, notice: Notice) -> Reply | None:
    """What the manager said since the last time, in one message."""
    found = checkins.get(tx, notice.subject)
    if found is None:
        return nothing(request, tx, notice, "the check-in is gone")
    together = notices.due_about(tx, answers.ANSWERED, notice.person, found.id, now=request.now)
    if notice.id not in [one.id for one in together]:
        return None
    others = [one.id for one in together if one.id != notice.id]
    notices.settle(tx, others, "nothing", at=request.now, reason="was told with another one")
    of = sheet.load(tx, found)
    said = [card.sentence(request, tx, one) for one in checkins.take_untold(tx, found.id, at=request.now)]
    said += filter(None, (_promised(request, tx, str(one.data.get("action", ""))) for one in together))
    if not said:
        return nothing(request, tx, notice, "was told with another one")
    lead = f"On your check-in of {wording.of_day(request, of)}:"
    data = {"checkin": found.id}
    buttons = issuer.lasting(msgspec.structs.replace(request, listing=True), tx, [("Open it", "mine", data)])
    body = "\n".join(said)
    return Reply(f"{lead} {' '.join(said)}", (Text(lead, style="strong"), Text(body), Buttons(tuple(buttons))))


def _promised(request: Request, tx: Transaction, action: str) -> str:
    """`Max Stone made an action item for you: call Legal, due Wed, Nov 25.`; empty where it is none or has ended."""
    made = actions.get(tx, action) if action else None
    if made is None or made.state != "open":
        return ""
    author = people.person(tx, made.author)
    whose = "for you" if made.owner == request.actor.person else f"for {made.owner_name}"
    due = f", due {Days.of(request.basis).day(made.due)}" if made.due else ""
    return f"{author.name if author else 'Somebody'} made an action item {whose}: {made.text}{due}."


ARRIVED: Final = Topic(
    name=given.ARRIVED,
    title="Check-ins of your team",
    why="somebody who reports to you has checked in with you",
    compose=arrived,
    said=True,
    roles=frozenset({"manager", "leader"}),
    called=("team check-ins", "check-ins of my team"),
)
ANSWERED: Final = Topic(
    name=answers.ANSWERED,
    title="Answers to your check-in",
    why="your manager has answered your check-in",
    compose=answered,
    said=True,
    roles=frozenset({"rep", "manager", "leader"}),
    counts=False,
    called=("check-in answers",),
)
