"""Snoozing, turning off and turning on again, for the person who says so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Final

from handlers.conversation.buttons import Wanted
from handlers.conversation.errors import ButtonUnknown
from handlers.conversation.reply import Buttons, Choice, Option, Part, Reply, Text
from handlers.conversation.request import Outcome, Request
from handlers.conversation.wording import Days, listed
from handlers.numbers.spans import DAY
from handlers.reach.gate import EVERYTHING
from handlers.schedules.slots import moment
from handlers.settings import standing
from handlers.settings.buttons import issuer
from handlers.settings.errors import NotForYou
from handlers.settings.read import Wish
from handlers.settings.standing import Mine
from handlers.settings.topics import Topics
from storage import notices, reach
from storage.database import Transaction

LENGTHS: Final = (("Rest of today", "today"), ("Until Monday", "monday"), ("A week", "week"), ("Two weeks", "weeks"))


def end_of(request: Request, length: str) -> datetime:
    """When a snooze of LENGTHS ends: at the beginning of a day of theirs."""
    today = request.basis.now.date()
    days = {"today": 1, "monday": 7 - today.weekday(), "week": 7, "weeks": 14}
    if length not in days:
        raise ButtonUnknown
    return moment(today + days[length] * DAY, time(0), request.basis.zone)


def said_end(request: Request, until: datetime) -> str:
    """`Mon 23 Nov`, `today 15:00`."""
    here, days = until.astimezone(request.basis.zone), Days.of(request.basis)
    return days.moment(here.date(), None if here.time() == time(0) else here.time(), near=here.date() == days.today)


def choice(request: Request, tx: Transaction, names: Sequence[str], prompt: str) -> Choice:
    """How long."""
    token = issuer.lasting(request, tx, [("", "snooze", {"topics": list(names)})])[0].token
    return Choice(prompt, token, tuple(Option(label, value) for label, value in LENGTHS))


def ask(request: Request, tx: Transaction, topics: Topics, names: Sequence[str]) -> Reply:
    """No end was said."""
    prompt = f"How long shall I snooze {listed(topics.titles(names))}?"
    return Reply(prompt, (choice(request, tx, names, prompt),))


def snoozed(request: Request, tx: Transaction, topics: Topics, names: Sequence[str], until: datetime) -> Reply:
    """Nothing of these until then."""
    for name in names:
        reach.mute(tx, request.actor.person, name, until=until, at=request.now)
    what, end = listed(topics.titles(names)), said_end(request, until)
    lead = f"Snoozed until {end}: {what}."
    more = _still(request, tx, topics, names)
    wanted: list[Wanted] = [("Speak again", "on", {"topics": list(names)})]
    if EVERYTHING not in names:
        wanted.append(("Snooze everything until then", "snooze until", {"until": until.isoformat()}))
    return _with_buttons(request, tx, lead, more, wanted)


def turned_off(request: Request, tx: Transaction, topics: Topics, names: Sequence[str]) -> Reply:
    """Nothing of these until they say otherwise."""
    for name in names:
        reach.mute(tx, request.actor.person, name, until=None, at=request.now)
    lead = f"Turned off for you: {listed(topics.titles(names))}."
    more = _still(request, tx, topics, names)
    return _with_buttons(request, tx, lead, more, [("Turn on again", "on", {"topics": list(names)})])


def turned_on(request: Request, tx: Transaction, topics: Topics, names: Sequence[str]) -> Reply:
    """They come again. Everything: whatever was turned off or snoozed one by one too, where it is said in words."""
    person = request.actor.person
    for name in names:
        reach.unmute(tx, person, name, at=request.now)
    notices.look_again(tx, person, now=request.now)
    mine = standing.load(request, tx, topics)
    found = [one for one in mine.comes if one.topic.name in names]
    lines = [f"{one.topic.title}: {one.when}." for one in found]
    lead = f"On again: {listed(topics.titles(names))}."
    wanted: list[Wanted] = []
    if mine.all_muted:
        until = mine.circumstances.muted[EVERYTHING]
        lines.append(f"Everything is {f'snoozed until {said_end(request, until)}' if until else 'off'} still, though.")
        wanted.append(("Speak again", "on", {"topics": [EVERYTHING]}))
    return _with_buttons(request, tx, lead, " ".join(lines), wanted)


def which(request: Request, tx: Transaction, topics: Topics, wish: Wish, names: Sequence[str]) -> Reply:
    """The words fit several: one of them, or all."""
    ask = f"Which one: {listed(topics.titles(names), 'or')}?"
    until = wish.until.isoformat() if wish.until else None
    token = issuer.token_for(request, tx, "which", {"kind": wish.kind, "topics": list(names), "until": until})
    options = [Option(topic.title, name) for name in names if (topic := topics.named(name)) is not None]
    return Reply(ask, (Choice(ask, token, (*options, Option("All of these", EVERYTHING))),))


def which_choice(topics: Topics, request: Request, tx: Transaction) -> Outcome:
    """One was chosen."""
    offered = _kept(request, topics)
    names = offered if request.value == EVERYTHING else [name for name in offered if name == request.value]
    if not names:
        raise ButtonUnknown
    kind, until = request.data["kind"], request.data["until"]
    if kind == "on":
        return Outcome(reply=turned_on(request, tx, topics, names))
    if kind == "off":
        return Outcome(reply=turned_off(request, tx, topics, names))
    if until is None:
        return Outcome(reply=ask(request, tx, topics, names))
    end = max(datetime.fromisoformat(until), request.now + timedelta(minutes=1))
    return Outcome(reply=snoozed(request, tx, topics, names, end))


def theirs(mine: Mine, topics: Topics, names: Sequence[str]) -> list[str]:
    """Those that come to them. Raises NotForYou where none does."""
    found = [name for name in names if name == EVERYTHING or mine.of(name) is not None]
    if not found:
        raise NotForYou(title=listed(topics.titles(names)))
    return found


def _still(request: Request, tx: Transaction, topics: Topics, names: Sequence[str]) -> str:
    """What does not stop by it."""
    if EVERYTHING in names:
        return "What you ask me I answer as ever."
    mine = standing.load(request, tx, topics)
    muted = mine.circumstances.muted
    left = [one.topic.title for one in mine.comes if one.topic.name not in muted and one.when != "not scheduled"]
    return f"Still on: {listed(left)}." if left and not mine.all_muted else "Nothing else comes unasked."


def _with_buttons(request: Request, tx: Transaction, lead: str, more: str, wanted: Sequence[Wanted]) -> Reply:
    buttons = issuer.lasting(request, tx, [*wanted, ("Settings", "show", {})])
    parts: list[Part] = [Text(lead)]
    if more:
        parts.append(Text(more, style="quiet"))
    return Reply(f"{lead} {more}".strip(), (*parts, Buttons(tuple(buttons))))


# ---------------------------------------------------------------- buttons


def snooze_button(topics: Topics, request: Request, tx: Transaction) -> Outcome:
    """A length was chosen, or *Snooze a week*."""
    until = end_of(request, request.value or str(request.data.get("length", "")))
    return Outcome(reply=snoozed(request, tx, topics, _kept(request, topics), until))


def snooze_until_button(topics: Topics, request: Request, tx: Transaction) -> Outcome:
    """*Snooze everything until then*."""
    until = datetime.fromisoformat(request.data["until"])
    return Outcome(reply=snoozed(request, tx, topics, [EVERYTHING], max(until, request.now + timedelta(minutes=1))))


def off_button(topics: Topics, request: Request, tx: Transaction) -> Outcome:
    """*Turn off*."""
    return Outcome(reply=turned_off(request, tx, topics, _kept(request, topics)))


def off_one_button(topics: Topics, request: Request, tx: Transaction) -> Outcome:
    """One of the topics of a message was chosen."""
    if request.value not in _kept(request, topics):
        raise ButtonUnknown
    return Outcome(reply=turned_off(request, tx, topics, [request.value]))


def on_button(topics: Topics, request: Request, tx: Transaction) -> Outcome:
    """*Turn on again*, *Speak again*."""
    return Outcome(reply=turned_on(request, tx, topics, _kept(request, topics)))


def switch_button(topics: Topics, request: Request, tx: Transaction) -> Outcome:
    """One of the list was chosen: off where it is on, on where it is off or snoozed."""
    mine = standing.load(request, tx, topics)
    if mine.of(request.value) is None:
        raise ButtonUnknown
    if request.value in mine.circumstances.muted:
        return Outcome(reply=turned_on(request, tx, topics, [request.value]))
    return Outcome(reply=turned_off(request, tx, topics, [request.value]))


def _kept(request: Request, topics: Topics) -> list[str]:
    names = [str(name) for name in request.data.get("topics", ())]
    known = [name for name in names if name == EVERYTHING or topics.named(name) is not None]
    if not known:
        raise ButtonUnknown
    return known
