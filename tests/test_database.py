"""The one way to write: what is answered is stored, what fails is rolled back alone, values come back as they went."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError

from storage.database import Database, DiskFull, StorageError, Transaction, Unavailable, open_database
from storage.statement import Statement
from storage.tables import Instant, counters

_own = sa.MetaData()
things = sa.Table(
    "test_things",
    _own,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("at", Instant),
    sa.Column("day", sa.Date),
    sa.Column("time", sa.Time),
    sa.Column("data", sa.JSON),
    sa.Column("flag", sa.Boolean),
    sa.Column("number", sa.BigInteger),
    sa.Column("words", sa.Text),
)
COLUMNS = tuple(column.name for column in things.columns)
put = Statement(things.insert(), COLUMNS)
get = Statement(sa.select(things).where(things.c.id == sa.bindparam("wanted")))
every = Statement(sa.select(things.c.id).order_by(things.c.id))
rename = Statement(things.update().where(things.c.id == sa.bindparam("wanted")).values(words=sa.bindparam("said")))


def thing(identifier: str, **values: Any) -> dict[str, Any]:
    """A row with nothing in it but what is given."""
    return {**dict.fromkeys(COLUMNS), "data": {}, "id": identifier, **values}


def putting(identifier: str, **values: Any) -> Callable[[Transaction], int]:
    """The work that writes such a row."""
    return lambda tx: put.run(tx, thing(identifier, **values))


def stored(database: Database) -> list[str]:
    """The ids that somebody else sees, who comes with a connection of their own."""
    elsewhere = sa.create_engine(database.engine.url)
    with elsewhere.connect() as connection:
        found = [identifier for (identifier,) in connection.execute(sa.select(things.c.id).order_by(things.c.id))]
    elsewhere.dispose()
    return found


@pytest.fixture
def rows(database: Database) -> Database:
    """Either database, with the table of things."""
    _own.create_all(database.engine)
    return database


@pytest.fixture
def sqlite(sqlite_url: str) -> Iterator[Database]:
    """SQLite alone, with the table of things."""
    opened = open_database(sqlite_url)
    _own.create_all(opened.engine)
    yield opened
    opened.close()


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[Database]:
    """PostgreSQL alone, with the table of things."""
    opened = open_database(postgres_url)
    _own.create_all(opened.engine)
    yield opened
    opened.close()


def together(database: Database, *works: Callable[[Transaction], Any]) -> list[Future[Any]]:
    """Submit while the writer is busy, so that SQLite's takes all of them as one group."""
    begun, go = threading.Event(), threading.Event()

    def hold(_tx: Transaction) -> None:
        begun.set()
        assert go.wait(10)

    held = database.submit(hold)
    assert begun.wait(10)
    futures = [database.submit(work) for work in works]
    go.set()
    held.result(10)
    return futures


# ---------------------------------------------------------------- values, there and back

NEW_YORK_SUMMER = timezone(timedelta(hours=-4))
VALUES = [
    thing("nothing"),
    thing("no JSON", data=None),
    thing("instant", at=datetime(2026, 7, 1, 12, 30, 1, 123456, UTC)),
    thing("elsewhere", at=datetime(2026, 7, 1, 23, 30, tzinfo=NEW_YORK_SUMMER)),
    thing("early", at=datetime(1, 1, 1, tzinfo=UTC), day=date(1, 1, 1)),
    thing("day", day=date(2028, 2, 29), time=time(23, 59, 59, 999999)),
    thing("midnight", time=time(0)),
    thing("json", data={"a": [1, None, True, "é", {"b": "😀"}], "": "%s :x ? \\ ' \""}),
    thing("flags", flag=False, number=-(2**63)),
    thing("large", flag=True, number=2**63 - 1),
    thing("words", words="naïve 日本語 😀 %(id)s %% :id ? ' \" \\ \n\t\u200b\u202e"),
    thing("empty", words=""),
]


