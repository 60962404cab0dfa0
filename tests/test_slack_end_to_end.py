"""Slack from end to end: the real application, its real database, the real SDK, real HTTP and a real websocket."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa

from bot.app import Application
from bot.slack.install import SlackInstall
from bot.slack.text import unstyled
from storage import tables
from storage.database import SqliteDatabase
from tests.fakes.slack import FakeSlack, Shown
from tests.serving import KEY, Bot, serving

ACME = SlackInstall("acme", "T1", bot_token="xoxb-acme", signing_secret="secret-acme", app_token="xapp-acme")
EAST = SlackInstall("east", "T2", bot_token="xoxb-east", signing_secret="secret-east", app_token="xapp-east")


class SlackBot(Bot):
    """On Slack."""

    def __init__(self, application: Application, slack: FakeSlack) -> None:
        super().__init__(application)
        self.slack = slack

    async def settle(self) -> None:
        """Past the welcome and the admins' news, so that a test sees only what it does itself."""
        await self.slack.command("/pacer", "hello")
        await self.idle()
        self.slack.messages.clear()


@asynccontextmanager
async def running(url: str, slack: FakeSlack, **more: Any) -> AsyncIterator[SlackBot]:
    """A started application on a database."""
    async with serving(url, slack=slack.installs, slack_api_url=slack.url, **more) as application:
        slack.bot_url = application.address
        for platform in application.platforms:
            # The pace itself has its tests in test_slack_send.py and test_delivery.py.
            platform.sender.lane_interval, platform.sender.install_per_minute = 0.0, 60_000.0
        yield SlackBot(application, slack)


@pytest_asyncio.fixture(params=["http", "socket"])
async def bot(request: pytest.FixtureRequest, sqlite_url: str) -> AsyncIterator[SlackBot]:
    """Over both ways in."""
    async with FakeSlack(ACME, EAST) as slack:
        slack.over = request.param
        slack.add_user("U2", name="Ron Rep")
        slack.add_user("U9", name="Ada Admin")
        slack.join("C1", "bot", "U1", "U2", "U9")
        async with running(sqlite_url, slack) as made:
            await made.settle()
            yield made


only_http = pytest.mark.parametrize("bot", ["http"], indirect=True)


# ---------------------------------------------------------------- the main job


async def test_log_call_acme(bot: SlackBot) -> None:
    """The same line by signed HTTP and by Socket Mode: the same row, a valid reply (the fake checks each)."""
    shown = await bot.slack.command("/log", "call Acme", channel="C1")
    assert shown is not None
    assert shown.only_to == "U1"
    assert "Acme" in shown.read
    row = bot.activities[-1]
    assert (row["kind"], row["count"], row["account_text"], row["voided_at"]) == ("call", 1, "Acme", None)
    assert row["said"] == "call Acme"


async def test_on_either_database(database_url: str) -> None:
    """FAULT 41 besides: NUL and SQL's own characters."""
    async with FakeSlack(ACME) as slack, running(database_url, slack) as bot:
        shown = await slack.command("/log", "call Acme, they said ' \" \\ \0 -- ok")
        assert shown is not None
        assert bot.living == [("call", "Acme")]
        assert bot.activities[-1]["said"] == "call Acme, they said ' \" \\ \u2400 -- ok"
        await slack.press(shown, "Undo")
        await bot.idle()
        assert bot.living == []
        await slack.command("/log", "")
        await slack.submit(await slack.next_modal(), {"kind": "call", "account": "Acme", "note": "a\0b"})
        assert bot.living == [("call", "Acme")]


@pytest.mark.parametrize("bot", ["http", "socket"], indirect=True)
async def test_every_way_of_saying_it_ends_with_the_same_row(bot: SlackBot) -> None:
    ways: list[Callable[[], Awaitable[Any]]] = [
        lambda: bot.slack.command("/log", "call Acme"),
        lambda: bot.slack.command("/pacer", "log call Acme"),
        lambda: bot.slack.mention("log call Acme", channel="C1"),
        lambda: bot.slack.mention("log call Acme", channel="C1", thread_ts="1.1"),
        lambda: bot.slack.say("log call Acme"),
    ]
    for number, way in enumerate(ways, start=1):
        await way()
        await bot.idle()
        assert bot.living == [("call", "Acme")] * number
    answers = [shown for shown in bot.slack.messages if "Acme" in shown.read]
    assert len(answers) == 5
    assert {(shown.channel, shown.only_to, shown.thread) for shown in answers} == {
        ("C1", "U1", ""),
        ("C1", "U1", "1.1"),
        ("D1", "", ""),
    }


