"""What becomes of an action item: done, dropped, opened again, changed, shown to the manager or not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final, Literal

from handlers.actions import card
from handlers.actions.card import issuer
from handlers.actions.parse import LONGEST, Wanted, parse
from handlers.conversation import meanwhile, one_to_one
from handlers.conversation.access import Denied, may
from handlers.conversation.command import Done
from handlers.conversation.errors import NotAllowed, UserError, given_back
from handlers.conversation.reply import DateField, Form, Reply, TextField
from handlers.conversation.request import Outcome, Request
from handlers.conversation.wording import Days
from storage import actions, notices
from storage.actions import Action
from storage.database import Transaction


class GoneAction(UserError):
    """That action item is not there any more. Type “todo” for what is."""


class NothingSaid(UserError):
    """Say what is to be done, for example “remind me to send the NDA to Acme on Friday”."""


class DayIsOver(UserError):
    """{day} is over, so nothing was kept. Please say a day that is to come."""


class TooLong(UserError):
    """That is {length} characters, and an action item holds {limit}. Nothing was kept: “{text}”"""


class NothingToUndo(UserError):
    """You have put nothing on your list yet, so there is nothing to undo. Type “todo” for what is on it."""


class EndedAlready(UserError):
    """Your latest action item is {state} already: {what}. Type “todo” for what is open."""


class UndoTooLate(UserError):
    """Your latest was put on the list more than {minutes} minutes ago: {what}. “todo” has buttons for it."""


_NEWS: Final = timedelta(days=35)
"""How long it is worth telling of one that was taken over; a leave does not count."""
_THOUGHT_BETTER: Final = timedelta(minutes=5)
"""What is taken back within them is told to nobody, and what else is done is told with it."""
_ASKED: Final = re.compile(r"(?:hi|hey|hello)?[\s,]*(?:(?:please|pls|can you|could you|will you)\s+)+", re.I)
"""How somebody else asks for it."""


def add(request: Request, tx: Transaction, words: str) -> Outcome:
    """A new one of one's own, seen by nobody else."""
    wanted = parse(words, request.basis)
    if not wanted.text:
        raise NothingSaid
    if len(wanted.text) > LONGEST:
        raise TooLong(length=len(wanted.text), limit=LONGEST, text=wanted.text)
    me, today = request.actor.person, request.basis.now.date()
    if wanted.due is not None and wanted.due < today:
        raise DayIsOver(day=Days.of(request.basis).on(wanted.due))
    twin = next((one for one in actions.open_of(tx, me) if _same(one, wanted)), None)
    if twin is not None and card.seen(request, twin):
        return _said(request, tx, twin.id, "That is on your list already:", _of_its_day(request, wanted))
    made = actions.add(tx, owner=me, author=me, text=wanted.text, due=wanted.due, source="chat", at=request.now)
    return _said(request, tx, made, "On your list:", _of_its_day(request, wanted))


def _of_its_day(request: Request, wanted: Wanted) -> str:
    """What was said of the day or the time and is not kept as such: nobody is to wait for what never comes."""
    days = Days.of(request.basis)
    if wanted.near is not None:
        none = f"No calendar has “{wanted.no_day}”; the nearest day is {days.on(wanted.near)}."
        return f"{none} It has no day, so no message brings it: Change sets one."
    if wanted.due is None:
        return "It has no day, so no message brings it: Change sets one."
    if not wanted.timed:
        return ""
    brings = "“todo” shows it today" if wanted.due == days.today else "the morning message of that day brings it"
    return f"An item has a day and no time: {brings}."


def _same(one: Action, wanted: Wanted) -> bool:
    return one.about is None and one.due == wanted.due and one.text.casefold() == wanted.text.casefold()


def _said(request: Request, tx: Transaction, identifier: str, lead: str, note: str = "") -> Outcome:
    now = actions.get(tx, identifier)
    assert now is not None
    return Outcome(reply=card.single(request, tx, now, lead, note))


