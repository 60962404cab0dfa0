"""Imports: what each one did to which row, so that it can be rolled back as one.

A journal line (`import_changes`) whose `before` is null stands for a row that the import made; any other holds, by
column, [before, after]. A column is put back only while it still says what the import wrote.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

import sqlalchemy as sa

from storage.database import Transaction
from storage.statement import Statement
from storage.tables import (
    Instant,
    account_aliases,
    accounts,
    credit_months,
    credits,
    deal_changes,
    import_changes,
    imports,
    metadata,
    new_id,
    rates,
)

State = Literal["applying", "applied", "failed", "rolled back"]
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Import:
    """One file that was applied."""

    id: str
    kind: str
    name: str
    digest: str
    state: State
    at: datetime
    report: dict[str, Any]
    by: str | None
    settings: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal: `changed` None is a row that was made."""

    id: str
    table: str
    row: str
    changed: dict[str, list[Any]] | None


_columns = tuple(
    imports.c[name] for name in ("id", "kind", "name", "digest", "state", "at", "report", "by", "settings")
)


def begin(
    tx: Transaction,
    *,
    kind: str,
    name: str,
    digest: str,
    settings: Mapping[str, Any],
    by: str | None,
    at: datetime,
) -> str:
    """A new import, being applied; its id."""
    identifier = new_id()
    row = {"id": identifier, "kind": kind, "name": name, "digest": digest, "settings": dict(settings), "by": by}
    tx.execute(imports.insert(), {**row, "state": "applying", "at": at, "report": {}})
    return identifier


def settle(tx: Transaction, identifier: str, state: State, *, at: datetime, report: Mapping[str, Any] | None) -> None:
    """What became of it. `report` None keeps the one that stands."""
    values: dict[str, Any] = {"state": state, "settled_at": at}
    if report is not None:
        values["report"] = dict(report)
    tx.execute(imports.update().where(imports.c.id == identifier), values)


def get(tx: Transaction, identifier: str) -> Import | None:
    """The import of that id."""
    row = tx.execute(sa.select(*_columns).where(imports.c.id == identifier)).first()
    return None if row is None else Import(*row)


def latest(tx: Transaction) -> Import | None:
    """The last one that changed anything and was not rolled back."""
    did = sa.select(import_changes.c.id).where(import_changes.c["import"] == imports.c.id).exists()
    query = sa.select(*_columns).where(imports.c.state != "rolled back", did)
    row = tx.execute(query.order_by(imports.c.id.desc()).limit(1)).first()
    return None if row is None else Import(*row)


def was_applied(tx: Transaction, kind: str) -> bool:
    """Whether an import of that kind has been applied to its end and stands."""
    query = sa.select(imports.c.id).where(imports.c.kind == kind, imports.c.state == "applied")
    return tx.execute(query.limit(1)).first() is not None


def did_anything(tx: Transaction, identifier: str) -> bool:
    """Whether there is something to roll back."""
    query = sa.select(import_changes.c.id).where(import_changes.c["import"] == identifier)
    return tx.execute(query.limit(1)).first() is not None


def last(tx: Transaction, limit: int) -> list[Import]:
    """The last ones, the last first."""
    return [Import(*row) for row in tx.execute(sa.select(*_columns).order_by(imports.c.id.desc()).limit(limit))]


def last_watched(tx: Transaction, watched: str, name: str | None = None) -> Import | None:
    """The last import that a schedule of that name made, of a file of that name if one is given."""
    query = sa.select(*_columns).where(imports.c.settings["watched"].as_string() == watched)
    if name is not None:
        query = query.where(imports.c.name == name)
    row = tx.execute(query.order_by(imports.c.id.desc()).limit(1)).first()
    return None if row is None else Import(*row)


def same_file(tx: Transaction, digest: str) -> Import | None:
    """The last import of that very file that stands."""
    query = sa.select(*_columns).where(imports.c.digest == digest, imports.c.state == "applied")
    row = tx.execute(query.order_by(imports.c.id.desc()).limit(1)).first()
    return None if row is None else Import(*row)


def known_accounts(tx: Transaction) -> list[tuple[str, str, tuple[str, ...]]]:
    """(id, name, other names) of every account."""
    other: dict[str, list[str]] = {}
    for account, alias in tx.execute(sa.select(account_aliases.c.account, account_aliases.c.alias)):
        other.setdefault(account, []).append(alias)
    rows = tx.execute(sa.select(accounts.c.id, accounts.c.name).order_by(accounts.c.id))
    return [(identifier, name, tuple(other.get(identifier, ()))) for identifier, name in rows]


