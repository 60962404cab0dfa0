"""One way to write: hand over a function, get its result after the commit.

On SQLite one thread runs the waiting functions, each in a SAVEPOINT of its own, under one COMMIT (group commit): one
that fails rolls back alone, and nobody is answered before the COMMIT, which is on the disk (synchronous=FULL). On
PostgreSQL each function has its own SERIALIZABLE transaction, repeated whole when the database asks for that.
"""

from __future__ import annotations

import asyncio
import queue
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import msgspec
import sqlalchemy as sa
import structlog
from sqlalchemy.engine import URL, Connection, CursorResult, make_url
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError
from sqlalchemy.sql import Executable

from storage.statement import insert_once

log = structlog.get_logger(__name__)
T = TypeVar("T")

GROUP_LIMIT = 64
"""Functions under one COMMIT: enough for the disk to be worth it, few enough that the first does not wait long."""
LOCK_WAIT = 30.0
"""Seconds that a writer waits for another process's lock on the SQLite file before it says so and waits again."""
SERIALIZATION_FAILURES = {"40001", "40P01"}
SERIALIZATION_TRIES = 20


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


JSON_CODEC: dict[str, Any] = {"json_serializer": _json, "json_deserializer": msgspec.json.decode}
"""For JSON columns: a fifth of what the standard library's takes, four times a turn."""


class StorageError(Exception):
    """The database did not take it, so nothing was stored."""

    def __init__(self) -> None:
        super().__init__((self.__doc__ or "").strip())


class DiskFull(StorageError):
    """The disk that holds the database is full, so nothing was stored. Free some space, then send it again."""


class Damaged(StorageError):
    """The database file is damaged, so nothing was stored. The way to restore a backup is in docs/backup.md."""


class Unavailable(StorageError):
    """The database cannot be reached, so nothing was stored. Please send it again in a minute."""


