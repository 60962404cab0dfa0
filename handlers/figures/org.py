"""The company's own names for reading questions, from the rows."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from handlers.ask.org import Member, Org, Unit
from handlers.figures.plan import Plan


def org_of(plan: Plan, day: date) -> Org:
    """Units and people as they stand on that day. Keys are the rows' ids."""
    units = [Unit(one.id, one.name, one.kind, one.parent) for one in plan.units.values()]  # type: ignore[arg-type]
    members = []
    for seller in plan.sellers.values():
        unit = plan.unit_of(seller.id, day)
        leads = tuple(one.id for one in plan.led_by(seller.id, day))
        carries = bool(plan.person_months(seller.id))
        members.append(Member(seller.id, seller.name, unit.id if unit else None, leads, carries))
    return _org(tuple(units), tuple(members))


# The index takes long to make for a large company, and is the same until somebody joins, moves or is given a target.
@lru_cache(maxsize=8)
def _org(units: tuple[Unit, ...], members: tuple[Member, ...]) -> Org:
    return Org(units, members)
