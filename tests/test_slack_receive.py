"""Slack's way in: real HTTP and a real websocket from a fake Slack, a scripted turn behind."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

import pytest

from bot.answer import Answer
from bot.slack import receive
from bot.slack.install import Installs, SlackInstall
from bot.slack.profiles import Profiles
from bot.slack.receive import BODY_LIMIT
from handlers.conversation.reply import Choice, DateField, Form, Option, Reply, TextField
from handlers.conversation.request import Address, HomeOpened, Incoming, LogThis, Pressed, Said, Submitted
from tests.fakes.slack_world import ACME, EAST, ORG, World, world

__all__ = ["world"]

FORM = Form(
    "Log an activity",
    "tok-form",
    (TextField("account", "Account", value="Acme"), DateField("day", "Day", value="2026-11-18", optional=True)),
)


only_http = pytest.mark.parametrize("world", ["http"], indirect=True)


# ---------------------------------------------------------------- what people do


async def test_slash_command_is_answered_in_its_acknowledgement(world: World) -> None:
    shown = await world.slack.command("/log", "call AT&T & Söhne <now>", user="U1", channel="C1")
    assert shown is not None
    assert shown.only_to == "U1"
    assert "Logged: call with Acme" in shown.read
    assert shown.labels == ["Undo", "Edit"]
    incoming = world.last
    assert incoming.what == Said("call AT&T & Söhne <now>", command="log")
    assert (incoming.install, incoming.place, incoming.inline, incoming.can_open_form) == (
        "acme",
        "channel",
        True,
        True,
    )
    assert incoming.profile.email == "rae@example.com"
    assert incoming.profile.zone == "America/New_York"
    assert incoming.profile.member
    assert incoming.reply_to.only_to == "U1"
    assert incoming.reply_to.response_url


async def test_two_commands_have_two_keys(world: World) -> None:
    await world.slack.command("/log", "call Acme")
    await world.slack.command("/log", "call Acme")
    assert world.turns.taken[0].key != world.turns.taken[1].key


async def test_a_public_reply_is_for_the_channel(world: World) -> None:
    world.turns.answer = lambda _: Answer(reply=Reply("Acme won.", private=False))
    shown = await world.slack.command("/win", "Acme")
    assert shown is not None
    assert shown.public


async def test_people_mentioned_in_a_command_become_their_names(world: World) -> None:
    world.slack.add_user("U2", name="Dana Dimas")
    await world.slack.command("/log", "call with <@U2|dana> and <@U9|nina> at Acme", escape=False)
    assert world.last.what == Said("call with Dana Dimas and nina at Acme", command="log")


async def test_message_in_the_direct_chat(world: World) -> None:
    answered = await world.slack.say("log call Acme")
    assert answered.status == 200
    assert world.last.what == Said("log call Acme")
    assert world.last.place == "direct"
    assert world.last.reply_to == Address(conversation="D1")
    assert not world.last.inline
    assert not world.last.can_open_form


async def test_mention_in_a_thread_is_answered_in_it(world: World) -> None:
    await world.slack.mention(
        "log *call* <http://acme.com|acme.com> &amp; <mailto:jo@acme.com|jo@acme.com>", escape=False, thread_ts="1.1"
    )
    assert world.last.what == Said("log call acme.com & jo@acme.com")
    assert world.last.place == "channel"
    assert world.last.reply_to == Address(conversation="C1", thread="1.1", only_to="U1")


@pytest.mark.parametrize(
    "more",
    [
        {"bot_id": "B9"},
        {"subtype": "message_changed", "user": ""},
        {"subtype": "message_deleted"},
        {"subtype": "bot_message", "user": ""},
        {"user": "UBOT"},
        {"edited": {"user": "U1", "ts": "1.0"}},
        {"channel_type": "channel", "channel": "C1"},
    ],
)
async def test_what_is_no_new_word_of_a_person_is_left(world: World, more: dict[str, Any]) -> None:
    assert (await world.slack.say("log call Acme", **more)).status == 200
    assert world.turns.taken == []


async def test_events_that_are_not_handled_are_acknowledged(world: World) -> None:
    for event in ({"type": "reaction_added", "user": {"id": 5}}, {"type": "team_join"}, {}):
        assert (await world.slack.event(event)).status == 200
    assert world.turns.taken == []


async def test_button_on_an_ephemeral_message(world: World) -> None:
    shown = await world.slack.command("/log", "call Acme", channel="C1")
    assert shown is not None
    await world.slack.press(shown, "Undo")
    incoming = world.last
    assert incoming.what == Pressed("tok-undo")
    assert incoming.pressed_on is not None
    assert incoming.pressed_on.only_to == "U1"
    assert incoming.pressed_on.message == shown.ts
    assert incoming.pressed_on.response_url == incoming.reply_to.response_url != ""
    assert incoming.can_open_form


async def test_choices_as_buttons_and_as_a_menu(world: World) -> None:
    for count in (3, 12):
        options = tuple(Option(f"Acme {number}", str(number)) for number in range(count))
        question = Reply("Which Acme?", (Choice("Which Acme?", "tok-choice", options),))
        world.turns.answer = lambda incoming, question=question: Answer(reply=question if incoming.inline else None)
        shown = await world.slack.command("/log", "call Acme")
        assert shown is not None
        await world.slack.press(shown, "Acme 2")
        assert world.last.what == Pressed("tok-choice", "2")


@pytest.mark.parametrize("world", ["socket"], indirect=True)
async def test_what_no_database_takes_is_made_storable(world: World) -> None:
    """FAULT 41: Python's JSON lets half a surrogate pair through the websocket."""
    await world.slack.say("log call \ud800 and \0 at Ümläut 🎉")
    assert world.last.what == Said("log call ? and \u2400 at Ümläut 🎉")


