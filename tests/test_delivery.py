"""Delivery against a platform that refuses, limits, drops and forgets (FAULTS 20 to 24, expiry, order)."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from math import inf
from typing import Any

import pytest
import sqlalchemy as sa

from handlers.conversation.reply import Reply
from handlers.conversation.request import Address, Incoming, Profile, Said
from handlers.log import buttons
from handlers.people import newcomers
from scheduled import delivery
from scheduled.clock import Clock, prune
from scheduled.delivery import Delivery
from scheduled.outgoing.lanes import Install
from scheduled.sending import CannotTell, NotThere, Operation, Refused, Result, Retry, Sent, Unsure
from storage import outbox
from storage.database import Database, Transaction, Unavailable, open_database
from storage.tables import identities, new_id, people, seen_events, tokens
from storage.tables import outbox as table
from storage.vault import Vault

START = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
VAULT = Vault("a key for tests only")
SECRET_URL = "https://hooks.example/T1/very-secret"
PATIENCE = 60.0
"""Seconds after which a test that waits for something is wrong."""


class MovedClock:
    """The wall clock, and as much further as the test says."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


class Platform:
    """A platform in memory, with limits that it enforces. `answers[key]` are given first, then everything is taken."""

    def __init__(self, lane_interval: float = 0.0, install_per_minute: float = inf) -> None:
        self.lane_interval = lane_interval
        self.install_per_minute = install_per_minute
        self.answers: dict[str, list[Result | Exception]] = {}
        self.finds: dict[str, list[Sent | NotThere | CannotTell]] = {}
        self.arrived: list[tuple[float, Operation]] = []
        self.asked: list[str] = []
        self.now_sending: Counter[str] = Counter()
        self.overlaps = 0
        self.delay = 0.0
        self.opens: asyncio.Event | None = None
        """Nothing arrives before."""
        self.numbers = itertools.count(1)
        self.waited_for = ""
        self.here = asyncio.Event()
        self.begun = asyncio.Event()

    @property
    def keys(self) -> list[str]:
        return [operation.key for _, operation in self.arrived]

    async def send(self, operation: Operation) -> Result:
        self.begun.set()
        lane = f"{operation.install}:{self.lane(operation)}"
        self.now_sending[lane] += 1
        self.overlaps += self.now_sending[lane] > 1
        await asyncio.sleep(self.delay)
        if self.opens is not None:
            await self.opens.wait()
        self.now_sending[lane] -= 1
        scripted = self.answers.get(operation.key)
        if scripted:
            answer = scripted.pop(0)
            if isinstance(answer, Exception):
                raise answer
            if not isinstance(answer, Sent):
                return answer
        self.arrived.append((asyncio.get_running_loop().time(), operation))
        if operation.key == self.waited_for:
            self.here.set()
        conversation = operation.address.conversation or f"D-{operation.user}"
        return Sent(
            Address(
                conversation=conversation,
                message=operation.address.message or f"m{next(self.numbers)}",
                response_url=operation.address.response_url,
            )
        )

    async def hold(self, sends: int) -> asyncio.Event:
        """Wait until so many sends are on their way; they arrive once what this gives is set."""
        assert self.opens is not None
        async with asyncio.timeout(PATIENCE):
            while sum(self.now_sending.values()) < sends:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        return self.opens

    async def seen(self, key: str) -> None:
        """Wait until that message is here."""
        self.waited_for = key
        await self.here.wait()

    async def find(self, operation: Operation) -> Sent | NotThere | CannotTell:
        self.asked.append(operation.key)
        answers = self.finds.get(operation.key)
        return answers.pop(0) if answers else CannotTell("no way to look")

    def lane(self, operation: Operation) -> str:
        return operation.address.conversation or operation.user


