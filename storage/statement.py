"""Statements that every turn runs, given to the driver as it knows them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    from storage.database import Transaction


class Statement:
    """A statement that every turn runs: worked out once for each database, then given to the driver as it is.

    Executing through SQLAlchemy costs about 0.1 ms, ten times what SQLite itself takes for one row, and that is most
    of a turn. So its compiler writes the SQL, its types convert what goes in and comes out, and the rest is the
    driver's own cursor. What it cannot do: IN over a list, RETURNING, defaults that are made in Python.
    """

    __slots__ = ("_columns", "_compiled", "_statement")

    def __init__(
        self,
        statement: sa.Select[*tuple[Any, ...]]
        | sa.CompoundSelect[*tuple[Any, ...]]
        | sa.Insert
        | sa.Update
        | sa.TextClause,
        columns: Iterable[str] = (),
    ) -> None:
        """`columns`: of an insert, those that each row gives. All other values are bindparams. Text writes: what it
        would select is not converted."""
        self._statement = statement
        self._columns = tuple(columns)
        self._compiled: dict[str, _Compiled] = {}

    def rows(self, tx: Transaction, **values: Any) -> list[Sequence[Any]]:
        """What it selects; `values` are its bindparams'."""
        return self._for(tx).fetch(tx, values)

    def first(self, tx: Transaction, **values: Any) -> Sequence[Any] | None:
        """The first row of what it selects, for what has one row at most."""
        found = self.rows(tx, **values)
        return found[0] if found else None

    def run(self, tx: Transaction, row: Mapping[str, Any]) -> int:
        """Write one row, or change some. How many were written."""
        return self._for(tx).write(tx, row)

    def run_all(self, tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write these rows."""
        self._for(tx).write_all(tx, rows)

    def _for(self, tx: Transaction) -> _Compiled:
        dialect = tx.connection.dialect
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = self._compiled[dialect.name] = _Compiled(self._statement, self._columns, dialect)
        return compiled


class _Compiled:
    """A statement for one database."""

    __slots__ = ("_fixed", "_from_driver", "_names", "_pick", "_positional", "_sql", "_to_driver")

    def __init__(self, statement: Any, columns: tuple[str, ...], dialect: Dialect) -> None:
        selected: tuple[sa.ColumnElement[Any], ...] = ()
        if isinstance(statement, sa.Insert):
            statement = statement.inline()
        elif not isinstance(statement, sa.Update | sa.TextClause):
            selected = tuple(statement.selected_columns)
        compiled = statement.compile(dialect=dialect, column_keys=columns or None)
        self._sql: str = compiled.string
        self._positional: bool = compiled.positional
        names: tuple[str, ...] = tuple(compiled.positiontup if compiled.positional else compiled.params)
        self._fixed = {name: compiled.params[name] for name in names if not compiled.binds[name].required}
        self._names = names
        self._pick: Callable[[Mapping[str, Any]], Any] = itemgetter(*names) if len(names) > 1 else self._pick_few
        self._to_driver: list[tuple[int, Callable[[Any], Any]]] = []
        for position, name in enumerate(names):
            convert = _to_driver(compiled.binds[name].type, dialect)
            if convert is not None:
                self._to_driver.append((position, convert))
        self._from_driver: list[tuple[int, Callable[[Any], Any]]] = []
        for position, column in enumerate(selected):
            convert = column.type.dialect_impl(dialect).result_processor(dialect, None)
            if convert is not None:
                self._from_driver.append((position, convert))

    def fetch(self, tx: Transaction, values: Mapping[str, Any]) -> list[Sequence[Any]]:
        parameters = self._parameters(values)
        cursor = tx.driver.cursor()
        try:
            found: list[Sequence[Any]] = cursor.execute(self._sql, parameters).fetchall()
        except Exception as error:
            raise self._failed(tx, error) from error
        return [self._converted(row) for row in found] if self._from_driver else found

    def write(self, tx: Transaction, row: Mapping[str, Any]) -> int:
        parameters = self._parameters(row)
        cursor = tx.driver.cursor()
        try:
            cursor.execute(self._sql, parameters)
        except Exception as error:
            raise self._failed(tx, error) from error
        written: int = cursor.rowcount
        return written

    def write_all(self, tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
        parameters = [self._parameters(row) for row in rows]
        cursor = tx.driver.cursor()
        try:
            cursor.executemany(self._sql, parameters)
        except Exception as error:
            raise self._failed(tx, error) from error

    def _parameters(self, values: Mapping[str, Any]) -> Any:
        """What the driver is given for these values."""
        if self._fixed:
            values = {**self._fixed, **values}
        given = list(self._pick(values))
        for position, convert in self._to_driver:
            given[position] = convert(given[position])
        return given if self._positional else dict(zip(self._names, given, strict=True))

    def _pick_few(self, values: Mapping[str, Any]) -> list[Any]:
        return [values[name] for name in self._names]

    def _converted(self, row: Sequence[Any]) -> Sequence[Any]:
        fields = list(row)
        for position, convert in self._from_driver:
            fields[position] = convert(fields[position])
        return fields

    def _failed(self, tx: Transaction, error: Exception) -> BaseException:
        """A driver's error as SQLAlchemy gives it from everything else; without the values, which people wrote."""
        dialect = tx.connection.dialect
        drivers = dialect.loaded_dbapi.Error
        if not isinstance(error, drivers):
            return error
        lost = dialect.is_disconnect(error, tx.driver, None)
        if lost:
            tx.connection.invalidate(error)
        return DBAPIError.instance(
            self._sql, None, error, drivers, hide_parameters=True, connection_invalidated=lost, dialect=dialect
        )


def _to_driver(kind: sa.types.TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    """How a value of that type is given to the driver; None: as it is."""
    implemented = kind.dialect_impl(dialect)
    if isinstance(implemented, sqlite.DATE):
        # The same text as SQLAlchemy's own, which formats each of its fields by name.
        return _date_to_sqlite
    processor: Callable[[Any], Any] | None = implemented.bind_processor(dialect)
    return processor


def _date_to_sqlite(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


@cache
def insert_once(database: str, table: sa.Table, columns: tuple[str, ...]) -> Statement:
    """One row of these columns into the table, unless a unique key is taken already."""
    insert = postgresql.insert if database == "postgresql" else sqlite.insert
    return Statement(insert(table).on_conflict_do_nothing(), columns)
