"""Erasure: a marker in every text that a person can fill, in every table; afterwards it stands nowhere, bytes included.

The rows are made from storage/tables.py itself, so that a table or a column that is added is in the test at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from handlers.conversation.company import Company
from handlers.privacy import job as erasing
from scheduled.jobs import Runner, data_of
from storage import audit, credits, erasure, jobs, people
from storage.database import Database, Transaction
from storage.personal import RULES
from storage.tables import metadata
from storage.words import Texts, marks_for
from tests.test_jobs import Said

NOW = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)
MARKER = "Zyxomma petiolatum 4711"
"""No word of the house's, and longer than what is too short to be anybody's."""
NAME, EMAIL, USER, CHAT = "Quirina Öxenfeld", "quirina.ox@test.example", "U0QUIRINA77", "D0QUIRINA77"
TRACES = (MARKER, NAME, "Oxenfeld", EMAIL, USER, CHAT)
OTHER = "other"


def is_theirs(table: sa.Table, column: sa.Column[Any]) -> bool:
    return any(key.column is metadata.tables["people"].c.id for key in column.foreign_keys) or column.name in (
        "by", "author", "set_by", "recorded_by", "answered_by", "created_by", "voided_by",
    ) or (column.name == "person" and table.name != "people")  # fmt: skip


def value_for(table: sa.Table, column: sa.Column[Any], row: str, person: str, words: str) -> Any:
    """A value of that column for a row of that person; `words` wherever somebody's words may stand."""
    rule = RULES[str(table.name)]
    if column.primary_key and column.name == "id":
        return row
    if is_theirs(table, column):
        return person
    if column.foreign_keys:
        return f"{next(iter(column.foreign_keys)).column.table.name}-1"
    said = words if column.name not in rule.company.split() else f"with {NAME}, {EMAIL.upper()} <@{USER}>"
    match column.type:
        case sa.JSON():
            return {"ids": [row]} if column.name in rule.left_alone else {"a": [said], f"{said} key": 1}
        case sa.LargeBinary():
            return said.encode()
        case sa.Text():
            return f"{column.name} {row}" if column.name in rule.left_alone or column.primary_key else f"{said} {row}"
        case sa.Boolean():
            return False
        case sa.Integer() | sa.BigInteger():
            return 7
        case sa.Date():
            return date(2026, 11, 2)
        case sa.Time():
            return time(9)
        case _:
            return NOW - timedelta(days=1)


SPECIAL: Mapping[str, Mapping[str, Any]] = {
    "people": {"left_at": NOW, "imported": True},
    "identities": {"external_id": USER, "direct": CHAT, "install": "slack", "email": EMAIL},
    "targets": {"unit": None, "replaced_at": None},
    "adjustments": {"unit": None},
    "milestones": {"unit": None},
    "meeting_people": {"unit": None},
    "import_changes": {"table": "activities", "row": "activities-1", "before": {"said": MARKER, "note": None}},
    "jobs": {"kind": "export", "state": "done"},
    "outbox": {"state": "sent", "claimed_by": None},
    "deal_changes": {"fields": {"loss_reason": [None, MARKER], "stage": ["proposal", "lost"]}},
    "counters": {"name": "account_names"},
}


async def fill(database: Database) -> None:
    """A row of the person in every table, and a row of somebody else's in each that repeats them."""

    def write(tx: Transaction) -> None:
        tables = metadata.sorted_tables
        fixed = {"email": "max@test.example", "name": "Max Stone", "id": OTHER, "created_at": NOW, "imported": True}
        for table in tables:
            row = f"{table.name}-1"
            values = {one.name: value_for(table, one, row, "people-1", MARKER) for one in table.c}
            values |= SPECIAL.get(str(table.name), {})
            if table.name == "people":
                values |= {"name": NAME, "email": EMAIL}
                tx.execute(table.insert(), fixed)
            tx.execute(table.insert(), values)
        # What Max has in his hands repeats it: shortened, within JSON, by name.
        for name, rule in RULES.items():
            if not rule.passing:
                continue
            table = metadata.tables[name]
            for number, words in enumerate((f"he says “{MARKER}”", f"of {NAME.upper()}", f"Oxenfeld, {NAME[:7]}")):
                row = f"{name}-others-{number}"
                values = {one.name: value_for(table, one, row, OTHER, words) for one in table.c}
                values |= {key: value for key, value in SPECIAL.get(name, {}).items() if key != "person"}
                values |= {"settled_at": NOW} if "settled_at" in table.c else {}
                tx.execute(table.insert(), values)

    await database.write(write)


