"""Calendars that are read from an address, and what became of them. The address is sealed (storage/vault.py)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.database import Transaction
from storage.tables import calendar_feeds, new_id, people


@dataclass(frozen=True, slots=True)
class Feed:
    """A row. `address` is sealed, `mark` is the same for the same address."""

    id: str
    person: str
    address: str
    mark: str
    host: str
    name: str
    persons: tuple[str, ...]
    units: tuple[str, ...]
    added_at: datetime
    removed_at: datetime | None
    look_at: datetime | None
    looked_at: datetime | None
    read_at: datetime | None
    etag: str
    modified: str
    digest: str
    failures: int
    problem: str | None
    told_at: datetime | None
    report: dict[str, Any]

    def __repr__(self) -> str:
        return f"Feed({self.id!r}, {self.host!r})"


_columns = tuple(calendar_feeds.c[name] for name in Feed.__slots__)


def _feed(row: Any) -> Feed:
    values = dict(zip(Feed.__slots__, row, strict=True))
    return Feed(**{**values, "persons": tuple(values["persons"]), "units": tuple(values["units"])})


def add(
    tx: Transaction,
    *,
    person: str,
    address: str,
    mark: str,
    host: str,
    persons: Sequence[str],
    units: Sequence[str],
    now: datetime,
) -> str:
    """A feed that is read at once; its id. `address` is sealed already."""
    row: dict[str, Any] = {"id": new_id(), "person": person, "address": address, "mark": mark, "host": host, "name": ""}
    row |= {"persons": list(persons), "units": list(units), "added_at": now, "look_at": now}
    row |= {"etag": "", "modified": "", "digest": "", "failures": 0, "report": {}}
    tx.execute(calendar_feeds.insert(), row)
    return str(row["id"])


def get(tx: Transaction, identifier: str) -> Feed | None:
    """The feed of that id, unless it was removed."""
    query = sa.select(*_columns).where(calendar_feeds.c.id == identifier, calendar_feeds.c.removed_at.is_(None))
    row = tx.execute(query).first()
    return None if row is None else _feed(row)


def of_person(tx: Transaction, person: str) -> list[Feed]:
    """Theirs, oldest first."""
    query = sa.select(*_columns).where(calendar_feeds.c.person == person, calendar_feeds.c.removed_at.is_(None))
    return [_feed(row) for row in tx.execute(query.order_by(calendar_feeds.c.id))]


def due(tx: Transaction, now: datetime, limit: int) -> list[Feed]:
    """Those to be read now whose owners are still here, the longest overdue first."""
    query = (
        sa.select(*_columns)
        .join(people, people.c.id == calendar_feeds.c.person)
        .where(calendar_feeds.c.removed_at.is_(None), calendar_feeds.c.look_at <= now, people.c.left_at.is_(None))
        .order_by(calendar_feeds.c.look_at)
        .limit(limit)
    )
    return [_feed(row) for row in tx.execute(query)]


def claim(tx: Transaction, feed: Feed, until: datetime) -> bool:
    """Nobody else reads it until then; False where somebody does already."""
    mine = [calendar_feeds.c.id == feed.id, calendar_feeds.c.look_at == feed.look_at]
    mine.append(calendar_feeds.c.removed_at.is_(None))
    return tx.execute(calendar_feeds.update().where(*mine), {"look_at": until}).rowcount == 1


def note(tx: Transaction, identifier: str, **values: Any) -> None:
    """What became of it; columns by their names."""
    tx.execute(calendar_feeds.update().where(calendar_feeds.c.id == identifier), values)


def remove(tx: Transaction, identifier: str, now: datetime) -> None:
    """It is read no more, and its address is forgotten."""
    gone = {"removed_at": now, "look_at": None, "address": "", "mark": "", "etag": "", "modified": ""}
    tx.execute(calendar_feeds.update().where(calendar_feeds.c.id == identifier), gone)


def forget_contents(tx: Transaction, but: str, now: datetime) -> None:
    """Each feed but that one is taken anew at its next reading: what one does not hold any more, another may."""
    others = (calendar_feeds.c.id != but, calendar_feeds.c.removed_at.is_(None))
    tx.execute(calendar_feeds.update().where(*others), {"digest": "", "etag": "", "modified": ""})
