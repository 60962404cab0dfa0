"""Four real processes on one PostgreSQL, and one on SQLite: what is said unasked is said once, whatever happens to the
processes and their clocks (FAULTS 14 to 16 and 18)."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.reception import utc_now
from storage.database import Database, Transaction, open_database
from storage.tables import notices
from storage.tables import outbox as rows
from storage.tables import people as people_table
from tests.chaos.company import found
from tests.chaos.people import Front
from tests.chaos.rounds import begin
from tests.chaos.run import ACME, Victims
from tests.fakes.ports import own_port

PEOPLE = 40
PATIENCE = 60.0
pytestmark = pytest.mark.timeout(240)


class House:
    """The processes, the Slack at their far end, and the rows."""

    def __init__(self, database: Database, victims: Victims, slack: Front, day: date) -> None:
        self.database = database
        self.victims = victims
        self.slack = slack
        self._day = day

    def show(self, clock: time) -> None:
        """What the clocks of those that are started from now on show."""
        shown = datetime.combine(self._day, clock, UTC)
        self.victims.behind = (utc_now() - shown).total_seconds()

    async def start(self) -> None:
        for port in self.victims.ports:
            await self.victims.start(port)
        for port in self.victims.ports:
            await self.victims.listening(port)

    async def kill(self) -> None:
        for port in self.victims.ports:
            await self.victims.kill(port)

    def heard(self, number: int) -> Counter[str]:
        """By the conversation: how often that round was said there."""
        said = [one.channel for one in self.slack.messages if one.text.startswith(f"This is round {number:02}")]
        return Counter(said)

    async def all_heard(self, number: int) -> None:
        try:
            await self.slack.until(lambda: len(self.heard(number)) >= PEOPLE, PATIENCE)
        except TimeoutError:
            raise AssertionError(f"{len(self.heard(number))} heard round {number}: {await self.ends(number)}") from None

    async def settled(self, number: int) -> None:
        """Until each of that round's notices and messages has its end."""
        for _ in range(int(PATIENCE * 20)):
            if await self.ends(number) and not await self.open(number):
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"round {number} has no end: {await self.ends(number)}")

    async def ends(self, number: int) -> Counter[str]:
        query = sa.select(notices.c.state, sa.func.count()).where(notices.c.topic == f"round {number:02}")
        ended = await self.database.read(lambda tx: tx.execute(query.group_by(notices.c.state)).all())
        return Counter({state: count for state, count in ended if state != "planned"})

    async def open(self, number: int) -> int:
        def count(tx: Transaction) -> int:
            topic = f"round {number:02}"
            planned = sa.select(sa.func.count()).where(notices.c.topic == topic, notices.c.settled_at.is_(None))
            leaving = sa.select(sa.func.count()).where(rows.c.topic == topic, rows.c.settled_at.is_(None))
            return int(tx.execute(planned).scalar_one()) + int(tx.execute(leaving).scalar_one())

        return await self.database.read(count)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[House]:
    """One process on SQLite, four on PostgreSQL; none runs yet."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    database = open_database(url)
    users = [f"U{100 + number}" for number in range(PEOPLE)]
    start = begin(utc_now().date())
    await found(database, users, start - timedelta(days=1))
    ports = [own_port() for _ in range(1 if request.param == "sqlite" else 4)]
    victims = Victims(tmp_path, url, ports, 0.0, start.weekday())
    async with Front(ACME) as slack:
        slack.ports = tuple(ports)
        for user in users:
            slack.add_user(user, name=f"Person {user}", email=f"{user.casefold()}@example.com", tz="UTC")
            slack.direct(user)
        slack.inject("chat.postMessage", slow=0.2, do=True, times=1_000_000)
        await victims.open(slack.url)
        try:
            yield House(database, victims, slack, start.date())
        finally:
            await victims.close()
            database.close()


async def test_processes_share_a_round_and_one_that_is_killed_in_the_middle_doubles_nothing(house: House) -> None:
    """FAULTS 14 and 16."""
    house.show(time(9, 59, 50))
    await house.start()
    await house.slack.until(lambda: sum(house.heard(0).values()) >= 3, PATIENCE)
    await house.kill()
    begun = len(house.heard(0))
    house.show(time(10, 4))
    await house.start()
    await house.settled(0)
    await house.settled(2)
    print(f"{begun} of {PEOPLE} had theirs when all were killed")
    for number in (0, 2, 3):
        await house.all_heard(number)
        assert set(house.heard(number).values()) == {1}
        assert await house.ends(number) == {"said": PEOPLE}
    assert begun < PEOPLE, "they were killed in the middle"


async def test_down_at_the_time_and_a_clock_that_is_moved(house: House) -> None:
    """FAULTS 15 and 18: said once within its worth or recorded; an hour back, an hour forth, another zone: no storm."""
    house.show(time(9, 58))
    await house.start()
    await house.kill()  # it knows its schedules, and is down at ten
    house.show(time(10, 2, 30))
    await house.start()
    await house.all_heard(0)
    await house.all_heard(2)
    await house.settled(1)
    assert await house.ends(1) == {"withheld": PEOPLE}
    await house.kill()

    house.show(time(9, 2))
    await house.start()
    moved = people_table.update().where(people_table.c.email == "u105@example.com").values(zone="Asia/Kathmandu")
    await house.database.write(lambda tx: tx.execute(moved))
    await asyncio.sleep(1.0)  # several looks
    await house.kill()
    house.show(time(10, 3, 30))
    await house.start()
    await house.all_heard(3)
    await house.settled(3)
    for number in (0, 2, 3):
        assert set(house.heard(number).values()) == {1}
        assert len(house.heard(number)) == PEOPLE
    assert not house.heard(1)
