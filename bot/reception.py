"""Where everything that people do is received: once, in order, and in time.

The walk itself is bot/turn.py. Here is what has to do with time: the same thing that comes again while its first is
under way joins it, one person's turns run in the order of arrival, and who has waited 2 s for the database is told so.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeAlias

import msgspec
import structlog

from bot import documents
from bot.answer import Answer, Outgoing
from bot.attached import Fetch
from bot.committing import Committed, event_of
from bot.outbound import Outbound
from bot.turn import Turn
from handlers.conversation.command import Command, Listener
from handlers.conversation.company import Company
from handlers.conversation.errors import UserError
from handlers.conversation.reply import Form, Reply, Text
from handlers.conversation.request import Attached, HomeOpened, Incoming, LogThis, Profile, Said, Submitted
from storage import accounts, audit, finding, inbox, installs, outbox, people
from storage.database import Database, StorageError, Transaction, Unavailable
from storage.vault import Vault

log = structlog.get_logger(__name__)

Ending: TypeAlias = Literal["answered", "mistaken", "repeated", "failed", "not stored"]
"""How a turn ended: `mistaken` with a sentence about what the person did, `failed` by a mistake of ours."""
PATIENCE = 2.0
"""Seconds until a person hears that it is not saved yet (Slack gives 3)."""
NOT_SAVED_YET = "Not saved yet, I will confirm."
STILL_FETCHING = "I am still fetching your file, and answer when I have it."


class OwnFault(UserError):
    """That was not saved: I made a mistake, and an admin finds it in my log as {number}."""

    def __init__(self, number: str, typed: str) -> None:
        super().__init__(number=number)
        self._typed = typed

    def as_reply(self) -> Reply:
        """The sentence, and what was typed."""
        return _with_words(self.sentence, self._typed)


def _with_words(sentence: str, typed: str) -> Reply:
    if not typed:
        return Reply(text=sentence)
    return Reply(text=f"{sentence} Your words: {typed}", parts=(Text(sentence), Text(typed, style="quiet")))


def _typed(incoming: Incoming) -> str:
    match incoming.what:
        case Said(text=text) | LogThis(text=text):
            return text
        case Submitted(values=values):
            return " · ".join(value for value in values.values() if value.strip())
        case _:
            return ""


class _Running:
    """A turn that is under way, and who waits for it."""

    __slots__ = ("also", "began", "ended", "fetching", "late", "waiters")

    def __init__(self) -> None:
        self.began = time.perf_counter()
        self.ended: Ending = "answered"
        self.fetching = False
        """Files that came with it are on their way."""
        self.late: Answer | None = None
        """What the person was told when it took too long."""
        self.waiters: list[asyncio.Future[Answer]] = []
        self.also: list[Incoming] = []
        """The same thing sent again under another id, to be remembered under that one too."""

    def tell(self, answer: Answer) -> None:
        for waiter in self.waiters:
            if not waiter.done():
                waiter.set_result(answer)
        self.waiters.clear()


class Reception:
    """Implements bot.answer.TakesTurns. One for the process."""

    def __init__(
        self,
        *,
        database: Database,
        company: Company,
        commands: tuple[Command, ...],
        listeners: tuple[Listener, ...],
        vault: Vault,
        clock: Callable[[], datetime],
        outgoing: Outgoing,
        patience: float = PATIENCE,
    ) -> None:
        self._database = database
        self._outbound = Outbound(vault, outgoing.owner)
        self._turn = Turn(company=company, commands=commands, listeners=listeners, outbound=self._outbound, clock=clock)
        self._clock = clock
        self._outgoing = outgoing
        self._patience = patience
        self.jobs_begun: Callable[[], None] = lambda: None
        """Called when a turn has committed a job; bot/app.py gives the runner's."""
        self.measured: Callable[[str, Ending, float], None] = lambda command, ended, seconds: None
        """Called at the end of each turn with the command that it came to (empty: none), for the figures."""
        self._running: dict[object, _Running] = {}
        self._last: dict[tuple[str, str], asyncio.Task[None]] = {}

    async def warm(self) -> None:
        """Do once, at the start, what would make the first person wait."""
        await self._database.read(self._turn.warm)

    async def drain(self) -> None:
        """Wait for the turns that are under way."""
        while self._last:
            await asyncio.wait(list(self._last.values()))

    async def take(self, incoming: Incoming, fetch: Fetch | None = None) -> Answer:
        """See TakesTurns."""
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[Answer] = loop.create_future()
        keys = _same_as(incoming)
        joined = next((self._running[key] for key in keys if key in self._running), None)
        if joined is not None:
            if keys[0] not in self._running:
                joined.also.append(incoming)
            if joined.late is not None:
                return joined.late
            joined.waiters.append(waiter)
            return await waiter
        running = _Running()
        running.waiters.append(waiter)
        for key in keys:
            self._running[key] = running
        who = (incoming.install, incoming.profile.external_id)
        # Files come while the person's earlier turns run; what they say later waits in the line behind.
        files = loop.create_task(self._files(incoming, fetch, running)) if fetch is not None else None
        task = loop.create_task(self._to_the_end(incoming, running, keys, self._last.get(who), files))
        self._last[who] = task
        timer = loop.call_later(self._patience, self._lose_patience, incoming, running)

        def tidy(_done: object) -> None:
            timer.cancel()
            if self._last.get(who) is task:
                del self._last[who]

        task.add_done_callback(tidy)
        return await waiter

    def _lose_patience(self, incoming: Incoming, running: _Running) -> None:
        reply = Reply(text=STILL_FETCHING if running.fetching else NOT_SAVED_YET)
        running.late = Answer(reply=reply if incoming.inline else None, pending=True)
        if not incoming.inline and not isinstance(incoming.what, HomeOpened):
            saying = asyncio.get_running_loop().create_task(self._outgoing.at_once(incoming, reply))
            saying.add_done_callback(lambda done: done.cancelled() or done.exception())
        running.tell(running.late)

    async def _files(self, incoming: Incoming, fetch: Fetch, running: _Running) -> tuple[Attached, ...] | None:
        """The files that came with it; None where nobody wants them. Raises what the database raises."""
        if not await self._database.read(lambda tx: self._turn.wants_files(tx, incoming)):
            return None
        running.fetching = True
        try:
            return await fetch()
        finally:
            running.fetching = False

    async def _to_the_end(
        self,
        incoming: Incoming,
        running: _Running,
        keys: tuple[object, ...],
        before: asyncio.Task[None] | None,
        files: asyncio.Task[tuple[Attached, ...] | None] | None,
    ) -> None:
        try:
            if before is not None and not before.done():
                await asyncio.wait((before,))
            if files is not None and (came := await files) is not None:
                assert isinstance(incoming.what, Said)
                incoming = msgspec.structs.replace(incoming, what=msgspec.structs.replace(incoming.what, files=came))
            since = self._clock()
            committed = await self._commit(incoming, running)
            if running.late is not None and not committed.in_outbox:
                committed = await self._follow_up(incoming, committed, since)
            while running.also:
                again = running.also.pop()
                await self._database.write(lambda tx, again=again: self._remember_too(tx, incoming, again))  # type: ignore[misc]
            if committed.keys:
                self._outgoing.kick(committed.keys)
            if committed.jobs:
                self.jobs_begun()
            if committed.answer.replayed:
                running.ended = "repeated"
            running.tell(committed.answer)
        except StorageError as error:
            running.ended = "not stored"
            self._turn.names.forget()
            log.error("turn_not_stored", install=incoming.install, reason=type(error).__name__)
            await self._say_not_stored(incoming, running, error)
        except Exception:
            # Not even the mistake could be written down.
            running.ended = "not stored"
            log.exception("turn_lost", install=incoming.install, what=type(incoming.what).__name__)
            await self._say_not_stored(incoming, running, Unavailable())
        finally:
            for key in keys:
                self._running.pop(key, None)
            running.tell(Answer())
            command = self._turn.used.pop(event_of(incoming), "")
            self.measured(command, running.ended, time.perf_counter() - running.began)

    async def _commit(self, incoming: Incoming, running: _Running) -> Committed:
        try:
            prepared = self._turn.prepare(incoming)
            return await self._database.write(
                lambda tx: self._turn.run(tx, incoming, prepared, late=running.late is not None)
            )
        except StorageError:
            raise
        except UserError as error:
            mistake, running.ended = error, "mistaken"
        except Exception:
            running.ended = "failed"
            number = secrets.token_hex(4)
            log.exception("turn_failed", number=number, install=incoming.install, what=type(incoming.what).__name__)
            mistake = OwnFault(number, _typed(incoming))
        return await self._database.write(
            lambda tx: self._turn.mistaken(tx, incoming, mistake, late=running.late is not None)
        )

    async def _follow_up(self, incoming: Incoming, committed: Committed, since: datetime) -> Committed:
        """It was committed while the person was told to wait. Due before the turn was, so that the answer stands above
        what is asked because of it."""
        reply = committed.answer.reply
        if committed.answer.form is not None:
            await self.form_missed(incoming, committed.answer.form)
        if committed.answer.problems:
            reply = _with_words(f"Not saved: {' '.join(committed.answer.problems.values())}", _typed(incoming))
        if reply is None:
            return committed
        key = f"{event_of(incoming)}:reply"
        due = since - timedelta(microseconds=1)
        await self._database.write(lambda tx: self._outbound.put_reply(tx, incoming, reply, key, due))
        return msgspec.structs.replace(committed, keys=(*committed.keys, key), in_outbox=True)

    def _remember_too(self, tx: Transaction, first: Incoming, again: Incoming) -> None:
        answer = inbox.answer_to(tx, event_of(first))
        if answer is not None and inbox.answer_to(tx, event_of(again)) is None:
            inbox.remember(tx, event_of(again), answer, self._clock())

    async def _say_not_stored(self, incoming: Incoming, running: _Running, error: StorageError) -> None:
        reply = _with_words(str(error), _typed(incoming))
        if running.late is not None or not incoming.inline:
            await self._outgoing.at_once(incoming, reply)
        running.tell(Answer(reply=reply if incoming.inline else None))

    # ------------------------------------------------------------ beside the turns

    async def form_missed(self, incoming: Incoming, form: Form) -> None:
        """See TakesTurns."""
        key = f"{event_of(incoming)}:form"

        def offer(tx: Transaction) -> None:
            known = people.identity(tx, incoming.install, incoming.profile.external_id)
            if known is not None:
                reply = self._outbound.offer_form(tx, form, known.person.id, self._clock())
                self._outbound.put_reply(tx, incoming, reply, key, self._clock(), replace=False)

        await self._database.write(offer)
        self._outgoing.kick((key,))

    async def file_answered(self, incoming: Incoming, file: str, upload: str) -> None:
        """See TakesTurns."""
        keys: list[str] = await self._database.write(
            lambda tx: documents.answered(tx, self._outbound, incoming, file, upload, self._clock())
        )
        self._outgoing.kick(keys)

    async def left(self, install: str, user: str, conversation: str, event: str, team: str = "") -> None:
        """See TakesTurns."""

        def leave(tx: Transaction) -> None:
            now, key = self._clock(), f"{install}:{event}"
            if inbox.answer_to(tx, key) is not None:
                return
            inbox.remember(tx, key, "", now)
            known = people.identity(tx, install, user)
            where, withdrawn = conversation, 0
            if not conversation and known is not None:
                withdrawn = outbox.withdraw(tx, now=now, install=install, person=known.person.id)
                where = known.direct
                people.reach(tx, known, direct="", service=known.service)
            if where:
                withdrawn += outbox.withdraw(tx, now=now, install=install, conversation=where)
            if team:
                finding.drop_rosters(tx, install, team)
            audit.write(
                tx,
                "app removed",
                at=now,
                person=known.person.id if known else None,
                install=install,
                details={"conversation": conversation, "withdrawn": withdrawn},
            )

        await self._database.write(leave)

    async def joined(self, install: str, team: str, service: str) -> None:
        """See TakesTurns."""
        await self._database.write(lambda tx: finding.add_roster(tx, install, team, service, self._clock()))

    async def accounts_like(self, install: str, profile: Profile, words: str, limit: int) -> list[str]:
        """See TakesTurns."""

        def search(tx: Transaction) -> list[str]:
            known = people.identity(tx, install, profile.external_id)
            if known is None or known.refused or known.person.left or not profile.member:
                return []
            return accounts.search(tx, words, limit)

        return await self._database.read(search)

    async def uninstalled(self, install: str, event: str = "") -> None:
        """See TakesTurns."""

        def remove(tx: Transaction) -> None:
            now, key = self._clock(), f"{install}:{event}"
            if event and inbox.answer_to(tx, key) is not None:
                return
            if event:
                inbox.remember(tx, key, "", now)
            installs.remove(tx, install, now)
            finding.drop_rosters(tx, install)
            withdrawn = outbox.withdraw(tx, now=now, install=install)
            audit.write(tx, "uninstalled", at=now, person=None, install=install, details={"withdrawn": withdrawn})

        await self._database.write(remove)


def _same_as(incoming: Incoming) -> tuple[object, ...]:
    """Under which keys an event that is the same as this one is found while it runs: its own first."""
    exact = event_of(incoming)
    # Two files of the same name and without words are two files.
    if isinstance(incoming.what, Said) and not incoming.what.files:
        return exact, (incoming.install, incoming.profile.external_id, incoming.reply_to.conversation, incoming.what)
    return (exact,)


def utc_now() -> datetime:
    """The machine's clock."""
    return datetime.now(UTC)
