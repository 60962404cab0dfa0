"""Teams from end to end: the real SDK's pipeline over real HTTP, real tokens signed by our own key, a real database.

The far end is tests/fakes/teams.py, which checks every token, card and answer as Teams does.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa

from bot import reception
from bot.app import Application
from bot.slack.install import SlackInstall
from bot.teams.install import TeamsInstall
from storage import tables
from tests.fakes.slack import FakeSlack
from tests.fakes.teams import FakeTeams
from tests.serving import Bot, serving

NORTH = TeamsInstall(
    "north", "11111111-1111-4111-8111-111111111111", "aaaaaaaa-0000-4000-8000-00000000000a", "secret-n"
)
SOUTH = TeamsInstall(
    "south", "22222222-2222-4222-8222-222222222222", "bbbbbbbb-0000-4000-8000-00000000000b", "secret-s"
)


class TeamsBot(Bot):
    """On Teams."""

    def __init__(self, application: Application, teams: FakeTeams) -> None:
        super().__init__(application)
        self.teams = teams

    async def settle(self) -> None:
        """Past the welcome, so that a test sees only what it does itself."""
        await self.teams.says("hello")
        await self.idle()
        self.teams.messages.clear()


@asynccontextmanager
async def running(url: str, teams: FakeTeams, **more: Any) -> AsyncIterator[TeamsBot]:
    """A started application on a database."""
    platform = {
        "teams": tuple(teams.listed),
        "teams_openid_metadata_url": teams.metadata_url,
        "teams_login_url": teams.login_url,
        "teams_service_urls": (teams.service_url,),
    }
    async with serving(url, **{**platform, **more}) as application:
        teams.bot_url = application.address
        for platform in application.platforms:
            # The pace itself has its tests in test_teams_send.py and test_delivery.py.
            platform.sender.lane_interval = 0.0
        yield TeamsBot(application, teams)


@pytest_asyncio.fixture
async def bot(sqlite_url: str) -> AsyncIterator[TeamsBot]:
    async with FakeTeams(NORTH, SOUTH) as teams:
        teams.add_person("U2", name="Ron Rep")
        teams.add_person("U9", name="Ada Admin")
        async with running(sqlite_url, teams) as made:
            await made.settle()
            yield made


# ---------------------------------------------------------------- the main job


async def test_log_call_acme_as_a_message(database_url: str) -> None:
    """With and without the slash, on both databases; the card is checked by the far end."""
    async with FakeTeams(NORTH) as teams, running(database_url, teams) as bot:
        await bot.settle()
        for words in ("log call Acme", "/log call Acme"):
            shown = await teams.asks(words)
            assert "Acme" in shown.read
        for row in bot.activities:
            assert (row["kind"], row["count"], row["account_text"], row["said"]) == ("call", 1, "Acme", "call Acme")


async def test_the_same_row_as_from_slack(sqlite_url: str) -> None:
    """One person, two platforms, one application: what is kept differs in nothing but where it was said."""
    workspace = SlackInstall("acme", "T1", bot_token="xoxb-acme", signing_secret="secret-acme")
    async with FakeSlack(workspace) as slack, FakeTeams(NORTH) as teams:
        slack.over = "http"
        slack.add_user("U1", name="Rae Rep", email="rae@example.com")
        async with running(sqlite_url, teams, slack=slack.installs, slack_api_url=slack.url) as bot:
            slack.bot_url = bot.application.address
            await slack.command("/log", "30 min call with Jane Doe at Acme yesterday 3pm -> send NDA friday")
            await teams.asks("log 30 min call with Jane Doe at Acme yesterday 3pm -> send NDA friday")
            await bot.idle()
            ours, theirs = bot.activities
            same = set(ours) - {"id", "entry", "line", "recorded_at"}
            assert {name: ours[name] for name in same} == {name: theirs[name] for name in same}


async def test_undo_by_the_cards_button(bot: TeamsBot) -> None:
    """The pressed card is refreshed in the response, and stays so after a reload."""
    logged = await bot.teams.asks("log call Acme")
    answered = await bot.teams.press(logged, "Undo")
    assert answered.card is not None
    assert bot.living == []
    await bot.idle()
    assert "Undo" not in logged.labels
    again = await bot.teams.send(bot.teams.sent[-1])
    assert again.status == 200
    assert bot.living == []


async def test_edit_in_the_dialog(bot: TeamsBot) -> None:
    """Edit opens the form filled in; what is wrong stands beside its field with the words kept; then it is saved."""
    logged = await bot.teams.asks("log call Acme")
    dialog = await bot.teams.open(logged, "Edit")
    assert dialog.values["account"] == "Acme"
    await bot.teams.submit(dialog, {"minutes": "a while", "note": "they liked it"})
    assert not dialog.closed
    assert "a while" in dialog.read
    assert dialog.values["note"] == "they liked it"
    await bot.teams.submit(dialog, {"minutes": "45 min"})
    assert dialog.closed
    await bot.idle()
    row = bot.activities[-1]
    assert (row["minutes"], row["note"]) == (45, "they liked it")
    assert "45 min" in logged.read


async def test_nothing_behind_log_offers_the_form(bot: TeamsBot) -> None:
    """A message cannot open a dialog, so a button does."""
    offered = await bot.teams.asks("log")
    dialog = await bot.teams.open(offered, "Open form")
    await bot.teams.submit(dialog, {"kind": "call", "account": "Acme"})
    await bot.idle()
    assert bot.living == [("call", "Acme")]


async def test_log_activity_in_the_message_extension(bot: TeamsBot) -> None:
    """From the compose box of a chat that Pacer has no part in; the answer is shown at once and kept one-to-one."""
    dialog = await bot.teams.extension_fetch("log")
    answered = await bot.teams.extension_submit(dialog, {"kind": "call", "account": "Acme"})
    assert "Acme" in answered.read
    await bot.idle()
    row = bot.activities[-1]
    assert (row["kind"], row["count"], row["account_text"], row["voided_at"]) == ("call", 1, "Acme", None)
    kept = bot.teams.privately()[-1]
    assert "Acme" in kept.read
    await bot.teams.press(kept, "Undo")
    assert bot.living == []


async def test_a_wrong_field_in_the_message_extension(bot: TeamsBot) -> None:
    dialog = await bot.teams.extension_fetch("log")
    await bot.teams.extension_submit(dialog, {"kind": "call", "account": "Acme", "minutes": "a while"})
    assert not dialog.closed
    assert "a while" in dialog.read
    await bot.teams.extension_submit(dialog, {"minutes": "45 min"})
    await bot.idle()
    assert [(row["kind"], row["minutes"]) for row in bot.activities] == [("call", 45)]


async def test_log_this_message(bot: TeamsBot) -> None:
    """The extension's command on somebody's message: the form holds what it says, formatting gone."""
    dialog = await bot.teams.extension_fetch("log", text="<div>Had a <b>call</b> with Acme &amp; Sons today</div>")
    assert dialog.values["note"] == "Had a call with Acme & Sons today"
    assert dialog.values["kind"] == "call"


async def test_accounts_are_found(bot: TeamsBot) -> None:
    """Search in the message extension; the card that is chosen opens the form for that account."""
    await bot.add_accounts("Acme Corporation", "Acme Labs", "Initech", "100%_Pure")
    assert (await bot.teams.search("acm")).results == ["Acme Corporation", "Acme Labs"]
    assert (await bot.teams.search("%_")).results == ["100%_Pure"]
    assert len((await bot.teams.search("")).results) == 4
    nothing = await bot.teams.search("zzz")
    assert nothing.results == []
    assert "No account" in nothing.read
    card = (await bot.teams.search("initech")).body["composeExtension"]["attachments"][0]["content"]
    dialog = await bot.teams.open(card, "Log an activity", user="U2")
    assert dialog.values["account"] == "Initech"


async def test_a_card_that_is_sent_is_no_line(bot: TeamsBot) -> None:
    """A found account sent into the chat comes as a message: its stand-in is no word of the person's."""
    stand_in = (
        '\n<span class="inline-compose-card" itemid="0" itemtype="http://schema.skype.com/InputExtension">\n'
        '  <span content="0" itemprop="cardId"></span>\n</span>\n'
    )
    assert (await bot.teams.says(stand_in)).status == 200
    await bot.teams.says(f"log call Acme {stand_in}")
    await bot.idle()
    assert [row["said"] for row in bot.activities] == ["call Acme"]
    assert len(bot.teams.privately()) == 1


