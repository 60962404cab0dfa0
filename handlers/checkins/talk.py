"""A one-to-one as both see it: what they want to talk about, the facts since the last time, notes and action items."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

import msgspec

from handlers.checkins import begin, since, wording
from handlers.checkins import buttons as of_checkins
from handlers.checkins.sheet import GRACE, check
from handlers.conversation.access import Allowed, NoteOf, OneToOneOf, may
from handlers.conversation.buttons import Wanted
from handlers.conversation.errors import ButtonUnknown
from handlers.conversation.one_to_one import Line, Pair, agenda, between, issuer
from handlers.conversation.reply import Buttons, Choice, Facts, Option, Part, Reply, Text
from handlers.conversation.request import Outcome, Request
from handlers.conversation.wording import Days, bracketed
from handlers.numbers.spans import DAY
from storage import actions, checkins, one_to_ones, people
from storage.database import Transaction
from storage.one_to_ones import Item
from storage.tables import new_id

LISTED: Final = 8
"""Points on one page: a phone's screen."""
NOTES: Final = 2
FAR: Final = timedelta(days=31)


def pressed(request: Request, tx: Transaction) -> Pair:
    """The two whom a button is about, while they are manager and report. Raises NotAllowed."""
    manager, person = str(request.data["manager"]), str(request.data["person"])
    pair = between(tx, manager, person, request.basis.now.date())
    today = pair is not None and pair.manager.id == manager
    because = "" if today else _over(request, tx, manager, person)
    check(request, "see a one-to-one", OneToOneOf(manager, person, today), because=because)
    if pair is None:
        raise ButtonUnknown
    return pair


def _over(request: Request, tx: Transaction, manager: str, person: str) -> str:
    """To one of two who were manager and report: that they are no more."""
    if request.actor.person == manager:
        who = people.person(tx, person)
        return f"{who.name} reports to somebody else now." if who is not None else ""
    former = people.person(tx, manager) if request.actor.person == person else None
    return f"{former.name} is not your manager any more." if former is not None else ""


def note_of(request: Request, tx: Transaction, one: Item) -> NoteOf:
    """A note as far as it matters who may do what with it."""
    today = one.manager in people.managers_of(tx, one.person, request.basis.now.date())
    readable = one.shared_at is not None and one.shared_at + GRACE <= request.now
    return NoteOf(OneToOneOf(one.manager, one.person, today), one.author, readable)


def visible(request: Request, tx: Transaction, some: list[Item]) -> list[Item]:
    """Those of these notes that are for the actor's eyes."""
    return [one for one in some if isinstance(may(request.actor, "see a note", note_of(request, tx, one)), Allowed)]


def open_button(request: Request, tx: Transaction) -> Outcome:
    """*One-to-one*, *Our agenda*."""
    return Outcome(reply=show(request, tx, pressed(request, tx)))


def show(request: Request, tx: Transaction, pair: Pair, lead: str = "") -> Reply:
    """All of it; the actor is one of the two."""
    me, other = request.actor.person, pair.other(request.actor.person)
    lines = agenda(tx, pair, Days.of(request.basis))
    notes = visible(request, tx, one_to_ones.notes(tx, pair.manager.id, pair.person.id))[:NOTES]
    theirs = [one.id for one in lines if not one.flagged and one.author != me]
    one_to_ones.saw(tx, [*theirs, *(one.id for one in notes if one.author != me)], at=request.now)
    first = _since(request, tx, pair)
    beside = since.facts(request, tx, pair.person, first)
    title = f"One-to-one with {other.name}"
    head = "To talk about" if lines else "Nothing stands on the agenda yet: both of you can add to it."
    said = [f"{at}. {words(request, tx, one)}" for at, one in enumerate(lines[:LISTED], 1)]
    if len(lines) > LISTED:
        said.append(f"And {len(lines) - LISTED} more.")
    parts: list[Part] = [Text(lead)] if lead else []
    parts += [Text(title, style="strong"), Text("\n".join((f"{head}:" if lines else head, *said)))]
    if lines:
        parts.append(_tick(request, tx, pair, lines[:LISTED]))
    noted = [note_line(request, tx, one) for one in notes]
    if noted:
        parts.append(Text("\n".join(noted)))
    facts_title = f"{pair.person.name if pair.person.id != me else 'You'} since {Days.of(request.basis).on(first)}"
    if beside:
        parts += [Text(facts_title, style="strong"), Facts(tuple(beside))]
    reads = f"Only you and {other.name} can see this. Private notes are for their author alone."
    parts += [Text(reads, style="quiet"), *_buttons(request, tx, pair, notes)]
    spoken = [lead, f"{title}.", f"{head}: {'; '.join(said)}." if said else head, *noted]
    spoken += [f"{facts_title}:", wording.told(beside)] if beside else []
    return Reply(" ".join(filter(None, (*spoken, reads))), tuple(parts))


