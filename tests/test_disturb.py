"""Nobody is written to while Slack says that they want no notifications; what Slack does not say holds nothing up."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta

import pytest_asyncio

from bot.disturbed import DoNotDisturb
from bot.slack.api import SlackApi
from bot.slack.disturb import DoNotDisturb as SlackDoNotDisturb
from bot.slack.install import Installs, SlackInstall
from handlers.reach.gate import Reason
from scheduled.speaking import Speaker
from storage.database import Database
from storage.people import Where
from tests.fakes.slack import FakeSlack
from tests.test_scheduled import COMPANY, MONDAY, NUDGE, World

ACME = SlackInstall("acme", team_id="T1", bot_token="xoxb-acme", signing_secret="shh-acme")
NOW = datetime(2026, 11, 16, 14, 0, tzinfo=UTC)


class Asking:
    """A Slack, and one that asks it."""

    def __init__(self, slack: FakeSlack) -> None:
        self.slack = slack
        self.now = 1000.0
        self._api = SlackApi(slack.url)
        self._platforms = DoNotDisturb({"acme": "slack", "globex": "teams"}.get)
        self._platforms.told_by["slack"] = SlackDoNotDisturb(Installs([ACME]), self._api, lambda: self.now)

    def wants_quiet(self, user: str, *, begins: timedelta, ends: timedelta, enabled: bool = True) -> None:
        start, end = (int((NOW + moved).timestamp()) for moved in (begins, ends))
        said = {"dnd_enabled": enabled, "next_dnd_start_ts": start, "next_dnd_end_ts": end}
        self.slack.disturb[ACME.team_id, user] = said

    async def ends(self, *users: str, install: str = "acme") -> Mapping[str, datetime]:
        return await self._platforms({f"person {user}": Where(install, user) for user in users}, NOW)

    @property
    def asked(self) -> int:
        return len(self.slack.called("dnd.teamInfo"))

    async def close(self) -> None:
        await self._api.close()


@pytest_asyncio.fixture
async def asking() -> AsyncIterator[Asking]:
    async with FakeSlack(ACME) as slack:
        made = Asking(slack)
        yield made
        await made.close()


async def test_within_their_window_it_is_known_until_when(asking: Asking) -> None:
    hour = timedelta(hours=1)
    asking.wants_quiet("U1", begins=-hour, ends=2 * hour)
    asking.wants_quiet("U2", begins=hour, ends=2 * hour)
    asking.wants_quiet("U3", begins=-hour, ends=2 * hour, enabled=False)
    assert await asking.ends("U1", "U2", "U3", "U4") == {"person U1": NOW + 2 * hour}


async def test_fifty_people_are_one_question_and_for_minutes_the_answer_holds(asking: Asking) -> None:
    everybody = [f"U{number}" for number in range(120)]
    for user in everybody:
        asking.slack.users[ACME.team_id, user] = {}
    asking.wants_quiet("U100", begins=-timedelta(hours=1), ends=timedelta(hours=1))
    for _ in range(2):
        assert list(await asking.ends(*everybody)) == ["person U100"]
    assert asking.asked == 3
    asking.now += 601
    await asking.ends("U1")
    assert asking.asked == 4


async def test_a_slack_that_does_not_say_holds_nothing_up(asking: Asking) -> None:
    asking.wants_quiet("U1", begins=-timedelta(hours=1), ends=timedelta(hours=1))
    asking.slack.inject("dnd.teamInfo", status=429, retry_after=30)
    assert await asking.ends("U1") == {}
    asking.slack.inject("dnd.teamInfo", error="missing_scope")
    assert await asking.ends("U1") == {}
    assert await asking.ends("U1") == {}, "an install that may not ask is left in peace for an hour"
    assert asking.asked == 2
    asking.now += 3601
    assert list(await asking.ends("U1")) == ["person U1"]


async def test_nobody_is_asked_about_who_is_reached_elsewhere(asking: Asking) -> None:
    assert await asking.ends("U1", install="globex") == {}
    assert await asking.ends("U1", install="") == {}
    assert asking.asked == 0


async def test_what_waits_is_said_when_their_window_is_over(database: Database) -> None:
    world = World(database)
    await world.open()
    dana = await world.person("Dana")
    nine = MONDAY + timedelta(hours=14)
    free = nine + timedelta(hours=2)

    async def disturbed(where: Mapping[str, Where], now: datetime, /) -> Mapping[str, datetime]:
        assert where == {dana: Where("acme", "UDana")}
        return {dana: free} if now < free else {}

    ((planner, _),) = world.processes
    world.processes = [
        (planner, Speaker(database, COMPANY, [NUDGE], out=world, clock=world.clock, disturbed=disturbed))
    ]
    await world.until(nine + timedelta(minutes=30))
    assert world.said() == []
    assert await world.ends() == {f"planned: {Reason.DISTURB}": 1}
    await world.until(free + timedelta(hours=3))
    assert world.said() == ["Mon 16 11:00 Dana"]
    assert await world.ends() == {"said": 1}
