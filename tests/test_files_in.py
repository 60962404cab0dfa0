"""Files that people attach, on Slack (both ways in), Teams and the playground: real adapters, real HTTP, real SDKs.

A command stands in for `import` and keeps what it was handed. The far ends check the token, or that there is none.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web

from bot import app as joined
from bot import attached, reception
from bot.slack.files import HOST
from bot.slack.install import SlackInstall
from bot.teams.install import TeamsInstall
from handlers import COMMANDS
from handlers.conversation.command import Command
from handlers.conversation.reply import Reply
from handlers.conversation.request import Attached, Outcome, Request, Said
from storage.database import Transaction
from tests.fakes.slack import FakeSlack
from tests.fakes.teams import FakeTeams
from tests.serving import Bot, serving

ACME = SlackInstall("acme", "T1", bot_token="xoxb-acme", signing_secret="secret-acme", app_token="xapp-acme")
NORTH = TeamsInstall(
    "north", "11111111-1111-4111-8111-111111111111", "aaaaaaaa-0000-4000-8000-00000000000a", "secret-n"
)
DEALS = b"Deal,Amount\nAcme,60000\n"
ADMIN = "U9"


class Handed:
    """What the command for files was handed."""

    def __init__(self) -> None:
        self.files: list[Attached] = []
        self.words: list[str] = []

    def take(self, request: Request, tx: Transaction) -> Outcome:
        assert isinstance(request.incoming.what, Said)
        self.files += request.incoming.what.files
        self.words.append(request.text)
        names = ", ".join(f"{file.name} ({len(file.content)})" for file in request.incoming.what.files)
        return Outcome(reply=Reply(text=f"Read {names}."))

    def command(self) -> Command:
        """In the place of `import`."""
        return Command(
            name="import",
            summary="Bring in a file",
            usage="",
            examples=("import",),
            roles=frozenset({"admin"}),
            handle=lambda request, tx: Outcome(reply=Reply(text="Attach a file.")),
            takes_files=self.take,
            slash=False,
        )


def understands(monkeypatch: pytest.MonkeyPatch, commands: tuple[Command, ...]) -> None:
    """An application that is made from now on has these commands."""
    defaults = {**joined.Core.__init__.__kwdefaults__, "commands": commands}
    monkeypatch.setattr(joined.Core.__init__, "__kwdefaults__", defaults)


@pytest.fixture
def handed(monkeypatch: pytest.MonkeyPatch) -> Handed:
    made = Handed()
    without = tuple(command for command in COMMANDS if command.takes_files is None and command.name != "import")
    understands(monkeypatch, (*without, made.command()))
    return made


@pytest.fixture(autouse=True)
def nothing_of_a_file_is_logged(capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    yield
    out, err = capfd.readouterr()
    assert "60000" not in out + err
    assert "tempauth" not in out + err
    assert "xoxb" not in out + err


# ---------------------------------------------------------------- Slack


@pytest_asyncio.fixture(params=["http", "socket"])
async def slack(request: pytest.FixtureRequest, sqlite_url: str, handed: Handed) -> AsyncIterator[FakeSlack]:
    """An admin's Slack before a started application, over both ways in."""
    async with FakeSlack(ACME) as fake:
        fake.over = request.param
        async with served_slack(sqlite_url, fake):
            yield fake


@asynccontextmanager
async def served_slack(url: str, fake: FakeSlack) -> AsyncIterator[Bot]:
    fake.add_user(ADMIN, name="Ada Admin")
    fake.join("C1", "bot", "U1", ADMIN)
    async with serving(url, slack=fake.installs, slack_api_url=fake.url) as application:
        fake.bot_url = application.address
        for platform in application.platforms:
            platform.sender.lane_interval = 0.0
        for user in ("U1", ADMIN):
            await fake.command("/pacer", "hello", user=user)
        await Bot(application).idle()
        fake.messages.clear()
        yield Bot(application)


over_http = pytest.mark.parametrize("slack", ["http"], indirect=True)


async def answer(slack: FakeSlack, *files: Any, user: str = ADMIN, **more: Any) -> str:
    """What is said to a message with these files."""
    after = len(slack.messages)
    await slack.share(*files, user=user, **more)
    return (await slack.next_message(after)).read


