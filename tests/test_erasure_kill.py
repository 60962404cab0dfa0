"""kill -9 in the middle of an erasure: another process goes on where it stood, to the end (FAULTS 12)."""

from __future__ import annotations

import asyncio
import signal
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import sqlalchemy as sa

from handlers.privacy.job import JOB, wanted
from scheduled.jobs import data_of
from storage import jobs, people
from storage.database import Database, Transaction
from storage.tables import activities, audit_log, metadata
from tests.killed_jobs import LEASE, start, work

ROWS = 1500
MARKER, NAME = "Zyxomma petiolatum", "Quirina Oxenfeld"


async def with_words(database: Database) -> int:
    return await database.read(
        lambda tx: int(tx.execute(sa.select(sa.func.count()).where(activities.c.said != "")).scalar_one())
    )


async def test_killed_in_mid_erasure_it_is_gone_on_with_by_another_process(database: Database) -> None:
    now = datetime.now(UTC)

    def ask(tx: Transaction) -> None:
        who = people.add(tx, name=NAME, email="quirina@test.example", at=now)
        people.identify(tx, who, install="slack", external_id="U0QUIRINA7", at=now)
        row = {"version": 1, "person": who.id, "author": who.id, "recorded_at": now, "kind": "call", "count": 2}
        row |= {"contacts": [MARKER], "day": date(2026, 11, 2), "zone": "UTC", "planned": False, "tags": []}
        row |= {"said": f"call {MARKER}", "note": MARKER}
        ids = [f"a{number:05}" for number in range(ROWS)]
        tx.execute(activities.insert(), [{**row, "id": one, "entry": one, "line": one} for one in ids])
        log = {"at": now, "event": "export", "details": {"of": NAME}}
        tx.execute(audit_log.insert(), [{**log, "id": one} for one in ids])
        one = wanted(who.id, "once")
        jobs.put(tx, kind=one.kind, key=one.key, person=None, data=data_of(one, None), at=now)

    await database.write(ask)
    first = await start("tests.test_erasure_kill", database, "first")
    while await with_words(database) > ROWS - 400:
        assert first.returncode is None, "it ended before it could be killed"
        await asyncio.sleep(0.005)
    first.send_signal(signal.SIGKILL)
    await first.wait()
    left = await with_words(database)
    assert 0 < left <= ROWS - 400, "it was killed in the middle"

    await asyncio.sleep(LEASE.total_seconds() + 0.2)
    second = await start("tests.test_erasure_kill", database, "second")
    told, _ = await asyncio.wait_for(second.communicate(), 60)
    lines = told.decode().splitlines()
    assert sum(line.startswith("said Done: nothing is left of them but “Former colleague 1”") for line in lines) == 1

    def look(tx: Transaction) -> str:
        assert tx.execute(sa.select(sa.func.sum(activities.c["count"]))).scalar_one() == 2 * ROWS
        return "".join(repr(tx.execute(sa.select(table)).all()) for table in metadata.sorted_tables)

    everything = await database.read(look)
    assert everything.count("Former colleague 1") == ROWS + 1
    for trace in (MARKER, NAME, "quirina", "U0QUIRINA7"):
        assert trace not in everything
    if database.url.get_backend_name() == "sqlite":
        path = Path(database.url.database or "")
        held = await asyncio.to_thread(lambda: path.read_bytes() + path.with_name(f"{path.name}-wal").read_bytes())
        assert not [trace for trace in (MARKER, NAME, "U0QUIRINA7") if trace.encode() in held]


if __name__ == "__main__":
    asyncio.run(work((JOB,), *sys.argv[1:3]))
