"""Targets in versions, their adjustments, and the plan's rates of exchange."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from storage.database import Transaction
from storage.statement import Statement
from storage.tables import adjustments, new_id, rates, targets


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a person or a unit (exactly one of them) must reach in a fiscal year: minor units of the plan's currency,
    or a count. `weights` are the twelve months' shares from the year's first month; None is even."""

    person: str | None
    unit: str | None
    measure: str
    fiscal_year: int
    amount: int
    weights: tuple[Decimal, ...] | None = None
    ramped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """What the rest of the year changes by, from that month on."""

    id: str
    person: str | None
    unit: str | None
    measure: str
    fiscal_year: int
    from_month: date
    amount: int
    reason: str
    by: str
    answer: str | None = None
    comment: str | None = None
    at: datetime | None = None
    """When it was made; `adjust` says it apart."""


_columns = (
    targets.c.person,
    targets.c.unit,
    targets.c.measure,
    targets.c.fiscal_year,
    targets.c.amount,
    targets.c.weights,
    targets.c.ramped,
)

_target_fields = tuple(column.name for column in _columns)


def _target(row: Any) -> Target:
    values = dict(row._mapping)
    weights = values.pop("weights")
    return Target(**values, weights=tuple(Decimal(one) for one in weights) if weights else None)


def of_year(tx: Transaction, fiscal_year: int, measure: str) -> list[Target]:
    """Every target that holds for that year and measure."""
    holds = (targets.c.replaced_at.is_(None), targets.c.fiscal_year == fiscal_year, targets.c.measure == measure)
    return [_target(row) for row in tx.execute(sa.select(*_columns).where(*holds).order_by(targets.c.id))]


@dataclass(frozen=True, slots=True)
class Version:
    """A target as it was set: by whom (None: an import), when, why, and what the person whose it is says of it."""

    id: str
    target: Target
    set_by: str | None
    set_at: datetime
    reason: str | None
    answer: str | None
    comment: str | None
    replaced: bool


_versions = sa.select(
    *_columns,
    *(targets.c[name] for name in ("id", "set_by", "set_at", "reason", "answer", "comment", "replaced_at")),
)


def _version(row: Any) -> Version:
    return Version(
        row.id,
        Target(
            person=row.person,
            unit=row.unit,
            measure=row.measure,
            fiscal_year=row.fiscal_year,
            amount=row.amount,
            weights=tuple(Decimal(one) for one in row.weights) if row.weights else None,
            ramped=row.ramped,
        ),
        row.set_by,
        row.set_at,
        row.reason,
        row.answer,
        row.comment,
        row.replaced_at is not None,
    )


def standing(
    tx: Transaction, *, person: str | None = None, unit: str | None = None, fiscal_year: int, measure: str | None = None
) -> list[Version]:
    """What holds for that person or unit in that year, by measure; of one measure alone, where it is named."""
    subject = targets.c.person == person if person else targets.c.unit == unit
    query = _versions.where(subject, targets.c.replaced_at.is_(None), targets.c.fiscal_year == fiscal_year)
    if measure is not None:
        query = query.where(targets.c.measure == measure)
    return [_version(row) for row in tx.execute(query.order_by(targets.c.measure))]


def version(tx: Transaction, identifier: str) -> Version | None:
    """That version, whether it still holds or not."""
    row = tx.execute(_versions.where(targets.c.id == identifier)).first()
    return None if row is None else _version(row)


def measures_of(tx: Transaction, fiscal_year: int) -> list[str]:
    """Measures that anybody has a target of in that year."""
    query = sa.select(targets.c.measure).where(targets.c.replaced_at.is_(None), targets.c.fiscal_year == fiscal_year)
    return sorted(tx.execute(query.distinct()).scalars())


def answer_version(tx: Transaction, identifier: str, *, answer: str, comment: str, at: datetime) -> bool:
    """Whose target it is accepts it or objects; False when they have answered before."""
    open_one = (targets.c.id == identifier, targets.c.answered_at.is_(None))
    values = {"answer": answer, "comment": comment or None, "answered_at": at}
    return tx.execute(targets.update().where(*open_one), values).rowcount == 1


def put(
    tx: Transaction,
    target: Target,
    *,
    by: str | None,
    at: datetime,
    imported: str | None = None,
    reason: str | None = None,
) -> bool:
    """Set it, as a further version where one holds; False when it says what holds already."""
    subject = targets.c.person == target.person if target.person else targets.c.unit == target.unit
    holds = sa.and_(
        subject,
        targets.c.replaced_at.is_(None),
        targets.c.measure == target.measure,
        targets.c.fiscal_year == target.fiscal_year,
    )
    now = tx.execute(sa.select(*_columns).where(holds)).first()
    if now is not None and _target(now) == target:
        return False
    tx.execute(targets.update().where(holds).values(replaced_at=at))
    tx.execute(
        targets.insert(),
        {
            "id": new_id(),
            "person": target.person,
            "unit": target.unit,
            "measure": target.measure,
            "fiscal_year": target.fiscal_year,
            "amount": target.amount,
            "weights": [str(one) for one in target.weights] if target.weights else None,
            "ramped": target.ramped,
            "set_by": by,
            "set_at": at,
            "import": imported,
            "reason": reason,
        },
    )
    return True


