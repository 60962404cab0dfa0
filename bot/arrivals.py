"""The order of arrival, kept while something has to be asked before a turn can begin."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Hashable
from typing import Any, TypeVar

Asked = TypeVar("Asked")


class Arrivals:
    """Lets everybody's events go on in the order in which they came, however long each look-up takes.

    Look-ups run side by side: an event waits for the earlier ones of its own person alone, and only once its own
    look-up is done. What follows it in the same step of the event loop (bot/reception.py joining the person's line)
    is in order too.
    """

    def __init__(self) -> None:
        self._last: dict[Hashable, asyncio.Future[None]] = {}

    async def in_order(self, who: Hashable, asking: Coroutine[Any, Any, Asked]) -> Asked:
        """What `asking` answers, when the events of `who` that came before this one have had their answers too."""
        before = self._last.get(who)
        mine = self._last[who] = asyncio.get_running_loop().create_future()
        try:
            answer = await asking
            if before is not None and not before.done():
                await asyncio.wait((before,))
            return answer
        finally:

            def gone(_: object = None) -> None:
                mine.set_result(None)
                if self._last.get(who) is mine:
                    del self._last[who]

            # One that is cancelled while it waits lets nobody past those before it.
            if before is None or before.done():
                gone()
            else:
                before.add_done_callback(gone)
