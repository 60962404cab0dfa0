"""The company's own names for reading questions, from the rows."""

from __future__ import annotations

from datetime import date

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
    return Org(units, members)
