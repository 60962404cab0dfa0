"""A meeting does not take place: one time of it, or none any more."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from handlers.conversation.reply import Buttons, Reply, Text
from handlers.conversation.request import Outcome, Request
from handlers.meetings import record, snapshot, who
from handlers.meetings.buttons import ISSUER
from handlers.meetings.errors import CancelledAlready
from handlers.meetings.find import asked as words_asked
from handlers.meetings.making import UNDO_FOR
from handlers.meetings.model import Change, current_or_next, next_one
from handlers.meetings.moving import changeable
from handlers.meetings.pick import Picked, ask_scope, pick, pressed
from handlers.meetings.say import View
from storage.database import Transaction

VERBS: Final = r"(?:cancel|call\s+off|delete|drop|scrap)"
_CANCEL: Final = re.compile(rf"{VERBS}\s+(?P<rest>.+)", re.I | re.S)
_SERIES: Final = re.compile(r"\b(?:the\s+)?(?:whole\s+)?series(?:\s+(?:of|for))?\b|\ball\s+(?:of\s+)?|\bevery\b", re.I)


def said(request: Request, tx: Transaction) -> Outcome | None:
    """`cancel tomorrow's one-to-one with Dana`; None where the words are nothing of this kind."""
    match = _CANCEL.fullmatch(request.text.strip())
    if match is None:
        return None
    which, series = _SERIES.subn(" ", match["rest"])
    dated = words_asked(request, which).day is not None
    extra = {"dated": dated and not series, "series": bool(series)}
    picked = pick(request, tx, which, "cancel", extra, others=True)
    return picked if isinstance(picked, Outcome) else cancel(request, tx, picked)


def cancel(request: Request, tx: Transaction, picked: Picked) -> Outcome:
    """The meeting is known: of a series, which times."""
    meeting, one = changeable(request, tx, picked.meeting), picked.one or current_or_next(picked.meeting, request.now)
    if one is None:
        raise CancelledAlready
    scope = picked.scope or ("all" if picked.extra.get("series") else "one" if picked.extra.get("dated") else "")
    if meeting.recurrence is not None and not scope:
        return ask_scope(request, tx, replace(picked, one=one), "cancel", "Cancel")
    asked, by = who.invited(tx, meeting.id), request.actor.person
    view = View.of(request, tx, [meeting])
    named, when = view.in_title(meeting), view.when(one, near=False)
    if meeting.recurrence is None or scope == "all":
        after = record.cancel(tx, request.company, meeting, by=by, now=request.now)
        what = f"Cancelled: the whole series {named}." if meeting.recurrence else f"Cancelled: {named}, {when}."
    else:
        after = record.change_one(tx, request.company, meeting, Change(day=one.day, start=None), by=by, now=request.now)
        following = next_one(after, request.now)
        behind = f" The next one is {view.when(following, near=False)}." if following else " It was the last one."
        what = f"Cancelled: {named}, {when}.{behind}"
    more = "Nobody is reminded of it, and everybody invited is told."
    undo = ("Undo", "undo", snapshot.taken(meeting, asked, after))
    buttons = ISSUER.once_and_lasting(request, tx, undo, UNDO_FOR, [])
    return Outcome(reply=Reply(f"{what} {more}", (Text(what), Text(more, style="quiet"), Buttons(tuple(buttons)))))


def button(request: Request, tx: Transaction) -> Outcome:
    """*Cancel* beside a meeting."""
    return cancel(request, tx, pressed(request, tx))
