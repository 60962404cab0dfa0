"""The one place where the parts are joined: ordinary constructor calls, in the order in which a message walks."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol, TypeAlias

import structlog
from aiohttp import web

from bot.answer import TakesTurns
from bot.config import Settings
from bot.disturbed import DoNotDisturb, TellsDisturb
from bot.outbound import Outbound
from bot.playground import demo
from bot.playground.clock import MovableClock
from bot.playground.room import INSTALL as PLAYGROUND
from bot.playground.server import Playground
from bot.reception import Reception, utc_now
from bot.roles import BOTH, Roles
from bot.slack.install import SlackInstall
from bot.teams.install import TeamsInstall
from bot.watching import Watcher
from bot.work import JobsOut
from handlers import COMMANDS, DUE, JOBS, LISTENERS, TOPICS
from handlers.conversation.command import Command
from scheduled.clock import Clock, prune
from scheduled.delivery import Delivery
from scheduled.jobs import Runner
from scheduled.planning import Planner
from scheduled.sending import Sender
from scheduled.speaking import Speaker
from storage import installs as install_rows
from storage import outbox
from storage.database import Transaction, open_database
from storage.migrate import migrate
from storage.vault import Vault

log = structlog.get_logger(__name__)

TICK = 1.0
"""Seconds between two looks at the outbox for what other processes left or what has become due."""
LOOK = 30.0
"""Seconds between two looks at whether a scheduled import is due."""
UNASKED = 5.0
"""Seconds between two looks at what is to be said unasked."""
HOUSEKEEPING = 3600.0


class Core:
    """What every platform stands on: the rows, the turns and the delivery."""

    def __init__(
        self,
        settings: Settings,
        database_url: str,
        *,
        platforms: dict[str, str],
        clock: Callable[[], datetime] = utc_now,
        commands: tuple[Command, ...] = COMMANDS,
        roles: Roles = BOTH,
    ) -> None:
        """`platforms` maps each install's name to its platform. Raises storage.migrate.NotReady."""
        self._roles = roles
        self.database = open_database(database_url)
        migrate(self.database)
        self.senders: dict[str, Sender] = {}
        self.commands = commands
        self._now = clock
        self._company = settings.company
        vault = Vault(settings.key or secrets.token_urlsafe(32))
        self.delivery = Delivery(
            self.database,
            self.senders,
            platform_of=platforms.__getitem__,
            vault=vault,
            clock=clock,
            operator=tell_operator,
            owner=secrets.token_hex(8),
            install_gone=self._install_gone,
            takes_others=roles.works,
        )
        self.turns = Reception(
            database=self.database,
            company=settings.company,
            commands=commands,
            listeners=LISTENERS,
            vault=vault,
            clock=clock,
            outgoing=self.delivery,
        )
        self._outbound = Outbound(vault, self.delivery.owner)
        out = JobsOut(self._outbound, self.delivery)
        self.jobs = Runner(
            self.database,
            settings.company,
            JOBS,
            LISTENERS,
            out=out,
            clock=clock,
            owner=self.delivery.owner,
        )
        if roles.works:
            self.turns.jobs_begun = self.jobs.kick
        self.watcher = Watcher(self.database, settings.company, settings.imports, self.jobs, out, clock)
        self.planner = Planner(self.database, settings.company, TOPICS, clock=clock, owner=self.delivery.owner)
        self.disturb = DoNotDisturb(platforms.get)
        self._speaker = Speaker(self.database, settings.company, TOPICS, out=out, clock=clock, disturbed=self.disturb)
        self._speaking = asyncio.Lock()
        self._clock: Clock | None = None

    async def start(self) -> None:
        """Warm what is slow at first use, deliver what waits, and begin to tick."""
        await self.turns.warm()
        await self.delivery.start()
        self._clock = Clock()
        self._clock.every(TICK, self.delivery.tick, name="delivery")
        if self._roles.works:
            await self.settle_due()
            await self.database.write(self.planner.declare)
            self._clock.every(TICK, self.jobs.tick, name="jobs")
            self._clock.every(UNASKED, self.say_what_is_due, name="unasked")
            self._clock.every(LOOK, self.watcher.tick, name="scheduled imports")
            self._clock.every(HOUSEKEEPING, self._housekeeping, name="housekeeping")
        self._clock.start()

    async def stop(self) -> None:
        """Finish what was begun."""
        if self._clock is not None:
            await self._clock.stop()
        await self.turns.drain()
        await self.jobs.stop()
        await self.delivery.stop()
        self.database.close()

    async def say_what_is_due(self) -> None:
        """Plan what has come up, then say what may be said now."""
        async with self._speaking:
            await self.planner.tick()
            await self._speaker.tick()

    async def _housekeeping(self) -> None:
        now = self._now()
        await self.database.write(lambda tx: prune(tx, now))
        await self.settle_due()

    async def settle_due(self) -> None:
        """What a day that is over brings with it, and who is told."""
        now = self._now()

        def settle(tx: Transaction) -> list[str]:
            said = [message for due in DUE for message in due(tx, self._company, now)]
            return [key for message in said for key in self._outbound.put_message(tx, message, now)]

        self.delivery.kick(await self.database.write(settle))

    async def _install_gone(self, install: str) -> None:
        await self.turns.uninstalled(install)


