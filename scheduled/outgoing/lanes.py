"""The rows held in memory, and which of them may leave now: one of a lane at a time, at its install's pace."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from math import inf

from scheduled.sending import Operation, Sender
from storage.outbox import Row

BATCH = 128
"""Rows marked in one transaction."""
WINDOW = 256
"""Rows marked and not settled yet: what a killed process leaves to be looked for, at most."""
CLAIM = 500
"""Rows claimed in one transaction, and how few held ones make it claim more."""
LANE_LIMIT = 16
"""Rows of one lane held at once, so that one busy channel leaves room for the others."""
BURST = 10
"""Messages that an install may send at once before its limit a minute spreads them."""


class Held:
    """A claimed row in memory."""

    __slots__ = ("direct_for", "expires_at", "lane", "operation", "stored_lane", "urgent")

    def __init__(self, row: Row, operation: Operation, lane: Lane, urgent: bool) -> None:
        self.operation = operation
        self.stored_lane = row.lane
        self.expires_at = row.expires_at
        self.lane = lane
        self.urgent = urgent
        self.direct_for = row.person if row.operation == "post" and not operation.address.conversation else None


class Lane:
    """What goes out one after the other."""

    __slots__ = ("busy", "install", "key", "not_before", "queue", "queued")

    def __init__(self, key: tuple[str, str], install: Install) -> None:
        self.key = key
        self.install = install
        self.queue: deque[Held] = deque()
        self.busy = False
        self.queued = False
        """Standing in its install's `ready`, or among those that wait for their time (be it with nothing in it)."""
        self.not_before = 0.0


class Install:
    """One install's pace: a bucket of `BURST` messages that fills at the rate of its limit a minute. Processes that
    share a database take from one more together, when they mark what leaves (step.py)."""

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
        self.ready: deque[Lane] = deque()

    def open_at(self, now: float) -> float:
        """When the next message may leave, in the event loop's seconds."""
        if self.paused_until > now:
            return self.paused_until
        if self.rate == inf:
            return now
        self.tokens = min(self.size, self.tokens + (now - self.filled) * self.rate)
        self.filled = now
        return now if self.tokens >= 1 else now + (1 - self.tokens) / self.rate


