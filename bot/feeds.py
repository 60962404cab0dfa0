"""Reads the calendars that people gave by their addresses, and hands over what came.

Each is claimed in its row before it is read, so that one process does. Its address is opened here alone, for as long as
the reading takes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.fetching import CannotRead, Marks, Web
from handlers.meetings import ics_feed
from scheduled.jobs import Runner
from storage import feeds
from storage.database import Database
from storage.feeds import Feed
from storage.vault import Vault

log = structlog.get_logger(__name__)

LIMIT: Final = 1_000_000
"""Bytes of a calendar."""
SECONDS: Final = 10.0
"""For all of one reading."""
PRIVATE: Final = "{host} is an address inside a private network, and I read none of those."
_AT_ONCE: Final = 5
_EACH_TICK: Final = 50
_CLAIM: Final = timedelta(minutes=2)
"""After that another process tries a feed that one died over."""
_SEALED_OTHERWISE: Final = (
    "I cannot open its address any more, because PACER_KEY is another one. Remove it, and add it again."
)
WEB: Final = Web(limit=LIMIT, seconds=SECONDS, refused=PRIVATE)
"""How they are read."""


class FeedReader:
    """Ticks; a feed that was added is read at the next one."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        runner: Runner,
        clock: Callable[[], datetime],
        web: Web = WEB,
    ) -> None:
        self._database = database
        self._vault = vault
        self._runner = runner
        self._clock = clock
        self._web = web

    async def tick(self) -> None:
        """Read those whose time has come."""
        now = self._clock()
        due = await self._database.read(lambda tx: feeds.due(tx, now, _EACH_TICK))
        if not due:
            return
        few = asyncio.Semaphore(_AT_ONCE)

        async def one(feed: Feed) -> None:
            async with few:
                await self._look(feed)

        await asyncio.gather(*map(one, due))

    async def _look(self, feed: Feed) -> None:
        until = self._clock() + _CLAIM
        if not await self._database.write(lambda tx: feeds.claim(tx, feed, until)):
            return
        try:
            await self._read(feed)
        except CannotRead as error:
            sentence, gone = str(error), error.gone
            log.warning("calendar_feed_not_read", feed=feed.id, reason=sentence)
            await self._database.write(
                lambda tx: ics_feed.failed_to_read(tx, feed, sentence, gone=gone, now=self._clock())
            )

    async def _read(self, feed: Feed) -> None:
        address = self._vault.open(feed.address)
        if not address:
            raise CannotRead(_SEALED_OTHERWISE, gone=True)
        found = await self._web.get(address, Marks(feed.etag, feed.modified))
        if found is None:
            await self._database.write(lambda tx: ics_feed.unchanged(tx, feed, self._clock()))
            return
        content, marks = found.content, found.marks
        begun = await self._database.write(
            lambda tx: ics_feed.came(tx, feed, content, marks.etag, marks.modified, self._clock())
        )
        if begun:
            self._runner.kick()
