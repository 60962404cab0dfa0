"""What the job asks of people in a span, by kind of activity (GLOSSARY: *expectation*)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from handlers.conversation.company import Company
from handlers.figures.plan import Plan, Seller
from handlers.numbers.expectation import Expected, expected_in
from handlers.numbers.spans import Span
from storage import tallies
from storage.database import Transaction


def expected_of(
    tx: Transaction, company: Company, plan: Plan, persons: Iterable[str], span: Span, today: date, unit: str = ""
) -> dict[str, dict[str, Expected]]:
    """Person -> kind -> how many in the span; of the days in which they were in the unit, where one is named.

    Somebody of several roles is expected the most that any of them asks for. Roles are those of today, or of the
    span's last day once that is over. Without those of whom nothing is expected.
    """
    known = [plan.sellers[one] for one in persons if one in plan.sellers]
    roles = tallies.roles_on(tx, [one.id for one in known], min(today, span.last))
    found: dict[str, dict[str, Expected]] = {}
    for seller in known:
        a_week: dict[str, int] = {}
        for role in roles.get(seller.id, ()):
            for kind, number in company.expectations.get(role, {}).items():
                a_week[kind] = max(number, a_week.get(kind, 0))
        stays = _stays(plan, seller, span, unit)
        if a_week and stays:
            found[seller.id] = {
                kind: expected_in(number, stays, today, seller.calendar, seller.leave)
                for kind, number in a_week.items()
            }
    return found


def summed(each: Iterable[dict[str, Expected]]) -> dict[str, Expected]:
    """A unit's: the sum of its people's."""
    found: dict[str, Expected] = {}
    for one in each:
        for kind, of in one.items():
            there = found.get(kind, Expected(0, 0))
            found[kind] = Expected(there.week + of.week, there.so_far + of.so_far)
    return found


def _stays(plan: Plan, seller: Seller, span: Span, unit: str) -> list[Span]:
    if unit:
        inside = plan.inside(unit)
        stays = (one.within(span) for one in seller.member_of if one.unit in inside)
        return [stay for stay in stays if stay is not None]
    stay = seller.carrier(ramped=False).stay(span)
    return [stay] if stay else []
