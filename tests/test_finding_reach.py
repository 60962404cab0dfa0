"""From an import to a message: who never wrote hears from Pacer on each platform, or an operator reads why not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.app import Application
from bot.config import Http, Settings
from bot.deliveries import report
from bot.roles import Roles
from bot.slack.install import SlackInstall
from bot.teams.install import TeamsInstall
from bot.work import JobsOut
from handlers.conversation.reply import Reply
from handlers.hello import INTRODUCTION
from handlers.reach.topic import Topic
from scheduled.planning import Planner
from scheduled.speaking import Speaker
from storage import people, tables, units
from storage.database import Transaction, open_database
from tests.fakes.slack import FakeSlack
from tests.fakes.teams import FakeTeams
from tests.serving import COMPANY, KEY

ACME = SlackInstall("acme", "T1", bot_token="xoxb-acme", signing_secret="secret-acme")
NORTH = TeamsInstall(
    "north", "11111111-1111-4111-8111-111111111111", "aaaaaaaa-0000-4000-8000-00000000000a", "secret-n"
)
SUNDAY = datetime(2026, 11, 15, 12, 0, tzinfo=UTC)
MONDAY = datetime(2026, 11, 16, 14, 5, tzinfo=UTC)
"""09:05 in New York, where the fakes' people are."""
WEEK = timedelta(days=7)
NUDGE = Topic(
    name="nudge",
    title="Your week",
    why="it is Monday",
    compose=lambda request, tx, notice: Reply(f"Good morning, {request.actor.name}."),
    audience="sellers",
    rule="every working day at 09:00",
)


class Company:
    """A process that serves, whose clock is moved by hand; what works in the background is done when it is told to."""

    def __init__(self, settings: Settings) -> None:
        self.now = SUNDAY
        self.application = Application(settings, clock=lambda: self.now, roles=Roles(serves=True, works=False))
        core = self.application.core
        out = JobsOut(core._outbound, core.delivery)
        self.planner = Planner(core.database, COMPANY, [NUDGE], clock=core.now, owner="test")
        self.speaker = Speaker(core.database, COMPANY, [NUDGE], out=out, clock=core.now)

    @property
    def core(self) -> Any:
        return self.application.core

    async def imported(self, *names: str) -> None:
        def add(tx: Transaction) -> None:
            east = units.named(tx, "East") or units.add(tx, "East", kind="team", parent=None, at=self.now)
            for name in names:
                email = f"{name.split()[0].lower()}@example.com"
                who = people.add(tx, name=name, email=email, at=self.now, imported=True)
                units.join(tx, east, who.id, since=date(2026, 1, 1))
            people.add(tx, name="Ada Admin", email="ada@example.com", at=self.now)

        await self.core.database.write(add)
        await self.core.database.write(self.planner.declare)

    async def until(self, when: datetime) -> None:
        self.now = when
        await self.planner.tick()
        await self.speaker.tick()
        await self.core.delivery.idle()

    async def looks(self) -> None:
        self.core.finder._not_before.clear()
        for _ in range(5):
            await self.core.finder.tick()
            self.core.finder._not_before.clear()

    def rows(self, query: sa.Select[Any]) -> Sequence[Any]:
        with self.core.database.engine.connect() as connection:
            return connection.execute(query).all()

    def deliveries(self, name: str) -> str:
        opened = open_database(self.core.database.engine.url.render_as_string(hide_password=False))
        try:
            return "\n".join(report(opened, COMPANY, person=name, days=90, now=self.now))
        finally:
            opened.close()

    async def report(self, name: str) -> str:
        # In a loop of its own, as the command line does.
        return await asyncio.to_thread(self.deliveries, name)


@asynccontextmanager
async def running(url: str, **platforms: Any) -> AsyncIterator[Company]:
    settings = Settings(company=COMPANY, database_url=url, http=Http("127.0.0.1", 0), key=KEY, **platforms)
    company = Company(settings)
    await company.application.start()
    for platform in company.application.platforms:
        platform.sender.lane_interval = 0.0
    try:
        yield company
    finally:
        await company.application.stop()


