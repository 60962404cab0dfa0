"""*Why this?* below what came unasked: why, by whose schedule, and how to stop it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from handlers.conversation.buttons import Wanted
from handlers.conversation.errors import ButtonUnknown
from handlers.conversation.reply import Buttons, Choice, Option, Part, Reply, Text
from handlers.conversation.request import Outcome, Request
from handlers.conversation.wording import Days, listed
from handlers.reach.topic import Topic
from handlers.settings import standing
from handlers.settings.buttons import issuer
from handlers.settings.standing import Comes, Mine
from handlers.settings.topics import Topics
from storage import notices, people
from storage.database import Transaction

_NOTHING: Final = (
    "I have sent you nothing unasked lately. Below each such message stands “Why this?”, and “settings” shows what may "
    "come to you and when."
)


def why(topics: Topics, request: Request, tx: Transaction) -> Outcome:
    """Each topic of the message."""
    found = [topic for name in request.data["topics"] if (topic := topics.named(str(name))) is not None]
    if not found:
        raise ButtonUnknown
    return Outcome(reply=_told(topics, request, tx, found), replace=False)


def of_the_last(topics: Topics, request: Request, tx: Transaction) -> Outcome:
    """“Why did I get this?”, typed: the latest message that came unasked is meant."""
    told = [one for one in notices.of_person(tx, request.actor.person) if one.state == "said" and one.settled_at]
    latest = max(told, key=lambda one: one.settled_at or one.due_at, default=None)
    names = dict.fromkeys(one.topic for one in told if latest is not None and one.said_as == latest.said_as)
    found = [topic for name in names if (topic := topics.named(name)) is not None]
    if latest is None or latest.settled_at is None or not found:
        return Outcome(reply=Reply(_NOTHING))
    there = latest.settled_at.astimezone(request.basis.zone)
    when = Days.of(request.basis).moment(there.date(), there.time())
    # Of several what they were is said by the sentence that follows.
    what = f": {found[0].title}" if len(found) == 1 else ""
    lead = f"The last that I sent you unasked came {when}{what}."
    reply = _told(topics, request, tx, found)
    return Outcome(reply=Reply(f"{lead} {reply.text}", (Text(lead, style="strong"), *reply.parts)))


def _told(topics: Topics, request: Request, tx: Transaction, found: Sequence[Topic]) -> Reply:
    mine = standing.load(request, tx, topics)
    several = len(found) > 1
    names = [topic.name for topic in found]
    why_ = _of_several(request, tx, mine, found) if several else _of_one(request, tx, mine, found[0])
    how = f"Snooze {'them' if several else 'it'}, turn {'one' if several else 'it'} off, or change when it comes."
    wanted: list[Wanted] = [("Snooze a week", "snooze", {"topics": names, "length": "week"})]
    if not several:
        wanted.append(("Turn off", "off", {"topics": names}))
    buttons = issuer.lasting(request, tx, [*wanted, ("Settings", "show", {})])
    parts: list[Part] = [Text(why_), Text(how, style="quiet"), Buttons(tuple(buttons))]
    if several:
        token = issuer.lasting(request, tx, [("", "off one", {"topics": names})])[0].token
        options = tuple(Option(_capital(topic.as_part), topic.name) for topic in found)
        parts.append(Choice("Turn off", token, options))
    return Reply(f"{why_} {how}", tuple(parts))


def _of_one(request: Request, tx: Transaction, mine: Mine, topic: Topic) -> str:
    """`You got this because you sell. It comes every Monday at 8:30 am.`"""
    because = f"You got this because {topic.why.rstrip('.')}."
    one = mine.of(topic.name)
    if topic.audience is None:
        return because
    if one is None or one.schedule is None or one.rule is None:
        return f"{because} It is not scheduled for you any more."
    return f"{because} It comes {one.when}{_by(request, tx, one)}.{_off([one])}"


def _of_several(request: Request, tx: Transaction, mine: Mine, found: Sequence[Topic]) -> str:
    """`You got this because several things came together: how your team stands and whom to see (every Monday at
    8:30 am), and what is due today (every working day at 8:30 am).`"""
    at: dict[str, list[str]] = {}
    for topic in found:
        one = mine.of(topic.name)
        when = "as it happens"
        if topic.audience is not None:
            holds = one is not None and one.schedule is not None and one.rule is not None
            when = f"{one.when}{_by(request, tx, one)}" if one and holds else "not scheduled for you any more"
        at.setdefault(when, []).append(topic.as_part)
    groups = [f"{listed(parts)} ({when})" for when, parts in at.items()]
    together = f"You got this because several things came together: {', and '.join(groups)}."
    return together + _off([one for topic in found if (one := mine.of(topic.name)) is not None])


def _by(request: Request, tx: Transaction, one: Comes) -> str:
    """Who set its schedule, where somebody did."""
    if one.schedule is None or not one.schedule.set_by:
        return ""
    who = people.person(tx, one.schedule.set_by)
    since = Days.of(request.basis).on(one.schedule.since.astimezone(request.basis.zone).date())
    return f", set by {who.name if who else 'somebody'} on {since}"


def _off(them: Sequence[Comes]) -> str:
    off = [one.topic.as_part for one in them if one.muted and one.until is None]
    return f" You have turned off since: {listed(off)}." if off else ""


def _capital(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}"
