"""Slack's pace: how near to it delivery comes, and that Slack never has to say *slow down*.

    python -m tests.bench.pacing [--messages N] [--latency SECONDS]

The far end is a process of its own that keeps Slack's rules to the letter: less than a second since the channel's last
message, or more than 300 messages of the workspace within a minute, is answered 429. Two runs, of Slack's own sender
behind real delivery: four channels with many messages each, where the channel's pace decides (theory: a second for each
message of a channel after its first), and more channels than the workspace may have messages a minute, where the
workspace's does (theory: five a second, as fan-outs are to be spread).
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import subprocess
import sys
import tempfile
import time
from collections import deque
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import msgspec
import structlog
from aiohttp import web

from bot.slack.api import SlackApi
from bot.slack.install import Installs, SlackInstall
from bot.slack.send import SlackSender
from handlers.conversation.reply import Reply
from handlers.conversation.request import Address
from scheduled.delivery import Delivery
from storage import outbox
from storage.database import Database, Transaction, open_database
from storage.tables import metadata
from storage.vault import Vault

AIM = 1.1
A_CHANNEL = 1.0
"""Seconds between two messages in it."""
A_MINUTE = 300
CHANNELS = 4


async def serve(latency: float) -> None:
    """Answer chat.postMessage as Slack's limits say; the first line on standard output is the port."""
    last: dict[str, float] = {}
    within: deque[float] = deque()
    counted = {"taken": 0, "limited": 0}

    async def post(request: web.Request) -> web.Response:
        sent = msgspec.json.decode(await request.read())
        now, channel = time.monotonic(), sent["channel"]
        while within and within[0] <= now - 60:
            within.popleft()
        if now - last.get(channel, -A_CHANNEL) < A_CHANNEL or len(within) >= A_MINUTE:
            counted["limited"] += 1
            return web.Response(status=429, headers={"Retry-After": "1"})
        last[channel] = now
        within.append(now)
        counted["taken"] += 1
        await asyncio.sleep(latency)
        return web.json_response({"ok": True, "channel": channel, "ts": f"1700000000.{counted['taken']:06d}"})

    async def counts(_request: web.Request) -> web.Response:
        told = dict(counted)
        last.clear()
        within.clear()
        counted.update(taken=0, limited=0)
        return web.json_response(told)

    application = web.Application()
    application.add_routes([web.post("/api/chat.postMessage", post), web.get("/counts", counts)])
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


def fill(tx: Transaction, channels: int, messages: int) -> None:
    """Waiting rows: so many for each channel."""
    at = datetime.now(UTC)
    for number in range(messages):
        for channel in range(channels):
            outbox.put(
                tx,
                key=f"{channel}-{number}",
                topic="nudge",
                operation="post",
                install="bench",
                person=None,
                address=msgspec.json.encode(Address(conversation=f"C{channel}")).decode(),
                body=msgspec.json.encode(Reply(f"Message {number} for channel {channel}.")).decode(),
                at=at,
            )


async def delivered(database: Database, port: int) -> tuple[float, dict[str, int]]:
    """Seconds until all that waits is sent, and what the far end counted."""
    api = SlackApi(f"http://127.0.0.1:{port}/api/")
    installs = Installs([SlackInstall("bench", team_id="T1", bot_token="xoxb-bench")])
    delivery = Delivery(
        database,
        {"slack": SlackSender(installs, api)},
        platform_of=lambda _install: "slack",
        vault=Vault("a key for the bench"),
        clock=lambda: datetime.now(UTC),
        operator=lambda sentence, /, **details: print(sentence, details),
        owner=f"bench {time.time_ns()}",
    )
    begun = time.perf_counter()
    await delivery.start()
    await delivery.idle()
    while (await database.read(outbox.counts))["waiting"]:
        await delivery.tick()
        await delivery.idle()
    taken = time.perf_counter() - begun
    await delivery.stop()
    await api.close()
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/counts") as answer:
        return taken, await answer.json()


async def one(port: int, channels: int, messages: int, theory: float, what: str) -> None:
    """Fill, deliver, print."""
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{Path(folder) / 'bench.db'}")
        metadata.create_all(database.engine)
        await database.write(lambda tx: fill(tx, channels, messages))
        taken, counted = await delivered(database, port)
        database.close()
    print(
        f"{what}: {channels * messages} messages for {channels} channels in {taken:.1f} s, theory {theory:.1f} s: "
        f"{taken / theory:.2f} times it (aim {AIM}), {counted['limited']} answered 429",
        flush=True,
    )


async def bench(port: int, messages: int, minutes: float) -> None:
    await one(port, CHANNELS, messages, (messages - 1) * A_CHANNEL, "the channel's pace")
    many = int(A_MINUTE * minutes)
    await one(port, many, 1, (many - 1) / A_MINUTE * 60, "the workspace's pace")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=60, help="for each channel")
    parser.add_argument(
        "--minutes", type=float, default=1.5, help="how many minutes' worth of the workspace's messages"
    )
    parser.add_argument("--latency", type=float, default=0.02, help="seconds that the far end takes for each")
    parser.add_argument("--sink", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.sink:
        with suppress(KeyboardInterrupt):
            asyncio.run(serve(given.latency))
        return
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    sink = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.pacing", "--sink", "--latency", str(given.latency)], stdout=subprocess.PIPE
    )
    try:
        assert sink.stdout is not None
        asyncio.run(bench(int(sink.stdout.readline()), given.messages, given.minutes))
    finally:
        sink.terminate()
        sink.wait(10)


if __name__ == "__main__":
    main()
