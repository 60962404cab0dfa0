"""What the figures say of each of a manager's people: far behind, fallen, a target reached, a big win."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Final

from handlers.checkins.reasons import Why
from handlers.conversation.request import Request
from handlers.conversation.wording import Days
from handlers.figures import credited, number, past_week, week
from handlers.figures.freshness import freshness
from handlers.figures.plan import Plan, Seller
from handlers.figures.standing import BOOKINGS, limits_of
from handlers.figures.wording import percent
from handlers.numbers.spans import DAY, Span
from handlers.numbers.status import Standing, Status, status
from handlers.numbers.targets import over
from storage.database import Transaction

FELL: Final = Fraction(1, 10)
"""A pace that fell by so much within a week is worth a word."""
BIG: Final = Fraction(1, 10)
"""A win is big from this share of the period's target on."""
MUCH: Final = Fraction(1, 3)
"""Of the period's own working days: before that a single deal decides who is far behind."""
_ORDER: Final = (Standing.AHEAD, Standing.ON_PACE, Standing.BEHIND, Standing.AT_RISK)


@dataclass
class Found:
    """By person: reasons, and how much less was won than expected by now, in minor units."""

    reasons: dict[str, dict[Why, str]] = field(default_factory=dict)
    short: dict[str, int] = field(default_factory=dict)


def look(request: Request, tx: Transaction, plan: Plan, span: Span) -> Found:
    """A few queries for everybody in the plan. Of data that is too old nothing is said but the wins it holds."""
    found = Found({one: {} for one in plan.sellers})
    if not freshness(request, tx).is_old:
        _standings(request, tx, plan, span, found)
    days = Days.of(request.basis)
    for event in past_week.load(tx, request.company, plan, set(plan.sellers), week.last_week(request)):
        owner = event.named.deal.owner or ""
        target = over(plan.person_months(owner), span, plan.sellers[owner].calendar, plan.carrier(plan.sellers[owner]))
        if event.kind == "won" and event.amount and target and Fraction(event.amount, target) >= BIG:
            line = event.line(days).replace(f" ({event.named.owner})", "")
            # The largest comes first.
            found.reasons[owner].setdefault(Why.BIG_WIN, f"a win to praise: {line}")
    return found


def _standings(request: Request, tx: Transaction, plan: Plan, span: Span, found: Found) -> None:
    today, limits, ids = request.basis.now.date(), limits_of(request.company), set(plan.sellers)
    then = today - timedelta(days=7)
    won = credited.by_person(tx, request.company, plan, Span(span.first, today), ids)
    won_then: dict[str, int] = {}
    if then > span.first:
        won_then = credited.by_person(tx, request.company, plan, Span(span.first, then - DAY), ids)
    for one in plan.sellers.values():

        def stood(credit: int, day: date, who: Seller = one) -> Status:
            months, carrier = plan.person_months(who.id), plan.carrier(who)
            return status(credit, months, span, day, who.calendar, who.leave, limits, carrier)

        before, now = stood(won_then.get(one.id, 0), then), stood(won.get(one.id, 0), today)
        if now.expected is not None:
            found.short[one.id] = now.expected - now.credited
        found.reasons[one.id] |= _of_status(request, before, now)


def _of_status(request: Request, before: Status, now: Status) -> dict[Why, str]:
    if now.attainment is None:
        return {}
    if not now.gap:
        share = percent(now.attainment)
        if before.gap:
            return {Why.REACHED: f"a target to praise, reached within the last week: {share}"}
        return {Why.STANDS_ABOVE: f"has met the target: {share}"}
    fell, found = _fell(before, now), {}
    if now.standing is Standing.AT_RISK and now.completed >= MUCH * now.days:
        if now.credited <= 0:
            return {Why.NOTHING_WON: f"nothing won yet of {number.amount(request, BOOKINGS, now.target or 0)}"}
        # One sentence about one number.
        also = f", {fell}" if fell else ""
        found[Why.FAR_BEHIND] = f"at risk with {percent(now.attainment, glance=True)} of the target{also}"
    if fell:
        found[Why.PACE_FELL] = "" if found else fell
    return found


def _fell(before: Status, now: Status) -> str:
    """`pace fell from 98 % to 81 %`, where it is behind now; else empty."""
    if before.pace is None or now.pace is None or before.standing is None or now.standing is None:
        return ""
    worse = _ORDER.index(now.standing) > _ORDER.index(before.standing)
    if now.standing.is_behind and (worse or before.pace - now.pace >= FELL):
        return f"pace fell from {percent(before.pace, glance=True)} to {percent(now.pace, glance=True)}"
    return ""
