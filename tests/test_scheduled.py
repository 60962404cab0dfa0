"""What is said unasked, from the schedule to the message: once each, in its window, through the gate; by several
processes, with a clock that is moved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from handlers.conversation.company import Company
from handlers.conversation.reply import Reply, Text
from handlers.conversation.request import Message, Request
from handlers.reach.gate import EVERYTHING
from handlers.reach.topic import Topic
from scheduled.clock import prune
from scheduled.planning import Planner
from scheduled.speaking import Speaker
from storage import notices, people, reach, units
from storage.database import Database, Transaction
from storage.notices import Notice, Wanted
from storage.tables import absences, new_id, targets
from storage.tables import notices as table

COMPANY = Company(zone="America/New_York", country="US")
MONDAY = datetime(2026, 11, 16, 0, 0, tzinfo=UTC)


def says(name: str) -> Reply:
    return Reply(f"This is {name}.")


NUDGE = Topic(
    name="nudge",
    title="Your week",
    why="it is Monday",
    compose=lambda request, tx, notice: Reply(f"Good morning, {request.actor.name}."),
    audience="sellers",
    rule="every Monday at 09:00",
)
DIGEST = Topic(
    name="digest",
    title="Your team",
    why="you lead a team",
    compose=lambda request, tx, notice: says("the team's digest"),
    audience="managers",
    rule="every Monday at 09:00",
)


class World:
    """Some people, a clock that is moved, and processes that plan and speak."""

    def __init__(self, database: Database, topics: Sequence[Topic] = (NUDGE,), processes: int = 1) -> None:
        self.database = database
        self.now = MONDAY - timedelta(days=3)
        self.sent: list[tuple[datetime, Message]] = []
        self.kicked: list[str] = []
        self.names: dict[str, str] = {}
        self.processes = [
            (
                Planner(database, COMPANY, topics, clock=self.clock, owner=f"process {number}"),
                Speaker(database, COMPANY, topics, out=self, clock=self.clock),
            )
            for number in range(processes)
        ]

    def clock(self) -> datetime:
        return self.now

    # ---- as the way out

    def message(self, tx: Transaction, message: Message, now: datetime) -> list[str]:
        self.sent.append((now, message))
        return [message.key]

    def kick(self, keys: Sequence[str]) -> None:
        self.kicked += keys

    # ---- what the tests do

    async def open(self) -> None:
        for planner, _ in self.processes[:1]:
            await self.database.write(planner.declare)

    async def person(
        self, name: str, zone: str = "", country: str = "", unit: str = "East", leads: bool = False
    ) -> str:
        def add(tx: Transaction) -> str:
            who = people.add(tx, name=name, at=self.now, email=f"{name.casefold()}@x.example", zone=zone)
            people.identify(tx, who, install="acme", external_id=f"U{name}", at=self.now)
            if country:
                tx.execute(
                    sa.text("UPDATE people SET country = :country WHERE id = :id"), {"country": country, "id": who.id}
                )
            team = units.named(tx, unit) or units.add(tx, unit, kind="team", parent=None, at=self.now)
            units.join(tx, team, who.id, since=date(2026, 1, 1), leads=leads)
            return who.id

        identifier = await self.database.write(add)
        self.names[identifier] = name
        return identifier

    async def until(self, when: datetime, *, step: timedelta = timedelta(minutes=30)) -> None:
        while self.now < when:
            self.now = min(self.now + step, when)
            for planner, speaker in self.processes:
                await planner.tick()
                await speaker.tick()

    def said(self) -> list[str]:
        """`Mon 16 09:00 Dana` in each one's own day, in the order of saying."""
        return [
            f"{now.astimezone(ZoneInfo('America/New_York')):%a %d %H:%M} {self.names[message.to]}"
            for now, message in self.sent
        ]

    async def ends(self) -> Counter[str]:
        rows = await self.database.read(
            lambda tx: tx.execute(sa.select(table.c.state, table.c.reason).order_by(table.c.id)).all()
        )
        return Counter(f"{state}: {reason}" if reason else state for state, reason in rows)


