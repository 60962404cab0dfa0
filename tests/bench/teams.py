"""Teams turns with their token check and their reply delivered, beside an echo of botbuilder's stock CloudAdapter.

    python -m tests.bench.teams

Pacer logs an activity (rows committed, SQLite) and posts the card; the stock adapter says back what it heard. Both
check the same token against keys that they fetch themselves, and a run ends when the last reply has arrived. The stock
adapter is measured twice: as it comes, fetching a token for its replies in each turn (MSAL would ask Microsoft, over
https; here one plain request to this process stands for it), and with a token that it is given. Pacer's pacing by
Teams' published limits, which the stock adapter has not, is turned off. Each server is a process of its own;
the load and the Connector that takes the replies are this one. Rounds alternate.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.bench.command import ACCOUNTS, LINES
from tests.fakes.teams_identity import TeamsIdentity

APP = "11111111-2222-3333-4444-555555555555"
TENANT = "99999999-8888-7777-6666-555555555555"
USERS = 200
ROUNDS = 3
CONNECTIONS = 16
PER_ROUND = {"pacer": 1200, "stock": 120, "given": 120}


# ---------------------------------------------------------------- the servers


async def serve_pacer(database: str, metadata: str, service: str) -> None:
    """Pacer as `pacer run` composes it."""
    import logging
    from datetime import UTC, datetime

    from bot import logs
    from bot.app import Application
    from bot.config import Http, Settings
    from bot.process import tune
    from bot.teams.install import TeamsInstall
    from bot.teams.send import TeamsSender
    from handlers.conversation.company import Company
    from storage import accounts
    from storage.database import Transaction

    logs.set_up(level=logging.ERROR)
    settings = Settings(
        company=Company(domains=frozenset({"bench.example"})),
        teams=(TeamsInstall("main", TENANT, APP, "secret"),),
        database_url=f"sqlite:///{database}",
        http=Http(port=0),
        key="0123456789abcdef",
        teams_openid_metadata_url=metadata,
        teams_login_url=service.rstrip("/"),
        teams_service_urls=(service,),
    )
    app = Application(settings)
    # Teams' published limits, which Pacer keeps to by itself, would be what is measured: the stock adapter has none.
    for platform in app.platforms:
        assert isinstance(platform.sender, TeamsSender)
        platform.sender.lane_interval, platform.sender.install_per_minute = 0.0, float("inf")

    def fill(tx: Transaction) -> None:
        for name in ACCOUNTS:
            accounts.add(tx, name, by=None, at=datetime.now(UTC))

    app.core.database.submit(fill).result()
    address = await app.start()
    tune()
    print(address, flush=True)
    await asyncio.Event().wait()


async def serve_stock(metadata: str, login: str) -> None:
    """An echo bot as botbuilder's samples write it. `login` is where it fetches tokens; empty: it has one."""
    import requests
    from botbuilder.core import ActivityHandler, TurnContext
    from botbuilder.integration.aiohttp import CloudAdapter, ConfigurationBotFrameworkAuthentication
    from botframework.connector.auth import (
        MicrosoftAppCredentials,
        PasswordServiceClientCredentialFactory,
        ServiceClientCredentialsFactory,
    )

    class Credentials(MicrosoftAppCredentials):  # type: ignore[misc]
        def get_access_token(self, force_refresh: bool = False) -> str:
            if not login:
                return "token"
            return str(requests.post(f"{login}{TENANT}/oauth2/v2.0/token", timeout=10).json()["access_token"])

    class Factory(PasswordServiceClientCredentialFactory):  # type: ignore[misc]
        async def create_credentials(self, *_: Any, **_named: Any) -> Any:
            return Credentials(APP, "secret")

    class Configuration:
        APP_ID = APP
        APP_PASSWORD = "secret"
        APP_TYPE = "SingleTenant"
        APP_TENANTID = TENANT
        TO_BOT_FROM_CHANNEL_OPENID_METADATA_URL = metadata
        TO_BOT_FROM_CHANNEL_TOKEN_ISSUER = "https://api.botframework.com"
        TO_CHANNEL_FROM_BOT_LOGIN_URL = "https://login.microsoftonline.com/x"
        TO_CHANNEL_FROM_BOT_OAUTH_SCOPE = "https://api.botframework.com"
        OAUTH_URL = "https://api.botframework.com"
        TO_BOT_FROM_EMULATOR_OPENID_METADATA_URL = metadata
        CALLER_ID = None

    class Echo(ActivityHandler):  # type: ignore[misc]
        async def on_message_activity(self, turn_context: TurnContext) -> None:
            await turn_context.send_activity(f"You said: {turn_context.activity.text}")

    factory: ServiceClientCredentialsFactory = Factory(APP, "secret")
    adapter = CloudAdapter(ConfigurationBotFrameworkAuthentication(Configuration(), credentials_factory=factory))
    echo = Echo()

    async def handle(request: web.Request) -> web.Response:
        response: web.Response = await adapter.process(request, echo)
        return response

    server = web.Application()
    server.router.add_post("/api/messages", handle)
    runner = web.AppRunner(server, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print("http://{}:{}".format(*runner.addresses[0][:2]), flush=True)
    await asyncio.Event().wait()


# ---------------------------------------------------------------- the far end and the load


class Connector:
    """As much of the Bot Connector and of its login as a turn needs."""

    def __init__(self) -> None:
        self.replies = 0
        self.wanted = 0
        self.all_there = asyncio.Event()
        self.url = ""

    async def start(self) -> None:
        """Serve on loopback."""
        app = web.Application()
        app.router.add_post("/{tenant}/oauth2/v2.0/token", self._token)
        app.router.add_get("/v3/conversations/{conversation}/members/{user}", self._member)
        app.router.add_post("/v3/conversations/{conversation}/activities", self._activity)
        app.router.add_post("/v3/conversations/{conversation}/activities/{activity}", self._activity)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = "http://{}:{}/".format(*runner.addresses[0][:2])

    def expect(self, replies: int) -> None:
        """Say when so many more have arrived."""
        self.replies, self.wanted = 0, replies
        self.all_there.clear()

    async def _token(self, _request: web.Request) -> web.Response:
        return web.json_response({"token_type": "Bearer", "expires_in": 3599, "access_token": "token"})

    async def _member(self, request: web.Request) -> web.Response:
        user = request.match_info["user"]
        return web.json_response(
            {
                "id": user,
                "name": f"User {user}",
                "email": f"{user.removeprefix('29:').lower()}@bench.example",
                "aadObjectId": user.removeprefix("29:"),
                "tenantId": TENANT,
                "userRole": "user",
            }
        )

    async def _activity(self, request: web.Request) -> web.Response:
        await request.read()
        self.replies += 1
        if self.replies == self.wanted:
            self.all_there.set()
        return web.json_response({"id": str(self.replies)}, status=201)


_serial = itertools.count()


def activity(host: str, token: str, service: str) -> bytes:
    """One message as the bytes of an HTTP request."""
    number = next(_serial)
    user = f"u{number % USERS:05d}"
    body = json.dumps(
        {
            "type": "message",
            "id": f"{time.time_ns()}{number}",
            "timestamp": "2026-11-22T10:00:00.000Z",
            "localTimezone": "America/New_York",
            "serviceUrl": service,
            "channelId": "msteams",
            "from": {"id": f"29:{user}", "name": f"User {user}", "aadObjectId": user},
            "conversation": {"conversationType": "personal", "tenantId": TENANT, "id": f"a:{user}"},
            "recipient": {"id": f"28:{APP}", "name": "Pacer"},
            "entities": [{"locale": "en-US", "country": "US", "platform": "Web", "type": "clientInfo"}],
            "channelData": {"tenant": {"id": TENANT}},
            "text": f"log {LINES[number % len(LINES)]}",
            "textFormat": "plain",
            "locale": "en-US",
        }
    ).encode()
    head = (
        f"POST /api/messages HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {token}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def load(address: str, connector: Connector, token: str, number: int) -> float:
    """Turns a second, replies delivered. Any answer that is no success ends the run."""
    host = address.removeprefix("http://")
    name, port = host.split(":")
    waiting = iter([activity(host, token, connector.url) for _ in range(number)])
    connector.expect(number)

    async def client() -> None:
        reader, writer = await asyncio.open_connection(name, int(port))
        for request in waiting:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 20"):
                raise RuntimeError(head.decode())
            lengths = [line for line in head.split(b"\r\n") if line.lower()[:15] == b"content-length:"]
            await reader.readexactly(int(lengths[0].split(b":")[1]) if lengths else 0)
        writer.close()

    begin = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(CONNECTIONS)))
    async with asyncio.timeout(60):
        await connector.all_there.wait()
    return number / (time.perf_counter() - begin)