# ---------------------------------------------------------------- the journal


def rows_where(tx: Transaction, table: sa.Table, column: str, values: Collection[str]) -> dict[str, Row]:
    """Whole rows by their id, of those whose column is one of these values."""
    if not values:
        return {}
    key = _key(table).name
    found = tx.execute(sa.select(table).where(table.c[column].in_(sorted(values))).order_by(key))
    return {row._mapping[key]: dict(row._mapping) for row in found}


def note_made(tx: Transaction, identifier: str, table: sa.Table, rows: Iterable[str]) -> None:
    """The import made these rows."""
    _write(tx, identifier, [(table.name, row, None) for row in rows])


def note_difference(
    tx: Transaction, identifier: str, table: sa.Table, before: Mapping[str, Row], after: Mapping[str, Row]
) -> int:
    """Journal what is not the same any more: rows made, rows changed, rows gone. How many."""
    lines: list[tuple[str, str, dict[str, list[Any]] | None]] = []
    for row, new in after.items():
        old = before.get(row)
        if old is None:
            lines.append((table.name, row, None))
        elif changed := {name: [_plain(old[name]), _plain(new[name])] for name in new if old[name] != new[name]}:
            lines.append((table.name, row, changed))
    for row, old in before.items():
        if row not in after:
            lines.append((table.name, row, {name: [_plain(value), None] for name, value in old.items()}))
    _write(tx, identifier, lines)
    return len(lines)


def note_rate(
    tx: Transaction, identifier: str, year: int, currency: str, before: Decimal | None, after: Decimal
) -> None:
    """The import set this rate; rates have no id of their own."""
    changed = None if before is None else {"rate": [str(before), str(after)]}
    _write(tx, identifier, [(rates.name, f"{year} {currency}", changed)])


def undo_rate(tx: Transaction, entry: Entry, at: datetime) -> None:
    """It says again what it said before, unless another one was set since."""
    year, currency = entry.row.split()
    which = [rates.c.fiscal_year == int(year), rates.c.currency == currency]
    if entry.changed is None:
        tx.execute(rates.delete().where(*which))
        return
    before, after = entry.changed["rate"]
    tx.execute(rates.update().where(*which, rates.c.rate == after), {"rate": before, "set_at": at})


_lines = Statement(import_changes.insert(), ("id", "import", "table", "row", "before"))


def _write(tx: Transaction, identifier: str, lines: Sequence[tuple[str, str, dict[str, list[Any]] | None]]) -> None:
    if lines:
        made = [
            {"id": new_id(), "import": identifier, "table": table, "row": row, "before": changed}
            for table, row, changed in lines
        ]
        _lines.run_all(tx, made)


def last_entries(tx: Transaction, identifier: str, limit: int) -> list[Entry]:
    """The journal's last lines, the last one first."""
    table = import_changes.c
    query = sa.select(table.id, table.table, table.row, table.before).where(table["import"] == identifier)
    return [Entry(*row) for row in tx.execute(query.order_by(table.id.desc()).limit(limit))]


def forget(tx: Transaction, entries: Iterable[Entry]) -> None:
    """These lines are rolled back."""
    tx.execute(import_changes.delete().where(import_changes.c.id.in_([entry.id for entry in entries])))


# ---------------------------------------------------------------- rolling back


def put_back(tx: Transaction, entry: Entry) -> bool:
    """A changed row says again what it did before; False where a column was changed by somebody else since."""
    assert entry.changed is not None
    table = metadata.tables[entry.table]
    key = _key(table)
    standing = tx.execute(sa.select(table).where(key == entry.row)).first()
    before = {name: _typed(table, name, old) for name, (old, _) in entry.changed.items()}
    if standing is None:
        whole = len(before) == len(table.c)
        if whole:
            tx.execute(table.insert(), before)
        return whole
    still = {name: before[name] for name, (_, new) in entry.changed.items() if _plain(standing._mapping[name]) == new}
    if still:
        tx.execute(table.update().where(key == entry.row), still)
    return len(still) == len(before)


