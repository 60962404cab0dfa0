"""Jobs: begun when a turn commits one, done in pieces, gone on with after a process is gone, said where it was asked.

The jobs of these tests are declared here; those of the product have tests of their own.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from handlers.conversation.command import Listener
from handlers.conversation.company import Company
from handlers.conversation.facts import PersonArrived
from handlers.conversation.job import JobKind, Running
from handlers.conversation.reply import Reply
from handlers.conversation.request import JobWanted, Message, Outcome, Request
from scheduled.jobs import Runner, data_of
from storage import jobs, people
from storage.database import Database, Transaction
from tests.chat import Chat

NOW = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)


class Said:
    """Stands for the outbox."""

    def __init__(self) -> None:
        self.replies: list[str] = []
        self.messages: list[Message] = []
        self.kicked: list[str] = []

    def say(self, tx: Transaction, job: str, place: Any, person: str | None, reply: Reply, now: datetime) -> list[str]:
        self.replies.append(reply.text)
        return [f"{job}:{len(self.replies)}"]

    def message(self, tx: Transaction, message: Message, now: datetime) -> list[str]:
        self.messages.append(message)
        return [message.key]

    def kick(self, keys: Any) -> None:
        self.kicked += keys


class Process:
    """One process's runner, with a clock that stands still until it is moved."""

    def __init__(self, database: Database, kinds: tuple[JobKind, ...], owner: str, *listeners: Listener) -> None:
        self.now = NOW
        self.said = Said()
        self.runner = Runner(database, Company(), kinds, listeners, out=self.said, clock=lambda: self.now, owner=owner)

    async def until_idle(self) -> None:
        self.runner.kick()
        await asyncio.wait_for(self.runner.idle(), 10)


async def put(database: Database, kind: str, key: str, **given: Any) -> None:
    data = data_of(JobWanted(kind, key, given), None)
    await database.write(lambda tx: jobs.put(tx, kind=kind, key=key, person=None, data=data, at=NOW))


async def job(database: Database, key: str) -> jobs.Job:
    found = await database.read(lambda tx: jobs.get(tx, key))
    assert found is not None
    return found


def counting(upto: int, seen: list[int], between: Callable[[int], None] = lambda _: None) -> Callable[[Running], None]:
    """Counts to `upto`, a piece for each number, and says the last one."""

    def run(running: Running) -> None:
        for number in range((running.cursor or 0) + 1, upto + 1):

            def piece(tx: Transaction, number: int = number) -> None:
                running.save(tx, number)
                if number == upto:
                    running.say(tx, Reply(f"counted to {number}"))
                    running.finish(tx)

            running.write(piece)
            seen.append(number)
            between(number)

    return run


async def test_a_job_is_done_once_however_often_it_is_asked_for(database: Database) -> None:
    seen: list[int] = []
    process = Process(database, (JobKind("count", counting(3, seen)),), "one")
    for _ in range(2):
        await put(database, "count", "k")
        await process.until_idle()
    assert seen == [1, 2, 3]
    assert process.said.replies == ["counted to 3"]
    assert (await job(database, "k")).state == "done"
    assert process.said.kicked, "what it said was delivered at once"
    await process.runner.stop()


async def test_a_job_that_a_process_left_is_gone_on_with_where_it_was(database: Database) -> None:
    seen: list[int] = []
    first = Process(database, (JobKind("count", counting(5, seen)),), "first")

    def die(number: int) -> None:
        if number == 2:
            first.runner.stopping = True  # the next piece is not begun any more

    first.runner._kinds["count"] = JobKind("count", counting(5, seen, die))
    await put(database, "count", "k")
    await first.until_idle()
    await first.runner.stop()
    assert (await job(database, "k")).state == "waiting", "it is given back for others to go on with"

    second = Process(database, (JobKind("count", counting(5, seen)),), "second")
    await second.until_idle()
    assert seen == [1, 2, 3, 4, 5]
    await second.runner.stop()


