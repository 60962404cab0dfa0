"""Looking for a message that may have been sent or not: its platform is asked, until its answer can be relied on."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import assert_never

import structlog

from scheduled.outgoing.addresses import opened
from scheduled.sending import CannotTell, NotThere, Operation, Sender, Sent
from storage.vault import Vault

log = structlog.get_logger(__name__)

FIND_AFTER = (2.0, 5.0, 15.0)
"""Seconds before each question whether an unsure post is there."""
FINDERS = 4
"""Such questions at once: a platform allows few."""


class Search:
    """Asks. `find_after` are seconds, see FIND_AFTER."""

    def __init__(self, vault: Vault, find_after: Sequence[float] = FIND_AFTER) -> None:
        self._vault = vault
        self._find_after = tuple(find_after)
        self._turns = asyncio.Semaphore(FINDERS)

    async def verdict(self, operation: Operation, sender: Sender) -> Sent | NotThere | CannotTell:
        """Where it is; that it is not there, which two answers must have said; or that nobody can tell."""
        not_there = 0
        reason = "not asked often enough"
        for delay in self._find_after:
            await asyncio.sleep(delay)
            async with self._turns:
                found = await self._find(operation, sender)
            match found:
                case Sent():
                    return found
                case NotThere():
                    not_there += 1
                    if not_there == 2:
                        return found
                case CannotTell():
                    reason = found.reason
                case unknown:
                    assert_never(unknown)
        return CannotTell(reason)

    async def _find(self, operation: Operation, sender: Sender) -> Sent | NotThere | CannotTell:
        try:
            return await sender.find(opened(self._vault, operation))
        except Exception as error:
            log.error("sender_failed", id=operation.id, install=operation.install, error=type(error).__name__)
            return CannotTell(f"the sender failed: {type(error).__name__}")