@pytest.fixture
async def world(database: Database) -> World:
    made = World(database)
    await made.open()
    return made


async def test_a_week_is_said_once_in_everybodys_own_morning(world: World) -> None:
    await world.person("Dana")
    await world.person("Ravi", "Asia/Kolkata", "IN")
    await world.person("Luis", "America/Los_Angeles")
    await world.until(MONDAY + timedelta(days=7, hours=23))
    assert world.said() == [
        "Sun 15 22:30 Ravi",
        "Mon 16 09:00 Dana",
        "Mon 16 12:00 Luis",
        "Sun 22 22:30 Ravi",
        "Mon 23 09:00 Dana",
        "Mon 23 12:00 Luis",
    ]
    assert world.sent[0][1].reply.text == "Good morning, Ravi."
    assert world.kicked == [message.key for _, message in world.sent]


async def test_nothing_before_pacer_was_set_up(database: Database) -> None:
    world = World(database)
    world.now = MONDAY + timedelta(hours=15)  # Monday 10:00 in New York
    await world.open()
    await world.person("Dana")
    await world.until(MONDAY + timedelta(days=2))
    assert world.said() == []


async def test_down_at_the_time_it_is_said_late_or_recorded(world: World) -> None:
    await world.person("Dana")
    await world.person("Ravi", "Asia/Kolkata", "IN")
    # Nothing ran until Monday 15:00 in New York, which is Tuesday 01:30 in Kolkata.
    await world.until(MONDAY + timedelta(hours=20), step=timedelta(days=9))
    assert world.said() == ["Mon 16 15:00 Dana"]
    assert await world.ends() == {"said": 1, "withheld: quiet hours": 1}


async def test_holidays_leave_and_mutes(world: World) -> None:
    await world.person("Dana")
    away, snoozed, off = await world.person("Ann"), await world.person("Bob"), await world.person("Cid")

    def settle(tx: Transaction) -> None:
        leave = {"id": new_id(), "person": away, "first": date(2026, 11, 16), "last": date(2026, 11, 18)}
        tx.execute(absences.insert(), {**leave, "created_at": world.now})
        reach.mute(tx, snoozed, EVERYTHING, until=MONDAY + timedelta(hours=17), at=world.now)
        reach.mute(tx, off, "nudge", until=None, at=world.now)

    await world.database.write(settle)
    await world.until(MONDAY + timedelta(days=1, hours=12))
    assert world.said() == ["Mon 16 09:00 Dana", "Mon 16 12:00 Bob"]
    assert await world.ends() == {"said": 2, "withheld: on leave": 1, "withheld: this topic is turned off": 1}


async def test_what_meets_is_one_message(database: Database) -> None:
    world = World(database, (NUDGE, DIGEST))
    await world.open()
    mara = await world.person("Mara", leads=True)
    await world.database.write(
        lambda tx: units.join(
            tx, units.add(tx, "West", kind="team", parent=None, at=world.now), mara, since=date(2026, 1, 1)
        )
    )
    await world.until(MONDAY + timedelta(days=1))
    ((_, message),) = world.sent
    assert message.reply.text == "Your week: Good morning, Mara. Your team: This is the team's digest."
    assert await world.ends() == {"said": 2}


