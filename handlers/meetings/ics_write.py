"""A meeting as an .ics document, for Outlook, Google and Apple: in its zone, with that zone's rules beside it.

The UID stays, the SEQUENCE rises with every change, so that the file taken again moves what is in the calendar already.
Nobody is invited by it: people hear of the meeting from here.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from handlers.conversation.errors import ButtonUnknown
from handlers.conversation.reply import Document, Reply, Text
from handlers.conversation.request import Outcome, Request
from handlers.meetings import rows, rrule, who
from handlers.meetings.ics_zone_rules import timezone_of
from handlers.meetings.model import Change, Meeting, Occurrence, instant_of, next_one, occurrence_on
from handlers.meetings.say import View
from storage import files, people
from storage.database import Transaction

if TYPE_CHECKING:
    from icalendar import Event

MEDIA: Final = "text/calendar"
_KEPT: Final = timedelta(days=2)
_UNFIT: Final = re.compile(r'[\x00-\x1f<>:"/\\|?*]+')
_A_DAY: Final = 24 * 60


def document(meeting: Meeting, *, title: str, organiser: tuple[str, str], now: datetime) -> bytes:
    """The file: the meeting or the whole series, its single times as they are now. `organiser`: name and e-mail."""
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", "-//Pacer//Meetings//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    if not _all_day(meeting) and meeting.zone != "UTC":
        calendar.add_component(timezone_of(meeting.zone, _first(meeting)))
    calendar.add_component(_event(meeting, title, organiser, now))
    for change in meeting.changes:
        if change.start is not None and meeting.recurrence is not None and not meeting.cancelled:
            calendar.add_component(_changed(meeting, change, title, organiser, now))
    return bytes(calendar.to_ical())


def _event(meeting: Meeting, title: str, organiser: tuple[str, str], now: datetime) -> Event:
    made = _plain(meeting, title, organiser, now)
    _times(made, meeting, meeting.start, meeting.minutes)
    if meeting.recurrence is None:
        return made
    from icalendar.prop import vRecur

    at = meeting.start.time()
    until = rrule.until_instant(meeting.recurrence, at, meeting.zone)
    if _all_day(meeting):
        until = None
    made.add("rrule", vRecur.from_ical(rrule.write(meeting.recurrence, until=until)))
    gone = [change for change in meeting.changes if change.start is None]
    for change in gone:
        made.add("exdate", _stamp(meeting, datetime.combine(change.day, at)))
    return made


def _changed(meeting: Meeting, change: Change, title: str, organiser: tuple[str, str], now: datetime) -> Event:
    """One time of a series that is elsewhere."""
    assert change.start is not None
    made = _plain(meeting, title, organiser, now)
    made.add("recurrence-id", _stamp(meeting, datetime.combine(change.day, meeting.start.time())))
    _times(made, meeting, change.start, change.minutes or meeting.minutes)
    return made


def _plain(meeting: Meeting, title: str, organiser: tuple[str, str], now: datetime) -> Event:
    from icalendar import Event, vCalAddress, vText

    made = Event()
    made.add("uid", meeting.uid)
    made.add("sequence", meeting.sequence)
    made.add("dtstamp", now.astimezone(UTC).replace(microsecond=0))
    made.add("summary", title)
    made.add("status", "CANCELLED" if meeting.cancelled else "CONFIRMED")
    name, email = organiser
    if email:
        address = vCalAddress(f"mailto:{email}")
        address.params["CN"] = vText(name.replace('"', "'"))
        made.add("organizer", address, encode=False)
    return made


def _times(made: Any, meeting: Meeting, local: datetime, minutes: int) -> None:
    if _all_day(meeting):
        made.add("dtstart", local.date())
        made.add("dtend", local.date() + timedelta(days=max(1, minutes // _A_DAY)))
        return
    made.add("dtstart", _stamp(meeting, local))
    end = instant_of(local, meeting.zone) + timedelta(minutes=minutes)
    made.add("dtend", end.astimezone(ZoneInfo(meeting.zone)))


def _stamp(meeting: Meeting, local: datetime) -> date | datetime:
    """As a calendar writes that time of the wall. One that the clocks skip is the first after the gap."""
    if _all_day(meeting):
        return local.date()
    return instant_of(local, meeting.zone).astimezone(ZoneInfo(meeting.zone))


def _all_day(meeting: Meeting) -> bool:
    midnight = meeting.start.hour == meeting.start.minute == 0
    return midnight and meeting.minutes % _A_DAY == 0 and meeting.lead == 0


def _first(meeting: Meeting) -> date:
    """The day from which on the zone's rules matter."""
    days = [meeting.start.date(), *(change.start.date() for change in meeting.changes if change.start is not None)]
    return min(days)


# ---------------------------------------------------------------- the button


def button(request: Request, tx: Transaction) -> Outcome:
    """*Add to calendar*: the meeting, or the whole series, as a file in one's own chat."""
    meeting = rows.load(tx, str(request.data["meeting"]))
    if meeting is None:
        raise ButtonUnknown
    who.check(request, tx, meeting, "take part in a meeting")
    view = View.of(request, tx, [meeting])
    organiser = people.person(tx, meeting.organiser)
    title = view.title(meeting)
    content = document(
        meeting,
        title=title,
        organiser=(organiser.name, organiser.email) if organiser is not None else ("", ""),
        now=request.now,
    )
    name = f"{' '.join(_UNFIT.sub(' ', title).split()).strip('. ')[:80] or 'meeting'}.ics"
    kept = files.keep(
        tx,
        name=name,
        content=content,
        media=MEDIA,
        person=request.actor.person,
        at=request.now,
        until=request.now + _KEPT,
    )
    about = _about(view, meeting, _one(request, meeting))
    return Outcome(reply=Reply(about, (Text(about), Document(name, kept, len(content), about))), replace=False)


def _one(request: Request, meeting: Meeting) -> Occurrence | None:
    day = str(request.data.get("day", ""))
    one = occurrence_on(meeting, date.fromisoformat(day)) if day else None
    return one or next_one(meeting, request.now)


def _about(view: View, meeting: Meeting, one: Occurrence | None) -> str:
    if meeting.cancelled:
        return f"{view.title(meeting)} does not take place any more: open the file, and your calendar takes it out."
    what = "the whole series, with its moved and cancelled times" if meeting.recurrence is not None else "one meeting"
    return (
        f"{view.whole(meeting, one)}. Open the file to put it into Outlook, Google or Apple Calendar: {what}. When it "
        "moves, take the file again, and the calendar moves it too."
    )
