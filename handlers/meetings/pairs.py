"""A one-to-one of a manager and their report: its meeting shows the agenda that the two keep, and is remembered once it
has taken place."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from handlers.conversation.one_to_one import Pair, agenda, between
from handlers.conversation.wording import Days
from handlers.meetings import who
from handlers.meetings.model import Meeting, occurrences
from storage import one_to_ones
from storage.database import Transaction

BACK: Final = timedelta(days=2)
"""How long ago one may have ended that is not remembered yet."""


def pair_of(tx: Transaction, meeting: Meeting, day: date) -> Pair | None:
    """The two, where it is a one-to-one of just them and one manages the other on that day."""
    if meeting.kind != "one_to_one":
        return None
    there = who.participants(tx, meeting, day)
    return between(tx, there[0], there[1], day) if len(there) == 2 else None


def points(tx: Transaction, meeting: Meeting, days: Days) -> list[str]:
    """What the two want to talk about; empty where it is no such meeting."""
    pair = pair_of(tx, meeting, days.today)
    return [line.text for line in agenda(tx, pair, days)] if pair is not None else []


def remember(tx: Transaction, meeting: Meeting, now: datetime) -> datetime | None:
    """Those that are over took place; when the next one is over, where it is to be looked at again."""
    if meeting.kind != "one_to_one":
        return None
    for one in occurrences(meeting, now - BACK):
        if one.end > now:
            return one.end
        pair = pair_of(tx, meeting, one.local.date())
        if pair is not None:
            one_to_ones.met(tx, f"{meeting.id}:{one.day}", pair.manager.id, pair.person.id, at=one.end)
    return None
