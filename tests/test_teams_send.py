"""Teams' way out: each operation, and each way in which it can end. Real HTTP to a fake Teams."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from bot.teams import send
from bot.teams.connector import NOT_ALLOWED, ConnectorApi, Failed, Ok
from bot.teams.credentials import Credentials, TokenRefused, TokenUnavailable
from bot.teams.install import Installs, TeamsInstall
from bot.teams.send import TeamsSender
from bot.teams.service_urls import ServiceUrls
from handlers.conversation.reply import Button, Buttons, Chart, ChartRow, Fact, Facts, Reply, Text
from handlers.conversation.request import Address
from scheduled.sending import CannotTell, Operation, Refused, Retry, Sender, Sent, Unsure
from storage.tables import new_id
from tests.fakes.teams import FakeTeams, Shown
from tests.fakes.teams_connector import SCOPE

ACME = TeamsInstall("acme", "tenant-acme", "app-acme", "secret-acme")
EAST = TeamsInstall("east", "tenant-east", "app-east", "secret-east")
BODY = Reply("Logged: call with Acme.", (Text("Logged: call with Acme"), Buttons((Button("Undo", "tok"),))))
PUBLIC = Reply("Acme was won.", private=False)
SALES = "19:sales@thread.tacv2;messageid=1"


class World:
    """A sender between nothing and a fake Teams."""

    def __init__(self, teams: FakeTeams) -> None:
        self.teams = teams
        self.now = 1000.0
        self.credentials = Credentials(teams.login_url, clock=lambda: self.now)
        self.api = ConnectorApi(ServiceUrls([teams.service_url]), self.credentials)
        self.sender = TeamsSender(Installs(teams.listed), self.api, teams.service_url)

    async def send(self, operation: Operation) -> Any:
        return await self.sender.send(operation)

    @property
    def last(self) -> Shown:
        return self.teams.messages[-1]


@pytest_asyncio.fixture
async def world() -> AsyncIterator[World]:
    async with FakeTeams(ACME, EAST) as teams:
        teams.channel("sales")
        world = World(teams)
        yield world
        await world.api.close()


def operation(
    kind: str = "post", *, install: str = "acme", user: str = "", attempts: int = 0, **more: Any
) -> Operation:
    body = more.pop("body", BODY)
    return Operation(new_id(), "key", kind, install, Address(**more), user, body, attempts)


def rae(world: World) -> str:
    return world.teams.person("U1").object_id


# ---------------------------------------------------------------- posting


async def test_a_chart_is_an_image_in_the_card(world: World) -> None:
    """Within the size that the fake holds every message to, however many rows there are."""
    rows = tuple(ChartRow(f"Person {n}", n * 9.0, f"${n * 9}", 80.0, "$80", 52.0, "$52") for n in range(50))
    for count in (1, 5, 50):
        chart = Chart("Bookings", "bars", rows[:count], "Person 0: $0 of $80. " * count)
        body = Reply("Person 0: $0 of $80.", (Text("$0 of $80"), chart, Buttons((Button("By rep", "tok"),))))
        await world.send(operation(user=rae(world), body=body))
        (image,) = [part for part in world.last.card["body"] if part["type"] == "Image"]
        assert image["url"].startswith("data:image/png;base64,iVBOR")
        assert image["altText"].startswith("Person 0: $0 of $80.")
        pictures = operation("upload", user=rae(world), body=Reply("x", (chart,)))
        assert await world.send(pictures) == Sent(pictures.address)
    assert len(world.teams.messages) == 3


async def test_words_come_before_a_chart_and_stand_below_it_where_others_read(world: World) -> None:
    chart = Chart("Bookings", "bars", (ChartRow("Dana", 40.0, "$40", 80.0, "$80"),), "Dana: $40 of $80.")
    await world.send(operation(conversation=SALES, body=Reply("x", (chart,), private=False)))
    assert world.last.read == "Dana: $40 of $80."
    long = tuple(Text("word " * 1190) for _ in range(4))
    await world.send(operation(user=rae(world), body=Reply("x", (chart, *long))))
    assert "Image" not in str(world.last.card)
    assert world.last.read.startswith("Bookings\nDana: $40 of $80.\nword")
    # What stands right above it is not said again.
    above = msgspec.structs.replace(chart, said_above=True)
    body = Reply("x", (Text("Dana: $40 of $80."), above), private=False)
    await world.send(operation(conversation=SALES, body=body))
    assert world.last.read == "Dana: $40 of $80."
    await world.send(operation(user=rae(world), body=Reply("x", (above, *long))))
    assert world.last.read.startswith("word")


async def test_to_a_person(world: World) -> None:
    sent = await world.send(operation(user=rae(world)))
    direct = world.teams.personal("U1")
    assert sent == Sent(Address(conversation=direct, message=world.last.id, service=world.teams.service_url))
    assert world.teams.privately("U1")[0].read == "Logged: call with Acme\nUndo"
    assert world.last.notification == "Logged: call with Acme."
    await world.send(operation(user=rae(world)))
    assert len(world.teams.called("create")) == 1


async def test_into_a_thread_of_a_channel(world: World) -> None:
    sent = await world.send(operation(conversation=SALES, body=PUBLIC))
    assert sent == Sent(Address(SALES, message=world.last.id, service=world.teams.service_url))
    assert world.last.conversation == SALES
    assert world.last.read == "Acme was won."
    assert world.teams.called("create") == []


async def test_what_is_private_goes_to_the_one_to_one_chat(world: World) -> None:
    sent = await world.send(operation(conversation=SALES, only_to=rae(world)))
    assert isinstance(sent, Sent)
    assert sent.address == Address(world.teams.personal("U1"), message=world.last.id, service=world.teams.service_url)
    assert world.teams.sees(where="19:sales@thread.tacv2") == []
    assert len(world.teams.privately("U1")) == 1


async def test_what_is_not_private_is_for_the_channel_whoever_asked(world: World) -> None:
    await world.send(operation(conversation=SALES, only_to=rae(world), body=PUBLIC))
    assert world.last.conversation == SALES


@pytest.mark.parametrize("code", ["", "ConversationBlockedByUser", "MessageWritesBlocked"])
async def test_a_private_answer_that_cannot_be_given_is_not_given_to_everybody(world: World, code: str) -> None:
    """Not then, and not by what comes later in its place."""
    person = world.teams.person("U1")
    person.installed, person.refuses = bool(code), code
    sent = await world.send(operation(conversation=SALES, only_to=rae(world)))
    assert isinstance(sent, Sent)
    assert [shown.conversation for shown in world.teams.messages] == [SALES]
    assert "private" in world.last.read
    assert "Acme" not in world.last.read
    assert sent.address.message == ""
    person.installed, person.refuses = True, ""
    undone = operation("update", body=Reply("Undone."), **msgspec.to_builtins(sent.address))
    assert isinstance(await world.send(undone), Sent)
    assert world.teams.privately("U1") == [world.last]
    assert len(world.teams.sees(where="19:sales@thread.tacv2")) == 1
    assert isinstance(await world.send(operation("delete", **msgspec.to_builtins(sent.address))), Sent)


async def test_a_private_answer_waits_where_the_chat_is_only_busy(world: World) -> None:
    world.teams.inject("create", status=429, retry_after=9)
    assert (await world.send(operation(conversation=SALES, only_to=rae(world)))).after == 9
    world.teams.inject("post", status=412)
    assert isinstance(await world.send(operation(conversation=SALES, only_to=rae(world))), Retry)
    assert world.teams.messages == []


async def test_a_remembered_chat_that_is_gone_is_asked_for_anew(world: World) -> None:
    await world.send(operation(user=rae(world)))
    world.teams.inject("post", status=404, code="ConversationNotFound")
    assert isinstance(await world.send(operation(user=rae(world))), Sent)
    assert len(world.teams.called("create")) == 2
    world.teams.inject("post", status=404, code="ConversationNotFound", times=3)
    for creates in (3, 4):
        ended = await world.send(operation(user=rae(world)))
        assert isinstance(ended, Refused)
        assert ended.reason == "ConversationNotFound"
        assert len(world.teams.called("create")) == creates


async def test_nobody_meant_nothing_sent(world: World) -> None:
    assert isinstance(await world.send(operation()), Refused)
    assert isinstance(await world.send(operation(install="gone", conversation=SALES)), Refused)
    assert isinstance(await world.send(operation("dance", conversation=SALES)), Refused)
    assert isinstance(await world.send(operation("update", conversation=SALES)), Refused)
    home = await world.send(operation("home", user=rae(world)))
    assert isinstance(home, Refused)
    assert "Teams has no page" in home.reason
    assert world.teams.calls == []


# ---------------------------------------------------------------- editing


async def test_update_and_delete(world: World) -> None:
    sent = await world.send(operation(conversation=SALES, body=PUBLIC))
    where = msgspec.to_builtins(sent.address)
    undone = await world.send(operation("update", body=Reply("Undone: call with Acme."), **where))
    assert undone == Sent(sent.address)
    assert (world.last.read, world.last.edits) == ("Undone: call with Acme.", 1)
    assert isinstance(await world.send(operation("delete", **where)), Sent)
    assert world.last.deleted
    assert isinstance(await world.send(operation("delete", **where)), Sent)
    ended = await world.send(operation("update", **where))
    assert isinstance(ended, Refused)
    assert "deleted" in ended.operator


# ---------------------------------------------------------------- how it can end


@pytest.mark.parametrize("status", [429, 412])
async def test_asked_to_wait(world: World, status: int) -> None:
    """FAULT 20, 21: as long as Teams says, else twice as long each time."""
    world.teams.inject("post", status=status, retry_after=30)
    assert (await world.send(operation(conversation=SALES, body=PUBLIC))).after == 30
    world.teams.inject("post", status=status, times=3)
    waits = [
        (await world.send(operation(conversation=SALES, body=PUBLIC, attempts=attempts))).after
        for attempts in (0, 1, 50)
    ]
    assert waits == [2.0, 4.0, send.LAST_RETRY]
    assert world.teams.messages == []


@pytest.mark.parametrize(
    "fault",
    [
        {"drop": True, "do": True},
        {"drop": True},
        {"early": True},
        {"status": 500, "do": True},
        {"status": 502},
        {"status": 503, "retry_after": 3},
        {"status": 504},
        {"status": 408},
        {"status": 200, "text": "<html>", "do": True},
    ],
)
async def test_a_post_whose_answer_is_lost_is_not_repeated(world: World, fault: dict[str, Any]) -> None:
    """FAULT 21, 22."""
    post = operation(conversation=SALES, body=PUBLIC)
    world.teams.inject("post", **fault)
    assert isinstance(await world.send(post), Unsure)
    assert len(world.teams.called("post")) == (0 if "early" in fault else 1)
    assert isinstance(await world.sender.find(post), CannotTell)


async def test_a_post_that_takes_too_long_is_not_repeated(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """FAULT 22."""
    monkeypatch.setattr("bot.teams.connector.TIMEOUT", 0.4)
    monkeypatch.setattr("bot.teams.connector.CONNECT_TIMEOUT", 0.2)
    world.teams.inject("post", slow=1.0, status=500)
    assert isinstance(await world.send(operation(conversation=SALES, body=PUBLIC)), Unsure)


@pytest.mark.parametrize("fault", [{"drop": True, "times": 9}, {"status": 500}, {"status": 503}])
async def test_what_may_be_repeated_is(world: World, fault: dict[str, Any]) -> None:
    """FAULT 21."""
    sent = await world.send(operation(conversation=SALES, body=PUBLIC))
    where = msgspec.to_builtins(sent.address)
    for kind in ("update", "delete"):
        world.teams.inject(kind, **fault)
        assert isinstance(await world.send(operation(kind, **where)), Retry)
    world.teams.inject("create", **fault)
    assert isinstance(await world.send(operation(user=rae(world))), Retry)


async def test_what_is_said_in_the_place_of_nothing_is_not_said_twice(world: World) -> None:
    """Delivery repeats updates that it is unsure of; this one is a new message."""
    world.teams.inject("post", status=500, do=True)
    ended = await world.send(operation("update", conversation=SALES, only_to=rae(world)))
    assert isinstance(ended, Refused)
    assert len(world.teams.messages) == 1


async def test_bytes_that_never_left_are_sent_again(world: World) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{closed.getsockname()[1]}/"
        api = ConnectorApi(ServiceUrls([nowhere]), Credentials(world.teams.login_url))
        sender = TeamsSender(Installs([ACME]), api, nowhere)
        assert isinstance(await sender.send(operation(conversation=SALES, body=PUBLIC)), Retry)
        await api.close()
        api = ConnectorApi(ServiceUrls([world.teams.service_url]), Credentials(nowhere))
        sender = TeamsSender(Installs([ACME]), api, world.teams.service_url)
        assert isinstance(await sender.send(operation(conversation=SALES, body=PUBLIC)), Retry)
        await api.close()
    assert [call.what for call in world.teams.calls] == ["token"]


@pytest.mark.parametrize(
    ("status", "code", "word"),
    [
        (403, "BotDisabledByAdmin", "admin center"),
        (403, "BotNotInConversationRoster", "team or chat"),
        (403, "NotEnoughPermissions", "permission"),
        (403, "InvalidBotApiHost", "GCC"),
        (404, "ConversationNotFound", "no such conversation"),
        (400, "BadArgument", "report"),
        (403, "SomethingNew", "SomethingNew"),
        (400, "", "http_400"),
    ],
)
async def test_refused_tells_the_operator(world: World, status: int, code: str, word: str) -> None:
    """FAULT 23."""
    world.teams.inject("post", status=status, code=code)
    ended = await world.send(operation(conversation=SALES, body=PUBLIC))
    assert isinstance(ended, Refused)
    assert word in ended.operator
    assert not ended.install_gone
    assert len(world.teams.called("post")) == 1


async def test_the_other_shape_of_a_refusal() -> None:
    """Teams' messaging service words it like this, with the code in JSON within JSON."""
    from bot.teams.connector import _code

    assert _code(b'{"errorCode":209,"message":"{\\r\\n \\"subCode\\": \\"MessageWritesBlocked\\"}"}') == (
        "MessageWritesBlocked"
    )
    for odd in (b"", b"[]", b"{", b'{"message":"{"}', b'{"error":{"code":"<b>no</b>"}}', b"[" * 100_000):
        assert _code(odd) == ""


