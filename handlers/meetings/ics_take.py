"""What a calendar says becomes meetings: people by their e-mail, each meeting known again by its UID.

The same calendar again changes nothing. What was changed here since, the calendar changes only with a higher SEQUENCE.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from handlers.conversation.access import Allowed, may
from handlers.conversation.company import Company
from handlers.conversation.request import Actor
from handlers.meetings import record, rows, who
from handlers.meetings.ics_read import Event, LeftOut
from handlers.meetings.model import LEAD, Change, Kind, Meeting, next_one
from storage import meetings, people
from storage.database import Transaction

_A_DAY: Final = timedelta(days=1) // timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Giver:
    """Who gave a calendar, and how."""

    actor: Actor
    company: Company
    now: datetime
    feed: str | None = None
    """Its feed; None: a file."""
    persons: tuple[str, ...] = ()
    """Who is invited to all that it holds, besides those it names."""
    units: tuple[str, ...] = ()


@dataclass(slots=True)
class Taken:
    """What became of a calendar's events."""

    made: list[str] = field(default_factory=list)
    """Ids of meetings."""
    changed: list[str] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    same: int = 0
    over: int = 0
    private: int = 0
    alone: int = 0
    declined: int = 0
    left_out: list[LeftOut] = field(default_factory=list)
    strangers: Counter[str] = field(default_factory=Counter)
    """E-mail addresses of nobody that is known here, and in how many meetings."""


def take(tx: Transaction, event: Event, giver: Giver, taken: Taken) -> str | None:
    """One event of a calendar. The UID that it stands under from now on; None where it is none of our meetings."""
    known, event = _known(tx, event)
    meeting, me = event.meeting, giver.actor.person
    if (known is not None and known.source == "chat") or (known is None and meeting.cancelled):
        taken.same += 1  # it began here, and the calendar had it from us; or it never did
        return meeting.uid
    if known is None and next_one(meeting, giver.now) is None:
        taken.over += 1
        return None
    if giver.feed and event.private:
        taken.private += 1
        return None
    if giver.actor.email.lower() in event.declined and (known is None or known.organiser == me):
        taken.declined += 1
        return None
    guests = _guests(tx, event, giver, taken)
    if giver.feed and guests.alone and event.only is None:
        taken.alone += 1
        return None
    if known is not None:
        _change(tx, known, event, guests, giver, taken)
        return meeting.uid
    # In somebody else's name only where they are with each other in it.
    organiser = guests.organiser if guests.organiser and me in guests.persons else me
    wanted = replace(meeting, organiser=organiser, kind=guests.kind, feed=giver.feed)
    made = record.bring(
        tx, giver.company, wanted, persons=guests.persons, units=guests.units, by=me, now=giver.now, tell=False
    )
    taken.made.append(made.id)
    return meeting.uid


def gone(tx: Transaction, feed: str, standing: Collection[str], giver: Giver, taken: Taken) -> None:
    """What the feed held before and does not any more takes place no more."""
    ours = [row for row in meetings.of_feed(tx, feed) if row.uid not in standing]
    for meeting in rows.models(tx, ours):
        if next_one(meeting, giver.now) is None:
            continue
        called_off(tx, giver.company, meeting, giver.actor.person, giver.now)
        taken.cancelled.append(meeting.id)


def called_off(tx: Transaction, company: Company, meeting: Meeting, by: str, now: datetime) -> None:
    """It takes place no more because its calendar does not hold it. Its sequence stays, so that it comes back when one
    holds it again."""
    asked, wanted = who.invited(tx, meeting.id), replace(meeting, cancelled=True)
    record.bring(tx, company, wanted, persons=asked.persons, units=asked.units, by=by, now=now, tell=False)


def _known(tx: Transaction, event: Event) -> tuple[Meeting | None, Event]:
    """The meeting that stands already, and the event as it is meant for it: one time of a series that is known is a
    change of that, of one that is not a meeting by itself."""
    uid = event.meeting.uid
    row = meetings.by_uid(tx, uid)
    known = rows.load(tx, row.id) if row is not None else None
    if event.only is None or known is not None:
        return known, event
    alone = f"{uid}/{event.only.isoformat()}"
    row = meetings.by_uid(tx, alone)
    known = rows.load(tx, row.id) if row is not None else None
    return known, replace(event, meeting=replace(event.meeting, uid=alone), only=None)