def ask_for(tx: Transaction, person: str) -> None:
    one = erasing.wanted(person, "once")
    jobs.put(tx, kind=one.kind, key=one.key, person=OTHER, data=data_of(one, None), at=NOW)


async def erase(database: Database) -> Said:
    await database.write(partial(ask_for, person="people-1"))
    said = Said()
    runner = Runner(database, Company(), (erasing.JOB,), (), out=said, clock=lambda: NOW, owner="one")
    runner.kick()
    await asyncio.wait_for(runner.idle(), 60)
    await runner.stop()
    return said


async def everything(database: Database) -> dict[str, list[str]]:
    """Every row of every table, as text."""

    def read(tx: Transaction) -> dict[str, list[str]]:
        return {
            str(table.name): [
                repr([one.decode("utf-8", "replace") if isinstance(one, bytes) else one for one in row])
                for row in tx.execute(sa.select(table))
            ]
            for table in metadata.sorted_tables
        }

    return await database.read(read)


def traces(text: str) -> list[str]:
    return [trace for trace in TRACES if trace.lower() in text.lower()]


# ---------------------------------------------------------------- the map


def test_every_table_is_on_the_map_and_every_column_of_words_is_spoken_for() -> None:
    assert set(RULES) == set(metadata.tables), "storage/personal.py says of every table what becomes of a person's part"
    for name, rule in RULES.items():
        columns = {column.name for column in metadata.tables[name].c}
        emptied = {one for _, values in rule.blank for one in values} | set(rule.empty)
        named = rule.left_alone | set(rule.company.split()) | emptied
        assert named <= columns, f"{name} has no {named - columns}"
        words = {column.name for column in erasure.worded(name)}
        gone = rule.delete is not None
        unsaid = words - named if not gone else set()
        assert not unsaid or rule.passing, f"{name}: what becomes of {unsaid}?"
        assert gone or rule.why, f"{name}: why does it stay?"


def test_every_reference_to_people_is_erased_or_stays_as_an_id() -> None:
    """What refers to people and stays does so by an id: so none of these columns may hold a name."""
    for name, rule in RULES.items():
        for column in metadata.tables[name].c:
            if is_theirs(metadata.tables[name], column) and not column.foreign_keys:
                assert column.name in rule.left_alone or rule.delete is not None, f"{name}.{column.name}"


# ---------------------------------------------------------------- the rows and the bytes


async def test_nothing_is_left_in_any_table_nor_in_the_file(database: Database) -> None:
    await fill(database)
    before = await everything(database)
    missing = [name for name, rule in RULES.items() if rule.blank and not any(traces(row) for row in before[name])]
    assert not missing, "the marker stood in all of them"

    said = await erase(database)
    assert said.replies[-1].startswith("Done: nothing is left of them but “Former colleague 1”")
    assert "“Former colleague 1”" in said.replies[-1]
    after = await everything(database)
    left = {name: [row for row in rows if traces(row)] for name, rows in after.items()}
    assert {name: rows for name, rows in left.items() if rows} == {}
    assert any("Former colleague 1" in row for row in after["people"])
    assert any("Max Stone" in row for row in after["people"])
    if database.url.get_backend_name() == "sqlite":
        path = Path(database.url.database or "")
        for file in (path, path.with_name(f"{path.name}-wal")):
            held = file.read_bytes() if file.exists() else b""
            for trace in TRACES:
                assert trace.encode().lower() not in held.lower(), f"{trace} is in {file.name}"