class Lanes:
    """All that this process holds. Times are the event loop's seconds."""

    def __init__(self, senders: Mapping[str, Sender], platform_of: Callable[[str], str]) -> None:
        self.held: dict[str, Held] = {}
        """By the row's id."""
        self.on_their_way = 0
        """Rows that left their lane and did not come to an end yet; unsure ones have."""
        self.wants_more = False
        """More rows may be waiting in the outbox than were claimed."""
        self._senders = senders
        self._platform_of = platform_of
        self._installs: dict[str, Install] = {}
        self._lanes: dict[tuple[str, str], Lane] = {}
        self._later: list[tuple[float, int, Lane]] = []
        self._order = itertools.count()
        self._in_lane: dict[str, int] = {}
        self._capped: set[str] = set()

    def install(self, name: str) -> Install:
        """Raises KeyError where the install is in no settings, or its platform is not turned on."""
        install = self._installs.get(name)
        if install is None:
            platform = self._platform_of(name)
            install = Install(name, platform, self._senders[platform], asyncio.get_running_loop().time())
            self._installs[name] = install
        return install

    # ------------------------------------------------------------ in

    @property
    def claims(self) -> bool:
        """More rows are wanted, and there is room for them."""
        return self.wants_more and len(self.held) < CLAIM

    def full(self) -> list[str]:
        """The outbox's lanes of which as many rows are held as may be."""
        return [lane for lane, count in self._in_lane.items() if count >= LANE_LIMIT]

    def skipped(self, lanes: Iterable[str]) -> None:
        """A claim left them out as full: once they have emptied, more is wanted."""
        self._capped.update(lanes)

    def paused(self, now: float) -> list[str]:
        """The installs that their platform asked to be left alone for a while."""
        return [name for name, install in self._installs.items() if install.paused_until > now]

    def add(self, row: Row, operation: Operation, install: Install, key: tuple[str, str], *, urgent: bool) -> None:
        """Hold a claimed row, at the end of its lane."""
        lane = self._lanes.get(key)
        if lane is None:
            lane = self._lanes[key] = Lane(key, install)
        lane.queue.append(self._hold(row, operation, lane, urgent))
        if not lane.queued and not lane.busy:
            self._queue(lane)

    def add_aside(self, row: Row, operation: Operation, install: Install) -> Held:
        """Hold an unsure row in a lane of its own: the outbox keeps its real one back while a row of it is unsure."""
        return self._hold(row, operation, Lane((row.install, f"unsure {row.id}"), install), urgent=False)

    def _hold(self, row: Row, operation: Operation, lane: Lane, urgent: bool) -> Held:
        held = self.held[row.id] = Held(row, operation, lane, urgent)
        self._in_lane[row.lane] = self._in_lane.get(row.lane, 0) + 1
        return held

    # ------------------------------------------------------------ out

    def collect(self, now: float, clock: Callable[[], datetime]) -> tuple[list[Held], list[Held]]:
        """The rows that may leave now, one of a lane; and those that have expired meanwhile, held no more."""
        while self._later and self._later[0][0] <= now:
            self._ready(heapq.heappop(self._later)[2])
        room = min(BATCH, WINDOW - self.on_their_way)
        leaving: list[Held] = []
        late: list[Held] = []
        wall: datetime | None = None
        installs = list(self._installs.values())
        first = next(self._order) % max(len(installs), 1)
        for install in (*installs[first:], *installs[:first]):
            while install.ready and len(leaving) < room and install.open_at(now) <= now:
                lane = install.ready.popleft()
                lane.queued = False
                if not lane.queue:
                    self._lanes.pop(lane.key, None)
                    continue
                held = lane.queue.popleft()
                if held.expires_at is not None and held.expires_at <= (wall := wall or clock()):
                    self.forget(held)
                    late.append(held)
                    self.free(lane, 0)
                    continue
                lane.busy = True
                install.tokens -= 1
                self.on_their_way += 1
                leaving.append(held)
        return leaving, late

    def next_time(self, now: float) -> float:
        """When something may leave that may not leave now; `inf` where nothing waits for its time."""
        times = [install.open_at(now) for install in self._installs.values() if install.ready]
        times = [time for time in times if time > now]
        if self._later:
            times.append(self._later[0][0])
        return min(times, default=inf)

    def back_in_front(self, leaving: Collection[Held]) -> None:
        """Marking them did not succeed: they are next again."""
        for held in reversed(list(leaving)):
            self.on_their_way -= 1
            lane = held.lane
            lane.busy = False
            lane.queue.appendleft(held)
            if not lane.queued:
                self._queue(lane)

    def wait(self, install: str, seconds: float) -> None:
        """Others have written to that install: this process may write to it once more in so many seconds."""
        found = self.install(install)
        found.filled = asyncio.get_running_loop().time()
        found.tokens = 1 - seconds * found.rate

    def drop(self, held: Held) -> None:
        """It was to leave, and is this process's no more."""
        self.on_their_way -= 1
        self.forget(held)
        self.free(held.lane, 0)

    # ------------------------------------------------------------ ended

    def forget(self, held: Held) -> None:
        """It is held no more. Its lane stays as it is."""
        del self.held[held.operation.id]
        lane = held.stored_lane
        left = self._in_lane[lane] - 1
        if left:
            self._in_lane[lane] = left
        else:
            del self._in_lane[lane]
        if self._capped and left <= LANE_LIMIT // 4 and lane in self._capped:
            self._capped.discard(lane)
            self.wants_more = True

    def free(self, lane: Lane, interval: float) -> None:
        """Its row has come to an end, or never went; the next one may leave after so many seconds."""
        lane.busy = False
        if interval:
            lane.not_before = asyncio.get_running_loop().time() + interval
        if lane.queue or interval:
            self._queue(lane)
        else:
            self._lanes.pop(lane.key, None)

    def clear(self, lane: Lane) -> list[str]:
        """Forget the rows that stand in it; their ids."""
        ids = []
        for held in lane.queue:
            self.forget(held)
            ids.append(held.operation.id)
        lane.queue.clear()
        return ids

    def clear_install(self, install: Install) -> list[str]:
        """Forget the rows that stand in any of its lanes; their ids."""
        lanes = [lane for lane in self._lanes.values() if lane.install is install]
        return [row for lane in lanes for row in self.clear(lane)]

    def _queue(self, lane: Lane) -> None:
        lane.queued = True
        if lane.not_before and lane.not_before > asyncio.get_running_loop().time():
            heapq.heappush(self._later, (lane.not_before, next(self._order), lane))
        else:
            self._ready(lane)

    def _ready(self, lane: Lane) -> None:
        if not lane.queue:
            lane.queued = False
            self._lanes.pop(lane.key, None)
        elif lane.queue[0].urgent:
            lane.install.ready.appendleft(lane)
        else:
            lane.install.ready.append(lane)