async def test_a_file_without_words(slack: FakeSlack, handed: Handed) -> None:
    assert await answer(slack, slack.attach("deals.csv", DEALS)) == "Read deals.csv (23)."
    assert [(file.name, file.content) for file in handed.files] == [("deals.csv", DEALS)]


async def test_on_either_database(database_url: str, handed: Handed) -> None:
    """Whether it is worth fetching is read from the rows."""
    async with FakeSlack(ACME) as fake, served_slack(database_url, fake):
        assert await answer(fake, fake.attach("deals.csv", DEALS)) == "Read deals.csv (23)."
        assert "it is for admins" in await answer(fake, fake.attach("deals.csv", DEALS), user="U1")
        assert [len(kept.asked) for kept in fake.shelf.files.values()] == [1, 0]


async def test_a_mention_with_the_word_and_two_files(slack: FakeSlack, handed: Handed) -> None:
    two = slack.attach("deals.csv", DEALS), slack.attach("Plan 2026.XLSX", b"PK\3\4")
    said = await answer(slack, *two, text="import the lot", channel="C1")
    assert said == "Read deals.csv (23), Plan 2026.XLSX (4)."
    assert handed.words == ["the lot"]
    assert slack.messages[-1].only_to == ADMIN


async def test_a_slow_file_holds_up_its_owner_alone(
    slack: FakeSlack, handed: Handed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slack hears within 3 s, the person that it is on its way; what they say next is answered after it."""
    opens = asyncio.Event()
    sharing = asyncio.create_task(slack.share(slack.attach("deals.csv", DEALS, opens=opens), user=ADMIN))
    await slack.until(lambda: slack.shelf.files and next(iter(slack.shelf.files.values())).asked)
    saying = asyncio.create_task(slack.say("import", user=ADMIN))
    other = await slack.command("/pacer", "help", user="U1")
    assert other is not None
    waits = await slack.next_message(0, lambda shown: "fetching" in shown.read)
    assert waits.read == reception.STILL_FETCHING
    if slack.over == "http":  # not acknowledged, so that a crash loses nothing: Slack sends it again
        assert (await sharing).status == 503
    opens.set()
    await slack.next_message(0, lambda shown: shown.read == "Attach a file.")
    read = [shown.read for shown in slack.said_to(ADMIN) if "Not saved yet" not in shown.read]
    assert read == [reception.STILL_FETCHING, "Read deals.csv (23).", "Attach a file."]
    for waiting in (sharing, saying):  # over the websocket the first is never acknowledged
        waiting.cancel()


@over_http
async def test_sent_again_it_is_fetched_and_read_once(slack: FakeSlack, handed: Handed) -> None:
    """While it is fetched, and after it was answered."""
    opens = asyncio.Event()
    file = slack.attach("deals.csv", DEALS, opens=opens)
    said = slack._said("", ADMIN, slack.direct(ADMIN))
    event = {"type": "message", "channel_type": "im", "subtype": "file_share", "files": [file], **said}
    first = asyncio.create_task(slack.event(event, event_id="Ev1"))
    await slack.until(lambda: slack.shelf.files[file["id"]].asked)
    again = asyncio.create_task(slack.event(event, event_id="Ev1", retry=1))
    await asyncio.sleep(0.1)
    opens.set()
    assert [answered.status for answered in await asyncio.gather(first, again)] == [200, 200]
    assert (await slack.event(event, event_id="Ev1", retry=2)).status == 200
    assert len(slack.shelf.files[file["id"]].asked) == 1
    assert len(handed.files) == 1


@over_http
async def test_two_nameless_messages_are_two(slack: FakeSlack, handed: Handed) -> None:
    opens = asyncio.Event()
    sent = [slack.share(slack.attach("a.csv", content, opens=opens), user=ADMIN) for content in (b"1", b"2")]
    waiting = [asyncio.create_task(one) for one in sent]
    await slack.until(lambda: len([kept for kept in slack.shelf.files.values() if kept.asked]) == 2)
    opens.set()
    await asyncio.gather(*waiting)
    assert sorted(file.content for file in handed.files) == [b"1", b"2"]


@over_http
@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"answer": "page"}, "files:read"),
        ({"answer": "login"}, "files:read"),
        ({"answer": "cut"}, "did not arrive whole"),
        ({"answer": "short"}, "did not arrive whole"),
        ({"answer": "gone"}, "I could not get deals.csv from Slack"),
        ({"answer": "endless"}, "in a chat I take up to 25 MB. On the command line “pacer import”"),
        ({"shape": {"size": 31_400_000}}, "deals.csv has 31.4 MB"),
        ({"shape": {"size": 25_000_001}}, "deals.csv has 25.1 MB"),
        ({"shape": {"url_private_download": f"https://{HOST}.evil.example/x"}}, "not where Slack keeps files"),
        ({"shape": {"url_private_download": f"http://{HOST}/x"}}, "not where Slack keeps files"),
        ({"shape": {"url_private_download": f"https://{HOST}@evil.example/x"}}, "not where Slack keeps files"),
        ({"shape": {"url_private_download": None}}, "not where Slack keeps files"),
        ({"shape": {"is_external": True, "mode": "external"}}, "kept outside this Slack"),
        ({"shape": {"file_access": "check_file_info"}}, "kept outside this Slack"),
        ({"shape": {"user_team": "T99"}}, "kept outside this Slack"),
        ({"shape": {"mode": "tombstone"}}, "Slack no longer has"),
    ],
    ids=lambda value: str(value)[:60] if isinstance(value, dict) else "",
)
async def test_what_is_wrong_is_said(
    slack: FakeSlack, handed: Handed, monkeypatch: pytest.MonkeyPatch, how: dict[str, Any], said: str
) -> None:
    if how.get("answer") == "endless":
        monkeypatch.setattr(attached, "LIMIT", 25_000_000 // 25)
        said = said.replace("25 MB", "1 MB")
    assert said in await answer(slack, slack.attach("deals.csv", DEALS, **how))
    assert handed.files == []


@over_http
@pytest.mark.parametrize("name", ["photo.png", "deals.csv.exe", "deals", "deals.xls", "", "csv"])
async def test_other_kinds_of_files(slack: FakeSlack, handed: Handed, name: str) -> None:
    said = await answer(slack, slack.attach(name, DEALS))
    assert "I take .csv, .tsv, .txt, .xlsx, .xlsm, .yaml, .yml and .ics." in said
    assert not any(kept.asked for kept in slack.shelf.files.values())


@over_http
async def test_zero_bytes(slack: FakeSlack, handed: Handed) -> None:
    assert "deals.csv is empty" in await answer(slack, slack.attach("deals.csv", b""))
    assert "deals.csv is empty" in await answer(slack, slack.attach("deals.csv", b"", shape={"size": None}))
    assert handed.files == []


@over_http
async def test_a_good_one_beside_a_bad_one(slack: FakeSlack, handed: Handed) -> None:
    said = await answer(slack, slack.attach("photo.png", b"x"), slack.attach("deals.csv", DEALS))
    assert said.startswith("Read deals.csv (23).")
    assert "I do not read files like photo.png" in said


@over_http
async def test_too_many(slack: FakeSlack, handed: Handed) -> None:
    said = await answer(slack, *(slack.attach(f"{number}.csv", DEALS) for number in range(7)))
    assert len(handed.files) == attached.MOST
    assert "so 5.csv was left out" in said


@over_http
async def test_a_redirect_is_not_followed_with_the_token(slack: FakeSlack, handed: Handed) -> None:
    """Neither elsewhere nor on Slack's own host."""
    asked: list[str] = []

    async def elsewhere(request: web.Request) -> web.Response:
        asked.append(request.headers.get("Authorization", ""))
        return web.Response(body=DEALS)

    other = web.Application()
    other.router.add_get("/steal", elsewhere)
    runner = web.AppRunner(other)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    there = f"http://127.0.0.1:{runner.addresses[0][1]}/steal"
    try:
        await answer(slack, slack.attach("deals.csv", DEALS, answer="redirect", elsewhere=there))
        said = await answer(slack, slack.attach("deals.csv", DEALS, shape={"url_private_download": there}))
    finally:
        await runner.cleanup()
    assert "not where Slack keeps files" in said
    assert (asked, handed.files) == ([], [])


@over_http
async def test_a_file_that_stops_coming(slack: FakeSlack, handed: Handed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attached, "SILENCE_TIMEOUT", 0.2)
    assert "Slack took too long to give me deals.csv" in await answer(
        slack, slack.attach("deals.csv", DEALS, answer="silent")
    )


async def test_without_the_scope(sqlite_url: str, handed: Handed) -> None:
    scopes = frozenset({"chat:write", "im:history", "im:write", "users:read", "users:read.email"})
    async with FakeSlack(ACME, scopes=scopes) as fake, served_slack(sqlite_url, fake):
        said = await answer(fake, fake.attach("deals.csv", DEALS))
        assert "this app may not read files yet (scope files:read)" in said
        assert "pacer manifest slack" in said


@over_http
async def test_who_may_not_import(slack: FakeSlack, handed: Handed) -> None:
    """They read so, and their file is not even fetched."""
    file = slack.attach("deals.csv", DEALS)
    assert "it is for admins" in await answer(slack, file, user="U1")
    assert slack.shelf.files[file["id"]].asked == []
    assert "it is for admins" in await answer(slack, file, user="U1", text="import")
    assert handed.files == []


@over_http
async def test_words_for_another_command(slack: FakeSlack, handed: Handed) -> None:
    """A picture beside what was logged is nothing to talk of; a file that an admin could mean is."""
    photo = slack.attach("photo.png", b"x")
    assert "photo" not in await answer(slack, photo, user="U1", text="log call Acme")
    file = slack.attach("deals.csv", DEALS)
    said = await answer(slack, file, text="log call Acme")
    assert "Acme" in said
    assert "I left deals.csv aside" in said
    assert slack.shelf.files[file["id"]].asked == []
    assert await answer(slack, file, text="here you are, as promised yesterday evening") == "Read deals.csv (23)."


@over_http
async def test_no_words_and_no_file_is_help_still(slack: FakeSlack, handed: Handed) -> None:
    await slack.say("", user=ADMIN)
    assert "This is what I understand" in (await slack.next_message(0)).read


async def test_as_long_as_no_command_takes_files(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    understands(monkeypatch, tuple(replace(command, takes_files=None) for command in COMMANDS))
    async with FakeSlack(ACME) as fake, served_slack(sqlite_url, fake):
        assert "I do not read files in a chat yet" in await answer(fake, fake.attach("deals.csv", DEALS))
        assert (await answer(fake, fake.attach("photo.png", b"x"))).startswith("I do not read files like photo.png")


async def test_import_itself_reads_it(sqlite_url: str) -> None:
    """What the job finds takes the place of the first answer, and not of what is wrong with the other file."""
    async with FakeSlack(ACME) as fake, served_slack(sqlite_url, fake):
        people = b"Name,Email\nRon Vale,ron.vale@example.com\n"
        await fake.share(fake.attach("people.csv", people), fake.attach("photo.png", b"x"), user=ADMIN)
        await fake.until(lambda: any("1 row would be made" in shown.read for shown in fake.said_to(ADMIN)))
        await fake.until(lambda: any("files like photo.png" in shown.read for shown in fake.said_to(ADMIN)))


# ---------------------------------------------------------------- Teams


@pytest_asyncio.fixture
async def teams(sqlite_url: str, handed: Handed) -> AsyncIterator[FakeTeams]:
    async with FakeTeams(NORTH) as fake:
        fake.add_person(ADMIN, name="Ada Admin")
        platform = {
            "teams": tuple(fake.listed),
            "teams_openid_metadata_url": fake.metadata_url,
            "teams_login_url": fake.login_url,
            "teams_service_urls": (fake.service_url,),
        }
        async with serving(sqlite_url, **platform) as application:
            fake.bot_url = application.address
            for one in application.platforms:
                one.sender.lane_interval = 0.0
            for user in ("U1", ADMIN):
                await fake.says("hello", user=user)
            await Bot(application).idle()
            fake.messages.clear()
            yield fake


async def read(teams: FakeTeams, *files: Any, user: str = ADMIN, **more: Any) -> str:
    after = len(teams.messages)
    answered = await teams.share(*files, user=user, **more)
    assert answered.status == 200
    return (await teams.next_message(after)).read


async def test_teams_without_words_and_with_the_word(teams: FakeTeams, handed: Handed) -> None:
    assert "Read deals.csv (23)." in await read(teams, teams.attach("deals.csv", DEALS))
    two = teams.attach("deals.csv", DEALS), teams.attach("plan.yaml", b"a: 1")
    assert "Read deals.csv (23), plan.yaml (4)." in await read(teams, *two, text="import")
    assert [file.content for file in handed.files] == [DEALS, DEALS, b"a: 1"]


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"answer": "page"}, "a web page instead of deals.csv"),
        ({"answer": "redirect", "elsewhere": "/login"}, "a web page instead of deals.csv"),
        ({"answer": "cut"}, "did not arrive whole"),
        ({"answer": "gone"}, "I could not get deals.csv from Microsoft"),
        ({"answer": "endless"}, "up to 1 MB"),
        ({"url": "https://sharepoint.com.evil.example/x"}, "not where Microsoft keeps files"),
        ({"url": "http://demo.sharepoint.com/x"}, "not where Microsoft keeps files"),
        ({"url": "https://demo.sharepoint.com@evil.example/x"}, "not where Microsoft keeps files"),
        ({"url": "http://127.0.0.1:1/files"}, "not where Microsoft keeps files"),
        ({"url": "no address"}, "not where Microsoft keeps files"),
    ],
    ids=lambda value: str(value)[:60] if isinstance(value, dict) else "",
)
async def test_teams_what_is_wrong_is_said(
    teams: FakeTeams, handed: Handed, monkeypatch: pytest.MonkeyPatch, how: dict[str, Any], said: str
) -> None:
    if how.get("answer") == "endless":
        monkeypatch.setattr(attached, "LIMIT", 1_000_000)
    assert said in await read(teams, teams.attach("deals.csv", DEALS, **how))
    assert handed.files == []


