"""10,000 waiting outbox rows to a local sink, beside raw aiohttp posting the same bodies, in the same run.

    python -m tests.bench.outbox [--rounds N] [--rows N] [--postgres URL]

The sink is a process of its own and answers like Slack. Rounds alternate, so that a machine whose speed drifts is fair
to all. Every row has a conversation of its own and no limit a minute holds, so that what is measured is the work and
not the pace. Two ways out: a least possible Sender, and Slack's as it is used (rendering, metadata, all its checks).
"""

from __future__ import annotations

import argparse
import asyncio
import functools
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from math import inf
from pathlib import Path
from typing import NamedTuple

import aiohttp
import msgspec
import structlog
from aiohttp import web

from bot.process import tune
from bot.slack.api import SlackApi
from bot.slack.install import Installs, SlackInstall
from bot.slack.send import SlackSender
from handlers.conversation.reply import Reply
from handlers.conversation.request import Address
from scheduled.delivery import Delivery
from scheduled.outgoing.workers import WORKERS
from scheduled.sending import CannotTell, NotThere, Operation, Refused, Result, Sender, Sent
from storage import outbox
from storage.database import Database, Transaction, open_database
from storage.tables import metadata
from storage.vault import Vault

ROWS = 10_000
ROUNDS = 5
AIM = 0.7
HEADERS = {"Authorization": "Bearer xoxb-bench", "Content-Type": "application/json; charset=utf-8"}
_encode, _decode = msgspec.json.encode, msgspec.json.decode


# ---------------------------------------------------------------- the sink


async def serve() -> None:
    """Answer chat.postMessage until killed; the first line on standard output is the port."""
    count = 0

    async def post(request: web.Request) -> web.Response:
        nonlocal count
        sent = _decode(await request.read())
        count += 1
        answer = {"ok": True, "channel": sent["channel"], "ts": f"1700000000.{count:06d}"}
        return web.Response(body=_encode(answer), content_type="application/json")

    application = web.Application()
    application.add_routes([web.post("/api/chat.postMessage", post)])
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


# ---------------------------------------------------------------- the ways out


class LeastSender:
    """What no Sender can do without: one POST, one answer read."""

    lane_interval = 0.0
    install_per_minute = inf

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = f"{url}chat.postMessage"

    async def send(self, operation: Operation) -> Result:
        async with self._session.post(self._url, data=_body(operation), headers=HEADERS) as answer:
            taken = _decode(await answer.read())
        if not taken["ok"]:
            return Refused(taken["error"])
        return Sent(Address(conversation=taken["channel"], message=taken["ts"]))

    async def find(self, operation: Operation) -> Sent | NotThere | CannotTell:
        return CannotTell("a bench")

    def lane(self, operation: Operation) -> str:
        return operation.address.conversation


class UnlimitedSlackSender(SlackSender):
    """Slack's, without the pace."""

    lane_interval = 0.0
    install_per_minute = inf


def _body(operation: Operation) -> bytes:
    return _encode(
        {
            "channel": operation.address.conversation,
            "text": operation.body.text,
            "metadata": {"event_type": "pacer", "event_payload": {"id": operation.id}},
        }
    )


def _text(number: int) -> str:
    return f"Logged: call with Acme Corporation, today 15:00, 30 min. That is {number} of 40 this week."


# ---------------------------------------------------------------- the rounds


class Took(NamedTuple):
    """Seconds by the clock, and of this process's processor time: the fairer of the two on a machine that is busy."""

    wall: float
    processor: float


class _Watch:
    def __init__(self) -> None:
        self._begun = time.perf_counter(), time.process_time()

    def read(self) -> Took:
        return Took(time.perf_counter() - self._begun[0], time.process_time() - self._begun[1])


async def raw(url: str, rows: int) -> Took:
    """What `rows` posts take, as many at once as delivery has workers."""
    bodies = [
        _encode(
            {
                "channel": f"C{number}",
                "text": _text(number),
                "metadata": {"event_type": "pacer", "event_payload": {"id": f"{number:032x}"}},
            }
        )
        for number in range(rows)
    ]
    waiting = iter(bodies)

    async def work(session: aiohttp.ClientSession) -> None:
        for body in waiting:
            async with session.post(f"{url}chat.postMessage", data=body, headers=HEADERS) as answer:
                await answer.read()

    async with aiohttp.ClientSession() as session:
        watch = _Watch()
        await asyncio.gather(*(work(session) for _ in range(WORKERS)))
        return watch.read()


