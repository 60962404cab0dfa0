"""A year of everything that is said unasked, by a clock that is moved, from processes that come and go.

    python -m tests.chaos.year [--database sqlite|postgres|URL] [--since DATE] [--until DATE] [--seed N]

Every topic of handlers.TOPICS that has a schedule, to people in 12 zones (five with half or quarter hours, two of whose
clocks change by such), with the holidays of ten countries and leave, by two processes that are stopped and started at
random. Then each occurrence is accounted for: said once, in its window, on a working day, outside quiet hours; or not
said, for a reason that holds.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import random
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from handlers import TOPICS
from handlers.conversation.company import Company
from handlers.conversation.reply import Reply
from handlers.conversation.request import Message, Request
from handlers.numbers.periods import FiscalCalendar
from handlers.numbers.spans import Span
from handlers.numbers.working_days import WorkCalendar
from handlers.reach.topic import Topic
from handlers.schedules.read import read
from handlers.schedules.slots import moment, slots
from scheduled.planning import Planner
from scheduled.speaking import Speaker
from storage import people, units
from storage.database import Database, Transaction, open_database
from storage.migrate import migrate
from storage.notices import Notice
from storage.tables import absences, new_id
from storage.tables import notices as table
from storage.tables import people as people_table

COMPANY: Final = Company(zone="America/New_York", country="US")
ZONES: Final = {
    "America/New_York": "US",
    "America/Los_Angeles": "US",
    "America/St_Johns": "CA",
    "America/Sao_Paulo": "BR",
    "Europe/London": "GB",
    "Europe/Berlin": "DE",
    "Africa/Cairo": "EG",
    "Asia/Kolkata": "IN",
    "Asia/Kathmandu": "NP",
    "Asia/Tokyo": "JP",
    "Australia/Adelaide": "AU",
    "Australia/Lord_Howe": "AU",
}
DAY: Final = timedelta(days=1)
MORNING, EVENING = time(8), time(18)
"""Between them nobody's hours are quiet."""
PROCESSES: Final = 2
STEPS: Final = (50, 70, 90, 110)
"""Minutes between two looks: there is always one between the day's digest at 16:00 and the evening."""
_SAID: Final = re.compile(r"<(.+?)>")


def _say(request: Request, tx: Transaction, notice: Notice) -> Reply:
    return Reply(f"<{notice.key}>")


SCHEDULED: Final = tuple(
    dataclasses.replace(topic, compose=_say, rule=topic.rule or topic.suggested)
    for topic in TOPICS
    if topic.audience is not None and (topic.rule or topic.suggested)
)
"""With something to say at each occurrence, for it is not what they say that is looked at here."""


@dataclass(frozen=True)
class Home:
    """Somebody: where they are, when they are away, whether they lead."""

    person: str
    zone: ZoneInfo
    calendar: WorkCalendar
    away: Span
    leads: bool

    def is_meant(self, topic: Topic) -> bool:
        """Each team has one who sells and one who leads; no unit here has units below it."""
        match topic.audience:
            case "sellers":
                return not self.leads
            case "managers":
                return self.leads
        return topic.audience == "everybody"

    def works(self, day: date) -> bool:
        return self.calendar.works(day) and day not in self.away


@dataclass
class Year:
    """What came of it."""

    since: date
    until: date
    occurrences: int = 0
    said: int = 0
    messages: int = 0
    days_off: int = 0
    capped: int = 0
    down: int = 0
    starts: int = 0
    wrong: list[str] = field(default_factory=list)

    def told(self, of: str) -> str:
        """For a page or a terminal."""
        return (
            f"{of}, {self.since} to {self.until}, {len(SCHEDULED)} topics, {len(ZONES)} zones, {PROCESSES} processes "
            f"started {self.starts} times:\n  {self.occurrences:,} occurrences: {self.said:,} said once each in "
            f"{self.messages:,} messages, {self.days_off:,} on days off or leave, {self.capped:,} over the day's cap, "
            f"{self.down:,} while nothing ran; {len(self.wrong)} wrong"
        )