async def test_home(world: World) -> None:
    await world.slack.open_home("U1")
    assert world.last.what == HomeOpened()
    assert world.last.place == "home"
    await world.slack.event({"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": "messages"})
    assert len(world.turns.taken) == 1
    view = {"type": "home", "blocks": [{"type": "actions", "elements": [_button("Undo", "tok-home")]}]}
    await world.slack.press(view, "Undo")
    assert world.last.what == Pressed("tok-home")
    assert world.last.pressed_on is None
    assert world.last.place == "home"


async def test_shortcut_hands_over_the_message_as_it_was_typed(world: World) -> None:
    world.slack.add_user("U2", name="Dana Dimas")
    await world.slack.shortcut("log", "*Called* <@U2> at `Acme` &amp; Co, see <https://a.example/x|notes>")
    assert world.last.what == LogThis(
        "log", "Called Dana Dimas at Acme & Co, see notes (https://a.example/x)", "Dana Dimas"
    )
    assert world.last.can_open_form
    assert world.last.reply_to.only_to == "U1"


# ---------------------------------------------------------------- forms


async def test_form_opens_is_sent_with_problems_and_then_closes(world: World) -> None:
    world.turns.answer = lambda incoming: Answer(form=FORM)
    assert await world.slack.command("/log", "") is None
    opened = await world.slack.next_modal()
    assert opened.view["private_metadata"] == "tok-form"
    assert opened.values == {"account": "Acme", "day": "2026-11-18"}
    assert world.turns.missed == []

    world.turns.answer = lambda incoming: Answer(problems={"account": "Who was it?", "no such field": "Also this."})
    await world.slack.submit(opened, {"account": "", "day": ""})
    assert world.last.what == Submitted("tok-form", {"account": "", "day": ""})
    assert opened.errors == {"account": "Who was it? Also this."}
    assert not opened.closed

    world.turns.answer = lambda incoming: Answer()
    await world.slack.submit(opened, {"account": "Globex"})
    assert world.last.what == Submitted("tok-form", {"account": "Globex", "day": "2026-11-18"})
    assert opened.closed


async def test_form_that_leads_to_another(world: World) -> None:
    world.turns.answer = lambda incoming: Answer(form=FORM)
    await world.slack.command("/log", "")
    opened = await world.slack.next_modal()
    await world.slack.submit(opened)
    assert opened.view["title"]["text"] == "Log an activity"
    assert not opened.closed


