"""Slack's way out: each operation, and each way in which it can end. Real HTTP to a fake Slack."""

from __future__ import annotations

import socket
import time
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from bot.charts.pictures import picture
from bot.slack import send
from bot.slack.api import Failed, SlackApi
from bot.slack.install import Installs, SlackInstall
from bot.slack.send import SlackSender
from handlers.conversation.reply import Button, Buttons, Chart, ChartRow, Reply, Text
from handlers.conversation.request import Address
from scheduled.sending import CannotTell, NotThere, Operation, Refused, Retry, Sent, Unsure
from storage.tables import new_id
from tests.fakes.slack import FakeSlack, Shown

ACME = SlackInstall("acme", "T1", bot_token="xoxb-acme", signing_secret="secret-acme")
EAST = SlackInstall("east", "T2", bot_token="xoxb-east", signing_secret="secret-east")
BODY = Reply("Logged: call with Acme.", (Text("Logged: call with Acme"), Buttons((Button("Undo", "tok"),))))


class World:
    """A sender between nothing and a fake Slack."""

    def __init__(self, slack: FakeSlack, api: SlackApi) -> None:
        self.slack, self.api = slack, api
        self.sender = SlackSender(Installs(slack.installs), api)

    async def send(self, operation: Operation) -> Any:
        return await self.sender.send(operation)

    @property
    def last(self) -> Shown:
        return self.slack.messages[-1]


@pytest_asyncio.fixture
async def world() -> AsyncIterator[World]:
    async with FakeSlack(ACME, EAST) as slack:
        slack.join("C1", "bot", "U1", "U2")
        api = SlackApi(slack.url)
        yield World(slack, api)
        await api.close()


def operation(
    kind: str = "post", *, install: str = "acme", user: str = "U1", attempts: int = 0, **more: Any
) -> Operation:
    body = more.pop("body", BODY)
    return Operation(new_id(), "key", kind, install, Address(**more), user, body, attempts)


# ---------------------------------------------------------------- posting


async def test_to_a_person(world: World) -> None:
    sent = await world.send(operation())
    assert sent == Sent(Address(conversation="D1", message=world.last.ts))
    assert world.last.read == "Logged: call with Acme\nUndo"
    await world.send(operation())
    assert len(world.slack.called("conversations.open")) == 1


async def test_to_a_channel_and_into_a_thread(world: World) -> None:
    post = operation(conversation="C1", thread="1.1", body=msgspec.structs.replace(BODY, private=False))
    sent = await world.send(post)
    assert sent == Sent(Address("C1", "1.1", world.last.ts))
    assert world.last.thread == "1.1"
    assert world.last.metadata == {"event_type": "pacer", "event_payload": {"id": post.id}}
    assert not world.last.only_to


async def test_for_one_person_in_a_channel(world: World) -> None:
    assert isinstance(await world.send(operation(conversation="C1", only_to="U1")), Sent)
    assert world.last.only_to == "U1"
    assert world.slack.called("chat.postMessage") == []


async def test_what_is_not_private_is_for_the_channel_whoever_asked(world: World) -> None:
    won = Reply("Acme won.", private=False)
    await world.send(operation(conversation="C1", only_to="U1", body=won))
    assert world.last.only_to == ""


async def test_through_the_response_url_where_pacer_is_no_member(world: World) -> None:
    url = world.slack._response_url("T1", "C9", "U1")
    assert isinstance(await world.send(operation(conversation="C9", only_to="U1", response_url=url)), Sent)
    assert (world.last.channel, world.last.only_to) == ("C9", "U1")
    assert world.slack.called("chat.postEphemeral") == []


@pytest.mark.parametrize(("channel", "where"), [("C1", "C1"), ("C9", "D1"), ("D77", "D1")])
async def test_when_the_response_url_has_run_out(world: World, channel: str, where: str) -> None:
    """It is said in the channel as long as Pacer is in it, else one-to-one: private both ways."""
    url = world.slack._response_url("T1", channel, "U1")
    for _ in range(5):
        await world.send(operation(conversation=channel, only_to="U1", response_url=url))
    assert isinstance(await world.send(operation(conversation=channel, only_to="U1", response_url=url)), Sent)
    assert world.last.channel == where
    assert len(world.slack.messages) == 6


async def test_nothing_is_sent_to_an_address_that_is_not_slacks(world: World) -> None:
    for url in (
        "https://evil.example/x",
        "http://hooks.slack.com.evil.example/",
        "http://169.254.169.254/",
        "http://[",
    ):
        assert not world.api.may_respond_to(url)
        await world.send(operation(conversation="C1", only_to="U1", response_url=url))
        assert world.last.channel == "C1"
    assert world.api.may_respond_to("https://hooks.slack.com/commands/T1/2/3")
    assert world.slack.called("respond") == []


