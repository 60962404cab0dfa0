"""`pacer doctor` in sentences, and FAULT 48: what the logs never hold."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
import structlog
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot import doctor, logs
from bot import findings as asking
from bot.config import Settings, load
from bot.doctor import examine, told
from bot.findings import Finding
from bot.slack.install import SlackInstall
from bot.teams.doctor import ENDPOINT
from bot.teams.install import TeamsInstall
from bot.teams.receive import PATH
from handlers.conversation.company import Company, Thanks, WinRoute, Wins
from storage import deals, installs, migrate, tables, units
from storage.database import Transaction, open_database
from tests.fakes.teams import FakeTeams

ROOT = Path(__file__).parent.parent
BOT, APP, SIGNING = "xoxb-1-2-abcdef", "xapp-1-abcdef", "8f742231b10e8888abcd99yyyzzz85a5"
INSTALL = SlackInstall("main", "T1", "", BOT, SIGNING, APP)
SCOPES = {"chat:write", "commands"}
TENANT, TEAMS_APP = "1b2c3d4e-5f60-4718-9a2b-3c4d5e6f7081", "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"
PASSWORD = "abc8Q~defghijklmnopqrstuvwxyz0123456789A"
OFFICE = TeamsInstall("office", TENANT, TEAMS_APP, PASSWORD)


def texts(findings: list[Finding], weight: str) -> str:
    return "\n".join(finding.text for finding in findings if finding.weight == weight)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """One install, on SQLite."""
    return Settings(
        path=tmp_path / "app.yaml",
        company=Company(admins=frozenset({"a@acme.example"}), domains=frozenset({"acme.example"})),
        slack=(INSTALL,),
        database_url=f"sqlite:///{tmp_path}/data/pacer.db",
        key="a key of more than 16 characters",
    )


class FakeSlack:
    """Answers auth.test and apps.connections.open as it was told to."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {
            "auth.test": {"ok": True, "team_id": "T1", "team": "Acme", "user": "pacer"},
            "apps.connections.open": {"ok": True, "url": "wss://example"},
        }
        self.headers = {"x-oauth-scopes": "chat:write,commands"}
        self.status = 200
        self.asked: list[tuple[str, str]] = []

    async def answer(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        self.asked.append((method, request.headers["Authorization"]))
        answer = self.answers[method]
        if isinstance(answer, str):
            return web.Response(text=answer, status=self.status)
        return web.json_response(answer, headers=self.headers, status=self.status)


@pytest.fixture
async def slack() -> AsyncIterator[tuple[FakeSlack, str]]:
    fake = FakeSlack()
    application = web.Application()
    application.router.add_post("/api/{method}", fake.answer)
    server = TestServer(application)
    await server.start_server()
    yield fake, str(server.make_url("/api/"))
    await server.close()


# ---------------------------------------------------------------- what it says


async def test_the_playground_as_it_comes(tmp_path: Path) -> None:
    as_it_comes = shutil.copyfile(ROOT / "app.yaml", tmp_path / "app.yaml")  # not beside somebody's own playground
    findings = await examine(load(as_it_comes, {}))
    assert not texts(findings, "problem")
    assert "Northstar Supply, amounts in USD, time zone America/New_York, dates month first" in texts(findings, "ok")
    assert "`pacer run` opens the playground at http://127.0.0.1:3978/" in texts(findings, "note")
    assert list(told(findings))[-1] == "Nothing is missing."


async def test_all_is_well(settings: Settings, slack: tuple[FakeSlack, str]) -> None:
    fake, url = slack
    database = open_database(settings.database_url)
    migrate.migrate(database)
    database.close()
    findings = await examine(replace(settings, slack_api_url=url), scopes=SCOPES)
    assert not texts(findings, "problem")
    said = texts(findings, "ok")
    assert "Slack install main (T1) is configured, by Socket Mode." in said
    assert "opens, and its schema is the newest" in said
    assert "The database file is sound (integrity check)." in said
    assert "Slack answers, as pacer in Acme." in said
    assert "every scope that Pacer uses is granted." in said
    assert "the app token opens Socket Mode." in said
    assert fake.asked == [("auth.test", f"Bearer {BOT}"), ("apps.connections.open", f"Bearer {APP}")]
    assert not [secret for secret in (BOT, APP, SIGNING) if secret in "\n".join(told(findings))]


async def test_what_slack_may_say(settings: Settings, slack: tuple[FakeSlack, str]) -> None:
    fake, url = slack
    settings = replace(settings, slack_api_url=url)

    async def problems() -> str:
        return texts(await examine(settings, scopes=SCOPES), "problem")

    fake.headers = {"x-oauth-scopes": "chat:write,users:read"}
    assert "the app is not granted commands. Put `pacer manifest slack` into" in await problems()
    assert "more scopes than Pacer uses (users:read)" in texts(await examine(settings, scopes=SCOPES), "note")
    fake.headers = {
        "x-oauth-scopes": "chat:write,commands",
        "Date": format_datetime(datetime.now(UTC) + timedelta(hours=1)),
    }
    assert "clock is 3600 seconds behind Slack's. Set it by NTP" in (await problems()).replace("3599", "3600")
    fake.headers = {"Date": "nonsense"}
    assert not await problems()
    fake.answers["apps.connections.open"] = {"ok": False, "error": "not_allowed_token_type"}
    assert (
        "not the right kind of token for app_token (not_allowed_token_type); it begins with xapp-." in await problems()
    )
    fake.answers["auth.test"] = {"ok": True, "team_id": "T9", "team": "Else", "user": "x"}
    assert "the bot token belongs to the workspace T9, but app.yaml says T1." in await problems()
    for code, sentence in (
        ("invalid_auth", "Slack does not know this bot_token (invalid_auth). Find the current one at api.slack.com"),
        ("token_revoked", "the bot_token is no longer valid (token_revoked)"),
        ("something_new", "Slack refused the bot_token: something_new."),
    ):
        fake.answers["auth.test"] = {"ok": False, "error": code}
        assert sentence in await problems()
    for body in ("<html>Proxy</html>", "[]", ""):
        fake.answers["auth.test"] = body
        assert "answers with something that is not Slack's" in await problems()
    fake.status = 429
    assert "Slack asks to wait" in await problems()


async def test_slack_is_out_of_reach(settings: Settings) -> None:
    findings = await examine(replace(settings, slack_api_url="http://127.0.0.1:1/api/"), scopes=())
    assert "127.0.0.1:1 cannot be reached" in texts(findings, "problem")


async def test_slack_does_not_answer(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "WAIT", 0.2)

    async def silent(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(5)  # holding the writer: Python 3.13 closes one that nobody holds

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    findings = await examine(replace(settings, slack_api_url=f"http://127.0.0.1:{port}/api/"), scopes=())
    server.close()
    assert "did not answer within" in texts(findings, "problem")


# ---------------------------------------------------------------- Teams


@pytest.fixture
def of_teams(settings: Settings) -> Settings:
    """One Teams install and no Slack."""
    return replace(settings, slack=(), teams=(OFFICE,))


def at(settings: Settings, teams: FakeTeams) -> Settings:
    return replace(settings, teams_login_url=teams.login_url, teams_openid_metadata_url=teams.metadata_url)


async def test_all_is_well_with_teams(of_teams: Settings) -> None:
    async with FakeTeams(OFFICE) as teams:
        findings = await examine(at(of_teams, teams))
        assert [call.what for call in teams.calls] == ["token"], "it looks and sends nothing"
    assert not texts(findings, "problem")
    said = texts(findings, "ok")
    assert f"Teams install office (app {TEAMS_APP} in tenant {TENANT}) is configured" in said
    assert "its requests are taken at 127.0.0.1:8080/api/messages." in said
    assert "Teams install office: Microsoft gives the bot a token." in said
    assert "the keys that Microsoft signs its requests with can be fetched." in said
    assert f"The Azure Bot's messaging endpoint is to be https://YOUR-HOST{PATH}" in texts(findings, "note")
    assert ENDPOINT == PATH
    assert "playground" not in "\n".join(told(findings))
    assert PASSWORD not in "\n".join(told(findings))
    assert "tok-office" not in "\n".join(told(findings))


async def test_several_installs_are_each_looked_at(of_teams: Settings) -> None:
    other = TeamsInstall("plant", TENANT.replace("1b2c", "ffff"), TEAMS_APP, "wrong-wrong-wrong")
    async with FakeTeams(OFFICE, replace(other, app_password=PASSWORD)) as teams:
        findings = await examine(at(replace(of_teams, teams=(OFFICE, other)), teams))
    assert "Teams install office: Microsoft gives the bot a token." in texts(findings, "ok")
    (problem,) = texts(findings, "problem").splitlines()
    assert problem.startswith("Teams install plant: the client secret is not one of this app's (AADSTS7000215). Find")
    assert "wrong-wrong" not in problem


class FakeLogin:
    """Answers the login and the metadata with whatever a test says."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {"keys": {"keys": [{"kty": "RSA"}]}}
        self.headers: dict[str, str] = {}
        self.status = 200
        self.url = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        answer = self.answers.get(request.path.rsplit("/", 1)[-1], {})
        if isinstance(answer, str):
            return web.Response(text=answer, status=self.status, headers=self.headers)
        return web.json_response(answer, status=self.status, headers=self.headers)

    def refuse(self, description: str, error: str = "invalid_client") -> None:
        self.answers["token"] = {"error": error, "error_description": description}


@pytest.fixture
async def login() -> AsyncIterator[FakeLogin]:
    fake = FakeLogin()
    application = web.Application()
    application.router.add_route("*", "/{rest:.*}", fake.answer)
    server = TestServer(application)
    await server.start_server()
    fake.url = str(server.make_url("/"))
    fake.answers["metadata"] = {"jwks_uri": f"{fake.url}keys"}
    fake.answers["token"] = {"access_token": "tok"}
    yield fake
    await server.close()


@pytest.mark.parametrize(
    ("description", "sentence"),
    [
        ("AADSTS7000215: Invalid client secret provided.", "Take its Value and not its Secret ID"),
        ("AADSTS7000222: The provided client secret keys for app are expired.", "has expired (AADSTS7000222). Make a"),
        ("AADSTS700016: Application not found in the directory.", f"tenant {TENANT} does not know the app {TEAMS_APP}"),
        ("AADSTS90002: Tenant not found.", f"there is no tenant {TENANT} (AADSTS90002). Correct tenant in app.yaml"),
        ("AADSTS7000229: missing service principal.", f"az ad sp create --id {TEAMS_APP}"),
        ("AADSTS7000112: Application is disabled.", "the app is disabled in the tenant (AADSTS7000112)."),
        ("AADSTS53003: blocked by Conditional Access.", "a Conditional Access policy of the tenant keeps the bot out"),
        ("AADSTS123456: Something new.", "gives no token (AADSTS123456). What that means: https://login.microsofton"),
        ("Nothing that we know.", "gives no token (invalid_client). docs/teams.md says"),
    ],
)
async def test_what_microsoft_may_say(of_teams: Settings, login: FakeLogin, description: str, sentence: str) -> None:
    login.refuse(f"{description} Trace ID: 1f6a92a9")
    urls = {"teams_login_url": login.url.rstrip("/"), "teams_openid_metadata_url": f"{login.url}metadata"}
    (said,) = texts(await examine(replace(of_teams, **urls)), "problem").splitlines()
    assert said.startswith("Teams install office: ")
    assert sentence in said
    assert "Trace ID" not in said


async def test_answers_that_are_none_and_a_clock_that_is_off(of_teams: Settings, login: FakeLogin) -> None:
    urls = {"teams_login_url": login.url.rstrip("/"), "teams_openid_metadata_url": f"{login.url}metadata"}
    settings = replace(of_teams, **urls)

    async def problems() -> str:
        return texts(await examine(settings), "problem")

    assert not await problems()
    login.headers = {"Date": format_datetime(datetime.now(UTC) - timedelta(hours=1))}
    assert "clock is 3600 seconds ahead of Microsoft's. Set it by NTP" in (await problems()).replace("3601", "3600")
    login.headers = {}
    for nothing in ("<html>Proxy</html>", "[]", ""):
        login.answers["token"] = nothing
        assert "something that is not Microsoft's" in await problems()
        assert "Is TEAMS_LOGIN_URL right?" in await problems()
    login.refuse("", error="<b>odd</b>")
    assert "gives no token (without saying why)" in await problems()
    login.answers["token"] = {"access_token": "tok"}
    for metadata, sentence in (
        ({}, "names no keys. Is TEAMS_OPENID_METADATA_URL right?"),
        ({"jwks_uri": f"{login.url}none"}, "holds no keys."),
        ("<html>", "something that is not Microsoft's"),
    ):
        login.answers["metadata"] = metadata
        (said,) = (await problems()).splitlines()
        assert said.startswith("Teams: without Microsoft's signing keys every request is refused. ")
        assert sentence in said
    login.status = 429
    assert "Microsoft asks to wait" in await problems()


async def test_microsoft_is_out_of_reach(of_teams: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    away = {"teams_login_url": "http://127.0.0.1:1", "teams_openid_metadata_url": "http://127.0.0.1:1/keys"}
    said = texts(await examine(replace(of_teams, **away)), "problem")
    assert said.count("127.0.0.1:1 cannot be reached") == 2
    assert "Outgoing HTTPS to login.microsoftonline.com must be allowed." in said
    assert "Outgoing HTTPS to login.botframework.com must be allowed." in said
    monkeypatch.setattr(asking, "WAIT", 0.2)
    async with FakeTeams(OFFICE) as teams:
        teams.identity.stall()
        assert "did not answer within" in texts(await examine(at(of_teams, teams)), "problem")


async def test_what_is_for_local_work_is_said_loudly(of_teams: Settings) -> None:
    async with FakeTeams(OFFICE) as teams:
        local = replace(at(of_teams, teams), teams_unsigned_local=True, teams_service_urls=("http://127.0.0.1:56150",))
        findings = await examine(local)
        assert teams.login_url in texts(findings, "warning")
    warnings = texts(findings, "warning")
    assert "TEAMS_UNSIGNED_LOCAL is on: whoever reaches 127.0.0.1:8080 from this machine can be anyone" in warnings
    assert "TEAMS_LOGIN_URL puts " in warnings
    assert "TEAMS_OPENID_METADATA_URL puts " in warnings
    assert any(line.startswith("! TEAMS_UNSIGNED_LOCAL") for line in told(findings))
    assert "go to http://127.0.0.1:56150 too." in texts(findings, "note")
    assert list(told(findings))[-1] == "Nothing is missing."


async def test_a_client_on_this_machine_alone_is_asked_nothing(of_teams: Settings) -> None:
    async with FakeTeams(OFFICE) as teams:
        alone = replace(at(of_teams, teams), teams=(replace(OFFICE, app_password=""),), teams_unsigned_local=True)
        findings = await examine(alone)
        assert not teams.calls
        assert not teams.identity.asked
    assert "office has no app_password: it speaks to a client on this machine only." in texts(findings, "note")
    assert not texts(findings, "problem")


def test_and_so_it_is_in_the_log(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:  # so that it ends by itself
        (tmp_path / "app.yaml").write_text(
            f"admins: [a@acme.example]\ndomains: [acme.example]\nlogs: json\nhttp: {{port: {taken.getsockname()[1]}}}\n"
            f"installs: [{{platform: teams, name: office, tenant: {TENANT}, app: {TEAMS_APP}, "
            "app_password: '${TEAMS_APP_PASSWORD}'}]\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", "from bot.cli import main; main()", "run", "--config", str(tmp_path / "app.yaml")],
            cwd=ROOT,
            env={
                "TEAMS_APP_PASSWORD": PASSWORD,
                "PACER_KEY": "a key of more than 16 characters",
                "TEAMS_UNSIGNED_LOCAL": "yes",
                "TEAMS_SERVICE_URLS": "http://127.0.0.1:56150/",
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    (first, *_) = done.stderr.splitlines()
    assert json.loads(first)["event"].startswith("TEAMS_UNSIGNED_LOCAL is on: whoever reaches 127.0.0.1:")
    assert json.loads(first)["level"] == "warning"
    assert "The port is taken" in done.stderr
    assert PASSWORD not in done.stderr + done.stdout


async def test_a_credential_that_no_install_uses_is_named(settings: Settings) -> None:
    stray = replace(settings, slack_api_url="http://127.0.0.1:1/", stray_credentials=("TEAMS_APP_PASSWORD",))
    said = texts(await examine(stray, scopes=()), "note")
    assert "The environment holds TEAMS_APP_PASSWORD, and no install uses it. List the workspace or tenant" in said


def test_mistakes_in_app_yaml_are_its_findings(tmp_path: Path) -> None:
    path = tmp_path / "app.yaml"
    path.write_text("company: {currency: Dollar, zone: Berlin}\n")
    found = subprocess.run(
        [
            sys.executable,
            "-c",
            f"from bot.doctor import main; from pathlib import Path; exit(main(Path({str(path)!r})))",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 1
    assert "✗ " in found.stdout
    assert 'company.currency: "Dollar" is not a currency' in found.stdout
    assert found.stdout.endswith("2 things (✗) keep Pacer from working.\n")
    assert "Traceback" not in found.stdout + found.stderr


async def test_the_playground_beside_credentials(settings: Settings) -> None:
    findings = await examine(replace(settings, slack=(), stray_credentials=("SLACK_BOT_TOKEN",)))
    assert "the environment holds SLACK_BOT_TOKEN" in texts(findings, "problem")


# ---------------------------------------------------------------- the database


async def database_findings(settings: Settings) -> list[Finding]:
    return await asyncio.to_thread(lambda: list(doctor._stored(settings)))


async def test_a_damaged_file(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "pacer.db").write_bytes(b"nothing of the kind" * 500)
    said = texts(await database_findings(settings), "problem")
    assert "is damaged" in said
    assert "docs/backup.md" in said


async def test_damage_in_a_file_too_large_to_be_looked_through_at_start(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = open_database(settings.database_url)
    migrate.migrate(database)
    database.close()
    path = tmp_path / "data" / "pacer.db"
    content = bytearray(path.read_bytes())
    content[-4096:-3896] = b"\xff" * 200
    path.write_bytes(content)
    monkeypatch.setattr(migrate, "CHECKED_AT_START", 0)
    assert "damaged" in texts(await database_findings(settings), "problem")


async def test_newer_unreachable_and_full(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    database = open_database(settings.database_url)
    migrate.migrate(database)
    with database.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    assert "newer than this Pacer" in texts(await database_findings(settings), "problem")
    elsewhere = replace(settings, database_url="postgresql://pacer:opensesame@127.0.0.1:1/pacer?connect_timeout=2")
    said = texts(await database_findings(elsewhere), "problem")
    assert "cannot be opened" in said
    assert "opensesame" not in said
    monkeypatch.setattr(doctor, "DISK_LOW", 1 << 60)
    assert "Free some space" in texts(await database_findings(settings), "problem")


async def test_what_the_settings_name_and_the_database_does_not_have(settings: Settings) -> None:
    """Teams are met whatever their capitals; a channel of an install that was removed takes nothing."""
    routes = tuple(
        WinRoute(name, install, "C1", team=team)
        for name, install, team in (("east", "main", "EAST"), ("ost", "main", "Ost"), ("old", "old", ""))
    )
    checkins = {"everyone": (), "East": (), "Nord": ()}
    company = msgspec.structs.replace(settings.company, wins=Wins(routes), kudos=Thanks("old", "C2"), checkins=checkins)
    database = open_database(settings.database_url)
    migrate.migrate(database)
    now = datetime.now(UTC)

    def fill(tx: Transaction) -> None:
        units.add(tx, "East", kind="team", parent=None, at=now)
        for name in ("main", "old"):
            installs.declare(tx, name, "slack", f"T{name}", "credential", now)
        installs.remove(tx, "old", now)

    database.submit(fill).result()
    database.close()
    said = texts(await database_findings(replace(settings, company=company)), "warning").splitlines()
    assert [line.partition(",")[0] for line in said] == [
        "app.yaml says that wins of “Ost” go to ost (wins.routes)",
        "app.yaml says that “Nord” has questions of its own (checkins)",
        "app.yaml says that wins go to old of old",
        "app.yaml says that kudos are posted to a channel of old",
    ]
    assert said[0].endswith("the company has no unit of that name. It has “East”.")


async def test_deals_in_a_stage_that_was_taken_out(settings: Settings) -> None:
    database = open_database(settings.database_url)
    migrate.migrate(database)
    now = datetime.now(UTC)

    def fill(tx: Transaction) -> None:
        for number, stage in enumerate(("demo", "demo", "proposal", "won", "demo")):
            made = deals.Deal(id=str(number), stage=stage, owner=None, created_on=now.date())
            deals.add(tx, made, [], at=now, by=None)
        deals.void(tx, "4", at=now)

    database.submit(fill).result()
    database.close()
    said = texts(await database_findings(settings), "warning")
    assert "2 deals are in the stage “demo”" in said
    assert "Put the stage back" in said
    assert "proposal" not in said
    known = replace(settings, company=msgspec.structs.replace(settings.company, stages={"demo": 10, "proposal": 50}))
    assert texts(await database_findings(known), "warning") == ""


async def test_messages_that_ended_badly(settings: Settings) -> None:
    database = open_database(settings.database_url)
    migrate.migrate(database)
    now = datetime.now(UTC)
    filled: dict[type, Any] = {int: 0, bool: False}
    with database.engine.begin() as connection:
        for number, state in enumerate(["unknown", "failed", "failed", "sent"]):
            row = {
                column.name: now if isinstance(column.type, tables.Instant) else filled.get(column.type.python_type, "")
                for column in tables.outbox.columns
                if not column.nullable and column.server_default is None
            }
            connection.execute(tables.outbox.insert(), {**row, "id": str(number), "key": str(number), "state": state})
    database.close()
    said = texts(await database_findings(settings), "note")
    assert "1 message may or may not have arrived (unknown)" in said
    assert "2 messages could not be delivered (failed)" in said


# ---------------------------------------------------------------- FAULT 48: logs and tracebacks


@pytest.fixture(params=["json", "console"])
def written(request: pytest.FixtureRequest) -> Iterator[Callable[[], str]]:
    """What was logged, in either form."""
    stream = io.StringIO()
    before = structlog.get_config()
    root = logging.getLogger()
    handlers, level, hook = root.handlers[:], root.level, sys.excepthook
    logs.set_up(request.param, stream=stream, secrets=[SIGNING, "short"])
    yield stream.getvalue
    structlog.configure(**before)
    root.handlers, sys.excepthook = handlers, hook
    root.setLevel(level)
    logs._known.clear()


NOTE = "Acme's boss is getting divorced"
URL = "https://hooks.slack.com/commands/T1/22/sEcReT"
LOUD = [
    BOT, APP, SIGNING, URL, "xoxe.xoxb-1-abcdef", "xoxp-1-abcdef", "xwfp-1-abcdef",
    "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "Bearer abcdefgh12345678", "Basic dXNlcjpwYXNz",
    "v0=a2114d57b48eac39b9ad189dd8316235", "postgresql://pacer:opensesame@db/pacer", "signing_secret=opensesame",
    "{'Authorization': 'opensesame'}", '{"token": "opensesame"}', f'{{"text": "{NOTE}"}}',
    f"exception=ValueError({NOTE!r})",
]  # fmt: skip
HARD = ["abcdef", "abcdefgh12345678", SIGNING, "sEcReT", "opensesame", "c2ln", "dXNlcjpwYXNz", "a2114d57", NOTE]


def silent(text: str) -> None:
    assert not [part for part in HARD if part in text], text


@pytest.mark.parametrize("loud", LOUD)
def test_no_secret_in_the_logs(written: Callable[[], str], loud: str) -> None:
    log = structlog.get_logger("test")
    log.info("said " + loud, where=f"at {loud}!", several=[loud, {"deep": loud}], error=OSError(5, f"at {loud}"))
    logging.getLogger("slack_sdk.web").error("Failed: %s", loud)
    logging.getLogger("aiohttp.server").warning(f"Odd {loud}")
    silent(written())
    assert written().count("said") == 1


def test_nobodys_words_in_the_logs(written: Callable[[], str]) -> None:
    class Request:
        def __repr__(self) -> str:
            return NOTE

    log = structlog.get_logger("test").bind(text=NOTE, person="0192")
    log.warning("turn", note=NOTE, body={"x": NOTE}, reply=[NOTE], deep={"said": NOTE}, thing=Request(), count=3)
    log.info("empty", note="", said=None)
    silent(written())
    assert "0192" in written()
    assert "(withheld)" in written()


def fail() -> None:
    token, text = BOT, NOTE
    try:
        int(text)
    except ValueError as error:
        try:
            raise KeyError(text) from error
        except KeyError:
            raise RuntimeError(f"could not store {text} with {token}") from None


@pytest.mark.parametrize("how", ["structlog", "logging", "lost task", "hook", "group"])
async def test_nobodys_words_in_a_traceback(written: Callable[[], str], how: str) -> None:
    try:
        fail()
    except RuntimeError as error:
        if how == "structlog":
            structlog.get_logger().exception("turn_failed", person="0192")
        elif how == "logging":
            logging.getLogger("aiohttp.server").exception("Error handling request")
        elif how == "hook":
            sys.excepthook(RuntimeError, error, error.__traceback__)
        elif how == "group":
            structlog.get_logger().error("failed", exc_info=ExceptionGroup(NOTE, [error]))
        else:
            asyncio.get_running_loop().call_exception_handler(
                {"message": "Task exception was never retrieved", "exception": error, "future": NOTE}
            )
    silent(written())
    assert "RuntimeError" in written()
    assert "in fail" in written()


@pytest.mark.parametrize("url", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_nobodys_words_in_a_databases_error(
    written: Callable[[], str], url: str, request: pytest.FixtureRequest
) -> None:
    database = open_database(request.getfixturevalue(f"{url}_url"))

    def twice(tx: Any) -> None:
        row = {"id": NOTE, "event": NOTE, "at": datetime.now(UTC), "details": {"note": NOTE}}
        tx.execute(tables.audit_log.insert(), row)
        tx.execute(tables.audit_log.insert(), row)

    try:
        database.submit(twice).result()
    except Exception:
        structlog.get_logger().exception("failed")
    database.close()
    silent(written())
    assert "IntegrityError" in written() or "UniqueViolation" in written()


def test_json_is_one_object_a_line() -> None:
    code = (
        "from bot import logs; import structlog, logging; logs.set_up()\n"
        "structlog.get_logger().info('started', path='x\\ny'); logging.getLogger('a').warning('two\\nlines')\n"
        "raise ValueError('Acme secret')"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["event"] for line in lines] == ["started", "two", "uncaught"]
    assert {"level", "timestamp"} <= lines[0].keys()
    assert "Acme secret" not in done.stderr
