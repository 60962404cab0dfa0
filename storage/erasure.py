"""Erasing a person, in pieces: what they wrote goes, amounts and ids stay, and nobody can tell whose they were.

The pieces follow one another in the order of `STEPS`. Each looks (reading, beside everybody) and then acts (writing, by
primary key), so that a process that dies leaves whole rows, and the next one goes on at the step and key that were
saved. Who they are is read from `people` and `identities`, which are therefore the last to go.

1. *repeated*: others' rows of conversations that repeat what the person wrote, or name them
2. *theirs*: their own rows, as storage/personal.py says of each table
3. *named*: their name, e-mail and ids in everybody's other rows
4. *who*: their identities, then their row: “Former colleague 3” from then on
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

import sqlalchemy as sa

from storage import tables
from storage.database import Database, Transaction
from storage.personal import RULES, Rule
from storage.tables import counters, identities, import_changes, people
from storage.words import Marks, Texts, marks_for, walked

ROWS: Final = 200
"""Of one piece of writing: some ten milliseconds."""
LOOKED: Final = 1000
"""Rows that are read at once where each is looked through."""
CHECKPOINTS: Final = 200
"""Tries, 50 ms apart, at emptying the write-ahead log while others read."""

What = Literal["repeated", "theirs", "before", "named", "who"]


@dataclass(frozen=True, slots=True)
class Step:
    """One way of looking at one table."""

    what: What
    table: str


def _steps() -> Iterator[Step]:
    passing = [name for name, rule in RULES.items() if rule.passing]
    last = ("identities", "lookups", "people")
    for name in passing:
        yield Step("repeated", name)
    # While the rows that it stands for can still be told to be theirs.
    for name, rule in RULES.items():
        if rule.blank and name not in last:
            yield Step("before", name)
    for name, rule in RULES.items():
        if (rule.delete is not None or rule.blank) and name not in last:
            yield Step("theirs", name)
    for name in sorted(RULES, key=lambda name: name in passing):
        if name not in last and searched(name):
            yield Step("named", name)
    yield Step("theirs", "lookups")
    yield Step("who", "people")


def worded(name: str) -> list[sa.Column[Any]]:
    """The columns of a table that can hold words: text, JSON and bytes, but no reference and no id."""
    found = []
    for column in tables.metadata.tables[name].c:
        kind = column.type
        words = isinstance(kind, sa.Text | sa.JSON | sa.LargeBinary)
        if words and not column.foreign_keys and column.name != "id":
            found.append(column)
    return found


def searched(name: str) -> list[sa.Column[Any]]:
    """Those of them in which a person may be named."""
    fixed = RULES[name].left_alone
    return [
        column
        for column in worded(name)
        if column.name not in fixed
        and not isinstance(column.type, sa.LargeBinary)
        # A key cannot take other words: such a row goes, or stays as it is.
        and not column.primary_key
    ]


STEPS: Final[tuple[Step, ...]] = tuple(_steps())


@dataclass(frozen=True, slots=True)
class Found:
    """What a look found: rows by primary key, and after which key to look on; None: the step is done."""

    keys: tuple[tuple[Any, ...], ...]
    after: str | None


# ---------------------------------------------------------------- who


def number_of(tx: Transaction) -> int:
    """The next former colleague's number."""
    name = "former_colleagues"
    tx.insert_once(counters, {"name": name, "value": 0})
    tx.execute(counters.update().where(counters.c.name == name).values(value=counters.c.value + 1))
    return int(tx.execute(sa.select(counters.c.value).where(counters.c.name == name)).scalar_one())


def former(number: int) -> str:
    """What they are called from then on."""
    return f"Former colleague {number}"


def is_erased(tx: Transaction, person: str) -> bool:
    """Whether there is nothing left of them but an id."""
    return str(tx.execute(sa.select(people.c.name).where(people.c.id == person)).scalar()).startswith(former(0)[:-1])


def open_job(tx: Transaction, kind: str, person: str) -> str | None:
    """The key of the job that erases them, while it is not over."""
    job = tables.jobs.c
    for row in tx.execute(sa.select(job.key, job.data).where(job.kind == kind, job.settled_at.is_(None))):
        if row.data.get("given", {}).get("person") == person:
            return str(row.key)
    return None


