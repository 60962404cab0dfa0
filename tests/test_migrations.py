"""The schema: made by the migrations as storage/tables.py says it, in one transaction, by one process at a time."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from storage import migrate, tables
from storage.database import open_database

ROOT = Path(__file__).parent.parent


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without anything in it, on each of the two; on SQLite not even the folder is there."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/data/pacer.db"
        return
    server: str = request.getfixturevalue("postgres_server")
    name = "pacer_empty"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def migrated(url: str) -> migrate.State:
    database = open_database(url)
    try:
        return migrate.migrate(database)
    finally:
        database.close()


def checked(url: str) -> migrate.State:
    database = open_database(url)
    try:
        return migrate.check(database)
    finally:
        database.close()


def schema(url: str) -> set[tuple[Any, ...]]:
    """All that the database itself says of its schema, Alembic's own table left out."""
    database = open_database(url)
    with database.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            found = {
                (kind, *row)
                for table in sa.inspect(connection).get_table_names()
                for kind, query in (
                    (
                        "column",
                        f"SELECT '{table}', name, type, \"notnull\", dflt_value, pk FROM pragma_table_info('{table}')",
                    ),
                    (
                        "foreign key",
                        f'SELECT \'{table}\', "from", "table", "to" FROM pragma_foreign_key_list(\'{table}\')',
                    ),
                    (
                        "index",
                        f"SELECT '{table}', l.\"unique\", l.origin, l.partial, group_concat(i.name), m.sql "
                        f"FROM pragma_index_list('{table}') l, pragma_index_info(l.name) i "
                        "LEFT JOIN sqlite_master m ON m.name = l.name GROUP BY l.name",
                    ),
                )
                for row in connection.exec_driver_sql(query)
            }
        else:
            found = set()
            for query in (
                "SELECT table_name, column_name, data_type, is_nullable, column_default "
                "FROM information_schema.columns WHERE table_schema = 'public'",
                "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'",
                "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
                "WHERE connamespace = 'public'::regnamespace",
            ):
                found |= {tuple(row) for row in connection.exec_driver_sql(query)}
    database.close()
    return {row for row in found if migrate.VERSION_TABLE not in row and f"pk_{migrate.VERSION_TABLE}" not in row}


def expected_schema(url: str) -> set[tuple[Any, ...]]:
    """The same of a database that storage/tables.py makes directly."""
    database = open_database(url)
    tables.metadata.create_all(database.engine)
    database.close()
    return schema(url)


def empty_again(url: str) -> None:
    database = open_database(url)
    with database.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            database.close()
            for path in Path(database.url.database or "").parent.glob("pacer.db*"):
                path.unlink()
            return
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
    database.close()


def test_the_migrations_make_the_tables_of_tables_py(empty_url: str) -> None:
    assert checked(empty_url).word == "empty"
    assert str(migrated(empty_url)) == f"The database was made, at version {migrate.revisions()[-1]}."
    assert checked(empty_url).word == "current"
    made = schema(empty_url)
    empty_again(empty_url)
    assert made == expected_schema(empty_url), 'write a migration: make migration WHAT="what changes"'


def test_migrating_again_changes_nothing(empty_url: str) -> None:
    migrated(empty_url)
    before = schema(empty_url)
    assert str(migrated(empty_url)).startswith("The database is at the newest version already")
    assert schema(empty_url) == before


