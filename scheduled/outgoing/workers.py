"""A fixed number of workers send what was marked, each one row at a time."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

import msgspec
import structlog

from handlers.conversation.reply import Document
from scheduled.outgoing.addresses import opened
from scheduled.outgoing.lanes import Held
from scheduled.sending import Operation, Refused, Result, Retry, Unsure
from storage import files
from storage.database import Database, StorageError
from storage.vault import Vault

log = structlog.get_logger(__name__)

WORKERS = 64
"""Sends on their way at once, over all installs."""
UNREAD = 1.0
"""Seconds until a file is read again that the database did not give."""


class Workers:
    """Sends, and says of each row how that ended."""

    def __init__(self, database: Database, vault: Vault, *, ended: Callable[[Held, Result], None]) -> None:
        self._database = database
        self._vault = vault
        self._ended = ended
        self._marked: deque[Held] = deque()
        self._free: deque[asyncio.Future[None]] = deque()
        """Those that have nothing to send."""
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Wait for rows."""
        self._tasks = [asyncio.create_task(self._work(), name=f"delivery-{n}") for n in range(WORKERS)]

    async def stop(self) -> None:
        """Break off what is being sent."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    def give(self, marked: list[Held]) -> None:
        """Send these; that they are being sent is committed."""
        self._marked.extend(marked)
        for _ in range(min(len(self._free), len(self._marked))):
            self._free.popleft().set_result(None)

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            while not self._marked:
                free = loop.create_future()
                self._free.append(free)
                await free
            held = self._marked.popleft()
            operation = held.operation
            install = held.lane.install
            result: Result
            try:
                operation = opened(self._vault, operation)
                upload = operation.operation == "upload"
                ready = await self._with_contents(operation) if upload else operation
                result = await install.sender.send(ready) if isinstance(ready, Operation) else ready
            except Exception as error:
                # Whether bytes had left is not known; nor may the error's own words be written down.
                log.error("sender_failed", id=operation.id, install=install.name, error=type(error).__name__)
                result = Unsure(f"the sender failed: {type(error).__name__}")
            self._ended(held, result)

    async def _with_contents(self, operation: Operation) -> Operation | Retry | Refused:
        """An upload with the bytes of its documents; one of pictures as it is. Nothing is sent by this."""
        wanted = [part.file for part in operation.body.parts if isinstance(part, Document)]
        if not wanted:
            return operation
        try:
            found = await self._database.read(lambda tx: [files.get(tx, one) for one in wanted])
        except StorageError as error:
            return Retry(UNREAD, type(error).__name__)
        contents = {one.id: one.content for one in found if one is not None}
        if len(contents) < len(set(wanted)):
            return Refused("file_gone", "A file that waited to be sent was kept no longer.")
        return msgspec.structs.replace(operation, contents=contents)