@pytest.mark.parametrize("row", VALUES, ids=lambda row: row["id"])
def test_what_goes_in_comes_out_and_sqlalchemy_reads_and_writes_the_same(rows: Database, row: dict[str, Any]) -> None:
    def there_and_back(tx: Transaction) -> None:
        assert put.run(tx, row) == 1
        direct = get.first(tx, wanted=row["id"])
        assert direct is not None
        assert dict(zip(COLUMNS, direct, strict=True)) == row
        assert dict(tx.execute(sa.select(things)).one()._mapping) == row
        tx.execute(things.delete())
        tx.execute(things.insert(), row)
        assert get.first(tx, wanted=row["id"]) == direct

    rows.submit(there_and_back).result()


def test_an_instant_comes_back_in_utc_and_one_without_a_zone_is_refused(rows: Database) -> None:
    at = datetime(2026, 7, 1, 23, 30, tzinfo=NEW_YORK_SUMMER)
    rows.submit(putting("a", at=at)).result()
    found = rows.submit(lambda tx: get.first(tx, wanted="a")).result()
    assert found is not None
    assert found[1].utcoffset() == timedelta(0)
    with pytest.raises(ValueError, match="zone"):
        rows.submit(putting("b", at=datetime(2026, 7, 1))).result()  # noqa: DTZ001
    assert stored(rows) == ["a"]


def test_a_nul_comes_back_or_is_refused_by_its_database_and_nothing_stays(rows: Database) -> None:
    if rows.url.get_backend_name() == "sqlite":
        rows.submit(putting("a", words="a\0b")).result()
        found = rows.submit(lambda tx: get.first(tx, wanted="a")).result()
        assert found is not None
        assert found[-1] == "a\0b"
        return
    with pytest.raises(DBAPIError):
        rows.submit(putting("a", words="a\0b")).result()
    assert stored(rows) == []
    rows.submit(putting("b")).result()


def test_many_rows_no_row_and_how_many_were_changed(rows: Database) -> None:
    def work(tx: Transaction) -> None:
        put.run_all(tx, [thing("c"), thing("a"), thing("b")])
        assert [row[0] for row in every.rows(tx)] == ["a", "b", "c"]
        assert get.first(tx, wanted="z") is None
        assert rename.run(tx, {"wanted": "a", "said": "hello"}) == 1
        assert rename.run(tx, {"wanted": "z", "said": "hello"}) == 0
        assert tx.insert_once(things, thing("d"))
        assert not tx.insert_once(things, thing("d"))

    rows.submit(work).result()
    assert stored(rows) == ["a", "b", "c", "d"]


def test_a_drivers_error_comes_as_sqlalchemys_and_tells_nothing_of_the_values(rows: Database) -> None:
    rows.submit(putting("a")).result()
    with pytest.raises(IntegrityError) as caught:
        rows.submit(putting("a", words="something private")).result()
    assert "something private" not in str(caught.value)
    assert isinstance(caught.value.orig, Exception)


# ---------------------------------------------------------------- one commit, many answers


def test_one_that_fails_rolls_back_alone(rows: Database) -> None:
    def fails(tx: Transaction) -> None:
        put.run(tx, thing("bad"))
        raise LookupError("no")

    def taken(tx: Transaction) -> None:
        put.run(tx, thing("also bad"))
        put.run(tx, thing("first"))

    rows.submit(putting("first")).result()
    good, bad, also_good, also_bad, last = together(rows, putting("a"), fails, putting("b"), taken, putting("c"))
    assert (good.result(), also_good.result(), last.result()) == (1, 1, 1)
    with pytest.raises(LookupError):
        bad.result()
    with pytest.raises(IntegrityError):
        also_bad.result()
    assert stored(rows) == ["a", "b", "c", "first"]


def test_one_that_fails_without_company_leaves_nothing_and_the_next_goes_on(rows: Database) -> None:
    def fails(tx: Transaction) -> None:
        put.run(tx, thing("bad"))
        raise LookupError("no")

    for number in range(3):
        with pytest.raises(LookupError):
            rows.submit(fails).result()
        rows.submit(putting(f"good {number}")).result()
    assert stored(rows) == ["good 0", "good 1", "good 2"]


