"""The playground's page over real HTTP: what it serves, what it refuses, what it pushes."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from importlib import resources
from typing import Any, get_args

import aiohttp
import msgspec
import pytest
import pytest_asyncio
from aiohttp import ClientSession

from bot.answer import Answer
from bot.playground import server
from bot.playground.room import HOME
from bot.playground.server import OWN_HEADER, Playground
from bot.playground.transcript import Change
from handlers.conversation.company import Company
from handlers.conversation.reply import Field, Part
from handlers.conversation.request import Incoming, Said
from tests.browser.scripted import COMMANDS, PEOPLE, Scripted
from tests.fakes import slack_rules, teams_rules

NOW = datetime(2026, 11, 18, 15, 42, tzinfo=UTC)


@pytest_asyncio.fixture
async def site() -> AsyncIterator[tuple[ClientSession, str, Playground]]:
    turns = Scripted()
    playground = Playground(
        turns=turns, commands=COMMANDS, people=PEOPLE, clock=lambda: NOW, company=Company(name="Northwind"), port=0
    )
    turns.sender = playground.sender
    url = await playground.start()
    async with ClientSession() as session:
        yield session, url, playground
    await playground.stop()


def own(url: str) -> dict[str, str]:
    return {OWN_HEADER: "1", "Origin": url.rstrip("/"), "Sec-Fetch-Site": "same-origin"}


def saying(text: str = "/log call Acme", key: str = "key-1") -> dict[str, str]:
    return {"who": "rep", "key": key, "conversation": "direct:rep", "text": text}


async def next_event(stream: aiohttp.StreamReader) -> dict[str, Any]:
    while not (line := await stream.readline()).startswith(b"data: "):
        assert line, "the stream ended"
    event: dict[str, Any] = json.loads(line[6:])
    return event


@pytest.mark.parametrize("path", ["", "page.css", "page.js", "mark.svg"])
async def test_everything_comes_from_the_page_itself(site: tuple[ClientSession, str, Playground], path: str) -> None:
    session, url, _ = site
    async with session.get(url + path) as response:
        assert response.status == 200
        body = await response.text()
        policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert re.findall(r"https?://(?!www\.w3\.org/2000/svg)", body) == []
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", body)
    assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|<style|\sstyle=", body)


async def test_the_page_is_told_who_and_what_there_is(site: tuple[ClientSession, str, Playground]) -> None:
    session, url, _ = site
    async with session.get(url + "api/start") as response:
        start = await response.json()
    assert [person["name"] for person in start["people"]] == [person.name for person in PEOPLE]
    assert start["commands"][0] == {
        "name": "log",
        "usage": "[what you did]",
        "summary": "Note what you did",
        "roles": ["admin", "leader", "manager", "rep"],
    }
    assert [each["label"] for each in start["shortcuts"]] == ["Log this"]
    assert start["now"] == "2026-11-18T15:42:00Z"


async def test_a_line_is_answered_and_everything_is_pushed_in_order(
    site: tuple[ClientSession, str, Playground],
) -> None:
    session, url, _ = site
    async with session.get(url + "api/events", params={"who": "rep"}) as events:
        everything = await next_event(events.content)
        assert everything["change"] == {"event": "everything", "messages": [], "home": None, "direct": "direct:rep"}
        async with session.post(url + "api/say", json=saying(), headers=own(url)) as response:
            assert await response.json() == {"form": None, "sources": [], "problems": {}}
        typed, logged = await next_event(events.content), await next_event(events.content)
    assert typed["change"]["message"]["text"] == "/log call Acme"
    assert logged["change"]["message"]["reply"]["parts"][0]["type"] == "text"


async def test_a_message_is_shown_as_each_platform_is_sent_it(site: tuple[ClientSession, str, Playground]) -> None:
    session, url, playground = site
    async with session.post(url + "api/say", json=saying(), headers=own(url)):
        pass
    message = playground.room.transcript.seen_by("rep")[1].id
    async with session.get(url + "api/source", params={"who": "rep", "message": message}) as response:
        slack, teams, reply = await response.json()
    assert [each["name"] for each in (slack, teams, reply)] == ["Slack Block Kit", "Teams Adaptive Card", "Reply"]
    assert slack_rules.problems_of_message(slack["json"]) == []
    assert teams_rules.problems_of_message(teams["json"]) == []
    assert reply["json"]["text"].startswith("Logged")
    async with session.get(url + "api/source", params={"who": "manager", "message": message}) as response:
        assert response.status == 404


async def test_a_chart_is_a_picture_of_the_pages_own_origin(site: tuple[ClientSession, str, Playground]) -> None:
    session, url, playground = site
    async with session.post(url + "api/say", json=saying("charts"), headers=own(url)):
        pass
    message = playground.room.transcript.seen_by("rep")[1].id
    asked = {"who": "rep", "message": message, "part": "1"}
    async with session.get(url + "api/chart", params=asked) as response:
        assert (response.status, response.content_type) == (200, "image/png")
        assert (await response.read()).startswith(b"\x89PNG")
        assert "img-src 'self'" in response.headers["Content-Security-Policy"]
    for wrong in ({"part": "0"}, {"part": "9"}, {"part": "-1"}, {"part": "²"}, {"who": "manager"}, {"message": "x"}):
        async with session.get(url + "api/chart", params=asked | wrong) as response:
            assert response.status == 404, wrong
    async with session.get(url + "api/source", params=asked) as response:
        sources = {each["name"]: each["json"] for each in await response.json()}
    assert list(sources) == ["Slack Block Kit", "Slack picture", "Teams Adaptive Card", "Reply"]
    for name in ("Slack Block Kit", "Slack picture"):
        assert slack_rules.problems_of_message(sources[name]) == []
    assert teams_rules.problems_of_message(sources["Teams Adaptive Card"]) == []


async def test_a_form_is_shown_as_each_platform_is_sent_it(site: tuple[ClientSession, str, Playground]) -> None:
    session, url, _ = site
    async with session.post(url + "api/say", json=saying("/log"), headers=own(url)) as response:
        back = await response.json()
    slack, teams, form = back["sources"]
    assert [each["name"] for each in (slack, teams, form)] == ["Slack modal", "Teams dialog", "Form"]
    assert slack_rules.problems_of_view(slack["json"]) == []
    assert teams_rules.problems_of_dialog(teams["json"]) == []
    assert form["json"] == back["form"]


async def test_home_is_slacks_alone(site: tuple[ClientSession, str, Playground]) -> None:
    session, url, _ = site
    async with session.post(url + "api/home", json={"who": "rep", "key": "key-1"}, headers=own(url)):
        pass
    async with session.get(url + "api/source", params={"who": "rep", "message": HOME}) as response:
        slack, _ = await response.json()
    assert slack_rules.problems_of_view(slack["json"]) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"Host": "pacer.attacker.example:3978"},
        {"Host": "127.0.0.1:1"},
        {"Origin": "https://attacker.example"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {OWN_HEADER: ""},
    ],
    ids=str,
)
async def test_what_another_site_could_send_is_refused(
    site: tuple[ClientSession, str, Playground], wrong: dict[str, str]
) -> None:
    session, url, playground = site
    async with session.post(url + "api/say", json=saying(), headers={**own(url), **wrong}) as response:
        assert response.status == 403
    assert playground.room.transcript.seen_by("rep") == []
    if "Host" in wrong:
        for path in ("", "api/start", "api/events?who=rep"):
            async with session.get(url + path, headers=wrong) as response:
                assert response.status == 403


async def test_a_link_from_another_site_opens_the_page_but_reads_nothing(
    site: tuple[ClientSession, str, Playground],
) -> None:
    session, url, _ = site
    async with session.get(url, headers={"Sec-Fetch-Site": "cross-site"}) as response:
        assert response.status == 200
        assert "Access-Control-Allow-Origin" not in response.headers
    async with session.get(url + "api/start", headers={"Sec-Fetch-Site": "cross-site"}) as response:
        assert response.status == 403


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("api/say", {"who": "nobody", "key": "k", "conversation": "direct:rep", "text": "hi"}, 404),
        ("api/say", {"who": "manager", "key": "k", "conversation": "direct:rep", "text": "hi"}, 404),
        ("api/say", {"who": "rep"}, 400),
        ("api/press", {"who": "rep", "key": "k", "message": "m-none", "token": "t"}, 404),
        ("api/say", {"who": "rep", "key": "k", "conversation": "direct:rep", "text": "boom"}, 500),
        ("api/nothing", {}, 404),
    ],
)
async def test_whatever_goes_wrong_is_a_sentence(
    site: tuple[ClientSession, str, Playground], path: str, body: dict[str, str], status: int
) -> None:
    session, url, _ = site
    async with session.post(url + path, json=body, headers=own(url)) as response:
        assert response.status == status
        assert (await response.json())["error"]


async def test_stopping_lets_open_pages_go(site: tuple[ClientSession, str, Playground]) -> None:
    session, url, playground = site
    async with session.get(url + "api/events", params={"who": "rep"}) as events:
        await next_event(events.content)
        await playground.stop()
        assert await events.content.read() == b"\n"


def test_the_page_draws_every_kind_of_part_field_and_change() -> None:
    """The page's `switch`es against Python's unions: a new kind is a case there too."""
    script = (resources.files("bot.playground") / "page.js").read_text()
    kinds = [msgspec.inspect.type_info(kind) for union in (Part, Field, Change) for kind in get_args(union)]
    drawn = set(re.findall(r'case "(\w+)":', script))
    expected = {kind.tag for kind in kinds if isinstance(kind, msgspec.inspect.StructType)}
    assert expected - {"closed"} <= drawn


async def test_a_file_is_sent_with_the_words(site: tuple[ClientSession, str, Playground]) -> None:
    """Base64 in the same request, under the same guard; one that is too large comes without its content."""
    session, url, playground = site
    async with session.get(url + "api/start") as response:
        limits = (await response.json())["files"]
    assert (limits["limit"], limits["together"], ".xlsx" in limits["types"]) == (25_000_000, 50_000_000, True)
    content = bytes(range(256)) * 8_000
    good = {"name": "deals.csv", "size": len(content), "content": base64.b64encode(content).decode()}
    large = {"name": "all.xlsx", "size": 31_400_000}
    half = {"name": "half.csv", "size": 9, "content": base64.b64encode(b"half").decode()}
    body = {**saying("hello"), "files": [good, large, half]}
    heard: list[Said] = []
    take = playground.room._turns.take

    async def listening(incoming: Incoming) -> Answer:
        assert isinstance(incoming.what, Said)
        heard.append(incoming.what)
        return await take(incoming)

    playground.room._turns.take = listening  # type: ignore[method-assign,assignment]
    async with session.post(url + "api/say", json=body, headers=own(url)) as response:
        assert response.status == 200
    first, second, third = heard[0].files
    assert (first.name, first.content, first.problem) == ("deals.csv", content, "")
    assert (second.content, third.content) == (b"", b"")
    assert "all.xlsx has 31.4 MB" in second.problem
    assert "did not arrive whole" in third.problem
    (typed, *_) = playground.room.transcript.seen_by("rep")
    assert (typed.text, typed.files) == ("hello", ("deals.csv", "all.xlsx", "half.csv"))


async def test_files_from_elsewhere_and_too_many_are_refused(
    site: tuple[ClientSession, str, Playground], monkeypatch: pytest.MonkeyPatch
) -> None:
    session, url, playground = site
    file = {"name": "deals.csv", "size": 4, "content": base64.b64encode(b"a,b\n").decode()}
    body = {**saying(""), "files": [file]}
    for headers in ({}, {**own(url), "Origin": "https://evil.example"}, {**own(url), "Host": "evil.example"}):
        async with session.post(url + "api/say", json=body, headers=headers) as response:
            assert response.status == 403
    monkeypatch.setattr(server, "SAY_LIMIT", 1000)
    body["files"] = [{**file, "content": base64.b64encode(b"x" * 1200).decode(), "size": 1200}]
    async with session.post(url + "api/say", json=body, headers=own(url)) as response:
        assert response.status == 413
        assert "Send them one by one." in (await response.json())["error"]
    assert playground.room.transcript.seen_by("rep") == []
