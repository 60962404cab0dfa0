"""A new meeting: from words or from the form to its rows, and what is said of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from handlers.conversation.buttons import Wanted
from handlers.conversation.reply import Buttons, Part, Reply, Text
from handlers.conversation.request import Outcome, Request
from handlers.meetings import form, record, snapshot, who
from handlers.meetings.buttons import ISSUER
from handlers.meetings.invite import Guests, guests
from handlers.meetings.listing import theirs
from handlers.meetings.model import Meeting, next_one
from handlers.meetings.say import View, reminded
from handlers.meetings.shape import Problem, meeting_of, shape
from handlers.meetings.words import ONE_TO_ONE, Said, read
from storage import units
from storage.database import Transaction

UNDO_FOR: Final = timedelta(minutes=30)


def said(request: Request, tx: Transaction) -> Outcome:
    """`/meeting` and what it shall be."""
    words = read(request.text, request.basis)
    found = guests(request, tx, words.names)
    if isinstance(found, str):
        return unclear(request, tx, found)
    if not found:
        return unclear(request, tx, "With whom? Add “with” and the names of people or a unit.")
    made = make(request, tx, words, found)
    return unclear(request, tx, made.sentence) if isinstance(made, Problem) else made


def unclear(request: Request, tx: Transaction, sentence: str) -> Outcome:
    """What is missing, with the words and a form that holds what was understood."""
    kept = f"Nothing is set up yet. Your words: {request.text.strip()}"
    button = ISSUER.lasting(request, tx, [("Fill in the form", "new", {"text": request.text.strip()[:1000]})])
    parts: tuple[Part, ...] = (Text(sentence), Text(kept, style="quiet"), Buttons(tuple(button)))
    return Outcome(reply=Reply(f"{sentence} {kept}", parts))


def make(request: Request, tx: Transaction, words: Said, found: Guests) -> Outcome | Problem:
    """The meeting is made, or what stands in the way."""
    alone = len(found.persons) == 1 and not found.units
    if words.one_to_one and not alone:
        return Problem("with", "A one-to-one is with one person. Leave “one-to-one” out for more people.")
    one_to_one = alone and (words.one_to_one or not words.title)
    shaped = shape(request, words)
    if isinstance(shaped, Problem):
        return shaped
    title = words.title or (ONE_TO_ONE if one_to_one else _title(tx, found))
    wanted = meeting_of(request, words, shaped, title=title[:150], one_to_one=one_to_one)
    same = _same(request, tx, wanted, found)
    if same is not None:
        view = View.of(request, tx, [same])
        sentence = f"That meeting is there already: {view.whole(same, next_one(same, request.now))}."
        return Outcome(reply=Reply(sentence, (Text(sentence), offered(request, tx, same))))
    made = record.bring(
        tx, request.company, wanted, persons=found.persons, units=found.units, by=request.actor.person, now=request.now
    )  # fmt: skip
    return Outcome(reply=told(request, tx, made, "Set up"))


def told(request: Request, tx: Transaction, made: Meeting, lead: str, *, undo: dict[str, Any] | None = None) -> Reply:
    """What was done, with *Undo* and what else can be done with it. `undo` None: it was made just now."""
    view = View.of(request, tx, [made])
    one = next_one(made, request.now)
    sentence = f"{lead}: {view.whole(made, one)}."
    more = f"{reminded(made)} Everybody invited is told."
    undo = {"meeting": made.id, "version": made.version, "made": True} if undo is None else undo
    buttons = ISSUER.once_and_lasting(request, tx, ("Undo", "undo", undo), UNDO_FOR, _further(made))
    return Reply(f"{sentence} {more}", (Text(sentence), Text(more, style="quiet"), Buttons(tuple(buttons))))


def offered(request: Request, tx: Transaction, meeting: Meeting) -> Buttons:
    """What can be done with it."""
    return Buttons(tuple(ISSUER.lasting(request, tx, _further(meeting))))


def _further(meeting: Meeting) -> list[Wanted]:
    data = {"meeting": meeting.id}
    return [("Agenda", "agenda", data), ("Change", "edit", data), ("Add to calendar", "calendar", data)]


def _title(tx: Transaction, found: Guests) -> str:
    names = {unit.id: unit.name for unit in units.everything(tx)} if found.units else {}
    return f"{names[found.units[0]]} meeting" if len(found.units) == 1 and not found.persons else "Meeting"


def _same(request: Request, tx: Transaction, wanted: Meeting, found: Guests) -> Meeting | None:
    """One of theirs that is the same in all that was said."""
    for one in theirs(request, tx):
        alike = (one.title, one.start, one.zone, one.recurrence) == (
            wanted.title, wanted.start, wanted.zone, wanted.recurrence,
        )  # fmt: skip
        if alike and one.organiser == wanted.organiser:
            asked = who.invited(tx, one.id)
            if set(asked.persons) == set(found.persons) and set(asked.units) == set(found.units):
                return one
    return None


def new_button(request: Request, tx: Transaction) -> Outcome:
    """The empty form, or one that holds what was understood of a line."""
    text = str(request.data.get("text", ""))
    return Outcome(form=form.new(request, tx, read(text, request.basis) if text else Said(text="")))


def form_sent(request: Request, tx: Transaction) -> Outcome:
    """A new meeting by form."""
    values = form.read_values(request)
    if isinstance(values, dict):
        return Outcome(problems=values)
    found = guests(request, tx, values.names)
    if isinstance(found, str):
        return Outcome(problems={"with": found})
    if not found:
        return Outcome(problems={"with": "Write the name of a person or a unit."})
    made = make(request, tx, values, found)
    return Outcome(problems={made.field: made.sentence}) if isinstance(made, Problem) else made


def undo_button(request: Request, tx: Transaction) -> Outcome:
    """*Undo*: as it was before, if nobody has changed it since."""
    return snapshot.undo(request, tx)