async def test_only_who_is_known_finds_accounts(bot: TeamsBot) -> None:
    """A guest, and somebody who never spoke to Pacer, learn no customer's name."""
    await bot.add_accounts("Acme Corporation")
    bot.teams.add_person("U7", name="Gus Guest", role="guest")
    assert (await bot.teams.search("acme", user="U7")).results == []
    assert (await bot.teams.search("acme", user="U2")).results == []


async def test_which_acme(bot: TeamsBot) -> None:
    await bot.add_accounts("Acme Corporation", "Acme Labs")
    asked = await bot.teams.asks("log call acme")
    await bot.teams.press(asked, "Acme Labs")
    await bot.idle()
    assert bot.account_names == ["Acme Labs"]


async def test_which_of_many(bot: TeamsBot) -> None:
    """More than a handful come as a menu."""
    await bot.add_accounts(*(f"Acme {town}" for town in ("Bern", "Cork", "Dijon", "Essen", "Faro", "Genoa", "Hull")))
    asked = await bot.teams.asks("log call acme")
    await bot.teams.press(asked, "Acme Genoa")
    await bot.idle()
    assert bot.account_names == ["Acme Genoa"]


async def test_what_home_would_show(bot: TeamsBot) -> None:
    """Teams has no page of ours: `home` answers with it. It stays when a button of it is pressed."""
    await bot.teams.asks("log call Acme")
    shown = await bot.teams.asks("home")
    assert "week" in shown.read
    assert "Acme" in shown.read
    assert {"Log an activity", "Edit", "Remove"} <= set(shown.labels)
    await bot.teams.press(shown, "Remove")
    await bot.idle()
    below = bot.teams.privately()
    assert "Your last ones" in below[-2].read
    assert below[-1].read.startswith("Removed: call with Acme")


