"""Who leaves, on which day, and what of theirs went to whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from storage.database import Transaction
from storage.tables import departures, new_id


@dataclass(frozen=True, slots=True)
class Departure:
    """`changes` is what was ended and handed over, as it has to be taken back."""

    id: str
    person: str
    last_day: date
    deals_to: str | None
    team_to: str | None
    by: str
    changes: dict[str, Any]
    done: bool


_columns = tuple(
    departures.c[name] for name in ("id", "person", "last_day", "deals_to", "team_to", "by", "changes", "done_at")
)


def _departure(row: Any) -> Departure:
    return Departure(row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7] is not None)


def add(
    tx: Transaction,
    *,
    person: str,
    last_day: date,
    deals_to: str | None,
    team_to: str | None,
    by: str,
    at: datetime,
    changes: dict[str, Any],
) -> Departure:
    """Somebody leaves; what is handed over on the day after follows with `settle`."""
    made = Departure(new_id(), person, last_day, deals_to, team_to, by, changes, done=False)
    row = {column.name: getattr(made, column.name) for column in _columns[:-1]}
    tx.execute(departures.insert(), {**row, "at": at})
    return made


def of_person(tx: Transaction, person: str) -> Departure | None:
    """Their latest departure that was not taken back."""
    query = sa.select(*_columns).where(departures.c.person == person, departures.c.cancelled_at.is_(None))
    row = tx.execute(query.order_by(departures.c.id.desc()).limit(1)).first()
    return None if row is None else _departure(row)


def due(tx: Transaction, today: date) -> list[Departure]:
    """Whose last day is over and whose work was not handed over yet."""
    open_ones = (departures.c.done_at.is_(None), departures.c.cancelled_at.is_(None), departures.c.last_day < today)
    return [_departure(row) for row in tx.execute(sa.select(*_columns).where(*open_ones).order_by(departures.c.id))]


def settle(tx: Transaction, identifier: str, changes: dict[str, Any], at: datetime) -> bool:
    """All is handed over; False when it was before."""
    open_one = (departures.c.id == identifier, departures.c.done_at.is_(None), departures.c.cancelled_at.is_(None))
    return tx.execute(departures.update().where(*open_one), {"done_at": at, "changes": changes}).rowcount == 1


def cancel(tx: Transaction, identifier: str, at: datetime) -> bool:
    """They came back, or never left; False when that was said before."""
    open_one = (departures.c.id == identifier, departures.c.cancelled_at.is_(None))
    return tx.execute(departures.update().where(*open_one), {"cancelled_at": at}).rowcount == 1
