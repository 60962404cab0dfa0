"""Taking back, changing and confirming what was logged. Everybody changes their own rows only."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from handlers.conversation import questions
from handlers.conversation.access import Denied, may
from handlers.conversation.command import Done
from handlers.conversation.errors import ButtonUnknown, NotAllowed, UserError
from handlers.conversation.reply import Buttons, Reply, Text
from handlers.conversation.request import Outcome, Request
from handlers.conversation.route import plain
from handlers.conversation.wording import Days
from handlers.figures.activity_words import one_line
from handlers.log import buttons, form
from handlers.log.parse import Entry
from handlers.log.record import logged, remember_contacts, to_activity
from handlers.log.vocabulary import vocabulary_of
from storage import accounts, activities
from storage.activities import Activity
from storage.database import Transaction

THE_LATEST = frozenset(("", "that", "it", "last", "latest", "the last", "the last one", "the latest", "please", "this"))
"""What may follow `undo`."""


class NothingToUndo(UserError):
    """You have not logged anything yet, so there is nothing to undo. “/log call Acme” would log a call."""


class UndoneAlready(UserError):
    """Your latest is undone already: {what}. For older ones, “/log list” has a button beside each."""


class UndoTooLate(UserError):
    """Your latest was logged more than {minutes} minutes ago: {what}. “/log list” has a button to remove it."""


class GoneAlready(UserError):
    """That was taken back already: {what}. To have it again, log it again: {said}"""


class NotYet(UserError):
    """That is planned for {day}; say that it happened when it has. If it will not, Undo or “/log list” removes it."""


def undo_button(request: Request, tx: Transaction) -> Outcome:
    """*Undo* below a reply: all that the line said."""
    return Outcome(reply=_take_back(request, tx, activities.on_line(tx, request.data["line"]), "Undone"))


def remove_button(request: Request, tx: Transaction) -> Outcome:
    """*Remove* in the list: that one activity, however old."""
    return Outcome(reply=_take_back(request, tx, [_mine(request, tx)], "Removed"))


def undo_latest(request: Request, tx: Transaction) -> Outcome:
    """`undo`: what I said last, once, within the set time."""
    line = activities.latest_line(tx, request.actor.person)
    if line is None:
        raise NothingToUndo
    latest = activities.on_line(tx, line)
    if all(activity.voided_at for activity in latest):
        raise UndoneAlready(what=_together(latest, request))
    minutes = request.company.undo_minutes
    if request.now - activities.said_at(tx, line) > timedelta(minutes=minutes):
        raise UndoTooLate(what=_together(latest, request), minutes=minutes)
    return Outcome(reply=_take_back(request, tx, latest, "Undone"))


def latest_at(request: Request, tx: Transaction) -> Done | None:
    """When I said my latest; None where I have not logged anything."""
    line = activities.latest_line(tx, request.actor.person)
    return None if line is None else Done(activities.said_at(tx, line), line)


def undo_said(request: Request, tx: Transaction) -> Outcome:
    """`undo`, `oops`: the question that is open here is dropped, else my latest is taken back. With further words it is
    asked whether the latest is meant."""
    dropped = questions.drop(request, tx, buttons.NAME, latest_at(request, tx))
    if dropped is not None:
        return Outcome(reply=dropped)
    return undo_latest(request, tx) if plain(request.text) in THE_LATEST else undo_after_asking(request, tx)


def undo_after_asking(request: Request, tx: Transaction) -> Outcome:
    """Something like `undo` was said: a button takes my latest back."""
    line = activities.latest_line(tx, request.actor.person)
    if line is None:
        raise NothingToUndo
    latest = activities.on_line(tx, line)
    if all(activity.voided_at for activity in latest):
        raise UndoneAlready(what=_together(latest, request))
    ask = f"Shall I take back your latest: {_together(latest, request)}?"
    undo: buttons.Wanted = ("Undo", "undo", {"line": line})
    undo_for = timedelta(minutes=request.company.undo_minutes)
    offered = buttons.once_and_lasting(request, tx, undo, undo_for, [])
    more = "“/log list” has a button for older ones."
    return Outcome(reply=Reply(f"{ask} {more}", (Text(ask), Text(more, style="quiet"), Buttons(tuple(offered)))))


def _take_back(request: Request, tx: Transaction, some: list[Activity], verb: str) -> Reply:
    for activity in some:
        _check_mine(request, activity)
    standing = [activity for activity in some if activity.voided_at is None]
    if not standing:
        raise GoneAlready(what=_together(some, request), said=some[0].said)
    activities.void(tx, [a.entry for a in standing], author=request.actor.person, at=request.now)
    sentence = f"{verb}: {_together(standing, request)}."
    return Reply(text=sentence, parts=(Text(sentence), Text(f"Your words were: {standing[0].said}", style="quiet")))


def _together(some: list[Activity], request: Request) -> str:
    days = Days.of(request.basis)
    return "; ".join(one_line(activity, days) for activity in some)


def _mine(request: Request, tx: Transaction) -> Activity:
    activity = activities.get(tx, request.data["entry"])
    if activity is None:
        raise ButtonUnknown
    _check_mine(request, activity)
    return activity


def standing(request: Request, tx: Transaction) -> Activity:
    """The activity that a button is about, which is mine and was not taken back. Raises GoneAlready."""
    activity = _mine(request, tx)
    if activity.voided_at is not None:
        raise GoneAlready(what=_together([activity], request), said=activity.said)
    return activity


def _check_mine(request: Request, activity: Activity) -> None:
    verdict = may(request.actor, "change an activity", activity.person)
    if isinstance(verdict, Denied):
        raise NotAllowed(reason=verdict.sentence)


def edit_button(request: Request, tx: Transaction) -> Outcome:
    """*Edit*: the form, filled in."""
    return Outcome(form=form.filled(request, tx, standing(request, tx), vocabulary_of(request.company)))


def change(request: Request, tx: Transaction, entry: Entry) -> Outcome:
    """The edit form was sent: a further version of the activity holds from now on."""
    before = standing(request, tx)
    after = replace(
        to_activity(request, tx, entry, before.said, before.line),
        entry=before.entry,
        version=before.version + 1,
    )
    activities.replace(tx, after, author=request.actor.person, at=request.now)
    remember_contacts(request, tx, [after])
    return Outcome(reply=logged(request, tx, [after], "Changed"))


def confirm_button(request: Request, tx: Transaction) -> Outcome:
    """*It happened*: a planned activity counts from now on."""
    before = standing(request, tx)
    days = Days.of(request.basis)
    if before.day > days.today:
        raise NotYet(day=days.on(before.day))
    after = replace(before, planned=False, version=before.version + 1)
    if before.planned:
        activities.replace(tx, after, author=request.actor.person, at=request.now)
    return Outcome(reply=logged(request, tx, [after], "Confirmed"))


def create_account(request: Request, tx: Transaction) -> Outcome:
    """*Create account …*: it is made, and the line that named it belongs to it."""
    name = request.data["name"]
    account = accounts.add(tx, name, by=request.actor.person, at=request.now)
    line: list[Activity] = []
    for activity in activities.on_line(tx, request.data["line"]):
        _check_mine(request, activity)
        if activity.voided_at is not None:
            continue
        if activity.account is None and accounts.folded(activity.account_text or "") == accounts.folded(name):
            after = replace(activity, account=account.id, account_name=account.name, version=activity.version + 1)
            activities.replace(tx, after, author=request.actor.person, at=request.now)
            line.append(after)
        else:
            line.append(activity)
    if not line:
        return Outcome(reply=Reply(text=f"{account.name} is an account now. The line that named it was taken back."))
    remember_contacts(request, tx, line)
    return Outcome(reply=logged(request, tx, line, f"{account.name} is an account now. Logged"))
