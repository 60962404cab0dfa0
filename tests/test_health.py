"""`/healthz` and `/readyz`: true at every moment of a process's life, cheap, and without a secret."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
import sqlalchemy as sa
from aiohttp import web

from bot.app import Application
from bot.config import Http
from bot.process import close
from bot.slack.install import SlackInstall
from tests.serving import serving

ACME = SlackInstall("acme", "T1", bot_token="xoxb-acme", signing_secret="secret-acme")


@pytest_asyncio.fixture
async def app(database_url: str) -> AsyncIterator[Application]:
    async with serving(database_url, slack=(ACME,)) as application:
        yield application


async def ask(app: Application, path: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(app.address + path) as answer:
        return answer.status, (await answer.text()).strip()


def forget_the_look(app: Application) -> None:
    """As if the last look at the database were long ago."""
    app.health._looked = 0.0


async def until(seen: Callable[[], bool]) -> None:
    """Wait for what comes by itself."""
    async with asyncio.timeout(10):
        while not seen():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_a_process_that_runs_is_alive_and_ready(app: Application) -> None:
    assert await ask(app, "/healthz") == (200, "ok")
    assert await ask(app, "/readyz") == (200, "ok")


async def test_a_stop_says_so_first_and_still_answers(app: Application) -> None:
    """What a proxy reads while the process leaves, and that it is no reason to kill the process."""
    object.__setattr__(app, "_settings", _leaving(app, 0.5))
    leaving = asyncio.create_task(app.leave())
    await asyncio.sleep(0)
    assert await ask(app, "/readyz") == (503, "Pacer is stopping.")
    assert (await ask(app, "/healthz"))[0] == 200
    assert app.core.jobs.stopping, "a job would be begun by a process that leaves"
    assert not leaving.done()
    await leaving


@pytest.mark.parametrize("turns", range(8))
async def test_a_stop_does_not_wait_for_who_has_just_connected(turns: int) -> None:
    """A proxy that asks all the time connects in the very moment of the stop, and has asked nothing yet."""
    runner = web.AppRunner(web.Application(), shutdown_timeout=60)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    with socket.create_connection(runner.addresses[0]):
        for _ in range(turns):
            await asyncio.sleep(0)
        async with asyncio.timeout(10):
            await close(runner)


def _leaving(app: Application, seconds: float) -> Any:
    return replace(app._settings, http=Http("127.0.0.1", 0, seconds))


async def test_a_schema_of_another_version_is_not_ready(app: Application) -> None:
    assert await ask(app, "/readyz") == (200, "ok")
    with app.core.database.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    forget_the_look(app)
    status, sentence = await ask(app, "/readyz")
    with app.core.database.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0001'"))
    assert status == 503
    assert "version that this Pacer does not know" in sentence
    assert (await ask(app, "/healthz"))[0] == 200, "a new start would mend nothing"


async def test_a_database_that_does_not_answer(app: Application, monkeypatch: Any) -> None:
    """Many ask at once: one look hangs, and all hear it in time. When it comes back, so do people."""
    monkeypatch.setattr("bot.health.ANSWERS", 0.2)
    gate, looks = asyncio.Event(), []
    truly = app.core.database.read

    async def hangs(work: Any) -> Any:
        looks.append(1)
        await gate.wait()
        return await truly(work)

    monkeypatch.setattr(app.core.database, "read", hangs)
    forget_the_look(app)
    async with asyncio.timeout(5):
        asked = await asyncio.gather(*(ask(app, "/readyz") for _ in range(20)))
    assert set(asked) == {(503, "The database does not answer.")}
    mine = len(looks)
    # The clock's own ticks read too, so it is not one exactly; twenty it would be without care.
    assert mine < 10
    gate.set()
    await until(lambda: not app.health._look)
    forget_the_look(app)
    assert await ask(app, "/readyz") == (200, "ok")


async def test_being_asked_all_the_time_costs_one_look_a_second(app: Application, monkeypatch: Any) -> None:
    looks = []
    truly = app.health._see

    async def counted() -> str:
        looks.append(1)
        return await truly()

    monkeypatch.setattr(app.health, "_see", counted)
    forget_the_look(app)
    for _ in range(5):
        await asyncio.gather(*(ask(app, "/readyz") for _ in range(10)))
    assert 1 <= len(looks) <= 3


async def test_a_clock_that_stands_still_is_no_life(app: Application, monkeypatch: Any) -> None:
    monkeypatch.setattr(app.core, "ages", lambda: {"clock": 31.0})
    assert await ask(app, "/healthz") == (503, "The clock has not ticked for 31 s.")


async def test_the_clock_beats(app: Application) -> None:
    await until(lambda: app.core.ages()["delivery"] > 0.3)
    await until(lambda: max(app.core.ages()["delivery"], app.core.ages()["clock"]) < 0.3)


async def test_nothing_but_a_sentence_is_said(app: Application) -> None:
    async with aiohttp.ClientSession() as session, session.get(app.address + "/readyz") as answer:
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.content_type == "text/plain"