async def test_refusals_that_the_fake_makes_itself(world: World) -> None:
    """FAULT 23."""
    world.teams.channel("sales").bot = False
    world.teams.person("U1").installed = False
    for where, reason, word in (
        ({"conversation": SALES}, "BotNotInConversationRoster", "team or chat"),
        ({"conversation": "19:gone@thread.v2"}, "ConversationNotFound", "no such"),
        ({"user": rae(world)}, "ForbiddenOperationException", "Apps"),
        ({"conversation": world.teams.personal("U1")}, "BotNotInConversationRoster", "that person"),
    ):
        ended = await world.send(operation(body=PUBLIC, **where))
        assert isinstance(ended, Refused)
        assert ended.reason == reason
        assert word in ended.operator


async def test_two_installs_have_their_own_tokens_and_chats(world: World) -> None:
    """FAULT 42: the same person and the same conversation by their ids."""
    await world.send(operation(user=rae(world)))
    await world.send(operation(user=rae(world), install="east"))
    assert [shown.install for shown in world.teams.messages] == ["acme", "east"]
    assert len(world.teams.called("create")) == len(world.teams.called("post")) == 2
    logins = [(call.path.split("/")[2], call.body["client_id"]) for call in world.teams.calls if call.what == "token"]
    assert logins == [("tenant-acme", "app-acme"), ("tenant-east", "app-east")]
    ended = await world.send(operation(conversation=SALES, install="east", body=PUBLIC))
    assert isinstance(ended, Refused)


