"""What importing a commission plan does, in words: its rule, what differs, whose it is, who would have two."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from handlers.conversation.company import Company
from handlers.conversation.wording import plural
from handlers.figures.commission import Commissions
from handlers.figures.commission_plan import CommissionPlan
from handlers.numbers.money import to_minor, written
from handlers.numbers.targets import in_percent
from storage import people
from storage.database import Transaction

_SHOWN = 8


def headline(before: CommissionPlan | None, plan: CommissionPlan) -> str:
    """`Commission plan “Reps 2026”: new.`"""
    state = "new" if before is None else "the same already" if before == plan else "changes what holds"
    return f"Commission plan “{plan.name}”: {state}."


def told(before: CommissionPlan | None, plan: CommissionPlan, company: Company) -> list[str]:
    """The plan in a few lines; of one that stands already, what was otherwise."""
    now = _facts(plan, company)
    if before is None or before == plan:
        return [f"{label}: {value}" for label, value in now.items() if value]
    then = _facts(before, company)
    return [f"{label}: {then[label] or '–'} → {now[label] or '–'}" for label in now if then[label] != now[label]]


def covered(tx: Transaction, company: Company, plan: CommissionPlan, today: date) -> list[str]:
    """Whose plan it is today, or on its first or last day where it does not hold today; and who has two at once.

    The plan is in the rows already.
    """
    held = Commissions(tx, company, today)
    day = min(max(today, plan.since or today), plan.until or today)
    at, double = [], []
    for person in people.everybody(tx):
        found = held.found(person.id, held.fiscal.holding(plan.period, day))
        if any(piece.plan.name == plan.name for piece in found.pieces):
            at.append(person.name)
        elif any(one.name == plan.name for one in found.at_once):
            double.append(person.name)
    said = [f"It is for {plural(len(at), 'person', 'people')} now{_names(at)}."]
    if double:
        said.append(
            f"{plural(len(double), 'person has', 'people have')} another plan at the same time{_names(double)}. They "
            "get no estimate until one of the two leaves them out, or names them by e-mail."
        )
    return said


def _names(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f": {', '.join(names[:_SHOWN])}{more}" if names else ""


def _facts(plan: CommissionPlan, company: Company) -> dict[str, str]:
    currency = company.currency
    return {
        "For": plan.audience(),
        "Pays on": f"{plan.measure} by {plan.period.value}",
        "Rule": plan.rule(currency),
        "Base rate": _base_rate(plan),
        "OTE": "" if plan.ote is None else f"{written(to_minor(plan.ote, currency), currency)} a year",
        "Holds": plan.validity() or "always",
    }


def _base_rate(plan: CommissionPlan) -> str:
    return "" if plan.base is None else in_percent(Fraction(plan.base))
