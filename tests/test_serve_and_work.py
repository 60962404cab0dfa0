"""Several real processes on one PostgreSQL behind a proxy: two that serve, two that work (FAULTS 7-10, 14)."""

from __future__ import annotations

import asyncio
import inspect
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from tests.conftest import _beside
from tests.fakes.slack import FakeSlack
from tests.processes import ACME, SETTINGS, Process, Proxy, Rows

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300), pytest.mark.postgres]

USERS = [f"U{number}" for number in range(1, 9)]
LEAVE = 1


async def until(seen: Callable[[], Any], wanted: object, within: float = 60) -> None:
    """Wait for what comes by itself."""
    end = asyncio.get_running_loop().time() + within
    while (found := await _now(seen)) != wanted:
        assert asyncio.get_running_loop().time() < end, f"still {found!r} after {within} s"
        await asyncio.sleep(0.05)


async def _now(seen: Callable[[], Any]) -> object:
    found = seen()
    return await found if inspect.isawaitable(found) else found


class Company:
    """All of it: processes, the proxy before them, Slack and the rows."""

    def __init__(self, directory: Path, database: str, slack: FakeSlack) -> None:
        self.rows = Rows(database)
        self.slack = slack
        self._database = database
        self._config = directory / "app.yaml"
        self._config.write_text(SETTINGS.format(leave=LEAVE))
        self.serving = [self._made("--serve") for _ in range(2)]
        self.working = [self._made("--work") for _ in range(2)]
        self.proxy = Proxy(self.serving)
        self._said = 0

    def _made(self, part: Any) -> Process:
        return Process(self._config, part, self._database, self.slack)

    @property
    def processes(self) -> list[Process]:
        return [*self.serving, *self.working]

    async def tell(self, *, patient: bool = True) -> str:
        """Somebody logs something, and Slack delivers it until it is acknowledged. What was logged; empty where it was
        not acknowledged (and only if not `patient`)."""
        self._said += 1
        number, user = self._said, USERS[self._said % len(USERS)]
        line = f"call Globex{number:03d}"
        event = {"type": "message", "channel_type": "im", "channel": f"D{user[1:]}", "user": user, "ts": f"1.{number}"}
        for attempt in range(40):
            try:
                answered = await self.slack.event(
                    {**event, "text": f"log {line}"}, event_id=f"Ev{number}", retry=attempt
                )
            except aiohttp.ClientError:
                answered = None
            if answered is not None and answered.status == 200:
                return line
            if not patient:
                return ""
            await asyncio.sleep(0.2)
        raise TimeoutError(f"{line} was not acknowledged in 40 tries")

    async def answered(self, lines: list[str]) -> None:
        """Until nothing is on its way any more; each of these then stands before its person, once."""
        # One a second goes into each conversation: how long that takes is a question of how much was said.
        while left := len(self.rows.open):
            await until(lambda left=left: len(self.rows.open) < left, True)  # type: ignore[misc]
        for line in lines:
            account = line.removeprefix("call ")
            shown = [shown.read for shown in self.slack.messages if account in shown.read]
            assert len(shown) == 1, (
                line,
                shown,
                self.rows(f"SELECT state, error FROM outbox WHERE body LIKE '%{account}%'"),
            )


@pytest.fixture(scope="module")
def database(postgres_server: str, postgres_databases: Any) -> Iterator[str]:
    name = postgres_databases.take()
    yield _beside(postgres_server, name)
    postgres_databases.give_back(name)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def company(tmp_path_factory: pytest.TempPathFactory, database: str) -> AsyncIterator[Company]:
    async with FakeSlack(ACME) as slack:
        for user in USERS:
            slack.add_user(user, name=f"Rae{user} Rep")
            slack.direct(user)
        made = Company(tmp_path_factory.mktemp("processes"), database, slack)
        try:
            for process in made.processes:
                await process.begin()
            for process in made.processes:
                await process.until_ready()
            async with made.proxy as proxy:
                slack.bot_url = proxy.address
                yield made
        finally:
            for process in made.processes:
                await process.kill()


async def test_one_event_at_two_processes_at_once_has_one_effect(company: Company) -> None:
    """FAULT 2, where the second try comes to another process while the first is under way."""
    before = company.rows.logged
    company.proxy.twice = True
    lines = await asyncio.gather(*(company.tell() for _ in range(8)))
    company.proxy.twice = False
    assert company.rows.logged == sorted([*before, *lines])
    await company.answered(lines)
    assert not [line for process in company.serving for line in process.heard if "[error" in line or '"error"' in line]