async def test_undo_by_button(bot: SlackBot) -> None:
    shown = await bot.slack.command("/log", "call Acme")
    assert shown is not None
    before = shown.read
    await bot.slack.press(shown, "Undo")
    await bot.idle()
    assert bot.living == []
    assert shown.read != before


async def test_undo_twice_is_one_undo(bot: SlackBot) -> None:
    """FAULT 5."""
    shown = await bot.slack.command("/log", "call Acme")
    assert shown is not None
    await asyncio.gather(bot.slack.press(shown, "Undo"), bot.slack.press(shown, "Undo"))
    await bot.idle()
    voided = bot.rows(sa.select(tables.activities.c.id).where(tables.activities.c.voided_at.is_not(None)))
    assert len(voided) == 1


async def test_form_logs(bot: SlackBot) -> None:
    assert await bot.slack.command("/log", "") is None
    opened = await bot.slack.next_modal()
    values = {name: value for name, value in {"kind": "call", "account": "Acme"}.items() if name in opened.values}
    assert values
    await bot.slack.submit(opened, values)
    await bot.idle()
    assert opened.errors == {}
    assert opened.closed
    assert [kind for kind, _ in bot.living] == ["call"]
    assert any("Acme" in shown.read for shown in bot.slack.messages)


async def test_form_sent_twice_is_one_record(bot: SlackBot) -> None:
    """FAULT 5."""
    await bot.slack.command("/log", "")
    opened = await bot.slack.next_modal()
    values = {"kind": "call", "account": "Acme"}
    await asyncio.gather(bot.slack.submit(opened, values), bot.slack.submit(opened, values))
    await bot.idle()
    assert len(bot.living) == 1


async def test_edit_opens_the_form_filled_in_and_changes_the_record(bot: SlackBot) -> None:
    shown = await bot.slack.command("/log", "call Acme")
    assert shown is not None
    await bot.slack.press(shown, "Edit")
    opened = await bot.slack.next_modal()
    assert "Acme" in opened.values.values()
    await bot.slack.submit(opened, {"kind": "meeting"})
    await bot.idle()
    assert opened.errors == {}
    assert bot.living == [("meeting", "Acme")]
    assert bot.activities[-1]["version"] == 2
    assert any("eeting" in one.read for one in bot.slack.messages)


async def test_shortcut_log_this(bot: SlackBot) -> None:
    await bot.slack.shortcut("log", "I *called* <@U2> at Acme &amp; Co yesterday", channel="C1")
    opened = await bot.slack.next_modal()
    await bot.slack.submit(opened)
    await bot.idle()
    assert opened.errors == {}
    assert [kind for kind, _ in bot.living] == ["call"]


async def test_account_question(bot: SlackBot) -> None:
    await bot.add_accounts("Acme East", "Acme West")
    asked = await bot.slack.command("/log", "call Acme")
    assert asked is not None
    assert {"Acme East", "Acme West"} <= set(asked.labels)
    assert bot.living == []
    await bot.slack.press(asked, "Acme West")
    await bot.idle()
    assert bot.account_names == ["Acme West"]
    assert "Acme West" in asked.read
    assert "Undo" in asked.labels


async def test_account_question_by_mention_and_by_words(bot: SlackBot) -> None:
    """What was asked in an ephemeral message is answered by its button; asked one-to-one, by words too."""
    await bot.add_accounts("Acme East", "Acme West")
    await bot.slack.mention("log call Acme", channel="C1")
    asked = await bot.slack.next_message(0)
    await bot.slack.press(asked, "Acme East")
    await bot.idle()
    assert bot.account_names == ["Acme East"]
    await bot.slack.say("log email Acme")
    await bot.idle()
    await bot.slack.say("Acme West")
    await bot.idle()
    assert bot.account_names == ["Acme East", "Acme West"]


async def test_unknown_account_is_made_by_its_button(bot: SlackBot) -> None:
    shown = await bot.slack.command("/log", "call Globex")
    assert shown is not None
    await bot.slack.press(shown, "Create account Globex")
    await bot.idle()
    assert bot.account_names == ["Globex"]


async def test_home_shows_my_week(bot: SlackBot) -> None:
    await bot.slack.command("/log", "call Acme")
    await bot.slack.open_home()
    await bot.idle()
    view = bot.slack.homes["T1", "U1"]
    assert "Acme" in str(view)
    await bot.slack.press(view, "Log an activity")
    await bot.slack.submit(await bot.slack.next_modal(), {"kind": "email", "account": "Initech"})
    await bot.idle()
    assert "Email to Initech" in str(bot.slack.homes["T1", "U1"])


