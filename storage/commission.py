"""Commission plans in versions: what holds, and a further version in its place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.accounts import folded
from storage.database import Transaction
from storage.tables import commission_plans, new_id


@dataclass(frozen=True, slots=True)
class Kept:
    """One version of a plan; `definition` is its file, checked."""

    id: str
    name: str
    definition: dict[str, Any]


_columns = (commission_plans.c.id, commission_plans.c.name, commission_plans.c.definition)
_holds = commission_plans.c.replaced_at.is_(None)


def standing(tx: Transaction) -> list[Kept]:
    """Every plan as it holds now, by name."""
    return [Kept(*row) for row in tx.execute(sa.select(*_columns).where(_holds).order_by(commission_plans.c.key))]


def are_any(tx: Transaction) -> bool:
    """Whether there is a plan at all."""
    return tx.execute(sa.select(commission_plans.c.id).where(_holds).limit(1)).first() is not None


def named(tx: Transaction, name: str) -> Kept | None:
    """The plan of that name (folded) as it holds now."""
    row = tx.execute(sa.select(*_columns).where(_holds, commission_plans.c.key == folded(name))).first()
    return None if row is None else Kept(*row)


def put(
    tx: Transaction,
    name: str,
    definition: dict[str, Any],
    *,
    by: str | None,
    at: datetime,
    imported: str | None = None,
) -> str | None:
    """A further version of the plan of that name; its id. None when it says what holds already."""
    before = named(tx, name)
    if before is not None and (before.name, before.definition) == (name, definition):
        return None
    holds = (_holds, commission_plans.c.key == folded(name))
    tx.execute(commission_plans.update().where(*holds), {"replaced_at": at})
    identifier = new_id()
    tx.execute(
        commission_plans.insert(),
        {
            "id": identifier,
            "name": name,
            "key": folded(name),
            "definition": definition,
            "set_by": by,
            "set_at": at,
            "import": imported,
        },
    )
    return identifier