async def test_nothing_is_too_big(world: World) -> None:
    """FAULT 25. The fake refuses what is."""
    wide = "\U0001f3c6" * 3000
    for body in (
        Reply(wide, (Facts(tuple(Fact(f"{number} {wide[:90]}", wide[:900]) for number in range(60))),), private=False),
        Reply(wide, tuple(Text(wide) for _ in range(60)), private=False),
        Reply(wide, tuple(Text("x" * 80) for _ in range(600)), private=False),
        Reply(wide, private=False),
        Reply("&" * 30_000, private=False),
    ):
        assert isinstance(await world.send(operation(conversation=SALES, body=body)), Sent)
    assert len(world.teams.messages) == 5


async def test_lanes_and_pace(world: World) -> None:
    """FAULT 20, 24: a channel with its threads is one conversation to Teams' limits."""
    lane = world.sender.lane
    here = lane(operation(conversation=SALES))
    assert here == lane(operation(conversation=SALES.replace("=1", "=2")))
    assert here != lane(operation(conversation="19:other@thread.tacv2"))
    assert here != lane(operation(conversation=SALES, install="east"))
    assert here != lane(operation(conversation=SALES, only_to="u"))
    assert here == lane(operation(conversation=SALES, only_to="u", body=PUBLIC))
    assert lane(operation(conversation=SALES, only_to="u")) == lane(operation(user="u"))
    sender: Sender = world.sender
    for seconds, most in ((1, 7), (2, 8), (30, 60)):
        assert seconds / sender.lane_interval + 1 <= most
    assert sender.install_per_minute <= 50 * 60