_adjusted = tuple(
    adjustments.c[name]
    for name in (
        *("id", "person", "unit", "measure", "fiscal_year", "from_month", "amount", "reason", "by", "answer"),
        *("comment", "at"),
    )
)


_of_person = Statement(
    sa.select(*_columns)
    .where(
        targets.c.replaced_at.is_(None),
        targets.c.person == sa.bindparam("who"),
        targets.c.fiscal_year == sa.bindparam("year"),
        targets.c.measure == sa.bindparam("of"),
    )
    .order_by(targets.c.id)
)
_adjusted_of_person = Statement(
    sa.select(*_adjusted)
    .where(
        adjustments.c.withdrawn_at.is_(None),
        adjustments.c.person == sa.bindparam("who"),
        adjustments.c.fiscal_year == sa.bindparam("year"),
        adjustments.c.measure == sa.bindparam("of"),
    )
    .order_by(adjustments.c.at, adjustments.c.id)
)


def of_person(tx: Transaction, person: str, fiscal_year: int, measure: str) -> tuple[list[Target], list[Adjustment]]:
    """What holds for that person alone, at the driver's own speed."""
    asked = {"who": person, "year": fiscal_year, "of": measure}
    found = []
    for row in _of_person.rows(tx, **asked):
        values = dict(zip(_target_fields, row, strict=True))
        weights = values.pop("weights")
        values["ramped"] = bool(values["ramped"])
        found.append(Target(**values, weights=tuple(Decimal(one) for one in weights) if weights else None))
    names = [column.name for column in _adjusted]
    changes = [Adjustment(**dict(zip(names, row, strict=True))) for row in _adjusted_of_person.rows(tx, **asked)]
    return found, changes


def adjustments_of_year(tx: Transaction, fiscal_year: int, measure: str) -> list[Adjustment]:
    """Those that hold, in the order in which they were made."""
    holds = (
        adjustments.c.withdrawn_at.is_(None),
        adjustments.c.fiscal_year == fiscal_year,
        adjustments.c.measure == measure,
    )
    rows = tx.execute(sa.select(*_adjusted).where(*holds).order_by(adjustments.c.at, adjustments.c.id))
    return [Adjustment(**row._mapping) for row in rows]


def adjust(tx: Transaction, adjustment: Adjustment, *, at: datetime) -> None:
    """Keep an adjustment. Who may is decided before."""
    row = {column.name: getattr(adjustment, column.name) for column in _adjusted}
    tx.execute(adjustments.insert(), {**row, "at": at})


def adjustment(tx: Transaction, identifier: str) -> Adjustment | None:
    """The one of that id, unless it was withdrawn."""
    which = (adjustments.c.id == identifier, adjustments.c.withdrawn_at.is_(None))
    row = tx.execute(sa.select(*_adjusted).where(*which)).first()
    return None if row is None else Adjustment(**row._mapping)


def withdraw(tx: Transaction, identifier: str, *, at: datetime) -> bool:
    """It counts no more; False when it was withdrawn before."""
    open_one = (adjustments.c.id == identifier, adjustments.c.withdrawn_at.is_(None))
    return tx.execute(adjustments.update().where(*open_one), {"withdrawn_at": at}).rowcount == 1


def answer(tx: Transaction, identifier: str, *, answer: str, comment: str, at: datetime) -> bool:
    """The person accepts it or objects; False when they have answered before."""
    done = tx.execute(
        adjustments.update().where(adjustments.c.id == identifier, adjustments.c.answered_at.is_(None)),
        {"answer": answer, "comment": comment, "answered_at": at},
    )
    return done.rowcount == 1


def rates_of(tx: Transaction, fiscal_years: Iterable[int]) -> dict[tuple[int, str], Decimal]:
    """Units of the plan's currency for one unit of each, by fiscal year and currency."""
    query = sa.select(rates.c.fiscal_year, rates.c.currency, rates.c.rate)
    rows = tx.execute(query.where(rates.c.fiscal_year.in_(list(fiscal_years))))
    return {(year, currency): Decimal(rate) for year, currency, rate in rows}


def put_rate(tx: Transaction, fiscal_year: int, currency: str, rate: Decimal, *, at: datetime) -> None:
    """The plan's rate of that year. Credits that were made with another one keep it until they are made anew."""
    which = (rates.c.fiscal_year == fiscal_year, rates.c.currency == currency)
    changed = tx.execute(rates.update().where(*which), {"rate": str(rate), "set_at": at})
    if not changed.rowcount:
        row = {"fiscal_year": fiscal_year, "currency": currency, "rate": str(rate), "set_at": at}
        tx.execute(rates.insert(), row)
