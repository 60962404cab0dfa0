"""The one place where the parts are joined: ordinary constructor calls, in the order in which a message walks."""

from __future__ import annotations

import asyncio
import dataclasses
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog
from aiohttp import web

from bot.config import Settings
from bot.disturbed import DoNotDisturb
from bot.feeds import FeedReader
from bot.finding import EVERY, Finder
from bot.health import Health
from bot.outbound import Outbound
from bot.platforms import declare, platforms_of, tell_operator
from bot.playground import demo
from bot.playground.clock import MovableClock
from bot.playground.room import INSTALL as PLAYGROUND
from bot.playground.server import Playground
from bot.process import close, in_time
from bot.reception import Reception, utc_now
from bot.roles import BOTH, Roles
from bot.watching import Watcher
from bot.work import JobsOut
from handlers import COMMANDS, DUE, JOBS, LISTENERS, TOPICS
from handlers.conversation.command import Command
from scheduled.clock import Clock, prune
from scheduled.delivery import STOP_GRACE, Delivery
from scheduled.jobs import Runner
from scheduled.planning import Planner
from scheduled.sending import Sender
from scheduled.speaking import Speaker
from storage.database import Transaction, open_database
from storage.migrate import migrate
from storage.vault import Vault

if TYPE_CHECKING:
    from bot.metrics import Metrics, MetricsListener

log = structlog.get_logger(__name__)

TICK = 1.0
"""Seconds between two looks at the outbox for what other processes left or what has become due."""
LOOK = 30.0
"""Seconds between two looks at whether a scheduled import is due."""
FEEDS = 5.0
"""Seconds between two looks at whether a calendar is to be read."""
UNASKED = 5.0
"""Seconds between two looks at what is to be said unasked."""
HOUSEKEEPING = 3600.0
ON_THE_WAY = timedelta(hours=12)
"""How often what the housekeeping settles is settled while the playground's clock is moved."""
BEGUN = 15.0
"""Seconds that a stop waits for turns, for jobs to come to the end of their piece, and for what is being planned."""


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
        unasked: float = UNASKED,
    ) -> None:
        """`platforms` maps each install's name to its platform; `unasked`: seconds between two looks at what is to be
        said unasked. Raises storage.migrate.NotReady."""
        self._roles = roles
        self._unasked = unasked
        self.database = open_database(database_url)
        migrate(self.database)
        self.senders: dict[str, Sender] = {}
        self.commands = commands
        self.now = clock
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
        self.feeds = FeedReader(self.database, vault, self.jobs, clock)
        self.planner = Planner(self.database, settings.company, TOPICS, clock=clock, owner=self.delivery.owner)
        self.disturb = DoNotDisturb(platforms.get)
        self._speaker = Speaker(self.database, settings.company, TOPICS, out=out, clock=clock, disturbed=self.disturb)
        self.finder = Finder(self.database, settings.company, clock=clock, owner=self.delivery.owner)
        self._speaking = asyncio.Lock()
        self._clock: Clock | None = None
        self.metrics: Metrics | None = None

    def ages(self) -> dict[str, float]:
        """Seconds since each tick came to a good end."""
        return self._clock.ages() if self._clock is not None else {}

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
            self._clock.every(self._unasked, self.say_what_is_due, name="unasked")
            self._clock.every(LOOK, self.watcher.tick, name="scheduled imports")
            self._clock.every(FEEDS, self.feeds.tick, name="calendars")
            self._clock.every(EVERY, self.finder.tick, name="finding")
            self._clock.every(HOUSEKEEPING, self._housekeeping, name="housekeeping")
        self._clock.start()

    async def stop(self) -> bool:
        """Finish what was begun and let go of the rest, so that another process goes on at once. Whether all that was
        begun came to its end in time; where not, a thread may still be at it."""
        self.jobs.stopping = True
        ticking = self._clock.stop(BEGUN) if self._clock is not None else asyncio.sleep(0)
        ended = await asyncio.gather(
            in_time(ticking, BEGUN + 1),
            in_time(self.turns.drain(), BEGUN),
            in_time(self.jobs.stop(BEGUN), BEGUN + 1),
        )
        whole = all(ended)
        await in_time(self.planner.let_go(), 2)
        await in_time(self.finder.let_go(), 2)
        whole &= await in_time(self.delivery.stop(), STOP_GRACE + 5)
        if whole:
            self.database.close()
        return whole

    async def say_what_is_due(self) -> None:
        """Plan what has come up, then say what may be said now."""
        async with self._speaking:
            await self.planner.tick()
            if self.planner.plans:
                # Several that speak at once meet at the same people, and each holds the others up.
                await self._speaker.tick()

    async def _housekeeping(self) -> None:
        now = self.now()
        await self.database.write(lambda tx: prune(tx, now))
        await self.settle_due()

    async def settle_due(self) -> None:
        """What a day that is over brings with it, and who is told."""
        now = self.now()

        def settle(tx: Transaction) -> list[str]:
            said = [message for due in DUE for message in due(tx, self._company, now)]
            return [key for message in said for key in self._outbound.put_message(tx, message, now)]

        self.delivery.kick(await self.database.write(settle))

    async def _install_gone(self, install: str) -> None:
        await self.turns.uninstalled(install)


