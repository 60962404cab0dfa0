"""Real processes, killed with SIGKILL at a chosen moment (FAULTS 9, 10 and the delivering half of 13).

This file is also the program that gets killed: `python tests/test_kill.py MOMENT DATABASE_URL SINK_URL OWNER`. The sink
that stands for the platform is a real HTTP server in the test's own process, so it lives on.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from math import inf
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa
from aiohttp import ClientError, ClientSession, web

from handlers.conversation.request import Address
from scheduled.delivery import Delivery
from scheduled.sending import CannotTell, NotThere, Operation, Result, Sent, Unsure
from storage import outbox
from storage.database import Database, Transaction, open_database
from storage.tables import outbox as table
from storage.vault import Vault

VAULT = Vault("a key for tests only")
PATIENCE = 60.0
"""Seconds after which a test that waits for something is wrong."""


def put(tx: Transaction, key: str, owner: str | None = None) -> bool:
    at = datetime.now(UTC)
    return outbox.put(
        tx,
        key=key,
        topic="reply",
        operation="post",
        install="acme",
        person=None,
        address=json.dumps({"conversation": f"C-{key.partition('-')[0]}"}),
        body=json.dumps({"text": key}),
        at=at,
        claimed_by=owner,
        lease_until=at + timedelta(seconds=30) if owner else None,
    )


def hang(moment: str) -> None:
    """Say so, then do nothing more, the event loop included."""
    print(moment, flush=True)
    time.sleep(PATIENCE)


class HttpSender:
    """A platform behind real HTTP. At `moment` it says so on standard output and hangs, to be killed there."""

    lane_interval = 0.0
    install_per_minute = inf

    def __init__(self, session: ClientSession, sink: str, moment: str = "") -> None:
        self._session = session
        self._sink = sink
        self._moment = moment

    def _hang_if(self, moment: str) -> None:
        if self._moment == moment:
            hang(moment)

    async def send(self, operation: Operation) -> Result:
        self._hang_if("sending")
        message = {"id": operation.id, "key": operation.key}
        try:
            async with self._session.post(f"{self._sink}/post", json=message) as answer:
                answer.raise_for_status()
                number = (await answer.json())["number"]
        except (ClientError, TimeoutError) as error:
            return Unsure(type(error).__name__)
        self._hang_if("sent")
        return Sent(Address(conversation=operation.address.conversation, message=str(number)))

    async def find(self, operation: Operation) -> Sent | NotThere | CannotTell:
        async with self._session.get(f"{self._sink}/find", params={"id": operation.id}) as answer:
            if answer.status != 200:
                return CannotTell(f"HTTP {answer.status}")
            number = (await answer.json())["number"]
        return NotThere() if number is None else Sent(Address(operation.address.conversation, message=str(number)))

    def lane(self, operation: Operation) -> str:
        self._hang_if("claimed")
        return operation.address.conversation


def make_delivery(
    database: Database, sender: HttpSender, owner: str, told: list[str], ahead: timedelta, lease: timedelta
) -> Delivery:
    return Delivery(
        database,
        {"fake": sender},
        platform_of=lambda _install: "fake",
        vault=VAULT,
        clock=lambda: datetime.now(UTC) + ahead,
        operator=lambda sentence, /, **_details: told.append(sentence),
        owner=owner,
        lease=lease,
        find_after=(0.05, 0.05, 0.05),
    )


async def victim(moment: str, url: str, sink: str, owner: str) -> None:
    """Deliver what waits, until killed."""
    database = open_database(url)
    async with ClientSession() as session:
        if moment == "put":
            await database.write(lambda tx: put(tx, "k", owner))
            hang(moment)
        lease = timedelta(seconds=1 if moment == "any" else 30)
        delivery = make_delivery(database, HttpSender(session, sink, moment), owner, [], timedelta(0), lease)
        await delivery.start()
        print("started", flush=True)
        while True:
            await asyncio.sleep(0.1)
            await delivery.tick()


class Sink:
    """The platform: what it was given, and whether it can be asked about that."""

    def __init__(self) -> None:
        self.posted: dict[str, int] = {}
        self.keys: list[str] = []
        self.can_tell = True
        self.slowness = 0.0
        self.heard = asyncio.Event()
        self.url = ""

    async def post(self, request: web.Request) -> web.Response:
        message = await request.json()
        self.keys.append(message["key"])
        self.heard.set()
        number = self.posted[message["id"]] = len(self.keys)
        await asyncio.sleep(random.uniform(0, self.slowness))
        return web.json_response({"number": number})

    async def find(self, request: web.Request) -> web.Response:
        if not self.can_tell:
            return web.json_response({}, status=503)
        return web.json_response({"number": self.posted.get(request.query["id"])})


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    made = Sink()
    application = web.Application()
    application.add_routes([web.post("/post", made.post), web.get("/find", made.find)])
    runner = web.AppRunner(application, shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


async def start_victim(moment: str, database: Database, sink: Sink, owner: str) -> asyncio.subprocess.Process:
    """It has said its moment, or that it began, when this returns."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        __file__,
        moment,
        database.url.render_as_string(hide_password=False),
        sink.url,
        owner,
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parent.parent,
    )
    assert process.stdout is not None
    wanted = b"started" if moment == "any" else moment.encode()
    async with asyncio.timeout(PATIENCE):
        while line := await process.stdout.readline():
            if line.strip() == wanted:
                return process
    raise AssertionError(f"the process ended with {await process.wait()} before {moment}")