async def test_form_that_slack_would_not_open_is_offered(bot: SlackBot) -> None:
    bot.slack.inject("views.open", error="expired_trigger_id")
    await bot.slack.command("/log", "", channel="C1")
    await bot.idle()
    offered = await bot.slack.until(lambda: [one for one in bot.slack.messages if "Open form" in one.labels])
    await bot.slack.press(offered[0], "Open form")
    opened = await bot.slack.next_modal()
    await bot.slack.submit(opened, {"kind": "call", "account": "Acme"})
    await bot.idle()
    assert bot.living == [("call", "Acme")]


# ---------------------------------------------------------------- the same thing again


async def test_the_same_event_four_times(bot: SlackBot) -> None:
    """FAULT 2: one effect, one answer."""
    for retry in range(4):
        event = {"type": "message", "channel_type": "im", "channel": bot.slack.direct("U1"), "user": "U1"}
        answered = await bot.slack.event(event | {"text": "log call Acme", "ts": "1.1"}, event_id="Ev1", retry=retry)
        assert answered.status == 200
    await bot.idle()
    assert bot.living == [("call", "Acme")]
    assert len([shown for shown in bot.slack.messages if "Acme" in shown.read]) == 1


async def test_a_retry_whose_first_try_never_arrived(bot: SlackBot) -> None:
    """FAULT 3: the header alone says nothing."""
    await bot.slack.event(
        {"type": "app_mention", "channel": "C1", "user": "U1", "text": "<@UBOT> log call Acme", "ts": "1.1"}, retry=3
    )
    await bot.idle()
    assert bot.living == [("call", "Acme")]


async def test_a_retry_after_five_and_a_half_minutes_and_a_restart(sqlite_url: str) -> None:
    """FAULTS 4 and 31."""
    moved = [timedelta()]
    event = {"type": "message", "channel_type": "im", "channel": "D1", "user": "U1", "text": "log call Acme", "ts": "1"}
    async with FakeSlack(ACME) as slack:
        slack.direct("U1")
        for retry in range(2):
            async with running(sqlite_url, slack, clock=lambda: datetime.now(UTC) + moved[0]) as bot:
                await slack.event(event, event_id="Ev1", retry=retry)
                await bot.idle()
                assert bot.living == [("call", "Acme")]
            moved[0] = timedelta(minutes=5, seconds=30)


@only_http
async def test_a_request_replayed_byte_for_byte(bot: SlackBot) -> None:
    """FAULT 31."""
    form = b"command=%2Flog&text=call+Acme&user_id=U1&channel_id=C1&team_id=T1&trigger_id=1.2.3"
    headers = bot.slack.signed(form, ACME.signing_secret, form=True)
    first = await bot.slack.post(form, headers)
    again = await bot.slack.post(form, headers)
    assert first.status == again.status == 200
    assert first.body["text"] == again.body["text"]
    assert bot.living == [("call", "Acme")]


@only_http
async def test_the_database_is_locked_for_a_while(bot: SlackBot) -> None:
    """FAULT 1: told in time, then the outcome follows; nothing is lost nor doubled."""
    release = _hold_the_lock(bot)
    began = time.monotonic()
    first = asyncio.create_task(bot.slack.command("/log", "call Acme", channel="C1"))
    event = asyncio.create_task(bot.slack.say("log email Globex", user="U2"))
    shown = await first
    assert shown is not None
    assert "Not saved yet" in shown.read
    assert (await event).status == 503
    assert time.monotonic() - began < 10
    assert bot.living == []
    release()
    await bot.slack.until(lambda: len(bot.living) == 2)
    await bot.slack.until(lambda: [one for one in bot.slack.said_to("U1", "C1") if "Undo" in one.labels])
    await bot.slack.until(lambda: [one for one in bot.slack.said_to("U2") if "Undo" in one.labels])
    await bot.idle()
    assert sorted(bot.living) == [("call", "Acme"), ("email", "Globex")]


def _hold_the_lock(bot: SlackBot) -> Callable[[], None]:
    database = bot.application.core.database
    assert isinstance(database, SqliteDatabase)
    connection = database.engine.raw_connection()
    assert connection.driver_connection is not None
    connection.driver_connection.execute("BEGIN IMMEDIATE")

    def release() -> None:
        assert connection.driver_connection is not None
        connection.driver_connection.execute("ROLLBACK")
        connection.close()

    return release


