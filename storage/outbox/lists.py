"""Many rows in one statement.

A list of rows goes into it as one JSON parameter. One for each row would let go of Python's lock and wait for it again
at each (measured on SQLite under load: 100 microseconds a row instead of 5).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

encoded = msgspec.json.encode
"""Anything as JSON."""


class _members(FunctionElement[Any]):
    """The texts in a JSON array, to stand after IN."""

    name = "members"
    inherit_cache = True


@compiles(_members)
def _members_on_sqlite(element: _members, compiler: SQLCompiler, **more: Any) -> str:
    return f"(SELECT value FROM json_each({compiler.process(element.clauses, **more)}))"


@compiles(_members, "postgresql")
def _members_on_postgresql(element: _members, compiler: SQLCompiler, **more: Any) -> str:
    return f"(SELECT json_array_elements_text(CAST({compiler.process(element.clauses, **more)} AS json)))"


def among(column: sa.ColumnElement[Any], parameter: str) -> sa.ColumnElement[bool]:
    """Whether the column is one of the texts in the parameter of that name, which `listed` makes."""
    return column.bool_op("IN")(_members(sa.bindparam(parameter, type_=sa.Text)))


def listed(texts: Iterable[str]) -> str:
    """Texts as the one parameter that `among` wants."""
    return encoded(list(texts)).decode()
