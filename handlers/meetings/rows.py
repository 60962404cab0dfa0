"""Meetings between their rows and the pure model."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import cast

from handlers.meetings import rrule
from handlers.meetings.model import Change, Kind, Meeting, Source
from storage import meetings
from storage.database import Transaction


def load(tx: Transaction, identifier: str) -> Meeting | None:
    """The meeting of that id, with what is different about single times of it."""
    row = meetings.get(tx, identifier)
    return None if row is None else models(tx, [row])[0]


def models(tx: Transaction, rows: Iterable[meetings.Meeting]) -> list[Meeting]:
    """The same as the model has them, in the same order."""
    listed = list(rows)
    different = meetings.exceptions(tx, [row.id for row in listed]) if listed else {}
    return [_model(row, different.get(row.id, ())) for row in listed]


def _model(row: meetings.Meeting, different: Iterable[meetings.Exception_]) -> Meeting:
    return Meeting(
        title=row.title,
        start=datetime.combine(row.day, row.at),
        zone=row.zone,
        minutes=row.minutes,
        recurrence=rrule.read(row.rule) if row.rule else None,
        changes=tuple(_change(one, row) for one in different),
        kind=cast(Kind, row.kind),
        cancelled=row.cancelled_at is not None,
        id=row.id,
        organiser=row.organiser,
        lead=row.lead,
        source=cast(Source, row.source),
        uid=row.uid,
        feed=row.feed,
        sequence=row.sequence,
        version=row.version,
    )


def _change(one: meetings.Exception_, row: meetings.Meeting) -> Change:
    start = None if one.new_day is None else datetime.combine(one.new_day, one.new_at or row.at)
    return Change(day=one.day, start=start, minutes=one.minutes)
