"""Signed slash commands with their rows committed, beside a bare Bolt app that only acknowledges, in the same run.

    python -m tests.bench.command

Each server is a process of its own; the load comes from this one, over kept-alive connections, with requests that are
signed beforehand. Rounds alternate, so that a machine whose speed drifts is fair to both.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode

from aiohttp import web

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
TOKEN = "xoxb-bench"
USERS = 200
ZONE = "America/New_York"
ROUNDS = 5
PER_ROUND = {32: 3000, 1: 600}
LINES = (
    "call Acme Corporation",
    "30 min call with Jane Doe at Initech yesterday 3pm -> send NDA friday",
    "emailed Kestrel Robotics the $40k quote",
    "met Tidewater Clinics 2pm for an hour",
    "call Juniper Textiles, no answer",
    "12 dials before lunch",
)
ACCOUNTS = ("Acme Corporation", "Initech", "Kestrel Robotics", "Tidewater Clinics", "Juniper Textiles")


# ---------------------------------------------------------------- the servers


async def serve_pacer(database: str, api: str) -> None:
    """Pacer as `pacer run` composes it."""
    import logging

    from bot import logs
    from bot.app import Application
    from bot.config import Http, Settings
    from bot.process import tune
    from bot.slack.install import SlackInstall
    from handlers.conversation.company import Company
    from storage import accounts, people
    from storage.database import Transaction

    logs.set_up(level=logging.ERROR)
    settings = Settings(
        company=Company(domains=frozenset({"bench.example"})),
        slack=(SlackInstall("main", team_id="T1", bot_token=TOKEN, signing_secret=SECRET),),
        database_url=f"sqlite:///{database}",
        http=Http(port=0),
        key="0123456789abcdef",
        slack_api_url=api,
    )
    app = Application(settings)

    def fill(tx: Transaction) -> None:
        from datetime import UTC, datetime

        now = datetime.now(UTC)
        for name in ACCOUNTS:
            accounts.add(tx, name, by=None, at=now)
        for user in (user_id(number) for number in range(USERS)):
            person = people.add(tx, name=f"User {user}", email=f"{user}@bench.example", at=now, imported=True)
            people.identify(tx, person, install="main", external_id=user, at=now, email=person.email, zone=ZONE)

    app.core.database.submit(fill).result()
    address = await app.start()
    tune()
    print(address, flush=True)
    await asyncio.Event().wait()


async def serve_bolt(api: str) -> None:
    """A Bolt app as its documentation writes it, with process_before_response."""
    from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
    from slack_bolt.app.async_app import AsyncApp
    from slack_sdk.web.async_client import AsyncWebClient

    app = AsyncApp(
        signing_secret=SECRET, client=AsyncWebClient(token=TOKEN, base_url=api), process_before_response=True
    )

    @app.command("/log")
    async def log(ack) -> None:  # type: ignore[no-untyped-def]
        await ack("Logged")

    async def handle(request: web.Request) -> web.Response:
        return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

    server = web.Application()
    server.router.add_post("/slack/events", handle)
    runner = web.AppRunner(server, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print("http://{}:{}".format(*runner.addresses[0][:2]), flush=True)
    await asyncio.Event().wait()


# ---------------------------------------------------------------- the far end and the load


async def fake_slack() -> tuple[web.AppRunner, str]:
    """As much of Slack as a command needs: who the users are."""

    async def call(request: web.Request) -> web.Response:
        data = await request.post()
        method = request.match_info["method"]
        if method == "users.info":
            user = str(data.get("user") or request.query.get("user", "U0"))
            profile = {"real_name": f"User {user}", "email": f"{user.lower()}@bench.example"}
            body = {"ok": True, "user": {"id": user, "team_id": "T1", "profile": profile, "tz": ZONE}}
            return web.json_response(body)
        return web.json_response(
            {"ok": True, "user_id": "UBOT", "bot_id": "B1", "team_id": "T1", "ts": "1.0", "channel": "D1"}
        )

    app = web.Application()
    app.router.add_route("*", "/api/{method}", call)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, "http://{}:{}/api/".format(*runner.addresses[0][:2])


_serial = iter(range(10**9))


def user_id(number: int) -> str:
    """One of the users, in turn."""
    return f"U{number % USERS:05d}"


def signed(host: str) -> bytes:
    """One slash command as the bytes of an HTTP request."""
    number = next(_serial)
    body = urlencode(
        {
            "token": "x",
            "team_id": "T1",
            "team_domain": "bench",
            "channel_id": "D1",
            "channel_name": "directmessage",
            "user_id": user_id(number),
            "user_name": "rep",
            "command": "/log",
            "text": LINES[number % len(LINES)],
            "api_app_id": "A1",
            "is_enterprise_install": "false",
            "response_url": "https://hooks.slack.example/commands/T1/1/x",
            "trigger_id": f"{number}.1.{number:x}",
        }
    ).encode()
    at = str(int(time.time()))
    signature = hmac.new(SECRET.encode(), b"v0:" + at.encode() + b":" + body, hashlib.sha256).hexdigest()
    head = (
        f"POST /slack/events HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"X-Slack-Request-Timestamp: {at}\r\nX-Slack-Signature: v0={signature}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def load(address: str, connections: int, number: int) -> tuple[float, list[float]]:
    """Requests a second, and the latencies in milliseconds. Any answer but 200 ends the run."""
    host = address.removeprefix("http://")
    name, port = host.split(":")
    waiting = iter([signed(host) for _ in range(number)])
    took: list[float] = []

    async def client() -> None:
        reader, writer = await asyncio.open_connection(name, int(port))
        for request in waiting:
            begin = time.perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(head.decode())
            length = next(
                int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower()[:15] == b"content-length:"
            )
            await reader.readexactly(length)
            took.append((time.perf_counter() - begin) * 1000)
        writer.close()

    begin = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(connections)))
    return number / (time.perf_counter() - begin), took


def start(*arguments: str) -> tuple[subprocess.Popen[str], str]:
    """A server of this module as a process, and its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.command", *arguments], stdout=subprocess.PIPE, stderr=None, text=True
    )
    assert process.stdout is not None
    while not (line := process.stdout.readline()).startswith("http"):
        if not line:
            raise RuntimeError(f"the server {arguments[0]} did not start")
    return process, line.strip()


