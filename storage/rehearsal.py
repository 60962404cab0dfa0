"""The rows as they are, to try a change on that nobody else sees and nobody waits for.

The tables that an import touches are copied into temporary ones of a connection of its own, which both databases look
at first. What is real is opened for reading alone, so that a table that was forgotten here is an error and not a write.
Nothing of it takes SQLite's one write lock, nor a lock on PostgreSQL that anybody could wait for; it costs a copy of
those tables, on the disk where there are many rows, for as long as it lasts.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.database import JSON_CODEC, Database, Transaction
from storage.tables import (
    account_aliases,
    accounts,
    adjustments,
    commission_plans,
    counters,
    credit_months,
    credits,
    deal_changes,
    deal_shares,
    deals,
    import_changes,
    imports,
    ledger,
    manager_links,
    memberships,
    open_shares,
    people,
    rates,
    roles,
    targets,
    units,
)

COPIED: Final = (
    people,
    roles,
    manager_links,
    units,
    memberships,
    accounts,
    account_aliases,
    targets,
    adjustments,
    rates,
    commission_plans,
    deals,
    deal_shares,
    credits,
    credit_months,
    ledger,
    counters,
)
EMPTY: Final = (deal_changes, imports, import_changes, open_shares)
"""Written, and of what stands in them nothing is read."""


@contextmanager
def rehearsal(database: Database) -> Iterator[Transaction]:
    """A transaction on copies, which are gone at its end. Slow work for a thread of its own."""
    # A connection of its own: one of the pool may hold prepared statements that mean the real tables.
    engine = sa.create_engine(database.url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT", **JSON_CODEC)
    try:
        with engine.connect() as connection:
            _copy(connection)
            yield Transaction(connection)
            connection.exec_driver_sql("ROLLBACK")
    finally:
        engine.dispose()


def _copy(connection: Connection) -> None:
    on_sqlite = connection.dialect.name == "sqlite"
    schema = "main" if on_sqlite else connection.exec_driver_sql("SELECT current_schema()").scalar_one()
    # One moment for all tables; on PostgreSQL without the bookkeeping of SERIALIZABLE, which could make a turn fail.
    connection.exec_driver_sql("BEGIN" if on_sqlite else "BEGIN ISOLATION LEVEL REPEATABLE READ")
    for table in (*COPIED, *EMPTY):
        copy = _temporary(table)
        connection.execute(sa.schema.CreateTable(copy))
        if table not in EMPTY:
            names = ", ".join(f'"{column.name}"' for column in table.c)
            connection.exec_driver_sql(
                f'INSERT INTO {table.name} ({names}) SELECT {names} FROM "{schema}".{table.name}'
            )
        for index in copy.indexes:
            connection.execute(sa.schema.CreateIndex(index))
    connection.exec_driver_sql("COMMIT")
    if on_sqlite:
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        raw.set_authorizer(_not_the_real)
        connection.exec_driver_sql("BEGIN")
    else:
        connection.exec_driver_sql("ANALYZE deals")
        connection.exec_driver_sql("BEGIN READ ONLY")


def _not_the_real(action: int, _one: object, _two: object, schema: str | None, _trigger: object) -> int:
    """Deny what would write to the database itself."""
    writes = action in (sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE)
    return sqlite3.SQLITE_DENY if writes and schema == "main" else sqlite3.SQLITE_OK


def _temporary(table: sa.Table) -> sa.Table:
    """The same columns and unique keys, without what refers to other tables."""
    alone = sa.MetaData(naming_convention=table.metadata.naming_convention)
    columns = [
        sa.Column(
            one.name, one.type, primary_key=one.primary_key, nullable=one.nullable, server_default=one.server_default
        )
        for one in table.c
    ]
    copy = sa.Table(table.name, alone, *columns, prefixes=["TEMPORARY"])
    for constraint in table.constraints:
        if isinstance(constraint, sa.UniqueConstraint):
            copy.append_constraint(sa.UniqueConstraint(*[copy.c[one.name] for one in constraint.columns]))
    for index in table.indexes:
        where = {name: index.dialect_options[name]["where"] for name in ("sqlite", "postgresql")}
        given = {f"{name}_where": clause for name, clause in where.items() if clause is not None}
        sa.Index(index.name, *[copy.c[one.name] for one in index.columns], unique=index.unique, **given)
    return copy