async def test_a_lease_that_ran_out_is_taken_over_and_its_holder_writes_no_more(database: Database) -> None:
    seen: list[int] = []
    go_on, at_two = threading.Event(), threading.Event()

    def wait(number: int) -> None:
        if number == 2:
            at_two.set()
            assert go_on.wait(10)

    slow: list[int] = []
    first = Process(database, (JobKind("count", counting(4, slow, wait)),), "first")
    await put(database, "count", "k")
    first.runner.kick()
    assert await asyncio.to_thread(at_two.wait, 10)

    second = Process(database, (JobKind("count", counting(4, seen)),), "second")
    await second.until_idle()
    assert seen == [], "its lease holds"
    second.now += timedelta(seconds=31)
    await second.until_idle()
    assert seen == [3, 4]
    go_on.set()
    await asyncio.wait_for(first.runner.idle(), 10)
    assert slow == [1, 2], "who lost it writes nothing"
    assert first.said.replies == []
    await first.runner.stop()
    await second.runner.stop()


async def test_jobs_of_a_lane_run_one_after_the_other(database: Database) -> None:
    together, most = [0], [0]
    lock = threading.Lock()

    def run(running: Running) -> None:
        with lock:
            together[0] += 1
            most[0] = max(most[0], together[0])
        running.write(lambda tx: running.save(tx, 1))
        threading.Event().wait(0.05)
        with lock:
            together[0] -= 1

    kinds = (JobKind("a", run, lane="files"), JobKind("b", run, lane="files"))
    process = Process(database, kinds, "one")
    for number in range(4):
        await put(database, "ab"[number % 2], f"k{number}")
    await process.until_idle()
    assert [(await job(database, f"k{number}")).state for number in range(4)] == ["done"] * 4
    assert most[0] == 1
    await process.runner.stop()


async def test_a_mistake_of_ours_is_said_and_ends_the_job(database: Database) -> None:
    def run(running: Running) -> None:
        raise KeyError("nothing of this may be said")

    process = Process(database, (JobKind("bad", run),), "one")
    await put(database, "bad", "k")
    await process.until_idle()
    ended = await job(database, "k")
    assert ended.state == "failed"
    assert ended.error is not None
    number = ended.error.split()[0]
    (said,) = process.said.replies
    assert number in said
    assert "nothing of this" not in said
    await process.runner.stop()


async def test_facts_of_a_job_reach_the_listeners_in_its_transaction(database: Database) -> None:
    heard: list[Request] = []

    def hear(fact: Said, request: Request, tx: Transaction) -> Outcome:
        heard.append(request)
        somebody = people.add(tx, name="Somebody", email="", at=NOW)
        assert somebody is not None
        return Outcome(messages=(Message("p", Reply("heard"), "t", "k1"),))

    def run(running: Running) -> None:
        running.write(lambda tx: running.tell(tx, facts=[Said()]))

    process = Process(database, (JobKind("tells", run),), "one", Listener(Said, hear))
    await put(database, "tells", "k")
    await process.until_idle()
    assert [message.reply.text for message in process.said.messages] == ["heard"]
    assert heard[0].now == NOW
    assert heard[0].actor.name == "Pacer"
    await process.runner.stop()


def test_a_job_that_a_listener_wants_is_begun_and_leaves_the_answer_alone(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hear(fact: PersonArrived, request: Request, tx: Transaction) -> Outcome:
        return Outcome(jobs=(JobWanted("after", f"after:{fact.identity}", {"word": "later"}),))

    def run(running: Running) -> None:
        running.write(lambda tx: (running.say(tx, Reply(running.data["word"])), running.finish(tx)))

    monkeypatch.setattr("bot.app.LISTENERS", (Listener(PersonArrived, hear),))
    monkeypatch.setattr("bot.app.JOBS", (JobKind("after", run),))
    chat = Chat(database_url)
    try:
        answer = chat.newcomer("help").back.replies[0].text
        chat.run(chat.core.jobs.idle())
        chat.run(chat.core.delivery.idle())
        assert chat.newcomer.inbox()[-2:] == [answer, "later"]
    finally:
        chat.close()
