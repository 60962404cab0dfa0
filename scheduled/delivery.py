"""Delivery: what waits in the outbox reaches its platform, once, in order, at the platform's pace.

    claim -> mark sending (committed) -> send -> settle

One coroutine, the pump, does all that touches the database, several rows in one transaction: it writes down what the
last sends came to, marks the next rows and claims more. A fixed number of workers send. The rows held in memory stand
in lanes (what a platform paces and keeps in order together); one row of a lane is on its way at a time.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import random
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from math import inf
from typing import NamedTuple, Protocol, assert_never

import msgspec
import structlog

from handlers.conversation.reply import Document, Reply
from handlers.conversation.request import Address, Incoming
from scheduled.sending import CannotTell, NotThere, Operation, Refused, Result, Retry, Sender, Sent, Unsure
from storage import files, outbox
from storage.database import Database, StorageError, Transaction
from storage.outbox import Row, Settled
from storage.vault import Vault

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=30)
"""How long a row is held without word from its process. Renewed at a third of it."""
WORKERS = 64
"""Sends on their way at once, over all installs."""
BATCH = 128
"""Rows marked in one transaction."""
WINDOW = 256
"""Rows marked and not settled yet: what a killed process leaves to be looked for, at most."""
CLAIM = 500
"""Rows claimed in one transaction, and how few held ones make it claim more."""
LANE_LIMIT = 16
"""Rows of one lane held at once, so that one busy channel leaves room for the others."""
UNSURE_LIMIT = 50
"""Unsure rows taken over in one transaction."""
MAX_ATTEMPTS = 8
"""Tries of one row, 429s included."""
FIND_AFTER = (2.0, 5.0, 15.0)
"""Seconds before each question whether an unsure post is there."""
FINDERS = 4
"""Such questions at once: a platform allows few."""
BURST = 10
"""Messages that an install may send at once before its limit a minute spreads them."""
GATHER = 0.004
"""Seconds for which results are gathered while many sends are on their way."""
STALLED = 1.0
"""Seconds until a transaction that failed is tried again."""
STOP_GRACE = 20.0
"""Seconds that `stop` waits for the sends on their way."""

_addresses = msgspec.json.Decoder(Address)
_replies = msgspec.json.Decoder(Reply)
_encode = msgspec.json.encode


class Operator(Protocol):
    """Somebody who is told what they must know or do."""

    def __call__(self, sentence: str, /, **details: str) -> None: ...


class _Held:
    """A claimed row in memory."""

    __slots__ = ("direct_for", "expires_at", "lane", "operation", "stored_lane", "urgent")

    def __init__(self, row: Row, operation: Operation, lane: _Lane, urgent: bool) -> None:
        self.operation = operation
        self.stored_lane = row.lane
        self.expires_at = row.expires_at
        self.lane = lane
        self.urgent = urgent
        self.direct_for = row.person if row.operation == "post" and not operation.address.conversation else None


class _Lane:
    """What goes out one after the other."""

    __slots__ = ("busy", "install", "key", "not_before", "queue", "queued")

    def __init__(self, key: tuple[str, str], install: _Install) -> None:
        self.key = key
        self.install = install
        self.queue: deque[_Held] = deque()
        self.busy = False
        self.queued = False
        """Standing in its install's `ready`, or among those that wait for their time (be it with nothing in it)."""
        self.not_before = 0.0