@pytest.mark.parametrize("fault", [{"error": "expired_trigger_id"}, {"status": 500}, {"drop": True}])
async def test_form_that_cannot_be_opened_is_offered_as_a_button(world: World, fault: dict[str, Any]) -> None:
    world.slack.inject("views.open", **fault)
    world.turns.answer = lambda incoming: Answer(form=FORM)
    await world.slack.command("/log", "")
    await world.receiver.drain()
    assert [form for _, form in world.turns.missed] == [FORM]


async def test_a_form_whose_save_is_late_says_so(world: World) -> None:
    world.turns.answer = lambda incoming: Answer(form=FORM)
    await world.slack.command("/log", "")
    opened = await world.slack.next_modal()
    world.turns.answer = lambda incoming: Answer(pending=True)
    answered = await world.slack.submit(opened)
    assert answered.body["response_action"] == "update"
    assert "Not saved yet" in json.dumps(opened.view)


# ---------------------------------------------------------------- acknowledging and redelivery


async def test_redelivery_has_the_same_key_and_is_never_dropped_by_its_header(world: World) -> None:
    event = {"type": "message", "channel_type": "im", "channel": "D1", "user": "U1", "text": "hi", "ts": "1.0"}
    for retry in range(4):
        assert (await world.slack.event(event, event_id="Ev1", retry=retry)).status == 200
    assert [incoming.key for incoming in world.turns.taken] == ["Ev1"] * 4


@only_http
async def test_an_event_that_is_not_committed_yet_is_sent_again_by_slack(world: World) -> None:
    world.turns.answer = lambda incoming: Answer(pending=True)
    assert (await world.slack.say("log call Acme")).status == 503


@only_http
async def test_a_turn_that_breaks_is_not_acknowledged(world: World) -> None:
    def broken(incoming: Incoming) -> Answer:
        raise RuntimeError("a bug")

    world.turns.answer = broken
    assert (await world.slack.say("log call Acme")).status == 500


@only_http
async def test_url_verification(world: World) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "c-1", "token": "t"}).encode()
    assert (await world.slack.post(body, world.slack.signed(body, "secret-east"))).body == {"challenge": "c-1"}


# ---------------------------------------------------------------- who signed it


@only_http
@pytest.mark.parametrize(
    "spoil",
    [
        lambda headers: headers | {"X-Slack-Signature": "v0=" + "0" * 64},
        lambda headers: headers | {"X-Slack-Signature": "v0=ä"},
        lambda headers: {name: value for name, value in headers.items() if name != "X-Slack-Signature"},
        lambda headers: {name: value for name, value in headers.items() if name != "X-Slack-Request-Timestamp"},
        lambda headers: headers | {"X-Slack-Request-Timestamp": "soon"},
        lambda headers: headers | {"X-Slack-Request-Timestamp": "9" * 400},
        lambda headers: headers | {"X-Slack-Request-Timestamp": "١٢٣"},
        lambda headers: headers | {"X-Slack-Request-Timestamp": ""},
        lambda headers: headers | {"X-Slack-Request-Timestamp": "1_7"},
    ],
)
@pytest.mark.parametrize(
    "body",
    [
        b"command=%2Flog&text=call&trigger_id=1&user_id=U1&channel_id=C1&team_id=T1",
        b'{"broken',
        b"\xff\xfe\xfd",
        b"ssl_check=1&token=x",
        b"[" * 100_000,
        b"",
    ],
)
async def test_unsigned_is_refused_before_anything_is_parsed(
    world: World, body: bytes, spoil: Callable[[dict[str, str]], dict[str, str]]
) -> None:
    """FAULT 30."""
    headers = spoil(world.slack.signed(body, ACME.signing_secret, form=True))
    assert (await world.slack.post(body, headers)).status == 401
    assert world.turns.taken == []


