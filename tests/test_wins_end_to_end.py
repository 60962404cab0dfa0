"""A win on each platform: real SDKs, real HTTP; what it shows its teller, posts, and corrects where it stands.

The words are such as would mention everybody or be a link (FAULTS 37, 38): the fakes read them as the platforms would.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from bot.slack.render import message
from bot.teams.render import card
from handlers.conversation.company import Company, WinRoute, Wins
from handlers.conversation.reply import Fact
from handlers.wins.card import Said
from tests import test_slack_end_to_end as slack_tests
from tests import test_teams_end_to_end as teams_tests
from tests.fakes.slack import FakeSlack
from tests.fakes.teams import FakeTeams
from tests.serving import COMPANY

STORY = "<!channel> @everyone <https://x.example|Acme> [a](https://x.example) *bold* ${name} {{user}}"


def company(install: str, conversation: str) -> Company:
    return msgspec.structs.replace(COMPANY, wins=Wins(routes=(WinRoute("wins", install, conversation),)))


def by_day() -> datetime:
    """A Wednesday on which everybody may be written to."""
    return datetime(2026, 11, 18, 15, tzinfo=UTC)


CORRECTIONS = (("Acme is now 70k", "won Acme: $70,000"), ("undo", "$50,000"), ("/deal reopen Acme", "Taken back"))
"""What is typed one after the other, and what the copy of a private win reads then."""


def private_copy(texts: list[str]) -> str:
    """The one message that tells of the win itself."""
    (copy,) = [text for text in texts if "Acme" in text and "The win of" not in text]
    return copy


async def test_on_slack(sqlite_url: str) -> None:
    async with FakeSlack(slack_tests.ACME) as slack:
        slack.over = "http"
        slack.join("C1", "bot", "U1")
        async with slack_tests.running(sqlite_url, slack, company=company("acme", "C1")) as bot:
            await bot.settle()
            await bot.add_accounts("Acme")
            await slack.command("/win", f"Acme $50k – {STORY}")
            await bot.idle()
            asked = slack.messages[-1]
            assert asked.channel == "D1"
            assert not [shown for shown in slack.messages if shown.channel == "C1" and not shown.only_to]
            await slack.press(asked, "Announce")
            await bot.idle()
            (said,) = [shown for shown in slack.messages if shown.channel == "C1" and not shown.only_to]
            assert "won Acme: $50,000" in said.read
            assert "@everyone" in said.read
            await slack.say("Acme is now 70k")
            await bot.idle()
            (said,) = [shown for shown in slack.messages if shown.channel == "C1" and not shown.only_to]
            assert "won Acme: $70,000" in said.read


async def test_a_private_win_on_slack(sqlite_url: str) -> None:
    """Who helped reads it in their own chat by day, where it is corrected and taken back."""
    async with FakeSlack(slack_tests.ACME) as slack:
        slack.over = "http"
        slack.add_user("U2", name="Ron Rep")
        async with slack_tests.running(sqlite_url, slack, company=company("acme", "C1"), clock=by_day) as bot:
            await bot.settle()
            await bot.add_accounts("Acme")
            await slack.say("help", user="U2")
            await slack.say("/win Acme $50k with @Ron")
            await bot.idle()
            await slack.press(slack.said_to("U1")[-1], "Keep it private")
            await bot.application.core.say_what_is_due()
            for words, reads in CORRECTIONS:
                await bot.idle()
                await slack.say(words)
                await bot.idle()
                assert reads in private_copy([shown.read for shown in slack.said_to("U2")])


async def test_on_teams(sqlite_url: str) -> None:
    async with FakeTeams(teams_tests.NORTH) as teams:
        where = teams.channel("sales").id
        async with teams_tests.running(sqlite_url, teams, company=company("north", where)) as bot:
            await bot.settle()
            await bot.add_accounts("Acme")
            await teams.says(f"/win Acme $50k – {STORY}")
            await bot.idle()
            asked = teams.messages[-1]
            await teams.press(asked, "Announce")
            await bot.idle()
            (said,) = [shown for shown in teams.messages if shown.conversation == where]
            assert "won Acme: $50,000" in said.read
            await teams.says("Acme is now 70k")
            await bot.idle()
            (said,) = [shown for shown in teams.messages if shown.conversation == where]
            assert "won Acme: $70,000" in said.read


async def test_a_private_win_on_teams(sqlite_url: str) -> None:
    """As on Slack: the copy is corrected, and taken back, where it was read."""
    async with FakeTeams(teams_tests.NORTH) as teams:
        where = teams.channel("sales").id
        teams.add_person("U2", name="Ron Rep")
        async with teams_tests.running(sqlite_url, teams, company=company("north", where), clock=by_day) as bot:
            await bot.settle()
            await bot.add_accounts("Acme")
            await teams.says("help", user="U2")
            await bot.idle()
            await teams.says("/win Acme $50k with @Ron")
            await bot.idle()
            await teams.press(teams.sees("U1")[-1], "Keep it private")
            await bot.application.core.say_what_is_due()
            for words, reads in CORRECTIONS:
                await bot.idle()
                await teams.says(words)
                await bot.idle()
                assert reads in private_copy([shown.read for shown in teams.sees("U2")])


def _read_as_markup(block: Any) -> Iterator[str]:
    """All that Slack looks for mentions and links in: the message's own text and what is `mrkdwn`."""
    if isinstance(block, dict):
        if isinstance(block.get("text"), str) and block.get("type", "mrkdwn") == "mrkdwn":
            yield block["text"]
        for value in block.values():
            yield from _read_as_markup(value)
    elif isinstance(block, list | tuple):
        for value in block:
            yield from _read_as_markup(value)


@pytest.mark.parametrize("words", [STORY, "<@U123>", "<at>Dana</at>", "@here", "<!subteam^S1>", "<mailto:a@b.example>"])
def test_names_and_stories_notify_nobody(words: str) -> None:
    reply = Said(
        f"{words} won {words}: $50,000", words, (Fact("With", words), Fact(words, words)), (words,), True
    ).reply
    for text in _read_as_markup(message(reply)):
        assert "<" not in text
    assert "entities" not in msgspec.json.encode(card(reply)).decode(), "a mention in Teams needs an entity"
