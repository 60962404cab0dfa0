"""The playground without its page: what a person does becomes an `Incoming`, what is sent becomes a message."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from bot.playground.room import INSTALL, NotHere, Room
from bot.playground.transcript import CHANNEL, KEPT, PACER, Shown, direct
from handlers.conversation.company import Company
from handlers.conversation.reply import Reply
from handlers.conversation.request import Address, HomeOpened, LogThis, Pressed, Said, Submitted
from scheduled.sending import NotThere, Operation, Refused, Sent
from tests.browser.scripted import COMMANDS, FORM, HOME, LOGGED, PEOPLE, Scripted

REP, MANAGER = PEOPLE[0], PEOPLE[1]
NOW = datetime(2026, 11, 18, 15, 42, tzinfo=UTC)
DIRECT = direct("rep")


def make_room(prefix: str = "") -> tuple[Room, Scripted]:
    turns = Scripted()
    room = Room(
        turns=turns,
        commands=COMMANDS,
        people=PEOPLE,
        clock=lambda: NOW,
        company=Company(command_prefix=prefix, domains=frozenset({"demo.example"})),
    )
    turns.sender = room.sender
    return room, turns


def operation(kind: str, address: Address, text: str = "Hello", id: str = "op1", user: str = "rep") -> Operation:
    return Operation(
        id=id, key="key", operation=kind, install=INSTALL, address=address, user=user, body=Reply(text=text)
    )


async def test_a_direct_line_becomes_an_incoming_with_the_profile() -> None:
    room, turns = make_room()
    back = await room.say(REP, DIRECT, "call Acme")
    (incoming,) = turns.heard
    assert incoming.install == "playground"
    assert incoming.what == Said("call Acme")
    assert (incoming.place, incoming.inline, incoming.can_open_form) == ("direct", False, True)
    assert incoming.reply_to == Address(conversation=DIRECT)
    assert (incoming.profile.email, incoming.profile.zone) == (REP.email, REP.zone)
    assert [reply.text for reply in back.replies] == ["You said: call Acme"]
    assert [(message.author, message.text) for message in room.transcript.seen_by("rep")] == [
        ("rep", "call Acme"),
        (PACER, "You said: call Acme"),
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("/log call Acme", Said("call Acme", command="log")),
        ("/LOG  call\nAcme", Said("call\nAcme", command="log")),
        ("/undo", Said("", command="undo")),
        ("/pacer log call Acme", Said("log call Acme", command="")),
    ],
)
async def test_a_slash_command_is_answered_in_the_response(line: str, said: Said) -> None:
    room, turns = make_room()
    await room.say(REP, DIRECT, line)
    assert turns.heard[0].what == said
    assert turns.heard[0].inline


async def test_the_prefix_of_the_commands_is_taken_off() -> None:
    room, turns = make_room(prefix="acme-")
    await room.say(REP, DIRECT, "/acme-log call Acme")
    assert turns.heard[0].what == Said("call Acme", command="log")


async def test_an_unknown_slash_command_is_said_as_typed() -> None:
    room, turns = make_room()
    await room.say(REP, DIRECT, "/lgo call Acme")
    assert turns.heard[0].what == Said("/lgo call Acme")
    assert not turns.heard[0].inline


async def test_in_the_channel_pacer_hears_only_what_is_meant_for_it() -> None:
    room, turns = make_room()
    await room.say(REP, CHANNEL, "Lunch, anyone? mail me at team@pacer.example")
    assert turns.heard == []
    await room.say(REP, CHANNEL, "@Pacer, log call Acme")
    await room.say(REP, CHANNEL, "log call Acme @pacer")
    assert [incoming.what for incoming in turns.heard] == [Said("log call Acme"), Said("log call Acme")]
    assert {incoming.place for incoming in turns.heard} == {"channel"}
    assert "Lunch" in room.transcript.seen_by("manager")[0].text


async def test_a_private_answer_in_the_channel_is_seen_by_that_person_only() -> None:
    room, _ = make_room()
    await room.say(REP, CHANNEL, "/log call Acme")
    await room.say(REP, CHANNEL, "@Pacer hello")
    assert [message.text for message in room.transcript.seen_by("manager")] == ["@Pacer hello"]
    mine = [(message.author, message.only_to) for message in room.transcript.seen_by("rep")]
    assert mine == [("rep", "rep"), (PACER, "rep"), ("rep", ""), (PACER, "rep")]


async def test_a_public_answer_is_seen_by_everybody() -> None:
    room, _ = make_room()
    await room.say(REP, CHANNEL, "@Pacer public")
    assert [message.text for message in room.transcript.seen_by("manager")] == ["@Pacer public", "For all to see."]


async def test_a_button_carries_its_message_and_the_message_is_replaced() -> None:
    room, turns = make_room()
    back = await room.say(REP, DIRECT, "which")
    (asked,) = back.messages
    back = await room.press(REP, asked.id, "which", "1")
    incoming = turns.heard[-1]
    assert incoming.what == Pressed("which", "1")
    assert incoming.pressed_on == Address(conversation=DIRECT, message=asked.id)
    assert back.replies == [Reply(text="Pressed which 1.")]
    shown = room.transcript.get(asked.id)
    assert shown is not None
    assert (shown.text, shown.edited) == ("Pressed which 1.", True)
    assert len(room.transcript.seen_by("rep")) == 2


async def test_a_private_button_in_the_channel_says_whose_message_it_is_on() -> None:
    room, turns = make_room()
    back = await room.say(REP, CHANNEL, "/log call Acme")
    (logged,) = back.messages
    await room.press(REP, logged.id, "undo")
    assert turns.heard[-1].pressed_on == Address(conversation=CHANNEL, message=logged.id, only_to="rep")
    with pytest.raises(NotHere):
        await room.press(MANAGER, logged.id, "undo")


async def test_a_form_opens_and_its_problems_come_back() -> None:
    room, turns = make_room()
    logged = (await room.say(REP, DIRECT, "/log call Acme")).messages[0]
    assert (await room.press(REP, logged.id, "edit")).form == FORM
    back = await room.submit(REP, "form", {"account": "?"}, message=logged.id)
    assert set(back.problems) == {"account"}
    back = await room.submit(REP, "form", {"account": "Acme"}, message=logged.id)
    assert back.replies == [LOGGED]
    assert turns.heard[-1].what == Submitted("form", {"account": "Acme"})
    assert turns.heard[-1].pressed_on == Address(conversation=DIRECT, message=logged.id)


async def test_a_shortcut_hands_over_the_words_of_the_message() -> None:
    room, turns = make_room()
    await room.say(MANAGER, CHANNEL, "Just had lunch with Acme")
    message = room.transcript.seen_by("rep")[0]
    assert (await room.shortcut(REP, message.id, "log")).form == FORM
    assert turns.heard[-1].what == LogThis("log", "Just had lunch with Acme", MANAGER.name)
    assert turns.heard[-1].place == "channel"


async def test_home_is_drawn_by_the_sender() -> None:
    room, turns = make_room()
    back = await room.open_home(REP)
    assert isinstance(turns.heard[-1].what, HomeOpened)
    assert back.home == HOME == room.transcript.homes["rep"]
    await room.press(REP, "home", "open")
    assert (turns.heard[-1].place, turns.heard[-1].pressed_on) == ("home", None)
    assert turns.heard[-1].reply_to == Address(conversation=DIRECT)


async def test_the_same_thing_sent_twice_is_one_event_and_one_line() -> None:
    room, turns = make_room()
    for _ in range(2):
        await room.say(REP, DIRECT, "/log call Acme", key="once")
    assert len(turns.heard) == 1
    assert len(room.transcript.seen_by("rep")) == 2


async def test_the_same_key_of_two_people_is_two_events() -> None:
    room, turns = make_room()
    await room.say(REP, CHANNEL, "@Pacer hello", key="same")
    await room.say(MANAGER, CHANNEL, "@Pacer hello", key="same")
    assert len({incoming.key for incoming in turns.heard}) == 2


async def test_a_line_that_broke_the_turn_is_not_shown_as_said() -> None:
    room, _ = make_room()
    with pytest.raises(RuntimeError):
        await room.say(REP, DIRECT, "boom")
    assert room.transcript.seen_by("rep") == []


async def test_nobody_speaks_in_another_person_s_chat() -> None:
    room, _ = make_room()
    with pytest.raises(NotHere):
        await room.say(MANAGER, DIRECT, "hello")


async def test_what_is_delivered_later_is_waited_for() -> None:
    room, _ = make_room()

    class Slow(Scripted):
        async def _send(self, *arguments: object) -> None:
            loop = asyncio.get_running_loop()
            loop.call_soon(lambda: tasks.append(loop.create_task(super(Slow, self)._send(*arguments))))  # type: ignore[arg-type]

    tasks: list[asyncio.Task[None]] = []
    slow = Slow(sender=room.sender)
    room._turns = slow
    assert (await room.say(REP, DIRECT, "hello", wait=30)).replies == [Reply(text="You said: hello")]


@pytest.mark.parametrize("name", ["rep", "Priya Nair", "priya", "PRIYA@demo.example", "tom o'brien", "leader"])
def test_people_are_found_by_what_one_calls_them(name: str) -> None:
    room, _ = make_room()
    assert room.person(name) in PEOPLE


def test_a_name_that_nobody_has_is_named() -> None:
    room, _ = make_room()
    with pytest.raises(NotHere, match="Zoe is not in the playground"):
        room.person("Zoe")


async def test_a_message_for_a_person_goes_to_their_direct_chat() -> None:
    room, _ = make_room()
    sent = await room.sender.send(operation("post", Address()))
    assert sent == Sent(Address(conversation=DIRECT, message="m-op1"))
    assert await room.sender.find(operation("post", Address())) == sent
    assert await room.sender.find(operation("post", Address(), id="other")) == NotThere()


async def test_updates_keep_the_place_and_deletes_take_away() -> None:
    room, _ = make_room()
    await room.sender.send(operation("post", Address(conversation=CHANNEL, only_to="rep")))
    there = Address(conversation=CHANNEL, message="m-op1")
    await room.sender.send(operation("update", there, "Changed"))
    (message,) = room.transcript.seen_by("rep")
    assert (message.text, message.only_to, message.edited) == ("Changed", "rep", True)
    await room.sender.send(operation("delete", there))
    await room.sender.send(operation("delete", there))
    assert room.transcript.seen_by("rep") == []


async def test_an_update_of_a_message_from_before_a_restart_shows_it_again() -> None:
    room, _ = make_room()
    await room.sender.send(operation("update", Address(conversation=DIRECT, message="m-old"), "As it stands now"))
    assert [message.text for message in room.transcript.seen_by("rep")] == ["As it stands now"]


async def test_an_operation_that_is_not_known_is_refused() -> None:
    room, _ = make_room()
    assert isinstance(await room.sender.send(operation("dance", Address())), Refused)


def test_conversations_have_their_own_lane_and_no_limits() -> None:
    room, _ = make_room()
    assert room.sender.lane(operation("post", Address())) == DIRECT
    assert room.sender.lane(operation("post", Address(conversation=CHANNEL))) == CHANNEL
    assert room.sender.lane_interval == 0
    assert room.sender.install_per_minute == float("inf")


def test_old_messages_leave() -> None:
    room, _ = make_room()
    for number in range(KEPT + 3):
        room.transcript.put(Shown(id=f"{number}", conversation=CHANNEL, author="rep", at=NOW))
    assert room.transcript.seen_by("rep")[0].id == "3"
