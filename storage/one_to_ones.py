"""One-to-ones of a manager and who reports to them: what stands on their agenda, their notes, and when they met.

Who may read what is said by handlers/conversation/access.py, and by nothing here.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from storage.database import Transaction
from storage.tables import new_id, one_to_one_items, one_to_ones

Kind = Literal["point", "note"]


@dataclass(frozen=True, slots=True)
class Item:
    """A point of the agenda, or a note."""

    id: str
    manager: str
    person: str
    """Who reports to that manager."""
    author: str
    kind: Kind
    text: str
    created_at: datetime
    shared_at: datetime | None
    """None: for its author alone."""
    seen_at: datetime | None
    done_at: datetime | None

    @property
    def other(self) -> str:
        """The one of the two who did not write it."""
        return self.person if self.author == self.manager else self.manager


_columns = tuple(one_to_one_items.c[name] for name in Item.__slots__)
_there = one_to_one_items.c.removed_at.is_(None)


def add(
    tx: Transaction, *, manager: str, person: str, author: str, kind: Kind, text: str, shared: bool, at: datetime
) -> Item:
    """One more."""
    made = Item(new_id(), manager, person, author, kind, text, at, at if shared else None, None, None)
    tx.execute(one_to_one_items.insert(), {name: getattr(made, name) for name in Item.__slots__})
    return made


def get(tx: Transaction, identifier: str) -> Item | None:
    """The one of that id, unless it was removed."""
    row = tx.execute(sa.select(*_columns).where(one_to_one_items.c.id == identifier, _there)).first()
    return None if row is None else Item(*row)


def points(tx: Transaction, manager: str, person: str) -> list[Item]:
    """What the two have not talked about yet, in the order of its making."""
    which = (one_to_one_items.c.manager == manager, one_to_one_items.c.person == person, _there)
    open_ones = (one_to_one_items.c.kind == "point", one_to_one_items.c.done_at.is_(None))
    query = sa.select(*_columns).where(*which, *open_ones).order_by(one_to_one_items.c.id)
    return [Item(*row) for row in tx.execute(query)]


def notes(tx: Transaction, manager: str, person: str) -> list[Item]:
    """The notes of both, private ones too, the latest first."""
    which = (one_to_one_items.c.manager == manager, one_to_one_items.c.person == person, _there)
    query = sa.select(*_columns).where(*which, one_to_one_items.c.kind == "note")
    return [Item(*row) for row in tx.execute(query.order_by(one_to_one_items.c.id.desc()))]


def notes_by(tx: Transaction, author: str) -> list[Item]:
    """What they wrote of anybody, the latest first."""
    which = (one_to_one_items.c.author == author, one_to_one_items.c.kind == "note", _there)
    query = sa.select(*_columns).where(*which).order_by(one_to_one_items.c.id.desc())
    return [Item(*row) for row in tx.execute(query)]


def points_by(tx: Transaction, manager: str, person: str, *, author: str) -> list[Item]:
    """What that one of the two put on their agenda, talked about or not, in the order of its making."""
    which = (one_to_one_items.c.manager == manager, one_to_one_items.c.person == person, _there)
    theirs = (one_to_one_items.c.kind == "point", one_to_one_items.c.author == author)
    query = sa.select(*_columns).where(*which, *theirs).order_by(one_to_one_items.c.id)
    return [Item(*row) for row in tx.execute(query)]


def managers_of(tx: Transaction, person: str) -> list[str]:
    """With whom as their manager something was ever written down."""
    query = sa.select(one_to_one_items.c.manager).where(one_to_one_items.c.person == person, _there).distinct()
    return sorted(tx.execute(query).scalars())


def share(tx: Transaction, identifier: str, *, at: datetime | None) -> None:
    """The other may read it, from five minutes after that moment on; None: it is private again."""
    tx.execute(one_to_one_items.update().where(one_to_one_items.c.id == identifier), {"shared_at": at})


def reword(tx: Transaction, identifier: str, text: str, *, at: datetime) -> None:
    """It says something else from now on, which the other has not been shown. What it said stays as a removed row: by
    it an erasure finds the messages that repeat it."""
    row = tx.execute(sa.select(one_to_one_items).where(one_to_one_items.c.id == identifier)).mappings().one()
    tx.execute(one_to_one_items.insert(), {**row, "id": new_id(), "removed_at": at})
    tx.execute(one_to_one_items.update().where(one_to_one_items.c.id == identifier), {"text": text, "seen_at": None})


def settle(tx: Transaction, identifier: str, *, at: datetime | None) -> None:
    """It was talked about; None: it was not."""
    tx.execute(one_to_one_items.update().where(one_to_one_items.c.id == identifier), {"done_at": at})


def remove(tx: Transaction, identifier: str, *, at: datetime) -> bool:
    """It is none any more; False where it was none already."""
    which = (one_to_one_items.c.id == identifier, _there)
    return tx.execute(one_to_one_items.update().where(*which), {"removed_at": at}).rowcount == 1


def saw(tx: Transaction, identifiers: Collection[str], *, at: datetime) -> None:
    """The other was shown these; the first time counts."""
    which = (one_to_one_items.c.id.in_(sorted(identifiers)), one_to_one_items.c.seen_at.is_(None))
    tx.execute(one_to_one_items.update().where(*which), {"seen_at": at})


def unseen(tx: Transaction, manager: str, person: str, *, author: str, shared_before: datetime) -> list[Item]:
    """What that one of the two shared before that moment and the other has not been shown."""
    which = (one_to_one_items.c.manager == manager, one_to_one_items.c.person == person, _there)
    new = (
        one_to_one_items.c.author == author,
        one_to_one_items.c.seen_at.is_(None),
        one_to_one_items.c.done_at.is_(None),
        one_to_one_items.c.shared_at <= shared_before,
    )
    query = sa.select(*_columns).where(*which, *new).order_by(one_to_one_items.c.id)
    return [Item(*row) for row in tx.execute(query)]


# ---------------------------------------------------------------- when they met


def met(tx: Transaction, identifier: str, manager: str, person: str, *, at: datetime) -> bool:
    """They had a one-to-one, over at that moment; the same id twice is one."""
    return tx.insert_once(one_to_ones, {"id": identifier, "manager": manager, "person": person, "at": at})


def last_met(tx: Transaction, manager: str, persons: Collection[str]) -> dict[str, datetime]:
    """When that manager last had a one-to-one with each of these people."""
    query = (
        sa.select(one_to_ones.c.person, sa.func.max(one_to_ones.c.at))
        .where(one_to_ones.c.manager == manager, one_to_ones.c.person.in_(sorted(persons)))
        .group_by(one_to_ones.c.person)
    )
    return {person: at for person, at in tx.execute(query) if at is not None}
