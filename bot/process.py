"""What a process that does nothing but serve asks of Python. Tests, which start many applications in one, do not."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Awaitable

import structlog
from aiohttp import web

log = structlog.get_logger(__name__)

SWITCH_INTERVAL = 0.0001
"""Seconds that a thread may keep Python's lock while another one wants it. The thread that writes lets go of the lock
at every call of SQLite, and with the default (5 ms) a busy event loop would keep it waiting as long each time."""
GC_THRESHOLDS = (50_000, 50, 100)
"""Allocations before a round of each generation."""


def tune() -> None:
    """Call when the application has started: what it made until then is left out of the garbage collector's rounds,
    each full one of which would stop everybody for 50 ms.
    """
    sys.setswitchinterval(SWITCH_INTERVAL)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)


ACCEPTED = 10
"""Turns of the event loop in which a connection that was just made comes to wait for its request; it needs four."""


async def close(runner: web.AppRunner) -> None:
    """Take no connection any more, let what was asked be answered, and end.

    aiohttp lets go of connections that wait for a request. One that is made in the same moment does not wait yet, and
    would be waited for instead, as long as for an answer.
    """
    for site in list(runner.sites):
        await site.stop()
    for _ in range(ACCEPTED):
        await asyncio.sleep(0)
    await runner.cleanup()


async def in_time(work: Awaitable[object], within: float) -> bool:
    """Whether it came to its end in so many seconds. It is broken off there, and what goes wrong with it is logged:
    this is for stopping, where everything else still has to be stopped."""
    try:
        async with asyncio.timeout(within):
            return await work is not False
    except TimeoutError:
        log.error("not_stopped_in_time", seconds=within)
    except Exception as error:
        log.error("not_stopped", error=type(error).__name__)
    return False
