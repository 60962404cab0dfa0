"""Socket Mode: Slack's events over a websocket that Pacer opens, for places that cannot be reached from outside."""

from __future__ import annotations

import asyncio
import logging
import time

import structlog
from slack_bolt.adapter.socket_mode.async_internals import send_async_response
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.api import SlackApi
from bot.slack.install import Installs
from bot.slack.receive import SlackReceiver

log = structlog.get_logger(__name__)

WATCH_EVERY = 30.0
"""Seconds between looks at whether a connection still lives."""
PING_EVERY = 10.0
"""Seconds; the SDK takes a connection for dead after four unanswered pings."""
DRAIN = 5.0
"""Seconds that a stop waits for what is being answered."""


class SocketMode:
    """One connection for each app token among the installs."""

    def __init__(
        self, installs: Installs, receiver: SlackReceiver, api: SlackApi, watch_every: float = WATCH_EVERY
    ) -> None:
        self._receiver = receiver
        self._api = api
        self._watch_every = watch_every
        self._vouched: dict[str, frozenset[str]] = {}
        for install in installs:
            if install.app_token:
                named = self._vouched.get(install.app_token, frozenset())
                self._vouched[install.app_token] = named | {install.name}
        self._alone = self.wanted and all(install.app_token for install in installs)
        self._clients: list[SocketModeClient] = []
        self._watchers: list[asyncio.Task[None]] = []
        self._answering: set[asyncio.Task[object]] = set()

    @property
    def alone(self) -> bool:
        """Whether every install comes this way."""
        return self._alone

    @property
    def wanted(self) -> bool:
        """Whether any install has an app token."""
        return bool(self._vouched)

    async def start(self) -> None:
        """Begin to connect. Returns at once: while Slack cannot be reached it is tried again and again."""
        for app_token in self._vouched:
            client = SocketModeClient(
                app_token=app_token,
                logger=logging.getLogger("slack_sdk.socket_mode"),
                web_client=AsyncWebClient(base_url=self._api.base_url, retry_handlers=[]),
                ping_interval=PING_EVERY,
            )
            client.socket_mode_request_listeners.append(self._handle)
            self._clients.append(client)
            self._watchers.append(asyncio.get_running_loop().create_task(self._keep(client)))

    async def stop(self) -> None:
        """Answer what has come in, then hang up."""
        if self._answering:
            await asyncio.wait(self._answering, timeout=DRAIN)
        for watcher in self._watchers:
            watcher.cancel()
        await asyncio.gather(*self._watchers, return_exceptions=True)
        await asyncio.gather(*(_close(client) for client in self._clients), return_exceptions=True)
        self._watchers.clear()
        self._clients.clear()

    async def connected(self) -> bool:
        """Whether every connection stands."""
        return bool(self._clients) and all([await client.is_connected() for client in self._clients])

    async def _keep(self, client: SocketModeClient) -> None:
        """Connect, then look now and then: the SDK reconnects by itself, and where it stalls it is pushed."""
        await _connect(client)
        missing = 0
        while True:
            await asyncio.sleep(self._watch_every)
            missing = 0 if await client.is_connected() else missing + 1
            if missing >= 2:
                log.warning("slack_socket_stalled")
                try:
                    await client.connect_to_new_endpoint(force=True)
                except Exception as error:
                    log.warning("slack_socket_unreachable", reason=type(error).__name__)
                missing = 0

    async def _handle(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._answering.add(task)
        try:
            assert isinstance(client, SocketModeClient)
            answered = await self._receiver.dispatch(request.payload, self._vouched[client.app_token])
            await send_async_response(client, request, answered, time.time())
        finally:
            self._answering.discard(task)


async def _connect(client: SocketModeClient) -> None:
    await client.connect()  # type: ignore[no-untyped-call]


async def _close(client: SocketModeClient) -> None:
    await client.close()  # type: ignore[no-untyped-call]
