"""Jobs are run here: claimed under a lease, worked in a thread piece by piece, gone on with after a process died.

A claim is looked for when a turn has committed a job (`kick`) and at every tick. What a job is given is
handlers/conversation/job.py's `Running`. A lease is renewed by every piece, and by the tick while a job reads or
computes for long.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any, Final, Protocol, TypeVar
from zoneinfo import ZoneInfo

import structlog

from handlers.conversation.command import Listener
from handlers.conversation.company import Company
from handlers.conversation.job import JobKind, Lost, Running, Stopping
from handlers.conversation.reply import Reply
from handlers.conversation.request import Actor, Address, Basis, Incoming, JobWanted, Message, Profile, Request, Said
from handlers.language.names import NameIndex
from scheduled.listening import hear_all
from scheduled.memory import Memory
from storage import jobs, people
from storage.database import Database, StorageError, Transaction

log = structlog.get_logger(__name__)
T = TypeVar("T")

LEASE: Final = timedelta(seconds=30)
AT_ONCE: Final = 2
"""Jobs that one process runs at a time: each takes a thread, and Python's lock while it computes."""
LIVES: Final = 5
"""How often a job may be found left by a process that died, until it is thought to be the cause."""


class Out(Protocol):
    """What jobs say, put into the outbox. Each returns the keys of rows to be delivered at once."""

    def say(self, tx: Transaction, job: str, place: Any, person: str | None, reply: Reply, now: datetime) -> list[str]:
        """To who asked for the job, at the place that was kept with it."""

    def message(self, tx: Transaction, message: Message, now: datetime) -> list[str]:
        """To somebody else."""

    def kick(self, keys: Sequence[str]) -> None:
        """Deliver these."""


def data_of(wanted: JobWanted, place: Any) -> dict[str, Any]:
    """How a job's row holds what was asked for, and where it speaks (the platform edge's own affair)."""
    return {"given": wanted.data, "place": place}


class Runner:
    """Runs this process's share of the jobs. Make it and use it inside a running event loop."""

    def __init__(
        self,
        database: Database,
        company: Company,
        kinds: Sequence[JobKind],
        listeners: Sequence[Listener],
        *,
        out: Out,
        clock: Callable[[], datetime],
        owner: str,
        lease: timedelta = LEASE,
    ) -> None:
        self.database = database
        self.company = company
        self.listeners = listeners
        self.out = out
        self.clock = clock
        self.owner = owner
        self.lease = lease
        self.stopping = False
        self._kinds = {kind.name: kind for kind in kinds}
        self._lanes = {kind.name: kind.lane for kind in kinds}
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="pacer-job")
        self._running: dict[str, asyncio.Task[None]] = {}
        self._looking = False
        self._again = False
        self._idle = asyncio.Event()
        self._idle.set()
        self._looks: set[asyncio.Task[None]] = set()
        self._renewed = clock()

    def kick(self) -> None:
        """A job was committed: claim it now."""
        self._idle.clear()
        task = asyncio.get_running_loop().create_task(self._look())
        self._looks.add(task)
        task.add_done_callback(self._looks.discard)

    async def tick(self) -> None:
        """Renew what runs, and look for what waits or was left."""
        now = self.clock()
        if self._running and abs(now - self._renewed) > self.lease / 3:
            self._renewed = now
            held = list(self._running)
            await self.database.write(lambda tx: [jobs.hold(tx, one, self.owner, now + self.lease) for one in held])
        await self._look()

    async def idle(self) -> None:
        """Wait until no job runs here and none could be claimed."""
        await self._idle.wait()

    async def stop(self, within: float | None = None) -> bool:
        """Let what runs end at its next piece, so that others go on from there; whether all did so in so many seconds.

        What did not is let go of all the same: the piece that it is in writes nothing any more.
        """
        self.stopping = True
        loop = asyncio.get_running_loop()
        ends = None if within is None else loop.time() + within
        while (running := [*self._running.values(), *self._looks]) and (ends is None or loop.time() < ends):
            await asyncio.wait(running, timeout=None if ends is None else max(0, ends - loop.time()))
        left = list(self._running)
        for one in left:
            await self.database.write(lambda tx, one=one: jobs.release(tx, one, self.owner))  # type: ignore[misc]
        self._threads.shutdown(wait=not left)
        return not left

    async def _look(self) -> None:
        self._again = True
        if self._looking:
            return
        self._looking = True
        try:
            while self._again and not self.stopping and len(self._running) < AT_ONCE:
                self._again = False
                if await self.database.read(lambda tx: jobs.is_any(tx, self._lanes, self.clock())):
                    await self._claim()
        finally:
            self._looking = False
            if not self._running:
                self._idle.set()

    async def _claim(self) -> None:
        now = self.clock()

        def claim(tx: Transaction) -> jobs.Claimed | None:
            return jobs.claim(tx, self._lanes, owner=self.owner, now=now, until=now + self.lease)

        claimed = await self.database.write(claim)
        if claimed is None:
            return
        self._idle.clear()
        work = _Work(self, claimed.job, asyncio.get_running_loop())
        self._running[claimed.job.id] = asyncio.get_running_loop().create_task(self._run(work, claimed))
        self._again = True

    async def _run(self, work: _Work, claimed: jobs.Claimed) -> None:
        kind = self._kinds[claimed.job.kind]
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._threads, self._to_the_end, work, kind, claimed.lives)
        except Exception as error:
            # Not even its end could be written down: its lease runs out, and it is claimed again.
            log.error("job_not_settled", job=claimed.job.id, kind=kind.name, error=type(error).__name__)
        finally:
            self._running.pop(claimed.job.id, None)
            await self._look()

    def _to_the_end(self, work: _Work, kind: JobKind, lives: int) -> None:
        """In a thread."""
        try:
            if lives > LIVES:
                raise RuntimeError(f"{lives} processes died while they did it")
            kind.run(work)
            if not work.finished:
                work.write(work.finish)
        except Lost:
            log.warning("job_lost", job=work.id, kind=kind.name)
        except Stopping:
            self.database.submit(lambda tx: jobs.release(tx, work.id, self.owner)).result()
        except StorageError:
            log.error("job_waits_for_the_database", job=work.id, kind=kind.name)
        except Exception as error:
            number = secrets.token_hex(4)
            log.exception("job_failed", number=number, job=work.id, kind=kind.name)
            reason = type(error).__name__
            work.write(lambda tx: work.fail(tx, kind, number, reason))