async def test_no_title_is_said_twice(database: Database) -> None:
    def of(name: str, title: str, *texts: str) -> Topic:
        left = iter(texts)

        def compose(request: Request, tx: Transaction, notice: Notice) -> Reply:
            text = next(left)
            return Reply(text, (Text(title, style="strong"), Text("Sam.")) if text.startswith(title) else ())

        return Topic(name=name, title=title, why="", compose=compose)

    topics = (of("see", "Whom to see", "Whom to see. Sam."), of("minutes", "Minutes", "East is over.", "West is over."))
    world = World(database, topics)
    dana = await world.person("Dana")

    def plan(tx: Transaction) -> None:
        for number, name in enumerate(("see", "minutes", "minutes")):
            due = MONDAY + timedelta(hours=15, seconds=number)
            wanted = Wanted(topic=name, person=dana, slot=str(number), due_at=due, until=due + timedelta(hours=1))
            notices.plan(tx, [wanted], at=world.now)

    await database.write(plan)
    world.now = MONDAY + timedelta(hours=15, minutes=1)
    await world.processes[0][1].tick()
    ((_, message),) = world.sent
    assert message.reply.text == "Whom to see. Sam. Minutes: East is over. West is over."
    texts = [part.text for part in message.reply.parts if isinstance(part, Text)]
    assert texts == ["Whom to see", "Sam.", "Minutes", "East is over.", "West is over."]


async def test_who_carries_a_target_and_sells_nowhere_is_a_seller_too(world: World) -> None:
    mara, luis = await world.person("Mara", leads=True), await world.person("Luis", leads=True)

    def set_target(tx: Transaction) -> None:
        for person, replaced in ((mara, None), (luis, world.now)):
            row = {"id": new_id(), "person": person, "measure": "bookings", "fiscal_year": 2026, "amount": 1}
            more = {"ramped": False, "set_at": world.now, "replaced_at": replaced}
            tx.execute(targets.insert(), row | more)
        day = MONDAY.date()
        assert [reach.is_meant(tx, "sellers", one, day) for one in (mara, luis)] == [True, False]
        assert not reach.is_meant(tx, "sellers", mara, date(2028, 1, 3)), "of a year that is over"

    await world.database.write(set_target)
    await world.until(MONDAY + timedelta(days=1))
    assert world.said() == ["Mon 16 09:00 Mara"]


async def test_over_the_cap_it_waits_for_the_digest(database: Database) -> None:
    later = [
        Topic(
            name=f"t{hour}",
            title=f"At {hour}",
            why="",
            compose=lambda request, tx, notice: says(notice.topic),
            audience="sellers",
            rule=f"every Monday at {hour}:00",
        )
        for hour in (10, 11, 17)
    ]
    world = World(database, (NUDGE, *later))
    await world.open()
    await world.person("Dana")
    await world.until(MONDAY + timedelta(days=2))
    assert world.said() == ["Mon 16 09:00 Dana", "Mon 16 16:00 Dana"]
    assert world.sent[1][1].reply.text == "At 10: This is t10. At 11: This is t11."
    assert await world.ends() == {"said": 3, "withheld: enough for one day": 1}


async def test_a_topic_with_nothing_to_say_or_a_mistake_keeps_nobody_elses_back(database: Database) -> None:
    def wrong(request: Request, tx: Transaction, notice: Notice) -> Reply | None:
        raise ZeroDivisionError

    silent = Topic(
        name="silent", title="", why="", compose=lambda *_: None, audience="sellers", rule="every Monday at 09:00"
    )
    broken = Topic(name="broken", title="", why="", compose=wrong, audience="sellers", rule="every Monday at 09:00")
    world = World(database, (broken, silent, NUDGE))
    await world.open()
    await world.person("Dana")
    await world.until(MONDAY + timedelta(days=1))
    assert world.said() == ["Mon 16 09:00 Dana"]
    assert await world.ends() == {
        "said": 1,
        "nothing: there was nothing to say": 1,
        "withheld: a mistake of ours: ZeroDivisionError": 1,
    }


async def test_who_comes_later_or_moves_is_not_forgotten_and_not_told_twice(world: World) -> None:
    await world.person("Dana")
    luis = await world.person("Luis", "America/Los_Angeles")
    await world.until(MONDAY + timedelta(hours=14, minutes=30))
    # Luis lands in New York after its morning was planned; Dana, who has had hers, flies west.
    move = sa.text("UPDATE people SET zone = :zone WHERE name = :name")
    await world.database.write(lambda tx: tx.execute(move, {"zone": "America/New_York", "name": "Luis"}))
    await world.database.write(lambda tx: tx.execute(move, {"zone": "America/Los_Angeles", "name": "Dana"}))
    await world.person("Nora")
    await world.until(MONDAY + timedelta(days=1))
    assert Counter(line.split()[-1] for line in world.said()) == {"Dana": 1, "Luis": 1, "Nora": 1}
    assert luis in {message.to for _, message in world.sent}