def marks_of(tx: Transaction, person: str, number: int) -> Marks:
    """By what they are known in others' words. A name that somebody else bears too is left where others wrote it."""
    name, email = tx.execute(sa.select(people.c.name, people.c.email).where(people.c.id == person)).one()
    namesake = sa.select(people.c.id).where(people.c.id != person, sa.func.lower(people.c.name) == name.lower())
    users = tx.execute(
        sa.select(identities.c.external_id, identities.c.direct, identities.c.email).where(
            identities.c.person == person
        )
    ).all()
    return marks_for(
        name if tx.execute(namesake.limit(1)).first() is None else "",
        emails={email or "", *(row.email for row in users)},
        ids={one for row in users for one in (row.external_id, row.direct)},
        instead=former(number),
    )


def texts_of(tx: Transaction, person: str) -> Texts:
    """What they wrote, so that it is found where it was repeated."""
    said: set[str] = set()
    for name, rule in RULES.items():
        if rule.passing or name in ("people", "identities", "lookups", "files"):
            continue
        words = [column for column in worded(name) if column.name not in rule.left_alone]
        chosen = [] if rule.delete is None else [(rule.delete, words)]
        for condition, values in rule.blank:
            chosen.append((condition, [column for column in words if column.name in values]))
        for condition, columns in chosen:
            if columns:
                for row in tx.execute(sa.select(*columns).where(condition(person))):
                    said.update(text for value in row for text in walked(value))
    return Texts(said)


# ---------------------------------------------------------------- look


def look(tx: Transaction, step: Step, after: str | None, person: str, marks: Marks, texts: Texts) -> Found:
    """The rows of the next piece."""
    table, rule = tables.metadata.tables[step.table], RULES[step.table]
    match step.what:
        case "repeated":
            return _repeating(tx, table, after, marks, texts)
        case "theirs":
            return _theirs(tx, table, rule, after, person)
        case "before":
            return _before(tx, table, rule, after, person)
        case "named":
            return _naming(tx, table, after, marks)
        case "who":
            return Found(((person,),), None)


def _key(table: sa.Table) -> list[sa.Column[Any]]:
    return list(table.primary_key.columns)


def _repeating(tx: Transaction, table: sa.Table, after: str | None, marks: Marks, texts: Texts) -> Found:
    key = _key(table)[0]
    columns = [column for column in worded(str(table.name)) if column.name not in RULES[str(table.name)].left_alone]
    query = sa.select(key, *(column for column in columns if column is not key)).order_by(key).limit(LOOKED)
    rows = tx.execute(query if after is None else query.where(key > after)).all()
    hit = [(row[0],) for row in rows if any(marks.within(value) or texts.within(value) for value in row)]
    return Found(tuple(hit), str(rows[-1][0]) if len(rows) == LOOKED else None)


def _theirs(tx: Transaction, table: sa.Table, rule: Rule, after: str | None, person: str) -> Found:
    key = _key(table)
    if rule.delete is not None and not (after or "").startswith("blank:"):
        keys = tx.execute(sa.select(*key).where(rule.delete(person)).limit(ROWS)).all()
        if keys or not rule.blank:
            return Found(tuple(map(tuple, keys)), "" if keys else None)
        after = "blank:"
    done = (after or "").removeprefix("blank:")
    conditions = sa.or_(*(condition(person) for condition, _ in rule.blank))
    query = sa.select(key[0]).where(conditions, key[0] > done).order_by(key[0]).limit(ROWS)
    keys = tx.execute(query).all()
    return Found(tuple(map(tuple, keys)), f"blank:{keys[-1][0]}" if len(keys) == ROWS else None)


def _before(tx: Transaction, table: sa.Table, rule: Rule, after: str | None, person: str) -> Found:
    """Lines of imports' journals that hold how such rows stood."""
    key, line = _key(table)[0], import_changes.c
    theirs = sa.select(key).where(sa.or_(*(condition(person) for condition, _ in rule.blank)))
    query = sa.select(line.id).where(
        line.table == table.name, line.before.is_not(None), line.row.in_(theirs), line.id > (after or "")
    )
    keys = tx.execute(query.order_by(line.id).limit(ROWS)).all()
    return Found(tuple(map(tuple, keys)), str(keys[-1][0]) if len(keys) == ROWS else None)


def _naming(tx: Transaction, table: sa.Table, after: str | None, marks: Marks) -> Found:
    if not marks.probes:
        return Found((), None)
    key, columns = _key(table)[0], searched(str(table.name))
    near = sa.or_(
        *(sa.cast(column, sa.Text).icontains(probe, autoescape=True) for column in columns for probe in marks.probes)
    )
    query = sa.select(key, *columns).where(near, key > (after or "")).order_by(key).limit(ROWS)
    rows = tx.execute(query).all()
    hit = [(row[0],) for row in rows if any(marks.within(value) for value in row[1:])]
    return Found(tuple(hit), str(rows[-1][0]) if len(rows) == ROWS else None)


