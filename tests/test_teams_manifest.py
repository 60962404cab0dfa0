"""The Teams app's package: valid, derived, the same every time, and claiming nothing that is not used."""

from __future__ import annotations

import io
import json
import re
import struct
import zipfile
import zlib
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest

from bot.teams.incoming import Arrived, Reader, Searched
from bot.teams.install import TeamsInstall
from bot.teams.manifest import (
    ACCENT,
    ACCOUNT_PARAMETER,
    ACCOUNTS_COMMAND,
    ICONS,
    LOG_COMMAND,
    PERMISSIONS,
    manifest,
    package,
)
from handlers import COMMANDS
from handlers.conversation.company import Company
from handlers.conversation.request import LogThis, Profile, Said
from handlers.conversation.route import Router
from tests.command_line import pacer_here
from tests.fakes import teams_rules as rules

ROOT = Path(__file__).parent.parent
TENANT, APP = "1b2c3d4e-5f60-4718-9a2b-3c4d5e6f7081", "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"
INSTALL = TeamsInstall("office", TENANT, APP, "apasswordnobodysees")
COMPANY = Company(name="Acme Ltd", domains=frozenset({"acme.example", "acme.co.example"}))
Scope = Literal["personal", "team", "groupChat"]


def made(**company: Any) -> dict[str, Any]:
    return manifest(COMMANDS, msgspec.structs.replace(COMPANY, **company), INSTALL, "1.2.3")


def listed(data: dict[str, Any], scope: Scope) -> list[dict[str, str]]:
    (bot,) = data["bots"]
    (found,) = [one["commands"] for one in bot["commandLists"] if scope in one["scopes"]]
    return list(found)


def extension(data: dict[str, Any]) -> dict[str, dict[str, Any]]:
    (found,) = data["composeExtensions"]
    return {command["id"]: command for command in found["commands"]}


# ---------------------------------------------------------------- the manifest


@pytest.mark.parametrize("company", [COMPANY, Company(), Company(name="x" * 100, command_prefix="px-")])
def test_valid_by_the_published_schema(company: Company) -> None:
    validator = rules.schema("teams-manifest.1.22.json")
    if validator is None:
        pytest.skip(rules.SCHEMAS_MISSING)
    data = manifest(COMMANDS, company, INSTALL, version("pacer"))
    assert [error.message for error in validator.iter_errors(data)] == []


def test_what_the_published_schema_leaves_open() -> None:
    data = made(name="A company with a name that is much too long for its place")
    assert data["$schema"].endswith(f"v{data['manifestVersion']}/MicrosoftTeams.schema.json")
    assert re.fullmatch(r"\d+\.\d+\.\d+", version("pacer")), "Teams takes a semantic version only"
    assert len(data["developer"]["name"]) <= 32
    for scope in ("personal", "team", "groupChat"):
        for command in listed(data, scope):
            assert 0 < len(command["title"]) <= 32
            assert 0 < len(command["description"]) <= 128
    assert "apasswordnobodysees" not in json.dumps(data)


def test_everything_in_it_is_meant() -> None:
    """A new entry needs a reason, which is here; sign-in, tabs, domains and files are not used."""
    data = made()
    about = {"$schema", "manifestVersion", "version", "id", "developer", "name", "description", "icons", "accentColor"}
    assert set(data) == about | {"bots", "composeExtensions", "permissions", "defaultInstallScope"}
    (bot,) = data["bots"]
    (compose,) = data["composeExtensions"]
    assert (data["id"], bot["botId"], compose["botId"]) == (APP, APP, APP)
    assert (bot["supportsFiles"], bot["isNotificationOnly"]) == (True, False)
    assert data["permissions"] == list(PERMISSIONS)
    assert data["defaultInstallScope"] in bot["scopes"]
    assert data["developer"]["websiteUrl"] == "https://acme.co.example"


def test_each_scope_has_one_list_of_commands_that_are_understood() -> None:
    (bot,) = made()["bots"]
    assert sorted(scope for one in bot["commandLists"] for scope in one["scopes"]) == sorted(bot["scopes"])
    router = Router(COMMANDS)
    for scope in ("personal", "team", "groupChat"):
        titles = [command["title"] for command in listed(made(), scope)]
        assert [router.named(title).name for title in titles if router.named(title)] == titles
        assert {"log", "undo", "help"} <= set(titles)
        assert len(set(titles)) == len(titles) <= 10


