"""`/healthz` and `/readyz`: whether this process lives, and whether people should be sent to it now.

They ask nothing of a platform, say nothing that is secret, and cost one small read a second at most, however often they
are asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog
from aiohttp import web

from storage import migrate
from storage.database import Database, StorageError

log = structlog.get_logger(__name__)

ALIVE: Final = "/healthz"
READY: Final = "/readyz"
STANDSTILL: Final = 30.0
"""Seconds without a beat of the clock after which the process is not said to live."""
LOOK: Final = 1.0
"""Seconds for which what was seen of the database is believed."""
ANSWERS: Final = 2.0
"""Seconds that the database may take."""


class Health:
    """What is said at both paths. `starting` and `stopping` are set by the application."""

    def __init__(
        self, database: Database, *, beat: Callable[[], float], listening: Callable[[], Awaitable[str]]
    ) -> None:
        """`beat`: seconds since the clock's last sign of life. `listening`: why a listener is not up, as a sentence;
        empty where all are."""
        self.starting = True
        self.stopping = False
        self._database = database
        self._beat = beat
        self._listening = listening
        self._looked = 0.0
        self._said = ""
        self._look: asyncio.Task[str] | None = None

    def add_to(self, application: web.Application) -> None:
        """Serve both paths."""
        application.router.add_get(ALIVE, self._alive)
        application.router.add_get(READY, self._ready)

    def alive(self) -> str:
        """Why this process is as good as dead; empty where it lives. That it answers says that its loop turns.

        Nothing of the database: a process that waits for it is not mended by a new start.
        """
        still = self._beat()
        if self.stopping or still < STANDSTILL:
            return ""
        return f"The clock has not ticked for {still:.0f} s."

    async def ready(self) -> str:
        """Why nobody should be sent here; empty where people may come."""
        if self.stopping:
            return "Pacer is stopping."
        if self.starting:
            return "Pacer is starting."
        return await self._stored() or await self._listening()

    async def _alive(self, _request: web.Request) -> web.Response:
        return _said(self.alive())

    async def _ready(self, _request: web.Request) -> web.Response:
        return _said(await self.ready())

    async def _stored(self) -> str:
        """What is wrong with the database. One look at a time: where that one hangs, all are told so."""
        loop = asyncio.get_running_loop()
        if self._look is None:
            if self._looked and loop.time() - self._looked < LOOK:
                return self._said
            self._look = loop.create_task(self._see())
        look = self._look
        await asyncio.wait((look,), timeout=ANSWERS)
        return look.result() if look.done() else "The database does not answer."

    async def _see(self) -> str:
        try:
            found = await self._database.read(migrate.version)
            self._said = _fits(found)
        except StorageError:
            self._said = "The database cannot be reached."
        except Exception as error:
            log.warning("readiness_not_seen", error=type(error).__name__)
            self._said = "The database holds no schema that Pacer knows."
        self._looked, self._look = asyncio.get_running_loop().time(), None
        return self._said


def _fits(found: str) -> str:
    known = migrate.revisions()
    if found == known[-1]:
        return ""
    if found in known:
        return f"The database is at version {found}, and this Pacer needs {known[-1]}."
    return "The database was brought to a version that this Pacer does not know."


def _said(problem: str) -> web.Response:
    return web.Response(
        status=503 if problem else 200,
        text=f"{problem or 'ok'}\n",
        headers={"Cache-Control": "no-store"},
    )
