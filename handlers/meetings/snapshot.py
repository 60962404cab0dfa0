"""A meeting as it was before a change, to be put back."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from handlers.conversation.errors import UserError
from handlers.conversation.reply import Reply
from handlers.conversation.request import Outcome, Request
from handlers.meetings import record, rows, rrule, who
from handlers.meetings.model import Change, Meeting, next_one
from handlers.meetings.say import View
from storage.database import Transaction
from storage.meetings import Invited


class ChangedSince(UserError):
    """That meeting was changed again since, so nothing was taken back. Type “/meeting” to see how it stands."""


class NoMeeting(UserError):
    """That meeting is not there any more. Type “/meeting” to see what is ahead."""


def taken(meeting: Meeting, asked: Invited, after: Meeting) -> dict[str, Any]:
    """What a button keeps: how `meeting` was, and which version came of the change."""
    changes = [
        [one.day.isoformat(), one.start.isoformat() if one.start else None, one.minutes] for one in meeting.changes
    ]
    return {
        "meeting": meeting.id,
        "version": after.version,
        "title": meeting.title,
        "start": meeting.start.isoformat(),
        "minutes": meeting.minutes,
        "zone": meeting.zone,
        "rule": rrule.write(meeting.recurrence) if meeting.recurrence else None,
        "kind": meeting.kind,
        "lead": meeting.lead,
        "changes": changes,
        "persons": list(asked.persons),
        "units": list(asked.units),
    }


def undo(request: Request, tx: Transaction) -> Outcome:
    """The last change is taken back. Raises ChangedSince."""
    data = request.data
    now = rows.load(tx, str(data["meeting"]))
    if now is None:
        raise NoMeeting
    who.check(request, tx, now, "change a meeting")
    if now.version != data["version"]:
        raise ChangedSince
    by = request.actor.person
    if data.get("made"):
        view = View.of(request, tx, [now])
        record.cancel(tx, request.company, now, by=by, now=request.now)
        return Outcome(reply=Reply(f"Undone: {view.in_title(now)} does not take place."))
    before = _before(now, data)
    back = record.bring(
        tx, request.company, before, persons=data["persons"], units=data["units"], by=by, now=request.now
    )
    view = View.of(request, tx, [back])
    return Outcome(reply=Reply(f"Undone: {view.whole(back, next_one(back, request.now))}."))


def _before(now: Meeting, data: dict[str, Any]) -> Meeting:
    return Meeting(
        id=now.id,
        title=data["title"],
        start=datetime.fromisoformat(data["start"]),
        minutes=data["minutes"],
        zone=data["zone"],
        recurrence=rrule.read(data["rule"]) if data["rule"] else None,
        kind=data["kind"],
        lead=data["lead"],
        changes=tuple(
            Change(day=date.fromisoformat(day), start=datetime.fromisoformat(start) if start else None, minutes=minutes)
            for day, start, minutes in data["changes"]
        ),
        cancelled=False,
        organiser=now.organiser,
        source=now.source,
        uid=now.uid,
        feed=now.feed,
        sequence=now.sequence + 1,
    )
