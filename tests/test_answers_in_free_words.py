"""A check-in's question is open: what answers it, what goes to another command, and that it is open still."""

from __future__ import annotations

import pytest

from tests.chat import Chat
from tests.quota_team import Team, east_of

OPEN = "Your check-in still waits for an answer: What went well?"
ANOTHERS = {
    "note about Max: he is a bully": "only for you: he is a bully",
    "note about Max he is a bully": "only for you: he is a bully",
    "one-to-one with Max: the raise": "On the agenda.",
    "my notes": "Your notes",
    "remind me to call Jo on Friday": "On your list: Call Jo",
    "stop": "“stop”",
    "I am sick today": "Your leave",
    "how am I doing": "You: ",
    "thanks to Lee for the call #own-it": "You thanked Lee Park",
    "log call Acme": "Logged: call with Acme Corporation",
    "privacy": "What I keep about you",
}
"""A line for another command -> what it answers."""
ANSWERS = (
    "called Acme 30 min",
    "won Acme 50k",
    "pipeline is too thin",
    "deal with Acme is close",
    "help from Legal would be great",
    "one-to-one with Max went well",
    "Dana is on leave until Friday",
    "thanks to Max for the support",
)


@pytest.fixture
def team(chat: Chat) -> Team:
    return east_of(chat)


def said(chat: Chat) -> list[str]:
    return [row["text"] for row in chat.rows("SELECT text FROM checkin_answers")]


def test_what_another_command_recognises_is_no_answer(chat: Chat, team: Team) -> None:
    chat.rep("checkin").says("What went well?")
    for line, answer in ANOTHERS.items():
        chat.rep(line).says(answer, OPEN)
    assert said(chat) == []
    chat.rep("Legal said yes").says("Went well: “Legal said yes”. 2 of 6")


def test_an_answer_may_begin_as_a_line_for_another_command_and_is_shown_back(chat: Chat, team: Team) -> None:
    for line in ANSWERS:
        chat.rep("checkin")
        chat.rep(line).says(f"Went well: “{line}”. 2 of 6 · What is in the way?")
        assert said(chat) == [line]
        chat.rep("never mind").says("Put aside")
        with chat.database.engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM checkin_answers")


def test_a_further_question_does_not_end_it(chat: Chat, team: Team) -> None:
    chat.rep("checkin")
    chat.rep("/kudos Bob for the quote #own-it").says("Whom do you thank?")
    chat.rep("Legal is slow").says("could not tell")
    chat.rep("Max").says("You thanked Max Stone", OPEN)
    chat.rep("/kudos Bob for the demo #own-it").press("Never mind").says("Dropped", OPEN)
    chat.rep("/kudos Max #own-it").says("What do you thank Max Stone for?")
    chat.rep("note about Max: the raise").says("Your thanks to Max Stone still wait for a reason.").lacks(
        "check-in still"
    )
    chat.rep("never mind").says("Dropped", OPEN)
    chat.rep("Legal is slow").says("Went well: “Legal is slow”.")


def test_what_must_be_answered_is_not_skipped_by_word(chat: Chat, team: Team) -> None:
    chat.rep("checkin")
    chat.rep("skip").says("not to be skipped", "1 of 6")
    assert said(chat) == []


WAITS = "Your thanks to Max Stone still wait for a reason."
FOR_ANOTHER = {
    "delete my data": "Nothing is deleted now",
    "Please delete my account.": "When somebody has left, an admin can erase it.",
    "help": "This is what I understand",
    "please help": "This is what I understand",
    "what can you do": "This is what I understand",
    "home": "You: ",
    "Home, please": "You: ",
    "log call Acme": "Logged: call with Acme Corporation",
    "privacy": "What I keep about you",
    "settings": "unasked",
    "forecast": "forecast",
    "my pipeline": "no open deal",
    "show my deals": "no open deal",
    "turn off kudos": "Turned off",
}
REASONS = (
    "for the help with Acme",
    "help with the Acme demo",
    "undoing my mess on Friday",
    "exporting my data for the audit",
    "pleasing Acme when nobody could",
    "the pipeline review",
)


def test_a_whole_command_is_no_reason_and_the_thanks_wait_on(chat: Chat, team: Team) -> None:
    chat.rep("/kudos Max #own-it").says("What do you thank Max Stone for?")
    for line, answer in FOR_ANOTHER.items():
        chat.rep(line).says(answer, WAITS)
    chat.rep("export my data, please")
    chat.run(chat.core.jobs.idle())
    assert "verything that I keep about you" in chat.rep.inbox()[-1]
    assert chat.rows("SELECT id FROM kudos") == []
    chat.rep("undo").says("Undone: call with Acme Corporation", WAITS)
    chat.rep("the demo rescue").says("You thanked Max Stone: “the demo rescue”").lacks(WAITS)


def test_a_reason_may_begin_as_a_command(chat: Chat, team: Team) -> None:
    for line in REASONS:
        chat.rep("/kudos Max #own-it")
        chat.rep(line).says("You thanked Max Stone: “").lacks("still wait")
    assert len(chat.rows("SELECT id FROM kudos")) == len(REASONS)
    chat.rep("help with kudos").says("This is what I understand")
