"""A process that runs jobs until it is killed or there is nothing to do, for the tests that kill it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from handlers.conversation.company import Company
from handlers.conversation.job import JobKind
from handlers.conversation.reply import Reply
from handlers.conversation.request import Message
from scheduled.jobs import Runner
from storage.database import Database, Transaction, open_database

LEASE = timedelta(seconds=1)


class Said:
    """Stands for the outbox: what the job said, as lines of the process."""

    def say(self, tx: Transaction, job: str, place: Any, person: str | None, reply: Reply, now: datetime) -> list[str]:
        print(f"said {reply.text}", flush=True)
        return []

    def message(self, tx: Transaction, message: Message, now: datetime) -> list[str]:
        return []

    def kick(self, keys: Sequence[str]) -> None:
        pass


async def work(kinds: Sequence[JobKind], url: str, owner: str) -> None:
    """What the process does."""
    database = open_database(url)
    runner = Runner(
        database, Company(), kinds, (), out=Said(), clock=lambda: datetime.now(UTC), owner=owner, lease=LEASE
    )
    runner.kick()
    await runner.idle()
    await runner.stop()
    database.close()


async def start(module: str, database: Database, owner: str) -> asyncio.subprocess.Process:
    """One such process; `module` calls `work` when it is run."""
    url = database.url.render_as_string(hide_password=False)
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, url, owner),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[1],
    )