# ---------------------------------------------------------------- where anything may be sent at all


@pytest.mark.parametrize(
    "forged",
    [
        "https://evil.example/",
        "http://smba.trafficmanager.net/teams/",
        "https://smba.trafficmanager.net.evil.example/",
        "https://smba.trafficmanager.net@evil.example/",
        "http://127.0.0.1:1/",
        "http://169.254.169.254/",
        "",
    ],
)
async def test_a_forged_service_url_gets_neither_token_nor_request(world: World, forged: str) -> None:
    """FAULT 33."""
    api = world.api
    assert await api.create(ACME, forged, "u") == Failed(NOT_ALLOWED)
    assert await api.post(ACME, forged, "c", {}) == Failed(NOT_ALLOWED)
    assert await api.update(ACME, forged, "c", "m", {}) == Failed(NOT_ALLOWED)
    assert await api.delete(ACME, forged, "c", "m") == Failed(NOT_ALLOWED)
    assert await api.member(ACME, forged, "c", "u") == Failed(NOT_ALLOWED)
    if forged:
        ended = await world.send(operation(conversation=SALES, service=forged, body=PUBLIC))
        assert isinstance(ended, Refused)
        assert "TEAMS_SERVICE_URLS" in ended.operator
    assert world.teams.calls == []


async def test_an_id_is_never_more_than_one_step_of_the_path(world: World) -> None:
    assert isinstance(await world.api.delete(ACME, world.teams.service_url, "..", "m"), Failed)
    assert isinstance(await world.api.delete(ACME, world.teams.service_url, "c", ""), Failed)
    assert world.teams.calls == []
    await world.api.delete(ACME, world.teams.service_url, "../../x?y#z", "m")
    assert [call.path for call in world.teams.calls if call.what == "delete"] == [
        "/teams/v3/conversations/../../x?y#z/activities/m"
    ]


