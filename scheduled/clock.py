"""The clock: it ticks, and holds no truth. What is due is in the rows.

APScheduler runs in memory, in every process; a tick that was missed is made up for by the next one.
"""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from storage import drafts, files, inbox, jobs, notices, outbox, tokens, wins
from storage.database import Transaction

log = structlog.get_logger(__name__)

SEEN_FOR = timedelta(days=7)
"""How long an event's id is remembered. Slack repeats one for minutes, an operator who restores a proxy for days."""

SENT_FOR = timedelta(days=90)
"""How long it is known what became of a message. An operator looks back weeks, an edit finds the message that it
changes for as long as any button of it is good (30 days at most), and no job says anything about a day that is longer
ago: with the row goes its key, and with that the memory that it was said."""

NOTICED_FOR = timedelta(days=400)
"""How long it is known what was said unasked: with a row goes the memory that it was said, and some things are said
once in a year."""

BEAT = 1.0
"""Seconds between two signs of life."""


class Clock:
    """Calls coroutine functions again and again. Make it and start it inside a running event loop."""

    def __init__(self) -> None:
        self._scheduler = AsyncIOScheduler(timezone="UTC", job_defaults={"coalesce": True, "misfire_grace_time": None})
        self._running: set[asyncio.Task[Any]] = set()
        self._ended: dict[str, float] = {}
        self.every(BEAT, self._beat, name="clock")

    def every(self, seconds: float, call: Callable[[], Awaitable[object]], *, name: str) -> None:
        """Call `call` every so many seconds, from one interval after the start on; never twice at once."""
        self._scheduler.add_job(
            functools.partial(self._run, call, name), "interval", seconds=seconds, id=name, max_instances=1
        )

    def start(self) -> None:
        """Begin to tick."""
        now = time.monotonic()
        self._ended = {job.id: now for job in self._scheduler.get_jobs()}
        self._scheduler.start()

    def ages(self) -> dict[str, float]:
        """Seconds since each of them came to a good end last, or since the start; the clock's own beat is `clock`."""
        now = time.monotonic()
        return {name: now - ended for name, ended in self._ended.items()}

    async def stop(self, within: float | None = None) -> None:
        """Stop ticking and wait for what is running, so many seconds at most; then it is broken off."""
        if not self._scheduler.running:
            return
        # Shutting the scheduler down cancels what it runs: let that finish first.
        self._scheduler.pause()
        ends = None if within is None else time.monotonic() + within
        while self._running and (ends is None or time.monotonic() < ends):
            await asyncio.wait(self._running, timeout=None if ends is None else max(0, ends - time.monotonic()))
        self._scheduler.shutdown(wait=False)

    async def _beat(self) -> None:
        """Nothing but a sign of life."""

    async def _run(self, call: Callable[[], Awaitable[object]], name: str) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        try:
            await call()
            self._ended[name] = time.monotonic()
        except Exception as error:
            log.error("tick_failed", tick=name, error=type(error).__name__)
        finally:
            self._running.discard(task)


def prune(tx: Transaction, now: datetime) -> None:
    """Hourly housekeeping: forget the events seen and the messages sent long ago, and the tokens and drafts that nobody
    can use any more."""
    inbox.forget(tx, now - SEEN_FOR)
    # Kept for a while past their time, so that who comes late reads until when they were good.
    tokens.forget(tx, now - SEEN_FOR)
    drafts.forget(tx, now - SEEN_FOR)
    wins.keep_addresses(tx, now - SENT_FOR)
    outbox.prune(tx, now - SENT_FOR)
    notices.prune(tx, now - NOTICED_FOR)
    files.forget(tx, now)
    jobs.prune(tx, now - SENT_FOR)
