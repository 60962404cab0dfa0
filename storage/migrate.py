"""The schema's version: known at once by plain SQL, changed by Alembic only when something must be done.

A migration is one transaction on both databases: it happened as a whole or not at all, whatever stopped it. Two
processes that start at once wait for one another, and the second finds nothing left to do.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import DBAPIError

from storage import tables
from storage.database import Database, Transaction

log = structlog.get_logger(__name__)

FOLDER = Path(__file__).parent / "migrations"
VERSION_TABLE = "alembic_version"
LOCK = 0x5041434552
"""Names the advisory lock that keeps two processes from migrating one PostgreSQL database at once."""
CHECKED_AT_START = 64 * 1024 * 1024
"""Bytes of a SQLite file that are looked through at every start; `pacer doctor` looks through a file of any size."""
SQLITE_HEADER = b"SQLite format 3\x00"


class NotReady(Exception):
    """The database cannot be used as it is. The message is a sentence for the operator."""


class Newer(NotReady):
    """Another version of Pacer has been here."""


class Unreleased(NotReady):
    """A version that was never released has been here."""


class Foreign(NotReady):
    """Somebody else's tables are here."""


class Damaged(NotReady):
    """The file is no sound database."""


class Unreachable(NotReady):
    """There is no database to talk to."""


@dataclass(frozen=True, slots=True)
class State:
    """Where a database's schema stands."""

    word: Literal["empty", "current", "behind", "newer", "foreign", "unreleased"]
    found: str | None
    """The revision in the database."""
    newest: str
    """The newest revision that this code knows."""

    def __str__(self) -> str:
        """What `migrate` did about it, for the operator."""
        match self.word:
            case "current":
                return f"The database is at the newest version already ({self.newest})."
            case "behind":
                return f"The database was brought from version {self.found} to {self.newest}."
        return f"The database was made, at version {self.newest}."


@cache
def revisions() -> tuple[str, ...]:
    """Those that this code knows, oldest first, by the names of their files: 0001_start.py is 0001."""
    names = (path.name for path in (FOLDER / "versions").glob("[0-9]*_*.py"))
    return tuple(sorted(re.split("_", name, maxsplit=1)[0] for name in names))


def check(database: Database) -> State:
    """Compare the database with the code. Nothing is created or changed. Raises Damaged or Unreachable."""
    with _in_sentences(database):
        path = file_of(database)
        if path is not None:
            if not path.exists() or not path.stat().st_size:
                return State("empty", None, revisions()[-1])
            _look_through(path)
        with database.engine.connect() as connection:
            return _state(connection)


def migrate(database: Database) -> State:
    """Bring the database to the newest schema; the state that it was found in. Raises NotReady, changing nothing."""
    state = check(database)
    refuse(state)
    if state.word == "current":
        return state
    with _in_sentences(database):
        if path := file_of(database):
            # What people said is in there: the folder that we make is its owner's only.
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(database) as connection:
            state = _state(connection)
            refuse(state)
            if state.word != "current":
                log.info("migrating", found=state.found, newest=state.newest)
                _upgrade(connection)
    return state


def version(tx: Transaction) -> str:
    """The schema's version, read at no cost; empty where the database says none."""
    found = tx.connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}").scalars().all()
    return str(found[0]) if len(found) == 1 else ""


def integrity(database: Database) -> list[str]:
    """What a whole look through a SQLite file finds wrong with it. PostgreSQL keeps watch over its own."""
    if file_of(database) is None:
        return []
    with _in_sentences(database), database.engine.connect() as connection:
        found = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check(10)")]
        found += [
            f"{row[0]} names a {row[2]} that is not there"
            for row in connection.exec_driver_sql("PRAGMA foreign_key_check")
        ]
    return [line for line in found if line != "ok"]


def file_of(database: Database) -> Path | None:
    """The SQLite file; None for PostgreSQL and for a database in memory."""
    url = database.url
    if url.get_backend_name() != "sqlite" or not url.database or url.database.startswith((":memory:", "file:")):
        return None
    return Path(url.database)


def _state(connection: sa.Connection) -> State:
    rows = connection.exec_driver_sql(_COLUMNS[connection.dialect.name]).fetchall()
    present = {(table, column) for table, column in rows}
    tables_present = {table for table, _ in present}
    newest = revisions()[-1]
    if VERSION_TABLE in tables_present:
        versions = connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}").scalars().all()
        found = str(versions[0]) if len(versions) == 1 else None
        if found == newest:
            # Until a release the first migration is made anew with each change of the tables, under the same name.
            return State("current" if _ours() <= present else "unreleased", found, newest)
        if found in revisions():
            return State("behind", found, newest)
        if versions:
            return State("newer" if found else "foreign", found, newest)
    return State("foreign" if tables_present & set(tables.metadata.tables) else "empty", None, newest)


