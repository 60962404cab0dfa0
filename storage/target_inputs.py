"""What reps would set themselves: asked before a target is set, and answered in their own words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from storage.database import Transaction
from storage.tables import new_id, target_inputs


@dataclass(frozen=True, slots=True)
class Input:
    """Amounts are for the full year: minor units of the plan's currency, or a count."""

    id: str
    person: str
    measure: str
    fiscal_year: int
    asked_by: str
    asked_at: datetime
    proposed: int | None
    amount: int | None
    comment: str | None
    answered_at: datetime | None
    settled_at: datetime | None


_columns = tuple(
    target_inputs.c[name]
    for name in (
        *("id", "person", "measure", "fiscal_year", "asked_by", "asked_at", "proposed", "amount", "comment"),
        *("answered_at", "settled_at"),
    )
)


def ask(
    tx: Transaction, *, person: str, measure: str, fiscal_year: int, proposed: int | None, by: str, at: datetime
) -> str:
    """A person is asked; the id of the question."""
    row = {"id": new_id(), "person": person, "measure": measure, "fiscal_year": fiscal_year, "proposed": proposed}
    tx.execute(target_inputs.insert(), {**row, "asked_by": by, "asked_at": at})
    return str(row["id"])


def get(tx: Transaction, identifier: str) -> Input | None:
    """The question of that id."""
    row = tx.execute(sa.select(*_columns).where(target_inputs.c.id == identifier)).first()
    return None if row is None else Input(*row)


def of_person(tx: Transaction, person: str, measure: str, fiscal_year: int) -> list[Input]:
    """All that they were asked about that target, the latest first."""
    which = (
        target_inputs.c.person == person,
        target_inputs.c.measure == measure,
        target_inputs.c.fiscal_year == fiscal_year,
    )
    return [Input(*row) for row in tx.execute(sa.select(*_columns).where(*which).order_by(target_inputs.c.id.desc()))]


def open_for(tx: Transaction, person: str) -> list[Input]:
    """What they were asked and have not answered, the earliest first."""
    which = (
        target_inputs.c.person == person,
        target_inputs.c.answered_at.is_(None),
        target_inputs.c.settled_at.is_(None),
    )
    return [Input(*row) for row in tx.execute(sa.select(*_columns).where(*which).order_by(target_inputs.c.id))]


def answer(tx: Transaction, identifier: str, *, amount: int | None, comment: str, at: datetime) -> bool:
    """Their own word; False when they gave it before."""
    open_one = (target_inputs.c.id == identifier, target_inputs.c.answered_at.is_(None))
    values = {"amount": amount, "comment": comment or None, "answered_at": at}
    return tx.execute(target_inputs.update().where(*open_one), values).rowcount == 1


def settle(tx: Transaction, person: str, measure: str, fiscal_year: int, at: datetime) -> None:
    """The target is set: what was asked about it needs no answer any more."""
    which = (
        target_inputs.c.person == person,
        target_inputs.c.measure == measure,
        target_inputs.c.fiscal_year == fiscal_year,
        target_inputs.c.settled_at.is_(None),
    )
    tx.execute(target_inputs.update().where(*which), {"settled_at": at})
