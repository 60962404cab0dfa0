"""What is planned to be said of a meeting: the reminder before it and, after it, the question for its minutes.

It is planned about a day ahead of when it is said, when the meeting is made or changed and by `due`, which the
housekeeping calls every hour; a unit's members are looked up once more shortly before. A changed meeting takes back
what it had planned, in the same transaction, and plans anew: slots carry its version, so that no key of before stands
in the way.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from handlers.conversation.company import Company
from handlers.conversation.request import Message
from handlers.meetings import early, pairs, rows, who
from handlers.meetings.model import Meeting, Occurrence, occurrences
from handlers.reach.gate import Reach
from storage import meetings, notices
from storage.database import Transaction

REMINDER: Final = "meeting reminder"
MINUTES: Final = "meeting minutes"
NEWS: Final = "meeting news"
"""Topics; kept in rows."""

AHEAD: Final = timedelta(hours=25)
"""How long before its time a reminder is planned: longer than the time between two looks, and a day for who looks at
what is planned."""
AGAIN: Final = timedelta(hours=2)
"""How long before a reminder a unit's members are looked up once more."""
WORTH_ASKING: Final = timedelta(days=2)
"""How long after a meeting its organiser is asked for its minutes."""
_AT_ONCE: Final = 200
MOVED: Final = "the meeting was changed or cancelled"


def due(tx: Transaction, company: Company, now: datetime) -> list[Message]:
    """Plan what is to be said of meetings in the next day or so."""
    after = ""
    while some := meetings.to_look_at(tx, now, after=after, limit=_AT_ONCE):
        for meeting in rows.models(tx, some):
            plan(tx, company, meeting, now)
        after = some[-1].id
    return []


def anew(tx: Transaction, company: Company, meeting: Meeting, now: datetime) -> None:
    """It was made or changed: what was planned for it is taken back, and planned again as it stands now."""
    for topic in (REMINDER, MINUTES):
        meetings.take_back(tx, topic, meeting.id, reason=MOVED, now=now)
    if meeting.cancelled:
        meetings.look_again(tx, meeting.id, None)
    else:
        plan(tx, company, meeting, now)


def plan(tx: Transaction, company: Company, meeting: Meeting, now: datetime) -> None:
    """Plan what is ahead of it in the next day or so, and when to look at it next. Twice is once."""
    lead = timedelta(minutes=meeting.lead)
    horizon = now + lead + AHEAD
    # One that is on may still be asked about when it is over.
    asked = who.invited(tx, meeting.id)
    heard = meetings.heard(tx, REMINDER, meeting.id)
    reminded = {(person, slot.partition(".")[0]) for person, slot in heard}
    over = pairs.remember(tx, meeting, now)
    looks: list[datetime] = [over] if over is not None else []
    known: dict[str, Reach] = {}
    for one in occurrences(meeting, now - timedelta(minutes=meeting.minutes)):
        near = one.start <= horizon
        if not near:
            looks.append(one.start - lead - AHEAD)
            if one.start > horizon + early.EARLIEST:
                looks.append(one.start - lead - AHEAD - early.EARLIEST)
                break
        wanted = [_minutes(meeting, one)] if near and one.end > now else []
        if meeting.lead and one.start > now:
            persons = who.participants(tx, meeting, one.local.date(), asked)
            persons = [each for each in persons if (each, _stamp(one)) not in reminded]
            known |= early.reaches(tx, company, [each for each in persons if each not in known], now)
            when = {each: early.due_at(REMINDER, one.start, lead, known.get(each)) for each in persons}
            wanted += _reminders(meeting, one, {each: at for each, at in when.items() if near or at <= now + AHEAD})
            looks += [at - AHEAD for at in when.values() if not near and at > now + AHEAD]
            if near and asked.units and one.start - lead - AGAIN > now:
                looks.append(one.start - lead - AGAIN)
        notices.plan(tx, wanted, at=now)
    meetings.look_again(tx, meeting.id, min(looks, default=None))


def _reminders(meeting: Meeting, one: Occurrence, when: Mapping[str, datetime]) -> list[notices.Wanted]:
    return [
        notices.Wanted(
            topic=REMINDER,
            subject=meeting.id,
            person=person,
            slot=slot(meeting, one),
            due_at=at,
            until=one.start,
            data=data(meeting, one),
        )
        for person, at in when.items()
    ]


def _minutes(meeting: Meeting, one: Occurrence) -> notices.Wanted:
    return notices.Wanted(
        topic=MINUTES,
        subject=meeting.id,
        person=meeting.organiser,
        slot=slot(meeting, one),
        due_at=one.end,
        until=one.end + WORTH_ASKING,
        data=data(meeting, one),
    )


def slot(meeting: Meeting, one: Occurrence) -> str:
    """The occurrence at its time, in this version of the meeting."""
    return f"{_stamp(one)}.{meeting.version}"


def data(meeting: Meeting, one: Occurrence) -> dict[str, str]:
    """Which occurrence, and when it was when this was planned."""
    return {"meeting": meeting.id, "day": one.day.isoformat(), "start": one.start.isoformat()}


def _stamp(one: Occurrence) -> str:
    return f"{one.start.astimezone(UTC):%Y%m%dT%H%MZ}"