class Transaction:
    """The rows, inside one transaction. Storage functions take it first; nobody else opens one."""

    __slots__ = ("connection", "driver")

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.driver: Any = connection.connection.driver_connection
        """The same connection as the driver knows it, for `Statement`."""

    def execute(
        self, statement: Executable, parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> CursorResult[*tuple[Any, ...]]:
        """Run one statement, or one for each of a list of parameters."""
        return self.connection.execute(statement, parameters)

    def insert_once(self, table: sa.Table, row: Mapping[str, Any]) -> bool:
        """Insert unless a unique key is taken already; whether it was inserted."""
        return insert_once(self.connection.dialect.name, table, tuple(row)).run(self, row) == 1

    def insert_all_once(self, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert those of these rows, all of the same columns, whose unique keys are not taken already."""
        if rows:
            insert_once(self.connection.dialect.name, table, tuple(rows[0])).run_all(self, rows)

    @property
    def skip_locked(self) -> bool:
        """Whether rows can be claimed beside other processes with FOR UPDATE SKIP LOCKED."""
        return self.connection.dialect.name == "postgresql"


Work = Callable[[Transaction], T]


class Database(Protocol):
    """What the rest of the house sees of either database."""

    url: URL
    engine: sa.Engine
    repeated: int
    """Transactions that met another one and went again (PostgreSQL), since the start; for an operator's figures."""
    busy: int
    """Times that another process kept the file locked for LOCK_WAIT (SQLite)."""

    @property
    def waiting(self) -> int:
        """Transactions that wait to be begun."""

    def submit(self, work: Work[T]) -> Future[T]:
        """Run `work` in a transaction; the future is done after the COMMIT, on a thread of the database's.

        Raises, through the future: whatever `work` raised (its rows are rolled back), or StorageError.
        """

    async def write(self, work: Work[T]) -> T:
        """The same, awaited."""

    async def read(self, work: Work[T]) -> T:
        """Run `work` on a connection of its own, beside the writers. What it writes is rolled back."""

    def close(self) -> None:
        """Finish what was submitted, then let go of every connection."""


def open_database(url: str) -> Database:
    """The database behind a URL: `sqlite:///path` or `postgresql://…`. Nothing is created or migrated by this."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return SqliteDatabase(parsed)
    if parsed.get_backend_name() == "postgresql":
        return PostgresDatabase(parsed.set(drivername="postgresql+psycopg"))
    raise ValueError(f"{parsed.get_backend_name()} is no database that Pacer knows: use sqlite:/// or postgresql://")


class _Base:
    def __init__(self, url: URL, engine: sa.Engine, readers: int) -> None:
        self.url = url
        self.engine = engine
        self._readers = ThreadPoolExecutor(readers, thread_name_prefix="pacer-read")
        self.repeated = 0
        self.busy = 0

    def submit(self, work: Work[T]) -> Future[T]:
        raise NotImplementedError

    async def write(self, work: Work[T]) -> T:
        raise NotImplementedError

    async def read(self, work: Work[T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)

    def _read(self, work: Work[T]) -> T:
        try:
            with self.engine.connect() as connection:
                self._begin_to_read(connection)
                return work(Transaction(connection))
        except DBAPIError as error:
            raise _translated(error) from error

    def _begin_to_read(self, connection: Connection) -> None:
        """Begin what closing the connection rolls back."""


@dataclass(slots=True)
class _Waiting:
    """Some work, and who waits for it: a thread, or a task in an event loop."""

    work: Work[Any]
    future: Future[Any] | asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop | None = None
    result: Any = None
    error: BaseException | None = None

    def tell(self) -> None:
        """Give the future what came of it; in the loop, where it is a loop's."""
        if self.future.cancelled():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


def _tell(group: Iterable[_Waiting]) -> None:
    """Wake each loop once for the whole group: that is a system call, and one for each of them adds up."""
    by_loop: dict[asyncio.AbstractEventLoop | None, list[_Waiting]] = {}
    for waiting in group:
        by_loop.setdefault(waiting.loop, []).append(waiting)
    for loop, its in by_loop.items():
        if loop is None:
            _tell_all(its)
        else:
            with suppress(RuntimeError):  # the loop was closed: nobody waits in it any more
                loop.call_soon_threadsafe(_tell_all, its)


def _tell_all(group: Iterable[_Waiting]) -> None:
    for waiting in group:
        waiting.tell()


class SqliteDatabase(_Base):
    """One file, one writer thread, readers beside it (WAL)."""

    def __init__(self, url: URL) -> None:
        engine = sa.create_engine(url, connect_args={"timeout": LOCK_WAIT, "check_same_thread": False}, **JSON_CODEC)
        sa.event.listen(engine, "connect", _prepare_sqlite)
        super().__init__(url, engine, readers=4)
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def submit(self, work: Work[T]) -> Future[T]:
        future: Future[T] = Future()
        self._put(_Waiting(work, future))
        return future

    async def write(self, work: Work[T]) -> T:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._put(_Waiting(work, future, loop))
        return await future

    @property
    def waiting(self) -> int:
        return self._queue.qsize()

    def _begin_to_read(self, connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")  # else each statement would be committed, and see a moment of its own

    def _put(self, waiting: _Waiting) -> None:
        if self._thread is None:
            self._start()
        self._queue.put(waiting)

    def close(self) -> None:
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()
            self._thread = None
        self._readers.shutdown()
        self.engine.dispose()

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="pacer-write", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        connection: Connection | None = None
        while (first := self._queue.get()) is not None:
            group, more = self._group(first)
            try:
                if connection is None:
                    connection = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
                self._commit_together(connection, group)
            except Exception as error:
                # BEGIN or COMMIT itself failed: nothing of the group is stored, and each of its people hears so.
                reason = _translated(error) if isinstance(error, sqlite3.Error | DBAPIError) else error
                for waiting in group:
                    waiting.error = reason
                if connection is not None:
                    connection.invalidate()
                    connection.close()
                    connection = None
            _tell(group)
            if not more:
                break
        if connection is not None:
            connection.close()

    def _group(self, first: _Waiting) -> tuple[list[_Waiting], bool]:
        group = [first]
        while len(group) < GROUP_LIMIT:
            try:
                following = self._queue.get_nowait()
            except queue.Empty:
                break
            if following is None:
                return group, False
            group.append(following)
        return group, True

    def _commit_together(self, connection: Connection, group: list[_Waiting]) -> None:
        raw = connection.connection.driver_connection
        assert raw is not None
        transaction = Transaction(connection)
        self.busy += _begin_immediate(raw)
        try:
            if len(group) == 1:
                _alone(raw, transaction, group[0])
            else:
                for waiting in group:
                    _in_savepoint(raw, transaction, waiting)
                raw.execute("COMMIT")
        except BaseException:
            if raw.in_transaction:
                raw.execute("ROLLBACK")
            raise


def _alone(raw: Any, transaction: Transaction, waiting: _Waiting) -> None:
    """Do the only work of its transaction, and commit."""
    try:
        waiting.result = waiting.work(transaction)
    except Exception as error:
        waiting.error = _translated(error)
        if raw.in_transaction:
            raw.execute("ROLLBACK")
    else:
        raw.execute("COMMIT")


def _in_savepoint(raw: Any, transaction: Transaction, waiting: _Waiting) -> None:
    """Do this work so that, if it fails, only its own rows are rolled back."""
    raw.execute("SAVEPOINT turn")
    try:
        waiting.result = waiting.work(transaction)
    except Exception as error:
        if not raw.in_transaction:  # a full disk makes SQLite roll the whole group back by itself
            raise
        raw.execute("ROLLBACK TO turn")
        waiting.error = _translated(error)
    raw.execute("RELEASE turn")


class PostgresDatabase(_Base):
    """A server that any number of processes share."""

    def __init__(self, url: URL, writers: int = 8) -> None:
        engine = sa.create_engine(url, pool_size=writers + 4, max_overflow=4, pool_pre_ping=True, **JSON_CODEC)
        super().__init__(url, engine, readers=4)
        self._writers = ThreadPoolExecutor(writers, thread_name_prefix="pacer-write")
        self._serializable = engine.execution_options(isolation_level="SERIALIZABLE")

    @property
    def waiting(self) -> int:
        return self._writers._work_queue.qsize()

    def submit(self, work: Work[T]) -> Future[T]:
        return self._writers.submit(self._write, work)

    async def write(self, work: Work[T]) -> T:
        return await asyncio.wrap_future(self.submit(work))

    def close(self) -> None:
        self._writers.shutdown()
        self._readers.shutdown()
        self.engine.dispose()

    def _write(self, work: Work[T]) -> T:
        for attempt in range(SERIALIZATION_TRIES):
            try:
                with self._serializable.begin() as connection:
                    return work(Transaction(connection))
            except DBAPIError as error:
                last = attempt == SERIALIZATION_TRIES - 1
                if last or getattr(error.orig, "sqlstate", None) not in SERIALIZATION_FAILURES:
                    raise _translated(error) from error
                # Two transactions met: one of them goes again, after a moment that is longer each time.
                self.repeated += 1
                time.sleep(random.uniform(0, 0.002 * 2 ** min(attempt, 6)))
        raise Unavailable


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    # 16 MB a connection, of which there may be six: a status and a board read no more than that again and again.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON", "cache_size=-16384"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_immediate(raw: Any) -> int:
    """Take the write lock, however long another process holds it: a person is told by the turn, not by an error. How
    often LOCK_WAIT went by."""
    busy = 0
    while True:
        try:
            raw.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            busy += 1
            log.warning("database_busy", waited_seconds=LOCK_WAIT)
        else:
            return busy


def _translated(error: BaseException) -> BaseException:
    """A database's error as one of ours where it has a sentence for people; else as it is, a bug to be seen."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.DatabaseError):
        code = getattr(cause, "sqlite_errorcode", None) or 0
        if code & 0xFF in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN):
            return DiskFull() if code & 0xFF == sqlite3.SQLITE_FULL else Unavailable()
        if code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            return Damaged()
    state = getattr(cause, "sqlstate", None)
    if state == "53100":
        return DiskFull()
    connection_lost = isinstance(error, DBAPIError) and error.connection_invalidated
    never_connected = isinstance(error, OperationalError) and not isinstance(cause, sqlite3.Error) and state is None
    refused = isinstance(error, DatabaseError) and state and (state[:2] in ("08", "28", "53", "57") or state == "25006")
    if connection_lost or never_connected or refused:
        return Unavailable()
    return error