@only_http
@pytest.mark.parametrize(("off", "status"), [(-301, 401), (301, 401), (-299, 200), (299, 200)])
async def test_age_of_a_signature(world: World, off: int, status: int) -> None:
    """FAULT 30."""
    body = b'{"type": "event_callback", "event": {"type": "other"}}'
    headers = world.slack.signed(body, ACME.signing_secret, at=time.time() + off)
    assert (await world.slack.post(body, headers)).status == status


@only_http
@pytest.mark.parametrize(
    ("body", "form", "status"),
    [
        (b'{"broken', False, 400),
        (b"[1, 2]", False, 400),
        (b'"words"', False, 400),
        (b'{"a": "\xff"}', False, 400),
        (b"text=%ff%fe&command=/log", True, 400),
        (b"\xff=1", True, 400),
        (b"payload=%7Bbroken", True, 400),
        (b"payload=[]", True, 400),
        (b"[" * 200_000, False, 400),
        (b'{"a":' * 40_000, False, 400),
        (b"payload=" + b"[" * 200_000, True, 400),
        (b"a=1&" * 300_000, True, 413),
        (b"a&" * 60_000, True, 400),
        (b"x" * (BODY_LIMIT + 1), False, 413),
        (b"", False, 400),
        (b"ssl_check=1&token=x", True, 200),
        (b"command=/log&text=call", True, 400),
        (b'{"type": "event_callback", "event": {"type": "message"}, "event_id": "E", "team_id": "T1"}', False, 400),
        (b'{"type": "event_callback", "event": {"type": "message", "channel": 5}, "event_id": "E"}', False, 400),
        (b'{"type": "event_callback", "event": "message", "event_id": "E", "team_id": {"a": []}}', False, 200),
        (b'{"type": "block_actions", "user": [], "team": {"id": "T1"}}', False, 400),
        (b'{"type": "block_actions", "user": {"id": "U1"}, "team": {"id": "T1"}}', False, 400),
        (b'{"type": ["view_submission"], "authorizations": 5}', False, 400),
        (b'{"type": "url_verification", "challenge": {"a": 1}}', False, 200),
        (b'{"authorizations": [], "view": 5, "enterprise": 7, "team": "T1", "event": 3}', False, 400),
    ],
)
async def test_signed_nonsense_is_refused_at_once(world: World, body: bytes, form: bool, status: int) -> None:
    """FAULT 40: never 500."""
    headers = world.slack.signed(body, ACME.signing_secret, form=form)
    assert (await world.slack.post(body, headers)).status == status
    assert world.turns.taken == []


@only_http
async def test_other_content_is_refused(world: World) -> None:
    headers = world.slack.signed(b"<a/>", ACME.signing_secret) | {"Content-Type": "text/xml"}
    assert (await world.slack.post(b"<a/>", headers)).status == 400


# ---------------------------------------------------------------- whose it is


async def test_the_same_ids_in_two_installs_are_two_people(world: World) -> None:
    """FAULT 42."""
    world.slack.add_user("U1", name="Erin East", install=EAST)
    await world.slack.command("/log", "call Acme", user="U1", channel="C1", install=ACME)
    await world.slack.command("/log", "call Acme", user="U1", channel="C1", install=EAST)
    first, second = world.turns.taken
    assert (first.install, first.profile.name) == ("acme", "Rae Rep")
    assert (second.install, second.profile.name) == ("east", "Erin East")
    tokens = [call.token for call in world.slack.calls if call.method == "users.info"]
    assert tokens == ["xoxb-acme", "xoxb-east"]


async def test_an_install_that_is_not_listed_is_refused(world: World) -> None:
    """FAULT 42."""
    answered = await world.slack.send_command("/log", "call Acme", team_id="T999")
    assert "not one that I serve" in answered.body["text"]
    message = {"type": "message", "channel_type": "im", "channel": "D1", "user": "U1", "text": "hi", "ts": "1.0"}
    stranger = [{"team_id": "T999", "enterprise_id": None, "user_id": "UBOT", "is_enterprise_install": False}]
    assert (await world.slack.event(message, authorizations=stranger)).status == 200
    assert world.turns.taken == []
    assert world.slack.called("users.info") == []


