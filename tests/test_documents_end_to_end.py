"""Files that Pacer hands over: `export`, from the words to the bytes in the person's hands, on each platform.

The far ends check what they are sent: Slack its three steps, Teams the consent card, OneDrive each piece's range.
"""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
import pytest
import pytest_asyncio
import python_calamine
import sqlalchemy as sa

from bot.app import PlaygroundApplication
from bot.config import Playground, Settings
from bot.slack import send as slack_send
from bot.slack.uploads import Uploads
from bot.teams import files_out
from bot.teams import send as teams_send
from bot.teams.service_urls import ServiceUrls
from handlers.conversation.reply import Document
from storage import files, tables
from tests.fakes.slack import FakeSlack
from tests.fakes.slack import Shown as SlackShown
from tests.fakes.teams import FakeTeams
from tests.fakes.teams import Shown as TeamsShown
from tests.serving import COMPANY, KEY
from tests.test_slack_end_to_end import ACME, SlackBot
from tests.test_slack_end_to_end import running as running_slack
from tests.test_teams_end_to_end import NORTH, TeamsBot
from tests.test_teams_end_to_end import running as running_teams


def accounts_in(content: bytes) -> list[str]:
    """Of the activities in a workbook."""
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    head, *rows = book.get_sheet_by_name("Activities").to_python()
    return [str(row[head.index("Account")]) for row in rows]


# ---------------------------------------------------------------- Slack


@pytest_asyncio.fixture
async def slack_bot(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SlackBot]:
    monkeypatch.setattr(slack_send, "FIRST_RETRY", 0.05)
    async with FakeSlack(ACME) as slack:
        slack.join("C1", "bot", "U1")
        async with running_slack(sqlite_url, slack) as made:
            await made.settle()
            await slack.command("/log", "call Acme")
            yield made


def shared(bot: SlackBot) -> list[SlackShown]:
    return [shown for shown in bot.slack.messages if shown.files]


async def test_a_document_is_shared_in_the_one_to_one_chat(database_url: str) -> None:
    """Asked for in a channel: the answer is for one person's eyes, and the file is in their own chat only."""
    async with FakeSlack(ACME) as slack:
        slack.join("C1", "bot", "U1")
        async with running_slack(database_url, slack) as bot:
            await bot.settle()
            await slack.command("/log", "call Acme")
            shown = await slack.command("/pacer", "export activities", channel="C1")
            assert shown is not None
            assert shown.only_to == "U1"
            assert "activities.xlsx, " in shown.read
            await bot.idle()
            (message,) = shared(bot)
            assert message.channel == slack.direct("U1")
            assert "Activities: 1 row." in message.text
            (file,) = message.files
            assert file.title == file.name
            assert file.name.endswith("activities.xlsx")
            assert accounts_in(file.data) == ["Acme"]


async def test_asked_for_in_two_colleagues_own_chat_it_comes_to_ones_own(slack_bot: SlackBot) -> None:
    """A slash command works there, and Pacer has no part in it."""
    await slack_bot.slack.command("/pacer", "export activities", channel="D77")
    await slack_bot.slack.until(lambda: states(slack_bot) == ["sent"])
    assert [shown.channel for shown in shared(slack_bot)] == [slack_bot.slack.direct("U1")]


@pytest.mark.parametrize("remembered", [True, False], ids=["by Slack's id", "by name and size"])
async def test_a_share_whose_answer_is_lost_is_looked_for_and_not_repeated(
    slack_bot: SlackBot, monkeypatch: pytest.MonkeyPatch, remembered: bool
) -> None:
    """FAULTS 22; another process than the one that uploaded it knows its name and size only."""
    if not remembered:
        monkeypatch.setattr(Uploads, "known", lambda *_: "")
    slack_bot.application.core.delivery._find_after = (0.05, 0.05, 0.05)
    slack_bot.slack.inject("files.completeUploadExternal", drop=True, do=True)
    await slack_bot.slack.say("export activities")
    await slack_bot.slack.until(lambda: states(slack_bot) == ["sent"])
    assert len(shared(slack_bot)) == 1