def test_nobody_is_answered_before_the_commit(sqlite: Database) -> None:
    begun, go = threading.Event(), threading.Event()

    def slow(tx: Transaction) -> int:
        begun.set()
        assert go.wait(10)
        return put.run(tx, thing("slow"))

    begin, release = threading.Event(), threading.Event()
    held = sqlite.submit(lambda _: (begin.set(), release.wait(10)))
    assert begin.wait(10)
    first, second = sqlite.submit(putting("quick")), sqlite.submit(slow)
    release.set()
    held.result(10)
    assert begun.wait(10)
    # The first one's work is done, but the commit that it shares with the second one is not.
    assert not first.done()
    assert stored(sqlite) == []
    go.set()
    assert first.result(10) == second.result(10) == 1
    assert stored(sqlite) == ["quick", "slow"]


async def test_who_is_answered_is_stored_for_everybody(rows: Database) -> None:
    async def one(number: int) -> None:
        await rows.write(putting(f"{number:03}"))
        assert f"{number:03}" in await asyncio.to_thread(stored, rows)

    await asyncio.gather(*(one(number) for number in range(12)))
    assert len(stored(rows)) == 12


async def test_who_gives_up_waiting_disturbs_nobody(rows: Database) -> None:
    begun, go = threading.Event(), threading.Event()
    held = rows.submit(lambda _: (begun.set(), go.wait(10)))
    await asyncio.to_thread(begun.wait, 10)
    waiting = asyncio.create_task(rows.write(putting("a")))
    also = asyncio.create_task(rows.write(putting("b")))
    await asyncio.sleep(0)
    waiting.cancel()
    go.set()
    assert await also == 1
    held.result(10)
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await rows.write(putting("c")) == 1


def test_an_event_loop_that_is_gone_does_not_stop_the_writer(sqlite: Database) -> None:
    begun, go = threading.Event(), threading.Event()

    async def leave() -> None:
        sqlite.submit(lambda _: (begun.set(), go.wait(10)))
        await asyncio.to_thread(begun.wait, 10)
        asyncio.create_task(sqlite.write(putting("a"))).add_done_callback(lambda done: done.cancelled())
        await asyncio.sleep(0.01)

    asyncio.run(leave())
    go.set()
    assert sqlite.submit(putting("b")).result(10) == 1
    assert stored(sqlite) == ["a", "b"]


async def test_what_a_reader_writes_is_rolled_back(rows: Database) -> None:
    await rows.read(putting("a"))
    assert stored(rows) == []
    await rows.write(putting("b"))
    assert stored(rows) == ["b"]


async def test_on_sqlite_a_reader_sees_one_moment_while_others_write(sqlite: Database) -> None:
    """PostgreSQL's readers take a new moment for each statement."""
    await sqlite.write(putting("a"))
    begun, go = threading.Event(), threading.Event()

    def look_twice(tx: Transaction) -> tuple[int, int]:
        before = len(every.rows(tx))
        begun.set()
        assert go.wait(10)
        return before, len(every.rows(tx))

    looking = asyncio.create_task(sqlite.read(look_twice))
    await asyncio.to_thread(begun.wait, 10)
    await sqlite.write(putting("b"))
    go.set()
    assert await looking == (1, 1)


# ---------------------------------------------------------------- faults


def test_fault_26_on_a_full_disk_those_who_are_told_so_are_not_stored_and_the_others_are(sqlite: Database) -> None:
    def leave_room_for(pages: int) -> Callable[[Transaction], None]:
        def limit(tx: Transaction) -> None:
            used = tx.connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            tx.connection.exec_driver_sql(f"PRAGMA max_page_count = {used + pages}")

        return limit

    sqlite.submit(leave_room_for(8)).result()
    names = [f"{number:02}" for number in range(30)]
    told = dict(zip(names, together(sqlite, *(putting(name, words="x" * 3000) for name in names)), strict=True))
    acknowledged = [name for name, future in told.items() if future.exception(10) is None]
    refused = [future.exception() for future in told.values() if future.exception() is not None]
    assert refused
    assert {type(error) for error in refused} == {DiskFull}
    assert stored(sqlite) == acknowledged
    sqlite.submit(leave_room_for(8)).result()
    with pytest.raises(DiskFull, match="nothing was stored"):
        sqlite.submit(putting("alone", words="x" * 100_000)).result()
    sqlite.submit(leave_room_for(10_000)).result()
    sqlite.submit(putting("afterwards", words="x" * 100_000)).result()
    assert stored(sqlite) == [*acknowledged, "afterwards"]


