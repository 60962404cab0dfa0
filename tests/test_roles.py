"""`--serve` and `--work`: what a process does that does one part only, and where there is none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
import sqlalchemy as sa
from typer.testing import CliRunner

from bot.app import Application
from bot.cli import cli
from bot.config import Http, Settings
from bot.roles import BOTH, Roles, chosen, why_not
from storage import jobs, outbox, tables
from storage.database import Transaction
from tests.fakes.slack import FakeSlack
from tests.processes import ACME, SETTINGS
from tests.serving import COMPANY, KEY


@pytest_asyncio.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack(ACME) as fake:
        fake.direct("U1")
        fake.join("C9", "bot")
        yield fake


async def started(url: str, slack: FakeSlack, roles: Roles) -> Application:
    http = Http("127.0.0.1", 0)
    settings = Settings(company=COMPANY, database_url=url, http=http, key=KEY, slack=(ACME,), slack_api_url=slack.url)
    application = Application(settings, roles=roles)
    await application.start()
    return application


def put_left(tx: Transaction) -> None:
    """A message and a job that somebody else has left."""
    now = datetime.now(UTC)
    outbox.put(
        tx,
        key="left",
        topic="test",
        operation="post",
        install="acme",
        person=None,
        address='{"conversation":"C9"}',
        body='{"text":"left by somebody"}',
        at=now,
    )
    jobs.put(tx, kind="import preview", key="left", person=None, data={"given": {}, "place": None}, at=now)


def states(application: Application, table: sa.Table) -> dict[str, str]:
    with application.core.database.engine.connect() as connection:
        return {row[0]: row[1] for row in connection.execute(sa.select(table.c.key, table.c.state))}


async def test_who_serves_sends_its_own_answers_and_leaves_the_rest(database_url: str, slack: FakeSlack) -> None:
    application = await started(database_url, slack, Roles(serves=True, works=False))
    slack.bot_url = application.address
    try:
        await application.core.database.write(put_left)
        await slack.say("log call Acme")
        await slack.until(lambda: [shown for shown in slack.messages if "Acme" in shown.read], 20)
        # Two ticks and more: long enough for who works.
        await asyncio.sleep(2.5)
        assert states(application, tables.outbox)["left"] == "waiting"
        assert states(application, tables.jobs) == {"left": "waiting"}
        assert set(application.core.ages()) == {"clock", "delivery"}
    finally:
        assert await application.stop()


async def test_who_works_takes_what_is_left_and_hears_nobody(database_url: str, slack: FakeSlack) -> None:
    application = await started(database_url, slack, Roles(serves=False, works=True))
    try:
        await application.core.database.write(put_left)
        await slack.until(lambda: [shown for shown in slack.messages if "left by somebody" in shown.read], 20)
        await slack.until(lambda: states(application, tables.jobs)["left"] != "waiting", 20)
        async with aiohttp.ClientSession() as session:
            async with session.post(f"{application.address}/slack/events", data=b"{}") as answer:
                assert answer.status == 404
            async with session.get(f"{application.address}/readyz") as answer:
                assert answer.status == 200
    finally:
        await application.stop()


async def test_what_a_stop_has_not_sent_is_anybodys_at_once(postgres_url: str, slack: FakeSlack) -> None:
    """Not only after the lease: two answers in one conversation, of which the pace lets only the first go."""
    application = await started(postgres_url, slack, BOTH)
    slack.bot_url = application.address
    await application.core.say_what_is_due()
    await asyncio.gather(slack.say("log call Acme"), slack.say("log call Globex"), slack.say("log call Initech"))
    assert application.core.planner.plans
    stopping = asyncio.create_task(application.stop())
    assert await stopping
    other = await started(postgres_url, slack, Roles(serves=False, works=True))
    try:
        now = datetime.now(UTC)
        for word in ("Acme", "Globex", "Initech"):
            await slack.until(lambda word=word: [shown for shown in slack.messages if word in shown.read], 10)
        assert (datetime.now(UTC) - now).total_seconds() < 10, "it waited for the lease"
        await slack.until(lambda: set(states(other, tables.outbox).values()) == {"sent"}, 10)
        await other.core.say_what_is_due()
        assert other.core.planner.plans, "the one that stopped still holds the lease"
    finally:
        await other.stop()


def test_neither_is_both_and_so_are_both() -> None:
    assert chosen(serve=False, work=False) == chosen(serve=True, work=True) == BOTH
    assert chosen(serve=True, work=False) == Roles(serves=True, works=False)
    assert chosen(serve=False, work=True) == Roles(serves=False, works=True)


def test_one_process_does_everything_on_sqlite() -> None:
    settings = Settings(slack=(ACME,), database_url="sqlite:///x.db")
    assert why_not(settings, BOTH) == ""
    sentence = why_not(settings, Roles(serves=True, works=False))
    assert "--serve" in sentence
    assert "PostgreSQL" in sentence
    shared = Settings(slack=(ACME,), database_url="postgresql://pacer@db/pacer")
    assert why_not(shared, Roles(serves=True, works=False)) == ""


@pytest.mark.parametrize("part", ["--serve", "--work"])
def test_the_command_says_why_not(part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {
        "SLACK_BOT_TOKEN": ACME.bot_token,
        "SLACK_SIGNING_SECRET": ACME.signing_secret,
        "PACER_KEY": KEY,
    }
    config = tmp_path / "app.yaml"
    config.write_text(SETTINGS.format(leave=0))
    found = CliRunner().invoke(cli, ["run", part, "--config", str(config)], env=given)
    assert found.exit_code == 1
    assert f"With SQLite one process does everything, so {part} is not for it" in found.output
    config.write_text("company: {name: Demo}\n")
    found = CliRunner().invoke(cli, ["run", part, "--config", str(config)])
    assert found.exit_code == 1
    assert f"The playground answers and works in one process, so {part}" in found.output


async def test_a_turn_that_hangs_keeps_a_stop_from_nothing_else(
    postgres_url: str, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else holds a lock. The stop ends in time and says that not all was finished; what waits is let go."""
    monkeypatch.setattr("bot.app.BEGUN", 0.5)
    application = await started(postgres_url, slack, BOTH)
    slack.bot_url = application.address
    await application.core.say_what_is_due()
    with application.core.database.engine.connect() as lock:
        lock.execute(sa.text("LOCK TABLE activities IN ACCESS EXCLUSIVE MODE"))
        hangs = asyncio.create_task(slack.say("log call Acme"))
        await slack.until(lambda: slack.called("users.info"), 20)
        await asyncio.sleep(0.3)
        began = asyncio.get_running_loop().time()
        assert await application.stop() is False
        assert asyncio.get_running_loop().time() - began < 5
        held = sa.text("SELECT count(*) FROM outbox WHERE claimed_by IS NOT NULL")
        assert lock.execute(held).scalar_one() == 0
        assert lock.execute(sa.text("SELECT count(*) FROM leases WHERE until > clock_timestamp()")).scalar_one() == 0
        lock.rollback()
    await asyncio.gather(hangs, return_exceptions=True)
    await application.core.turns.drain()
    application.core.database.close()