class Application:
    """`pacer run` with installs: every platform that has one, on one HTTP server."""

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Callable[[], datetime] = utc_now,
        roles: Roles = BOTH,
        unasked: float = UNASKED,
    ) -> None:
        self._settings = settings
        self._roles = roles
        self.core = Core(
            settings,
            settings.database_url,
            platforms={install.name: install.platform for install in settings.installs},
            clock=clock,
            roles=roles,
            unasked=unasked,
        )
        living = declare(self.core.database, settings.installs, clock())
        self.platforms = platforms_of(settings, living, self.core.turns)
        self.health = Health(
            self.core.database, beat=lambda: self.core.ages().get("clock", 0.0), listening=self._listening
        )
        self._figures = self._with_figures() if settings.metrics.port else None
        for platform in self.platforms:
            count = self.core.metrics.counted if self.core.metrics else _as_it_is
            self.core.senders[platform.name] = count(platform.name, platform.sender)
            self.core.finder.told_by[platform.name] = platform.finds
            if platform.disturb is not None:
                self.core.disturb.told_by[platform.name] = platform.disturb
        self._runner: web.AppRunner | None = None
        self.address = ""

    def _with_figures(self) -> MetricsListener:
        """Count, and give the figures to who asks."""
        from bot.metrics import Metrics, MetricsListener

        core = self.core
        core.metrics = Metrics(
            core.database,
            commands=[command.name for command in core.commands],
            roles=self._roles,
            clock=core.now,
            ages=core.ages,
            plans=lambda: core.planner.plans,
            ready=self.health.ready,
        )
        core.turns.measured = core.metrics.turn
        return MetricsListener(core.metrics, self._settings.metrics)

    @property
    def metrics_address(self) -> str:
        """Where figures are given; empty for nowhere."""
        return self._figures.address if self._figures is not None else ""

    async def start(self) -> str:
        """Serve; the address that HTTP is served at."""
        await self.core.start()
        application = web.Application()
        self.health.add_to(application)
        listening = self.platforms if self._roles.serves else ()
        for platform in listening:
            platform.add_to(application)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=BEGUN)
        await self._runner.setup()
        http = self._settings.http
        await web.TCPSite(self._runner, http.host, http.port).start()
        for platform in listening:
            await platform.start()
        if self._figures is not None:
            await self._figures.start()
        self.health.starting = False
        host, port = self._runner.addresses[0][:2]
        self.address = f"http://{host}:{port}"
        return self.address

    async def _listening(self) -> str:
        """Why nothing reaches this process, if so: no platform has a way in that stands."""
        if not self._roles.serves:
            return ""
        missing = [await platform.missing() for platform in self.platforms]
        return missing[0] if missing and all(missing) else ""

    async def leave(self) -> None:
        """Say at `/readyz` that nobody should be sent here any more, and give a proxy the time to see it: what comes
        all the same is still taken. Jobs are left to other processes from now on."""
        self.health.stopping = self.core.jobs.stopping = True
        if self._roles.serves:
            await asyncio.sleep(self._settings.http.leave)

    async def stop(self) -> bool:
        """Take nothing new, finish what was begun; whether it came to its end in time."""
        self.health.stopping = True
        for platform in self.platforms:
            await platform.stop()
        if self._runner is not None:
            await close(self._runner)
        whole = await in_time(self.drain(), BEGUN)
        whole &= await self.core.stop()
        if self._figures is not None:
            await self._figures.stop()
        for platform in self.platforms:
            await platform.close()
        return whole

    async def drain(self) -> None:
        """Wait for what the platforms do beside the turns."""
        for platform in self.platforms:
            await platform.drain()


def _as_it_is(_platform: str, sender: Sender) -> Sender:
    return sender


class PlaygroundApplication:
    """`pacer run` without any install: the demo company, on this machine alone."""

    def __init__(
        self, settings: Settings, *, clock: Callable[[], datetime] = utc_now, commands: tuple[Command, ...] = COMMANDS
    ) -> None:
        self._clock = clock = MovableClock(clock)
        settings = dataclasses.replace(settings, company=demo.with_a_channel(settings.company))
        self.core = Core(
            settings,
            settings.playground.database_url,
            platforms={PLAYGROUND: "playground"},
            clock=clock,
            commands=commands,
        )
        now = clock()
        settle, people_of = demo.settle, demo.people_of
        if settings.playground.demo == "large":
            # Read where it is wanted: the small one is to be there at once.
            from bot.playground.large.company import people_of, settle
        self.core.database.submit(lambda tx: settle(tx, settings.company, now)).result()
        self.playground = Playground(
            turns=self.core.turns,
            commands=commands,
            people=people_of(settings.company),
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
        await self.core.settle_due()
        await self.core.say_what_is_due()
        settled = self._clock()
        while self._clock() < until:
            stop = min(until, settled + ON_THE_WAY)
            following = await self.core.planner.next(stop)
            # What was said is delivered before its time is over.
            await self.core.delivery.idle()
            self._clock.move_to(following or stop)
            if following is None:
                # As the housekeeping would: meetings are planned a day ahead.
                settled = stop
                await self.core.settle_due()
            await self.core.say_what_is_due()
        await self.core.delivery.idle()
        await self.core.delivery.tick()

    async def start(self) -> str:
        """Serve the page; its address."""
        await self.core.start()
        return await self.playground.start()

    async def leave(self) -> None:
        """Nobody stands between the page and its reader."""

    async def stop(self) -> bool:
        """Close the page, finish what was begun; whether it came to its end in time."""
        await self.playground.stop()
        return await self.core.stop()


def application(settings: Settings, roles: Roles = BOTH) -> Application | PlaygroundApplication:
    """What `pacer run` runs with these settings. For the playground there is one process."""
    return Application(settings, roles=roles) if settings.installs else PlaygroundApplication(settings)


def moved_clock(start: datetime) -> Callable[[], datetime]:
    """A clock that shows `start` now and goes on from there."""
    difference: timedelta = start - utc_now()
    return lambda: utc_now() + difference
