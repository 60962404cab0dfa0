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
from handlers.settings.standing import Mine
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
    lead = f"The last that I sent you unasked came {when}: {listed([topic.title for topic in found])}."
    reply = _told(topics, request, tx, found)
    return Outcome(reply=Reply(f"{lead} {reply.text}", (Text(lead, style="strong"), *reply.parts)))


def _told(topics: Topics, request: Request, tx: Transaction, found: Sequence[Topic]) -> Reply:
    mine = standing.load(request, tx, topics)
    sentences = [_sentence(request, tx, mine, topic) for topic in found]
    if len(found) > 1:
        sentences = [f"{topic.title}: {sentence}" for topic, sentence in zip(found, sentences, strict=True)]
    names = [topic.name for topic in found]
    how = "You can snooze it, turn it off, or change when it may come: your own settings hold for nobody else."
    wanted: list[Wanted] = [("Snooze a week", "snooze", {"topics": names, "length": "week"})]
    if len(found) == 1:
        wanted.append(("Turn off", "off", {"topics": names}))
    buttons = issuer.lasting(request, tx, [*wanted, ("Settings", "show", {})])
    parts: list[Part] = [*(Text(sentence) for sentence in sentences), Text(how, style="quiet"), Buttons(tuple(buttons))]
    if len(found) > 1:
        token = issuer.lasting(request, tx, [("", "off one", {"topics": names})])[0].token
        parts.append(Choice("Turn off", token, tuple(Option(topic.title, topic.name) for topic in found)))
    return Reply(f"{' '.join(sentences)} {how}", tuple(parts))


def _sentence(request: Request, tx: Transaction, mine: Mine, topic: Topic) -> str:
    because = f"You got this because {topic.why.rstrip('.')}."
    one = mine.of(topic.name)
    if topic.audience is None:
        return because
    if one is None or one.schedule is None or one.rule is None:
        return f"{because} It is not scheduled for you any more."
    who = people.person(tx, one.schedule.set_by) if one.schedule.set_by else None
    since = Days.of(request.basis).on(one.schedule.since.astimezone(request.basis.zone).date())
    by = f"set by {who.name if who else 'somebody'} on {since}" if one.schedule.set_by else "as it comes with Pacer"
    off = " You have turned it off since." if one.muted and one.until is None else ""
    return f"{because} It comes {one.when}, {by}.{off}"
