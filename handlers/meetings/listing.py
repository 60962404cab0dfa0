"""My next meetings, each with what can be done with it."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import msgspec

from handlers.conversation.buttons import Wanted
from handlers.conversation.reply import Buttons, Part, Reply, Text
from handlers.conversation.request import Outcome, Request
from handlers.conversation.wording import length, plural
from handlers.meetings import repeats, rows, who
from handlers.meetings.buttons import ISSUER
from handlers.meetings.model import Meeting, Occurrence, current_or_next
from handlers.meetings.say import View
from storage import meetings
from storage.database import Transaction

SHOWN: Final = 6
AHEAD: Final = timedelta(days=60)


def theirs(request: Request, tx: Transaction, person: str | None = None) -> list[Meeting]:
    """The meetings of the person who asks, or of another."""
    whose = person or request.actor.person
    units = who.units_of(tx, whose, request.basis.now.date())
    return rows.models(tx, meetings.of_person(tx, whose, units))


def ahead(request: Request, tx: Transaction) -> list[tuple[Occurrence, Meeting]]:
    """Each meeting of theirs that is on or to come, by its next time."""
    found = [(one, each) for each in theirs(request, tx) if (one := current_or_next(each, request.now)) is not None]
    return sorted(found, key=lambda pair: (pair[0], pair[1].id))


def show(request: Request, tx: Transaction) -> Outcome:
    """`/meeting`."""
    request = msgspec.structs.replace(request, listing=True)
    found = ahead(request, tx)
    new = Buttons(tuple(ISSUER.lasting(request, tx, [("New meeting", "new", {})])))
    if not found:
        lead = "You have no meeting ahead that I know of."
        how = "Set one up in words, like “/meeting pipeline review Thursday 3pm with Dana”, or with the form."
        return Outcome(reply=Reply(f"{lead} {how}", (Text(lead), Text(how, style="quiet"), new)))
    view = View.of(request, tx, [meeting for _, meeting in found])
    lines = [line(view, meeting, one) for one, meeting in found[:SHOWN]]
    parts: list[Part] = [Text("Your next meetings", style="strong")]
    for (one, meeting), said in zip(found[:SHOWN], lines, strict=True):
        parts += [Text(said), Buttons(tuple(ISSUER.lasting(request, tx, _wanted(meeting, one))))]
    more = f"And {plural(len(found) - SHOWN, 'more', 'more')}." if len(found) > SHOWN else ""
    if more:
        parts.append(Text(more, style="quiet"))
    return Outcome(reply=Reply(f"Your next meetings: {'; '.join(lines)}. {more}".strip(), (*parts, new)))


def line(view: View, meeting: Meeting, one: Occurrence) -> str:
    """`Today 15:00: Pipeline review, 30 min, with Dana Reyes, every Thursday`."""
    when = view.when(one)
    on = " (it is on)" if one.start <= view.now else ""
    said = [f"{when[0].upper()}{when[1:]}{on}: {view.title(meeting)}"]
    said.append(length(int((one.end - one.start).total_seconds()) // 60))
    if whom := view.with_whom(meeting):
        said.append(whom)
    if meeting.recurrence is not None:
        said.append(repeats.words(meeting.recurrence, meeting.start.date(), view.days))
    return ", ".join(said)


def _wanted(meeting: Meeting, one: Occurrence) -> list[Wanted]:
    data = {"meeting": meeting.id, "day": one.day.isoformat()}
    wanted: list[Wanted] = [("Agenda", "agenda", data)]
    if meeting.source == "chat":
        wanted += [("Move", "move form", data), ("Cancel", "cancel", data)]
    return [*wanted, ("Add to calendar", "calendar", data)]