@asynccontextmanager
async def on_slack(url: str) -> AsyncIterator[tuple[Company, FakeSlack]]:
    async with FakeSlack(ACME) as slack:
        slack.add_user("U9", name="Ada Admin")
        async with running(url, slack=slack.installs, slack_api_url=slack.url) as company:
            slack.bot_url = company.application.address
            yield company, slack


@asynccontextmanager
async def on_teams(url: str) -> AsyncIterator[tuple[Company, FakeTeams]]:
    async with FakeTeams(NORTH) as teams:
        teams.add_person("U5", name="Dana Whitfield")
        teams.add_person("U9", name="Ada Admin")
        platform = {
            "teams": tuple(teams.listed),
            "teams_openid_metadata_url": teams.metadata_url,
            "teams_login_url": teams.login_url,
            "teams_service_urls": (teams.service_url,),
        }
        async with running(url, **platform) as company:
            teams.bot_url = company.application.address
            yield company, teams


# ---------------------------------------------------------------- Slack


async def test_a_nudge_in_slack_reaches_somebody_who_never_wrote(database_url: str) -> None:
    """It begins with who speaks and how to stop that, once; the welcome comes at their own first word."""
    async with on_slack(database_url) as (company, slack):
        slack.add_user("U5", name="Dana Whitfield")
        await company.imported("Dana Whitfield")
        await company.looks()
        await company.until(MONDAY)
        (first,) = slack.said_to("U5")
        assert first.text == f"{INTRODUCTION} Good morning, Dana Whitfield."
        assert first.read.startswith(INTRODUCTION)
        await company.until(MONDAY + WEEK)
        second = slack.said_to("U5")[-1]
        assert second.text == "Good morning, Dana Whitfield."
        assert not [shown for shown in slack.messages if "Welcome" in shown.read]
        await slack.say("hello", user="U5")
        await company.core.delivery.idle()
        said = [shown.read for shown in slack.said_to("U5")[2:]]
        assert any("I know your team already" in one for one in said), said
        assert company.rows(sa.select(tables.identities.c.found_at).where(tables.identities.c.external_id == "U5")) == [
            (None,)
        ]
        await slack.say("stop everything", user="U5")
        await company.core.delivery.idle()
        count = len(slack.said_to("U5"))
        await company.until(MONDAY + 2 * WEEK)
        assert len(slack.said_to("U5")) == count, "the introduction says how to stop it, and that holds"


async def test_an_operator_reads_why_slack_does_not_know_somebody(database_url: str) -> None:
    async with on_slack(database_url) as (company, slack):
        slack.add_user("U6", name="Lee Guest", is_restricted=True)
        await company.imported("Dana Whitfield", "Lee Guest")
        assert "Pacer has not looked for Dana Whitfield in Slack install acme yet" in await company.report("Dana")
        await company.looks()
        told = await company.report("Dana")
        assert "Reached nowhere" in told
        assert "Pacer has not found Dana Whitfield in Slack install acme by dana@example.com (2026-11-15 12:00)" in told
        assert "as a guest or somebody of another company" in await company.report("Lee")
        await slack.say("hello", user="U9")
        await slack.say("people", user="U9")
        await company.core.delivery.idle()
        sentence = "I can write to 0 of 2 people in the plan. Not yet to Dana Whitfield and Lee Guest"
        assert any(sentence in shown.read for shown in slack.said_to("U9"))
        await slack.say("people Dana", user="U9")
        await company.core.delivery.idle()
        assert "Pacer has not found Dana Whitfield in Slack install acme" in slack.said_to("U9")[-1].read


# ---------------------------------------------------------------- Teams