def _meant(request: Request, tx: Transaction, action: str = "change an action item") -> Action:
    """The one of the button, for who may do that with it. Raises GoneAction, NotAllowed."""
    found = actions.get(tx, str(request.data["action"]))
    if found is None:
        raise GoneAction
    verdict = may(request.actor, action, card.of(found))
    if isinstance(verdict, Denied):
        raise NotAllowed(reason=verdict.sentence)
    return found


def done(request: Request, tx: Transaction) -> Outcome:
    """*Done*."""
    return _ended(request, tx, "done", "Done, well kept:")


def drop(request: Request, tx: Transaction) -> Outcome:
    """*Drop*."""
    return _ended(request, tx, "dropped", "Dropped:")


def _ended(request: Request, tx: Transaction, state: Literal["done", "dropped"], lead: str) -> Outcome:
    one = _meant(request, tx)
    ended = actions.settle(tx, one.id, state, by=request.actor.person, at=request.now)
    if ended:
        _tell_owner(request, tx, one)
    return _said(request, tx, one.id, lead if ended else f"It is {one.state} already:")


def _tell_owner(request: Request, tx: Transaction, before: Action) -> None:
    """A report whose own item their manager has ended, opened again or changed hears of it with the news of their
    one-to-one; a former manager, who owed it to them, hears nothing any more."""
    me, owner = request.actor.person, before.owner
    if me == owner or before.subject != owner:
        return
    at = request.now + _THOUGHT_BETTER
    data = {"manager": me, "person": owner, "action": before.id, "before": before.version}
    wanted = notices.Wanted(
        topic=one_to_one.NAME, person=owner, slot=f"{before.id}:{before.version}", subject=before.id, due_at=at,
        until=at + _NEWS, data=data,
    )  # fmt: skip
    notices.plan(tx, [wanted], at=request.now)


def latest_at(request: Request, tx: Transaction) -> Done | None:
    """When I last put something on my list."""
    latest = actions.latest_by(tx, request.actor.person)
    return Done(latest.made_at, latest.id) if latest is not None else None


def undo_said(request: Request, tx: Transaction) -> Outcome:
    """`undo`: what I last put on my list goes off it, within the set time."""
    latest = actions.latest_by(tx, request.actor.person)
    if latest is None:
        raise NothingToUndo
    if latest.state != "open":
        raise EndedAlready(state=latest.state, what=latest.text)
    minutes = request.company.undo_minutes
    if request.now - latest.made_at > timedelta(minutes=minutes):
        raise UndoTooLate(minutes=minutes, what=card.line(request, latest))
    actions.settle(tx, latest.id, "dropped", by=request.actor.person, at=request.now)
    return _said(request, tx, latest.id, "Undone, off your list:")


def reopen(request: Request, tx: Transaction) -> Outcome:
    """*Open it again*."""
    one = _meant(request, tx)
    if actions.reopen(tx, one.id, by=request.actor.person, at=request.now):
        _tell_owner(request, tx, one)
    return _said(request, tx, one.id, "Open again:")


def edit(request: Request, tx: Transaction) -> Outcome:
    """*Change*: its words and its day."""
    one = _meant(request, tx)
    if one.state != "open":
        return Outcome(reply=Reply(f"It is {one.state} already."))
    now = _shown(one)
    fields = (
        TextField("text", "What is to be done?", now["text"], max_length=LONGEST),
        DateField("due", "By when?", now["due"], optional=True),
    )
    token = issuer.token_for(request, tx, "edited", {"action": one.id})
    return Outcome(form=Form("Action item", token, fields, intro=card.seen_by(request, one)))


def _shown(one: Action) -> dict[str, str]:
    """What the form shows, by field."""
    return {"text": one.text, "due": one.due.isoformat() if one.due else ""}


