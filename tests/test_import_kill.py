"""kill -9 in the middle of an import: another process goes on, nothing is in twice, and the numbers are right."""

from __future__ import annotations

import asyncio
import signal
import sys
from datetime import UTC, datetime, timedelta

import msgspec

from handlers.conversation.request import JobWanted
from handlers.imports.asked import Asked, digest_of
from handlers.imports.chat_jobs import JOBS
from handlers.imports.chat_preview import Kept, data_of
from scheduled.jobs import data_of as with_place
from storage import files, jobs, people
from storage.database import Database, Transaction
from tests.killed_jobs import LEASE, start, work

ROWS = 5000


def exported() -> bytes:
    head = "Opportunity ID,Account Name,Owner,Amount,Stage,Close Date\n"
    lines = (
        f"D-{number},Account {number % 300},Rae Quinn,{100 + number},{'Closed Won' if number % 2 else 'Proposal'},"
        f"2026-{1 + number % 10:02}-{1 + number % 28:02}\n"
        for number in range(ROWS)
    )
    return (head + "".join(lines)).encode()


async def count(database: Database, query: str) -> int:
    def run(tx: Transaction) -> int:
        return int(tx.connection.exec_driver_sql(query).scalar_one())

    return await database.read(run)


async def test_killed_in_mid_import_it_is_gone_on_with_by_another_process(database: Database) -> None:
    content, now = exported(), datetime.now(UTC)

    def ask(tx: Transaction) -> None:
        rae = people.add(tx, name="Rae Quinn", email="rae@test.example", at=now, imported=True)
        kept = files.keep(tx, name="deals.csv", content=content, person=rae.id, at=now, until=now + timedelta(days=1))
        data = data_of(Kept(kept, "deals.csv", digest_of(content)), Asked())
        given = with_place(JobWanted("import apply", "k", data), None)
        jobs.put(tx, kind="import apply", key="k", person=rae.id, data=msgspec.to_builtins(given), at=now)

    await database.write(ask)
    first = await start("tests.test_import_kill", database, "first")
    while await count(database, "SELECT count(*) FROM deals") < 600:
        assert first.returncode is None, "it ended before it could be killed"
        await asyncio.sleep(0.02)
    first.send_signal(signal.SIGKILL)
    await first.wait()
    left = await count(database, "SELECT count(*) FROM deals")
    assert 600 <= left < ROWS, "it was killed in the middle"

    await asyncio.sleep(LEASE.total_seconds() + 0.2)
    second = await start("tests.test_import_kill", database, "second")
    told, _ = await asyncio.wait_for(second.communicate(), 60)
    lines = told.decode().splitlines()
    print(f"killed at {left} of {ROWS}; {lines[-1]}")
    assert await count(database, "SELECT count(*) FROM deals") == ROWS
    assert await count(database, "SELECT count(*) FROM imports") == 1
    assert await count(database, "SELECT count(*) FROM accounts") == 300
    won = sum(100 + number for number in range(ROWS) if number % 2) * 100
    assert await count(database, "SELECT sum(amount_minor) FROM credits WHERE voided_at IS NULL") == won
    assert await count(database, "SELECT sum(amount_minor) FROM credit_months") == won
    assert lines[-1].startswith(
        "said deals.csv is imported. 5,000 rows made, 0 changed, 0 the same already, 0 left out."
    )
    assert sum("is imported" in line for line in lines) == 1


if __name__ == "__main__":
    asyncio.run(work(JOBS, *sys.argv[1:3]))