class Desk:
    """One process's delivery with its surroundings."""

    def __init__(self, database: Database, platform: Platform, clock: MovedClock, owner: str) -> None:
        self.database = database
        self.platform = platform
        self.clock = clock
        self.told: list[tuple[str, dict[str, str]]] = []
        self.gone: list[str] = []
        self.delivery = Delivery(
            database,
            {"fake": platform},
            platform_of={"acme": "fake", "beta": "fake"}.__getitem__,
            vault=VAULT,
            clock=clock,
            operator=lambda sentence, /, **details: self.told.append((sentence, details)),
            owner=owner,
            install_gone=self._gone,
            find_after=(0.01, 0.01, 0.01),
        )

    async def _gone(self, install: str) -> None:
        self.gone.append(install)

    def row(self, tx: Transaction, key: str, conversation: str = "C1", **more: Any) -> bool:
        row = {
            "topic": "reply",
            "operation": "post",
            "install": "acme",
            "person": None,
            "address": json.dumps({"conversation": conversation} if conversation else {}),
            "body": json.dumps({"text": f"text of {key}"}),
            "at": self.clock(),
        } | more
        return outbox.put(tx, key=key, **row)

    async def put(self, *keys: str, **more: Any) -> None:
        """Rows that wait for a tick."""
        await self.database.write(lambda tx: [self.row(tx, key, **more) for key in keys])

    async def put_and_kick(self, *keys: str, **more: Any) -> None:
        """Rows as a turn puts them: claimed, then delivered at once."""
        until = self.clock() + self.delivery.lease
        claimed = {"claimed_by": self.delivery.owner, "lease_until": until}
        await self.database.write(lambda tx: [self.row(tx, key, **more, **claimed) for key in keys])
        self.delivery.kick(keys)

    async def tick(self) -> None:
        await self.delivery.tick()
        await asyncio.wait_for(self.delivery.idle(), PATIENCE)

    async def until(self, condition: Callable[[], Awaitable[bool]], every: float = 0.02) -> None:
        """Tick until it is so."""
        async with asyncio.timeout(PATIENCE):
            while not await condition():
                await self.delivery.tick()
                await asyncio.sleep(every)

    async def states(self) -> dict[str, str]:
        return await self.database.read(
            lambda tx: {row.key: row.state for row in tx.execute(sa.select(table.c.key, table.c.state))}
        )

    async def all_final(self) -> bool:
        return set((await self.states()).values()) <= set(outbox.FINAL_STATES)

    async def column(self, key: str, name: str) -> Any:
        return await self.database.read(
            lambda tx: tx.execute(sa.select(table.c[name]).where(table.c.key == key)).scalar()
        )


@pytest.fixture
def platform() -> Platform:
    return Platform()


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
async def desk(database: Database, platform: Platform, clock: MovedClock) -> AsyncIterator[Desk]:
    made = Desk(database, platform, clock, "first")
    await made.delivery.start()
    yield made
    await made.delivery.stop()


# ---------------------------------------------------------------- the way it should go


async def test_kicked_is_sent_at_once_without_a_tick(desk: Desk, platform: Platform) -> None:
    await desk.put_and_kick("hello")
    await asyncio.wait_for(desk.delivery.idle(), PATIENCE)
    assert platform.keys == ["hello"]
    assert platform.arrived[0][1].body.text == "text of hello"
    assert await desk.states() == {"hello": "sent"}
    stored = await desk.database.read(lambda tx: outbox.sent_address(tx, "hello"))
    assert stored is not None
    assert json.loads(stored)["message"] == "m1"


async def test_waiting_is_sent_by_the_tick_and_only_once(desk: Desk, platform: Platform) -> None:
    await desk.put("a", "b", "c")
    for _ in range(3):
        await desk.tick()
    assert platform.keys == ["a", "b", "c"]


async def test_a_persons_message_goes_to_their_own_chat_which_is_then_known(desk: Desk, platform: Platform) -> None:
    person = new_id()

    def known(tx: Transaction) -> None:
        tx.execute(people.insert(), {"id": person, "name": "Ada", "created_at": START})
        row = {"id": new_id(), "install": "acme", "external_id": "U1", "person": person, "created_at": START}
        tx.execute(identities.insert(), row)

    await desk.database.write(known)
    await desk.put_and_kick("first", conversation="", person=person)
    await asyncio.wait_for(desk.delivery.idle(), PATIENCE)
    await desk.put_and_kick("second", conversation="", person=person)
    await asyncio.wait_for(desk.delivery.idle(), PATIENCE)
    await desk.put_and_kick("home", conversation="", person=person, operation="home")
    await asyncio.wait_for(desk.delivery.idle(), PATIENCE)
    sent = [(operation.user, operation.address.conversation) for _, operation in platform.arrived]
    assert sent == [("U1", ""), ("U1", "D-U1"), ("U1", "D-U1")]


