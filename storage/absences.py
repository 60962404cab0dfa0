"""Leave: spans of days on which somebody does not work. Rows are cancelled and made anew, never edited, so that the
last change can be taken back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from storage.database import Transaction
from storage.tables import absences, new_id

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Absence:
    """From the first day to the last, both included."""

    id: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Changed:
    """What a change made and what it cancelled; `made` None: nothing took the place of what is gone."""

    made: Absence | None
    cancelled: tuple[str, ...]


def of(tx: Transaction, person: str, *, since: date | None = None) -> list[Absence]:
    """Theirs that stand, in order; those that end on or after that day."""
    query = sa.select(absences.c.id, absences.c.first, absences.c.last)
    query = query.where(absences.c.person == person, absences.c.cancelled_at.is_(None))
    if since is not None:
        query = query.where(absences.c.last >= since)
    return [Absence(*row) for row in tx.execute(query.order_by(absences.c.first, absences.c.id))]


def add(tx: Transaction, person: str, first: date, last: date, *, at: datetime) -> Changed:
    """Leave on these days; what overlaps it or touches it becomes one with it."""
    near = [one for one in of(tx, person) if one.first <= last + _DAY and one.last >= first - _DAY]
    first, last = min([first, *(one.first for one in near)]), max([last, *(one.last for one in near)])
    return _replaced(tx, person, near, first, last, at)


def cut(tx: Transaction, person: str, absence: Absence, last: date, *, at: datetime) -> Changed:
    """That absence now ends on that day; before its first day: it is gone."""
    if last < absence.first:
        cancel(tx, [absence.id], at=at)
        return Changed(None, (absence.id,))
    return _replaced(tx, person, [absence], absence.first, last, at)


def cancel(tx: Transaction, identifiers: Collection[str], *, at: datetime) -> int:
    """These do not hold any more. How many did."""
    which = (absences.c.id.in_(sorted(identifiers)), absences.c.cancelled_at.is_(None))
    return tx.execute(absences.update().where(*which), {"cancelled_at": at}).rowcount


def take_back(tx: Transaction, person: str, made: str | None, cancelled: Collection[str], *, at: datetime) -> bool:
    """As it was before that change; False where it was changed again since, and then nothing is done."""
    if made is not None and cancel(tx, [made], at=at) == 0:
        return False
    which = (absences.c.id.in_(sorted(cancelled)), absences.c.person == person, absences.c.cancelled_at.is_not(None))
    return tx.execute(absences.update().where(*which), {"cancelled_at": None}).rowcount == len(cancelled)


def _replaced(tx: Transaction, person: str, old: Collection[Absence], first: date, last: date, at: datetime) -> Changed:
    gone = tuple(one.id for one in old)
    if gone:
        cancel(tx, gone, at=at)
    made = Absence(new_id(), first, last)
    row = {"id": made.id, "person": person, "first": first, "last": last, "created_at": at}
    tx.execute(absences.insert(), row)
    return Changed(made, gone)