async def test_amounts_stay_and_others_keep_what_is_theirs(database: Database) -> None:
    await fill(database)

    async def figures() -> dict[str, Any]:
        def read(tx: Transaction) -> dict[str, Any]:
            one = metadata.tables
            number = sa.func.count
            sums = {
                name: tx.execute(sa.select(number(), sa.func.sum(one[name].c[column])).select_from(one[name])).one()
                for name, column in (
                    ("credits", "amount_minor"), ("credit_months", "amount_minor"), ("deals", "amount_minor"),
                    ("targets", "amount"), ("adjustments", "amount"), ("ledger", "amount_minor"),
                    ("activities", "count"), ("deal_shares", "millionths"), ("open_shares", "millionths"),
                )
            }  # fmt: skip
            told = credits.by_person(tx, date(2026, 1, 1), date(2026, 12, 31), persons=["people-1"])
            return {"sums": {name: tuple(row) for name, row in sums.items()}, "credited": told}

        return await database.read(read)

    before = await figures()
    await erase(database)
    assert await figures() == before

    def look(tx: Transaction) -> None:
        former = people.person(tx, "people-1")
        assert former is not None
        assert (former.name, former.email, former.left) == ("Former colleague 1", "", True)
        assert [line["person"] for line in audit.events(tx, "erasure")] == [OTHER]
        assert [line["details"] for line in audit.events(tx, "erasure")] == [{"person": "people-1"}]

    await database.read(look)


async def test_a_second_former_colleague_has_another_number_and_a_namesake_keeps_the_name(database: Database) -> None:
    def hire(tx: Transaction) -> tuple[str, str]:
        one, two = (people.add(tx, name="Sam Ito", email=f"sam{n}@test.example", at=NOW) for n in (1, 2))
        audit.write(tx, "export", at=NOW, person=None, install=None, details={"of": "Sam Ito"})
        return one.id, two.id

    first, second = await database.write(hire)
    for number, person in enumerate((first, second), 1):
        await database.write(partial(ask_for, person=person))
        runner = Runner(database, Company(), (erasing.JOB,), (), out=Said(), clock=lambda: NOW, owner="one")
        runner.kick()
        await asyncio.wait_for(runner.idle(), 60)
        await runner.stop()
        kept = await database.read(lambda tx: audit.events(tx, "export")[0]["details"])
        # While another Sam Ito is here it may be theirs; then nobody's is left.
        assert kept == {"of": "Sam Ito" if number == 1 else "Former colleague 2"}


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("with Quirina Öxenfeld, twice: QUIRINA  ÖXENFELD.", "with Former colleague 3, twice: Former colleague 3."),
        ("Quirina Oxenfeld and Oxenfeld, Quirina", "Former colleague 3 and Former colleague 3"),
        ("Quirina Öxenfelder stays, and so does Quirina", "Quirina Öxenfelder stays, and so does Quirina"),
        ("<@U0QUIRINA77> wrote to quirina.ox@test.example", "<@former-colleague-3> wrote to former-colleague-3"),
    ],
)
def test_how_somebody_is_named(text: str, becomes: str) -> None:
    marks = marks_for(NAME, emails={EMAIL}, ids={USER, "rae"}, instead="Former colleague 3")
    assert marks.replaced({"a": [text]}) == {"a": [becomes]}


def test_a_single_name_may_be_any_word() -> None:
    assert not marks_for("May", emails=(), ids=("may",), instead="x").within("in May we may")


def test_what_somebody_wrote_is_found_where_it_is_repeated() -> None:
    texts = Texts({'She said "never again" to Acme, and left\nthen came back', "ok"})
    assert texts.within('{"text":"Note: She said \\"never again\\" to A…"}')
    assert texts.within({"lines": ["then came back"]})
    assert not texts.within("ok, never again")