def test_the_most_used_come_first_and_help_is_never_cut_off() -> None:
    by_name = {command.name: command for command in COMMANDS}
    many = [replace(by_name["hello"], name=f"greet{number}") for number in range(20)]
    many += [replace(by_name["log"], name=f"log{number}") for number in range(8)] + [by_name["help"]]
    for scope in ("personal", "team"):
        titles = [command["title"] for command in listed(manifest(many, COMPANY, INSTALL, "1.0.0"), scope)]
        assert titles[:9] == [*(f"log{number}" for number in range(8)), "help"]
        assert len(titles) == (10 if scope == "personal" else 9)


def test_what_only_some_may_do_is_not_shown_to_all() -> None:
    limited = {command.name for command in COMMANDS if "rep" not in command.roles}
    assert limited
    assert not limited & {command["title"] for command in listed(made(), "personal")}


# ---------------------------------------------------------------- the message extension is what is read


class Somebody:
    """Stands for the roster."""

    async def of(self, *_: Any, **__: Any) -> Profile:
        return Profile("u1", "Rae")


def invoke(name: str, **value: Any) -> dict[str, Any]:
    return {
        "type": "invoke",
        "id": "1",
        "name": f"composeExtension/{name}",
        "serviceUrl": "https://smba.trafficmanager.net/emea/",
        "from": {"id": "29:u1", "aadObjectId": "u1"},
        "conversation": {"id": "a:1", "conversationType": "personal", "tenantId": TENANT},
        "value": value,
    }


async def test_each_command_of_the_extension_is_answered() -> None:
    commands = extension(made())
    of_messages = {command.name for command in COMMANDS if command.shortcut is not None}
    assert set(commands) == {LOG_COMMAND, ACCOUNTS_COMMAND} | of_messages
    reader: Any = Reader(Somebody())  # type: ignore[arg-type]

    log = commands[LOG_COMMAND]
    assert (log["type"], log["fetchTask"]) == ("action", True)
    assert set(log["context"]) == {"compose", "commandBox", "message"}
    for context in log["context"]:
        words = {"messagePayload": {"body": {"content": "call Acme"}}} if context == "message" else {}
        read = await reader.read(INSTALL, invoke("fetchTask", commandId=LOG_COMMAND, commandContext=context, **words))
        assert isinstance(read, Arrived)
        assert read.incoming.what == (LogThis(LOG_COMMAND, "call Acme") if words else Said("", LOG_COMMAND))

    for name in of_messages - {LOG_COMMAND}:
        assert (commands[name]["context"], commands[name]["fetchTask"]) == (["message"], True)
        words = {"messagePayload": {"body": {"content": "send the NDA"}}}
        read = await reader.read(INSTALL, invoke("fetchTask", commandId=name, commandContext="message", **words))
        assert isinstance(read, Arrived)
        assert read.incoming.what == LogThis(name, "send the NDA")

    accounts = commands[ACCOUNTS_COMMAND]
    assert (accounts["type"], accounts["initialRun"], set(accounts["context"])) == (
        "query",
        True,
        {"compose", "commandBox"},
    )
    (parameter,) = accounts["parameters"]
    assert parameter["name"] == ACCOUNT_PARAMETER
    for given, words in (
        ({"name": ACCOUNT_PARAMETER, "value": "Acm"}, "Acm"),
        ({"name": "initialRun", "value": "true"}, ""),
    ):
        read = await reader.read(INSTALL, invoke("query", commandId=ACCOUNTS_COMMAND, parameters=[given]))
        assert isinstance(read, Searched)
        assert read.words == words


# ---------------------------------------------------------------- the package


