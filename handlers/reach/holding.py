"""Which schedule of a topic holds for somebody: their unit's, else that of one above it, else the company's."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from storage import reach, units
from storage.database import Transaction
from storage.reach import Scheduled


def schedules_of(tx: Transaction, topics: Collection[str], person: str, day: date) -> dict[str, Scheduled]:
    """What holds on that day for that person, by the topic's name; a topic that nobody ever set is left out."""
    latest: dict[tuple[str, str | None], Scheduled] = {}
    for one in reach.scheduled(tx, topics):
        latest[one.topic, one.unit] = one
    line: Sequence[str | None] = [*with_above(tx, unit_of(tx, person, day)), None]
    found = {}
    for topic in topics:
        near = next((latest[topic, unit] for unit in line if (topic, unit) in latest), None)
        if near is not None:
            found[topic] = near
    return found


def unit_of(tx: Transaction, person: str, day: date) -> str | None:
    """The unit whose schedules hold for them: where they sell, else one that they lead."""
    here = [
        one
        for one in units.memberships_of(tx, persons=[person])
        if one.since <= day and (one.until is None or one.until > day)
    ]
    sells = next((one.unit for one in here if not one.leads), None)
    return sells or next((one.unit for one in here), None)


def with_above(tx: Transaction, unit: str | None) -> list[str]:
    """The unit and those above it, the nearest first."""
    parents = {one.id: one.parent for one in units.everything(tx)}
    line: list[str] = []
    while unit is not None and unit not in line:
        line.append(unit)
        unit = parents.get(unit)
    return line
