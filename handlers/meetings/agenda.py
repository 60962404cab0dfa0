"""What is to be talked about: shown, added to, ticked off."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Final

import msgspec

from handlers.conversation import one_to_one
from handlers.conversation.buttons import Wanted
from handlers.conversation.reply import Button, Buttons, Form, Part, Reply, Text, TextField
from handlers.conversation.request import Outcome, Request
from handlers.conversation.wording import Days, bracketed
from handlers.meetings import pairs, who
from handlers.meetings.buttons import ISSUER
from handlers.meetings.errors import CancelledAlready, NotFound
from handlers.meetings.model import Meeting, Occurrence, current_or_next, occurrence_on
from handlers.meetings.pick import Picked, pick, pressed, standing
from handlers.meetings.say import View
from storage import meetings, one_to_ones, people
from storage.database import Transaction
from storage.meetings import AgendaItem

_AGENDA: Final = re.compile(
    r"(?:show\s+|add\s+to\s+)?(?:the\s+)?agenda\b(?:\s+(?:for|of|item\s+for))?(?P<which>(?:[^:\n]|:(?=\d))*)(?::(?P<text>.*))?",
    re.I | re.S,
)
LONGEST: Final = 500
"""Characters of an item."""
MOST: Final = 30
"""Items of one time of a meeting."""
SHOWN: Final = 8


def said(request: Request, tx: Transaction) -> Outcome | None:
    """`agenda pipeline review: bring the Globex renewal`; None where the words are nothing of this kind."""
    match = _AGENDA.fullmatch(request.text.strip())
    if match is None:
        return None
    items = [line.strip(" -•*\t") for line in (match["text"] or "").splitlines()]
    extra = {"items": [item for item in items if item]}
    picked = pick(request, tx, match["which"], "agenda", extra)
    return picked if isinstance(picked, Outcome) else go(request, tx, picked)


def go(request: Request, tx: Transaction, picked: Picked) -> Outcome:
    """The meeting is known: its agenda, with what was said put on it."""
    meeting = picked.meeting
    who.check(request, tx, meeting, "take part in a meeting")
    one = picked.one or current_or_next(meeting, request.now)
    if one is None:
        raise CancelledAlready
    items = picked.extra.get("items", [])
    return Outcome(reply=_put(request, tx, meeting, one, items) if items else show(request, tx, meeting, one))


def _put(request: Request, tx: Transaction, meeting: Meeting, one: Occurrence, items: list[str]) -> Reply:
    there = meetings.agenda(tx, meeting.id, one.day)
    long = next((item for item in items if len(item) > LONGEST), None)
    if long is not None:
        raise NotFound(sentence=f"An item of an agenda has up to {LONGEST} characters.", text=long)
    if len(there) + len(items) > MOST:
        sentence = f"That agenda has {len(there)} items, and {MOST} are the most."
        raise NotFound(sentence=sentence, text="\n".join(items))
    pair = pairs.pair_of(tx, meeting, request.basis.now.date())
    known = {item.text.casefold() for item in there}
    known |= {text.casefold() for text in pairs.points(tx, meeting, Days.of(request.basis))}
    for item in (item for item in items if item.casefold() not in known):
        if pair is None:
            meetings.put_on_agenda(tx, meeting.id, one.day, request.actor.person, item, now=request.now)
        else:
            one_to_ones.add(
                tx, manager=pair.manager.id, person=pair.person.id, author=request.actor.person, kind="point",
                text=item, shared=True, at=request.now,
            )  # fmt: skip
    view = View.of(request, tx, [meeting])
    lead = f"On the agenda of {view.in_title(meeting)}, {view.when(one)}: {'; '.join(items)}."
    return show(request, tx, meeting, one, lead=lead)


def show(request: Request, tx: Transaction, meeting: Meeting, one: Occurrence, lead: str = "") -> Reply:
    """All of it, with what can be done with each item."""
    view = View.of(request, tx, [meeting])
    items = meetings.agenda(tx, meeting.id, one.day)
    title = f"{view.title(meeting)}, {view.when(one)}"
    parts: list[Part] = [Text(lead)] if lead else []
    parts.append(Text(f"Agenda of {title}", style="strong"))
    names = {person.id: person.name for who_ in {item.author for item in items} if (person := people.person(tx, who_))}
    lines = [_line(item, names) for item in items]
    for item, said_line in list(zip(items, lines, strict=True))[:SHOWN]:
        parts += [Text(said_line), Buttons(tuple(ISSUER.lasting(request, tx, _wanted(request, meeting, item))))]
    if len(items) > SHOWN:
        parts.append(Text("\n".join(lines[SHOWN:])))
    ours = pairs.points(tx, meeting, Days.of(request.basis))
    if ours:
        parts.append(Text("\n".join(f"• {text}" for text in ours)))
    lines += ours
    if not lines:
        parts.append(Text("Nothing stands on it yet."))
    data = {"meeting": meeting.id, "day": one.day.isoformat()}
    further: list[Wanted] = [("Add to agenda", "add to agenda", data)]
    if one.start <= request.now:
        further.append(("Write minutes", "write minutes", data))
    parts.append(Buttons((*ISSUER.lasting(request, tx, further), *our_agenda(request, tx, meeting))))
    text = f"Agenda of {title}: {'; '.join(lines)}." if lines else f"Nothing stands on the agenda of {title} yet."
    return Reply(f"{lead} {text}".strip(), tuple(parts))


def plain(tx: Transaction, meeting: Meeting, one: Occurrence) -> list[str]:
    """The items that are still to be talked about."""
    return [item.text for item in meetings.agenda(tx, meeting.id, one.day) if item.done_at is None]


def our_agenda(request: Request, tx: Transaction, meeting: Meeting) -> list[Button]:
    """*Our agenda*, of a one-to-one of a manager and their report: opens the page of the two."""
    pair = pairs.pair_of(tx, meeting, request.basis.now.date())
    below = msgspec.structs.replace(request, listing=True)
    return one_to_one.issuer.lasting(below, tx, [("Our agenda", "open", pair.data)]) if pair is not None else []


def _line(item: AgendaItem, names: dict[str, str]) -> str:
    done = "done: " if item.done_at is not None else ""
    return f"{done}{bracketed(item.text, names.get(item.author, 'somebody'))}"


def _wanted(request: Request, meeting: Meeting, item: AgendaItem) -> list[Wanted]:
    data = {"item": item.id}
    wanted: list[Wanted] = [("Not done" if item.done_at else "Done", "item done", {**data, "done": not item.done_at})]
    if request.actor.person in (item.author, meeting.organiser):
        wanted.append(("Remove", "item off", data))
    return wanted


def button(request: Request, tx: Transaction) -> Outcome:
    """*Agenda* beside a meeting."""
    return go(request, tx, pressed(request, tx))


def done_button(request: Request, tx: Transaction) -> Outcome:
    """*Done*."""
    item, meeting, one = _item(request, tx)
    meetings.settle_item(tx, item.id, done_at=request.now if request.data["done"] else None)
    return Outcome(reply=show(request, tx, meeting, one))


def off_button(request: Request, tx: Transaction) -> Outcome:
    """*Remove*."""
    item, meeting, one = _item(request, tx)
    who.check_item(request, tx, meeting, item.author)
    meetings.take_off_agenda(tx, item.id, now=request.now)
    return Outcome(reply=show(request, tx, meeting, one, lead=f"Taken off: {item.text}."))


def _item(request: Request, tx: Transaction) -> tuple[AgendaItem, Meeting, Occurrence]:
    item = meetings.agenda_item(tx, str(request.data["item"]))
    if item is None:
        raise NotFound(sentence="That item is not on the agenda any more.", text="agenda")
    meeting = standing(tx, item.meeting)
    who.check(request, tx, meeting, "take part in a meeting")
    one = occurrence_on(meeting, item.day)
    if one is None:
        raise CancelledAlready
    return item, meeting, one


def add_button(request: Request, tx: Transaction) -> Outcome:
    """*Add to agenda*: the form."""
    picked = pressed(request, tx)
    who.check(request, tx, picked.meeting, "take part in a meeting")
    data: dict[str, Any] = {"meeting": picked.meeting.id, "day": request.data["day"]}
    field = TextField("items", "What is to be talked about", hint="One item a line", multiline=True)
    return Outcome(form=Form("Add to agenda", ISSUER.token_for(request, tx, "added to agenda", data), (field,), "Add"))


def form_sent(request: Request, tx: Transaction) -> Outcome:
    """The items were given."""
    items = [line.strip(" -•*\t") for line in request.values.get("items", "").splitlines()]
    items = [item for item in items if item]
    if not items:
        return Outcome(problems={"items": "Write at least one item."})
    if any(len(item) > LONGEST for item in items):
        return Outcome(problems={"items": f"An item has up to {LONGEST} characters."})
    meeting = standing(tx, str(request.data["meeting"]))
    day = date.fromisoformat(str(request.data["day"]))
    picked = Picked(meeting, occurrence_on(meeting, day), "", {"items": items})
    return go(msgspec.structs.replace(request, text="\n".join(items)), tx, picked)
