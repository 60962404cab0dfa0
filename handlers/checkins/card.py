"""A rep's check-in as their manager reads it: the answers, the facts beside them, what was said, and what to do."""

from __future__ import annotations

from typing import Final

import msgspec

from handlers.checkins import begin, questions, sheet, since, wording
from handlers.checkins.buttons import issuer
from handlers.checkins.sheet import Sheet
from handlers.conversation import one_to_one
from handlers.conversation.access import ActionOf, Allowed, RemarkOf, may
from handlers.conversation.buttons import Wanted
from handlers.conversation.company import Question
from handlers.conversation.reply import Button, Buttons, Fact, Facts, Part, Reply, Text
from handlers.conversation.request import Request
from handlers.conversation.wording import Days
from handlers.figures.wording import amount
from storage import actions, checkins, people
from storage.actions import Action
from storage.checkins import Remark
from storage.database import Transaction
from storage.people import Person

IN_THE_WAY: Final = "way"
_SAID: Final = {
    "comment": "{name} wrote: {text}",
    "thanks": "{name} says thank you{more}",
    "flag": "{name} keeps it for the one-to-one{more}",
}
_MINE: Final = {
    "comment": "You wrote: {text}",
    "thanks": "You said thank you",
    "flag": "You keep it for the one-to-one{more}",
}


def whole(request: Request, tx: Transaction, of: Sheet, who: Person, lead: str = "") -> Reply:
    """Everything; the actor may see it."""
    heading = f"{who.name}'s check-in of {wording.of_day(request, of)}"
    rows = [*_with_change(request, tx, of)]
    small = " ".join(filter(None, (wording.late(request, of), _edited(request, of))))
    first = begin.since(request, tx, who.id, of.checkin.created_at)
    beside = since.facts(request, tx, who, first)
    title = f"Since {Days.of(request.basis).on(first)}"
    said = remarks(request, tx, of)
    parts: list[Part] = [Text(lead)] if lead else []
    parts += [Text(heading, style="strong"), Facts(tuple(rows))]
    parts += [Text(small, style="quiet")] if small else []
    if beside:
        parts += [Text(title, style="strong"), Facts(tuple(beside))]
    parts += [Text("\n".join(said))] if said else []
    reads = f"Only you and {who.name} can see this."
    parts += [Text(reads, style="quiet"), Buttons(_buttons(request, tx, of))]
    spoken = [lead, f"{heading}.", wording.told(rows), small]
    spoken += [f"{title}:", wording.told(beside)] if beside else []
    return Reply(" ".join(filter(None, (*spoken, *said, reads))), tuple(parts))


def _buttons(request: Request, tx: Transaction, of: Sheet) -> tuple[Button, ...]:
    data = {"checkin": of.checkin.id}
    mine = [one for one in checkins.remarks_of(tx, [of.checkin.id]) if one.author == request.actor.person]
    wanted: list[Wanted] = [("Comment", "comment", data)]
    if not any(one.kind == "thanks" for one in mine):
        wanted.append(("Thank", "thank", data))
    flagged = any(one.kind == "flag" for one in mine)
    wanted.append(("Talked about it", "unflag", data) if flagged else ("To talk about", "flag", data))
    wanted.append(("Action item", "make action", data))
    pair = {"manager": request.actor.person, "person": of.checkin.person}
    below = msgspec.structs.replace(request, listing=True)
    return (*issuer.lasting(request, tx, wanted), *one_to_one.issuer.lasting(below, tx, [("One-to-one", "open", pair)]))


def _with_change(request: Request, tx: Transaction, of: Sheet) -> list[Fact]:
    """The answers; an amount with what it was the time before."""
    earlier = _before(request, tx, of)
    found = []
    for question, answer in of.answered:
        value = sheet.shown(request, of, question, answer)
        if earlier is not None and question.kind in (questions.COMMIT, questions.BEST, questions.RATING):
            was = earlier.of_kind(question.kind)
            if was is not None and was != answer.number and _comparable(question, earlier, of):
                rating = question.kind == questions.RATING
                shown = str(was) if rating else amount(request, of.checkin.measure or "bookings", was)
                value += f" (before: {shown})"
        found.append(Fact(wording.label(request, of, question), value))
    return found


def _before(request: Request, tx: Transaction, of: Sheet) -> Sheet | None:
    """The one before it, where whoever reads may see that too."""
    for one in checkins.of_person(tx, of.checkin.person, limit=3, before=of.checkin.created_at):
        if one.submitted_at is not None:
            seen = isinstance(may(request.actor, "see a check-in", sheet.subject(request, tx, one)), Allowed)
            return sheet.load(tx, one) if seen else None
    return None


def _comparable(question: Question, earlier: Sheet, now: Sheet) -> bool:
    """A rating always; an amount of the same measure and period."""
    of = [(one.checkin.measure, one.checkin.period_last) for one in (earlier, now)]
    return question.kind == questions.RATING or of[0] == of[1]


def _edited(request: Request, of: Sheet) -> str:
    """`Changed Fri, Nov 20 at 2:20 pm: commit, next week.` The day is named: the message stands longer than today."""
    if not of.edited:
        return ""
    latest = max(answer.at for _, answer in of.edited).astimezone(request.basis.zone)
    when = Days.of(request.basis).moment(latest.date(), latest.time(), near=False)
    what = [wording.label(request, of, question) for question, _ in of.edited]
    return f"Changed {when}: {', '.join(f'{one[:1].lower()}{one[1:]}' for one in what)}."


def remarks(request: Request, tx: Transaction, of: Sheet) -> list[str]:
    """What was said to it, and the action items that came of it, for whoever reads."""
    subject = sheet.subject(request, tx, of.checkin)
    said = []
    for one in checkins.remarks_of(tx, [of.checkin.id]):
        if isinstance(may(request.actor, "see a remark", RemarkOf(subject, one.author)), Allowed):
            said.append(sentence(request, tx, one))
    made = [
        one
        for one in actions.of_source(tx, "checkin", of.checkin.id)
        if isinstance(may(request.actor, "see an action item", ActionOf(one.owner, one.subject, one.shared)), Allowed)
    ]
    return [*said, *(_action(request, one) for one in made)]


def sentence(request: Request, tx: Transaction, one: Remark) -> str:
    """One of them."""
    author = people.person(tx, one.author)
    name = author.name if author else "Somebody"
    words = _MINE if one.author == request.actor.person else _SAID
    text = one.text.strip()
    said = words[one.kind].format(name=name, text=text, more=f": {text}" if text else "")
    return said if said.endswith((".", "!", "?")) else f"{said}."


def _action(request: Request, one: Action) -> str:
    state = "" if one.state == "open" else f" ({one.state})"
    whose = "yours" if one.owner == request.actor.person else one.owner_name
    due = f", due {Days.of(request.basis).day(one.due)}" if one.due is not None and one.state == "open" else ""
    return f"Action item, {whose}: {one.text}{due}{state}."


def in_the_way(of: Sheet) -> str:
    """What was said to be in the way, where that was asked."""
    return next((answer.text for question, answer in of.answered if question.name == IN_THE_WAY), "")
