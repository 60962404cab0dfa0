"""kill -9 in the middle of an erasure: another process goes on where it stood, to the end (FAULTS 12)."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from handlers.conversation.company import Company
from handlers.conversation.reply import Reply
from handlers.conversation.request import Message
from handlers.privacy.job import JOB, wanted
from scheduled.jobs import Runner, data_of
from storage import jobs, people
from storage.database import Database, Transaction, open_database
from storage.tables import activities, audit_log, metadata

ROWS = 1500
LEASE = timedelta(seconds=1)
MARKER, NAME = "Zyxomma petiolatum", "Quirina Oxenfeld"


class Said:
    """Stands for the outbox: what the job said, as lines of the process."""

    def say(self, tx: Transaction, job: str, place: Any, person: str | None, reply: Reply, now: datetime) -> list[str]:
        print(f"said {reply.text}", flush=True)
        return []

    def message(self, tx: Transaction, message: Message, now: datetime) -> list[str]:
        return []

    def kick(self, keys: Sequence[str]) -> None:
        pass


async def work(url: str, owner: str) -> None:
    """A process that runs jobs until it is killed or there is nothing to do."""
    database = open_database(url)
    runner = Runner(
        database, Company(), (JOB,), (), out=Said(), clock=lambda: datetime.now(UTC), owner=owner, lease=LEASE
    )
    runner.kick()
    await runner.idle()
    await runner.stop()
    database.close()


async def start(database: Database, owner: str) -> asyncio.subprocess.Process:
    url = database.url.render_as_string(hide_password=False)
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.test_erasure_kill",
        url,
        owner,
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[1],
    )


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
    first = await start(database, "first")
    while await with_words(database) > ROWS - 400:
        assert first.returncode is None, "it ended before it could be killed"
        await asyncio.sleep(0.005)
    first.send_signal(signal.SIGKILL)
    await first.wait()
    left = await with_words(database)
    assert 0 < left <= ROWS - 400, "it was killed in the middle"

    await asyncio.sleep(LEASE.total_seconds() + 0.2)
    second = await start(database, "second")
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
    asyncio.run(work(*sys.argv[1:3]))