async def test_somebody_who_is_not_in_the_install_cannot_be_written_to(desk: Desk, platform: Platform) -> None:
    await desk.put("k", conversation="", person="nobody-here")
    await desk.tick()
    assert await desk.states() == {"k": "failed"}
    assert platform.arrived == []
    assert [details["reason"] for _, details in desk.told] == ["no_identity"]


async def test_a_response_url_is_sealed_at_rest_and_opened_for_the_platform(
    desk: Desk, platform: Platform, capsys: pytest.CaptureFixture[str]
) -> None:
    address = json.dumps({"conversation": "C1", "response_url": VAULT.seal(SECRET_URL)})
    platform.answers["k"] = [Unsure("time-out")]
    await desk.put("k", address=address, operation="update")
    await desk.until(desk.all_final)
    assert platform.arrived[0][1].address.response_url == SECRET_URL
    stored = await desk.column("k", "sent_as")
    assert SECRET_URL not in stored
    assert VAULT.open(json.loads(stored)["response_url"]) == SECRET_URL
    written = capsys.readouterr()
    assert "very-secret" not in written.out + written.err
    assert "text of k" not in written.out + written.err, "what people read is in no log (FAULT 48)"


async def test_an_edit_follows_its_post(desk: Desk, platform: Platform) -> None:
    platform.answers["post"] = [Retry(0.1, "ratelimited")]
    await desk.put_and_kick("post")
    await desk.put_and_kick("edit", operation="update", after="post")
    await desk.until(desk.all_final)
    assert platform.keys == ["post", "edit"]
    assert platform.arrived[1][1].address == Address(conversation="C1", message="m1")


async def test_an_edit_of_what_never_arrived_is_withdrawn(desk: Desk, platform: Platform) -> None:
    platform.answers["post"] = [Refused("channel_not_found")]
    await desk.put("post")
    await desk.put("edit", operation="update", after="post")
    await desk.until(desk.all_final)
    assert await desk.states() == {"post": "failed", "edit": "withdrawn"}
    assert platform.keys == []


# ---------------------------------------------------------------- limits


async def test_429_makes_that_channel_wait_and_no_other(desk: Desk, platform: Platform) -> None:
    """FAULT 20. The channel's own order holds, and a message put meanwhile stands behind."""
    platform.answers["slow-1"] = [Retry(30, "ratelimited")]
    await desk.put("slow-1", "slow-2", conversation="C-slow")
    await desk.put("quick-1", "quick-2", conversation="C-quick")
    await desk.tick()
    await desk.put_and_kick("slow-3", conversation="C-slow")
    await desk.put_and_kick("quick-3", conversation="C-quick")
    await desk.tick()
    assert platform.keys == ["quick-1", "quick-2", "quick-3"]
    desk.clock.ahead = timedelta(seconds=29)
    await desk.tick()
    assert platform.keys == ["quick-1", "quick-2", "quick-3"]
    desk.clock.ahead = timedelta(seconds=34)
    await desk.until(desk.all_final)
    assert platform.keys[3:] == ["slow-1", "slow-2", "slow-3"]
    assert set((await desk.states()).values()) == {"sent"}


