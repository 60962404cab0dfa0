"""A command that answers with a chart, through the turn and the outbox to Slack: the words first, the picture after."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
import sqlalchemy as sa

from bot.app import Core
from handlers import COMMANDS
from handlers.conversation.command import Command
from handlers.conversation.reply import Chart, ChartRow, Reply, Text
from handlers.conversation.request import Message, Outcome, Request
from storage import tables
from storage.database import Transaction
from tests.fakes.slack import FakeSlack
from tests.test_slack_end_to_end import ACME, SlackBot, running

CHART = Chart("Bookings", "bars", (ChartRow("Rae", 40.0, "$40", 80.0, "$80"),), "Rae: $40 of $80.")
ANSWER = Reply("Rae: $40 of $80.", (Text("Rae is at $40"), CHART))
PUBLIC = Reply(ANSWER.text, ANSWER.parts, private=False)


def _handle(request: Request, tx: Transaction) -> Outcome:
    match request.text:
        case "tell":
            told = Message(request.actor.person, ANSWER, "test", "told")
            return Outcome(reply=Reply("Told."), messages=(told, told))
        case "public":
            return Outcome(reply=PUBLIC)
        case _:
            return Outcome(reply=ANSWER)


SHOW = Command(name="show", summary="Show a chart", usage="", examples=("/show",), handle=_handle)


@pytest_asyncio.fixture
async def bot(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SlackBot]:
    monkeypatch.setitem(Core.__init__.__kwdefaults__, "commands", (*COMMANDS, SHOW))  # type: ignore[index]
    async with FakeSlack(ACME) as slack:
        slack.join("C1", "bot", "U1")
        async with running(sqlite_url, slack) as made:
            await made.settle()
            yield made


def pictures(bot: SlackBot, channel: str) -> list[str]:
    """The words of the pictures that stand there."""
    return [
        block["alt_text"]
        for shown in bot.slack.messages
        for block in shown.blocks
        if shown.channel == channel and block["type"] == "image"
    ]


async def test_asked_in_a_channel_the_words_are_there_at_once_and_the_picture_one_to_one(bot: SlackBot) -> None:
    shown = await bot.slack.command("/show", "", channel="C1")
    assert shown is not None
    assert shown.only_to == "U1"
    assert shown.read == "Rae is at $40\nBookings\nRae: $40 of $80."
    await bot.idle()
    assert pictures(bot, bot.slack.direct("U1")) == ["Rae: $40 of $80."]
    assert pictures(bot, "C1") == []


async def test_asked_in_words_one_to_one_the_picture_stands_below(bot: SlackBot) -> None:
    await bot.slack.say("show")
    await bot.idle()
    words, picture = bot.slack.said_to("U1")
    assert words.read.startswith("Rae is at $40")
    assert picture.blocks[0]["type"] == "image"


async def test_for_all_the_picture_is_for_all(bot: SlackBot) -> None:
    await bot.slack.mention("show public", channel="C1")
    await bot.idle()
    assert pictures(bot, "C1") == ["Rae: $40 of $80."]


async def test_said_to_somebody_twice_is_said_and_drawn_once(bot: SlackBot) -> None:
    await bot.slack.command("/show", "tell", channel="C1")
    await bot.idle()
    direct = bot.slack.direct("U1")
    assert pictures(bot, direct) == ["Rae: $40 of $80."]
    assert len(bot.slack.said_to("U1", direct)) == 2


async def test_where_the_upload_is_refused_the_words_stand_alone(bot: SlackBot) -> None:
    bot.slack.inject("files.getUploadURLExternal", error="file_uploads_disabled")
    await bot.slack.say("show")
    await bot.idle()
    (words,) = bot.slack.said_to("U1")
    assert "Rae: $40 of $80." in words.read
    rows = bot.rows(sa.select(tables.outbox).where(tables.outbox.c.operation == "upload"))
    assert [(row["state"], row["error"]) for row in rows] == [("failed", "file_uploads_disabled")]
    assert rows[0]["expires_at"] is not None