def start(*arguments: str) -> tuple[subprocess.Popen[str], str]:
    """A server of this module as a process, and its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.teams", *arguments], stdout=subprocess.PIPE, stderr=None, text=True
    )
    assert process.stdout is not None
    while not (line := process.stdout.readline()).startswith("http"):
        if not line:
            raise RuntimeError(f"the server {arguments[0]} did not start")
    return process, line.strip()


async def main() -> None:
    """Alternate between the two and print what they did."""
    connector = Connector()
    await connector.start()
    async with TeamsIdentity() as identity:
        token = identity.token(app_id=APP, service_url=connector.url)
        with tempfile.TemporaryDirectory() as folder:
            arguments = ("pacer", str(Path(folder) / "bench.db"), identity.metadata_url, connector.url)
            pacer, pacer_at = await asyncio.to_thread(start, *arguments)
            stock, stock_at = await asyncio.to_thread(start, "stock", identity.metadata_url, connector.url)
            given, given_at = await asyncio.to_thread(start, "stock", identity.metadata_url, "")
            try:
                addresses = {"pacer": pacer_at, "stock": stock_at, "given": given_at}
                # The first words of each person are answered with a welcome too: they are not measured.
                await load(pacer_at, connector, token, 2 * USERS)
                await asyncio.sleep(1)
                await load(stock_at, connector, token, CONNECTIONS)
                await load(given_at, connector, token, CONNECTIONS)
                rates: dict[str, list[float]] = {name: [] for name in addresses}
                for _ in range(ROUNDS):
                    for name, address in addresses.items():
                        rates[name].append(await load(address, connector, token, PER_ROUND[name]))
                labels = {
                    "pacer": "log, rows committed, card sent",
                    "stock": "stock CloudAdapter, echo",
                    "given": "the same, given its token",
                }
                for name, label in labels.items():
                    print(f"{CONNECTIONS:>3} connections  {label:<32} {statistics.median(rates[name]):>7.1f}/s")
                for name in ("stock", "given"):
                    ratio = statistics.median(a / b for a, b in zip(rates["pacer"], rates[name], strict=True))
                    print(f"{CONNECTIONS:>3} connections  ratio to {labels[name]:<26} {ratio:.1f} (aim: 10 or more)")
            finally:
                for process in (pacer, stock, given):
                    process.kill()


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["pacer", database, metadata, service]:
            asyncio.run(serve_pacer(database, metadata, service))
        case ["stock", metadata, login]:
            asyncio.run(serve_stock(metadata, login))
        case _:
            asyncio.run(main())