class _Work(Running):
    """A job that runs, as its function sees it."""

    def __init__(self, runner: Runner, job: jobs.Job, loop: asyncio.AbstractEventLoop) -> None:
        self.id = job.id
        self.person = job.person
        self.data = job.data["given"]
        self.cursor = job.cursor
        self.company = runner.company
        self.database = runner.database
        self.finished = False
        self._place = job.data["place"]
        self._runner = runner
        self._loop = loop
        self._keys: list[str] = []
        self._wanted = False
        self._memory = Memory()

    def now(self) -> datetime:
        return self._runner.clock()

    def read(self, work: Callable[[Transaction], T]) -> T:
        return asyncio.run_coroutine_threadsafe(self.database.read(work), self._loop).result()

    def write(self, work: Callable[[Transaction], T]) -> T:
        runner = self._runner
        if runner.stopping:
            raise Stopping

        def piece(tx: Transaction) -> T:
            self._keys, self._wanted = [], False
            if not jobs.hold(tx, self.id, runner.owner, self.now() + runner.lease):
                raise Lost
            return work(tx)

        result = jobs.run_piece(self.database, piece)
        if self._keys:
            self._loop.call_soon_threadsafe(runner.out.kick, tuple(self._keys))
        if self._wanted:
            self._loop.call_soon_threadsafe(runner.kick)
        self._memory.give_back()
        return result

    def save(self, tx: Transaction, cursor: Any) -> None:
        jobs.save(tx, self.id, cursor)
        self.cursor = cursor

    def say(self, tx: Transaction, reply: Reply) -> None:
        self._keys += self._runner.out.say(tx, self.id, self._place, self.person, reply, self.now())

    def tell(self, tx: Transaction, messages: Sequence[Message] = (), facts: Sequence[object] = ()) -> None:
        heard: list[Message] = []
        if facts:
            heard, wanted = hear_all(self._runner.listeners, facts, self.request(tx), tx)
            for one in wanted:
                self.start(tx, one)
        for message in (*messages, *heard):
            self._keys += self._runner.out.message(tx, message, self.now())

    def start(self, tx: Transaction, wanted: JobWanted) -> None:
        data = data_of(wanted, self._place if wanted.edits else None)
        jobs.put(tx, kind=wanted.kind, key=wanted.key, person=self.person, data=data, at=self.now())
        self._wanted = True

    def request(self, tx: Transaction) -> Request:
        return request_for(tx, self.company, self.person, self.id, self.now())

    def finish(self, tx: Transaction) -> None:
        jobs.settle(tx, self.id, "done", at=self.now())
        self.finished = True

    def fail(self, tx: Transaction, kind: JobKind, number: str, reason: str) -> None:
        """It ended by a mistake of ours."""
        if kind.failed is not None:
            kind.failed(self, tx, number)
        else:
            self.say(tx, Reply(f"That did not work: I made a mistake, and an admin finds it in my log as {number}."))
        jobs.settle(tx, self.id, "failed", at=self.now(), error=f"{number} {reason}")


def request_for(tx: Transaction, company: Company, person: str | None, job: str, now: datetime) -> Request:
    """A request without anybody saying anything: in the name of `person`, else of Pacer's own."""
    known = people.person(tx, person) if person else None
    zone = (known.zone if known else "") or company.zone
    basis = Basis(now.astimezone(ZoneInfo(zone)), company.date_order, NameIndex(), 0)
    actor = Actor("", "Pacer", "", frozenset())
    if known is not None:
        holds = people.circumstances(tx, known.id, basis.now.date())
        email = known.email or ""
        roles = holds.roles | {"admin"} if email in company.admins else holds.roles
        actor = Actor(known.id, known.name, email, roles, holds.reports)
    install = (people.install_for(tx, person) if person else None) or ""
    incoming = Incoming(install, f"job:{job}", Profile(""), Said(""), "direct", Address())
    return Request(incoming=incoming, actor=actor, company=company, basis=basis, now=now)
