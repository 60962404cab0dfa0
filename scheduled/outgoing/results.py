"""What follows from how a send ended: it is settled, comes again later, or is looked for."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import assert_never

from scheduled.outgoing.lanes import Held, Lanes
from scheduled.outgoing.search import Search
from scheduled.outgoing.settling import Settling
from scheduled.sending import CannotTell, NotThere, Refused, Result, Retry, Sent, Unsure
from storage.outbox import NEW_MESSAGES, Settled


class Results:
    """Takes each result. `wake` is called when there is something new to write down."""

    def __init__(
        self,
        lanes: Lanes,
        settling: Settling,
        search: Search,
        *,
        clock: Callable[[], datetime],
        max_attempts: int,
        wake: Callable[[], None],
    ) -> None:
        self._lanes = lanes
        self._settling = settling
        self._search = search
        self._clock = clock
        self._max_attempts = max_attempts
        self._wake = wake
        self._searches: set[asyncio.Task[None]] = set()

    def ended(self, held: Held, result: Result) -> None:
        """A send ended so."""
        self._lanes.on_their_way -= 1
        interval = held.lane.install.sender.lane_interval
        if self._follow(held, result, interval):
            self._lanes.free(held.lane, interval)
        self._wake()

    def _follow(self, held: Held, result: Result, interval: float) -> bool:
        """Whether its lane may go on."""
        operation = held.operation
        install = held.lane.install
        match result:
            case Sent():
                self._lanes.forget(held)
                self._settling.sent(held, result.address)
            case Retry():
                # The platform says when. What stands behind this row goes back to the outbox, where it waits in order.
                self._lanes.forget(held)
                if result.whole_install:
                    install.paused_until = asyncio.get_running_loop().time() + _later(result.after)
                    self._settling.release(self._lanes.clear_install(install))
                self._again(held, result.reason, result.after)
            case Refused():
                self._lanes.forget(held)
                if result.closed and operation.user:
                    self._settling.closed(operation, result)
                else:
                    self._settling.refuse(operation.id, operation.install, result.reason, result.operator)
                if result.install_gone:
                    self._lanes.clear_install(install)
                    self._settling.withdraw(install.name)
            case Unsure() if operation.operation in NEW_MESSAGES:
                # Its lane stays busy until it is known what happened.
                self._settling.end(Settled(id=operation.id, state="unsure", error=result.reason), operation.install)
                self.look_for(held, interval)
                return False
            case Unsure():
                self._lanes.forget(held)
                self._again(held, result.reason, 2.0**operation.attempts)
            case unknown:
                assert_never(unknown)
        return True

    def look_for(self, held: Held, interval: float = 0) -> None:
        """Ask whether an unsure post is there; its lane goes on so many seconds after the answer."""
        task = asyncio.create_task(self._reconcile(held, interval))
        self._searches.add(task)
        task.add_done_callback(self._searches.discard)

    async def stop(self) -> None:
        """Break off the searches: the rows stay unsure."""
        searches = list(self._searches)
        for task in searches:
            task.cancel()
        await asyncio.gather(*searches, return_exceptions=True)

    async def _reconcile(self, held: Held, interval: float) -> None:
        operation = held.operation
        found = await self._search.verdict(operation, held.lane.install.sender)
        self._lanes.forget(held)
        match found:
            case Sent():
                self._settling.sent(held, found.address)
            case NotThere():
                self._again(held, "not there", 0)
            case CannotTell():
                self._settling.unknown(operation.id, operation.install, found.reason)
            case unknown:
                assert_never(unknown)
        self._lanes.free(held.lane, interval)
        self._wake()

    def _again(self, held: Held, reason: str, after: float) -> None:
        operation = held.operation
        self._settling.release(self._lanes.clear(held.lane))
        self._settling.pending.lanes.add(held.lane.key)
        if operation.attempts + 1 >= self._max_attempts:
            self._settling.refuse(operation.id, operation.install, f"too many tries: {reason}")
            return
        when = self._clock() + timedelta(seconds=_later(after))
        end = Settled(id=operation.id, state="waiting", error=reason, retry_at=when)
        self._settling.end(end, operation.install)


def _later(after: float) -> float:
    """Seconds to wait where the platform said `after`: somewhat more, not the same for everybody."""
    after = min(max(after, 0.0), 3600.0)
    return after + random.uniform(0, 0.1 * after + 0.2)
