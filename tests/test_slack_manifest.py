"""The manifest: valid, derived, and asking for nothing that is not used."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from bot.slack.api import SlackApi
from bot.slack.disturb import DoNotDisturb
from bot.slack.files import SlackFiles, files_of
from bot.slack.install import Installs, SlackInstall
from bot.slack.manifest import EVENTS, SCOPES, manifest
from bot.slack.profiles import Profiles
from bot.slack.send import SlackSender
from handlers import COMMANDS
from handlers.conversation.company import Company
from handlers.conversation.reply import Chart, ChartRow, Part, Reply
from handlers.conversation.request import Address, HomeOpened, Said
from scheduled.sending import Operation, Sent
from storage.tables import new_id
from tests.fakes import slack_rules as rules
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_world import ACME, EAST, ORG, World, world

__all__ = ["world"]

HTTP = SlackInstall("acme", "T1", bot_token="xoxb-acme", signing_secret="secret-acme")
SOCKET = SlackInstall("acme", "T1", bot_token="xoxb-acme", app_token="xapp-acme")


@pytest.mark.parametrize("installs", [(), (HTTP,), (SOCKET,), (ORG,)])
def test_valid_by_the_published_schema(installs: tuple[SlackInstall, ...]) -> None:
    validator = rules.schema("slack-manifest.schema.2*.json")
    if validator is None:
        pytest.skip(rules.SCHEMAS_MISSING)
    assert [error.message for error in validator.iter_errors(manifest(COMMANDS, Company(), installs))] == []


def test_by_socket_or_by_address() -> None:
    socket = manifest(COMMANDS, Company(), [SOCKET])
    assert socket["settings"]["socket_mode_enabled"]
    assert "request_url" not in str(socket)
    assert manifest(COMMANDS, Company(), [])["settings"]["socket_mode_enabled"]
    http = manifest(COMMANDS, Company(), [HTTP], "https://bot.example.com/slack/events")
    assert not http["settings"]["socket_mode_enabled"]
    urls = {command["url"] for command in http["features"]["slash_commands"]}
    urls |= {http["settings"][part]["request_url"] for part in ("interactivity", "event_subscriptions")}
    assert urls == {"https://bot.example.com/slack/events"}


def test_org_wide_only_where_there_is_such_an_install() -> None:
    assert manifest(COMMANDS, Company(), [ORG])["settings"]["org_deploy_enabled"]
    assert not manifest(COMMANDS, Company(), [HTTP])["settings"]["org_deploy_enabled"]


def test_commands_and_shortcuts_are_those_of_the_tuple() -> None:
    made = manifest(COMMANDS, Company(command_prefix="px-"), [])
    names = [command["command"] for command in made["features"]["slash_commands"]]
    assert names == [*(f"/px-{command.name}" for command in COMMANDS if command.slash), "/pacer"]
    assert all(command["should_escape"] for command in made["features"]["slash_commands"])
    shortcuts = {shortcut["callback_id"]: shortcut["name"] for shortcut in made["features"]["shortcuts"]}
    assert shortcuts == {command.name: command.shortcut.label for command in COMMANDS if command.shortcut}
    assert made["features"]["app_home"]["messages_tab_read_only_enabled"] is False


@pytest_asyncio.fixture
async def granted() -> AsyncIterator[FakeSlack]:
    """A Slack that grants the manifest's scopes and nothing else."""
    async with FakeSlack(ACME, scopes=frozenset(SCOPES)) as slack:
        for channel in ("C1", "P1", "G1"):
            slack.join(channel, "bot", "U1")
        yield slack


async def test_each_scope_is_used_and_no_other_is_needed(granted: FakeSlack) -> None:
    api = SlackApi(granted.url)
    sender = SlackSender(Installs([ACME]), api)

    async def send(kind: str, private: bool = True, parts: tuple[Part, ...] = (), **address: str) -> Operation:
        made = Operation(new_id(), "k", kind, "acme", Address(**address), "U1", Reply("x", parts, private=private))
        result = await sender.send(made)
        assert isinstance(result, Sent), result
        return msgspec.structs.replace(made, address=result.address)

    for channel in ("", "C1", "P1", "G1"):
        posted = await send("post", private=False, conversation=channel)
        assert isinstance(await sender.find(posted), Sent)
        reply = await send("post", private=False, conversation=posted.address.conversation, thread="1.1")
        assert isinstance(await sender.find(reply), Sent)
    for kind in ("update", "delete"):
        await send(kind, **msgspec.to_builtins(posted.address))
    await send("post", conversation="C1", only_to="U1")
    await send("home")
    await send("upload", parts=(Chart("Won", "bars", (ChartRow("Dana", 40.0, "$40"),), "Dana has won $40."),))
    assert (await Profiles(api).of(ACME, "U1")).email == "rae@example.com"
    assert await DoNotDisturb(Installs([ACME]), api).ends(ACME.name, ["U1"], datetime.now(UTC)) == {}
    attached = files_of([granted.attach("deals.csv", b"Deal\n")])
    fetch = SlackFiles(api).fetch(ACME, attached)
    assert fetch is not None
    assert [file.content for file in await fetch()] == [b"Deal\n"]
    await api.close()

    called = {call.method for call in granted.calls}
    claimed = {
        method
        for methods in SCOPES.values()
        for method in methods
        if method.split(".")[0] in ("chat", "dnd", "files", "users")
    }
    claimed |= {method for methods in SCOPES.values() for method in methods if method.startswith("conversations.")}
    assert claimed <= called
    by_surface = {"commands", "app_mentions:read"}
    assert granted.scopes_used | by_surface == set(SCOPES)


async def test_each_event_is_handled(world: World) -> None:
    def seen() -> list[Any]:
        return [incoming.what for incoming in world.turns.taken]

    happens = {
        "app_mention": lambda: world.slack.mention("hello"),
        "message.im": lambda: world.slack.say("hi"),
        "app_home_opened": world.slack.open_home,
        "app_uninstalled": lambda: world.slack.event({"type": "app_uninstalled"}),
        "tokens_revoked": lambda: world.slack.event(
            {"type": "tokens_revoked", "tokens": {"bot": ["UBOT"]}}, install=EAST
        ),
    }
    assert set(happens) == set(EVENTS)
    for happen in happens.values():
        assert (await happen()).status == 200
    assert seen() == [Said("hello"), Said("hi"), HomeOpened()]
    assert world.turns.removed == ["acme", "east"]
