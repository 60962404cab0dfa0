"""Conversations about `/kudos`: who is thanked hears of it, and nobody else of what is private."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from bot.playground.room import INSTALL
from bot.playground.transcript import CHANNEL
from bot.slack import render as slack
from bot.teams import render as teams
from handlers.conversation.access import Allowed, KudosOf, may
from handlers.conversation.company import Thanks
from handlers.conversation.request import Actor
from storage import people
from storage.database import Transaction
from tests.chat import COMPANY, Chat, Heard, Speaker

GIVEN = "/kudos Max Stone for the demo rescue #customer-first"
HOSTILE = "<!channel> <@U1> @everyone <at>Ada</at> [free](https://evil.example) *bold* ${x}"


@pytest.fixture
def posting(database_url: str) -> Iterator[Chat]:
    """The same company with a channel for kudos, and two kudos a month."""
    kudos = Thanks(install=INSTALL, conversation=CHANNEL, monthly=2)
    talking = Chat(database_url, msgspec.structs.replace(COMPANY, kudos=kudos))
    yield talking
    talking.close()


def test_a_tag_that_is_no_value_is_said_to_be_none(chat: Chat) -> None:
    asked = chat.rep("/kudos @Max Stone for staying late #teamwork")
    asked.says("#teamwork is none of our values. Which of them was it?").press("Customer first").says("Customer first")
    chat.rep("/kudos Max Stone")
    chat.rep("for the push #fun #teamwork").says("#fun and #teamwork are none of our values.")


def add(chat: Chat, *names: str) -> None:
    """Further colleagues."""

    def write(tx: Transaction) -> None:
        for name in names:
            email = f"{name.replace(' ', '.').lower()}@test.example"
            people.add(tx, name=name, email=email, at=chat.now, imported=True)

    chat.database.submit(write).result()


def hear(chat: Chat) -> None:
    """What waits to be said is said, as far as the gate lets it through."""
    chat.run(chat.core.say_what_is_due())
    chat.run(chat.core.delivery.idle())


def told(chat: Chat, who: Speaker) -> str:
    hear(chat)
    return who.inbox()[-1] if who.inbox() else ""


def in_channel(chat: Chat) -> list[str]:
    return [shown.text for shown in chat.shown(chat.admin) if shown.conversation == CHANNEL]


# ---------------------------------------------------------------- given


def test_kudos_reach_who_is_thanked_with_the_reason_and_the_value(chat: Chat) -> None:
    chat.rep(GIVEN).says("You thanked Max Stone: “the demo rescue” (Customer first).", "I tell them.", "19 people")
    said = told(chat, chat.manager)
    assert said.startswith("Rae Quinn thanks you: “the demo rescue” (Customer first).")
    assert "Your colleagues can see this." in said
    why = latest_button(chat, chat.manager, "Why this?")
    why.says("You got this because a colleague has thanked you.")


def latest_button(chat: Chat, who: Speaker, label: str) -> Heard:
    """Press what is labelled so on the latest message."""
    for shown in reversed(chat.shown(who)):
        for part in shown.reply.parts if shown.reply else ():
            for button in getattr(part, "buttons", ()):
                if button.label == label:
                    return who.press(shown.id, button.token)
    raise AssertionError(f"nothing is labelled {label!r}")


def test_they_count_against_nobodys_cap(chat: Chat) -> None:
    for reason in ("the demo", "the quote", "the call"):
        chat.rep(f"/kudos Max for {reason} #one-team")
        hear(chat)
    assert sum("thanks you" in said for said in chat.manager.inbox()) == 3


@pytest.mark.parametrize(
    ("line", "to", "reason"),
    [
        ("/kudos @max for the demo rescue #own-it", "Max Stone", "the demo rescue"),
        ("/kudos max #OwnIt the demo rescue", "Max Stone", "the demo rescue"),
        ("/kudos Max Stone: stayed late for the demo #own-it", "Max Stone", "stayed late for the demo"),
        ("/kudos to max.stone and @lee because of the demo #own-it", "Max Stone and Lee Park", "the demo"),
        ("/kudos Max Stone Lee Park for a demo, on a Sunday #own-it", "Max Stone and Lee Park", "a demo, on a Sunday"),
        ("/kudos @max @lee, @ada saved the week #own-it", "Max Stone, Lee Park and Ada Wu", "saved the week"),
        ("kudos to max@test.example for the demo #own-it", "Max Stone", "the demo"),
        ("thanks to Max for the demo with Acme #own-it", "Max Stone", "the demo with Acme"),
        ("thank Max for 3 calls to Initech yesterday #own-it", "Max Stone", "3 calls to Initech yesterday"),
        ("/kudos Max for #grit in the demo #own-it", "Max Stone", "#grit in the demo"),
    ],
)
def test_how_it_may_be_said(chat: Chat, line: str, to: str, reason: str) -> None:
    if "max.stone" in line:
        line = line.replace("max.stone", "max")
    chat.rep(line).says(f"You thanked {to}: “{reason}” (Own it).")


def test_thanks_by_name_without_to_are_kudos_where_the_name_is_somebodys(chat: Chat) -> None:
    for line, whom in {
        "thanks Max for the intro at Globex #one-team": "Max Stone",
        "Thank you Max Stone for the demo rescue #own-it": "Max Stone",
        "thank you @lee and Max for the quote #own-it": "Lee Park and Max Stone",
        "thanks so much, Max, because you stayed late #one-team": "Max Stone",
    }.items():
        chat.rep(line).says(f"You thanked {whom}: “").lacks("thanks Max", "hank you")
    chat.rep("thanks max for the intro").says("Which of our values was it?").press("One team").says("the intro")
    count = len(chat.rows("SELECT id FROM kudos"))
    for line in ("thanks a lot for the help", "thank you Pacer for the report", "thanks Zebulon for the call"):
        chat.rep(line).lacks("You thanked", "Which of our values")
    assert len(chat.rows("SELECT id FROM kudos")) == count == 5
    chat.manager("who thanked me?").says("Kudos that you received: ", "the demo rescue")


@pytest.mark.parametrize("line", ["thanks for the help", "thank you for the demo", "thanks", "thanks to you for that"])
def test_thanks_to_pacer_are_no_kudos(chat: Chat, line: str) -> None:
    chat.rep(line).lacks("You thanked", "Whom do you thank", "nobody called")
    assert chat.rows("SELECT id FROM kudos") == []


PRIVATELY = (
    ("/kudos Max privately for the word #own-it",),
    ("/kudos @Max privately: the word #own-it",),
    ("/kudos Max, privately, for the word #own-it",),
    ("/kudos Max in private for the word #own-it",),
    ("thanks to Max privately for the word #own-it",),
    ("/kudos Max for the word privately #own-it",),
    ("private kudos to Max for the word #own-it",),
    ("/kudos Bob privately for the word #own-it", "Max"),
    ("/kudos Bob for the word #own-it", "Max, privately"),
    ("/kudos Max #own-it", "privately: the word"),
    ("/kudos Max", "for the word #own-it (privately)"),
    ("/kudos Max #own-it", "privately", "the word"),
)


def test_private_wherever_the_word_marks_it_and_asked_where_it_may(database_url: str) -> None:
    kudos = Thanks(install=INSTALL, conversation=CHANNEL, monthly=0)
    chat = Chat(database_url, msgspec.structs.replace(COMPANY, kudos=kudos))
    try:
        for lines in PRIVATELY:
            for line in lines:
                heard = chat.rep(line)
            heard.says("You thanked Max Stone: “the word” (Own it).", "only you and Max Stone can see it")
        asked = chat.rep("/kudos Max for privately helping me #own-it").says("Who can see it?")
        asked.press("Only you and Max Stone").says("“privately helping me”", "only you and Max Stone can see it")
        assert in_channel(chat) == []
        chat.rep("/kudos Max for the private equity deal #own-it").says("Who can see it?")
        chat.rep("everybody").says("it is posted")
        chat.rep("/kudos Max #own-it")
        chat.rep("yes").says("could not tell", "Your thanks to Max Stone still wait for a reason.")
        chat.rep("Lee: is hard to work with").says("Who can see it?")
        chat.rep("never mind").says("Dropped", "Your words were: Max #own-it: Lee: is hard to work with")
        assert len(in_channel(chat)) == 1
    finally:
        chat.close()


ANOTHERS = {
    "note about Max: RAISE": "only for you: RAISE",
    "note about Max RAISE": "only for you: RAISE",
    "note about Lee: RAISE": "Your words were: RAISE",
    "called Acme 30 min": "Logged: call with Acme",
    "won Acme 50k": "Won: Acme Corporation",
    "how am I doing": "You",
    "stop": "“stop”",
    "I am sick today": "Your leave",
    "my notes": "Your notes",
    "thanks to Lee for the call #own-it": "You thanked Lee Park",
}
"""A line for another command -> what it answers."""


def test_while_a_reason_is_awaited_a_line_for_another_command_goes_there(posting: Chat) -> None:
    posting.rep("/kudos Max #own-it").says("It is posted in the channel for kudos")
    for line, answer in ANOTHERS.items():
        posting.rep(line).says(answer, "Your thanks to Max Stone still wait for a reason.")
    posting.rep("the demo with Acme").says("You thanked Max Stone: “the demo with Acme” (Own it).")
    assert len(in_channel(posting)) == 2
    assert "RAISE" not in " ".join(in_channel(posting))


def test_undo_takes_back_what_came_last(posting: Chat) -> None:
    posting.rep("/kudos Bob for the quote #own-it").says("nobody called")
    posting.rep("/kudos Max for the demo #own-it").says("You thanked")
    posting.rep("undo").says("Taken back: Rae Quinn thanks Max Stone: “the demo”")
    posting.rep("/kudos Bob for the quote #own-it").says("nobody called")
    posting.rep("undo").says("Dropped", "Bob for the quote")


def test_a_reason_that_is_too_long_comes_back(posting: Chat) -> None:
    posting.rep("/kudos Max #own-it")
    posting.rep("long " * 101).says(f"Your words were: Max #own-it: {('long ' * 101).strip()}", "still wait")
    posting.rep("short").says("“short” (Own it)")


# ---------------------------------------------------------------- asked for


def test_what_is_missing_is_asked_for_one_after_the_other(chat: Chat) -> None:
    asked = chat.rep("/kudos Max")
    asked.says("What do you thank Max Stone for?", "“Max” is not stored yet.")
    asked = chat.rep("the demo rescue")
    asked.says("Which of our values was it?")
    assert asked.buttons == ["Customer first", "One team", "Own it", "Keep learning", "Never mind"]
    asked.press("One team").says("You thanked Max Stone: “the demo rescue” (One team).")


def test_the_value_may_be_written(chat: Chat) -> None:
    chat.rep("/kudos Max for the demo #bravery").says("#bravery is none of our values. Which of them was it?")
    chat.rep("customer first").says("You thanked Max Stone: “the demo #bravery” (Customer first).")


def test_who_is_not_known_is_asked_about(chat: Chat) -> None:
    asked = chat.rep("/kudos Mr Stone for the demo #own-it")
    asked.says("I know nobody called “Mr Stone”. Whom do you thank?")
    assert "Max Stone" in asked.buttons
    asked.press("Max Stone").says("You thanked Max Stone: “the demo”")


def test_who_is_ambiguous_is_asked_about(chat: Chat) -> None:
    add(chat, "Sam Okafor", "Sam Reed")
    asked = chat.rep("/kudos Max and Sam for the demo #own-it").says("Which Sam do you thank?")
    assert asked.buttons == ["Sam Okafor", "Sam Reed", "Never mind"]
    chat.rep("sam reed").says("You thanked Max Stone and Sam Reed: “the demo”")


def test_two_of_one_name_are_told_apart_by_their_address(chat: Chat) -> None:
    def write(tx: Transaction) -> None:
        for mail in ("a", "b"):
            people.add(tx, name="Sam Reed", email=f"{mail}@test.example", at=chat.now, imported=True)

    chat.database.submit(write).result()
    asked = chat.rep("/kudos Sam Reed for the demo #own-it").says("Which Sam Reed do you thank?")
    assert asked.buttons == ["Sam Reed (a@test.example)", "Sam Reed (b@test.example)", "Never mind"]


def test_never_mind(chat: Chat) -> None:
    chat.rep("/kudos Max for the demo").press("Never mind").says("Dropped, and nothing was stored.")
    assert chat.rows("SELECT id FROM kudos") == []


# ---------------------------------------------------------------- refused


def test_not_to_oneself(chat: Chat) -> None:
    chat.rep("/kudos Rae and Max for the demo #own-it").says("Kudos go to somebody else", "Rae and Max for the demo")
    assert chat.rows("SELECT id FROM kudos") == []


def test_a_month_has_so_many(posting: Chat) -> None:
    posting.rep("/kudos Max and Lee for the demo #own-it").says("Kudos left this month: 0 people.")
    posting.rep("/kudos Ada for the report #own-it").says(
        "You have given this month's kudos: 2 of 2.", "Ada for the report"
    )
    posting.later(days=14)
    posting.rep("/kudos Ada for the report #own-it").says("You thanked Ada Wu", "1 person.")
    posting.rep("/kudos Max and Lee for it #own-it").says("You have kudos for 1 more this month, and these are 2.")


def test_what_was_taken_back_is_there_to_be_given_again(posting: Chat) -> None:
    posting.rep("/kudos Max and Lee for the demo #own-it")
    latest_button(posting, posting.rep, "Undo").says("Taken back")
    posting.rep("/kudos Ada for the report #own-it").says("1 person.")


def test_a_long_reason_comes_back(chat: Chat) -> None:
    chat.rep(f"/kudos Max for {'a' * 600} #own-it").says("The reason is 600 characters long and I take 500.", "aaa")


# ---------------------------------------------------------------- in the channel


def test_public_ones_are_posted_and_private_ones_are_not(posting: Chat) -> None:
    posting.rep("/kudos Max for the demo #own-it").says("posted in the channel for kudos")
    assert in_channel(posting) == ["Rae Quinn thanks Max Stone: “the demo” (Own it)."]
    posting.rep("/kudos privately Lee for the advice #own-it").says("only you and Lee Park can see it")
    posting.later(minutes=1)
    assert len(in_channel(posting)) == 1
    assert "Only you and Rae Quinn can see this." in told(posting, posting.leader)


def test_what_was_taken_back_is_taken_back_everywhere(posting: Chat) -> None:
    posting.rep("/kudos Max for the demo #own-it")
    assert "Rae Quinn thanks you" in told(posting, posting.manager)
    latest_button(posting, posting.rep, "Undo").says(
        "Taken back: Rae Quinn thanks Max Stone", "Max Stone may have read it already"
    )
    assert in_channel(posting) == ["These kudos were taken back."]
    assert told(posting, posting.manager) == "These kudos were taken back."
    posting.rep("undo").says("taken back already")


def test_who_was_not_told_yet_is_not_told(chat: Chat) -> None:
    chat.rep(GIVEN)
    chat.rep("undo").says("Taken back: Rae Quinn thanks Max Stone").lacks("may have read it")
    assert "thanks you" not in told(chat, chat.manager)


def test_undo_has_its_time(chat: Chat) -> None:
    given = chat.rep(GIVEN)
    chat.later(minutes=61)
    chat.rep("undo").says("Your latest kudos are more than 60 minutes old, so they stay")
    given.press("Undo").says("good until")


def test_the_same_button_twice(chat: Chat) -> None:
    given = chat.rep(GIVEN)
    given.press("Undo").says("Taken back")
    given.press("Undo").says("That was done already")


# ---------------------------------------------------------------- forms


def test_the_form(posting: Chat) -> None:
    form = posting.rep("/kudos")
    assert [field.name for field in form.form.fields] == ["who", "reason", "value", "sees"]
    assert "You have kudos for 2 more this month." in form.form.intro
    form.fill(who="Nobody Here", reason="", value="").problem("who", "I know no person called “Nobody Here”.")
    form.fill(who="Rae", reason="a", value="own-it").problem("who", "somebody else")
    form.fill(who="Max", reason=" ", value="own-it").problem("reason", "Say what")
    form.fill(who="Max", reason="it", value="").problem("value", "Choose one: Customer first")
    form.fill(who="Max, Lee and Ada", reason="it", value="own-it").problem("who", "You have kudos for 2 more")
    form.fill(who="Max, Lee", reason="the demo", value="own-it", sees="us").says("You thanked Max Stone and Lee Park")
    assert in_channel(posting) == []


def test_thank_for_this_takes_the_messages_words(chat: Chat) -> None:
    chat.rep("log call Acme", channel=True)
    message = next(one for one in chat.room.transcript.seen_by("rae") if one.conversation == CHANNEL)
    opened = chat.manager.shortcut(message.id, "kudos")
    assert next(field.value for field in opened.form.fields if field.name == "reason") == message.text  # type: ignore[union-attr]
    opened.fill(who="Rae", value="customer-first").says("You thanked Rae Quinn")


# ---------------------------------------------------------------- who sees it

RAE, MAX, ADA = (
    Actor(name, name, "", frozenset({role})) for name, role in (("r", "rep"), ("m", "rep"), ("a", "admin"))
)
PUBLIC, PRIVATE = KudosOf("r", frozenset("m"), private=False), KudosOf("r", frozenset("m"), private=True)
PEER = Actor("p", "p", "", frozenset({"rep"}))
MANAGER = Actor("x", "x", "", frozenset({"manager", "leader"}), frozenset({"r", "m", "p"}))


@pytest.mark.parametrize(
    ("actor", "action", "of", "allowed"),
    [
        *((one, "see kudos", PUBLIC, True) for one in (RAE, MAX, ADA, PEER, MANAGER)),
        (RAE, "see kudos", PRIVATE, True),
        (MAX, "see kudos", PRIVATE, True),
        (PEER, "see kudos", PRIVATE, False),
        (MANAGER, "see kudos", PRIVATE, False),
        (ADA, "see kudos", PRIVATE, False),
        *((RAE, "take kudos back", of, True) for of in (PUBLIC, PRIVATE)),
        *((one, "take kudos back", PUBLIC, False) for one in (MAX, PEER, MANAGER, ADA)),
    ],
)
def test_who_may_what(actor: Actor, action: str, of: KudosOf, allowed: bool) -> None:
    assert isinstance(may(actor, action, of), Allowed) is allowed


def test_lists(chat: Chat) -> None:
    chat.rep("/kudos list").says("You have received none yet.", "You have given none yet")
    chat.rep(GIVEN)
    chat.leader("/kudos max for the frank word #own-it privately")
    chat.rep("/kudos list").says("Kudos that you gave: Wed, Nov 18, to Max Stone: “the demo rescue” (Customer first).")
    mine = chat.manager("my kudos").says("“the frank word” (Own it, private)", "Rae Quinn: “the demo rescue”")
    assert "Give kudos" in mine.buttons
    for other in (chat.admin, chat.rep):
        other("/kudos list Max").says("Kudos that Max Stone received", "the demo rescue").never(
            "frank word", "Lee Park"
        )
    chat.leader("/kudos list Max").says("the frank word")
    chat.rep("/kudos list Zed").says("I know no person called “Zed”.")


# ---------------------------------------------------------------- inert


def test_what_stands_in_a_reason_mentions_nobody_on_either_platform(posting: Chat) -> None:
    posting.rep(f"/kudos Max for {HOSTILE} #own-it").says("You thanked Max Stone")
    (post,) = [one for one in posting.shown(posting.admin) if one.conversation == CHANNEL]
    hear(posting)
    replies = [post.reply, posting.shown(posting.manager)[-1].reply]
    for reply in replies:
        assert reply is not None
        assert HOSTILE in reply.text
        for piece in texts(slack.message(reply)):
            assert not any(live in piece for live in ("<!channel>", "<@U1>", "<https")), piece
        card = teams.message(reply, {})
        assert not any(one["type"] == "mention" for one in card.get("entities", ()))
        assert not any("](https" in piece for piece in marked_up(card))


def texts(made: Any) -> Iterator[str]:
    """Every string that Slack would draw as markup."""
    match made:
        case dict():
            for name, value in made.items():
                if not (made.get("type") in ("plain_text", "text") and name == "text"):
                    yield from texts(value)
        case list() | tuple():
            for each in made:
                yield from texts(each)
        case str():
            yield made


def marked_up(made: Any) -> Iterator[str]:
    """The texts of a card that Teams draws as Markdown."""
    match made:
        case dict():
            if made.get("type") == "TextBlock":
                yield made["text"]
            for value in made.values():
                yield from marked_up(value)
        case list() | tuple():
            for each in made:
                yield from marked_up(each)


def test_it_arrives_once(chat: Chat) -> None:
    chat.rep(GIVEN, key="e1")
    chat.rep(GIVEN, key="e1")
    hear(chat)
    assert len(chat.rows("SELECT id FROM kudos")) == 1
    assert sum("thanks you" in said for said in chat.manager.inbox()) == 1


def test_who_was_thanked_under_two_names_is_thanked_once(chat: Chat) -> None:
    """A newcomer who turns out to be a colleague takes their kudos along."""
    chat.newcomer("hello")
    chat.rep("/kudos Nia Vale and Nia Vail for the demo #own-it").says("You thanked Nia Vale and Nia Vail")

    def link(tx: Transaction) -> None:
        known = people.identity(tx, INSTALL, "new")
        planned = people.by_email(tx, "nia.vail@test.example")
        assert known
        assert planned
        people.link(tx, known.id, planned)

    chat.database.submit(link).result()
    assert len(chat.rows("SELECT person FROM kudos_people")) == 1


# ---------------------------------------------------------------- two at once


def test_thanks_that_wait_for_their_reason_wait_on_behind_newer_ones(chat: Chat) -> None:
    chat.rep("/kudos Max Stone #own-it").says("What do you thank Max Stone for?")
    chat.rep("/kudos Lee #one-team").says("What do you thank Lee Park for?")
    chat.rep("the quote on Sunday").says(
        "You thanked Lee Park: “the quote on Sunday”", "Your thanks to Max Stone still wait for a reason."
    )
    chat.rep("the demo rescue").says("You thanked Max Stone: “the demo rescue” (Own it).").lacks("still wait")


def test_thanks_that_wait_for_a_name_wait_on_behind_newer_ones(chat: Chat) -> None:
    chat.rep("/kudos for the demo rescue #customer-first").says("Whom do you thank?")
    chat.rep("/kudos Zebulon for the call #own-it").says("Whom do you thank?")
    chat.rep("/kudos Lee").says("What do you thank Lee Park for?")
    chat.rep("the quote on Sunday").says("Which of our values was it?").press("One team").says(
        "You thanked Lee Park: “the quote on Sunday”", "Your thanks to “Zebulon” still wait for a name that I know."
    )
    chat.rep("Ada").says("You thanked Ada Wu: “the call” (Own it).", "Your thanks still wait for a name.")
    chat.rep("log call Acme").says("Logged: call", "Your thanks still wait for a name.")
    chat.rep("Max").says("You thanked Max Stone: “the demo rescue” (Customer first).").lacks("still wait")


def test_the_same_line_typed_twice_asks_once(chat: Chat) -> None:
    for _ in range(2):
        chat.rep("/kudos Max Stone #own-it").says("What do you thank Max Stone for?")
    chat.rep("the demo rescue").says("You thanked Max Stone").lacks("still wait")


def test_older_thanks_are_waved_away_one_by_one_and_nothing_of_them_is_lost(chat: Chat) -> None:
    chat.rep("/kudos Max Stone #own-it")
    chat.rep("/kudos Lee #one-team")
    chat.rep("never mind").says("Your words were: Lee #one-team", "Your thanks to Max Stone still wait for a reason.")
    chat.rep("never mind").says("Your words were: Max Stone #own-it").lacks("still wait")