async def test_a_nudge_in_teams_reaches_the_members_of_a_team(database_url: str) -> None:
    async with on_teams(database_url) as (company, teams):
        await company.imported("Dana Whitfield")
        assert "Pacer is in no team of Teams install north" in await company.report("Dana")
        assert [one.status for one in await teams.installs(where="sales")] == [200, 200]
        await company.looks()
        await company.until(MONDAY)
        (first,) = teams.privately("U5")
        assert first.notification == f"{INTRODUCTION} Good morning, Dana Whitfield."
        assert first.read.startswith(INTRODUCTION)
        assert [call["members"] for call in teams.called("create")] == [[{"id": teams.person("U5").object_id}]]
        await company.until(MONDAY + WEEK)
        assert teams.privately("U5")[-1].notification == "Good morning, Dana Whitfield."
        await teams.removes(where="sales")
        assert company.rows(sa.select(tables.rosters)) == []


@pytest.mark.parametrize("refusal", ["not installed", "blocked"])
async def test_a_chat_that_teams_keeps_closed(database_url: str, refusal: str) -> None:
    """It ends in words, the admins hear of it once, and it is tried again after a week or when they add the app."""
    async with on_teams(database_url) as (company, teams):
        dana = teams.person("U5")
        dana.installed, dana.refuses = (
            (False, "") if refusal == "not installed" else (True, "ConversationBlockedByUser")
        )
        await company.imported("Dana Whitfield")
        await teams.says("hello", user="U9")
        await teams.installs(where="sales")
        await company.looks()
        await company.until(MONDAY)
        assert teams.privately("U5") == []
        told = await company.report("Dana")
        words = "Pacer is not in that person's Teams" if refusal == "not installed" else "has blocked or removed Pacer"
        assert words in told
        assert "Pacer tries again after 2026-11-23" in told
        for _ in range(3):
            await company.core.settle_due()
        await company.core.delivery.idle()
        news = [shown.read for shown in teams.privately("U9") if "I cannot write to" in shown.read]
        assert [one.splitlines()[0][:57] for one in news] == [
            "I cannot write to 1 person of the plan: Dana Whitfield. I"
        ]

        tried = len(teams.called("create")) + len(teams.called("post"))
        for day in (1, 2):
            await company.until(MONDAY + timedelta(days=day))
        assert len(teams.called("create")) + len(teams.called("post")) == tried, "nothing is tried within the week"
        reason = "Pacer is not in their Teams" if refusal == "not installed" else "they have blocked or removed Pacer"
        assert f"withheld  {reason}" in await company.report("Dana")

        company.now = MONDAY + WEEK
        await company.core.settle_due()
        await company.until(MONDAY + WEEK)
        assert len(teams.called("create")) + len(teams.called("post")) > tried, "after a week it is tried again"
        await company.core.settle_due()
        await company.core.delivery.idle()
        assert len([shown for shown in teams.privately("U9") if "I cannot write to" in shown.read]) == 1

        dana.installed, dana.refuses = True, ""
        company.now = MONDAY + 2 * WEEK
        await company.core.settle_due()
        await company.until(MONDAY + 2 * WEEK)
        assert teams.privately("U5")[-1].notification == f"{INTRODUCTION} Good morning, Dana Whitfield."


async def test_who_adds_the_app_is_written_to_at_once(database_url: str) -> None:
    async with on_teams(database_url) as (company, teams):
        teams.person("U5").installed = False
        await company.imported("Dana Whitfield")
        await teams.installs(where="sales")
        await company.looks()
        await company.until(MONDAY)
        assert "Reached nowhere" in await company.report("Dana")
        await teams.installs("U5")
        await company.core.delivery.idle()
        assert "Reached on: north" in await company.report("Dana")
        assert any("I know your team already" in shown.read for shown in teams.privately("U5"))
        await company.until(MONDAY + WEEK)
        assert teams.privately("U5")[-1].notification == "Good morning, Dana Whitfield."