async def test_one_install_cannot_speak_for_another(world: World) -> None:
    """FAULT 42: east's secret or connection signs an event that says it is acme's."""
    answered = await world.slack.send_command("/log", "call Acme", install=EAST, team_id="T1")
    assert "not one that I serve" in answered.body["text"]
    assert world.turns.taken == []


async def test_org_wide_installation(world: World) -> None:
    """FAULT 43: its events are its own, even where one of its workspaces is listed under the same id."""
    await world.slack.command("/log", "call Acme", install=ORG, team_id="T1")
    await world.slack.mention("hello", install=ORG, team_id="T1")
    assert [incoming.install for incoming in world.turns.taken] == ["org", "org"]
    assert all(incoming.profile.member for incoming in world.turns.taken)
    answered = await world.slack.send_command("/log", "call Acme", install=ORG, enterprise_id="E2")
    assert "not one that I serve" in answered.body["text"]


@pytest.mark.parametrize(
    "more",
    [
        {"is_stranger": True},
        {"is_restricted": True},
        {"is_ultra_restricted": True},
        {"is_bot": True},
        {"team_id": "T777"},
        {"deleted": True},
    ],
)
async def test_guests_and_strangers_are_no_members(world: World, more: dict[str, Any]) -> None:
    """FAULT 43."""
    world.slack.add_user("U5", name="Gus Guest", **more)
    await world.slack.mention("log call Acme", user="U5")
    assert world.last.profile.known
    assert not world.last.profile.member


async def test_a_slack_connect_stranger_is_known_by_the_event_alone(world: World) -> None:
    """FAULT 43: the authorization says whose channel it is, the user's team who they are."""
    await world.slack.mention("log call Acme", user="U6", user_team="T777", team_id="T777")
    assert world.last.install == "acme"
    assert not world.last.profile.member


@pytest.mark.parametrize("event", [{"type": "app_uninstalled"}, {"type": "tokens_revoked", "tokens": {"bot": ["U"]}}])
async def test_uninstalled(world: World, event: dict[str, Any]) -> None:
    """FAULT 44: from then on the install is a stranger, and its token is used no more."""
    await world.slack.command("/log", "call Acme")
    await world.slack.event(event)
    assert world.turns.removed == ["acme"]
    answered = await world.slack.send_command("/log", "call Acme")
    assert "not one that I serve" in answered.body["text"]
    assert len(world.turns.taken) == 1
    assert len(world.slack.called("users.info")) == 1
    assert (await world.slack.event(event)).status == 200
    assert world.turns.removed == ["acme"]
    await world.slack.command("/log", "call Acme", install=EAST)
    assert len(world.turns.taken) == 2


async def test_a_users_own_token_that_was_revoked_is_not_the_bots(world: World) -> None:
    await world.slack.event({"type": "tokens_revoked", "tokens": {"oauth": ["U1"]}})
    assert world.turns.removed == []


# ---------------------------------------------------------------- profiles


async def test_profile_is_asked_once_and_slack_is_never_asked_who_we_are(world: World) -> None:
    for _ in range(3):
        await world.slack.command("/log", "call Acme")
    assert len(world.slack.called("users.info")) == 1
    assert world.slack.called("auth.test") == []


async def test_profile_that_slack_does_not_tell_in_time(world: World) -> None:
    world.slack.inject("users.info", status=500, slow=0.2)
    impatient = Profiles(world.api, patience=0.05)
    assert (await impatient.of(ACME, "U1")).known is False
    world.slack.inject("users.info", error="fatal_error")
    await world.slack.command("/log", "call Acme")
    assert not world.last.profile.known
    assert world.last.profile.external_id == "U1"
    await world.slack.command("/log", "call Acme")
    assert world.last.profile.known