def test_a_start_with_nothing_to_do_does_without_alembic(sqlite_url: str) -> None:
    code = (
        "import sys; from storage import migrate; from storage.database import open_database;"
        f"print(migrate.migrate(open_database({sqlite_url!r})).word, 'alembic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["current", "False"]


def test_a_newer_database_is_refused(empty_url: str) -> None:
    migrated(empty_url)
    database = open_database(empty_url)
    with database.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE {migrate.VERSION_TABLE} SET version_num = '9999'")
    database.close()
    assert checked(empty_url).word == "newer"
    with pytest.raises(migrate.Newer, match=r"newer than this Pacer: it is at version 9999, .*docs/backup\.md"):
        migrated(empty_url)


def test_a_database_made_between_two_releases_is_refused(empty_url: str) -> None:
    migrated(empty_url)
    database = open_database(empty_url)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE people DROP COLUMN date_order")
    database.close()
    assert checked(empty_url).word == "unreleased"
    with pytest.raises(migrate.Unreleased, match=r"between two releases.* a new database"):
        migrated(empty_url)


def test_somebody_elses_tables_are_refused(empty_url: str) -> None:
    if empty_url.startswith("sqlite"):
        Path(make_url(empty_url).database or "").parent.mkdir()
    database = open_database(empty_url)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE people (name text)")
    database.close()
    with pytest.raises(migrate.Foreign, match="a database of its own"):
        migrated(empty_url)
    assert _table_names(empty_url) == {"people"}


def test_a_server_that_is_not_there_is_a_sentence() -> None:
    with pytest.raises(migrate.Unreachable, match="cannot be opened"):
        checked("postgresql://pacer:hunter2hunter2@127.0.0.1:1/pacer?connect_timeout=2")
    with pytest.raises(migrate.Unreachable) as caught:
        migrated("postgresql://pacer:hunter2hunter2@127.0.0.1:1/pacer?connect_timeout=2")
    assert "hunter2" not in str(caught.value)


# ---------------------------------------------------------------- FAULT 28: a damaged file


def _overwrite(path: Path) -> None:
    path.write_bytes(b"this is no database, whatever its name says" * 100)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2 + 100])


def _scribble(path: Path) -> None:
    content = bytearray(path.read_bytes())
    for start in range(4096, len(content), 4096):
        content[start : start + 200] = b"\xff" * 200
    path.write_bytes(content)


@pytest.mark.parametrize("damage", [_overwrite, _cut, _scribble])
def test_a_damaged_file_is_refused_and_left_as_it_is(sqlite_url: str, damage: Any) -> None:
    path = Path(make_url(sqlite_url).database or "")
    damage(path)
    before = path.read_bytes()
    with pytest.raises(migrate.Damaged, match=r"is damaged, so Pacer does not start .* docs/backup\.md"):
        migrated(sqlite_url)
    assert path.read_bytes() == before


def test_a_look_through_the_whole_file_finds_a_row_that_refers_to_nothing(sqlite_url: str) -> None:
    database = open_database(sqlite_url)
    assert migrate.integrity(database) == []
    with sqlite3.connect(make_url(sqlite_url).database or "") as raw:
        raw.execute("INSERT INTO roles (id, person, role, valid_from) VALUES ('r', 'nobody', 'rep', '2026-01-01')")
    raw.close()
    assert migrate.integrity(database) == ["roles names a people that is not there"]
    database.close()


# ---------------------------------------------------------------- FAULT 11: killed in the middle

DIES = """
import os, signal, sys
import sqlalchemy as sa
from storage import migrate
from storage.database import open_database
database = open_database(sys.argv[1])
statements = 0
@sa.event.listens_for(database.engine, "after_cursor_execute")
def count(*_):
    global statements
    statements += 1
    if str(statements) == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)
@sa.event.listens_for(database.engine, "commit")
def commit(*_):
    if statements > 20 and sys.argv[2] == "commit":
        os.kill(os.getpid(), signal.SIGKILL)
migrate.migrate(database)
print("survived")
"""


