"""Slack as one of the platforms that are served: its parts, joined."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from bot.answer import TakesTurns
from bot.config import Settings
from bot.slack.api import SlackApi
from bot.slack.disturb import DoNotDisturb
from bot.slack.finding import SlackFinder
from bot.slack.install import Installs, SlackInstall
from bot.slack.receive import SlackReceiver
from bot.slack.send import SlackSender
from bot.slack.socket_mode import SocketMode


class SlackPlatform:
    """See bot.app.Platform: signed HTTP for installs with a signing secret, Socket Mode for those with an app token."""

    name = "slack"

    def __init__(self, settings: Settings, living: Sequence[SlackInstall], turns: TakesTurns) -> None:
        self.api = SlackApi(settings.slack_api_url)
        listed = Installs(living)
        self.sender = SlackSender(installs=listed, api=self.api)
        self.disturb = DoNotDisturb(listed, self.api)
        self.finds = SlackFinder(listed, self.api)
        self.receiver = SlackReceiver(installs=listed, turns=turns, api=self.api)
        self.sockets = SocketMode(installs=listed, receiver=self.receiver, api=self.api)

    def add_to(self, application: web.Application) -> None:
        """See bot.app.Platform."""
        self.receiver.add_to(application)

    async def start(self) -> None:
        """See bot.app.Platform."""
        await self.sockets.start()

    async def missing(self) -> str:
        """See bot.app.Platform. Where some installs come by HTTP, a websocket that is down keeps none of them out."""
        if self.sockets.alone and not await self.sockets.connected():
            return "Slack's Socket Mode is not connected."
        return ""

    async def stop(self) -> None:
        """See bot.app.Platform."""
        await self.sockets.stop()

    async def drain(self) -> None:
        """See bot.app.Platform."""
        await self.receiver.drain()

    async def close(self) -> None:
        """See bot.app.Platform."""
        await self.api.close()