async def test_a_button_and_a_form_at_another_process_than_where_they_came_from(company: Company) -> None:
    one, other = company.serving
    slack, proxy, before = company.slack, company.proxy, company.rows.logged
    proxy.only = one
    await slack.command("/log", "", user="U1")
    opened = await slack.next_modal()
    proxy.only = other
    await asyncio.gather(
        slack.submit(opened, {"kind": "call", "account": "Initech"}),
        slack.submit(opened, {"kind": "call", "account": "Initech"}),
    )
    shown = await slack.until(lambda: [shown for shown in slack.messages if "Initech" in shown.read], 20)
    assert len(company.rows.logged) == len(before) + 1
    proxy.only = one
    await slack.press(shown[0], "Undo", user="U1")
    proxy.only = other
    await slack.press(shown[0], "Undo", user="U1")
    proxy.only = None
    assert company.rows.logged == before
    assert company.rows("SELECT count(*) FROM activities WHERE account_text = 'Initech'") == [(1,)]


async def test_what_one_process_may_not_send_another_one_does(company: Company) -> None:
    """A serving process sends what its own turns say, and nothing else; one working process at a time plans."""
    company.rows(
        "INSERT INTO outbox (id, key, topic, operation, install, lane, address, body, state, created_at, due_at, "
        "attempts) VALUES ('000test', 'test:left', 'test', 'post', 'acme', 'acme|D1', '{\"conversation\":\"D1\"}', "
        "'{\"text\":\"left by somebody\"}', 'waiting', now(), now(), 0)"
    )
    await company.slack.until(lambda: [shown for shown in company.slack.messages if "left by" in shown.read], 20)
    await until(lambda: company.rows("SELECT count(*) FROM leases WHERE name = 'planning'"), [(1,)])


async def test_each_says_what_it_does_and_one_of_them_plans(company: Company) -> None:
    async def of_each(line: str) -> list[float]:
        return [await process.figure(line) for process in company.processes]

    await until(lambda: of_each("pacer_ready"), [1, 1, 1, 1])
    assert await of_each('pacer_role{role="serve"}') == [1, 1, 0, 0]
    assert await of_each('pacer_role{role="work"}') == [0, 0, 1, 1]
    assert sum(await of_each("pacer_planner_lease_held")) == 1
    assert (await of_each("pacer_planner_lease_held"))[:2] == [0, 0]
    told = await of_each('pacer_turns_total{command="log",outcome="answered"}')
    assert min(told[:2]) > 0
    assert told[2:] == [0, 0]


async def test_a_stop_loses_nothing_while_people_go_on(company: Company) -> None:
    """SIGTERM: first /readyz says no while requests are taken; then nobody listens; the process ends with 0, and holds
    nothing. Each line that was acknowledged is stored, and answered once."""
    leaving, worker = company.serving[1], company.working[1]
    before, lines, going = company.rows.logged, [], True

    async def person() -> None:
        while going:
            lines.append(await company.tell())
            await asyncio.sleep(0.15)

    people = [asyncio.create_task(person()) for _ in range(3)]
    await asyncio.sleep(0.5)
    leaving.signal(signal.SIGTERM)
    worker.signal(signal.SIGTERM)
    seen = []
    async with asyncio.timeout(30):
        while (status := await leaving.ready()) != 0:
            seen.append(status)
            await asyncio.sleep(0.02)
    assert 503 in seen, "a proxy had no time to see it"
    assert 200 not in seen[seen.index(503) :]
    assert await leaving.ended() == 0, "\n".join(leaving.heard)
    assert await worker.ended() == 0, "\n".join(worker.heard)
    await asyncio.sleep(0.5)
    going = False
    await asyncio.gather(*people)
    assert company.rows.logged == sorted([*before, *lines])
    await company.answered(lines)
    assert {row[0] for row in company.rows("SELECT DISTINCT state FROM outbox WHERE topic = 'reply'")} == {"sent"}
    # For the next tests; they wait for them.
    await asyncio.gather(leaving.begin(), worker.begin())


async def test_one_of_each_is_killed_while_people_go_on(company: Company) -> None:
    """kill -9 of a process that serves and of one that works: what was acknowledged is stored, and answered once."""
    await asyncio.gather(*(process.until_ready() for process in company.processes))
    before = company.rows.logged
    telling = [asyncio.create_task(company.tell()) for _ in range(4)]
    await asyncio.wait(telling, return_when=asyncio.FIRST_COMPLETED)
    telling += [asyncio.create_task(company.tell()) for _ in range(8)]
    await asyncio.sleep(0.05)
    serving, working = company.serving[0], company.working[0]
    await asyncio.gather(serving.kill(), working.kill())
    lines = await asyncio.gather(*telling)
    assert company.rows.logged == sorted([*before, *lines])
    # The lease of what the dead held is over: nobody waits for that in a test. The living settle theirs meanwhile.
    await asyncio.sleep(3)
    company.rows("UPDATE outbox SET lease_until = now() - interval '1 hour' WHERE claimed_by IS NOT NULL")
    await company.answered(lines)


async def test_a_second_sigterm_ends_it_at_once(company: Company) -> None:
    process = company.serving[1]
    process.signal(signal.SIGTERM)
    await until(process.ready, 503)
    began = asyncio.get_running_loop().time()
    process.signal(signal.SIGTERM)
    assert await process.ended() == 128 + signal.SIGTERM
    assert asyncio.get_running_loop().time() - began < LEAVE