# ---------------------------------------------------------------- whose it is


async def test_another_person_presses_a_private_button(bot: SlackBot) -> None:
    """FAULT 36: told so privately, and nothing happens."""
    shown = await bot.slack.command("/log", "call Acme", channel="C1")
    assert shown is not None
    before = shown.read
    await bot.slack.press(shown, "Undo", user="U2")
    await bot.idle()
    assert bot.living == [("call", "Acme")]
    told = [one for one in bot.slack.said_to("U2", "C1") if "that button is for" in one.read.lower()]
    assert told
    assert all(one.only_to == "U2" for one in told)
    assert shown.read == before


async def test_tampered_button_and_form(bot: SlackBot) -> None:
    """FAULT 35: a value that was pointed elsewhere opens nothing, and is written down."""
    shown = await bot.slack.command("/log", "call Acme", channel="C1")
    assert shown is not None
    await bot.slack.press(shown, "Undo", actions=[{"type": "button", "action_id": "x" * 22, "value": "someone"}])
    await bot.slack.command("/log", "")
    opened = await bot.slack.next_modal()
    opened.view = {**opened.view, "private_metadata": "y" * 22}
    await bot.slack.submit(opened, {"kind": "call", "account": "Globex"})
    stolen = await bot.slack.command("/log", "email Initech", user="U2", channel="C1")
    assert stolen is not None
    token = _tokens(stolen)[0]
    await bot.slack.press(shown, "Undo", actions=[{"type": "button", "action_id": token}])
    await bot.idle()
    assert sorted(bot.living) == [("call", "Acme"), ("email", "Initech")]
    assert len(bot.rows(sa.select(tables.audit_log).where(tables.audit_log.c.person.is_not(None)))) >= 1


async def test_the_same_person_in_two_installs(bot: SlackBot) -> None:
    """FAULT 42: two identities; what one sees is not the other's."""
    bot.slack.add_user("U1", name="Erin East", install=EAST)
    ours = await bot.slack.command("/log", "call Acme", channel="C1")
    theirs = await bot.slack.command("/log", "email Globex", channel="C1", install=EAST)
    assert ours is not None
    assert theirs is not None
    people = {row["person"] for row in bot.activities}
    assert len(people) == 2
    await bot.slack.press(ours, "Undo", install=EAST, user="U1")
    await bot.idle()
    assert sorted(bot.living) == [("call", "Acme"), ("email", "Globex")]


async def test_a_guest_cannot_log(bot: SlackBot) -> None:
    """FAULT 43."""
    bot.slack.add_user("U5", name="Gus Guest", is_restricted=True)
    bot.slack.join("C1", "U5")
    await bot.slack.command("/log", "call Acme", user="U5", channel="C1")
    await bot.slack.mention("log call Acme", user="U5", channel="C1")
    await bot.idle()
    assert bot.living == []


async def test_uninstalled_then_installed_again(sqlite_url: str) -> None:
    """FAULT 44: what waited is withdrawn; the old token does not raise the dead, a new one begins anew."""
    async with FakeSlack(ACME) as slack:
        slack.join("C1", "bot", "U1")
        async with running(sqlite_url, slack) as bot:
            await slack.command("/log", "call Acme")
            await bot.idle()
            slack.inject("chat.postMessage", status=429, retry_after=60)
            await slack.say("log email Globex")
            await slack.until(lambda: [row for row in bot.rows(sa.select(tables.outbox)) if row["retry_at"]])
            await slack.event({"type": "app_uninstalled"})
            await slack.until(lambda: "withdrawn" in {row["state"] for row in bot.rows(sa.select(tables.outbox))})
        said = len(slack.messages)
        async with running(sqlite_url, slack) as bot:
            answered = await slack.send_command("/log", "call Initech")
            assert answered.status == 401
            await asyncio.sleep(0.2)
            assert len(slack.messages) == said
    again = SlackInstall("acme", "T1", bot_token="xoxb-new", signing_secret="secret-acme", app_token="xapp-acme")
    async with FakeSlack(again) as slack, running(sqlite_url, slack) as bot:
        assert await slack.command("/log", "call Initech") is not None
        await bot.idle()
        assert ("call", "Initech") in bot.living
        assert [row for row in slack.messages if "Globex" in row.read] == []


# ---------------------------------------------------------------- what people type