def pixels(png: bytes) -> tuple[int, int, list[tuple[int, ...]]]:
    """Width, channels and pixels of a PNG of 8 bits a channel whose rows are not filtered, as ours are."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    place, data, width, channels = 8, b"", 0, 0
    while place < len(png):
        length, kind = struct.unpack_from(">I4s", png, place)
        body = png[place + 8 : place + 8 + length]
        if kind == b"IHDR":
            width, height, depth, colour = struct.unpack_from(">IIBB", body)
            assert (width, depth) == (height, 8)
            channels = {2: 3, 6: 4}[colour]
        elif kind == b"IDAT":
            data += body
        place += 12 + length
    rows = zlib.decompress(data)
    step = 1 + width * channels
    assert all(rows[row * step] == 0 for row in range(width))
    flat = b"".join(rows[row * step + 1 : (row + 1) * step] for row in range(width))
    return width, channels, [tuple(flat[i : i + channels]) for i in range(0, len(flat), channels)]


def test_the_package_holds_the_manifest_and_its_two_icons() -> None:
    data = made()
    with zipfile.ZipFile(io.BytesIO(package(data))) as archive:
        assert archive.testzip() is None
        assert set(archive.namelist()) == {"manifest.json", *data["icons"].values()}
        assert json.loads(archive.read("manifest.json")) == data
        color, outline = (archive.read(data["icons"][name]) for name in ("color", "outline"))
    width, _, dots = pixels(color)
    assert width == 192
    assert dots[0] == tuple(bytes.fromhex(ACCENT[1:])), "the coloured icon is a full square; Teams rounds it"
    mark = [(i % 192, i // 192) for i, dot in enumerate(dots) if dot == (255, 255, 255)]
    assert all(36 <= x < 156 and 36 <= y < 156 for x, y in mark), "the mark stays in the middle 120 by 120"
    assert mark
    width, channels, dots = pixels(outline)
    assert (width, channels) == (32, 4)
    assert {dot[:3] for dot in dots} == {(255, 255, 255)}
    assert dots[0][3] == 0
    assert any(dot[3] == 255 for dot in dots)


def test_the_same_manifest_is_the_same_file() -> None:
    assert package(made()) == package(made())
    with zipfile.ZipFile(io.BytesIO(package(made()))) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_the_icons_are_installed_with_pacer() -> None:
    assert '"icons/*.png"' in (ROOT / "pyproject.toml").read_text()
    assert {path.name for path in ICONS.iterdir()} == {"color.png", "outline.png"}


# ---------------------------------------------------------------- pacer manifest teams

ONE = """\
company: {name: Acme Ltd}
admins: [a@acme.example]
domains: [acme.example]
installs:
  - name: office
    platform: teams
    tenant: 1b2c3d4e-5f60-4718-9a2b-3c4d5e6f7081
    app: 0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d
    app_password: ${TEAMS_APP_PASSWORD}
"""
TWO = ONE + ONE.partition("installs:\n")[2].replace("office", "plant").replace("0a1b2c3d", "ffffffff")


def pacer(folder: Path, text: str, *arguments: str, code: int = 0) -> str:
    (folder / "app.yaml").write_text(text)
    secrets = {"TEAMS_APP_PASSWORD": "apasswordnobodysees", "PACER_KEY": "a key of more than 16 characters"}
    return pacer_here(folder, "manifest", "teams", *arguments, code=code, **secrets)


def test_the_command_line_writes_the_package_or_prints_the_manifest(tmp_path: Path) -> None:
    done = pacer(tmp_path, ONE, "--out", "app.zip")
    assert done.startswith(f"app.zip holds the app of office, version {version('pacer')}.")
    assert (tmp_path / "app.zip").read_bytes() == package(
        manifest(COMMANDS, Company(name="Acme Ltd", domains=frozenset({"acme.example"})), INSTALL, version("pacer"))
    )
    shown = pacer(tmp_path, TWO, "--install", "plant", "--json")
    assert json.loads(shown)["id"] == APP.replace("0a1b2c3d", "ffffffff")
    assert not (tmp_path / "pacer-teams.zip").exists()


def test_the_command_line_says_what_is_missing(tmp_path: Path) -> None:
    for text, arguments, sentence in (
        ("logs: json\n", (), "app.yaml lists no Teams install, and the package needs the bot's app id."),
        (TWO, (), "Choose one with --install: office, plant."),
        (TWO, ("--install", "main"), "“main” is no Teams install of app.yaml. It lists office, plant."),
        (ONE, ("--out", "nowhere/app.zip"), "No such file or directory: nowhere/app.zip."),
    ):
        assert sentence in pacer(tmp_path, text, *arguments, code=1)
