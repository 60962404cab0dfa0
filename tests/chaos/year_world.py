"""The world of the simulated year: people in 12 zones, and processes that come and go by a clock that is moved."""

from __future__ import annotations

import asyncio
import dataclasses
import random
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.answer import Answer
from bot.outbound import Outbound
from bot.reception import Reception
from bot.work import JobsOut
from handlers import COMMANDS, LISTENERS, TOPICS
from handlers.checkins import prompts, told, whom
from handlers.conversation.company import Company, WinRoute, Wins
from handlers.conversation.reply import Reply
from handlers.conversation.request import Incoming, Request
from handlers.numbers.spans import Span
from handlers.numbers.working_days import WorkCalendar
from handlers.reach.topic import Topic
from handlers.wins import told as wins_told
from scheduled.clock import prune
from scheduled.planning import Planner
from scheduled.speaking import Speaker
from storage import people, targets, units
from storage.database import Database, Transaction, open_database
from storage.notices import Notice
from storage.people import Person
from storage.tables import absences, new_id
from storage.tables import people as people_table
from storage.vault import Vault
from tests.chaos.year_far_end import FarEnd, Sent

INSTALL: Final = "acme"
TEAMS: Final = {
    "North": {"America/New_York": "US", "America/Los_Angeles": "US", "America/St_Johns": "CA"},
    "South": {"America/Sao_Paulo": "BR", "Europe/London": "GB", "Europe/Berlin": "DE"},
    "East": {"Africa/Cairo": "EG", "Asia/Kolkata": "IN", "Asia/Kathmandu": "NP"},
    "Ocean": {"Asia/Tokyo": "JP", "Australia/Adelaide": "AU", "Australia/Lord_Howe": "AU"},
}
ZONES: Final = {zone: country for zones in TEAMS.values() for zone, country in zones.items()}
EVERYWHERE: Final = "company"
COMPANY: Final = Company(
    zone="America/New_York",
    country="US",
    admins=frozenset({"ada@x.example"}),
    wins=Wins(
        routes=(
            WinRoute("everywhere", INSTALL, EVERYWHERE),
            *(WinRoute(team.lower(), INSTALL, team, team=team) for team in TEAMS),
        )
    ),
)
DAY: Final = timedelta(days=1)
PROCESSES: Final = 2
STEPS: Final = (50, 70, 90, 110)
"""Minutes between two looks: there is always one between the day's digest at 16:00 and the evening."""
WHOLE: Final = (prompts.TOPIC, prompts.REMINDER, told.ARRIVED, told.ANSWERED, whom.TOPIC, wins_told.TOPIC)
"""Topics that say what they say: people answer, and others hear of it."""


def _say(request: Request, tx: Transaction, notice: Notice) -> Reply:
    return Reply(f"<{notice.key}>")


SCHEDULED: Final = tuple(
    topic if topic in WHOLE else dataclasses.replace(topic, compose=_say, rule=topic.rule or topic.suggested)
    for topic in TOPICS
    if topic.audience is not None and (topic.rule or topic.suggested)
)
"""The others with something to say at each occurrence, for it is not what they say that is looked at."""
ALL: Final = (*SCHEDULED, *(topic for topic in WHOLE if topic.audience is None))


@dataclass(frozen=True)
class Home:
    """Somebody: where they are, when they are away, what they do."""

    who: Person
    user: str
    zone: ZoneInfo
    calendar: WorkCalendar
    away: Span
    team: str
    role: str
    """`sells`, `leads` or `admin`."""
    new: bool
    """Came within the last year."""
    monthly: int
    """Their target, in whole dollars."""

    @property
    def person(self) -> str:
        return self.who.id

    def is_meant(self, topic: Topic) -> bool:
        """Nobody leads a unit of units here."""
        match topic.audience:
            case "sellers":
                return self.role == "sells"
            case "managers":
                return self.role == "leads"
        return topic.audience == "everybody"

    def works(self, day: date) -> bool:
        return self.calendar.works(day) and day not in self.away