def edited(request: Request, tx: Transaction) -> Outcome:
    """The form was sent: what its sender changed is changed, and nothing of what others did meanwhile. The words and
    the day that it had are kept as a version."""
    one = _meant(request, tx)
    if one.state != "open":
        typed = request.values.get("text", "").strip()
        ended = card.single(request, tx, one, f"It is {one.state} already:")
        return Outcome(reply=given_back(ended, typed))
    merged = meanwhile.merged(request, tx, _shown(one))
    if merged.problems:
        return Outcome(problems=merged.problems)
    text, due, problems = _values(merged.values)
    if due is not None and due != one.due and due < request.basis.now.date():
        problems["due"] = "That day is over."
    if problems:
        return Outcome(problems=problems)
    if (text[:LONGEST], due) == (one.text, one.due):
        return _said(request, tx, one.id, "Nothing was different:")
    actions.change(tx, one.id, text=text[:LONGEST], due=due, by=request.actor.person, at=request.now)
    _tell_owner(request, tx, one)
    return _said(request, tx, one.id, "Changed:")


def take_over(request: Request, tx: Transaction) -> Outcome:
    """*Take over*: what a former manager owed to somebody who reports to the actor today."""
    one = _meant(request, tx, "take over an action item")
    if one.owner == request.actor.person:
        return _said(request, tx, one.id, "Yours already:")
    taken = actions.hand_over(tx, one.id, request.actor.person, by=request.actor.person, at=request.now)
    if taken:
        _tell_whom_it_is_for(request, tx, one)
    return _said(request, tx, one.id, "Yours now:" if taken else f"It is {one.state} already:")


def _tell_whom_it_is_for(request: Request, tx: Transaction, one: Action) -> None:
    """Once for who takes it over, with the news of their one-to-one."""
    me = request.actor.person
    data = {"manager": me, "person": one.subject, "action": one.id, "former": one.owner_name}
    wanted = notices.Wanted(
        topic=one_to_one.NAME, person=one.subject, slot=f"{one.id}:over:{me}", subject=one.id, due_at=request.now,
        until=request.now + _NEWS, data=data,
    )  # fmt: skip
    notices.plan(tx, [wanted], at=request.now)


def from_message(request: Request, tx: Transaction) -> Outcome:
    """The message shortcut: the form, filled with what the message says. A person's own item, seen by nobody else."""
    wanted = parse(_ASKED.sub("", request.text.strip()), request.basis)
    today = request.basis.now.date()
    due = wanted.due if wanted.due is not None and wanted.due >= today else None
    fields = (
        TextField("text", "What is to be done?", wanted.text[:LONGEST], multiline=True, max_length=LONGEST),
        DateField("due", "By when?", due.isoformat() if due else "", optional=True),
    )
    token = issuer.token_for(request, tx, "kept", {})
    return Outcome(form=Form("Remind me", token, fields, intro="Only you can see this. A morning message reminds you."))


def kept(request: Request, tx: Transaction) -> Outcome:
    """The form from a message was sent."""
    text, due, problems = _values(request.values)
    if due is not None and due < request.basis.now.date():
        problems["due"] = "That day is over."
    if problems:
        return Outcome(problems=problems)
    me = request.actor.person
    made = actions.add(tx, owner=me, author=me, text=text[:LONGEST], due=due, source="message", at=request.now)
    return _said(request, tx, made, "On your list:", _of_its_day(request, Wanted(text, due)))


def _values(values: Mapping[str, str]) -> tuple[str, date | None, dict[str, str]]:
    """The words and the day of a form, and what is wrong with them."""
    text, day = values.get("text", "").strip(), values.get("due", "").strip()
    problems: dict[str, str] = {}
    if not text:
        problems["text"] = "Say what is to be done."
    due = None
    try:
        due = date.fromisoformat(day) if day else None
    except ValueError:
        problems["due"] = "Write it like 2026-11-27."
    return text, due, problems


def share(request: Request, tx: Transaction) -> Outcome:
    """*Show my manager*."""
    return _shared(request, tx, shared=True)


def unshare(request: Request, tx: Transaction) -> Outcome:
    """*Keep it to myself*."""
    return _shared(request, tx, shared=False)


def _shared(request: Request, tx: Transaction, *, shared: bool) -> Outcome:
    one = _meant(request, tx, "share an action item")
    actions.share(tx, one.id, shared=shared, by=request.actor.person, at=request.now)
    return _said(request, tx, one.id, "Changed:")