@pytest.mark.parametrize("moment", ["5", "20", "commit"])
def test_killed_in_the_middle_of_a_migration(empty_url: str, moment: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", DIES, empty_url, moment], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == -signal.SIGKILL, done.stdout + done.stderr
    assert checked(empty_url).word == "empty"
    assert schema(empty_url) == set()
    migrated(empty_url)
    assert checked(empty_url).word == "current"
    assert set(tables.metadata.tables) <= _table_names(empty_url)


def _table_names(url: str) -> set[str]:
    database = open_database(url)
    names = set(sa.inspect(database.engine).get_table_names())
    database.close()
    return names


STARTS = """
import sys
from storage import migrate
from storage.database import open_database
database = open_database(sys.argv[1])
sys.stdin.readline()
print(migrate.migrate(database).word, migrate.check(database).word)
"""


def test_four_processes_that_start_at_once(empty_url: str) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", STARTS, empty_url],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
    said = [process.communicate(timeout=60)[0].strip().splitlines()[-1] for process in processes]
    assert all(line.endswith("current") for line in said), said
    assert sum(line.startswith("empty") for line in said) == 1, said


# ---------------------------------------------------------------- migrations to come

ADDS = """
import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{previous}"


def upgrade():
    with op.batch_alter_table("people", recreate="auto") as people:
        people.add_column(sa.Column("nickname", sa.Text()))
        people.alter_column("name", nullable=True)
    {more}
"""


@pytest.fixture
def later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Writes one more migration, into a copy of the folder."""
    folder = tmp_path / "migrations"
    shutil.copytree(migrate.FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(migrate, "FOLDER", folder)

    def write(more: str = "pass") -> str:
        previous = migrate.revisions()[-1]
        revision = f"{int(previous) + 1:04}"
        page = ADDS.format(revision=revision, previous=previous, more=more)
        (folder / "versions" / f"{revision}_later.py").write_text(page)
        migrate.revisions.cache_clear()
        return revision

    yield write
    migrate.revisions.cache_clear()


def test_a_later_migration_rebuilds_a_table_and_keeps_what_refers_to_it(database_url: str, later: Any) -> None:
    database = open_database(database_url)
    with database.engine.begin() as connection:
        at = "2026-11-22 09:00:00"
        connection.exec_driver_sql(f"INSERT INTO people (id, name, created_at) VALUES ('p', 'Ada', '{at}')")
        connection.exec_driver_sql(
            "INSERT INTO roles (id, person, role, valid_from) VALUES ('r', 'p', 'rep', '2026-01-01')"
        )
    newest = later()
    assert migrate.check(database).word == "behind"
    found = migrate.migrate(database)
    assert str(found) == f"The database was brought from version {migrate.revisions()[-2]} to {newest}."
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT name, nickname FROM people").all() == [("Ada", None)]
        assert connection.exec_driver_sql("SELECT person FROM roles").scalars().all() == ["p"]
        if connection.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    database.close()


def test_a_migration_that_fails_leaves_nothing_behind(database_url: str, later: Any) -> None:
    later('raise RuntimeError("half-way")')
    database = open_database(database_url)
    before = schema(database_url)
    with pytest.raises(RuntimeError, match="half-way"):
        migrate.migrate(database)
    assert migrate.check(database).word == "behind"
    assert schema(database_url) == before
    database.close()


def test_the_next_migration_is_written_from_tables_py(tmp_path: Path) -> None:
    copy = tmp_path / "checkout"
    shutil.copytree(ROOT / "storage", copy / "storage", ignore=shutil.ignore_patterns("__pycache__"))
    page = copy / "storage" / "tables.py"
    text = page.read_text()
    table = '    "people",\n    metadata,\n'
    assert table in text
    page.write_text(text.replace(table, table + '    Column("nickname", Text, comment="not for the database"),\n'))
    done = subprocess.run(
        [sys.executable, "-m", "storage.migrations.new", "People have nicknames."],
        cwd=copy,
        env={"PYTHONPATH": str(copy), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    written = Path(done.stdout.splitlines()[-1])
    assert written.name.endswith("_people_have_nicknames.py")
    assert written.parent == copy / "storage" / "migrations" / "versions"
    body = written.read_text()
    assert body.startswith('"""People have nicknames."""')
    assert 'sa.Column("nickname", sa.Text(), nullable=True)' in body.replace("'", '"')
    assert "not for the database" not in body