async def test_what_is_put_while_the_platform_says_wait_stands_behind(
    desk: Desk, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The 429 comes while the next row is already being read: that one must not pass."""
    platform.answers["1"] = [Retry(30, "ratelimited")]
    platform.delay = 0.2
    read = desk.database.read

    async def slow(work: Callable[[Transaction], Any]) -> Any:
        result = await read(work)
        await asyncio.sleep(0.6)
        return result

    monkeypatch.setattr(desk.database, "read", slow)
    await desk.put_and_kick("1")
    async with asyncio.timeout(PATIENCE):
        await platform.begun.wait()
    await desk.put_and_kick("2")
    await asyncio.wait_for(desk.delivery.idle(), PATIENCE)
    monkeypatch.undo()
    assert platform.keys == []
    desk.clock.ahead = timedelta(seconds=34)
    await desk.until(desk.all_final)
    assert platform.keys == ["1", "2"]


async def test_429_of_a_whole_install_leaves_the_other_install(desk: Desk, platform: Platform) -> None:
    platform.answers["a1"] = [Retry(0.3, "ratelimited", whole_install=True)]
    await desk.put("a1", conversation="CA1")
    await desk.tick()
    await desk.put("a2", conversation="CA2")
    await desk.put("b1", conversation="CB1", install="beta")
    await desk.tick()
    assert platform.keys == ["b1"]
    await desk.until(desk.all_final)
    assert sorted(platform.keys) == ["a1", "a2", "b1"]


async def test_tries_are_bounded(desk: Desk, platform: Platform) -> None:
    """FAULT 21: backs off, bounded, then ends as failed."""
    platform.answers["k"] = [Retry(0, "ratelimited")] * 100
    await desk.put("k")

    async def further() -> bool:
        desk.clock.ahead += timedelta(seconds=1)
        return await desk.all_final()

    await desk.until(further)
    assert await desk.states() == {"k": "failed"}
    assert await desk.column("k", "attempts") == 8
    assert len(desk.told) == 1


async def test_fan_out_keeps_the_platforms_limits_and_each_channels_order(
    database: Database, clock: MovedClock
) -> None:
    """FAULT 24, with the limits scaled: 5,000 messages for 1,000 channels, each channel's one after the other; the
    platform itself enforces 0.3 s a channel and 1,500 a second for the install."""
    platform = Limited(lane_interval=0.3, install_per_minute=90_000)
    desk = Desk(database, platform, clock, "first")
    body = json.dumps({"text": "hello"})

    def fan_out(tx: Transaction) -> None:
        for channel in range(1000):
            for number in range(5):
                desk.row(tx, f"{channel}-{number}", f"C{channel}", body=body)

    await database.write(fan_out)
    await desk.delivery.start()
    await desk.until(desk.all_final, every=0.5)
    await desk.delivery.stop()
    assert platform.refused == Counter()
    assert Counter((await desk.states()).values()) == {"sent": 5000}
    of_channel: dict[str, list[str]] = {}
    for key in platform.keys:
        of_channel.setdefault(key.partition("-")[0], []).append(key)
    assert of_channel == {str(channel): [f"{channel}-{number}" for number in range(5)] for channel in range(1000)}
    assert platform.overlaps == 0


class Limited(Platform):
    """It refuses what comes too soon, as measured on arrival: in a lane, and of an install within a second (a tenth
    and a burst more than its part of a minute; what may be sent in a minute has a test of its own)."""

    def __init__(self, lane_interval: float, install_per_minute: float) -> None:
        super().__init__(lane_interval, install_per_minute)
        self.refused: Counter[str] = Counter()
        self.last: dict[str, float] = {}
        self.window: deque[float] = deque()

    async def send(self, operation: Operation) -> Result:
        now = asyncio.get_running_loop().time()
        while self.window and self.window[0] <= now - 1:
            self.window.popleft()
        lane = self.lane(operation)
        if now - self.last.get(lane, -inf) < self.lane_interval:
            self.refused["lane"] += 1
            return Retry(1, "ratelimited")
        if len(self.window) >= 1.1 * self.install_per_minute / 60 + 10:
            self.refused["install"] += 1
            return Retry(1, "ratelimited", whole_install=True)
        self.last[lane] = now
        self.window.append(now)
        return await super().send(operation)


async def test_an_installs_limit_is_kept_on_the_way(database: Database, clock: MovedClock) -> None:
    limited = Limited(lane_interval=0, install_per_minute=12_000)
    busy = Desk(database, limited, clock, "first")
    await busy.database.write(lambda tx: [busy.row(tx, f"k{n}", f"C{n}") for n in range(400)])
    await busy.delivery.start()
    await busy.until(busy.all_final)
    await busy.delivery.stop()
    assert limited.refused == Counter()
    assert len(limited.keys) == 400


@pytest.mark.postgres
async def test_processes_keep_an_installs_limit_together(postgres_url: str, clock: MovedClock) -> None:
    """Two with 150 rows of their own each: 198 a second behind a burst of 11, as one alone. Each by itself would be
    through in 0.7 s."""
    limited = Platform(install_per_minute=12_000)
    desks = [Desk(open_database(postgres_url), limited, clock, f"process-{n}") for n in range(2)]
    for desk in desks:
        await desk.delivery.start()
    begun = asyncio.get_running_loop().time()
    for desk in desks:
        mine = {"claimed_by": desk.delivery.owner, "lease_until": clock() + desk.delivery.lease}
        keys = [f"{desk.delivery.owner}-{n}" for n in range(150)]
        await desk.database.write(
            lambda tx, desk=desk, keys=keys, mine=mine: [desk.row(tx, one, one, **mine) for one in keys]
        )  # type: ignore[misc]
        desk.delivery.kick(keys)
    await desks[0].until(desks[0].all_final)
    took = limited.arrived[-1][0] - begun
    for desk in desks:
        await desk.delivery.stop()
        desk.database.close()
    assert sorted(limited.keys) == sorted(f"process-{n}-{m}" for n in range(2) for m in range(150))
    assert took > 1.4


async def test_an_installs_limit_a_minute_is_kept_in_any_minute() -> None:
    """The bucket's arithmetic, without waiting: in no minute more than the limit, over an hour nearly all of it."""
    install = Install("acme", "fake", Platform(install_per_minute=300), 0.0)
    sent: deque[float] = deque()
    now, total = 0.0, 0
    while now < 3600:
        now = max(install.open_at(now), now)
        if install.open_at(now) > now:
            continue
        install.tokens -= 1
        sent.append(now)
        total += 1
        while sent[0] <= now - 60:
            sent.popleft()
        assert len(sent) <= 300
    assert total > 0.95 * 300 * 60


async def test_one_busy_channel_does_not_starve_the_others(database: Database, clock: MovedClock) -> None:
    platform = Platform(lane_interval=0.05)
    desk = Desk(database, platform, clock, "first")

    def fill(tx: Transaction) -> None:
        for number in range(1500):
            desk.row(tx, f"busy-{number}", "C-busy")
        desk.row(tx, "quiet", "C-quiet")

    await database.write(fill)
    await desk.delivery.start()
    async with asyncio.timeout(PATIENCE):
        await platform.seen("quiet")
    assert len(platform.keys) < 100
    await desk.delivery.stop()


# ---------------------------------------------------------------- refusals


async def test_revoked_token_stops_the_install_and_tells_the_operator(desk: Desk, platform: Platform) -> None:
    """FAULT 23."""
    gone = Refused("token_revoked", "Install Pacer again in Slack.", install_gone=True)
    platform.answers["a1"] = [gone]
    platform.answers["a2"] = [gone]
    await desk.put("a1", conversation="CA1")
    await desk.put("a2", conversation="CA2")
    await desk.put("a3", "a4", conversation="CA1")
    await desk.put("a5", conversation="CA3", due_at=desk.clock() + timedelta(days=1))
    await desk.put("b1", conversation="CB1", install="beta")
    await desk.tick()
    await desk.until(desk.all_final)
    states = await desk.states()
    assert states | {"a2": ""} == {
        "a1": "failed",
        "a2": "",
        "a3": "withdrawn",
        "a4": "withdrawn",
        "a5": "withdrawn",
        "b1": "sent",
    }
    assert platform.keys == ["b1"]
    assert desk.gone == ["acme"]
    assert desk.told == [("Install Pacer again in Slack.", {"install": "acme", "reason": "token_revoked"})]


async def test_refused_is_failed_and_told_once_for_a_reason(desk: Desk, platform: Platform) -> None:
    for key in ("1", "2", "3"):
        platform.answers[key] = [Refused("channel_not_found", f"Invite Pacer to the channel ({key}).")]
    await desk.put("1", "2", "3")
    await desk.tick()
    assert Counter((await desk.states()).values()) == {"failed": 3}
    assert await desk.column("1", "error") == "channel_not_found"
    assert len(desk.told) == 1


async def test_an_install_that_is_in_no_settings_any_more(desk: Desk, platform: Platform) -> None:
    await desk.put("k", install="sold")
    await desk.tick()
    assert await desk.states() == {"k": "failed"}


async def test_a_row_that_cannot_be_read_fails_alone(desk: Desk, platform: Platform) -> None:
    await desk.put("1", body='{"text":"hello","parts":[{"type":"a kind of tomorrow"}]}')
    await desk.put("2")
    await desk.tick()
    assert await desk.states() == {"1": "failed", "2": "sent"}
    assert [details["reason"] for _, details in desk.told] == ["unreadable"]


# ---------------------------------------------------------------- not sure


async def test_unsure_is_looked_for_and_never_blindly_sent_again(desk: Desk, platform: Platform) -> None:
    """FAULT 22."""
    for key in ("found", "absent", "hidden", "broken"):
        platform.answers[key] = [Unsure("connection lost")]
    platform.answers["broken"] = [RuntimeError("a secret in an error's words")]
    platform.finds["found"] = [NotThere(), Sent(Address(conversation="C", message="m77"))]
    platform.finds["absent"] = [NotThere(), NotThere()]
    platform.finds["hidden"] = [CannotTell("no history scope")] * 3
    platform.finds["broken"] = [NotThere(), CannotTell("down"), NotThere()]
    for key in ("found", "absent", "hidden", "broken"):
        await desk.put(key, conversation=f"C-{key}")
    await desk.tick()
    desk.clock.ahead = timedelta(seconds=5)
    await desk.until(desk.all_final)
    assert await desk.states() == {"found": "sent", "absent": "sent", "hidden": "unknown", "broken": "sent"}
    assert sorted(platform.keys) == ["absent", "broken"], "sent again only where it was not there, twice asked"
    assert Counter(platform.asked) == {"found": 2, "absent": 2, "hidden": 3, "broken": 3}
    assert json.loads(await desk.column("found", "sent_as"))["message"] == "m77"
    assert [details["reason"] for _, details in desk.told] == ["no history scope"]
    assert await desk.column("hidden", "error") == "no history scope"


async def test_what_follows_an_unsure_post_waits_for_it(desk: Desk, platform: Platform) -> None:
    platform.answers["1"] = [Unsure("time-out")]
    platform.finds["1"] = [NotThere(), NotThere()]
    await desk.put("1", "2")
    await desk.put_and_kick("3")
    desk.clock.ahead = timedelta(seconds=5)
    await desk.until(desk.all_final)
    assert platform.keys == ["1", "2", "3"]


async def test_an_unsure_update_is_repeated(desk: Desk, platform: Platform) -> None:
    platform.answers["edit"] = [Unsure("502"), Unsure("502")]
    await desk.put("edit", operation="update", address='{"conversation":"C1","message":"m9"}')

    async def further() -> bool:
        desk.clock.ahead += timedelta(seconds=5)
        return await desk.all_final()

    await desk.until(further)
    assert platform.keys == ["edit"]
    assert platform.asked == []


# ---------------------------------------------------------------- time


async def test_what_is_too_late_expires_visibly(desk: Desk, platform: Platform) -> None:
    """FAULT 15, the delivering half: down at the due time, back after the message was worth sending."""
    at = desk.clock()
    await desk.put("reminder", due_at=at + timedelta(minutes=5), expires_at=at + timedelta(minutes=10))
    await desk.put("nudge", due_at=at + timedelta(minutes=5), expires_at=at + timedelta(hours=10))
    desk.clock.ahead = timedelta(minutes=11)
    await desk.tick()
    assert await desk.states() == {"reminder": "expired", "nudge": "sent"}
    assert platform.keys == ["nudge"]


async def test_what_expires_while_it_stands_in_line(desk: Desk, platform: Platform) -> None:
    platform.opens = asyncio.Event()
    await desk.put("1")
    await desk.put("2", expires_at=desk.clock() + timedelta(seconds=30))
    await desk.delivery.tick()
    opens = await platform.hold(1)
    desk.clock.ahead = timedelta(seconds=31)
    opens.set()
    await asyncio.wait_for(desk.delivery.idle(), PATIENCE)
    assert await desk.states() == {"1": "sent", "2": "expired"}


async def test_withdrawn_while_it_stands_in_line_is_not_sent(desk: Desk, platform: Platform) -> None:
    """FAULT 19, the delivering half."""
    platform.opens = asyncio.Event()
    await desk.put("1", "2")
    await desk.delivery.tick()
    opens = await platform.hold(1)
    assert await desk.database.write(lambda tx: outbox.withdraw(tx, now=desk.clock(), key="2")) == 1
    opens.set()
    await asyncio.wait_for(desk.delivery.idle(), PATIENCE)
    assert platform.keys == ["1"]
    assert await desk.states() == {"1": "sent", "2": "withdrawn"}


async def test_a_held_row_is_held_as_long_as_it_takes(
    database: Database, platform: Platform, clock: MovedClock
) -> None:
    """A send that takes longer than the lease stays its process's own."""
    first, second = (Desk(database, platform, clock, owner) for owner in ("first", "second"))
    platform.delay = 1.0
    for desk in (first, second):
        desk.delivery.lease = timedelta(seconds=0.5)
        await desk.delivery.start()
    await first.put("1", "2")

    async def done() -> bool:
        await second.delivery.tick()
        return await first.all_final()

    await first.until(done)
    for desk in (first, second):
        await desk.delivery.stop()
    assert platform.keys == ["1", "2"]
    assert platform.asked == []


# ---------------------------------------------------------------- stopping, and more than one


async def test_stop_finishes_what_was_begun_and_lets_go_of_the_rest(
    database: Database, platform: Platform, clock: MovedClock
) -> None:
    desk = Desk(database, platform, clock, "first")
    await desk.delivery.start()
    platform.opens = asyncio.Event()
    platform.answers["unsure"] = [Unsure("time-out")]
    await desk.put("1", "2", "3")
    await desk.put("unsure", conversation="C2")
    await desk.delivery.tick()
    opens = await platform.hold(2)
    stopping = asyncio.create_task(desk.delivery.stop())
    await asyncio.sleep(0)
    opens.set()
    await stopping
    states = await desk.states()
    assert states == {"1": "sent", "2": "waiting", "3": "waiting", "unsure": "unsure"}
    platform.finds["unsure"] = [Sent(Address(conversation="C2", message="m5"))]
    after = Desk(database, platform, clock, "second")
    await after.delivery.start()
    await after.until(after.all_final)
    await after.delivery.stop()
    assert platform.keys == ["1", "2", "3"]
    assert set((await after.states()).values()) == {"sent"}


@pytest.mark.postgres
async def test_two_processes_on_one_database_send_each_once_and_in_order(postgres_url: str, clock: MovedClock) -> None:
    databases = [open_database(postgres_url) for _ in range(2)]
    platform = Platform()
    platform.delay = 0.001
    desks = [Desk(database, platform, clock, f"process-{n}") for n, database in enumerate(databases)]

    def fan_out(tx: Transaction) -> None:
        for number in range(20):
            for channel in range(50):
                desks[0].row(tx, f"{channel}-{number}", f"C{channel}")

    for desk in desks:
        await desk.delivery.start()
    await desks[0].database.write(fan_out)

    async def done() -> bool:
        await desks[1].delivery.tick()
        return await desks[0].all_final()

    await desks[0].until(done)
    for desk in desks:
        await desk.delivery.stop()
        desk.database.close()
    assert Counter(platform.keys).most_common(1)[0][1] == 1
    assert len(platform.keys) == 1000
    assert platform.overlaps == 0
    for channel in range(50):
        own = [key for key in platform.keys if key.startswith(f"{channel}-")]
        assert own == [f"{channel}-{number}" for number in range(20)]


async def test_a_database_that_fails_for_a_while_loses_and_doubles_nothing(
    desk: Desk, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.put("1", "2", "3")
    await desk.put("other", conversation="C2")
    monkeypatch.setattr(delivery, "STALLED", 0.1)
    write = desk.database.write
    fails = 4

    async def failing(work: Callable[[Transaction], Any]) -> Any:
        nonlocal fails
        if fails:
            fails -= 1
            if fails % 2:
                await write(work)  # committed, but its answer is lost
            raise Unavailable
        return await write(work)

    monkeypatch.setattr(desk.database, "write", failing)
    await desk.until(lambda: asyncio.sleep(0, fails == 0))
    monkeypatch.undo()
    desk.clock.ahead = timedelta(minutes=1)
    await desk.until(desk.all_final)
    assert Counter(platform.keys) == dict.fromkeys(("1", "2", "3", "other"), 1)
    assert set((await desk.states()).values()) == {"sent"}


async def test_at_once_needs_no_database(desk: Desk, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    for way in ("read", "write"):
        monkeypatch.setattr(desk.database, way, None)
    incoming = Incoming(
        install="acme",
        key="e1",
        profile=Profile(external_id="U1"),
        what=Said("log call"),
        place="channel",
        reply_to=Address(conversation="C1"),
    )
    await desk.delivery.at_once(incoming, Reply("Not saved yet."))
    assert platform.arrived[0][1].address == Address(conversation="C1", only_to="U1")
    monkeypatch.undo()


# ---------------------------------------------------------------- the clock


async def test_the_clock_ticks_and_lets_a_tick_finish() -> None:
    ticks: list[str] = []
    begun = asyncio.Event()

    async def slow() -> None:
        begun.set()
        await asyncio.sleep(0.2)
        ticks.append("finished")

    async def wrong() -> None:
        ticks.append("wrong")
        raise RuntimeError("not today")

    clock = Clock()
    clock.every(0.05, slow, name="slow")
    clock.every(0.02, wrong, name="wrong")
    clock.start()
    await asyncio.wait_for(begun.wait(), PATIENCE)
    await clock.stop()
    assert ticks.count("finished") == 1
    assert "wrong" in ticks
    count = len(ticks)
    await asyncio.sleep(0.1)
    assert len(ticks) == count


async def test_housekeeping_forgets_what_nobody_needs(database: Database) -> None:
    def work(tx: Transaction) -> tuple[list[str], list[str]]:
        for days in (1, 6, 8):
            row = {"key": f"{days}", "seen_at": START - timedelta(days=days), "answer": ""}
            tx.execute(seen_events.insert(), row)
        for days in (-8, -6, 1):
            row = {"token": f"{days}", "command": "log", "action": "undo", "data": {}, "once": True}
            times = {"created_at": START, "expires_at": START + timedelta(days=days)}
            tx.execute(tokens.insert(), row | times)
        prune(tx, START)
        return list(tx.execute(sa.select(seen_events.c.key)).scalars()), list(
            tx.execute(sa.select(tokens.c.token)).scalars()
        )

    seen, kept = await database.write(work)
    assert sorted(seen) == ["1", "6"]
    assert sorted(kept) == ["-6", "1"]


async def test_what_became_of_a_message_is_known_for_longer_than_any_button_is_good(database: Database) -> None:
    made = datetime.now(UTC)
    put_at = {"key": "k", "topic": "t", "operation": "post", "install": "acme", "person": None, "at": made}

    def sent(tx: Transaction) -> None:
        outbox.put(tx, address='{"conversation":"C1"}', body='{"text":"x"}', **put_at)  # type: ignore[arg-type]
        tx.execute(table.update().values(state="sent", settled_at=made))

    async def known_after(span: timedelta) -> bool:
        await database.write(lambda tx: prune(tx, made + span))
        return (await database.read(outbox.counts))["sent"] == 1

    await database.write(sent)
    assert await known_after(2 * max(buttons.GOOD_FOR, newcomers.GOOD_FOR))
    assert not await known_after(timedelta(days=91))
