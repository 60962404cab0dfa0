"""What a manager does with a check-in: comment, thank, keep it for the one-to-one, make an action item of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from handlers.checkins import card, promise_form, sheet
from handlers.checkins.buttons import issuer
from handlers.checkins.sheet import Sheet
from handlers.conversation.errors import ButtonUnknown
from handlers.conversation.reply import Form, TextField
from handlers.conversation.request import Outcome, Request
from storage import actions, checkins, notices, people
from storage.checkins import Remarked
from storage.database import Transaction
from storage.people import Person

ANSWERED: Final = "check-in answer"
WORTH: Final = timedelta(days=35)
"""How long a rep is worth telling of an answer; a leave does not count."""
LONGEST: Final = 1000


def read(request: Request, tx: Transaction) -> Outcome:
    """*Read*: the whole of it."""
    of, who = _meant(request, tx, "see a check-in")
    return Outcome(reply=card.whole(request, tx, of, who))


def _meant(request: Request, tx: Transaction, action: str) -> tuple[Sheet, Person]:
    of = sheet.theirs(request, tx, str(request.data["checkin"]), action)
    who = people.person(tx, of.checkin.person)
    if who is None:
        raise ButtonUnknown
    return of, who


def _reads(who: Person) -> str:
    return f"Only you and {who.name} can see this; they get it at their next open hour."


def comment_form(request: Request, tx: Transaction) -> Outcome:
    """*Comment*."""
    of, who = _meant(request, tx, "answer a check-in")
    fields = (TextField("text", f"To {who.name}", multiline=True, max_length=LONGEST),)
    token = issuer.token_for(request, tx, "commented", {"checkin": of.checkin.id})
    return Outcome(form=Form("Comment", token, fields, submit="Send", intro=_reads(who)))


def commented(request: Request, tx: Transaction) -> Outcome:
    """The comment was written."""
    text = request.values.get("text", "").strip()
    if not text:
        return Outcome(problems={"text": "Write a few words."})
    return _remarked(request, tx, "comment", text, "Sent to {name}.")


def thank(request: Request, tx: Transaction) -> Outcome:
    """*Thank*."""
    return _remarked(request, tx, "thanks", "", "{name} hears your thanks.")


def flag_form(request: Request, tx: Transaction) -> Outcome:
    """*For the one-to-one*."""
    of, who = _meant(request, tx, "answer a check-in")
    fields = (TextField("text", "What about it?", optional=True, max_length=300),)
    token = issuer.token_for(request, tx, "flagged", {"checkin": of.checkin.id})
    intro = f"Only you and {who.name} can see this. It stays on your list until you have talked about it."
    return Outcome(form=Form("For the one-to-one", token, fields, submit="Keep", intro=intro))


def flagged(request: Request, tx: Transaction) -> Outcome:
    """It is kept for the one-to-one, and the rep knows."""
    text = request.values.get("text", "").strip()
    return _remarked(request, tx, "flag", text, "Kept for your one-to-one with {name}, who is told.")


def _remarked(request: Request, tx: Transaction, kind: Remarked, text: str, done: str) -> Outcome:
    of, who = _meant(request, tx, "answer a check-in")
    me, said = request.actor.person, checkins.remarks_of(tx, [of.checkin.id])
    if kind != "comment" and any((one.author, one.kind, one.text) == (me, kind, text) for one in said):
        # An older copy of the card has the button still.
        return Outcome(reply=card.whole(request, tx, of, who, f"{who.name} was told already."))
    made = checkins.remark(tx, of.checkin.id, author=me, kind=kind, text=text, at=request.now)
    tell(request, tx, who, made, {"remark": made, "checkin": of.checkin.id})
    return Outcome(reply=card.whole(request, tx, of, who, done.format(name=who.name)))


def tell(request: Request, tx: Transaction, who: Person, slot: str, data: dict[str, str]) -> None:
    """The rep hears of it, as soon as they may be written to."""
    wanted = notices.Wanted(
        topic=ANSWERED, person=who.id, slot=slot, subject=data["checkin"], due_at=request.now,
        until=request.now + WORTH, data=data,
    )  # fmt: skip
    notices.plan(tx, [wanted], at=request.now)


def unflag(request: Request, tx: Transaction) -> Outcome:
    """*Talked about it*."""
    of, who = _meant(request, tx, "answer a check-in")
    checkins.unflag(tx, of.checkin.id, request.actor.person, at=request.now)
    return Outcome(reply=card.whole(request, tx, of, who, "Off your list for the one-to-one."))


def action_form(request: Request, tx: Transaction) -> Outcome:
    """*Make an action item*, with what is in the way as its words."""
    of, who = _meant(request, tx, "answer a check-in")
    fields = promise_form.fields(request, who.name, card.in_the_way(of))
    token = issuer.token_for(request, tx, "action made", {"checkin": of.checkin.id})
    return Outcome(form=Form("Action item", token, fields, intro=f"Only you and {who.name} can see this."))


def action_made(request: Request, tx: Transaction) -> Outcome:
    """It is on somebody's list, and the rep knows."""
    of, who = _meant(request, tx, "answer a check-in")
    given = promise_form.filled_in(request)
    if isinstance(given, dict):
        return Outcome(problems=given)
    made = actions.add(
        tx,
        owner=request.actor.person if given.mine else who.id,
        author=request.actor.person,
        about=who.id,
        text=given.text,
        due=given.due,
        source="checkin",
        source_id=of.checkin.id,
        shared=True,
        at=request.now,
    )
    tell(request, tx, who, made, {"action": made, "checkin": of.checkin.id})
    return Outcome(reply=card.whole(request, tx, of, who, promise_form.KEPT))