async def test_lines_keep_their_order_while_slack_is_slow_to_say_who_is_meant(world: World) -> None:
    """The first waits for a name that it mentions, the second for nothing; another person waits for neither."""
    await world.slack.say("hello")
    world.slack.add_user("U2", name="Dana Dimas")
    world.slack.inject("users.info", slow=0.3, do=True, when=lambda asked: asked["user"] == "U2")
    mentions = asyncio.create_task(world.slack.say("log call with <@U2> at Acme", escape=False))
    await world.slack.until(lambda: any(asked["user"] == "U2" for asked in world.slack.called("users.info")))
    await asyncio.gather(world.slack.say("undo"), world.slack.say("log call Initech", user="U3"), mentions)
    said = [incoming.what.text for incoming in world.turns.taken if isinstance(incoming.what, Said)]
    assert said == ["hello", "log call Initech", "log call with Dana Dimas at Acme", "undo"]


async def test_profile_is_asked_again_after_a_day_and_the_old_one_serves_while_slack_is_away(world: World) -> None:
    now = [0.0]
    profiles = Profiles(world.api, clock=lambda: now[0])
    assert (await profiles.of(ACME, "U1")).name == "Rae Rep"
    now[0] = 25 * 3600
    world.slack.add_user("U1", name="Rae Renamed")
    world.slack.inject("users.info", status=503)
    assert (await profiles.of(ACME, "U1")).name == "Rae Rep"
    assert (await profiles.of(ACME, "U1")).name == "Rae Renamed"


# ---------------------------------------------------------------- the websocket


@pytest.mark.parametrize("world", ["socket"], indirect=True)
async def test_socket_survives_a_refresh_and_an_abrupt_close(world: World) -> None:
    await world.slack.command("/log", "one")
    connections = len(world.slack.called("apps.connections.open"))
    old = set(world.slack._sockets["T1"])
    await world.slack.refresh()
    await world.slack.until(lambda: len(world.slack.called("apps.connections.open")) > connections)
    await world.slack.until(lambda: len(set(world.slack._sockets["T1"]) - old) == 1 == len(world.slack._sockets["T1"]))
    await world.slack.command("/log", "two")
    connections = len(world.slack.called("apps.connections.open"))
    await world.slack.hang_up("T1")
    await world.slack.until(lambda: len(world.slack.called("apps.connections.open")) > connections)
    await world.slack.command("/log", "three")
    assert [incoming.what.text for incoming in world.turns.taken if isinstance(incoming.what, Said)] == [
        "one",
        "two",
        "three",
    ]


@pytest.mark.parametrize("world", ["socket"], indirect=True)
async def test_socket_does_not_acknowledge_what_is_not_committed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.fakes.slack.PATIENCE", 1.0)
    world.turns.answer = lambda incoming: Answer(pending=True)
    assert (await world.slack.say("log call Acme")).status == 0


def test_installs_listed_twice_are_refused() -> None:
    with pytest.raises(ValueError, match="listed twice"):
        Installs([ACME, SlackInstall("other", "T1")])
    with pytest.raises(ValueError, match="give its team_id"):
        Installs([SlackInstall("none")])


def test_secrets_are_not_shown() -> None:
    """FAULT 48."""
    assert "xoxb" not in repr(ACME)
    assert "secret-acme" not in repr(ACME)


def _button(label: str, token: str) -> dict[str, Any]:
    return {"type": "button", "action_id": token, "text": {"type": "plain_text", "text": label}}


@pytest.mark.parametrize(
    "body",
    [
        "",
        "&&",
        "a=1&a=2",
        "text=call+Acme%2C+caf%C3%A9&empty=&bare",
        "a=b=c&%61=z&plus=%2B+%26",
        "payload=%7B%22a%22%3A+1%7D",
    ],
)
def test_a_form_is_read_as_urllib_reads_it(body: str) -> None:
    assert receive._fields(body) == dict(parse_qsl(body, keep_blank_values=True, errors="strict"))


def test_a_form_is_refused_that_is_too_long_or_no_text() -> None:
    with pytest.raises(ValueError, match="more fields"):
        receive._fields("&".join(f"f{number}=1" for number in range(receive.FIELD_LIMIT + 1)))
    with pytest.raises(ValueError, match="utf-8"):
        receive._fields("text=%FF")