def tell_operator(sentence: str, /, **details: str) -> None:
    """What an operator must know goes to the log, at a level that is looked at. `details` are ids and reasons."""
    log.error(sentence, **details)


class Platform(Protocol):
    """A chat platform: what it hears goes to the turns, what goes out leaves by its sender."""

    name: str

    @property
    def sender(self) -> Sender:
        """Its way out."""

    @property
    def disturb(self) -> TellsDisturb | None:
        """What it tells of people who want no notifications now; None: it tells no app."""

    def add_to(self, application: web.Application) -> None:
        """Serve its path on the one HTTP application."""

    async def start(self) -> None:
        """Begin to listen by other ways than HTTP."""

    async def stop(self) -> None:
        """Take nothing new by them."""

    async def drain(self) -> None:
        """Wait for what was begun beside the turns."""

    async def close(self) -> None:
        """Let go of every connection, when nothing is sent any more."""


class Application:
    """`pacer run` with installs: every platform that has one, on one HTTP server."""

    def __init__(self, settings: Settings, *, clock: Callable[[], datetime] = utc_now, roles: Roles = BOTH) -> None:
        self._settings = settings
        self._roles = roles
        self.core = Core(
            settings,
            settings.database_url,
            platforms={install.name: install.platform for install in settings.installs},
            clock=clock,
            roles=roles,
        )
        living = _declare(self.core, settings.installs, clock())
        self.platforms = _platforms(settings, living, self.core.turns)
        for platform in self.platforms:
            self.core.senders[platform.name] = platform.sender
            if platform.disturb is not None:
                self.core.disturb.told_by[platform.name] = platform.disturb
        self._runner: web.AppRunner | None = None
        self.address = ""

    async def start(self) -> str:
        """Serve; the address that HTTP is served at."""
        await self.core.start()
        application = web.Application()
        listening = self.platforms if self._roles.serves else ()
        for platform in listening:
            platform.add_to(application)
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        http = self._settings.http
        await web.TCPSite(self._runner, http.host, http.port).start()
        for platform in listening:
            await platform.start()
        host, port = self._runner.addresses[0][:2]
        self.address = f"http://{host}:{port}"
        return self.address

    async def stop(self) -> None:
        """Take nothing new, finish what was begun."""
        for platform in self.platforms:
            await platform.stop()
        if self._runner is not None:
            await self._runner.cleanup()
        await self.drain()
        await self.core.stop()
        for platform in self.platforms:
            await platform.close()

    async def drain(self) -> None:
        """Wait for what the platforms do beside the turns."""
        for platform in self.platforms:
            await platform.drain()