async def test_where_the_bytes_are_lost_they_are_sent_again(slack_bot: SlackBot) -> None:
    slack_bot.slack.inject("upload", drop=True)
    await slack_bot.slack.say("export activities")
    await slack_bot.slack.until(lambda: states(slack_bot) == ["sent"])
    assert [accounts_in(file.data) for shown in shared(slack_bot) for file in shown.files] == [["Acme"]]


async def test_a_file_that_is_kept_no_longer_is_not_sent(slack_bot: SlackBot) -> None:
    """It waited too long: the row ends, and nothing half is shared."""
    slack_bot.slack.inject("files.getUploadURLExternal", retry_after=1)
    await slack_bot.slack.say("export activities")
    await slack_bot.slack.until(lambda: slack_bot.slack.called("files.getUploadURLExternal"))
    core = slack_bot.application.core
    await core.database.write(lambda tx: files.forget(tx, core.now() + timedelta(days=3)))
    await slack_bot.slack.until(lambda: states(slack_bot) == ["failed"])
    assert shared(slack_bot) == []


def states(bot: SlackBot | TeamsBot) -> list[str]:
    """How the uploads of documents stand."""
    table = tables.outbox
    wanted = (
        sa.select(table.c.state).where(table.c.topic == "files", table.c.operation == "upload").order_by(table.c.id)
    )
    return [str(row["state"]) for row in bot.rows(wanted)]


# ---------------------------------------------------------------- Teams