async def test_a_redirect_is_not_followed(world: World) -> None:
    """FAULT 33: the token would go along."""
    for status in (302, 307, 308):
        world.teams.inject("post", status=status, location=f"{world.teams.service_url}elsewhere")
        assert isinstance(await world.send(operation(conversation=SALES, body=PUBLIC)), Refused)
    world.now += 10_000
    world.teams.inject("token", status=307, location=f"{world.teams.login_url}/elsewhere")
    assert isinstance(await world.send(operation(conversation=SALES, body=PUBLIC)), Retry)
    assert [call.what for call in world.teams.calls] == ["token", "post", "post", "post", "token"]


# ---------------------------------------------------------------- tokens


async def test_a_token_is_fetched_once_and_kept(world: World) -> None:
    await asyncio.gather(*(world.send(operation(conversation=SALES, body=PUBLIC)) for _ in range(20)))
    (login,) = world.teams.called("token")
    assert login == {
        "grant_type": "client_credentials",
        "client_id": "app-acme",
        "client_secret": "secret-acme",
        "scope": SCOPE,
    }
    world.now += 3599 - 301
    await world.send(operation(conversation=SALES, body=PUBLIC))
    assert len(world.teams.called("token")) == 1
    world.now += 2
    await world.send(operation(conversation=SALES, body=PUBLIC))
    assert len(world.teams.called("token")) == 2


