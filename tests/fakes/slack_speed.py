"""What the two hot paths to Slack cost, beside what they replace: `python -m tests.fakes.slack_speed`.

Prints the median of several rounds, in which each way takes its turn. The sink is a process of its own.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import statistics
import time
import timeit
from collections.abc import Awaitable, Callable
from multiprocessing.connection import Connection
from typing import Any

import aiohttp
import msgspec
from aiohttp import web
from slack_sdk.models import blocks as models
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack import render
from bot.slack.api import Ok, SlackApi
from bot.slack.install import Installs, SlackInstall
from bot.slack.send import SlackSender
from handlers.conversation.reply import Button, Buttons, Fact, Facts, Reply, Text
from handlers.conversation.request import Address
from scheduled.sending import Operation, Sent

INSTALL = SlackInstall("acme", "T1", bot_token="xoxb-1")
LOGGED = Reply(
    text="Logged: call with Acme, today 09:12. 3 of 40 calls this week.",
    parts=(
        Text("Logged: call with Acme", "strong"),
        Facts((Fact("When", "today 09:12"), Fact("Contacts", "Jane Doe"), Fact("Next", "send NDA on Friday"))),
        Buttons((Button("Undo", "t" * 22), Button("Edit", "u" * 22))),
        Text("3 of 40 calls this week", "quiet"),
    ),
    private=False,
)
MESSAGES, LANES, ROUNDS = 3000, 32, 5


def by_models() -> dict[str, Any]:
    """The same message by slack_sdk's models."""
    parts = models.RichTextElementParts
    bold = parts.TextStyle(bold=True)
    facts = [
        part
        for fact in LOGGED.parts[1].rows  # type: ignore[union-attr]
        for part in (parts.Text(text=fact.label, style=bold), parts.Text(text=fact.value))
    ]
    made = [
        models.RichTextBlock(
            elements=[models.RichTextSectionElement(elements=[parts.Text(text="Logged: call with Acme", style=bold)])]
        ),
        models.RichTextBlock(elements=[models.RichTextSectionElement(elements=facts)]),
        models.ActionsBlock(
            elements=[
                models.ButtonElement(text=models.PlainTextObject(text=label, emoji=False), action_id=token * 22)
                for label, token in (("Undo", "t"), ("Edit", "u"))
            ]
        ),
        models.ContextBlock(elements=[models.PlainTextObject(text="3 of 40 calls this week", emoji=False)]),
    ]
    return {"text": LOGGED.text, "blocks": [block.to_dict() for block in made]}


def _sink(ready: Connection) -> None:
    async def take(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(body=b'{"ok":true,"channel":"C1","ts":"1.1"}', content_type="application/json")

    async def serve() -> None:
        application = web.Application()
        application.router.add_post("/api/{method}", take)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        ready.send(runner.addresses[0][1])
        await asyncio.Event().wait()

    asyncio.run(serve())


async def _rate(send: Callable[[int], Awaitable[None]]) -> float:
    async def lane(start: int) -> None:
        for number in range(start, MESSAGES, LANES):
            await send(number)

    began = time.perf_counter()
    await asyncio.gather(*(lane(start) for start in range(LANES)))
    return MESSAGES / (time.perf_counter() - began)


async def _sending(port: int) -> None:
    base = f"http://127.0.0.1:{port}/api/"
    api = SlackApi(base)
    sender = SlackSender(Installs([INSTALL]), api)
    session = aiohttp.ClientSession()
    shared = AsyncWebClient(token=INSTALL.bot_token, base_url=base, session=session, retry_handlers=[])
    default = AsyncWebClient(token=INSTALL.bot_token, base_url=base)
    payload = msgspec.json.encode({"channel": "C1", **render.message(LOGGED)})
    headers = {"Authorization": "Bearer xoxb-1", "Content-Type": "application/json; charset=utf-8"}

    async def raw(number: int) -> None:
        async with session.post(f"{base}chat.postMessage", data=payload, headers=headers) as response:
            await response.read()

    async def ours(number: int) -> None:
        made = await api.call("chat.postMessage", "xoxb-1", {"channel": "C1", **render.message(LOGGED)})
        assert isinstance(made, Ok)

    async def operation(number: int) -> None:
        sent = await sender.send(Operation(f"{number:032x}", "k", "post", "acme", Address("C1"), "", LOGGED))
        assert isinstance(sent, Sent)

    async def sdk_shared(number: int) -> None:
        await shared.chat_postMessage(channel="C1", **render.message(LOGGED))

    async def sdk_default(number: int) -> None:
        await default.chat_postMessage(channel="C1", **render.message(LOGGED))

    ways = {
        "raw aiohttp, the body made once": raw,
        "SlackApi.call": ours,
        "SlackSender.send": operation,
        "AsyncWebClient, one session": sdk_shared,
        "AsyncWebClient as it comes": sdk_default,
    }
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            rates[name].append(await _rate(way))
    first = statistics.median(rates["raw aiohttp, the body made once"])
    for name, found in rates.items():
        middle = statistics.median(found)
        print(f"  {name:34} {middle:8,.0f} messages/s   {middle / first:4.2f} of raw")
    await session.close()
    await api.close()


def main() -> None:
    """Print both tables."""
    print("One reply to `/log call Acme` as Block Kit:")
    for name, make, number in (
        ("plain dicts", lambda: render.message(LOGGED), 5000),
        ("slack_sdk models", by_models, 500),
    ):
        best = min(timeit.repeat(make, number=number, repeat=7)) / number * 1e6
        print(f"  {name:34} {best:8.1f} µs")
    print(f"{MESSAGES:,} posts to a local sink, {LANES} at once:")
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    sink = multiprocessing.get_context("spawn").Process(target=_sink, args=(theirs,), daemon=True)
    sink.start()
    asyncio.run(_sending(ours.recv()))
    sink.terminate()


if __name__ == "__main__":
    main()
