"""Databases for tests: each test that asks for `database` runs on SQLite and on PostgreSQL, on fresh and migrated rows.

The schema is made once a run and copied for each test: a file on SQLite, `CREATE DATABASE … TEMPLATE` on PostgreSQL,
whose server is this run's own. Where its programs are missing the PostgreSQL half is skipped, but fails when the
environment variable CI is set. A server of your own: PACER_TEST_POSTGRES=postgresql://… (its user makes databases).

What is about the rows themselves (ROWS, below) runs on both always; kills, delivery and what people say most (IN_CI) do
where CI is set. All else that takes a database runs on SQLite, and on PostgreSQL too with PACER_TEST_BOTH (`make
test-both`): there are so many that both take longer than one waits for.
"""

from __future__ import annotations

import importlib.util
import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from storage.database import Database, open_database
from storage.tables import metadata
from tests import compiled_once
from tests.chat import Chat

compiled_once.share()
POSTGRES_ENV = "PACER_TEST_POSTGRES"
BOTH = bool(os.environ.get("PACER_TEST_BOTH"))
_numbers = itertools.count()


ROWS = (
    "test_credits.py",
    "test_database.py",
    "test_installs.py",
    "test_jobs.py",
    "test_migrations.py",
    "test_open_shares.py",
    "test_outbox.py",
    "test_wins_once.py",
)
IN_CI = (
    "test_deal_conversations.py",
    "test_delivery.py",
    "test_kill.py",
    "test_log_conversations.py",
    "test_processes.py",
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the second run, on PostgreSQL, to where both are asked for."""
    if BOTH:
        return
    there = (*ROWS, *IN_CI) if os.environ.get("CI") else ROWS
    left_out = [item for item in items if "[postgres" in item.name and item.path.name not in there]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        out = set(left_out)
        items[:] = [item for item in items if item not in out]


def create_schema(database: Database) -> None:
    """All tables, by the migrations where there are any."""
    if importlib.util.find_spec("storage.migrate") is not None:
        from storage.migrate import migrate

        migrate(database)
    else:
        metadata.create_all(database.engine)


# ---------------------------------------------------------------- SQLite


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the whole schema and no rows."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    database = open_database(f"sqlite:///{path}")
    create_schema(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh SQLite database's URL."""
    path = tmp_path / "pacer.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


# ---------------------------------------------------------------- PostgreSQL


def _program(name: str) -> str | None:
    found = shutil.which(name)
    if found:
        return found
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    return str(versions[-1]) if versions else None


def _missing(what: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(f"{what}; the continuous integration must have it")
    pytest.skip(f"{what}: the PostgreSQL half of this test is left out on this machine")


class _Server:
    """PostgreSQL in a directory of its own, on a socket in it. It refuses to run as root: then it is `postgres`."""

    def __init__(self, initdb: str, postgres: str, directory: Path) -> None:
        self.directory = directory
        self._data = directory / "data"
        as_user: list[str] = []
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(directory, owner.pw_uid, owner.pw_gid)
            as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        subprocess.run(
            [*as_user, initdb, "-D", self._data, "-U", "pacer", "-A", "trust", "-E", "UTF8", "--no-sync"],
            check=True,
            capture_output=True,
            cwd=directory,
        )
        settings = ("fsync=off", "listen_addresses=", f"unix_socket_directories={directory}", "max_connections=200")
        self._process = subprocess.Popen(
            [*as_user, postgres, "-D", self._data, *(part for setting in settings for part in ("-c", setting))],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=directory,
        )
        self.url = f"postgresql://pacer@/postgres?host={directory}"
        self._wait()

    def _wait(self) -> None:
        for _ in range(300):
            try:
                psycopg.connect(self.url).close()
            except psycopg.OperationalError:
                if self._process.poll() is not None:
                    raise
                time.sleep(0.1)
            else:
                return
        raise TimeoutError("PostgreSQL did not start in 30 s")

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(30)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a server on which tests may make databases."""
    given = os.environ.get(POSTGRES_ENV)
    if given:
        yield given
        return
    initdb, postgres = _program("initdb"), _program("postgres")
    if initdb is None or postgres is None:
        _missing("PostgreSQL's programs (initdb, postgres) are not installed")
    assert initdb
    assert postgres
    directory = Path(tempfile.mkdtemp(prefix="pacer-pg-"))
    try:
        server = _Server(initdb, postgres, directory)
        yield server.url
        server.stop()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _beside(server: str, name: str) -> str:
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def _order(server: str, statement: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement.encode())


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> str:
    """The name of a database with the whole schema and no rows."""
    name = f"pacer_template_{os.getpid()}"
    _order(postgres_server, f"CREATE DATABASE {name}")
    database = open_database(_beside(postgres_server, name))
    create_schema(database)
    database.close()
    return name


_COLUMNS = """
    SELECT md5(string_agg(table_name || '.' || column_name || data_type, ',' ORDER BY table_name, ordinal_position))
    FROM information_schema.columns WHERE table_schema = 'public'
"""


class _Databases:
    """Databases with the whole schema and no rows. Emptying one is quicker than making one, so they are used again."""

    def __init__(self, server: str, template: str) -> None:
        self._server, self._template = server, template
        self._free: list[str] = []
        self._schema = self._look(template, _COLUMNS)

    def take(self) -> str:
        """The name of one."""
        if self._free:
            return self._free.pop()
        name = f"pacer_{os.getpid()}_{next(_numbers)}"
        _order(self._server, f"CREATE DATABASE {name} TEMPLATE {self._template}")
        return name

    def give_back(self, name: str) -> None:
        """Empty it; drop it where a test changed its tables."""
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
        with psycopg.connect(_beside(self._server, name), autocommit=True) as connection:
            connection.execute(others, [name])
            row = connection.execute(_COLUMNS.encode()).fetchone()
            same = row is not None and row[0] == self._schema
            if same:
                tables = reversed(metadata.sorted_tables)
                connection.execute(";".join(f'DELETE FROM "{table.name}"' for table in tables).encode())
        if same:
            self._free.append(name)
        else:
            self._drop(name)

    def close(self) -> None:
        """Drop them all."""
        for name in self._free:
            self._drop(name)

    def _look(self, name: str, query: str) -> str:
        with psycopg.connect(_beside(self._server, name), autocommit=True) as connection:
            row = connection.execute(query.encode()).fetchone()
        assert row is not None
        return str(row[0])

    def _drop(self, name: str) -> None:
        _order(self._server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def postgres_databases(postgres_server: str, postgres_template: str) -> Iterator[_Databases]:
    """Of this worker."""
    databases = _Databases(postgres_server, postgres_template)
    yield databases
    databases.close()


@pytest.fixture
def postgres_url(postgres_server: str, postgres_databases: _Databases) -> Iterator[str]:
    """An empty PostgreSQL database's URL."""
    name = postgres_databases.take()
    yield _beside(postgres_server, name)
    postgres_databases.give_back(name)


# ---------------------------------------------------------------- either


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database's URL, on each of the two."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh database, on each of the two."""
    opened = open_database(database_url)
    yield opened
    opened.close()


# ---------------------------------------------------------------- conversations


@pytest.fixture
def chat(database_url: str) -> Iterator[Chat]:
    """A company of five that talks with Pacer, on each of the two databases."""
    talking = Chat(database_url)
    yield talking
    talking.close()