async def test_what_was_said_is_remembered_for_a_year_and_then_forgotten(world: World) -> None:
    await world.person("Dana")
    await world.until(MONDAY + timedelta(days=1))
    for days, left in ((390, 1), (410, 0)):
        await world.database.write(lambda tx, days=days: prune(tx, MONDAY + timedelta(days=days)))  # type: ignore[misc]
        assert sum((await world.ends()).values()) == left


async def test_a_clock_that_jumps_makes_no_storm_and_no_loss(world: World) -> None:
    await world.person("Dana")
    await world.until(MONDAY + timedelta(hours=14, minutes=30))
    world.now -= timedelta(hours=1)
    await world.until(MONDAY + timedelta(hours=16))
    world.now += timedelta(days=6, hours=23)
    await world.until(MONDAY + timedelta(days=8))
    assert [line[:6] for line in world.said()] == ["Mon 16", "Mon 23"]


@pytest.mark.parametrize(
    ("zone", "at", "first", "instants"),
    [
        # 02:30 is skipped on the 8th
        ("America/New_York", "02:30", date(2026, 3, 7), ["07 07:30", "08 07:00", "09 06:30"]),
        # 01:30 comes twice on the 1st
        ("America/New_York", "01:30", date(2026, 10, 31), ["31 05:30", "01 05:30", "02 06:30"]),
        # midnight itself is skipped on the 24th
        ("Africa/Cairo", "00:00", date(2026, 4, 23), ["22 22:00", "23 22:00", "24 21:00"]),
        # a gap of half an hour on the 4th
        ("Australia/Lord_Howe", "02:15", date(2026, 10, 3), ["02 15:45", "03 15:30", "04 15:15"]),
    ],
)
async def test_clocks_that_skip_a_time_or_show_it_twice(
    database: Database, zone: str, at: str, first: date, instants: list[str]
) -> None:
    """FAULT 17: exactly once each, by two processes that look every ten minutes."""
    topic = Topic(
        name="daily", title="", why="", compose=lambda *_: says("it"), audience="sellers", rule=f"every day at {at}"
    )
    world = World(database, (topic,), processes=2)
    world.now = datetime.combine(first, time(0), ZoneInfo(zone)).astimezone(UTC) - timedelta(hours=1)
    await world.open()
    await world.person("Dana", zone)
    await world.until(world.now + timedelta(hours=71), step=timedelta(minutes=10))
    due = await database.read(lambda tx: tx.execute(sa.select(table.c.due_at).order_by(table.c.due_at)).scalars().all())
    assert [f"{one:%d %H:%M}" for one in due] == instants


async def test_a_team_may_have_a_schedule_of_its_own(world: World) -> None:
    await world.person("Dana")
    await world.person("Wes", unit="West")

    def set_west(tx: Transaction) -> None:
        west = units.named(tx, "West")
        assert west is not None
        reach.schedule(tx, "nudge", "every Tuesday at 10:00", since=world.now, by="somebody", unit=west.id)

    await world.database.write(set_west)
    await world.until(MONDAY + timedelta(days=3))
    assert world.said() == ["Mon 16 09:00 Dana", "Tue 17 10:00 Wes"]


async def test_settings_and_chat_take_turns(world: World) -> None:
    await world.person("Dana")
    planner = world.processes[0][0]
    set_in_chat = "every Wednesday at 09:00"
    await world.database.write(lambda tx: reach.schedule(tx, "nudge", set_in_chat, since=world.now, by="Mara"))
    await world.database.write(planner.declare)  # a restart with the same settings changes nothing
    await world.until(MONDAY + timedelta(days=4))
    assert world.said() == ["Wed 18 09:00 Dana"]
