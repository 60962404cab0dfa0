"""A Slack adapter between a fake Slack and a scripted turn, over both ways in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio
from aiohttp import web

from bot.answer import Answer
from bot.attached import Fetch
from bot.slack.api import SlackApi
from bot.slack.install import Installs, SlackInstall
from bot.slack.receive import SlackReceiver
from bot.slack.socket_mode import SocketMode
from handlers.conversation.reply import Button, Buttons, Form, Reply, Text
from handlers.conversation.request import Attached, Incoming, Said
from tests.fakes.slack import FakeSlack

ACME = SlackInstall("acme", "T1", bot_token="xoxb-acme", signing_secret="secret-acme", app_token="xapp-acme")
EAST = SlackInstall("east", "T2", bot_token="xoxb-east", signing_secret="secret-east", app_token="xapp-east")
ORG = SlackInstall("org", enterprise_id="E1", bot_token="xoxb-org", signing_secret="secret-org", app_token="xapp-org")

LOGGED = Reply(
    text="Logged: call with Acme, today.",
    parts=(Text("Logged: call with Acme", "strong"), Buttons((Button("Undo", "tok-undo"), Button("Edit", "tok-edit")))),
)


class Scripted:
    """A turn that answers as it is told and remembers what it was given."""

    def __init__(self) -> None:
        self.taken: list[Incoming] = []
        self.fetched: list[Attached] = []
        """The files that came with it all, once they were fetched."""
        self.missed: list[tuple[Incoming, Form]] = []
        self.removed: list[str] = []
        self.answer: Callable[[Incoming], Answer] = lambda incoming: Answer(reply=LOGGED if incoming.inline else None)

    async def take(self, incoming: Incoming, fetch: Fetch | None = None) -> Answer:
        self.taken.append(incoming)
        if fetch is not None:
            self.fetched += await fetch()
        elif isinstance(incoming.what, Said):
            self.fetched += incoming.what.files
        return self.answer(incoming)

    async def form_missed(self, incoming: Incoming, form: Form) -> None:
        self.missed.append((incoming, form))

    async def uninstalled(self, install: str, event: str = "") -> None:
        self.removed.append(install)


class World:
    """A bot between a fake Slack and a scripted turn."""

    def __init__(self, slack: FakeSlack, turns: Scripted, receiver: SlackReceiver, api: SlackApi) -> None:
        self.slack, self.turns, self.receiver, self.api = slack, turns, receiver, api

    @property
    def last(self) -> Incoming:
        return self.turns.taken[-1]


async def _serve(receiver: SlackReceiver) -> tuple[web.AppRunner, str]:
    application = web.Application()
    receiver.add_to(application)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, f"http://127.0.0.1:{runner.addresses[0][1]}"


@pytest_asyncio.fixture(params=["http", "socket"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    """Over both ways in."""
    async with FakeSlack(ACME, EAST, ORG) as slack:
        slack.over = request.param
        api = SlackApi(slack.url)
        turns, installs = Scripted(), Installs(slack.installs)
        receiver = SlackReceiver(installs=installs, turns=turns, api=api)
        runner, slack.bot_url = await _serve(receiver)
        socket = SocketMode(installs, receiver, api)
        if slack.over == "socket":
            await socket.start()
        yield World(slack, turns, receiver, api)
        await receiver.drain()
        await socket.stop()
        await runner.cleanup()
        await api.close()