_COLUMNS = {
    "sqlite": "SELECT m.name, c.name FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS c "
    "WHERE m.type = 'table'",
    "postgresql": "SELECT table_name, column_name FROM information_schema.columns "
    "WHERE table_schema = current_schema()",
}
"""Each table with each of its columns."""


def _ours() -> set[tuple[str, str]]:
    """The tables and columns that this code works with."""
    return {(table.name, column.name) for table in tables.metadata.tables.values() for column in table.c}


def refuse(state: State) -> None:
    """Raise what is to be said of a database that must not be touched."""
    if state.word == "unreleased":
        raise Unreleased(
            "The database was made by a Pacer between two releases, whose tables were not these. Start that Pacer to "
            "export what is in it (docs/export.md), then give this one a new database; a playground's may be deleted."
        )
    if state.word == "newer":
        raise Newer(
            f"The database is newer than this Pacer: it is at version {state.found}, and this code knows none after "
            f"{state.newest}. Start the newer Pacer again, or restore the backup made before it (docs/backup.md)."
        )
    if state.word == "foreign":
        raise Foreign(
            "The database holds tables with the names of Pacer's own that Pacer did not make. Give Pacer a database of "
            "its own (`database` in app.yaml)."
        )


def _look_through(path: Path) -> None:
    """Refuse a damaged file before anything is read from it or written to it."""
    with path.open("rb") as file:
        if file.read(len(SQLITE_HEADER)) != SQLITE_HEADER:
            raise sqlite3.DatabaseError("file is not a database")
    if path.stat().st_size <= CHECKED_AT_START:
        connection = sqlite3.connect(path, isolation_level=None, timeout=5)
        try:
            found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        finally:
            connection.close()
        if found != "ok":
            raise sqlite3.DatabaseError(found)


@contextmanager
def _alone(database: Database) -> Iterator[sa.Connection]:
    """A transaction in which no other process can migrate: all of it is kept, or nothing."""
    with database.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            # A later migration may have to build a table anew, which must not take the rows that refer to it along.
            # The switch has no effect inside a transaction, so it is thrown before; the rows are checked at the end.
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.commit()
            begin = "BEGIN IMMEDIATE"
        else:
            begin = f"SELECT pg_advisory_xact_lock({LOCK})"
        with connection.begin():
            connection.exec_driver_sql(begin)
            yield connection
            if connection.dialect.name == "sqlite":
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
                if broken:
                    raise Damaged(f"A row of {broken[0]} refers to nothing. The way to restore is in docs/backup.md.")
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")


def _upgrade(connection: sa.Connection) -> None:
    # Half a second to import, and nearly every start does without.
    from alembic import command

    command.upgrade(alembic_config(connection), "head")


def alembic_config(connection: sa.Connection) -> Any:
    """What Alembic is told, so that no alembic.ini is needed."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


@contextmanager
def _in_sentences(database: Database) -> Iterator[None]:
    """What goes wrong with the database itself, said to the operator."""
    try:
        yield
    except (DBAPIError, sqlite3.Error, OSError) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        where = database.url.render_as_string(hide_password=True)
        if isinstance(cause, sqlite3.DatabaseError) and not isinstance(
            cause, sqlite3.OperationalError | sqlite3.IntegrityError | sqlite3.ProgrammingError
        ):
            raise Damaged(
                f"The database file {database.url.database} is damaged, so Pacer does not start with it. "
                "Nothing was changed. The way to restore a backup is in docs/backup.md."
            ) from error
        if isinstance(cause, sqlite3.OperationalError | OSError) or _is_unreachable(cause):
            raise Unreachable(f"The database {where} cannot be opened: {_first_line(cause)}.") from error
        raise


def _is_unreachable(cause: BaseException | None) -> bool:
    state = getattr(cause, "sqlstate", None)
    # 08, 57P: no connection; 28: refused; 3D: no such database; 53: too many. psycopg gives none where no server is.
    return type(cause).__name__ == "OperationalError" or bool(state and state[:2] in {"08", "28", "3D", "53", "57"})


def _first_line(cause: BaseException | None) -> str:
    return str(cause).strip().partition("\n")[0].rstrip(".")
