"""What people found wrong in a figure, and what an admin answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.database import Transaction
from storage.tables import inquiries, new_id, people


@dataclass(frozen=True, slots=True)
class Inquiry:
    """One doubt: whose, about which answer, in whose words; what came of it."""

    id: str
    person: str
    name: str
    at: datetime
    about: str
    words: str
    answer: str | None = None
    answered_by: str | None = None
    """The name of who answered."""
    answered_at: datetime | None = None


_answerer = people.alias()
_listed = (
    sa.select(
        inquiries.c.id,
        inquiries.c.person,
        people.c.name,
        inquiries.c.at,
        inquiries.c.about,
        inquiries.c.words,
        inquiries.c.answer,
        _answerer.c.name.label("answerer"),
        inquiries.c.answered_at,
    )
    .join(people, people.c.id == inquiries.c.person)
    .outerjoin(_answerer, _answerer.c.id == inquiries.c.answered_by)
)


def _inquiry(row: Any) -> Inquiry:
    return Inquiry(*row)


def keep(tx: Transaction, *, person: str, about: str, words: str, at: datetime) -> str:
    """A new one, open; its id."""
    identifier = new_id()
    tx.execute(inquiries.insert(), {"id": identifier, "person": person, "at": at, "about": about, "words": words})
    return identifier


def get(tx: Transaction, identifier: str) -> Inquiry | None:
    """The one of that id."""
    row = tx.execute(_listed.where(inquiries.c.id == identifier)).first()
    return None if row is None else _inquiry(row)


def waiting(tx: Transaction, limit: int) -> tuple[list[Inquiry], int]:
    """The open ones that wait longest, and how many are open in all."""
    still = inquiries.c.answered_at.is_(None)
    number = tx.execute(sa.select(sa.func.count()).select_from(inquiries).where(still)).scalar_one()
    query = _listed.where(still).order_by(inquiries.c.at, inquiries.c.id).limit(limit)
    return [_inquiry(row) for row in tx.execute(query)], int(number)


def of_person(tx: Transaction, person: str, limit: int) -> list[Inquiry]:
    """What one person asked, the latest first."""
    query = _listed.where(inquiries.c.person == person).order_by(inquiries.c.at.desc(), inquiries.c.id.desc())
    return [_inquiry(row) for row in tx.execute(query.limit(limit))]


def settle(tx: Transaction, identifier: str, *, answer: str, by: str, at: datetime) -> bool:
    """Keep an admin's answer; False where somebody was faster."""
    done = tx.execute(
        inquiries.update().where(inquiries.c.id == identifier, inquiries.c.answered_at.is_(None)),
        {"answer": answer, "answered_by": by, "answered_at": at},
    )
    return done.rowcount == 1
