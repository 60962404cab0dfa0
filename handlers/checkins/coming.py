"""Whether something that is said unasked would come to somebody, so that nothing is promised that does not."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from handlers.conversation.request import Request
from handlers.numbers.spans import Span
from handlers.reach.gate import QUIET, Reach, Verdict, gate
from handlers.reach.whereabouts import whereabouts
from storage import reach
from storage.database import Transaction


def to(
    request: Request, tx: Transaction, person: str, topic: str, at: datetime, until: datetime
) -> tuple[Verdict, ZoneInfo]:
    """What the gate says of that topic at that moment, as far as is known now, and where they are."""
    (found,) = reach.circumstances(tx, [person], request.now, ())
    zone, calendar = whereabouts(found.place, request.company)
    leave = tuple(Span(first, last) for first, last in found.leave)
    return gate(topic, at, until, Reach(zone, calendar, leave, found.quiet or QUIET, found.muted)), zone
