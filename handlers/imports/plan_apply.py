"""A commission plan put into force, as an import that can be rolled back."""

from __future__ import annotations

import difflib
import hashlib
from datetime import datetime

from handlers.figures.commission_plan import CommissionPlan
from handlers.imports.plan_file import Plan, Problems
from handlers.imports.plan_yaml import Problem
from storage import commission, imports, people, units
from storage.accounts import folded
from storage.database import Transaction
from storage.tables import commission_plans

KIND = "commission"


def is_plan_file(name: str) -> bool:
    """Whether a file of that name is read as a commission plan."""
    return name.lower().endswith((".yaml", ".yml"))


def unknown_names(tx: Transaction, read: Plan | Problems) -> list[Problem]:
    """Units and people of the file whom nobody knows; with the file's own mistakes it is all that is wrong."""
    known = {folded(unit.name): unit.name for unit in units.everything(tx)}
    found = []
    for one in read.named:
        if one.kind == "units" and folded(one.text) not in known:
            near = difflib.get_close_matches(folded(one.text), known, 1)
            meant = f" Do you mean {known[near[0]]}?" if near else " Units come with an import of people."
            found.append(Problem(one.line, "for, units", f"No unit is called “{one.text}”.{meant}"))
        elif one.kind == "people" and people.by_email(tx, one.text) is None:
            text = f"Nobody has the address {one.text}. Import people first, or mend it."
            found.append(Problem(one.line, "for, people", text))
    return found


def all_problems(tx: Transaction, read: Plan | Problems) -> list[Problem]:
    """Everything that is wrong with a file, by line; empty for a plan that can be applied."""
    return sorted([*(read.problems if isinstance(read, Problems) else ()), *unknown_names(tx, read)])


def standing(tx: Transaction, plan: Plan) -> CommissionPlan | None:
    """The plan of that name as it holds now."""
    kept = commission.named(tx, plan.plan.name)
    return None if kept is None else CommissionPlan.of_data(kept.definition)


def apply_plan(tx: Transaction, plan: Plan, *, by: str | None, at: datetime, import_id: str) -> bool:
    """Keep it as a further version and note it in the import's journal; False when it holds already.

    Whether its names are known is asked before (`all_problems`).
    """
    before = commission.named(tx, plan.plan.name)
    then = imports.rows_where(tx, commission_plans, "id", [before.id] if before else [])
    made = commission.put(tx, plan.plan.name, plan.plan.as_data(), by=by, at=at, imported=import_id)
    if made is None:
        return False
    now = imports.rows_where(tx, commission_plans, "id", [*then, made])
    imports.note_difference(tx, import_id, commission_plans, then, now)
    return True


def import_plan(tx: Transaction, plan: Plan, content: bytes, *, by: str | None, at: datetime) -> str | None:
    """`apply_plan` as an import of its own; its id, None when nothing changed."""
    if standing(tx, plan) == plan.plan:
        return None
    identifier = imports.begin(
        tx,
        kind=KIND,
        name=plan.file,
        digest=hashlib.sha256(content).hexdigest(),
        settings={},
        by=by,
        at=at,
    )
    apply_plan(tx, plan, by=by, at=at, import_id=identifier)
    imports.settle(tx, identifier, "applied", at=at, report={"plan": plan.plan.name})
    return identifier
