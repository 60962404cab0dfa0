"""Imports on a schedule: what has changed comes in by itself, quietly; what is wrong is told to the admins, once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web

from bot.config import Settings
from bot.doctor import examine
from bot.fetching import CannotRead
from bot.watched import Watched
from bot.watching import Watcher, _Seen, read, slot_of
from bot.work import JobsOut
from tests.chat import Chat

HEAD = "Opportunity ID,Account Name,Owner,Amount,Stage,Close Date\n"
ONE = HEAD + "D-1,Initech,Rae Quinn,25000,Proposal,2026-12-15\n"


@pytest.fixture
def chat(database_url: str) -> Iterator[Chat]:
    opened = Chat(database_url)
    yield opened
    opened.close()


@pytest.fixture
def looks(chat: Chat) -> Callable[[Watched], None]:
    """Let it be looked at as its schedule says, now."""
    watchers: dict[str, Watcher] = {}

    def look(one: Watched) -> None:
        core = chat.core
        if one.name not in watchers:
            out = JobsOut(core._outbound, core.delivery)
            watchers[one.name] = Watcher(chat.database, core.jobs.company, (one,), core.jobs, out, lambda: chat.now)
        chat.run(watchers[one.name].tick())
        chat.run(core.jobs.idle())
        chat.run(core.delivery.idle())

    return look


def told(chat: Chat) -> list[str]:
    """What the admin was told."""
    return chat.admin.inbox()


def names(chat: Chat) -> list[str]:
    return [row["external_id"] for row in chat.rows("SELECT external_id FROM deals ORDER BY external_id")]


def test_a_file_comes_in_when_it_changed_and_only_then(
    chat: Chat, looks: Callable[[Watched], None], tmp_path: Path
) -> None:
    path = tmp_path / "crm.csv"
    path.write_text(ONE)
    one = Watched("crm", "2 hours", path)
    looks(one)
    assert names(chat) == ["D-1"]
    path.write_text(ONE + "D-2,Initech,Rae Quinn,100,Proposal,2026-12-15\n")
    looks(one)
    assert names(chat) == ["D-1"], "its time has not come"
    for _ in range(3):
        chat.later(hours=2)
        looks(one)
    assert names(chat) == ["D-1", "D-2"]
    assert len(chat.rows("SELECT * FROM imports")) == 2, "looking again imports nothing again"
    assert told(chat) == [], "success is quiet"
    chat.admin("import").shows("crm.csv", "crm")


def test_every_file_of_a_folder(chat: Chat, looks: Callable[[Watched], None], tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.csv").write_text(ONE)
    (folder / "b.csv").write_text(ONE.replace("D-1", "D-2"))
    (folder / "notes.pdf").write_bytes(b"%PDF")
    looks(Watched("folder", "1 hour", folder))
    assert names(chat) == ["D-1", "D-2"]
    assert sorted(path.name for path in folder.iterdir()) == ["a.csv", "b.csv", "notes.pdf"]


def test_what_is_wrong_is_told_once(chat: Chat, looks: Callable[[Watched], None], tmp_path: Path) -> None:
    path = tmp_path / "crm.csv"
    one = Watched("crm", "1 hour", path)
    for _ in range(3):
        looks(one)
        chat.later(hours=1)
    assert len(told(chat)) == 1
    assert "“crm” did not work" in told(chat)[0]
    assert "No such file" in told(chat)[0]
    path.write_text(ONE.replace("2026-12-15", "03/04/2027"))
    for _ in range(3):
        looks(one)
        chat.later(hours=1)
    assert len(told(chat)) == 2
    assert "month first or day first" in told(chat)[1]
    assert names(chat) == []


def test_rows_that_are_left_out_are_told_with_the_file(
    chat: Chat, looks: Callable[[Watched], None], tmp_path: Path
) -> None:
    path = tmp_path / "crm.csv"
    path.write_text(ONE + "D-2,Initech,Rae Quinn,abc,Proposal,2026-12-15\n")
    looks(Watched("crm", "1 hour", path))
    (told,) = [text for text in chat.admin.inbox() if "crm" in text][:1]
    assert "1 row made" in told
    assert "1 left out" in told
    assert len(chat.rows("SELECT * FROM files WHERE name = 'left-out.csv'")) == 1


def test_rolled_back_it_stays_out_until_it_changes(
    chat: Chat, looks: Callable[[Watched], None], tmp_path: Path
) -> None:
    path = tmp_path / "crm.csv"
    path.write_text(ONE)
    one = Watched("crm", "1 hour", path)
    looks(one)
    chat.admin("import").press("Roll back crm.csv").press("Roll it back")
    chat.run(chat.core.jobs.idle())
    chat.later(hours=1)
    looks(one)
    living = chat.rows("SELECT external_id FROM deals WHERE voided_at IS NULL")
    assert living == []


def test_when_it_is_due() -> None:
    def at(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)

    assert slot_of("30 minutes", at("2026-11-18 10:00"), "UTC") == slot_of("30 minutes", at("2026-11-18 10:29"), "UTC")
    assert slot_of("30 minutes", at("2026-11-18 10:29"), "UTC") != slot_of("30 minutes", at("2026-11-18 10:30"), "UTC")
    new_york = "America/New_York"
    before, after = at("2026-11-18 11:29"), at("2026-11-18 11:30")  # 6:29 and 6:30 there
    assert slot_of("06:30", before, new_york) != slot_of("06:30", after, new_york)
    assert slot_of("06:30", after, new_york) == slot_of("06:30", at("2026-11-19 11:29"), new_york)


# ---------------------------------------------------------------- addresses


@asynccontextmanager
async def serving(answer: Callable[[web.Request], web.Response]) -> AsyncIterator[str]:
    async def handle(request: web.Request) -> web.Response:
        return answer(request)

    application = web.Application()
    application.router.add_get("/{name:.*}", handle)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_an_address_is_read_again_only_when_it_says_that_it_changed() -> None:
    asked: list[str] = []

    def answer(request: web.Request) -> web.Response:
        asked.append(request.headers.get("If-None-Match", ""))
        if asked[-1] == '"one"':
            return web.Response(status=304)
        return web.Response(text=ONE, headers={"ETag": '"one"'})

    async with serving(answer) as url:
        one, seen = Watched("crm", url=f"{url}/deals.csv", private=True), _Seen()
        assert await read(one, seen) == [("deals.csv", ONE.encode())]
        assert await read(one, seen) == []
    assert asked == ["", '"one"']


async def test_no_private_address_is_read_without_leave() -> None:
    for url, reason in (
        ("https://127.0.0.1/x.csv", "private network"),
        ("https://localhost/x.csv", "private network"),
        ("https://127.1/x.csv", "cannot be reached|private network"),
        ("https://2130706433/x.csv", "cannot be reached|private network"),
        ("https://169.254.169.254/x.csv", "private network"),
        ("https://[::1]/x.csv", "private network"),
        ("https://[::ffff:10.0.0.1]/x.csv", "private network"),
        ("https://[64:ff9b::a9fe:a9fe]/x.csv", "private network"),
        ("https://[2002:7f00:1::]/x.csv", "private network"),
        ("https://224.0.0.1/x.csv", "private network"),
        ("file:///etc/passwd", "without TLS"),
        ("http://example.com/x.csv", "without TLS"),
    ):
        with pytest.raises(CannotRead, match=reason):
            await read(Watched("crm", url=url))


async def test_doctor_says_whether_it_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "crm.csv"
    path.write_text(ONE)
    listed = (Watched("crm", path=path), Watched("gone", path=tmp_path / "gone.csv"))
    settings = Settings(imports=listed, database_url=f"sqlite:///{tmp_path}/x.db")
    said = {finding.weight: finding.text for finding in await examine(settings) if "scheduled import" in finding.text}
    assert "“crm” can be read: 1 file" in said["ok"]
    assert "“gone”" in said["warning"]
    assert "No such file" in said["warning"]