def kept_deals(tx: Transaction, identifier: str, deals: Collection[str]) -> set[str]:
    """Which of these deals the import brought in, and somebody else has changed since."""
    mine, other = deal_changes.alias(), deal_changes.alias()
    since = (
        sa.select(mine.c.deal)
        .join(other, sa.and_(other.c.deal == mine.c.deal, other.c.id > mine.c.id))
        .where(mine.c["import"] == identifier, mine.c.deal.in_(sorted(deals)), _by_others(other, identifier))
    )
    changed = sorted(set(tx.execute(since).scalars())) if deals else []
    if not changed:
        return set()
    table = import_changes.c
    lines = sa.select(table.row, table.before).where(
        table["import"] == identifier, table.table == "deals", table.row.in_(changed)
    )
    # One that was taken back before came in again, as if it were new.
    return {row for row, before in tx.execute(lines) if before is None or before.get("voided_at", (None,))[0]}


def _by_others(change: sa.FromClause, identifier: str) -> sa.ColumnElement[bool]:
    not_ours = sa.or_(change.c["import"].is_(None), change.c["import"] != identifier)
    return sa.and_(not_ours, change.c.undone_at.is_(None))


def undo_history(tx: Transaction, identifier: str, *, at: datetime) -> None:
    """What the import wrote into the deals' history is marked as taken back, but for deals that began with it and
    that others have changed since: these stay, and so does how they began."""
    other, older = deal_changes.alias(), deal_changes.alias()
    changed = sa.exists().where(other.c.deal == deal_changes.c.deal, _by_others(other, identifier))
    began_before = sa.exists().where(
        older.c.deal == deal_changes.c.deal,
        older.c.id < deal_changes.c.id,
        sa.or_(older.c["import"].is_(None), older.c["import"] != identifier),
    )
    mine = (deal_changes.c["import"] == identifier, deal_changes.c.undone_at.is_(None))
    tx.execute(deal_changes.update().where(*mine, sa.or_(~changed, began_before)), {"undone_at": at})


def changed_rows(tx: Transaction, identifier: str, tables: Collection[str], limit: int) -> list[Entry]:
    """The first rows of these tables that the import changed, without those that it made."""
    table = import_changes.c
    query = sa.select(table.id, table.table, table.row, table.before).where(
        table["import"] == identifier, table.table.in_(sorted(tables)), sa.cast(table.before, sa.Text) != "null"
    )
    return [Entry(*row) for row in tx.execute(query.order_by(table.id).limit(limit))]


def name_of(tx: Transaction, table: str, row: str) -> str:
    """What people call that row; empty where it has no name."""
    which = metadata.tables[table]
    if "name" not in which.c:
        return ""
    return tx.execute(sa.select(which.c.name).where(_key(which) == row)).scalar_one_or_none() or ""


def remove(tx: Transaction, table: sa.Table, row: str) -> None:
    """The row is gone."""
    tx.execute(table.delete().where(_key(table) == row))


def stood_on(tx: Transaction, table: sa.Table, rows: Collection[str]) -> set[str]:
    """Which of these rows any row of any table refers to."""
    found: set[str] = set()
    for other in metadata.tables.values():
        for column in other.c:
            if any(key.column.table is table for key in column.foreign_keys):
                query = sa.select(column).where(column.in_(sorted(rows))).distinct()
                found.update(tx.execute(query).scalars())
    return found


def revive(tx: Transaction, credit: str) -> None:
    """A credit that the import voided counts again, in its month's sum too."""
    row = tx.execute(sa.select(credits).where(credits.c.id == credit, credits.c.voided_at.is_not(None))).first()
    if row is None:
        return
    tx.execute(credits.update().where(credits.c.id == credit), {"voided_at": None})
    months = credit_months.c
    key = {"month": row.day.replace(day=1), "person": row.person, "kind": row.kind}
    if not tx.insert_once(credit_months, {**key, "amount_minor": row.amount_minor, "deals": 1}):
        which = (months.month == key["month"], months.person == key["person"], months.kind == key["kind"])
        more = {"amount_minor": months.amount_minor + row.amount_minor, "deals": months.deals + 1}
        tx.execute(credit_months.update().where(*which).values(more))


def _key(table: sa.Table) -> sa.Column[Any]:
    (column,) = table.primary_key.columns
    return column


def _plain(value: Any) -> Any:
    """As JSON holds it."""
    return value.isoformat() if isinstance(value, date) else value


def _typed(table: sa.Table, name: str, value: Any) -> Any:
    """As the column holds it."""
    kind = table.c[name].type
    if value is None:
        return None
    if isinstance(kind, Instant):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if isinstance(kind, sa.Date) else value
