"""*Why this?* below what came unasked: why, by whose schedule, and how to stop it."""

from __future__ import annotations

from handlers.conversation.buttons import Wanted
from handlers.conversation.errors import ButtonUnknown
from handlers.conversation.reply import Buttons, Choice, Option, Part, Reply, Text
from handlers.conversation.request import Outcome, Request
from handlers.conversation.wording import Days
from handlers.reach.topic import Topic
from handlers.settings import standing
from handlers.settings.buttons import issuer
from handlers.settings.standing import Mine
from handlers.settings.topics import Topics
from storage import people
from storage.database import Transaction


def why(topics: Topics, request: Request, tx: Transaction) -> Outcome:
    """Each topic of the message."""
    found = [topic for name in request.data["topics"] if (topic := topics.named(str(name))) is not None]
    if not found:
        raise ButtonUnknown
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
    return Outcome(reply=Reply(f"{' '.join(sentences)} {how}", tuple(parts)), replace=False)


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
    return f"{because} It comes {one.rule}, {by}.{off}"