# ---------------------------------------------------------------- where it is said


async def test_mentioned_in_a_channel_it_answers_one_to_one(bot: TeamsBot) -> None:
    """What is private is not said where others read, and the thread shows nothing of it."""
    await bot.teams.mentions("log call Acme")
    await bot.idle()
    assert bot.living == [("call", "Acme")]
    assert ["Acme" in shown.read for shown in bot.teams.privately()] == [True]
    assert bot.teams.sees("U2") == []


async def test_in_a_group_chat(bot: TeamsBot) -> None:
    await bot.teams.says("log call Acme", chat="group")
    await bot.idle()
    assert bot.living == [("call", "Acme")]
    assert len(bot.teams.privately()) == 1


async def test_one_to_one_is_not_possible(bot: TeamsBot) -> None:
    """They never added the app for themselves: the channel says how to get the answer, never the answer."""
    bot.teams.person("U2").installed = False
    await bot.teams.mentions("log call Acme", user="U2")
    await bot.idle()
    said = bot.teams.sees("U1")[-1].read
    assert "Acme" not in said
    assert "private" in said


async def test_a_first_message_to_somebody(bot: TeamsBot) -> None:
    """The admins are told of a newcomer: a conversation is made for each of them, once."""
    await bot.teams.says("hello", user="U9")
    await bot.idle()
    bot.teams.messages.clear()
    await bot.teams.says("log call Acme", user="U2")
    await bot.idle()
    assert any("Ron Rep" in shown.read for shown in bot.teams.privately("U9"))