# ---------------------------------------------------------------- act


def act(tx: Transaction, step: Step, found: Found, person: str, marks: Marks, number: int, now: datetime) -> None:
    """Do it to these rows. The same again changes nothing."""
    table, rule = tables.metadata.tables[step.table], RULES[step.table]
    match step.what:
        case "repeated":
            for some in _cut(found.keys):
                _pass(tx, table, rule, some, now)
        case "theirs":
            if rule.delete is not None:
                tx.execute(table.delete().where(_among(table, found.keys), rule.delete(person)))
            for condition, values in rule.blank:
                tx.execute(table.update().where(_among(table, found.keys), condition(person)).values(dict(values)))
            if table is tables.deal_changes:
                _forget_words(tx, found.keys)
        case "before":
            _blank_before(tx, found.keys, {name: value for _, values in rule.blank for name, value in values.items()})
        case "named":
            _rename(tx, table, found.keys, marks)
        case "who":
            tx.execute(identities.delete().where(identities.c.person == person))
            gone = {"name": former(number), "email": None, "zone": None, "date_order": None}
            left = {"left_at": sa.func.coalesce(people.c.left_at, sa.bindparam("gone_at", now, people.c.left_at.type))}
            tx.execute(people.update().where(people.c.id == person).values({**gone, **left}))


def _cut(keys: Sequence[tuple[Any, ...]]) -> Iterator[Sequence[tuple[Any, ...]]]:
    for start in range(0, len(keys), ROWS):
        yield keys[start : start + ROWS]


def _among(table: sa.Table, keys: Iterable[tuple[Any, ...]]) -> sa.ColumnElement[bool]:
    key = _key(table)
    if len(key) == 1:
        return key[0].in_([one[0] for one in keys])
    return sa.or_(
        sa.false(), *(sa.and_(*(part == value for part, value in zip(key, one, strict=True))) for one in keys)
    )


def _pass(tx: Transaction, table: sa.Table, rule: Rule, keys: Sequence[tuple[Any, ...]], now: datetime) -> None:
    which = _among(table, keys)
    if rule.passing == "delete":
        tx.execute(table.delete().where(which))
        return
    values = dict(rule.empty)
    if "settled_at" not in table.c:
        tx.execute(table.update().where(which), values)
        return
    tx.execute(table.update().where(which, table.c.settled_at.is_not(None)), values)
    if table in (tables.outbox, tables.notices):
        waiting = [which, table.c.settled_at.is_(None)]
        if table is tables.outbox:
            waiting.append(table.c.claimed_by.is_(None))
        tx.execute(table.update().where(*waiting), {**values, "state": "withdrawn", "settled_at": now})


_WORDS_OF_DEALS: Final = ("loss_reason", "owner_text")


def _forget_words(tx: Transaction, keys: Iterable[tuple[Any, ...]]) -> None:
    changes = tables.deal_changes
    for row in tx.execute(sa.select(changes.c.id, changes.c.fields).where(_among(changes, keys))).all():
        kept = {name: pair for name, pair in row.fields.items() if name not in _WORDS_OF_DEALS}
        if kept != row.fields:
            tx.execute(changes.update().where(changes.c.id == row.id), {"fields": kept})


def _blank_before(tx: Transaction, keys: Iterable[tuple[Any, ...]], values: Mapping[str, Any]) -> None:
    line = import_changes.c
    for row in tx.execute(sa.select(line.id, line.before).where(_among(import_changes, keys))).all():
        before = {name: values.get(name, value) for name, value in row.before.items()}
        tx.execute(import_changes.update().where(line.id == row.id), {"before": before})


def _rename(tx: Transaction, table: sa.Table, keys: Iterable[tuple[Any, ...]], marks: Marks) -> None:
    key, columns = _key(table)[0], searched(str(table.name))
    for row in tx.execute(sa.select(key, *columns).where(_among(table, keys))).all():
        values = {
            column.name: marks.replaced(value)
            for column, value in zip(columns, row[1:], strict=True)
            if marks.within(value)
        }
        if values:
            tx.execute(table.update().where(key == row[0]), values)


# ---------------------------------------------------------------- the bytes


def scrub(database: Database) -> None:
    """Let nothing of it stand in the file either.

    SQLite: what was deleted is overwritten as it goes (secure_delete); the file is written anew (VACUUM) and the
    write-ahead log is emptied. PostgreSQL: dead rows are cleared; its own log and backups age out.
    """
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM")
        if database.url.get_backend_name() != "sqlite":
            return
        for _ in range(CHECKPOINTS):
            busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
            if not busy:
                return
            time.sleep(0.05)
