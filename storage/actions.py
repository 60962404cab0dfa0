"""Action items: what somebody promised, by when, and how it ended. A change is a further version; nothing is lost.

Days are in the owner's own zone; instants are UTC. Who may see one is said by handlers/conversation/access.py.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

import sqlalchemy as sa

from storage.database import Transaction
from storage.tables import actions, new_id, people

State = Literal["open", "done", "dropped"]
Source = Literal["chat", "checkin", "one-to-one", "meeting", "deal", "message"]


@dataclass(frozen=True, slots=True)
class Action:
    """One as it stands, by its latest version."""

    id: str
    """The same in all its versions."""
    version: int
    owner: str
    """Who promised it."""
    owner_name: str
    author: str
    """Who wrote it down."""
    about: str | None
    """For whom a manager owes it; None: it is about its owner."""
    text: str
    due: date | None
    state: State
    shared: bool
    """The owner's manager sees it too."""
    source: Source
    source_id: str | None
    made_at: datetime
    recorded_at: datetime
    """Of this version: of one that is done, when it was done."""
    recorded_by: str
    """A person's id: of one that is done, who said so."""

    @property
    def subject(self) -> str:
        """The person whom it is about."""
        return self.about or self.owner


_columns = (
    actions.c.action,
    actions.c.version,
    actions.c.owner,
    people.c.name,
    *(actions.c[name] for name in ("author", "about", "text", "due", "state", "shared", "source", "source_id")),
    *(actions.c[name] for name in ("made_at", "recorded_at", "recorded_by")),
)
_standing = sa.select(*_columns).join(people, people.c.id == actions.c.owner).where(actions.c.replaced_at.is_(None))
_soonest = (sa.func.coalesce(actions.c.due, date.max), actions.c.action)
"""What is due first, then what has no day, each in the order of its making."""


def add(
    tx: Transaction,
    *,
    owner: str,
    author: str,
    text: str,
    due: date | None,
    source: Source,
    at: datetime,
    source_id: str | None = None,
    about: str | None = None,
    shared: bool = False,
) -> str:
    """A new one, open; its id. `shared`: the owner's manager sees it too."""
    identifier = new_id()
    row = {"id": identifier, "action": identifier, "version": 1, "owner": owner, "author": author, "text": text}
    row["worded_by"] = author
    row |= {"due": due, "state": "open", "shared": shared, "source": source, "source_id": source_id}
    row |= {"about": about if about != owner else None, "made_at": at, "recorded_at": at, "recorded_by": author}
    tx.execute(actions.insert(), row)
    return identifier


def get(tx: Transaction, identifier: str) -> Action | None:
    """The one of that id, as it stands."""
    row = tx.execute(_standing.where(actions.c.action == identifier)).first()
    return None if row is None else Action(*row)


def open_of(tx: Transaction, person: str, *, limit: int | None = None) -> list[Action]:
    """What they promised and have not ended, the soonest due first."""
    query = _standing.where(actions.c.owner == person, actions.c.state == "open").order_by(*_soonest)
    return [Action(*row) for row in tx.execute(query.limit(limit))]


def latest_by(tx: Transaction, person: str) -> Action | None:
    """What they last put on their own list themselves, as it stands; None where they never did."""
    mine = (actions.c.author == person, actions.c.owner == person, actions.c.source.in_(("chat", "message")))
    row = tx.execute(
        _standing.where(*mine).order_by(actions.c.made_at.desc(), actions.c.action.desc()).limit(1)
    ).first()
    return None if row is None else Action(*row)


def open_about(tx: Transaction, persons: Collection[str]) -> list[Action]:
    """The open ones that are about these people and that their managers may see, whoever promised them."""
    mine = sa.or_(
        sa.and_(actions.c.owner.in_(sorted(persons)), actions.c.about.is_(None)),
        actions.c.about.in_(sorted(persons)),
    )
    query = _standing.where(mine, actions.c.state == "open", actions.c.shared).order_by(*_soonest)
    return [Action(*row) for row in tx.execute(query)]