NO_MORE_BYTES = """
import json, resource, sys
from tests.test_database import putting, stored, together
from storage.database import open_database
database = open_database(sys.argv[1])
database.submit(putting("before")).result()
_, most = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, most))
told = [type(future.exception(10)).__name__ for future in together(
    database, *(putting(f"{number:02}", words="x" * 30_000) for number in range(5)))]
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
database.submit(putting("afterwards", words="x" * 100_000)).result()
print(json.dumps([told, stored(database)]))
database.close()
"""


def test_fault_26_when_the_commit_cannot_be_written_the_whole_group_hears_so(sqlite: Database) -> None:
    told, kept = json.loads(_python(NO_MORE_BYTES, str(sqlite.url)))
    assert told == ["Unavailable"] * 5
    assert kept == ["afterwards", "before"]


WRITE_HARD = """
import asyncio, sys, sqlalchemy as sa
from storage.database import open_database
from storage.tables import counters
database = open_database(sys.argv[1])
def count(tx):
    value = tx.execute(sa.select(counters.c.value).where(counters.c.name == "hard")).scalar_one()
    tx.execute(counters.update().where(counters.c.name == "hard"), {"value": value + 1})
async def main():
    for _ in range(40):
        await asyncio.gather(*(database.write(count) for _ in range(10)))
        await database.read(lambda tx: tx.execute(sa.select(counters)).all())
asyncio.run(main())
database.close()
"""


def test_fault_27_two_processes_write_hard_and_nobody_reads_that_it_is_locked(sqlite: Database) -> None:
    sqlite.submit(lambda tx: tx.insert_once(counters, {"name": "hard", "value": 0})).result()
    command = [sys.executable, "-c", WRITE_HARD, str(sqlite.url)]
    both = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    for process in both:
        _, complaints = process.communicate(timeout=90)
        assert "locked" not in complaints
        assert process.returncode == 0, complaints
    value = sa.select(counters.c.value).where(counters.c.name == "hard")
    assert sqlite.submit(lambda tx: tx.execute(value).scalar_one()).result() == 2 * 400


async def test_fault_29_what_is_acknowledged_is_on_the_disk(sqlite: Database) -> None:
    def settings(tx: Transaction) -> list[Any]:
        asked = ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        return [tx.connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in asked]

    assert await sqlite.write(settings) == ["wal", 2, 1, 1]
    assert await sqlite.read(settings) == ["wal", 2, 1, 1]


def test_postgres_repeats_a_turn_that_another_one_disturbed(postgres: Database) -> None:
    both_have_looked = threading.Barrier(2)
    tries = {"a": 0, "b": 0}

    def count_then_write(name: str) -> Callable[[Transaction], int]:
        def work(tx: Transaction) -> int:
            tries[name] += 1
            seen = len(every.rows(tx))
            if tries[name] == 1:
                both_have_looked.wait(10)
            put.run(tx, thing(name, number=seen))
            return seen

        return work

    futures = [postgres.submit(count_then_write(name)) for name in tries]
    # One after the other, whichever it was: never both as if they were the first.
    assert sorted(future.result(20) for future in futures) == [0, 1]
    assert sum(tries.values()) >= 3
    assert stored(postgres) == ["a", "b"]


def test_postgres_gone_in_the_middle_is_said_and_the_next_turn_has_a_new_connection(postgres: Database) -> None:
    def cut_off(tx: Transaction) -> None:
        put.run(tx, thing("lost"))
        mine = tx.connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        with postgres.engine.connect() as other:
            other.exec_driver_sql(f"SELECT pg_terminate_backend({mine}, 5000)")
        every.rows(tx)

    with pytest.raises(Unavailable, match="nothing was stored"):
        postgres.submit(cut_off).result()
    assert postgres.submit(putting("kept")).result() == 1
    assert stored(postgres) == ["kept"]


def test_errors_for_people_say_what_happened_in_a_sentence() -> None:
    for error in StorageError.__subclasses__():
        assert "nothing was stored" in str(error())


ROOT = Path(__file__).resolve().parent.parent


def _python(program: str, *arguments: str) -> str:
    """What that program prints."""
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
