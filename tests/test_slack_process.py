"""kill -9 of a real `pacer run` that is connected to a fake Slack: nothing acknowledged is lost, nothing is doubled."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from bot.slack.install import SlackInstall
from tests.fakes.ports import own_port
from tests.fakes.slack import FakeSlack

ACME = SlackInstall("acme", "T1", bot_token="xoxb-acme", signing_secret="secret-acme")
SETTINGS = """
company: {{name: Demo}}
admins: [ada@example.com]
domains: [example.com]
database: sqlite:///{database}
http: {{port: {port}}}
installs:
  - {{name: acme, team: T1, bot_token: "${{SLACK_BOT_TOKEN}}", signing_secret: "${{SLACK_SIGNING_SECRET}}"}}
"""
START = 60.0
"""Seconds that a busy machine may need to start the process."""


class Process:
    """`pacer run`, killed and started again at will."""

    def __init__(self, directory: Path, slack: FakeSlack) -> None:
        self.port = own_port()
        self.database = directory / "pacer.db"
        self._config = directory / "app.yaml"
        self._config.write_text(SETTINGS.format(database=self.database, port=self.port))
        self._slack = slack
        self._running: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Until it listens."""
        given = {
            "SLACK_API_URL": self._slack.url,
            "SLACK_BOT_TOKEN": ACME.bot_token,
            "SLACK_SIGNING_SECRET": ACME.signing_secret,
            "PACER_KEY": "a key for tests, long enough",
        }
        self._running = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            "from bot.cli import main; main()",
            "run",
            "--config",
            str(self._config),
            cwd=Path(__file__).parents[1],
            env=os.environ | given,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        self._slack.bot_url = f"http://127.0.0.1:{self.port}"
        async with asyncio.timeout(START), aiohttp.ClientSession() as session:
            while True:
                assert self._running.returncode is None, "pacer run ended by itself"
                try:
                    async with session.get(self._slack.bot_url):
                        return
                except aiohttp.ClientConnectionError:
                    await asyncio.sleep(0.1)

    async def kill(self) -> None:
        """kill -9."""
        if self._running is not None and self._running.returncode is None:
            self._running.send_signal(signal.SIGKILL)
            await self._running.wait()

    def rows(self, query: str) -> list[Any]:
        """What is committed."""
        with sqlite3.connect(self.database) as connection:
            return connection.execute(query).fetchall()

    @property
    def logged(self) -> list[Any]:
        """Lines that are kept."""
        return [line for (line,) in self.rows("SELECT said FROM activities WHERE voided_at IS NULL")]


@pytest_asyncio.fixture
async def process(tmp_path: Path) -> AsyncIterator[Process]:
    async with FakeSlack(ACME) as slack:
        slack.direct("U1")
        made = Process(tmp_path, slack)
        await made.start()
        yield made
        await made.kill()


def _event(text: str) -> dict[str, Any]:
    return {"type": "message", "channel_type": "im", "channel": "D1", "user": "U1", "text": text, "ts": "1.1"}


@pytest.mark.timeout(240)
async def test_killed_before_the_commit(process: Process) -> None:
    """FAULT 7: not acknowledged, nothing stored; the retry succeeds."""
    slack = process._slack
    lock = sqlite3.connect(process.database, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    sent = asyncio.create_task(slack.event(_event("log call Globex"), event_id="Ev1"))
    await slack.until(lambda: slack.called("users.info"))
    await asyncio.sleep(0.3)
    await process.kill()
    with pytest.raises(aiohttp.ClientError):
        await sent
    lock.execute("ROLLBACK")
    lock.close()
    assert process.logged == []
    await process.start()
    assert (await slack.event(_event("log call Globex"), event_id="Ev1", retry=1)).status == 200
    await slack.until(lambda: [shown for shown in slack.messages if "Globex" in shown.read])
    assert process.logged == ["call Globex"]


@pytest.mark.timeout(240)
async def test_killed_after_the_commit_before_the_acknowledgement(process: Process) -> None:
    """FAULT 8: the retry gets the first result, a command its first answer."""
    slack = process._slack
    form = b"command=%2Flog&text=call+Globex&user_id=U1&channel_id=C1&team_id=T1&trigger_id=1.2.3"
    first = await slack.post(form, slack.signed(form, ACME.signing_secret, form=True))
    # As if the answer had been lost on its way: the process dies, and the same bytes come again.
    await process.kill()
    assert process.logged == ["call Globex"]
    await process.start()
    again = await slack.post(form, slack.signed(form, ACME.signing_secret, form=True))
    assert (again.status, again.body) == (200, first.body)
    assert process.logged == ["call Globex"]


@pytest.mark.timeout(240)
async def test_killed_while_a_reply_is_on_its_way(process: Process) -> None:
    """FAULTS 9 and 10: Slack has the message, the process died before it heard so; it is found, not said again."""
    slack = process._slack
    slack.inject("chat.postMessage", slow=30, status=500, do=True, when=lambda sent: "Globex" in sent["text"])
    await slack.event(_event("log call Globex"), event_id="Ev1")
    await slack.until(lambda: [shown for shown in slack.messages if "Globex" in shown.read])
    await process.kill()
    assert process.rows("SELECT state FROM outbox WHERE topic = 'reply'") == [("sending",)]
    # The lease has run out: nobody waits for that in a test.
    with sqlite3.connect(process.database) as connection:
        connection.execute("UPDATE outbox SET lease_until = '2020-01-01 00:00:00.000000' WHERE state = 'sending'")
    await process.start()
    await slack.until(lambda: process.rows("SELECT state FROM outbox WHERE topic = 'reply'") == [("sent",)], 30)
    assert len([shown for shown in slack.messages if "Globex" in shown.read]) == 1
    assert process.logged == ["call Globex"]