async def test_a_token_that_was_withdrawn_is_replaced_once(world: World) -> None:
    await world.send(operation(conversation=SALES, body=PUBLIC))
    world.teams.revoke_tokens()
    assert isinstance(await world.send(operation(conversation=SALES, body=PUBLIC)), Sent)
    assert len(world.teams.messages) == 2
    world.teams.inject("post", status=401, times=2)
    ended = await world.send(operation(conversation=SALES, body=PUBLIC))
    assert isinstance(ended, Refused)
    assert len(world.teams.called("post")) == 1 + 2 + 2


async def test_who_gives_up_does_not_keep_the_others_from_the_token(world: World) -> None:
    first = asyncio.create_task(world.credentials.token(ACME))
    second = asyncio.create_task(world.credentials.token(ACME))
    await asyncio.sleep(0)
    first.cancel()
    assert (await second).startswith("tok-acme")
    assert len(world.teams.called("token")) == 1


async def test_a_wrong_secret_is_not_tried_all_the_time(world: World) -> None:
    wrong = TeamsInstall("acme", "tenant-acme", "app-acme", "wrong")
    sender = TeamsSender(Installs([wrong]), world.api, world.teams.service_url)
    for _ in range(3):
        ended = await sender.send(operation(conversation=SALES, body=PUBLIC))
        assert isinstance(ended, Refused)
        assert ended.reason == "invalid_client"
        assert "client secret" in ended.operator
    assert len(world.teams.called("token")) == 1
    world.now += 61
    await sender.send(operation(conversation=SALES, body=PUBLIC))
    assert len(world.teams.called("token")) == 2
    with pytest.raises(TokenRefused, match="unauthorized_client"):
        await world.credentials.token(TeamsInstall("x", "tenant-acme", "app-unknown", "secret-acme"))
    assert "wrong" not in repr(wrong)


async def test_a_login_that_is_away_is_asked_again_soon(world: World) -> None:
    for fault in ({"drop": True}, {"status": 500}, {"status": 429}, {"status": 200}):
        world.teams.inject("token", **fault)
        with pytest.raises(TokenUnavailable):
            await world.credentials.token(ACME)
        world.now += 3
    assert isinstance(await world.send(operation(conversation=SALES, body=PUBLIC)), Sent)


async def test_without_a_secret_only_a_client_on_this_machine_is_spoken_to(world: World) -> None:
    """The Agents Playground gives no tokens and wants none."""
    local = TeamsInstall("local", "tenant", "app")
    ended = await world.api.post(local, world.teams.service_url, "c", {"type": "message", "text": "hi"})
    assert isinstance(ended, Failed)
    assert [call.what for call in world.teams.calls] == ["post", "post"]
    assert {call.token for call in world.teams.calls} == {""}
    assert [violation[:4] for violation in world.teams.violations] == ["post", "post"]
    world.teams.violations.clear()


# ---------------------------------------------------------------- the fake itself


async def test_the_fake_refuses_what_teams_would(world: World) -> None:
    api, service = world.api, world.teams.service_url
    card = {"type": "AdaptiveCard", "version": "1.5", "body": [{"type": "TextBlock", "text": "[x](https://x)"}]}
    spoilt = {"contentType": "application/vnd.microsoft.card.adaptive", "content": {**card, "surprise": 1}}
    many = [{"type": "Action.Execute", "title": str(number)} for number in range(7)]
    crowded = {**spoilt, "content": {"type": "AdaptiveCard", "version": "1.5", "actions": many}}
    for activity, word in (
        ({"type": "message"}, "neither text nor card"),
        ({"type": "message", "text": "x", "attachments": [spoilt]}, "live markup"),
        ({"type": "message", "text": "x", "attachments": [crowded]}, "7 actions"),
        ({"type": "message", "attachments": [crowded]}, "without a summary"),
    ):
        assert isinstance(await api.post(ACME, service, SALES, activity), Ok)
        assert any(word in violation for violation in world.teams.violations), word
        world.teams.violations.clear()
    too_big = await api.post(ACME, service, SALES, {"type": "message", "text": "x" * 30_000})
    assert too_big == Failed("MessageSizeTooBig", 413)
    world.teams.violations.clear()