@pytest_asyncio.fixture
async def teams_bot(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[TeamsBot]:
    monkeypatch.setattr(teams_send, "FIRST_RETRY", 0.05)
    async with FakeTeams(NORTH) as teams:
        teams.add_person("U2", name="Ron Rep")
        async with running_teams(sqlite_url, teams) as made:
            await made.settle()
            await teams.asks("log call Acme")
            yield made


async def offered(bot: TeamsBot, words: str = "export activities") -> TeamsShown:
    """The question whether the file may be saved."""
    await bot.teams.says(words)
    await bot.idle()
    return next(shown for shown in reversed(bot.teams.privately("U1")) if shown.asks_for)


async def test_a_document_is_offered_and_then_saved(database_url: str) -> None:
    async with FakeTeams(NORTH) as teams, running_teams(database_url, teams) as bot:
        await bot.settle()
        await teams.asks("log call Acme")
        asked = await offered(bot)
        assert asked.asks_for is not None
        name = asked.asks_for["name"]
        assert "Activities: 1 row." in asked.asks_for["content"]["description"]
        assert teams.drive.sessions == {}
        answered = await teams.answers_file(asked)
        assert answered.status == 200
        await bot.idle()
        assert asked.deleted
        (file,) = [shown.file for shown in teams.privately("U1") if shown.file]
        assert file["name"] == name
        assert file["content"] == {"uniqueId": "id-s1", "fileType": "xlsx"}
        content = teams.drive.held(name)
        assert len(content) == asked.asks_for["content"]["sizeInBytes"]
        assert accounts_in(content) == ["Acme"]
        held = bot.rows(sa.select(tables.outbox.c.address, tables.outbox.c.sent_as, tables.outbox.c.body))
        assert "tempauth" not in str(held), "the address of the upload is a secret, and is kept sealed"


async def test_asked_for_in_a_channel_it_is_offered_one_to_one(teams_bot: TeamsBot) -> None:
    """A consent card in a channel would be a violation of the far end's."""
    await teams_bot.teams.mentions("export activities csv", channel="sales")
    await teams_bot.idle()
    assert [shown for shown in teams_bot.teams.privately("U1") if shown.asks_for]
    assert not [shown for shown in teams_bot.teams.sees("U2") if shown.asks_for]


async def test_declined_is_gone(teams_bot: TeamsBot) -> None:
    asked = await offered(teams_bot)
    await teams_bot.teams.answers_file(asked, allow=False)
    await teams_bot.idle()
    assert asked.deleted
    assert teams_bot.teams.drive.sessions == {}


async def test_allowed_twice_it_is_saved_once(teams_bot: TeamsBot) -> None:
    asked = await offered(teams_bot)
    await teams_bot.teams.answers_file(asked)
    await teams_bot.teams.answers_file(asked)
    await teams_bot.idle()
    assert len([shown for shown in teams_bot.teams.privately("U1") if shown.file]) == 1
    assert [session.done for session in teams_bot.teams.drive.sessions.values()] == [True, False]


async def test_somebody_else_allows_nothing(teams_bot: TeamsBot) -> None:
    """FAULTS 35: a context pointed at another person's file is denied and written down."""
    asked = await offered(teams_bot)
    await teams_bot.teams.says("hello", user="U2")
    await teams_bot.teams.answers_file(asked, user="U2", conversation=_chat_of(teams_bot, "U2"))
    await teams_bot.idle()
    assert [session.puts for session in teams_bot.teams.drive.sessions.values()] == [0]
    events = teams_bot.rows(sa.select(tables.audit_log.c.event))
    assert {"event": "file of somebody else"} in events


def _chat_of(bot: TeamsBot, user: str) -> dict[str, str]:
    return {"conversationType": "personal", "tenantId": NORTH.tenant_id, "id": bot.teams.personal(user)}


async def test_no_byte_goes_to_an_address_that_is_not_microsofts(teams_bot: TeamsBot) -> None:
    """FAULTS 33. The listener at that address is real, and hears nothing."""
    heard: list[str] = []

    async def listen(request: aiohttp.web.BaseRequest) -> aiohttp.web.Response:
        heard.append(request.path)
        return aiohttp.web.Response(status=201)

    server = aiohttp.web.ServerRunner(aiohttp.web.Server(listen))
    await server.setup()
    await aiohttp.web.TCPSite(server, "127.0.0.1", 0).start()
    port = server.addresses[0][1]
    asked = await offered(teams_bot)
    await teams_bot.teams.answers_file(asked, info={"uploadUrl": f"http://127.0.0.1:{port}/up"})
    await teams_bot.idle()
    await server.cleanup()
    assert heard == []
    assert "I could not save" in teams_bot.teams.privately("U1")[-1].read


async def test_a_drive_that_is_busy_is_tried_again(teams_bot: TeamsBot) -> None:
    teams_bot.teams.drive.fail_with = [503]
    asked = await offered(teams_bot)
    await teams_bot.teams.answers_file(asked)
    await teams_bot.teams.until(lambda: states(teams_bot) == ["sent", "sent"])
    assert [session.puts for session in teams_bot.teams.drive.sessions.values()] == [2]
    assert [shown.file["name"] for shown in teams_bot.teams.privately("U1") if shown.file]


async def test_saved_and_not_shown_yet_it_is_not_saved_again(teams_bot: TeamsBot) -> None:
    """The file's card is refused for a moment: what is repeated is the card, since the session is over by then."""
    asked = await offered(teams_bot)
    teams_bot.teams.inject("post", status=429, retry_after=0)
    await teams_bot.teams.answers_file(asked)
    await teams_bot.teams.until(lambda: states(teams_bot) == ["sent", "sent"])
    assert [session.puts for session in teams_bot.teams.drive.sessions.values()] == [1]
    assert len([shown for shown in teams_bot.teams.privately("U1") if shown.file]) == 1


async def test_allowed_when_it_is_kept_no_longer(teams_bot: TeamsBot) -> None:
    asked = await offered(teams_bot)
    core = teams_bot.application.core
    await core.database.write(lambda tx: files.forget(tx, core.now() + timedelta(days=3)))
    await teams_bot.teams.answers_file(asked)
    await teams_bot.idle()
    assert "it is gone now" in asked.read
    assert [session.puts for session in teams_bot.teams.drive.sessions.values()] == [0]


LARGE = 2 * files_out.PIECE + 12_345


def test_a_large_file_goes_in_pieces_that_sessions_take() -> None:
    content = bytes(range(256)) * (LARGE // 256 + 1)
    pieces = list(files_out.pieces(content[:LARGE]))
    assert b"".join(piece for _, piece in pieces) == content[:LARGE]
    assert [said for said, _ in pieces][-1].endswith(f"-{LARGE - 1}/{LARGE}")
    assert all(len(piece) % (320 * 1024) == 0 for _, piece in pieces[:-1])


async def test_a_large_file_arrives_whole(teams_bot: TeamsBot) -> None:
    content = bytes(range(256)) * (LARGE // 256)
    drive = teams_bot.teams.drive
    info = drive.offer("large.csv", "U1", len(content))
    ended = await _api(teams_bot).upload(info["uploadUrl"], content)
    assert type(ended).__name__ == "Ok"
    assert drive.held("large.csv") == content


def _api(bot: TeamsBot):  # type: ignore[no-untyped-def]
    (platform,) = bot.application.platforms
    return platform.api  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "url",
    [
        "http://contoso-my.sharepoint.com/up",
        "https://contoso-my.sharepoint.com:8443/up",
        "https://contoso-my.sharepoint.com.evil.example/up",
        "https://evil.example/?contoso-my.sharepoint.com",
        "https://evil.example#.sharepoint.com/up",
        "https://sharepoint.com@evil.example/up",
        "https://user@contoso.sharepoint.com/up",
        "https://evilsharepoint.com/up",
        "https://contoso.sharepoint.com\\@evil.example/up",
        "https://169.254.169.254/latest",
        "file:///etc/passwd",
        "//contoso.sharepoint.com/up",
        "https://ⓔvil.sharepoint.com/up",
        "http://127.0.0.1:1/up",
        "",
    ],
)
def test_only_microsofts_own_addresses_take_a_file(url: str) -> None:
    assert files_out.place(url, ServiceUrls(("http://127.0.0.1:9/teams",))) is None


def test_microsofts_addresses_are_called_as_they_came() -> None:
    url = "https://contoso-my.sharepoint.com/personal/rae/_api/v2.0/drive/items/01/uploadSession?guid='a%2Bb'&dc=0"
    found = files_out.place(url, ServiceUrls())
    assert str(found) == url


# ---------------------------------------------------------------- the playground


async def test_in_the_playground_it_is_a_link_for_that_person_only(sqlite_url: str) -> None:
    settings = Settings(company=COMPANY, key=KEY, playground=Playground("127.0.0.1", 0, sqlite_url))
    application = PlaygroundApplication(settings)
    url = await application.start()
    try:
        room = application.playground.room
        sam, priya = room.person("Sam"), room.person("Priya")
        back = await room.say(sam, f"direct:{sam.external_id}", "export my deals as csv")
        await application.core.delivery.idle()
        (message,) = [
            one for one in room.transcript.seen_by(sam.external_id) if one.reply and _documents(one.reply.parts)
        ]
        (at,) = [number for number, part in enumerate(message.reply.parts) if isinstance(part, Document)]
        asked = {"who": sam.external_id, "message": message.id, "part": str(at)}
        own = {"Sec-Fetch-Site": "same-origin"}
        async with aiohttp.ClientSession() as session:
            async with session.get(url + "api/document", params=asked, headers=own) as response:
                assert response.status == 200
                assert response.headers["Content-Disposition"].startswith("attachment")
                assert (await response.read()).decode("utf-8-sig").startswith("Deal,Account,Owner")
            foreign: list[tuple[dict[str, str], dict[str, str], int]] = [
                (asked | {"who": priya.external_id}, own, 404),
                (asked | {"part": "0"}, own, 404),
                (asked, {"Sec-Fetch-Site": "cross-site"}, 403),
            ]
            for params, headers, status in foreign:
                async with session.get(url + "api/document", params=params, headers=headers) as response:
                    assert response.status == status
        assert back is not None
    finally:
        await application.stop()


def _documents(parts: tuple[object, ...]) -> list[Document]:
    return [part for part in parts if isinstance(part, Document)]