class _Install:
    """One install's pace: a bucket of `BURST` messages that fills at the rate of its limit a minute."""

    __slots__ = ("filled", "name", "paused_until", "platform", "rate", "ready", "sender", "size", "tokens")

    def __init__(self, name: str, platform: str, sender: Sender, now: float) -> None:
        self.name = name
        self.platform = platform
        self.sender = sender
        limit = sender.install_per_minute
        self.size = inf if limit == inf else max(1.0, min(BURST, limit / 10))
        # A full bucket and a minute's filling together stay below the limit, with a hundredth for the way there.
        self.rate = inf if limit == inf else max(0.99 * limit - self.size, limit / 2) / 60
        self.tokens = self.size
        self.filled = now
        self.paused_until = 0.0
        self.ready: deque[_Lane] = deque()

    def open_at(self, now: float) -> float:
        """When the next message may leave, in the event loop's seconds."""
        if self.paused_until > now:
            return self.paused_until
        if self.rate == inf:
            return now
        self.tokens = min(self.size, self.tokens + (now - self.filled) * self.rate)
        self.filled = now
        return now if self.tokens >= 1 else now + (1 - self.tokens) / self.rate


class _Direct(NamedTuple):
    install: str
    person: str
    conversation: str


class _Step(msgspec.Struct):
    """What one transaction of the pump writes, and what it gave."""

    settle: list[Settled]
    release: list[str]
    withdraw: set[str]
    direct: list[_Direct]
    mark: list[_Held]
    renew: list[str]
    lapsed: bool
    claim: bool
    skip_lanes: list[str]
    skip_installs: list[str]
    marked: set[str] = set()
    unsure: list[Row] = []
    claimed: outbox.Claimed = outbox.Claimed([], False)


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
        lease: timedelta = LEASE,
        find_after: Sequence[float] = FIND_AFTER,
        max_attempts: int = MAX_ATTEMPTS,
    ) -> None:
        """`senders` by platform; `platform_of` an install's name (KeyError where there is none such); `clock` aware.

        `install_gone` is awaited once when a platform says that an install's token was revoked, after its waiting
        rows are withdrawn. `find_after` are seconds, see FIND_AFTER.
        """
        self.owner = owner
        self.lease = lease
        self._database = database
        self._senders = senders
        self._platform_of = platform_of
        self._vault = vault
        self._clock = clock
        self._operator = operator
        self._install_gone = install_gone
        self._find_after = tuple(find_after)
        self._max_attempts = max_attempts

        self._installs: dict[str, _Install] = {}
        self._lanes: dict[tuple[str, str], _Lane] = {}
        self._later: list[tuple[float, int, _Lane]] = []
        self._order = itertools.count()
        self._held: dict[str, _Held] = {}
        self._in_lane: dict[str, int] = {}
        self._capped: set[str] = set()
        self._on_their_way = 0
        self._marked: deque[_Held] = deque()
        self._free: deque[asyncio.Future[None]] = deque()
        """Workers that have nothing to send."""
        self._kicked: list[str] = []
        self._ends: list[Settled] = []
        self._released: list[str] = []
        self._direct: list[_Direct] = []
        self._giving_back: set[tuple[str, str]] = set()
        """Lanes of which a row is to come again later, until that is written down: what follows it must not pass."""
        self._going: set[str] = set()
        """Installs whose rows are to be withdrawn."""
        self._gone: set[str] = set()
        self._told: set[tuple[str, str]] = set()
        self._claim_wanted = False
        self._ticked = False
        self._renewed_at = -inf
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._stopping = False
        self._finders = asyncio.Semaphore(FINDERS)
        self._beside: set[asyncio.Task[None]] = set()
        self._workers: list[asyncio.Task[None]] = []
        self._pump_task: asyncio.Task[None] | None = None

    # ------------------------------------------------------------ from outside

    async def start(self) -> None:
        """Begin to deliver; what is due already goes out with the first tick, which is now."""
        self._workers = [asyncio.create_task(self._work(), name=f"delivery-{n}") for n in range(WORKERS)]
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
        tasks = [*self._workers, *self._beside]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._workers = []

    def kick(self, keys: Iterable[str]) -> None:
        """Deliver these rows now; they were put claimed by `owner`, and their transaction is committed."""
        self._kicked.extend(keys)
        self._idle.clear()
        self._wake.set()

    async def tick(self) -> None:
        """Look at the outbox again: what is due, and what other processes left behind."""
        self._ticked = True
        self._claim_wanted = True
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
            result = await self._install(incoming.install).sender.send(operation)
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
                batch = [] if self._stopping else self._collect(loop.time())
                if self._worth_a_step(batch):
                    await self._step(batch)
                    continue
                if self._stopping and (not self._on_their_way or loop.time() > deadline):
                    await self._database.write(self._let_go)
                    return
            except Exception as error:
                if self._stopping and loop.time() > deadline:
                    return
                reason = type(error).__name__
                log.error("delivery_stalled", error=reason, known=isinstance(error, StorageError))
                self._tell("", f"stalled:{reason}", f"Delivery cannot write to the database ({reason}); it tries on.")
                await asyncio.sleep(STALLED)
                continue
            await self._rest(deadline if self._stopping else self._next_time(loop.time()))

    def _worth_a_step(self, batch: list[_Held]) -> bool:
        return bool(
            batch
            or self._ends
            or self._released
            or self._going
            or (not self._stopping and (self._ticked or (self._claim_wanted and len(self._held) < CLAIM)))
        )

    async def _rest(self, until: float) -> None:
        """Wait for something to do, or for the time at which something may go."""
        loop = asyncio.get_running_loop()
        self._wake.clear()
        if not self._held and not self._kicked:
            self._idle.set()
        timer = loop.call_at(until, self._wake.set) if until < inf else None
        await self._wake.wait()
        if timer is not None:
            timer.cancel()
        if self._on_their_way > WORKERS // 2 and len(self._ends) < BATCH // 2:
            # Many are on their way: one transaction for several of their results.
            await asyncio.sleep(GATHER)

    async def _take_kicked(self) -> None:
        keys, self._kicked = self._kicked, []
        try:
            ready, early = await self._database.read(lambda tx: outbox.own(tx, owner=self.owner, keys=keys))
        except BaseException:
            self._kicked = keys + self._kicked
            raise
        self._released.extend(early)
        for row in ready:
            self._hold(row, urgent=True)

    async def _step(self, batch: list[_Held]) -> None:
        loop = asyncio.get_running_loop()
        step = _Step(
            settle=self._ends,
            release=self._released,
            withdraw=self._going,
            direct=self._direct,
            mark=batch,
            renew=[],
            lapsed=self._ticked and not self._stopping,
            claim=self._claim_wanted and not self._stopping and len(self._held) < CLAIM,
            skip_lanes=[],
            skip_installs=[],
        )
        self._ends, self._released, self._going, self._direct = [], [], set(), []
        giving_back, self._giving_back = self._giving_back, set()
        self._ticked = False
        now = loop.time()
        if self._held and now - self._renewed_at > self.lease.total_seconds() / 3:
            step.renew = list(self._held)
        if step.claim:
            self._claim_wanted = False
            step.skip_lanes = [lane for lane, count in self._in_lane.items() if count >= LANE_LIMIT]
            step.skip_installs = [name for name, install in self._installs.items() if install.paused_until > now]
        try:
            await self._database.write(lambda tx: self._write(tx, step))
        except BaseException:
            self._ends[:0], self._released[:0], self._direct[:0] = step.settle, step.release, step.direct
            self._going |= step.withdraw
            self._giving_back |= giving_back
            self._ticked |= step.lapsed
            self._claim_wanted |= step.claim
            for held in reversed(batch):
                self._back_in_front(held)
            raise
        if step.renew:
            self._renewed_at = now
        self._after_step(step)

    def _write(self, tx: Transaction, step: _Step) -> None:
        """The pump's transaction. It may be run again from its beginning, and so changes nothing but `step`'s end."""
        outbox.beside_others(tx)
        now = self._clock()
        until = now + self.lease
        if step.settle:
            outbox.settle(tx, owner=self.owner, now=now, ends=step.settle)
        if step.release:
            again = [Settled(id=row, state="waiting") for row in step.release]
            outbox.settle(tx, owner=self.owner, now=now, ends=again)
        for install in step.withdraw:
            outbox.withdraw(tx, now=now, install=install)
        for known in step.direct:
            outbox.know_direct(tx, install=known.install, person=known.person, conversation=known.conversation)
        if step.renew:
            outbox.renew(tx, owner=self.owner, ids=step.renew, lease_until=until)
        if step.mark:
            ids = [held.operation.id for held in step.mark]
            step.marked = outbox.mark_sending(tx, owner=self.owner, ids=ids)
        if step.lapsed:
            outbox.release_lapsed(tx, now=now)
            step.unsure = outbox.claim_unsure(tx, owner=self.owner, now=now, lease_until=until, limit=UNSURE_LIMIT)
        if step.claim:
            step.claimed = outbox.claim(
                tx,
                owner=self.owner,
                now=now,
                lease_until=until,
                limit=CLAIM,
                lane_limit=LANE_LIMIT,
                skip_lanes=step.skip_lanes,
                skip_installs=step.skip_installs,
            )

    def _after_step(self, step: _Step) -> None:
        for held in step.mark:
            if held.operation.id in step.marked:
                self._marked.append(held)
            else:
                log.info("outbox_dropped", id=held.operation.id, install=held.operation.install)
                self._forget(held)
                self._lane_is_free(held.lane, 0)
        self._on_their_way += len(step.marked) - len(step.mark)
        for _ in range(min(len(self._free), len(self._marked))):
            self._free.popleft().set_result(None)
        if step.settle:
            states: Counter[str] = Counter(end.state for end in step.settle)
            log.info("outbox_settled", **states)
        for row in step.claimed.rows:
            self._hold(row, urgent=False)
        self._capped.update(step.skip_lanes)
        if step.claimed.more:
            self._claim_wanted = True
        for row in step.unsure:
            self._look_for_left(row)
        for install in step.withdraw:
            self._beside_task(self._say_gone(install))

    def _let_go(self, tx: Transaction) -> None:
        outbox.beside_others(tx)
        outbox.release(tx, owner=self.owner, now=self._clock())

    async def _say_gone(self, install: str) -> None:
        try:
            await self._install_gone(install)
        except Exception as error:
            log.error("install_gone_failed", install=install, error=type(error).__name__)

    # ------------------------------------------------------------ lanes

    def _install(self, name: str) -> _Install:
        """Raises KeyError where the install is in no settings, or its platform is not turned on."""
        install = self._installs.get(name)
        if install is None:
            platform = self._platform_of(name)
            install = _Install(name, platform, self._senders[platform], asyncio.get_running_loop().time())
            self._installs[name] = install
        return install

    def _hold(self, row: Row, *, urgent: bool) -> None:
        """Put a claimed row into its lane, or end it where it cannot be sent at all."""
        if row.id in self._held:
            return
        if row.expires_at is not None and row.expires_at <= self._clock():
            self._end(Settled(id=row.id, state="expired"), row.install)
            return
        try:
            install = self._install(row.install)
        except KeyError:
            self._refuse(row.id, row.install, "unknown_install", f"{row.install} is in no settings any more.")
            return
        if row.attempts >= self._max_attempts:
            self._refuse(row.id, row.install, "too many tries", "")
            return
        operation = self._operation(row)
        if operation is None:
            return
        try:
            key = (row.install, install.sender.lane(operation))
        except Exception as error:
            self._refuse(row.id, row.install, f"the sender failed: {type(error).__name__}", "")
            return
        if key in self._giving_back:
            self._released.append(row.id)
            return
        lane = self._lanes.get(key)
        if lane is None:
            lane = self._lanes[key] = _Lane(key, install)
        held = _Held(row, operation, lane, urgent)
        self._held[row.id] = held
        self._in_lane[row.lane] = self._in_lane.get(row.lane, 0) + 1
        lane.queue.append(held)
        if not lane.queued and not lane.busy:
            self._queue(lane)

    def _operation(self, row: Row) -> Operation | None:
        """The row as its platform takes it; None where it was ended instead."""
        try:
            address = _addresses.decode(row.address)
            post = _addresses.decode(row.post_address) if row.post_address else None
            body = _replies.decode(row.body)
        except msgspec.DecodeError:
            # Written by another version of this program; one such row must not hold up the others.
            self._refuse(row.id, row.install, "unreadable", "A message of another version of Pacer cannot be read.")
            return None
        if row.after is not None and row.post_state is not None and row.operation in ("update", "delete"):
            if row.post_state != "sent" or post is None:
                self._end(
                    Settled(id=row.id, state="withdrawn", error=f"its post ended as {row.post_state}"), row.install
                )
                return None
            address = post
        user = row.user or address.only_to
        if row.person is not None and not row.user and not address.conversation:
            self._refuse(
                row.id, row.install, "no_identity", "Somebody cannot be written to: not known in this install."
            )
            return None
        if not address.conversation and row.direct:
            address = msgspec.structs.replace(address, conversation=row.direct)
        if not address.service and row.service:
            address = msgspec.structs.replace(address, service=row.service)
        return Operation(
            id=row.id,
            key=row.key,
            operation=row.operation,
            install=row.install,
            address=address,
            user=user,
            body=body,
            attempts=row.attempts,
        )

    def _queue(self, lane: _Lane) -> None:
        lane.queued = True
        if lane.not_before and lane.not_before > asyncio.get_running_loop().time():
            heapq.heappush(self._later, (lane.not_before, next(self._order), lane))
        else:
            self._ready(lane)

    def _ready(self, lane: _Lane) -> None:
        if not lane.queue:
            lane.queued = False
            self._lanes.pop(lane.key, None)
        elif lane.queue[0].urgent:
            lane.install.ready.appendleft(lane)
        else:
            lane.install.ready.append(lane)

    def _lane_is_free(self, lane: _Lane, interval: float) -> None:
        """Its row has come to an end, or never went."""
        lane.busy = False
        if interval:
            lane.not_before = asyncio.get_running_loop().time() + interval
        if lane.queue or interval:
            self._queue(lane)
        else:
            self._lanes.pop(lane.key, None)

    def _back_in_front(self, held: _Held) -> None:
        """Marking it did not succeed: it is next again."""
        self._on_their_way -= 1
        lane = held.lane
        lane.busy = False
        lane.queue.appendleft(held)
        if not lane.queued:
            self._queue(lane)

    def _forget(self, held: _Held) -> None:
        del self._held[held.operation.id]
        lane = held.stored_lane
        left = self._in_lane[lane] - 1
        if left:
            self._in_lane[lane] = left
        else:
            del self._in_lane[lane]
        if self._capped and left <= LANE_LIMIT // 4 and lane in self._capped:
            self._capped.discard(lane)
            self._claim_wanted = True

    def _collect(self, now: float) -> list[_Held]:
        """The rows that may leave now, one of a lane."""
        while self._later and self._later[0][0] <= now:
            self._ready(heapq.heappop(self._later)[2])
        room = min(BATCH, WINDOW - self._on_their_way)
        batch: list[_Held] = []
        expired: datetime | None = None
        installs = list(self._installs.values())
        first = next(self._order) % max(len(installs), 1)
        for install in (*installs[first:], *installs[:first]):
            while install.ready and len(batch) < room and install.open_at(now) <= now:
                lane = install.ready.popleft()
                lane.queued = False
                if not lane.queue:
                    self._lanes.pop(lane.key, None)
                    continue
                held = lane.queue.popleft()
                if held.expires_at is not None and held.expires_at <= (expired := expired or self._clock()):
                    self._forget(held)
                    self._end(Settled(id=held.operation.id, state="expired"), install.name)
                    self._lane_is_free(lane, 0)
                    continue
                lane.busy = True
                install.tokens -= 1
                self._on_their_way += 1
                batch.append(held)
        return batch

    def _next_time(self, now: float) -> float:
        times = [install.open_at(now) for install in self._installs.values() if install.ready]
        times = [time for time in times if time > now]
        if self._later:
            times.append(self._later[0][0])
        return min(times, default=inf)

    # ------------------------------------------------------------ sending

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
            if operation.address.response_url:
                operation = self._opened(operation)
            result: Result
            try:
                ready = await self._with_contents(operation)
                result = await install.sender.send(ready) if isinstance(ready, Operation) else ready
            except Exception as error:
                # Whether bytes had left is not known; nor may the error's own words be written down.
                log.error("sender_failed", id=operation.id, install=install.name, error=type(error).__name__)
                result = Unsure(f"the sender failed: {type(error).__name__}")
            self._on_their_way -= 1
            self._sent(held, result)
            self._wake.set()

    async def _with_contents(self, operation: Operation) -> Operation | Retry | Refused:
        """An upload with the bytes of its documents; everything else as it is. Nothing is sent by this."""
        wanted = [part.file for part in operation.body.parts if isinstance(part, Document)]
        if operation.operation != "upload" or not wanted:
            return operation
        try:
            found = await self._database.read(lambda tx: [files.get(tx, one) for one in wanted])
        except StorageError as error:
            return Retry(STALLED, type(error).__name__)
        contents = {one.id: one.content for one in found if one is not None}
        if len(contents) < len(set(wanted)):
            return Refused("file_gone", "A file that waited to be sent was kept no longer.")
        return msgspec.structs.replace(operation, contents=contents)

    def _opened(self, operation: Operation) -> Operation:
        url = self._vault.open(operation.address.response_url)
        return msgspec.structs.replace(operation, address=msgspec.structs.replace(operation.address, response_url=url))

    def _sealed(self, address: Address) -> str:
        if address.response_url:
            address = msgspec.structs.replace(address, response_url=self._vault.seal(address.response_url))
        return _encode(address).decode()

    def _sent(self, held: _Held, result: Result) -> None:
        operation = held.operation
        lane = held.lane
        interval = lane.install.sender.lane_interval
        match result:
            case Sent():
                self._forget(held)
                self._settle_sent(held, result)
            case Retry():
                self._forget(held)
                self._come_again(held, result)
            case Refused():
                self._forget(held)
                self._refuse(operation.id, operation.install, result.reason, result.operator)
                if result.install_gone:
                    self._drop_install(lane.install)
            case Unsure() if operation.operation in outbox.NEW_MESSAGES:
                # Its lane stays busy until it is known what happened.
                self._end(Settled(id=operation.id, state="unsure", error=result.reason), operation.install)
                self._beside_task(self._reconcile(held, interval))
                return
            case Unsure():
                self._forget(held)
                self._again(held, result.reason, 2.0**operation.attempts)
            case unknown:
                assert_never(unknown)
        self._lane_is_free(lane, interval)

    def _settle_sent(self, held: _Held, result: Sent) -> None:
        operation = held.operation
        self._gone.discard(operation.install)
        self._ends.append(Settled(id=operation.id, state="sent", sent_as=self._sealed(result.address)))
        if held.direct_for is not None and result.address.conversation:
            self._direct.append(_Direct(operation.install, held.direct_for, result.address.conversation))

    def _come_again(self, held: _Held, result: Retry) -> None:
        """The platform says when. The lane behind this row goes back to the outbox, where it waits in order."""
        if result.whole_install:
            install = held.lane.install
            wait = _later(result.after)
            install.paused_until = asyncio.get_running_loop().time() + wait
            for lane in [lane for lane in self._lanes.values() if lane.install is install]:
                self._clear_lane(lane)
        self._again(held, result.reason, result.after)

    def _again(self, held: _Held, reason: str, after: float) -> None:
        operation = held.operation
        self._clear_lane(held.lane)
        self._giving_back.add(held.lane.key)
        if operation.attempts + 1 >= self._max_attempts:
            self._refuse(operation.id, operation.install, f"too many tries: {reason}", "")
            return
        when = self._clock() + timedelta(seconds=_later(after))
        self._end(Settled(id=operation.id, state="waiting", error=reason, retry_at=when), operation.install)

    def _clear_lane(self, lane: _Lane) -> None:
        """Give the rows that stand in it back to the outbox."""
        for held in lane.queue:
            self._forget(held)
            self._released.append(held.operation.id)
        lane.queue.clear()

    def _drop_install(self, install: _Install) -> None:
        for lane in [lane for lane in self._lanes.values() if lane.install is install]:
            for held in lane.queue:
                self._forget(held)
            lane.queue.clear()
        if install.name not in self._gone:
            self._gone.add(install.name)
            self._going.add(install.name)

    def _refuse(self, row: str, install: str, reason: str, sentence: str) -> None:
        self._end(Settled(id=row, state="failed", error=reason), install)
        self._tell(install, reason, sentence or f"A message could not be delivered: {reason}.")

    def _end(self, end: Settled, install: str) -> None:
        """Every end but the good one is worth a line."""
        self._ends.append(end)
        log.warning("outbox_not_sent", id=end.id, install=install, state=end.state, reason=end.error)

    def _tell(self, install: str, reason: str, sentence: str) -> None:
        """Tell the operator, once for an install and a reason."""
        if (install, reason) not in self._told:
            self._told.add((install, reason))
            self._operator(sentence, install=install, reason=reason)

    # ------------------------------------------------------------ looking for what may have been sent

    def _look_for_left(self, row: Row) -> None:
        """A post that another process was sending when it ended."""
        if row.id in self._held:
            return
        try:
            install = self._install(row.install)
        except KeyError:
            self._refuse(row.id, row.install, "unknown_install", f"{row.install} is in no settings any more.")
            return
        operation = self._operation(row)
        if operation is None:
            return
        # A lane of its own: the outbox keeps its real one back while a row of it is unsure.
        held = _Held(row, operation, _Lane((row.install, f"unsure {row.id}"), install), urgent=False)
        self._held[row.id] = held
        self._in_lane[row.lane] = self._in_lane.get(row.lane, 0) + 1
        self._beside_task(self._reconcile(held, 0))

    async def _reconcile(self, held: _Held, interval: float) -> None:
        """Ask the platform whether an unsure post is there. It is sent again only after two answers that it is not."""
        operation = held.operation
        not_there = 0
        found: Sent | NotThere | CannotTell = CannotTell("was not asked")
        reason = "not asked often enough"
        for delay in self._find_after:
            await asyncio.sleep(delay)
            async with self._finders:
                found = await self._find(held)
            if isinstance(found, NotThere):
                not_there += 1
            elif isinstance(found, CannotTell):
                reason = found.reason
            if isinstance(found, Sent) or not_there == 2:
                break
        self._forget(held)
        if isinstance(found, Sent):
            self._settle_sent(held, found)
        elif not_there == 2:
            self._again(held, "not there", 0)
        else:
            self._end(Settled(id=operation.id, state="unknown", error=reason), operation.install)
            self._operator(
                "Whether a message was delivered is not known; it is not sent again.",
                install=operation.install,
                id=operation.id,
                reason=reason,
            )
        self._lane_is_free(held.lane, interval)
        self._wake.set()

    async def _find(self, held: _Held) -> Sent | NotThere | CannotTell:
        operation = held.operation
        if operation.address.response_url:
            operation = self._opened(operation)
        try:
            return await held.lane.install.sender.find(operation)
        except Exception as error:
            log.error("sender_failed", id=operation.id, install=operation.install, error=type(error).__name__)
            return CannotTell(f"the sender failed: {type(error).__name__}")

    def _beside_task(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)


def _later(after: float) -> float:
    """Seconds to wait where the platform said `after`: somewhat more, not the same for everybody."""
    after = min(max(after, 0.0), 3600.0)
    return after + random.uniform(0, 0.1 * after + 0.2)