async def test_hello_when_the_app_is_added(bot: TeamsBot) -> None:
    """One greeting, whichever of Teams' two events tells of it."""
    bot.teams.add_person("U5", name="New Person")
    await bot.teams.installs("U5")
    await bot.idle()
    assert "New" in bot.teams.privately("U5")[0].read
    assert sum("Pacer" in shown.read for shown in bot.teams.privately("U5")) <= 2


@pytest.mark.parametrize("word", ["hi", "Hello", "help", "Help"])
async def test_words_that_teams_wants_answered(bot: TeamsBot, word: str) -> None:
    assert (await bot.teams.asks(word)).read


# ---------------------------------------------------------------- faults


async def test_a_database_that_stalls(bot: TeamsBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """FAULT 6: answered within Teams' time; the person hears that it is not saved yet, then one answer."""
    bot.application.core.turns._patience = 0.3
    database = bot.application.core.database
    release = threading.Event()
    held = database.submit(lambda tx: release.wait(10))
    began = time.monotonic()
    answered = await bot.teams.says("log call Acme")
    assert answered.status == 200
    assert time.monotonic() - began < 15
    await bot.teams.until(bot.teams.privately)
    assert reception.NOT_SAVED_YET in bot.teams.privately()[0].read
    release.set()
    await asyncio.wrap_future(held)
    await bot.teams.until(lambda: len(bot.teams.privately()) == 2)
    await bot.idle()
    assert bot.living == [("call", "Acme")]
    assert len(bot.teams.privately()) == 2


async def test_the_same_event_again(bot: TeamsBot) -> None:
    """FAULTS 2, 5 and 31: the same id four times, and the same words under a new id while the first runs."""
    message = bot.teams.message("log call Acme")
    for _ in range(4):
        assert (await bot.teams.send(message)).status == 200
    await bot.idle()
    assert bot.living == [("call", "Acme")]
    twins = [bot.teams.message("log email Globex") for _ in range(2)]
    release = threading.Event()
    bot.application.core.database.submit(lambda tx: release.wait(5))
    sent = [asyncio.ensure_future(bot.teams.send(twin)) for twin in twins]
    await asyncio.sleep(0.3)
    release.set()
    await asyncio.gather(*sent)
    await bot.idle()
    assert bot.living == [("call", "Acme"), ("email", "Globex")]


async def test_a_double_click_and_a_form_sent_twice(bot: TeamsBot) -> None:
    """FAULT 5."""
    logged = await bot.teams.asks("log call Acme")
    await asyncio.gather(*(bot.teams.press(logged, "Undo") for _ in range(3)))
    assert bot.living == []
    offered = await bot.teams.asks("log")
    dialog = await bot.teams.open(offered, "Open form")
    await bot.teams.submit(dialog, {"kind": "call", "account": "Acme"})
    dialog.closed = False
    await bot.teams.submit(dialog, {"kind": "call", "account": "Acme"})
    await bot.idle()
    assert bot.living == [("call", "Acme")]


async def test_somebody_elses_button(bot: TeamsBot) -> None:
    """FAULTS 35 and 36: told so alone, nothing happens, and the audit log knows."""
    logged = await bot.teams.asks("log call Acme")
    answered = await bot.teams.press(logged, "Undo", user="U2")
    assert answered.card is None
    assert answered.read
    await bot.idle()
    assert bot.living == [("call", "Acme")]
    assert bot.rows(sa.select(tables.audit_log))[-1]["details"]["what"] == "Pressed"


@pytest.mark.parametrize(
    "note",
    [
        "call <at>everyone</at> [x](https://evil.example) **b** `c` _d_",
        "call ${x} {{DATE(2026-01-01T00:00:00Z)}} <!channel> @team",
        "call '; DROP TABLE activities; -- \u202eabc\u202c \0 & < >",
    ],
)
async def test_what_is_typed_comes_back_as_typed(bot: TeamsBot, note: str) -> None:
    """FAULTS 37, 38, 41. The far end fails the test where anything would notify, become a link or be evaluated."""
    await bot.teams.says(f"log {note}")
    await bot.teams.says("log list")
    await bot.idle()
    assert bot.rows(sa.select(tables.activities)) or bot.rows(sa.select(tables.drafts))


async def test_tenants_are_never_mixed(bot: TeamsBot) -> None:
    """FAULT 42: the same user and conversation ids in two tenants are two people; a third tenant is refused."""
    bot.teams.add_person("U1", name="Sol South", install=SOUTH, object_id=bot.teams.person("U1").object_id)
    await bot.teams.says("log call Acme")
    await bot.teams.says("log call Globex", install=SOUTH)
    await bot.idle()
    assert len({row["person"] for row in bot.activities}) == 2
    foreign = bot.teams.message("log call Initech")
    foreign["channelData"]["tenant"]["id"] = foreign["conversation"]["tenantId"] = (
        "33333333-3333-4333-8333-333333333333"
    )
    answered = await bot.teams.send(foreign)
    assert answered.status == 403
    assert len(bot.activities) == 2


async def test_a_guest(bot: TeamsBot) -> None:
    """FAULT 43: another company's person, or a guest, is told so and stores nothing."""
    bot.teams.add_person("U7", name="Gus Guest", role="guest")
    shown = await bot.teams.asks("log call Acme", user="U7")
    assert "Demo" in shown.read
    assert bot.living == []


async def test_removed_and_added_again(bot: TeamsBot) -> None:
    """FAULT 44: what waited for them is withdrawn, and nothing of it comes after they are back."""
    await bot.teams.says("log call Acme")
    await bot.idle()
    bot.teams.messages.clear()
    bot.teams.inject("post", status=429, retry_after=60)
    await bot.teams.says("log email Globex")
    await bot.teams.until(lambda: [row for row in bot.rows(sa.select(tables.outbox)) if row["retry_at"]])
    await bot.teams.removes()
    assert "withdrawn" in {row["state"] for row in bot.rows(sa.select(tables.outbox))}
    await bot.teams.installs()
    await bot.idle()
    assert [shown for shown in bot.teams.privately() if "Globex" in shown.read] == []
    assert bot.teams.privately()


async def test_logs_hold_no_secret_and_no_note(bot: TeamsBot, capsys: pytest.CaptureFixture[str]) -> None:
    """FAULT 48."""
    await bot.teams.says("log call Acme confidentialnote")
    await bot.teams.send(bot.teams.message("log x"), authorization="Bearer confidentialtoken")
    await bot.teams.send({**bot.teams.message("log confidentialnote"), "conversation": "nonsense"})
    await bot.idle()
    told = "".join(capsys.readouterr())
    for secret in ("confidentialnote", "confidentialtoken", "secret-n", "eyJ"):
        assert secret not in told


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 401), (b"{", 401), (b"[" * 200_000, 401), (b"x" * 300_000, 413), (b'{"type":"message"}', 401)],
)
async def test_rubbish(bot: TeamsBot, body: bytes, status: int) -> None:
    """FAULT 40, and 30 for Teams: refused at once, never 500."""
    answered = await bot.teams.post(body, {"Content-Type": "application/json"})
    assert answered.status == status
    assert (await bot.teams.post(body, {"Authorization": "Bearer x.y.z"})).status in (401, 413)


async def test_shapes_that_teams_never_sends(bot: TeamsBot) -> None:
    """Signed, but nothing that can be read: 400 or an honest 501, never 500."""
    for change in (
        {"conversation": "nonsense"},
        {"from": None},
        {"type": "invoke", "name": "adaptiveCard/action", "value": {"action": "x"}},
        {"type": "invoke", "name": "task/fetch", "value": None},
        {"type": "invoke", "name": "task/submit", "value": {"data": {"token": 7}}},
        {"type": "invoke", "name": "composeExtension/query", "value": {"commandId": "?", "parameters": [1]}},
        {"type": "invoke", "name": "no/such"},
        {"type": "typing"},
        {"type": "messageReaction"},
    ):
        answered = await bot.teams.send({**bot.teams.message("log call Acme"), **change})
        assert answered.status in (200, 400, 401, 403, 501), (change, answered)
    assert bot.living == []