# ---------------------------------------------------------------- pictures

CHART = Chart(
    "Bookings to target", "bars", (ChartRow("Dana", 40.0, "$40", 80.0, "$80", 52.0, "$52"),), "Dana: $40 of $80."
)
PICTURES = Reply("Dana: $40 of $80.", (CHART,))


async def test_pictures_follow_in_the_one_to_one_chat(world: World) -> None:
    """A file's address without the token, the bytes, done; then the block that shows it, with its words."""
    asked = operation("upload", conversation="D1", only_to="U1", body=PICTURES)
    world.slack.direct("U1")
    assert await world.send(asked) == Sent(Address("D1", "", world.last.ts))
    (file,) = world.slack.files.values()
    assert file.data.startswith(b"\x89PNG")
    assert (file.title, file.alt, file.complete) == (CHART.title, CHART.alt, True)
    assert world.last.blocks == [{"type": "image", "slack_file": {"id": file.id}, "alt_text": CHART.alt}]
    assert (world.last.text, world.last.only_to) == ("Dana: $40 of $80.", "")
    assert await world.sender.find(asked) == Sent(Address("D1", "", world.last.ts))


async def test_what_is_said_above_is_not_said_again_and_the_picture_that_follows_has_its_title(world: World) -> None:
    above = msgspec.structs.replace(CHART, said_above=True)
    reply = Reply("Dana: $40 of $80.", (Text("Dana: $40 of $80."), above))
    world.slack.direct("U1")
    assert isinstance(await world.send(operation(conversation="D1", body=reply)), Sent)
    assert len(world.last.blocks) == 1
    await world.send(operation("upload", conversation="D1", only_to="U1", body=reply))
    (file,) = world.slack.files.values()
    assert (file.title, file.alt, file.data) == (CHART.title, CHART.alt, await picture(CHART))


async def test_pictures_for_all_stand_in_the_thread_and_go_to_the_asker_where_pacer_is_no_member(world: World) -> None:
    public = msgspec.structs.replace(PICTURES, private=False)
    await world.send(operation("upload", conversation="C1", thread="1.1", body=public))
    assert (world.last.channel, world.last.thread) == ("C1", "1.1")
    await world.send(operation("upload", conversation="C9", thread="1.1", only_to="U1", body=public))
    assert (world.last.channel, world.last.thread) == ("D1", "")


async def test_a_picture_that_slack_still_works_on_is_shown_later_and_uploaded_once(world: World) -> None:
    world.slack.slow_files = 2
    asked = operation("upload", body=PICTURES)
    ended = [await world.send(msgspec.structs.replace(asked, attempts=tried)) for tried in range(3)]
    assert [type(one) for one in ended] == [Retry, Retry, Sent]
    assert [one.after for one in ended[:2]] == [1.0, 2.0]
    assert len(world.slack.files) == 1
    world.slack.slow_files = 99
    assert isinstance(await world.send(operation("upload", attempts=send.PROCESSING_TRIES, body=PICTURES)), Refused)


@pytest.mark.parametrize("step", ["files.getUploadURLExternal", "upload", "files.completeUploadExternal"])
async def test_steps_of_an_upload_may_be_repeated_and_the_post_may_not(world: World, step: str) -> None:
    asked = operation("upload", body=PICTURES)
    world.slack.inject(step, status=500)
    assert isinstance(await world.send(asked), Retry)
    assert world.slack.messages == []
    world.slack.inject("chat.postMessage", drop=True, do=True)
    assert isinstance(await world.send(asked), Unsure)
    assert isinstance(await world.sender.find(asked), Sent)
    assert len(world.slack.messages) == 1


async def test_why_a_picture_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.slack.inject("files.getUploadURLExternal", error="file_uploads_disabled")
    ended = await world.send(operation("upload", body=PICTURES))
    assert isinstance(ended, Refused)
    assert "words only" in ended.operator
    world.slack.scopes = frozenset({"chat:write", "im:write"})
    ended = await world.send(operation("upload", body=PICTURES))
    assert isinstance(ended, Refused)
    assert ended.reason == "missing_scope"
    assert "files:write" in ended.operator
    world.slack.scopes = None

    async def not_drawn(chart: Chart) -> None:
        return None

    monkeypatch.setattr("bot.slack.uploads.picture", not_drawn)
    ended = await world.send(operation("upload", body=PICTURES))
    assert isinstance(ended, Refused)
    assert ended.reason == "chart_not_drawn"
    assert world.slack.messages == []


async def test_a_picture_goes_to_slacks_own_address_alone(world: World) -> None:
    assert await world.api.upload("https://files.slack.example/upload/1", b"x") == Failed("upload_url_not_of_slack")


# ---------------------------------------------------------------- editing


