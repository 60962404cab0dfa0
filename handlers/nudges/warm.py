"""A kind word on Monday for who is behind: a fact of their own rows that is good to know, or none."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from handlers.conversation.request import Request
from handlers.conversation.wording import Days
from handlers.figures import deal_rows, past_week, week
from handlers.figures.deal_rows import Circle
from handlers.figures.deal_words import title
from handlers.figures.number import Own
from handlers.figures.standing import BOOKINGS, Subject
from handlers.figures.wording import about, percent
from handlers.numbers.shares import half_up
from storage.database import Transaction

WORTH: Final = Fraction(1, 5)
"""Of what is missing: an open deal that is less of it is no comfort."""


def word(request: Request, tx: Transaction, own: Own, *, beside: str) -> str:
    """What they won last week; else that what is open is enough, or how far the largest of it goes. `beside`: the
    suggestion, which names a deal already. Empty for who is not behind."""
    status = own.found.status
    if own.found.measure != BOOKINGS or status.standing is None or not status.standing.is_behind or not status.gap:
        return ""
    return _won(request, tx, own) or _open(request, tx, own, status.gap, beside)


def _won(request: Request, tx: Transaction, own: Own) -> str:
    me, last = request.actor.person, week.last_week(request)
    won = [one for one in past_week.load(tx, request.company, own.plan, {me}, last) if one.kind == "won"]
    if not won:
        return ""
    largest = won[0].line(Days.of(request.basis)).replace(f" ({won[0].named.owner})", "")
    more = f", and {len(won) - 1} more" if len(won) > 1 else ""
    return f"Well done on winning {largest}{more}."


def _open(request: Request, tx: Transaction, own: Own, gap: int, beside: str) -> str:
    me, today = request.actor.person, request.basis.now.date()
    circle = Circle(tx, request.company, own.plan, Subject(request.actor.name, person=me), frozenset((me,)), today)
    rows = [
        row
        for row in deal_rows.open_rows(circle, last=own.found.span.last)
        if row.amount and row.named.deal.closes_on and row.named.deal.closes_on >= today
    ]
    if not rows:
        return ""
    if deal_rows.total(rows) >= gap:
        open_ = about(request, deal_rows.total(rows))
        return f"The {open_} that you have open and closing in time would cover what is missing."
    largest = max(rows, key=lambda row: (row.amount or Fraction(0), row.named.deal.id))
    amount, name = largest.amount or Fraction(0), title(largest.named)
    if amount < WORTH * gap or name in beside:
        return ""
    share = percent(amount / gap, glance=True)
    return f"{name} alone, {about(request, half_up(amount))}, would be {share} of what is missing."
