"""Several `pacer run` on one PostgreSQL, and a proxy before those that serve: what compose.yaml puts together."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

import aiohttp
import psycopg
from aiohttp import web

from bot.slack.install import SlackInstall
from tests.fakes.ports import own_port
from tests.fakes.slack import FakeSlack

ACME = SlackInstall("acme", "T1", bot_token="xoxb-acme", signing_secret="secret-acme")
SETTINGS = """
company: {{name: Demo}}
admins: [ada@example.com]
domains: [example.com]
http: {{leave_seconds: {leave}}}
installs:
  - {{name: acme, team: T1, bot_token: "${{SLACK_BOT_TOKEN}}", signing_secret: "${{SLACK_SIGNING_SECRET}}"}}
"""
START = 150.0
"""Seconds that a busy machine may need to start four processes."""


class Process:
    """One `pacer run`."""

    def __init__(self, config: Path, part: Literal["--serve", "--work", ""], database: str, slack: FakeSlack) -> None:
        self.port = own_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.figures_port = own_port()
        self.heard: list[str] = []
        """What it wrote, line by line."""
        self._arguments = ["run", "--config", str(config), *([part] if part else [])]
        self._given = {
            "PACER_HTTP": f"127.0.0.1:{self.port}",
            "PACER_METRICS": f"127.0.0.1:{self.figures_port}",
            "PACER_DATABASE": database,
            "PACER_KEY": "a key for tests, long enough",
            "SLACK_API_URL": slack.url,
            "SLACK_BOT_TOKEN": ACME.bot_token,
            "SLACK_SIGNING_SECRET": ACME.signing_secret,
        }
        self._running: asyncio.subprocess.Process | None = None
        self._hearing: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Start it; `ready` says when it is there."""
        self._running = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-c", "from bot.cli import main; main()", *self._arguments),
            cwd=Path(__file__).parents[1],
            env=os.environ | self._given,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        self._hearing = asyncio.create_task(self._hear())

    async def _hear(self) -> None:
        assert self._running is not None
        assert self._running.stdout is not None
        async for line in self._running.stdout:
            self.heard.append(line.decode().rstrip())

    async def until_ready(self) -> None:
        """Until /readyz says so."""
        assert self._running is not None
        async with asyncio.timeout(START):
            while await self.ready() != 200:
                assert self._running.returncode is None, "\n".join(self.heard)
                await asyncio.sleep(0.1)

    async def ready(self) -> int:
        """What /readyz answers; 0 where nobody listens."""
        try:
            async with aiohttp.ClientSession() as session, session.get(f"{self.url}/readyz") as answer:
                return answer.status
        except aiohttp.ClientError:
            return 0

    async def figure(self, line: str) -> float:
        """What /metrics gives for that name and labels; 0 where it gives nothing."""
        url = f"http://127.0.0.1:{self.figures_port}/metrics"
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            assert answer.status == 200
            found = [row for row in (await answer.text()).splitlines() if row.startswith(f"{line} ")]
        return float(found[0].rpartition(" ")[2]) if found else 0.0

    def signal(self, name: signal.Signals) -> None:
        """Send it."""
        assert self._running is not None
        self._running.send_signal(name)

    async def ended(self, within: float = 60) -> int:
        """Its exit code."""
        assert self._running is not None
        async with asyncio.timeout(within):
            code = await self._running.wait()
        if self._hearing is not None:
            await self._hearing
        return code

    async def kill(self) -> None:
        """kill -9, if it lives."""
        if self._running is not None and self._running.returncode is None:
            with suppress(ProcessLookupError):
                self._running.send_signal(signal.SIGKILL)
            await self.ended()


class Proxy:
    """One after the other those whose /readyz says yes. A request that found nobody listening goes to the next; one
    that broke off on its way does not, for nobody knows what became of it (so does Caddy)."""

    def __init__(self, upstreams: list[Process], every: float = 0.2) -> None:
        self._upstreams = upstreams
        self._every = every
        self._healthy: list[Process] = list(upstreams)
        self._turn = 0
        self._runner: web.AppRunner | None = None
        self._looking: asyncio.Task[None] | None = None
        self._http: aiohttp.ClientSession | None = None
        self.only: Process | None = None
        """Send everything there."""
        self.twice = False
        """Send everything to two at once, and answer what the first answers: Slack's impatient second try."""
        self.address = ""

    async def __aenter__(self) -> Proxy:
        self._http = aiohttp.ClientSession()
        application = web.Application()
        application.router.add_post("/{path:.*}", self._pass)
        self._runner = web.AppRunner(application, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.address = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self._looking = asyncio.create_task(self._look())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner
        assert self._looking
        assert self._http
        self._looking.cancel()
        await self._runner.cleanup()
        await self._http.close()

    async def _look(self) -> None:
        while True:
            self._healthy = [one for one in self._upstreams if await one.ready() == 200]
            await asyncio.sleep(self._every)

    async def _pass(self, request: web.Request) -> web.Response:
        body = await request.read()
        if self.twice:
            first, second = await asyncio.gather(*(self._to(one, request, body) for one in self._upstreams[:2]))
            assert (first.status, second.status) == (200, 200)
            return first
        for _ in range(20):
            order = [self.only] if self.only else self._healthy[self._turn :] + self._healthy[: self._turn]
            self._turn = (self._turn + 1) % max(1, len(self._healthy))
            for one in order:
                try:
                    return await self._to(one, request, body)
                except aiohttp.ClientConnectorError:
                    continue
                except aiohttp.ClientError:
                    return web.Response(status=502)
            await asyncio.sleep(0.1)
        return web.Response(status=503)

    async def _to(self, one: Process, request: web.Request, body: bytes) -> web.Response:
        assert self._http
        headers = {name: value for name, value in request.headers.items() if name.lower() not in ("host", "connection")}
        async with self._http.post(f"{one.url}{request.path}", data=body, headers=headers) as answer:
            given = await answer.read()
            kind = answer.headers.get("Content-Type", "text/plain")
            return web.Response(status=answer.status, body=given, headers={"Content-Type": kind})


class Rows:
    """What is committed."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __call__(self, query: str) -> list[Any]:
        with psycopg.connect(self._url, autocommit=True) as connection:
            found = connection.execute(query.encode())
            return found.fetchall() if found.description else []

    @property
    def logged(self) -> list[str]:
        """Lines that are kept, sorted."""
        return sorted(line for (line,) in self("SELECT said FROM activities WHERE voided_at IS NULL"))

    @property
    def open(self) -> list[Any]:
        """Messages that are not settled."""
        return self("SELECT key, state, claimed_by, error FROM outbox WHERE settled_at IS NULL")
