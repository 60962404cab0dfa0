"""Files that came in and wait to be applied, or were made and wait to be fetched. Each is forgotten after its time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Final

import sqlalchemy as sa

from storage.database import Transaction
from storage.tables import files, new_id

PIECE: Final = 1 << 18
"""Bytes of a large file that SQLite is given, or gives, at a time: whole, it would be in memory three times over."""
SLICE: Final = 1 << 22
"""The same for PostgreSQL, which unpacks all of a value for each slice of it."""


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
    row = {"id": identifier, "name": name, "media": media, "size": len(content), "person": person}
    row |= {"created_at": at, "expires_at": until}
    if len(content) <= PIECE or not _is_sqlite(tx):
        tx.execute(files.insert(), {**row, "content": content})
        return identifier
    tx.execute(files.insert().values(**row, content=sa.func.zeroblob(len(content))))
    with (
        tx.driver.blobopen(files.name, files.c.content.name, _rowid(tx, identifier)) as blob,
        memoryview(content) as all_,
    ):
        for at_byte in range(0, len(content), PIECE):
            blob.write(all_[at_byte : at_byte + PIECE])
    return identifier


def get(tx: Transaction, identifier: str) -> File | None:
    """The file of that id; None when it was forgotten."""
    columns = (files.c.id, files.c.name, files.c.media, files.c.content, files.c.person)
    row = tx.execute(sa.select(*columns).where(files.c.id == identifier)).first()
    return None if row is None else File(*row)


def copy(tx: Transaction, identifier: str, to: BinaryIO) -> bool:
    """Write its content there, in pieces: a large file is never in memory whole. False when it was forgotten."""
    size = tx.execute(sa.select(files.c.size).where(files.c.id == identifier)).scalar_one_or_none()
    if size is None:
        return False
    if _is_sqlite(tx):
        rowid = _rowid(tx, identifier)
        (kept,) = tx.driver.execute("PRAGMA cache_size").fetchone()
        # The file's pages are read once: they need not take the place of others, nor memory of their own.
        tx.driver.execute("PRAGMA cache_size=-512")
        try:
            with tx.driver.blobopen(files.name, files.c.content.name, rowid, readonly=True) as blob:
                while piece := blob.read(PIECE):
                    to.write(piece)
        finally:
            tx.driver.execute(f"PRAGMA cache_size={int(kept)}")
        return True
    for begin in range(0, size, SLICE):
        piece = sa.func.substring(files.c.content, begin + 1, SLICE, type_=sa.LargeBinary())
        to.write(tx.execute(sa.select(piece).where(files.c.id == identifier)).scalar_one())
    return True


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


def _is_sqlite(tx: Transaction) -> bool:
    return tx.connection.dialect.name == "sqlite"


def _rowid(tx: Transaction, identifier: str) -> int:
    """By which SQLite opens a value to be read and written in pieces."""
    rowid: int = tx.execute(
        sa.select(sa.literal_column("rowid")).select_from(files).where(files.c.id == identifier)
    ).scalar_one()
    return rowid