@pytest.mark.parametrize(
    "note",
    [
        "call <!channel> <https://evil.example|https://bank.example>",
        "call @everyone [x](https://evil.example) *b* `c`",
        "call '; DROP TABLE activities; -- \u202eabc\u202c ${x} {{y}}",
    ],
)
async def test_what_is_typed_comes_back_as_typed(bot: SlackBot, note: str) -> None:
    """FAULTS 37, 38, 41. The fake fails the test where anything would notify or become a link."""
    await bot.slack.command("/log", note)
    await bot.slack.say(f"log {note}")
    await bot.slack.command("/log", "list")
    await bot.idle()
    kept = bot.rows(sa.select(tables.activities.c.said)) + bot.rows(sa.select(tables.drafts.c.data))
    said = {row.get("said") or row["data"]["said"] for row in kept}
    # A message that somebody wrote (not a command) is formatted by Slack: its marks are not theirs.
    assert said == {note, unstyled(note)}


async def test_logs_hold_no_secret_and_no_note(bot: SlackBot, capsys: pytest.CaptureFixture[str]) -> None:
    """FAULT 48: neither when all goes well nor when Slack or a turn fails."""
    note = "their budget is confidentialnote"
    await bot.slack.command("/log", f"call Acme {note}")
    for fault in ({"status": 500}, {"error": "invalid_auth"}, {"drop": True}):
        bot.slack.inject("chat.postMessage", **fault)
        await bot.slack.say(f"log call Acme {note} {fault}")
    bot.slack.inject("users.info", error="invalid_auth")
    await bot.slack.command("/log", f"call Acme {note}", user="U2")
    await bot.slack.send_command("/log", f"call Acme {note}", team_id="T999")
    told = ""

    def all_is_told() -> bool:
        nonlocal told
        told += "".join(capsys.readouterr())
        return all(reason in told for reason in ("Slack answered 500", "reason=invalid_auth", "slack_profile_unknown"))

    await bot.slack.until(all_is_told)
    for secret in ("confidentialnote", "xoxb-", "xapp-", "secret-acme", "/respond/", KEY):
        assert secret not in told


async def test_a_text_over_the_limit_comes_back(bot: SlackBot) -> None:
    """FAULT 40."""
    shown = await bot.slack.command("/log", "call Acme " + "x" * 2500)
    assert shown is not None
    assert "call Acme" in shown.read
    assert bot.living == []


# ---------------------------------------------------------------- on its way out


async def test_429_holds_back_its_channel_alone(bot: SlackBot) -> None:
    """FAULT 20."""
    bot.slack.join("C2", "bot", "U1")
    bot.slack.inject("chat.postEphemeral", status=429, retry_after=30, when=lambda sent: sent["channel"] == "C1")
    await bot.slack.mention("log call Acme", channel="C1")
    await bot.slack.mention("log call Globex", channel="C2")
    await bot.slack.until(lambda: [one for one in bot.slack.messages if "Globex" in one.read])
    assert [one for one in bot.slack.messages if "Acme" in one.read] == []
    held = sa.select(tables.outbox.c.retry_at).where(tables.outbox.c.retry_at.is_not(None))
    (waiting,) = await bot.slack.until(lambda: bot.rows(held))
    assert waiting["retry_at"] > datetime.now(UTC) + timedelta(seconds=20)


async def test_a_post_that_was_done_but_not_answered_is_found(bot: SlackBot) -> None:
    """FAULTS 10 and 22: it stands there once, and its row says sent."""
    bot.slack.inject("chat.postMessage", drop=True, do=True)
    await bot.slack.say("log call Acme")

    def settled() -> bool:
        states = [row["state"] for row in bot.rows(sa.select(tables.outbox).where(tables.outbox.c.topic == "reply"))]
        return bool(states) and states[-1] == "sent"

    await bot.slack.until(settled)
    await bot.idle()
    assert len([one for one in bot.slack.messages if "Acme" in one.read]) == 1


async def test_a_channel_that_refuses(bot: SlackBot) -> None:
    """FAULT 23: it stops, and says why."""
    posts = len(bot.slack.called("chat.postMessage"))
    bot.slack.inject("chat.postMessage", error="is_archived", times=9)
    await bot.slack.say("log call Acme")
    await bot.idle()
    failed = bot.rows(sa.select(tables.outbox).where(tables.outbox.c.state == "failed"))
    assert [row["error"] for row in failed] == ["is_archived"]
    assert len(bot.slack.called("chat.postMessage")) == posts + 1
    assert bot.living == [("call", "Acme")]


def _tokens(shown: Shown) -> list[str]:
    return [
        element["action_id"] for block in shown.blocks if block["type"] == "actions" for element in block["elements"]
    ]
