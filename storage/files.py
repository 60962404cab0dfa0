"""Files that came in and wait to be applied, or were made and wait to be fetched. Each is forgotten after its time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from storage.database import Transaction
from storage.tables import files, new_id


@dataclass(frozen=True, slots=True)
class File:
    """One file; `content` in memory, so a few tens of megabytes at most."""

    id: str
    name: str
    media: str
    content: bytes
    person: str | None


def keep(
    tx: Transaction, *, name: str, content: bytes, media: str = "", person: str | None, at: datetime, until: datetime
) -> str:
    """Keep it until then; its id."""
    identifier = new_id()
    row = {"id": identifier, "name": name, "media": media, "size": len(content), "content": content, "person": person}
    tx.execute(files.insert(), {**row, "created_at": at, "expires_at": until})
    return identifier


def get(tx: Transaction, identifier: str) -> File | None:
    """The file of that id; None when it was forgotten."""
    columns = (files.c.id, files.c.name, files.c.media, files.c.content, files.c.person)
    row = tx.execute(sa.select(*columns).where(files.c.id == identifier)).first()
    return None if row is None else File(*row)


def keep_until(tx: Transaction, identifier: str, until: datetime) -> bool:
    """Keep it at least so long; False where it was forgotten."""
    longer = sa.case((files.c.expires_at < until, until), else_=files.c.expires_at)
    return tx.execute(files.update().where(files.c.id == identifier).values(expires_at=longer)).rowcount == 1


def drop(tx: Transaction, identifier: str) -> None:
    """It was used, and nobody wants it any more."""
    tx.execute(files.delete().where(files.c.id == identifier))


def forget(tx: Transaction, before: datetime) -> None:
    """Drop those whose time ended before that moment."""
    tx.execute(files.delete().where(files.c.expires_at < before))