@dataclass(frozen=True, slots=True)
class _Guests:
    organiser: str
    """Empty where it is nobody of ours."""
    persons: tuple[str, ...]
    """All of ours in it, the organiser included."""
    units: tuple[str, ...]
    kind: Kind
    alone: bool
    """Nobody but who gave the calendar is in it, known or not."""


def _guests(tx: Transaction, event: Event, giver: Giver, taken: Taken) -> _Guests:
    me = giver.actor.person
    emails = [email for email in dict.fromkeys((event.organiser, *event.invited)) if email]
    ours = frozenset(email for email in emails if email.rpartition("@")[2] in giver.company.domains)
    found = {one.email.lower(): one.id for one in people.by_emails(tx, ours) if not one.left} if ours else {}
    strangers = [email for email in emails if email not in found]
    taken.strangers.update(strangers)
    organiser = "" if event.organiser in event.declined else found.get(event.organiser, "")
    persons = tuple(dict.fromkeys((*(found[email] for email in emails if email in found), *giver.persons)))
    there = {me, *persons}
    two = len(there) == 2 and not strangers and not giver.units
    alone = there == {me} and not strangers and not giver.units
    return _Guests(organiser, persons, giver.units, "one_to_one" if two else "sales", alone)


def _change(tx: Transaction, known: Meeting, event: Event, guests: _Guests, giver: Giver, taken: Taken) -> None:
    meeting, asked = event.meeting, who.invited(tx, known.id)
    if meeting.sequence < known.sequence or (event.only is not None and known.cancelled):
        taken.same += 1
        return
    if event.only is not None:
        change = Change(
            day=event.only,
            start=None if meeting.cancelled else meeting.start,
            minutes=None if meeting.cancelled else meeting.minutes,
        )
        wanted = replace(known, changes=_with(known.changes, change), sequence=meeting.sequence)
        persons, units = asked.persons, asked.units
    else:
        wanted = replace(
            meeting, id=known.id, organiser=known.organiser, kind=guests.kind, feed=known.feed, uid=known.uid,
            lead=_lead(known, meeting), version=known.version,
        )  # fmt: skip
        persons = tuple(one for one in guests.persons if one != known.organiser)
        units = guests.units or asked.units
        if meeting.cancelled:
            # A cancellation often says no more than that.
            wanted = replace(known, cancelled=True, sequence=meeting.sequence)
            persons, units = asked.persons, asked.units
    differs = wanted != known or set(persons) != set(asked.persons) or set(units) != set(asked.units)
    if not differs:
        taken.same += 1
        return
    if not _may(tx, known, giver):
        if giver.feed is None:
            reason = "it is in already, and only its organiser and the managers of those invited change it"
            taken.left_out.append(LeftOut(meeting.title, reason))
        else:
            taken.same += 1
        return
    if giver.feed is not None:
        wanted = replace(wanted, feed=giver.feed)
    record.bring(
        tx, giver.company, wanted, persons=persons, units=units, by=giver.actor.person, now=giver.now, tell=False
    )
    (taken.cancelled if wanted.cancelled and not known.cancelled else taken.changed).append(known.id)


def _may(tx: Transaction, known: Meeting, giver: Giver) -> bool:
    if giver.feed is not None and (known.feed == giver.feed or known.cancelled):
        return True  # its own calendar, or one that holds what another has lost
    subject = who.subject(tx, known, giver.now.date())
    return isinstance(may(giver.actor, "change a meeting", subject), Allowed)


def _with(changes: Sequence[Change], change: Change) -> tuple[Change, ...]:
    return tuple(sorted((*(one for one in changes if one.day != change.day), change), key=lambda one: one.day))


def _lead(known: Meeting, meeting: Meeting) -> int:
    """As it was set here, unless the calendar makes a day of it, or of the day a time."""
    was_all_day = known.minutes % _A_DAY == 0 and known.lead == 0
    if meeting.lead == 0:
        return 0
    return LEAD if was_all_day else known.lead