async def test_update_delete_and_home(world: World) -> None:
    sent = await world.send(operation(conversation="C1", body=msgspec.structs.replace(BODY, private=False)))
    where = msgspec.to_builtins(sent.address)
    undone = Reply("Undone: call with Acme.")
    assert isinstance(await world.send(operation("update", body=undone, **where)), Sent)
    assert world.last.read == "Undone: call with Acme."
    assert isinstance(await world.send(operation("delete", **where)), Sent)
    assert world.last.deleted
    assert isinstance(await world.send(operation("delete", **where)), Sent)
    assert isinstance(await world.send(operation("home", body=BODY)), Sent)
    assert world.slack.homes["T1", "U1"]["type"] == "home"


async def test_update_of_what_one_person_alone_sees(world: World) -> None:
    await world.send(operation(conversation="C1", only_to="U1"))
    shown = world.last
    url = world.slack._response_url("T1", "C1", "U1", shown)
    undone = Reply("Undone.")
    onto = {"conversation": "C1", "message": shown.ts, "only_to": "U1", "response_url": url}
    assert isinstance(await world.send(operation("update", body=undone, **onto)), Sent)
    assert shown.read == "Undone."
    for _ in range(4):
        await world.send(operation("update", body=undone, **onto))
    assert len(world.slack.messages) == 1
    assert isinstance(await world.send(operation("update", body=undone, **onto)), Sent)
    assert world.last.read == "Undone."
    assert (world.last.channel, world.last.only_to) == ("C1", "U1")
    assert world.slack.called("chat.update") == []


async def test_update_of_an_answer_that_a_slash_command_put_into_a_channel(world: World) -> None:
    shown = world.slack._show("T1", "C1", {"response_type": "in_channel", **_plain("Acme won.")})
    url = world.slack._response_url("T1", "C1", "U1", shown)
    onto = {"conversation": "C1", "message": shown.ts, "response_url": url}
    assert isinstance(await world.send(operation("update", body=Reply("Undone."), **onto)), Sent)
    assert shown.read == "Undone."


# ---------------------------------------------------------------- how it can end


async def test_429_waits_as_long_as_slack_says(world: World) -> None:
    """FAULT 20."""
    world.slack.inject("chat.postMessage", status=429, retry_after=30)
    assert await world.send(operation(conversation="C1", body=Reply("x", private=False))) == Retry(
        30, "Slack asks to wait", limited=True
    )
    assert world.slack.messages == []
    world.slack.inject("conversations.open", status=429, retry_after=7)
    assert isinstance(await world.send(operation(user="U1")), Retry)
    world.slack.inject("chat.postMessage", error="ratelimited", retry_after=3)
    assert (await world.send(operation())).after == 3


async def test_429_holds_back_one_lane_and_not_the_others(world: World) -> None:
    """FAULT 20."""
    here, there = operation(conversation="C1"), operation(conversation="C2")
    assert world.sender.lane(here) != world.sender.lane(there)
    assert world.sender.lane(operation(conversation="C1", only_to="U1")) != world.sender.lane(here)
    assert world.sender.lane(operation(install="east", conversation="C1")) != world.sender.lane(here)
    assert world.sender.lane_interval == 1.0
    assert world.sender.install_per_minute == 300


@pytest.mark.parametrize(
    "fault",
    [
        {"drop": True, "do": True},
        {"drop": True},
        {"status": 500, "do": True},
        {"status": 503},
        {"error": "fatal_error"},
    ],
)
async def test_a_post_whose_answer_is_lost_is_not_repeated(world: World, fault: dict[str, Any]) -> None:
    """FAULT 22: nor by the SDK or aiohttp by themselves."""
    post = operation(conversation="C1", body=Reply("x", private=False))
    world.slack.inject("chat.postMessage", **fault)
    assert isinstance(await world.send(post), Unsure)
    assert len(world.slack.called("chat.postMessage")) == 1
    done = fault.get("do", False)
    found = await world.sender.find(post)
    assert isinstance(found, Sent if done else NotThere)
    if isinstance(found, Sent):
        assert found.address == Address("C1", "", world.last.ts)