class World:
    """The people and the processes."""

    def __init__(self, database: Database, since: date, seed: int) -> None:
        self.database = database
        self.chance = random.Random(seed)
        self.now = datetime.combine(since, time(0), UTC)
        self.began = self.now
        self.sent: list[tuple[datetime, Message]] = []
        self.down: list[tuple[datetime, datetime]] = []
        self.starts = 0
        self.homes: list[Home] = []
        self._running: list[tuple[Planner, Speaker] | None] = [None] * PROCESSES

    def message(self, tx: Transaction, message: Message, now: datetime) -> list[str]:
        """As the way out."""
        self.sent.append((now, message))
        return [message.key]

    def kick(self, keys: Sequence[str]) -> None:
        """As the way out."""

    def settle(self, tx: Transaction, days: int) -> None:
        """Two in each zone, one of whom leads; each two weeks on leave."""
        for zone, country in ZONES.items():
            name = zone.rpartition("/")[2]
            team = units.add(tx, name, kind="team", parent=None, at=self.now)
            for leads in (False, True):
                who = people.add(tx, name=f"{name} {leads}", at=self.now, email=f"{name}{leads}@x.example", zone=zone)
                people.identify(tx, who, install="acme", external_id=f"U{name}{leads}", at=self.now)
                tx.execute(people_table.update().where(people_table.c.id == who.id), {"country": country})
                units.join(tx, team, who.id, since=date(2020, 1, 1), leads=leads)
                first = self.now.date() + timedelta(days=self.chance.randrange(max(days - 14, 1)))
                away = Span(first, first + timedelta(days=min(13, days // 7)))
                leave = {"id": new_id(), "person": who.id, "first": away.first, "last": away.last}
                tx.execute(absences.insert(), {**leave, "created_at": self.now})
                self.homes.append(Home(who.id, ZoneInfo(zone), WorkCalendar(country), away, leads))

    async def live(self, until: datetime) -> None:
        """Look now and then; processes end and begin, now and then none is there."""
        last = self.now
        while self.now < until:
            self.now += timedelta(minutes=self.chance.choice(STEPS))
            for number, running in enumerate(self._running):
                if self.chance.random() >= (0.9 if running else 0.35):
                    self._running[number] = None if running else await self._start(number)
            running_now = [one for one in self._running if one is not None]
            if not running_now:
                continue
            if self.now - last > timedelta(minutes=max(STEPS)):
                self.down.append((last, self.now))
            last = self.now
            for planner, speaker in running_now:
                await planner.tick()
                await speaker.tick()

    async def _start(self, number: int) -> tuple[Planner, Speaker]:
        self.starts += 1
        owner = f"process {number}, life {self.starts}"
        planner = Planner(self.database, COMPANY, SCHEDULED, clock=lambda: self.now, owner=owner)
        await self.database.write(planner.declare)
        return planner, Speaker(self.database, COMPANY, SCHEDULED, out=self, clock=lambda: self.now)

    def ran(self, first: datetime, last: datetime) -> bool:
        """Whether anything did all along: no stand-still touches that time."""
        return not any(since < last and until > first for since, until in self.down)


async def simulate(database: Database, since: date, until: date, seed: int = 20261122) -> Year:
    """Run it and account for it."""
    world = World(database, since, seed)
    await database.write(lambda tx: world.settle(tx, (until - since).days))
    # From the beginning on there is a schedule: a process that starts later only finds it.
    planner = Planner(database, COMPANY, SCHEDULED, clock=lambda: world.now, owner="before")
    await database.write(planner.declare)
    await world.live(datetime.combine(until, time(0), UTC))
    columns = (table.c.key, table.c.state, table.c.reason)
    rows = await database.read(lambda tx: tx.execute(sa.select(*columns)).all())
    return _accounted(world, Year(since, until, starts=world.starts), {row[0]: (row[1], row[2]) for row in rows})


def _accounted(world: World, year: Year, ends: dict[str, tuple[str, str | None]]) -> Year:
    heard: dict[str, list[datetime]] = {}
    of_day: Counter[tuple[str, date]] = Counter()
    homes = {home.person: home for home in world.homes}
    for now, message in world.sent:
        home = homes[message.to]
        here = now.astimezone(home.zone)
        of_day[home.person, here.date()] += 1
        if not (home.works(here.date()) and MORNING <= here.time() < EVENING):
            year.wrong.append(f"{message.key} was said at {here:%a %d %b %H:%M}, {home.zone.key}")
        for key in _SAID.findall(message.reply.text):
            heard.setdefault(key, []).append(now)
    year.messages = len(world.sent)
    expected: set[str] = set()
    for home in world.homes:
        for topic in SCHEDULED:
            if not home.is_meant(topic):
                continue
            for key, due, worth in _occurrences(world, year, home, topic):
                expected.add(key)
                # What is not over yet may end as it likes.
                if worth <= world.now - DAY:
                    year.occurrences += 1
                    _end_of(world, year, home, key, due, worth, heard.get(key, []), ends.get(key), of_day)
    if more := set(ends) - expected:
        year.wrong.append(f"{len(more)} that nobody expected, as {sorted(more)[0]}")
    return year


def _occurrences(world: World, year: Year, home: Home, topic: Topic) -> list[tuple[str, datetime, datetime]]:
    """Its key, when it is due, and how long it is worth saying."""
    assert topic.rule is not None
    found = []
    rule = read(topic.rule, today=year.since)
    for slot in slots(rule, Span(year.since - DAY, year.until + 2 * DAY), home.calendar, FiscalCalendar(1)):
        due = moment(slot.day, slot.at, home.zone)
        worth = due + topic.worth if topic.worth else moment(slot.day + DAY, time(0), home.zone)
        if world.began < due <= world.now:
            found.append((f"{topic.name}:{home.person}:{home.person}:{slot.key}", due, worth))
    return found


def _end_of(
    world: World,
    year: Year,
    home: Home,
    key: str,
    due: datetime,
    worth: datetime,
    heard: list[datetime],
    end: tuple[str, str | None] | None,
    of_day: Counter[tuple[str, date]],
) -> None:
    """Said once in its window, or not for a reason that holds."""
    day = due.astimezone(home.zone).date()
    evening = min(worth, moment(day, EVENING, home.zone))
    what = f"{key}, due {due.astimezone(home.zone):%a %d %b %H:%M} {home.zone.key}"
    if len(heard) > 1:
        year.wrong.append(f"{what}: said {len(heard)} times")
    elif heard:
        year.said += 1
        if not due <= heard[0] < worth:
            year.wrong.append(f"{what}: said at {heard[0]}")
        if end is None or end[0] != "said":
            year.wrong.append(f"{what}: said, and its row is {end}")
    elif not any(home.works(day + timedelta(days=more)) for more in range((worth - due).days + 1)):
        year.days_off += 1
    elif not world.ran(due, worth):
        year.down += 1
    elif end is not None and end[1] == "enough for one day" and of_day[home.person, day]:
        year.capped += 1
    elif due >= evening:
        year.wrong.append(f"{what}: its time lies in quiet hours")
    else:
        year.wrong.append(f"{what}: not said, its row is {end}")


def main() -> int:
    """Run it, tell what came of it; 1 where something is wrong."""
    from tests.chaos.server import opened

    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("--database", default="sqlite", help="sqlite, postgres, or an empty database's URL")
    arguments.add_argument("--since", type=date.fromisoformat, default=date(2026, 1, 1))
    arguments.add_argument("--until", type=date.fromisoformat, default=date(2027, 1, 1))
    arguments.add_argument("--seed", type=int, default=20261122)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder, opened(given.database, Path(folder)) as url:
        database = open_database(url)
        migrate(database)
        try:
            year = asyncio.run(simulate(database, given.since, given.until, given.seed))
        finally:
            database.close()
    print(year.told("SQLite" if url.startswith("sqlite") else "PostgreSQL"))
    for line in year.wrong[:20]:
        print(f"WRONG: {line}")
    return 1 if year.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