async def main() -> None:
    """Alternate between the two and print what they did."""
    runner, api = await fake_slack()
    with tempfile.TemporaryDirectory() as folder:
        pacer, pacer_at = await asyncio.to_thread(start, "pacer", str(Path(folder) / "bench.db"), api)
        bolt, bolt_at = await asyncio.to_thread(start, "bolt", api)
        try:
            for address in (pacer_at, bolt_at):
                await load(address, 8, 2 * USERS)
            for connections, number in PER_ROUND.items():
                rates: dict[str, list[float]] = {"pacer": [], "bolt": []}
                took: dict[str, list[float]] = {"pacer": [], "bolt": []}
                for _ in range(ROUNDS):
                    for name, address in (("pacer", pacer_at), ("bolt", bolt_at)):
                        rate, latencies = await load(address, connections, number)
                        rates[name].append(rate)
                        took[name] += latencies
                ratio = statistics.median(a / b for a, b in zip(rates["pacer"], rates["bolt"], strict=True))
                for name, label in (("pacer", "signed /log, rows committed"), ("bolt", "bare Bolt, acknowledges only")):
                    p50, p99 = statistics.median(took[name]), statistics.quantiles(took[name], n=100)[98]
                    print(
                        f"{connections:>3} connections  {label:<30} {statistics.median(rates[name]):>7.0f}/s"
                        f"   p50 {p50:6.2f} ms   p99 {p99:6.2f} ms"
                    )
                print(f"{connections:>3} connections  throughput ratio {ratio:.2f} (aim: 0.5 or more; p99 under 60 ms)")
        finally:
            pacer.kill()
            bolt.kill()
    await runner.cleanup()


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["pacer", database, api]:
            asyncio.run(serve_pacer(database, api))
        case ["bolt", api]:
            asyncio.run(serve_bolt(api))
        case _:
            asyncio.run(main())