class Doing(Protocol):
    """What people do of themselves."""

    def heard(self, sent: Sent) -> None:
        """Somebody, or a channel, reads this now."""

    async def act(self) -> None:
        """Do what is due, by way of a process that runs."""


class World:
    """The people and the processes."""

    def __init__(self, url: str, since: date, seed: int) -> None:
        self.databases = [_opened(url) for _ in range(PROCESSES)]
        self.database = self.databases[0]
        self.chance = random.Random(seed)
        self.now = datetime.combine(since, time(0), UTC)
        self.began = self.now
        self.far_end = FarEnd()
        self.down: list[tuple[datetime, datetime]] = []
        self.starts = 0
        self.homes: list[Home] = []
        self.managers: dict[str, list[tuple[date, Home]]] = {}
        """By who sells: from which day on whom they report to."""
        self.doing: list[Doing] = []
        self._running: list[_Process | None] = [None] * PROCESSES
        self._swept: date | None = None
        self._vault = Vault("of the simulated year")

    def settle(self, tx: Transaction, days: int) -> None:
        """Two in each zone, one of whom leads; each two weeks on leave. Who sells reports to the one beside them."""
        since = self.now.date()
        for team, zones in TEAMS.items():
            unit = units.add(tx, team, kind="team", parent=None, at=self.now)
            for zone in zones:
                leads = self._hire(tx, unit, zone, "leads", days)
                sells = self._hire(tx, unit, zone, "sells", days)
                first = since - timedelta(days=200)
                people.give_manager(tx, sells.who, leads.who, first)
                self.managers[sells.person] = [(first, leads)]
        self._hire(tx, None, "America/New_York", "admin", days)

    def _hire(self, tx: Transaction, unit: units.Unit | None, zone: str, role: str, days: int) -> Home:
        number, since = len(self.homes), self.now.date()
        name = "Ada" if role == "admin" else f"{zone.rpartition('/')[2].replace('_', '')} {role.capitalize()}"
        user = f"U{number}"
        email = f"{name.replace(' ', '').lower()}@x.example"
        who = people.add(tx, name=name, at=self.now, email=email, zone=zone)
        people.identify(tx, who, install=INSTALL, external_id=user, at=self.now, email=email, zone=zone)
        tx.execute(people_table.update().where(people_table.c.id == who.id), {"country": ZONES[zone]})
        new = number % 4 < 2  # a pair of every two
        if unit is not None:
            units.join(tx, unit, who.id, since=since - timedelta(days=200 if new else 2000), leads=role == "leads")
        # No sum of wins ends like that, so that it is found wherever it is said.
        monthly = 9_013 + 1_009 * number if role == "sells" else 0
        for year in (since.year, since.year + 1) if monthly else ():
            target = targets.Target(
                person=who.id, unit=None, measure="bookings", fiscal_year=year, amount=monthly * 1200
            )
            targets.put(tx, target, by=None, at=self.now)
        first = since + timedelta(days=self.chance.randrange(max(days - 14, days // 2, 1)))
        away = Span(first, first + timedelta(days=min(13, days // 7)))
        leave = {"id": new_id(), "person": who.id, "first": away.first, "last": away.last}
        tx.execute(absences.insert(), {**leave, "created_at": self.now})
        home = Home(
            who, user, ZoneInfo(zone), WorkCalendar(ZONES[zone]), away, unit.name if unit else "", role, new, monthly
        )
        self.homes.append(home)
        return home

    @property
    def admin(self) -> Home:
        return next(home for home in self.homes if home.role == "admin")

    def selling(self) -> list[Home]:
        return [home for home in self.homes if home.role == "sells"]

    def today(self, home: Home, at: datetime | None = None) -> date:
        """Their day."""
        return (at or self.now).astimezone(home.zone).date()

    def manager(self, home: Home, day: date) -> Home:
        """Whom they report to on that day."""
        return [who for since, who in self.managers[home.person] if since <= day][-1]

    async def live(self, until: datetime) -> None:
        """Look now and then; processes end and begin, now and then none is there."""
        last = self.now
        while self.now < until:
            self.now += timedelta(minutes=self.chance.choice(STEPS))
            for number, running in enumerate(self._running):
                if self.chance.random() >= (0.9 if running else 0.35):
                    self._running[number] = None if running else await self._start(number)
            if not self.running:
                continue
            if self.now - last > timedelta(minutes=max(STEPS)):
                self.down.append((last, self.now))
            last = self.now
            for one in self.running:
                await one.planner.tick()
                await one.speaker.tick()
            await self.deliver()
            for doing in self.doing:
                await doing.act()
                await self.deliver()
            if self._swept != self.now.date():
                self._swept = self.now.date()
                await self.database.write(lambda tx: prune(tx, self.now))
                await self.database.write(lambda tx: self.far_end.forget(tx, self.now))

    @property
    def running(self) -> list[_Process]:
        return [one for one in self._running if one is not None]

    async def _start(self, number: int) -> _Process:
        self.starts += 1
        process = _Process(
            self.databases[number], f"process {number}, life {self.starts}", lambda: self.now, self._vault
        )
        await process.database.write(process.planner.declare)
        return process

    async def deliver(self) -> None:
        """What was put into the outbox is read."""
        for sent in await self.database.write(lambda tx: self.far_end.take(tx, self.now)):
            self.far_end.keep(sent)
            for doing in self.doing:
                doing.heard(sent)

    async def take(self, incoming: Incoming) -> Answer:
        """A turn, in one of the processes that run; now and then the same thing comes to two of them at once."""
        running = self.running
        if len(running) > 1 and self.chance.random() < 0.1:
            answers = await asyncio.gather(*(one.turns.take(incoming) for one in running))
            return next((one for one in answers if not one.replayed), answers[0])
        return await self.chance.choice(running).turns.take(incoming)

    async def at_once(self, works: Sequence[Coroutine[Any, Any, None]]) -> None:
        """Several people at the same time."""
        await asyncio.gather(*works)

    def ran(self, first: datetime, last: datetime) -> bool:
        """Whether anything did all along: no stand-still touches that time."""
        return not any(since < last and until > first for since, until in self.down)

    def close(self) -> None:
        """End what was opened here."""
        for database in self.databases:
            database.close()


def _opened(url: str) -> Database:
    """Without waiting for the disk: no machine fails here, and most of the time would be spent on it."""
    database = open_database(url)
    if database.engine.name == "sqlite":

        def hurry(connection: Any, _record: object) -> None:
            connection.execute("PRAGMA synchronous=OFF").close()

        sa.event.listen(database.engine, "connect", hurry)
    return database


class _Process:
    """What a process looks at and says, and the turns that it takes. Its memory ends with it."""

    def __init__(self, database: Database, owner: str, clock: Callable[[], datetime], vault: Vault) -> None:
        self.database, self.owner = database, owner
        self._clock, self._vault = clock, vault
        self._turns: Reception | None = None
        self.planner = Planner(database, COMPANY, ALL, clock=clock, owner=owner)
        self.speaker = Speaker(database, COMPANY, ALL, out=JobsOut(Outbound(vault, owner), self), clock=clock)

    @property
    def turns(self) -> Reception:
        if self._turns is None:
            self._turns = Reception(
                database=self.database,
                company=COMPANY,
                commands=COMMANDS,
                listeners=LISTENERS,
                vault=self._vault,
                clock=self._clock,
                outgoing=self,
                patience=60,
            )
        return self._turns

    def kick(self, keys: Sequence[str]) -> None:
        """As delivery: the far end takes what is there."""

    async def at_once(self, incoming: Incoming, reply: Reply) -> None:
        """As delivery: nothing is said without the database here."""
        raise AssertionError(reply.text)