def fill(tx: Transaction, rows: int) -> None:
    """Waiting rows, each for a channel of its own."""
    at = datetime.now(UTC)
    for number in range(rows):
        outbox.put(
            tx,
            key=f"k{number}",
            topic="nudge",
            operation="post",
            install="bench",
            person=None,
            address=_encode(Address(conversation=f"C{number}")).decode(),
            body=_encode(Reply(_text(number))).decode(),
            at=at,
        )


async def delivered(database: Database, sender: Sender, rows: int) -> Took:
    """What it takes from the start of delivery until every row is sent and written down as sent."""
    await database.write(lambda tx: fill(tx, rows))
    delivery = Delivery(
        database,
        {"slack": sender},
        platform_of=lambda _install: "slack",
        vault=Vault("a key for the bench"),
        clock=lambda: datetime.now(UTC),
        operator=lambda sentence, /, **details: print(sentence, details),
        owner=f"bench {time.time_ns()}",
    )
    watch = _Watch()
    await delivery.start()
    await delivery.idle()
    taken = watch.read()
    await delivery.stop()
    assert (await database.read(outbox.counts))["sent"] == rows
    return taken


async def with_fresh_database(postgres: str | None, run: Callable[[Database], Awaitable[Took]]) -> Took:
    """Run on an empty outbox: a new SQLite file, or the server's emptied."""
    with tempfile.TemporaryDirectory() as directory:
        database = open_database(postgres or f"sqlite:///{Path(directory) / 'bench.db'}")
        if postgres:
            metadata.drop_all(database.engine)
        metadata.create_all(database.engine)
        try:
            return await run(database)
        finally:
            database.close()


async def bench(url: str, rounds: int, rows: int, postgres: str | None) -> dict[str, list[Took]]:
    """What each way out took, round by round."""
    rates: dict[str, list[Took]] = {"raw aiohttp": [], "least sender": [], "SlackSender": []}
    await raw(url, rows // 10)
    for number in range(rounds):
        rates["raw aiohttp"].append(await raw(url, rows))
        async with aiohttp.ClientSession() as session:
            least = LeastSender(session, url)
            taken = await with_fresh_database(postgres, functools.partial(delivered, sender=least, rows=rows))
        rates["least sender"].append(taken)
        api = SlackApi(url)
        slack = UnlimitedSlackSender(Installs([SlackInstall("bench", team_id="T1", bot_token="xoxb-bench")]), api)
        taken = await with_fresh_database(postgres, functools.partial(delivered, sender=slack, rows=rows))
        await api.close()
        rates["SlackSender"].append(taken)
        print(
            f"round {number + 1}: " + ", ".join(f"{name} {rows / took[-1].wall:,.0f}/s" for name, took in rates.items())
        )
    return rates


def report(rates: dict[str, list[Took]], rows: int, of: str) -> None:
    """Medians, and the median of each round's ratio to raw aiohttp in that same round."""
    base = rates["raw aiohttp"]
    print(f"\n{rows:,} waiting outbox rows on {of}, {len(base)} rounds, {WORKERS} sends at once, median of rounds")
    for name, took in rates.items():
        rate = statistics.median(rows / one.wall for one in took)
        wall = statistics.median(beside.wall / one.wall for one, beside in zip(took, base, strict=True))
        processor = statistics.median(beside.processor / one.processor for one, beside in zip(took, base, strict=True))
        aim = "" if took is base else f" (aim {AIM}); {processor:.2f} by processor time"
        print(f"  {name:14} {rate:8,.0f}/s   {wall:5.2f} of raw aiohttp{aim}")


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("--rounds", type=int, default=ROUNDS)
    arguments.add_argument("--rows", type=int, default=ROWS)
    arguments.add_argument(
        "--postgres", metavar="URL", help="an empty database for the bench alone; its tables are dropped"
    )
    arguments.add_argument("--sink", action="store_true", help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.sink:
        with suppress(KeyboardInterrupt):
            asyncio.run(serve())
        return
    with open(os.devnull, "w") as nowhere:
        # The log as in production, but for where it goes.
        structlog.configure(
            processors=[structlog.processors.JSONRenderer()], logger_factory=structlog.PrintLoggerFactory(nowhere)
        )
        sink = subprocess.Popen([sys.executable, "-m", "tests.bench.outbox", "--sink"], stdout=subprocess.PIPE)
        try:
            assert sink.stdout is not None
            url = f"http://127.0.0.1:{int(sink.stdout.readline())}/api/"
            tune()  # as in production, for raw aiohttp too
            rates = asyncio.run(bench(url, given.rounds, given.rows, given.postgres))
        finally:
            sink.terminate()
            sink.wait(10)
    report(rates, given.rows, "PostgreSQL" if given.postgres else "SQLite")


if __name__ == "__main__":
    main()
