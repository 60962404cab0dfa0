"""What the other one of a one-to-one hears: new points of the agenda, shared notes, action items, and what became of
their own items by the other's hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from handlers.checkins import since, talk_add
from handlers.checkins.prompts import nothing
from handlers.checkins.sheet import GRACE
from handlers.conversation.one_to_one import NAME, Pair, between, issuer
from handlers.conversation.reply import Buttons, Part, Reply, Text
from handlers.conversation.request import Request
from handlers.conversation.wording import Days
from handlers.reach.topic import Topic
from storage import actions, notices, one_to_ones
from storage.actions import Action
from storage.database import Transaction
from storage.notices import Notice
from storage.people import Person


def news(request: Request, tx: Transaction, notice: Notice) -> Reply | None:
    """All of it that they were not shown; nothing where they were, or are no pair any more."""
    me, manager = request.actor.person, str(notice.data["manager"])
    pair = between(tx, manager, str(notice.data["person"]), request.basis.now.date())
    if pair is None or pair.manager.id != manager or me not in (pair.manager.id, pair.person.id):
        return nothing(request, tx, notice, "they are manager and report no more")
    together = [one for one in notices.due_about(tx, NAME, me, None, now=request.now) if _of(one, pair)]
    if notice.id not in [one.id for one in together]:
        return None
    others = [one.id for one in together if one.id != notice.id]
    notices.settle(tx, others, "nothing", at=request.now, reason="was told with another one")
    other = pair.other(me)
    new = one_to_ones.unseen(
        tx, pair.manager.id, pair.person.id, author=other.id, shared_before=request.now - GRACE
    )  # fmt: skip
    one_to_ones.saw(tx, [one.id for one in new], at=request.now)
    points = [one.text for one in new if one.kind == "point"]
    said = [f"New to talk about: {'; '.join(one.rstrip('.') for one in points)}."] if points else []
    notes = [(one.id, one.text) for one in new if one.kind == "note"]
    told = {str(one.data.get("changed")): "A note was changed" for one in together}
    said += [
        f"{told.get(identifier, 'A note shared with you')}: {text}{'' if text[-1:] in '.?!…' else '.'}"
        for identifier, text in notes
    ]
    said += filter(None, (_promised(request, tx, one, other) for one in together))
    said += _changed(request, tx, together, other)
    if not said:
        return nothing(request, tx, notice, "was shown it already")
    lead = f"Your one-to-one with {other.name}"
    reads = f"Only you and {other.name} can see this."
    buttons = issuer.lasting(msgspec.structs.replace(request, listing=True), tx, [("Open", "open", pair.data)])
    parts: tuple[Part, ...] = (Text(lead, style="strong"), Text("\n".join(said)), Text(reads, style="quiet"))
    return Reply(f"{lead}. {' '.join(said)} {reads}", (*parts, Buttons(tuple(buttons))))


def _of(notice: Notice, pair: Pair) -> bool:
    return {name: notice.data.get(name) for name in pair.data} == pair.data


def _promised(request: Request, tx: Transaction, notice: Notice, other: Person) -> str:
    """`Max Stone made an action item for you: Send the NDA, due Wed, Nov 25.`; empty where it is none or has ended."""
    made = actions.get(tx, str(notice.data.get("action", ""))) if "before" not in notice.data else None
    if made is None or made.state != "open":
        return ""
    whose = "for you" if made.owner == request.actor.person else f"for {made.owner_name}"
    former = notice.data.get("former")
    did = f"takes over what {former} had promised you" if former else f"made an action item {whose}"
    return f"{other.name} {did}: {since.action_line(request, made, made.owner)}."


def _changed(request: Request, tx: Transaction, together: Sequence[Notice], other: Person) -> list[str]:
    """What the other one has done with items of one's own, from how each stood before all of it to how it stands; not
    of one that is told as new, nor where it stands as it stood, or one has done something with it oneself since."""
    new = {one.data.get("action") for one in together if "before" not in one.data}
    first = {str(one.data["action"]): one for one in reversed(together) if "before" in one.data}
    found = []
    for identifier, notice in sorted(first.items(), key=lambda each: each[1].id):
        versions = actions.versions(tx, identifier)
        before = next((one for one in versions if one.version == notice.data["before"]), None)
        if before is None or identifier in new or versions[-1].recorded_by != other.id:
            continue
        did = _did(request, before, versions[-1])
        found += [f"{other.name} {did}."] if did else []
    return found


def _did(request: Request, before: Action, now: Action) -> str:
    """`changed your action item: Send the NDA, due Fri, Nov 27; it was due today`; empty where nothing is different."""
    if now.state != "open":
        how = "marked your action item as done" if now.state == "done" else "dropped your action item"
        return f"{how}: {now.text}" if now.state != before.state else ""
    line = since.action_line(request, now, now.owner)
    if before.state != "open":
        return f"opened your action item again: {line}"
    was = [f"it read “{before.text}”"] if before.text != now.text else []
    if before.due != now.due:
        was += ["it had no day" if before.due is None else f"it was due {Days.of(request.basis).day(before.due)}"]
    return f"changed your action item: {line}; {' and '.join(was)}" if was else ""


NEWS: Final = Topic(
    name=talk_add.NEWS,
    title="Your one-to-ones",
    why="you have one-to-ones with them, and they put something on the agenda, shared it or changed an item of yours",
    compose=news,
    said=True,
    counts=False,
    called=("one-to-ones", "one to ones", "1:1s", "one-to-one news"),
)