async def test_teams_empty_slow_and_other_kinds(
    teams: FakeTeams, handed: Handed, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "deals.csv is empty" in await read(teams, teams.attach("deals.csv", b""))
    assert "I do not read files like photo.png" in await read(teams, teams.attach("photo.png", b"x"))
    monkeypatch.setattr(attached, "SILENCE_TIMEOUT", 0.2)
    slow = teams.attach("deals.csv", DEALS, answer="silent")
    assert "Microsoft took too long" in await read(teams, slow)
    assert handed.files == []


async def test_teams_whoever_may_not(teams: FakeTeams, handed: Handed) -> None:
    assert "it is for admins" in await read(teams, teams.attach("deals.csv", DEALS), user="U1")
    assert not any(kept.asked for kept in teams.shelf.files.values())


async def test_teams_pictures_and_html_are_no_files(teams: FakeTeams, handed: Handed) -> None:
    """As Teams sends them with pasted pictures and with formatted words; and nothing is fetched in a group chat."""
    pasted = {"contentType": "image/*", "contentUrl": f"{teams.service_url}v3/attachments/0-abc/views/original"}
    assert "Attach a file." in await read(teams, pasted, text="import")
    after = len(teams.messages)
    await teams.says("import", user=ADMIN, chat="group", attachments=[teams.attach("deals.csv", DEALS)])
    assert "Attach a file." in (await teams.next_message(after)).read
    assert not any(kept.asked for kept in teams.shelf.files.values())


# ---------------------------------------------------------------- what is kept of it


def test_what_holds_a_file_does_not_show_it() -> None:
    said = Said("import", files=(Attached("deals.csv", DEALS),))
    assert "60000" not in repr(said)
    assert "60000" not in f"{said!r} {said}"
    logging.getLogger(__name__).info("%s", said)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("deals.csv", "deals.csv"),
        ("../../etc/deals.csv", "deals.csv"),
        (r"C:\Users\ada\deals.csv", "deals.csv"),
        ("de\0als\u202e\n.csv", "de als.csv"),
        ("x" * 300 + ".csv", "x" * 99 + "….csv"),
        ("", "–"),
        (".csv", ".csv"),
    ],
)
def test_a_files_name(given: str, shown: str) -> None:
    assert attached.named(given) == shown