Install: TypeAlias = SlackInstall | TeamsInstall


def _platforms(settings: Settings, living: Sequence[Install], turns: TakesTurns) -> tuple[Platform, ...]:
    """Those that an install is listed for. Each SDK takes half a second to import, so only those."""
    platforms: list[Platform] = []
    if settings.slack:
        from bot.slack.platform import SlackPlatform

        workspaces = [install for install in living if isinstance(install, SlackInstall)]
        platforms.append(SlackPlatform(settings, workspaces, turns))
    if settings.teams:
        from bot.teams.platform import TeamsPlatform

        tenants = [install for install in living if isinstance(install, TeamsInstall)]
        platforms.append(TeamsPlatform(settings, tenants, turns))
    return tuple(platforms)


def _declare(core: Core, listed: Sequence[Install], now: datetime) -> tuple[Install, ...]:
    """Those of the listed installs that live: one that was uninstalled stays out until it has another secret."""

    def declare(tx: Transaction) -> tuple[Install, ...]:
        living = []
        for install in listed:
            known = install_rows.declare(
                tx, install.name, install.platform, install.external_id, _fingerprint(install), now
            )
            if known.revived:
                # A send that was on its way when the app was removed may have been put back to wait.
                outbox.withdraw(tx, now=now, install=install.name, begun=True)
            if not known.removed:
                living.append(install)
        return tuple(living)

    living = core.database.submit(declare).result()
    for install in listed:
        if install not in living:
            tell_operator(
                "This install was uninstalled. Install the app again and put its new secret into the environment.",
                install=install.name,
            )
    return living


def _fingerprint(install: Install) -> str:
    return hashlib.sha256(install.credential.encode()).hexdigest()[:16]


class PlaygroundApplication:
    """`pacer run` without any install: the demo company, on this machine alone."""

    def __init__(
        self, settings: Settings, *, clock: Callable[[], datetime] = utc_now, commands: tuple[Command, ...] = COMMANDS
    ) -> None:
        self._clock = clock = MovableClock(clock)
        self.core = Core(
            settings,
            settings.playground.database_url,
            platforms={PLAYGROUND: "playground"},
            clock=clock,
            commands=commands,
        )
        now = clock()
        self.core.database.submit(lambda tx: demo.settle(tx, settings.company, now)).result()
        self.playground = Playground(
            turns=self.core.turns,
            commands=commands,
            people=demo.people_of(settings.company),
            clock=clock,
            leap=self.leap,
            company=settings.company,
            host=settings.playground.host,
            port=settings.playground.port,
        )
        self.core.senders["playground"] = self.playground.sender

    async def leap(self, until: datetime) -> None:
        """Take the playground's clock forward, from one thing that is due to the next, so that each is said in its
        time. Everybody of the demo company is met before, for nobody else is written to."""
        for person in self.playground.room.people:
            await self.playground.room.open_home(person)
        await self.core.delivery.idle()
        await self.core.say_what_is_due()
        while (following := await self.core.planner.next(until)) is not None:
            # What was said is delivered before its time is over.
            await self.core.delivery.idle()
            self._clock.move_to(following)
            await self.core.say_what_is_due()
        await self.core.delivery.idle()
        self._clock.move_to(until)
        await self.core.settle_due()
        await self.core.delivery.tick()

    async def start(self) -> str:
        """Serve the page; its address."""
        await self.core.start()
        return await self.playground.start()

    async def stop(self) -> None:
        """Close the page, finish what was begun."""
        await self.playground.stop()
        await self.core.stop()


def application(settings: Settings, roles: Roles = BOTH) -> Application | PlaygroundApplication:
    """What `pacer run` runs with these settings. For the playground there is one process."""
    return Application(settings, roles=roles) if settings.installs else PlaygroundApplication(settings)


def moved_clock(start: datetime) -> Callable[[], datetime]:
    """A clock that shows `start` now and goes on from there."""
    difference: timedelta = start - utc_now()
    return lambda: utc_now() + difference
