"""What is put on the agenda of a one-to-one, and the action items that come of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from handlers.checkins import promise_form, talk
from handlers.checkins.sheet import GRACE
from handlers.conversation.errors import UserError
from handlers.conversation.one_to_one import LONGEST, MOST, NAME, Pair, issuer
from handlers.conversation.reply import Form, TextField
from handlers.conversation.request import Outcome, Request
from storage import actions, notices, one_to_ones
from storage.database import Transaction

NEWS: Final = NAME
WORTH: Final = timedelta(days=35)
"""How long the other one is worth telling; a leave does not count."""


class TooMuch(UserError):
    """{sentence} Nothing was kept: “{text}”"""


def tell(request: Request, tx: Transaction, pair: Pair, subject: str, data: dict[str, Any]) -> None:
    """The other one hears of it, once the time to take it back is over."""
    at = request.now + GRACE
    wanted = notices.Wanted(
        topic=NEWS, person=pair.other(request.actor.person).id, slot=subject, subject=subject, due_at=at,
        until=at + WORTH, data={**pair.data, **data},
    )  # fmt: skip
    notices.plan(tx, [wanted], at=request.now)


def lines_of(words: str) -> list[str]:
    """A point a line, without bullets."""
    return [line for line in (each.strip(" -•*\t") for each in words.splitlines()) if line]


def put(request: Request, tx: Transaction, pair: Pair, points: Sequence[str]) -> int:
    """These are on the agenda of the two; how many are new. Raises TooMuch."""
    there = one_to_ones.points(tx, pair.manager.id, pair.person.id)
    problem = _problem(len(there), points)
    if problem:
        raise TooMuch(sentence=problem, text="\n".join(points))
    known = {one.text.casefold() for one in there}
    new = [text for text in dict.fromkeys(points) if text.casefold() not in known]
    for text in new:
        made = one_to_ones.add(
            tx, manager=pair.manager.id, person=pair.person.id, author=request.actor.person, kind="point", text=text,
            shared=True, at=request.now,
        )  # fmt: skip
        tell(request, tx, pair, made.id, {})
    return len(new)


def _problem(there: int, points: Sequence[str]) -> str:
    if any(len(one) > LONGEST for one in points):
        return f"A point has up to {LONGEST} characters."
    return f"{there} points wait already, and {MOST} are the most." if there + len(points) > MOST else ""


def said(request: Request, tx: Transaction, pair: Pair, words: str) -> Outcome:
    """Typed behind the name: `one-to-one with Dana: bring the Globex renewal`."""
    new = put(request, tx, pair, lines_of(words))
    return Outcome(reply=talk.show(request, tx, pair, "On the agenda." if new else "That stands on it already."))


def form(request: Request, tx: Transaction) -> Outcome:
    """*Add to agenda*."""
    pair = talk.pressed(request, tx)
    label = "What do you want to talk about?"
    field = TextField("points", label, hint="One point a line", multiline=True, max_length=1500)
    other = pair.other(request.actor.person).name
    token = issuer.token_for(request, tx, "added", pair.data)
    return Outcome(form=Form("To talk about", token, (field,), "Add", f"Only you and {other} can see this."))


def added(request: Request, tx: Transaction) -> Outcome:
    """The form was sent."""
    pair = talk.pressed(request, tx)
    points = lines_of(request.values.get("points", ""))
    there = len(one_to_ones.points(tx, pair.manager.id, pair.person.id))
    problem = _problem(there, points) if points else "Write at least one point."
    if problem:
        return Outcome(problems={"points": problem})
    put(request, tx, pair, points)
    return Outcome(reply=talk.show(request, tx, pair, "On the agenda."))


def action_form(request: Request, tx: Transaction) -> Outcome:
    """*Action item*."""
    pair = talk.pressed(request, tx)
    other = pair.other(request.actor.person)
    fields = promise_form.fields(request, other.name)
    token = issuer.token_for(request, tx, "action made", pair.data)
    return Outcome(form=Form("Action item", token, fields, intro=f"Only you and {other.name} can see this."))


def action_made(request: Request, tx: Transaction) -> Outcome:
    """It is carried from one-to-one to one-to-one until it is done or dropped."""
    pair = talk.pressed(request, tx)
    other = pair.other(request.actor.person)
    given = promise_form.filled_in(request)
    if isinstance(given, dict):
        return Outcome(problems=given)
    made = actions.add(
        tx,
        owner=request.actor.person if given.mine else other.id,
        author=request.actor.person,
        about=pair.person.id,
        text=given.text,
        due=given.due,
        source="one-to-one",
        shared=True,
        at=request.now,
    )
    tell(request, tx, pair, made, {"action": made})
    return Outcome(reply=talk.show(request, tx, pair, promise_form.KEPT))
