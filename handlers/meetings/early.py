"""Reminders of what begins as somebody's quiet hours end: they come in the last open moment before these."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from handlers.conversation.company import Company
from handlers.numbers.spans import Span
from handlers.reach.gate import QUIET, Go, Never, Reach, Reason, gate
from handlers.reach.whereabouts import whereabouts
from handlers.schedules.slots import moment
from storage import reach
from storage.database import Transaction

EARLIEST: Final = timedelta(days=6)
"""Before the start: over a long weekend with its holidays."""
BEFORE_QUIET: Final = timedelta(minutes=15)
"""So long before the quiet hours begin, it is read the same day."""


def reaches(tx: Transaction, company: Company, persons: Collection[str], now: datetime) -> dict[str, Reach]:
    """When each may be written to, as far as clocks, days off and quiet hours have it."""
    found = {}
    for one in reach.circumstances(tx, persons, now, ()):
        zone, calendar = whereabouts(one.place, company)
        found[one.person] = Reach(
            zone=zone,
            calendar=calendar,
            leave=tuple(Span(first, last) for first, last in one.leave),
            quiet=one.quiet or QUIET,
            left=one.left,
        )
    return found


def due_at(topic: str, start: datetime, lead: timedelta, who: Reach | None) -> datetime:
    """When that person is reminded of what begins then: `lead` before it, or at the end of quiet hours (which the gate
    waits for), else before they begin."""
    usual = start - lead
    if who is None or gate(topic, usual, start, who, counts=False) != Never(Reason.QUIET):
        return usual
    day = usual.astimezone(who.zone).date()
    for back in range(EARLIEST.days):
        at = moment(day - timedelta(days=back), who.quiet[0], who.zone) - BEFORE_QUIET
        if at < usual and gate(topic, at, start, who, counts=False) == Go():
            return at
    return usual