def words(request: Request, tx: Transaction, one: Line) -> str:
    """`Bring the Globex renewal (you)`."""
    if one.author == request.actor.person:
        return bracketed(one.text, "you")
    author = people.person(tx, one.author)
    return bracketed(one.text, author.name if author else "somebody")


def note_line(request: Request, tx: Transaction, one: Item) -> str:
    """`Your note of Wed, Nov 18, only for you: …`"""
    day = Days.of(request.basis).on(one.created_at.astimezone(request.basis.zone).date())
    if one.author != request.actor.person:
        author = people.person(tx, one.author)
        return f"{author.name if author else 'Somebody'}'s note of {day}: {one.text}"
    if one.shared_at is None:
        return f"Your note of {day}, only for you: {one.text}"
    other = people.person(tx, one.other)
    return f"Your note of {day}, shared with {other.name if other else 'the other'}: {one.text}"


def _since(request: Request, tx: Transaction, pair: Pair) -> date:
    """The day on which they last met; where that is not known or far back, the day after the last check-in."""
    met = one_to_ones.last_met(tx, pair.manager.id, [pair.person.id]).get(pair.person.id)
    day = met.astimezone(request.basis.zone).date() if met is not None else None
    if day is not None and request.basis.now.date() - day <= FAR and request.basis.now.date() - day >= DAY:
        return day
    return begin.since(request, tx, pair.person.id, request.now)


def _tick(request: Request, tx: Transaction, pair: Pair, lines: list[Line]) -> Choice:
    ids = [[one.id, one.flagged] for one in lines]
    (token,) = issuer.lasting(request, tx, [("", "talked", {**pair.data, "lines": ids})])
    options = tuple(Option(str(at), str(at - 1)) for at in range(1, len(lines) + 1))
    return Choice("Talked about it? Press its number.", token.token, options)


def _buttons(request: Request, tx: Transaction, pair: Pair, notes: list[Item]) -> list[Part]:
    wanted: list[Wanted] = [("Add to agenda", "add", pair.data), ("Write a note", "write", pair.data)]
    wanted.append(("Action item", "make action", pair.data))
    more: list[Wanted] = [("All notes", "notes", pair.data)] if notes else []
    more += [("Open items", "actions", pair.data)] if actions.open_about(tx, [pair.person.id]) else []
    manages = request.actor.person == pair.manager.id
    if manages:
        wanted.append(("We have talked", "met", pair.data))
    below = msgspec.structs.replace(request, listing=True)
    further = issuer.lasting(below, tx, more)
    if manages:
        further += of_checkins.issuer.lasting(below, tx, [("Check-in", "start", {"person": pair.person.id})])
    first = Buttons(tuple(issuer.lasting(request, tx, wanted)))
    return [first, Buttons(tuple(further))] if further else [first]


def talked(request: Request, tx: Transaction) -> Outcome:
    """The number of a line was pressed: it is off the agenda of both."""
    pair = pressed(request, tx)
    lines = request.data["lines"]
    at = int(request.value) if request.value.isdecimal() else -1
    if not 0 <= at < len(lines):
        return Outcome(reply=show(request, tx, pair))
    identifier, flagged = str(lines[at][0]), bool(lines[at][1])
    if flagged:
        checkins.unflag(tx, identifier, pair.manager.id, at=request.now)
    else:
        one_to_ones.settle(tx, identifier, at=request.now)
    return Outcome(reply=show(request, tx, pair, f"Off the agenda: number {at + 1}."))


def met(request: Request, tx: Transaction) -> Outcome:
    """*We have talked*: it counts as their conversation, and what stands on the agenda stays."""
    pair = pressed(request, tx)
    one_to_ones.met(tx, new_id(), pair.manager.id, pair.person.id, at=request.now)
    stays = " What is not talked about stays on the agenda." if agenda(tx, pair, Days.of(request.basis)) else ""
    return Outcome(reply=show(request, tx, pair, f"Kept that you have talked today.{stays}"))
