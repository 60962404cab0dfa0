"""A week of a rep and a manager on each platform: real SDKs, real HTTP; the form, the thread between the two, the note
that nobody else sees, the action item made of a message."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from storage import people
from storage.database import Transaction
from tests import test_slack_end_to_end as slack_tests
from tests import test_teams_end_to_end as teams_tests
from tests.fakes.slack import FakeSlack, Shown
from tests.fakes.teams import FakeTeams
from tests.serving import Bot

SECRET = "worried about the price"
WEDNESDAY = datetime(2026, 11, 18, 15, tzinfo=UTC)


class Clock:
    """Moved by the test, and going on by itself."""

    def __init__(self) -> None:
        self.ahead, self.began = timedelta(), datetime.now(UTC)

    def __call__(self) -> datetime:
        return WEDNESDAY + self.ahead + (datetime.now(UTC) - self.began)


async def manages(bot: Bot) -> None:
    """U2 reports to U1."""

    def write(tx: Transaction) -> None:
        named = {one.email: one for one in people.everybody(tx)}
        people.give_manager(tx, named["ron@example.com"], named["max@example.com"], date(2026, 1, 1))

    await bot.application.core.database.write(write)


async def pass_by(bot: Bot, clock: Clock, **time: float) -> None:
    clock.ahead += timedelta(**time)
    await bot.application.core.say_what_is_due()
    await bot.idle()


async def test_a_week_on_slack(sqlite_url: str) -> None:
    clock = Clock()
    async with FakeSlack(slack_tests.ACME) as slack:
        slack.over = "http"
        slack.add_user("U1", name="Max Manager")
        slack.add_user("U2", name="Ron Rep")
        slack.join("C1", "bot", "U1", "U2")
        async with slack_tests.running(sqlite_url, slack, clock=clock) as bot:
            await bot.settle()
            await slack.command("/pacer", "hello", user="U2")
            await bot.idle()
            await manages(bot)
            rep = slack.direct("U2")
            mine = slack.direct("U1")

            def last(channel: str, *, only_to: str = "") -> Shown:
                return [one for one in slack.messages if one.channel == channel and one.only_to == only_to][-1]

            # Ron checks in, by form; five minutes later Max reads it.
            await slack.say("checkin", user="U2")
            await bot.idle()
            await slack.press(last(rep), "All as a form", user="U2")
            opened = await slack.next_modal()
            assert "Only you and Max Manager can see this." in str(opened.view)
            await slack.submit(opened, {"well": "Acme moved on", "next": "Rest", "mood": "4"})
            assert opened.errors == {}
            await bot.idle()
            await pass_by(bot, clock, minutes=6)
            assert "Went well\nAcme moved on" in last(mine).read or "Acme moved on" in last(mine).read
            # The agenda of the two, and a note of which Ron sees nothing.
            await slack.press(last(mine), "One-to-one", user="U1")
            await bot.idle()
            page = last(mine)
            assert "One-to-one with Ron Rep" in page.read
            await slack.press(page, "Add to agenda", user="U1")
            opened = await slack.next_modal()
            await slack.submit(opened, {"points": "the Globex renewal"})
            await bot.idle()
            await slack.mention(f"note about Ron: {SECRET}", user="U1", channel="C1")
            await bot.idle()
            assert SECRET in last("C1", only_to="U1").read
            await slack.command("/checkin", "1:1 with Max: more leads", user="U2")
            await bot.idle()
            await pass_by(bot, clock, minutes=6)
            assert "New to talk about: more leads." in last(mine).read
            assert SECRET not in "".join(one.read for one in slack.messages if one.channel == rep or not one.only_to)
            # What a colleague wrote becomes an action item.
            await slack.shortcut("todo", "please send the NDA to Acme on Friday", user="U2", channel="C1")
            opened = await slack.next_modal()
            assert opened.values == {"text": "Send the NDA to Acme", "due": "2026-11-20"}
            await slack.submit(opened)
            await bot.idle()
            assert slack.violations == []


async def test_a_week_on_teams(sqlite_url: str) -> None:
    clock = Clock()
    async with FakeTeams(teams_tests.NORTH) as teams:
        teams.add_person("U1", name="Max Manager")
        teams.add_person("U2", name="Ron Rep")
        async with teams_tests.running(sqlite_url, teams, clock=clock) as bot:
            await bot.settle()
            await teams.says("hello", user="U2")
            await bot.idle()
            await manages(bot)
            # Ron checks in, by form; five minutes later Max reads it.
            asked = await teams.asks("checkin", user="U2")
            dialog = await teams.open(asked, "All as a form", user="U2")
            assert "Only you and Max Manager can see this." in dialog.read
            await teams.submit(dialog, {"well": "Acme moved on", "next": "Rest", "mood": "4"})
            assert dialog.closed
            await bot.idle()
            await pass_by(bot, clock, minutes=6)
            read = teams.privately("U1")[-1]
            assert "Acme moved on" in read.read
            # The agenda of the two, and a note of which Ron sees nothing.
            await teams.press(read, "One-to-one", user="U1")
            await bot.idle()
            page = teams.privately("U1")[-1]
            assert "One-to-one with Ron Rep" in page.read
            dialog = await teams.open(page, "Add to agenda", user="U1")
            await teams.submit(dialog, {"points": "the Globex renewal"})
            await bot.idle()
            kept = await teams.asks(f"note about Ron: {SECRET}", channel="sales", user="U1")
            assert SECRET in kept.read
            assert kept in teams.privately("U1")
            await teams.asks("one-to-one with Max: more leads", user="U2")
            await bot.idle()
            await pass_by(bot, clock, minutes=6)
            assert "New to talk about: more leads." in teams.privately("U1")[-1].read
            assert SECRET not in "".join(one.read for one in teams.sees("U2"))
            # What a colleague wrote becomes an action item.
            dialog = await teams.extension_fetch("todo", user="U2", text="<p>please send the NDA to Acme on Friday</p>")
            assert dialog.values == {"text": "Send the NDA to Acme", "due": "2026-11-20"}
            await teams.extension_submit(dialog)
            await bot.idle()
            assert "Send the NDA to Acme" in (await teams.asks("todo", user="U2")).read