async def states(database: Database) -> dict[str, str]:
    def work(tx: Transaction) -> dict[str, str]:
        return {row.key: row.state for row in tx.execute(sa.select(table.c.key, table.c.state))}

    return await database.read(work)


async def finish(
    database: Database, sink: Sink, ahead: timedelta, lease: timedelta = timedelta(seconds=30)
) -> list[str]:
    """A new process's delivery works until every row has a final state; what the operator was told."""
    told: list[str] = []
    async with ClientSession() as session:
        delivery = make_delivery(database, HttpSender(session, sink.url), "the next process", told, ahead, lease)
        await delivery.start()
        async with asyncio.timeout(PATIENCE):
            while not set((await states(database)).values()) <= set(outbox.FINAL_STATES):
                await delivery.tick()
                await asyncio.sleep(0.05)
        await delivery.stop()
    return told


@pytest.mark.parametrize("moment", ["put", "claimed"])
async def test_killed_after_the_claim_is_sent_once_after_the_lease(database: Database, sink: Sink, moment: str) -> None:
    """FAULT 9, for a row that the process put claimed and for one that it claimed from those that waited."""
    if moment == "claimed":
        await database.write(lambda tx: put(tx, "k"))
    process = await start_victim(moment, database, sink, "victim")
    process.kill()
    assert await process.wait() == -9
    assert await states(database) == {"k": "claimed"}
    async with ClientSession() as session:
        early = make_delivery(database, HttpSender(session, sink.url), "early", [], timedelta(0), timedelta(seconds=30))
        await early.start()
        await asyncio.wait_for(early.idle(), PATIENCE)
        await early.stop()
    assert sink.keys == [], "the lease still holds"
    await finish(database, sink, timedelta(seconds=31))
    assert sink.keys == ["k"]
    assert await states(database) == {"k": "sent"}


async def test_killed_after_the_send_ends_as_sent_where_it_is_found(database: Database, sink: Sink) -> None:
    """FAULT 10."""
    await database.write(lambda tx: put(tx, "k"))
    process = await start_victim("sent", database, sink, "victim")
    process.kill()
    await process.wait()
    assert await states(database) == {"k": "sending"}
    assert await finish(database, sink, timedelta(seconds=31)) == []
    assert sink.keys == ["k"]
    assert await states(database) == {"k": "sent"}
    address = await database.read(lambda tx: outbox.sent_address(tx, "k"))
    assert msgspec.json.decode(address or "{}", type=Address) == Address("C-k", message="1")


async def test_killed_after_the_send_ends_as_unknown_where_nobody_can_tell(database: Database, sink: Sink) -> None:
    """FAULT 10, the other end: reported, and not sent again."""
    await database.write(lambda tx: put(tx, "k"))
    process = await start_victim("sent", database, sink, "victim")
    process.kill()
    await process.wait()
    sink.can_tell = False
    told = await finish(database, sink, timedelta(seconds=31))
    assert len(told) == 1
    assert "not known" in told[0]
    assert sink.keys == ["k"]
    assert await states(database) == {"k": "unknown"}


async def test_killed_while_sending_before_a_byte_left_is_sent_once(database: Database, sink: Sink) -> None:
    await database.write(lambda tx: put(tx, "k"))
    process = await start_victim("sending", database, sink, "victim")
    process.kill()
    await process.wait()
    assert await states(database) == {"k": "sending"}
    await finish(database, sink, timedelta(seconds=31))
    assert sink.keys == ["k"]
    assert await states(database) == {"k": "sent"}


async def test_killed_again_and_again_under_load(database: Database, sink: Sink) -> None:
    """FAULT 13, shortened: whatever the moments, every row ends, none is sent twice, and `sent` means it is there."""
    keys = [f"{channel}-{number}" for number in range(4) for channel in range(100)]
    await database.write(lambda tx: [put(tx, key) for key in keys])
    sink.slowness = 0.2
    chance = random.Random(9)
    left: Counter[str] = Counter()
    for life in range(5):
        process = await start_victim("any", database, sink, f"life {life}")
        if life % 2:
            # However slow the machine: at least these die in the middle of sending.
            sink.heard.clear()
            await asyncio.wait_for(sink.heard.wait(), 20)
        await asyncio.sleep(chance.uniform(0, 0.4))
        process.kill()
        await process.wait()
        left.update((await states(database)).values())
    sink.slowness = 0
    await asyncio.sleep(1.1)  # the last lease
    await finish(database, sink, timedelta(0), timedelta(seconds=1))
    ends = await states(database)
    times = Counter(sink.keys)
    print(f"left by five lives {dict(left)}, in the end {dict(Counter(ends.values()))}, sent {len(sink.keys)}")
    assert left["sending"] + left["unsure"], "they were killed while sending"
    assert times.most_common(1)[0][1] == 1
    assert {key for key, state in ends.items() if state == "sent"} == set(times)
    assert set(ends.values()) == {"sent"}, "this platform can always be asked"


if __name__ == "__main__":
    asyncio.run(victim(*sys.argv[1:5]))