def due_by(tx: Transaction, person: str, day: date) -> list[Action]:
    """Their open ones that are due on that day or before it, the oldest first."""
    which = (actions.c.owner == person, actions.c.state == "open", actions.c.due <= day)
    return [Action(*row) for row in tx.execute(_standing.where(*which).order_by(*_soonest))]


def of_source(tx: Transaction, source: Source, source_id: str) -> list[Action]:
    """All that came of one check-in, meeting, deal or message, ended ones too, in the order of their making."""
    which = (actions.c.source == source, actions.c.source_id == source_id)
    return [Action(*row) for row in tx.execute(_standing.where(*which).order_by(actions.c.action))]


def ended_since(tx: Transaction, owner: str, since: datetime) -> list[Action]:
    """What they have ended since then, the latest first."""
    which = (actions.c.owner == owner, actions.c.state != "open", actions.c.recorded_at >= since)
    return [Action(*row) for row in tx.execute(_standing.where(*which).order_by(actions.c.recorded_at.desc()))]


def versions(tx: Transaction, identifier: str) -> list[Action]:
    """All versions of one, the first first: its days as they were moved, and its end."""
    query = sa.select(*_columns).join(people, people.c.id == actions.c.owner)
    return [Action(*row) for row in tx.execute(query.where(actions.c.action == identifier).order_by(actions.c.version))]


def settle(tx: Transaction, identifier: str, state: Literal["done", "dropped"], *, by: str, at: datetime) -> bool:
    """End it; False where it has ended before."""
    return _change(tx, identifier, {"state": state}, only="open", by=by, at=at)


def reopen(tx: Transaction, identifier: str, *, by: str, at: datetime) -> bool:
    """It has not ended after all; False where it is open."""
    return _change(tx, identifier, {"state": "open"}, only="ended", by=by, at=at)


def move(tx: Transaction, identifier: str, due: date | None, *, by: str, at: datetime) -> bool:
    """To another day, or to none; False where it has ended."""
    return _change(tx, identifier, {"due": due}, only="open", by=by, at=at)


def change(tx: Transaction, identifier: str, *, text: str, due: date | None, by: str, at: datetime) -> bool:
    """Other words and another day; False where it has ended."""
    return _change(tx, identifier, {"text": text, "due": due}, only="open", by=by, at=at)


def share(tx: Transaction, identifier: str, *, shared: bool, by: str, at: datetime) -> bool:
    """Let the owner's manager see it, or no more; False where it has ended."""
    return _change(tx, identifier, {"shared": shared}, only="open", by=by, at=at)


def hand_over(tx: Transaction, identifier: str, owner: str, *, by: str, at: datetime) -> bool:
    """Somebody else promises it from now on; False where it has ended."""
    return _change(tx, identifier, {"owner": owner}, only="open", by=by, at=at)


def _change(
    tx: Transaction, identifier: str, values: dict[str, Any], *, only: Literal["open", "ended"], by: str, at: datetime
) -> bool:
    """A further version with those values, where it is open, or has ended; the one before holds no more."""
    latest = (actions.c.action == identifier, actions.c.replaced_at.is_(None))
    is_open = actions.c.state == "open" if only == "open" else actions.c.state != "open"
    row = tx.execute(sa.select(actions).where(*latest, is_open)).mappings().first()
    if row is None:
        return False
    replaced = tx.execute(actions.update().where(actions.c.id == row["id"], *latest), {"replaced_at": at}).rowcount
    if replaced != 1:
        return False
    if values.get("text", row["text"]) != row["text"]:
        values = {**values, "worded_by": by}
    further = {**row, **values, "id": new_id(), "version": row["version"] + 1, "recorded_at": at, "recorded_by": by}
    tx.execute(actions.insert(), further)
    return True