async def test_a_post_that_takes_too_long_is_not_repeated(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """FAULT 22."""
    monkeypatch.setattr("bot.slack.api.TIMEOUT", 0.3)
    monkeypatch.setattr("bot.slack.api.CONNECT_TIMEOUT", 0.2)
    world.slack.inject("chat.postMessage", slow=1.0, status=500)
    assert isinstance(await world.send(operation(conversation="C1", body=Reply("x", private=False))), Unsure)


@pytest.mark.parametrize("kind", ["update", "delete", "home"])
async def test_what_may_be_repeated_is(world: World, kind: str) -> None:
    method = {"update": "chat.update", "delete": "chat.delete", "home": "views.publish"}[kind]
    for fault in ({"drop": True}, {"status": 500}):
        world.slack.inject(method, **fault)
        assert isinstance(await world.send(operation(kind, conversation="C1", message="1.1")), Retry)


async def test_bytes_that_never_left_are_sent_again(world: World) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nowhere = SlackApi(f"http://127.0.0.1:{closed.getsockname()[1]}/api/")
        sender = SlackSender(Installs([ACME]), nowhere)
        ended = [
            await sender.send(operation(conversation="C1", attempts=attempts, body=Reply("x", private=False)))
            for attempts in (0, 1, 50)
        ]
        assert [result.after for result in ended if isinstance(result, Retry)] == [2.0, 4.0, send.LAST_RETRY]
        await nowhere.close()


@pytest.mark.parametrize(
    ("error", "word", "gone"),
    [
        ("channel_not_found", "no such conversation", False),
        ("not_in_channel", "/invite", False),
        ("is_archived", "archived", False),
        ("account_inactive", "install acme", True),
        ("token_revoked", "install acme", True),
        ("invalid_auth", "bot token", False),
        ("missing_scope", "scope", False),
        ("some_new_error", "some_new_error", False),
    ],
)
async def test_refused_tells_the_operator(world: World, error: str, word: str, gone: bool) -> None:
    """FAULT 23."""
    world.slack.inject("chat.postMessage", error=error)
    ended = await world.send(operation(conversation="C1", body=Reply("x", private=False)))
    assert isinstance(ended, Refused)
    assert ended.reason == error
    assert word in ended.operator
    assert ended.install_gone is gone


async def test_refusals_that_the_fake_makes_itself(world: World) -> None:
    """FAULT 23."""
    world.slack.join("C2", "U1")
    public = Reply("x", private=False)
    for channel, reason in (("C2", "not_in_channel"), ("C404", "channel_not_found")):
        ended = await world.send(operation(conversation=channel, body=public))
        assert isinstance(ended, Refused)
        assert ended.reason == reason
    ended = await world.send(operation(user="U404"))
    assert isinstance(ended, Refused)
    assert ended.reason == "user_not_found"
    assert isinstance(await world.send(operation(install="gone")), Refused)
    assert isinstance(await world.send(operation(user="")), Refused)
    assert isinstance(await world.send(operation("dance")), Refused)


async def test_two_installs_have_their_own_tokens_and_chats(world: World) -> None:
    """FAULT 42."""
    await world.send(operation(user="U1"))
    await world.send(operation(user="U1", install="east"))
    assert [shown.team for shown in world.slack.messages] == ["T1", "T2"]
    tokens = [call.token for call in world.slack.calls if call.method == "chat.postMessage"]
    assert tokens == ["xoxb-acme", "xoxb-east"]


# ---------------------------------------------------------------- looking for it


async def test_find_in_the_direct_chat_and_in_a_thread(world: World) -> None:
    direct = operation()
    thread = operation(conversation="C1", thread="1.1", body=Reply("x", private=False))
    for post in (direct, thread):
        assert isinstance(await world.sender.find(post), NotThere)
        sent = await world.send(post)
        assert await world.sender.find(post) == sent


async def test_find_looks_through_the_pages(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(send, "PAGE", 2)
    monkeypatch.setattr(send, "PAGES", 3)
    public = Reply("x", private=False)
    post = operation(conversation="C1", body=public)
    await world.send(post)
    for _ in range(4):
        await world.send(operation(conversation="C1", body=public))
    assert isinstance(await world.sender.find(post), Sent)
    for _ in range(4):
        await world.send(operation(conversation="C1", body=public))
    assert isinstance(await world.sender.find(post), CannotTell)


def test_an_operations_id_says_since_when_to_look() -> None:
    assert abs(send._made_at(operation()) - time.time()) < 3600


async def test_where_nobody_can_tell(world: World) -> None:
    assert isinstance(await world.sender.find(operation(conversation="C1", only_to="U1")), CannotTell)
    assert isinstance(await world.sender.find(operation("update", conversation="C1")), CannotTell)
    for error in ("missing_scope", "not_in_channel"):
        world.slack.inject("conversations.history", error=error)
        assert isinstance(await world.sender.find(operation(conversation="C1")), CannotTell)
    world.slack.inject("conversations.history", status=429, retry_after=3600)
    assert isinstance(await world.sender.find(operation(conversation="C1")), CannotTell)
    world.slack.inject("conversations.history", status=429, retry_after=0)
    assert isinstance(await world.sender.find(operation(conversation="C1")), NotThere)


async def test_the_senders_shape_is_the_protocols(world: World) -> None:
    from scheduled.sending import Sender

    sender: Sender = world.sender
    assert sender.lane_interval == 1.0


def _plain(text: str) -> dict[str, Any]:
    return {"text": text, "blocks": [{"type": "section", "text": {"type": "plain_text", "text": text}}]}
