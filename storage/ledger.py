"""Revenue and cost as they were imported, in the plan's currency, by day and by whose they are."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

import sqlalchemy as sa

from storage.database import Transaction
from storage.tables import imports, ledger

REVENUE, COST = "revenue", "cost"


def by_day(
    tx: Transaction, first: date, last: date, *, kinds: Collection[str], persons: Collection[str]
) -> list[tuple[str, date, int]]:
    """(person, day, minor units) between those days, both included; what is cost is negative where both are asked for.

    With several kinds a day's figure is their difference: revenue less cost.
    """
    amount = _signed(kinds)
    query = (
        sa.select(ledger.c.person, ledger.c.day, sa.func.sum(amount))
        .where(*_between(first, last, kinds), ledger.c.person.in_(list(persons)))
        .group_by(ledger.c.person, ledger.c.day)
        .order_by(ledger.c.day)
    )
    return [(person, day, int(total)) for person, day, total in tx.execute(query)]


def by_product(
    tx: Transaction, first: date, last: date, *, kinds: Collection[str], persons: Collection[str]
) -> list[tuple[str, date, str | None, int]]:
    """(person, day, product, minor units), as `by_day`."""
    query = (
        sa.select(ledger.c.person, ledger.c.day, ledger.c.product, sa.func.sum(_signed(kinds)))
        .where(*_between(first, last, kinds), ledger.c.person.in_(list(persons)))
        .group_by(ledger.c.person, ledger.c.day, ledger.c.product)
    )
    return [(person, day, product, int(total)) for person, day, product, total in tx.execute(query)]


def nobodys(tx: Transaction, first: date, last: date, *, kinds: Collection[str]) -> int:
    """What stands under nobody's name, and so is in no person's and no unit's figure."""
    query = sa.select(sa.func.sum(_signed(kinds))).where(*_between(first, last, kinds), ledger.c.person.is_(None))
    return int(tx.execute(query).scalar() or 0)


def imported_at(tx: Transaction, *, kinds: Collection[str]) -> datetime | None:
    """When rows of these kinds were last imported; None where they never were."""
    query = sa.select(sa.func.max(imports.c.at, type_=imports.c.at.type)).where(
        imports.c.kind.in_(list(kinds)), imports.c.state == "applied"
    )
    moment: datetime | None = tx.execute(query).scalar()
    return moment


def _signed(kinds: Collection[str]) -> sa.ColumnElement[int]:
    if len(kinds) == 1:
        return ledger.c.amount_minor
    return sa.case((ledger.c.kind == COST, -ledger.c.amount_minor), else_=ledger.c.amount_minor)


def _between(first: date, last: date, kinds: Collection[str]) -> tuple[sa.ColumnElement[bool], ...]:
    return (ledger.c.voided_at.is_(None), ledger.c.kind.in_(list(kinds)), ledger.c.day >= first, ledger.c.day <= last)
