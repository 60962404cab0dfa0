"""Delivery: what waits in the outbox reaches its platform, once, in order, at the platform's pace.

    claim -> mark sending (committed) -> send -> settle

One coroutine, the pump, does all that touches the database, several rows in one transaction (`outgoing/step.py`): it
writes down what the last sends came to, marks the next rows and claims more. What it claims stands in lanes
(`outgoing/taking.py`, `lanes.py`: what a platform paces and keeps in order together), one row of a lane on its way at
a time. Workers send (`outgoing/workers.py`), and what follows from a result is decided in `outgoing/results.py`.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from math import inf

import msgspec
import structlog

from handlers.conversation.reply import Reply
from handlers.conversation.request import Incoming
from scheduled.outgoing.lanes import BATCH, Held, Lanes
from scheduled.outgoing.results import Results
from scheduled.outgoing.search import FIND_AFTER, Search
from scheduled.outgoing.settling import Operator, Settling
from scheduled.outgoing.step import Step, write
from scheduled.outgoing.taking import Taking
from scheduled.outgoing.workers import WORKERS, Workers
from scheduled.sending import Operation, Sender
from storage import outbox
from storage.database import Database, StorageError, Transaction
from storage.outbox import Settled
from storage.vault import Vault

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=30)
"""How long a row is held without word from its process. Renewed at a third of it."""
MAX_ATTEMPTS = 8
"""Tries of one row, 429s included."""
GATHER = 0.004
"""Seconds for which results are gathered while many sends are on their way."""
STALLED = 1.0
"""Seconds until a transaction that failed is tried again."""
STOP_GRACE = 20.0
"""Seconds that `stop` waits for the sends on their way."""


async def _nothing(_install: str) -> None:
    return None


class Delivery:
    """Delivers the outbox of one process. `owner` must be new at each start of a process."""

    def __init__(
        self,
        database: Database,
        senders: Mapping[str, Sender],
        *,
        platform_of: Callable[[str], str],
        vault: Vault,
        clock: Callable[[], datetime],
        operator: Operator,
        owner: str,
        install_gone: Callable[[str], Awaitable[None]] = _nothing,
        takes_others: bool = True,
        lease: timedelta = LEASE,
        find_after: Sequence[float] = FIND_AFTER,
        max_attempts: int = MAX_ATTEMPTS,
    ) -> None:
        """`senders` by platform; `platform_of` an install's name (KeyError where there is none such); `clock` aware.

        `install_gone` is awaited once when a platform says that an install's token was revoked, after its waiting
        rows are withdrawn. `takes_others`: deliver all that is due, not only what is kicked; of the rest it renews its
        leases. `find_after` are seconds, see FIND_AFTER.
        """
        self.owner = owner
        self.lease = lease
        self._database = database
        self._clock = clock
        self._install_gone = install_gone
        self._takes_others = takes_others

        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._lanes = Lanes(senders, platform_of)
        self._settling = Settling(operator, vault)
        self._taking = Taking(self._lanes, self._settling, clock=clock, max_attempts=max_attempts)
        self._results = Results(
            self._lanes,
            self._settling,
            Search(vault, find_after),
            clock=clock,
            max_attempts=max_attempts,
            wake=self._wake.set,
        )
        self._workers = Workers(database, vault, ended=self._results.ended)

        self._kicked: list[str] = []
        self._ticked = False
        self._renewed_at = -inf
        self._stopping = False
        self._beside: set[asyncio.Task[None]] = set()
        self._pump_task: asyncio.Task[None] | None = None

    # ------------------------------------------------------------ from outside

    async def start(self) -> None:
        """Begin to deliver; what is due already goes out with the first tick, which is now."""
        self._workers.start()
        self._pump_task = asyncio.create_task(self._pump(), name="delivery-pump")
        await self.tick()

    async def stop(self) -> None:
        """Finish what was begun, settle it, and let go of the rest for other processes or the next start."""
        if self._pump_task is None:
            return
        self._stopping = True
        self._wake.set()
        await self._pump_task
        self._pump_task = None
        await self._workers.stop()
        await self._results.stop()
        beside = list(self._beside)
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)

    def kick(self, keys: Iterable[str]) -> None:
        """Deliver these rows now; they were put claimed by `owner`, and their transaction is committed."""
        self._kicked.extend(keys)
        self._idle.clear()
        self._wake.set()

    async def tick(self) -> None:
        """Look at the outbox again: what is due, and what other processes left behind."""
        self._ticked = self._takes_others or bool(self._lanes.held)
        self._lanes.wants_more = self._takes_others
        self._idle.clear()
        self._wake.set()

    async def idle(self) -> None:
        """Wait until nothing is held any more. Rows that wait for their time in the outbox are not held."""
        await self._idle.wait()

    async def at_once(self, incoming: Incoming, reply: Reply) -> None:
        """Say something to the person who acted, without the outbox and without a second try: for the moments in
        which the database is what does not answer."""
        address = incoming.reply_to
        if incoming.place in ("channel", "group") and not address.only_to:
            address = msgspec.structs.replace(address, only_to=incoming.profile.external_id)
        name = f"at-once:{incoming.install}:{incoming.key}"
        operation = Operation(
            id=name,
            key=name,
            operation="post",
            install=incoming.install,
            address=address,
            user=incoming.profile.external_id,
            body=reply,
        )
        try:
            result = await self._lanes.install(incoming.install).sender.send(operation)
        except Exception as error:
            log.error("said_at_once", install=incoming.install, result=type(error).__name__)
        else:
            log.info("said_at_once", install=incoming.install, result=type(result).__name__)

    # ------------------------------------------------------------ the pump

    async def _pump(self) -> None:
        deadline = inf
        loop = asyncio.get_running_loop()
        while True:
            if self._stopping and deadline == inf:
                deadline = loop.time() + STOP_GRACE
            try:
                if self._kicked and not self._stopping:
                    await self._take_kicked()
                batch = [] if self._stopping else self._next_batch(loop.time())
                if self._worth_a_step(batch):
                    await self._step(batch)
                    continue
                if self._stopping and (not self._lanes.on_their_way or loop.time() > deadline):
                    await self._database.write(self._let_go)
                    return
            except Exception as error:
                if self._stopping and loop.time() > deadline:
                    return
                reason = type(error).__name__
                log.error("delivery_stalled", error=reason, known=isinstance(error, StorageError))
                sentence = f"Delivery cannot write to the database ({reason}); it tries on."
                self._settling.tell("", f"stalled:{reason}", sentence)
                await asyncio.sleep(STALLED)
                continue
            await self._rest(deadline if self._stopping else self._lanes.next_time(loop.time()))

    async def _take_kicked(self) -> None:
        keys, self._kicked = self._kicked, []
        try:
            ready, early = await self._database.read(lambda tx: outbox.own(tx, owner=self.owner, keys=keys))
        except BaseException:
            self._kicked = keys + self._kicked
            raise
        self._settling.release(early)
        for row in ready:
            self._taking.take(row, urgent=True)

    def _next_batch(self, now: float) -> list[Held]:
        leaving, late = self._lanes.collect(now, self._clock)
        for held in late:
            self._settling.end(Settled(id=held.operation.id, state="expired"), held.operation.install)
        return leaving

    def _worth_a_step(self, batch: list[Held]) -> bool:
        if batch or self._settling.anything:
            return True
        return not self._stopping and (self._ticked or self._lanes.claims)

    async def _step(self, batch: list[Held]) -> None:
        now = asyncio.get_running_loop().time()
        claim = self._lanes.claims and not self._stopping
        renew = self._lanes.held and now - self._renewed_at > self.lease.total_seconds() / 3
        step = Step(
            pending=self._settling.take(),
            mark=batch,
            renew=list(self._lanes.held) if renew else [],
            lapsed=self._ticked and self._takes_others and not self._stopping,
            claim=claim,
            skip_lanes=self._lanes.full() if claim else [],
            skip_installs=self._lanes.paused(now) if claim else [],
        )
        self._ticked = False
        if claim:
            self._lanes.wants_more = False
        try:
            await self._database.write(
                lambda tx: write(tx, step, owner=self.owner, now=self._clock(), lease=self.lease)
            )
        except BaseException:
            self._settling.put_back(step.pending)
            self._ticked |= step.lapsed
            self._lanes.wants_more |= step.claim
            self._lanes.back_in_front(batch)
            raise
        if step.renew:
            self._renewed_at = now
        self._after_step(step)

    def _after_step(self, step: Step) -> None:
        marked = []
        self._lanes.back_in_front(step.held_back)
        for install, seconds in step.too_soon.items():
            self._lanes.wait(install, seconds)
        held_back = {held.operation.id for held in step.held_back}
        for held in step.mark:
            if held.operation.id in held_back:
                continue
            if held.operation.id in step.marked:
                marked.append(held)
            else:
                log.info("outbox_dropped", id=held.operation.id, install=held.operation.install)
                self._lanes.drop(held)
        self._workers.give(marked)
        if step.pending.ends:
            states: Counter[str] = Counter(end.state for end in step.pending.ends)
            log.info("outbox_settled", **states)
        for row in step.claimed.rows:
            self._taking.take(row, urgent=False)
        self._lanes.skipped(step.skip_lanes)
        if step.claimed.more:
            self._lanes.wants_more = True
        for row in step.unsure:
            if (left := self._taking.take_unsure(row)) is not None:
                self._results.look_for(left)
        for install in step.pending.withdrawn:
            task = asyncio.create_task(self._say_gone(install))
            self._beside.add(task)
            task.add_done_callback(self._beside.discard)

    async def _say_gone(self, install: str) -> None:
        try:
            await self._install_gone(install)
        except Exception as error:
            log.error("install_gone_failed", install=install, error=type(error).__name__)

    async def _rest(self, until: float) -> None:
        """Wait for something to do, or for the time at which something may go."""
        self._wake.clear()
        if not self._lanes.held and not self._kicked:
            self._idle.set()
        timer = asyncio.get_running_loop().call_at(until, self._wake.set) if until < inf else None
        await self._wake.wait()
        if timer is not None:
            timer.cancel()
        if self._lanes.on_their_way > WORKERS // 2 and len(self._settling.pending.ends) < BATCH // 2:
            # Many are on their way: one transaction for several of their results.
            await asyncio.sleep(GATHER)

    def _let_go(self, tx: Transaction) -> None:
        outbox.beside_others(tx)
        outbox.release(tx, owner=self.owner, now=self._clock())
