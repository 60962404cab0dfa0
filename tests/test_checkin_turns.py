"""Check-ins that go another way than they began: taken back, put off, changed in two places, under another manager."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.chat import Chat, Heard
from tests.quota_team import Team, east_of
from tests.test_checkin_conversations import FRIDAY, answer_all, new_manager, press, until


@pytest.fixture
def team(chat: Chat) -> Team:
    made = east_of(chat)
    chat.run(chat.database.write(chat.core.planner.declare))
    return made


def send(form: Heard, mood: str = "4", **more: str) -> Heard:
    """Rae's form with an answer to everything that has to be answered."""
    return form.fill(**{"well": "W", "next": "N", "commit": "$200k", "best": "$220k", "mood": mood} | more)


def is_given(chat: Chat) -> bool:
    (row,) = chat.rows("SELECT submitted_at FROM checkins")
    return row["submitted_at"] is not None


# ---------------------------------------------------------------- taken back


def test_taken_back_it_is_given_by_no_words_that_are_typed_next(chat: Chat, team: Team) -> None:
    send(chat.rep("checkin").press("All as a form"), mood="2").says("What would help?")
    press(chat, chat.rep, "Take back").says("Taken back")
    chat.rep("lunch with Sam later today").lacks("Thank you")
    assert not is_given(chat)
    # Nor by the answer to what is asked of it still, or by looking at it.
    chat.rep("checkin").says("7 of 7 · What would help?")
    held = "All is answered. You took this one back, so I give it to nobody before you send it."
    chat.rep("A day off").says(held, "Would help: A day off.", "Only you can see this.").lacks("Thank you")
    chat.rep("checkin").says(held)
    assert not is_given(chat)
    press(chat, chat.rep, "Change and send").fill().says("Thank you. Max Stone can read it in 5 minutes")
    assert is_given(chat)


def test_nor_by_a_form_that_was_opened_to_change_it(chat: Chat, team: Team) -> None:
    chat.rep("checkin")
    edit = answer_all(chat).press("Edit")
    press(chat, chat.rep, "Take back").says("Taken back")
    edit.fill(next="Rest").says("I give it to nobody before you send it.", "Next week: Rest.")
    until(chat, chat.now + timedelta(hours=1))
    chat.manager("checkin of Rae").never("Rest", "Acme moved on")


# ---------------------------------------------------------------- under another manager

ASKED_FIRST = (
    "All is answered, and nobody has read it. When you began Max Stone was your manager; now it is Lee Park.",
    "Only you can see this.",
)


def test_a_form_that_named_one_manager_gives_nothing_to_another_unasked(chat: Chat, team: Team) -> None:
    form = chat.rep("checkin").press("All as a form")
    assert "Only you and Max Stone can see this" in form.form.intro
    new_manager(chat, team, chat.now.date())
    asked = send(form).says(*ASKED_FIRST, "Went well: W.")
    assert asked.buttons == ["Give it to Lee Park", "Change and send", "Keep it for me"]
    until(chat, chat.now + timedelta(minutes=10))
    chat.leader("checkin of Rae").never("Went well: W")
    chat.rep("checkin").says(*ASKED_FIRST)
    asked.press("Give it to Lee Park").says("Thank you. Lee Park can read it in 5 minutes")
    chat.later(minutes=10)
    chat.leader("checkin of Rae").says("Went well: W")


def test_nor_do_words_that_were_typed_under_the_name_of_one(chat: Chat, team: Team) -> None:
    chat.rep("checkin").says("Only you and Max Stone can see this.")
    chat.rep("Max is hard on me").says("Only you and Max Stone can see this.")
    new_manager(chat, team, chat.now.date())
    chat.rep("later")
    chat.rep("checkin").says("2 of 6", "Only you and Lee Park can see this.")
    for words in ("skip", "Call ten", "$200k", "250k"):
        chat.rep(words)
    chat.rep("4").says(*ASKED_FIRST).press("Keep it for me").says("Kept for you alone")
    # It is asked for no more, on its day either.
    heard = len(chat.rep.inbox())
    until(chat, FRIDAY + timedelta(days=6))
    assert not any("check-in" in said for said in chat.rep.inbox()[heard:])
    chat.leader("checkin of Rae").never("hard on me")


def test_what_is_begun_under_the_new_manager_is_given_without_a_question(chat: Chat, team: Team) -> None:
    chat.rep("checkin").says("Only you and Max Stone can see this.")
    new_manager(chat, team, chat.now.date())
    chat.rep("checkin").says("1 of 6", "Only you and Lee Park can see this.")
    answer_all(chat).says("Thank you. Lee Park can read it in 5 minutes")


# ---------------------------------------------------------------- put off


def test_after_later_and_not_this_time_words_are_no_answer(chat: Chat, team: Team) -> None:
    chat.rep("checkin").press("Later").says("I ask again")
    chat.rep("called Acme about pricing").says("Logged")
    until(chat, FRIDAY)
    press(chat, chat.rep, "Tomorrow")
    until(chat, FRIDAY + timedelta(days=3))
    press(chat, chat.rep, "Answer here").says("1 of 6")
    press(chat, chat.rep, "Not this time")
    chat.rep("called Initech about pricing").says("Logged")
    assert not chat.rows("SELECT id FROM checkin_answers")


# ---------------------------------------------------------------- changed by form


def test_another_answer_can_be_changed_after_a_win_went_past_the_commit(chat: Chat, team: Team) -> None:
    send(chat.rep("checkin").press("All as a form"))
    team.win("rae", date(2026, 11, 18), 15_000_000, "after the check-in")
    edit = chat.rep("checkin").press("Edit")
    edit.fill(next="Rest").says("Changed", "Next week: Rest.", "Commit: $200,000. Best case: $220,000.")
    # A new amount holds what is closed, and the best case the new commit.
    edit = chat.rep("checkin").press("Edit")
    edit.fill(commit="$210k").problem("commit", "$270,000 is closed already")
    edit.fill(commit="$300k").problem("best", "$270,000 is closed already, and a best case holds that")
    edit.fill(commit="$300k", best="$290k").problem("best", "A best case holds your commit of $300,000")
    edit.fill(commit="$300k", best="$310k").says("Changed", "Commit: $300,000. Best case: $310,000.")
    chat.rep("checkin").press("Edit").fill().says("Nothing was changed.")


def test_a_form_that_stood_open_leaves_what_was_typed_meanwhile(chat: Chat, team: Team) -> None:
    form = chat.rep("checkin").press("All as a form")
    chat.rep("Acme moved on")
    chat.rep("Legal takes two weeks")
    problem = "While the form was open, you answered “Acme moved on” here. Send it again to put this in its place."
    send(form, well="Acme").problem("well", problem)
    assert len(chat.rows("SELECT id FROM checkin_answers")) == 2
    send(form, well="Acme").says("Went well: Acme.", "In the way: Legal takes two weeks.", "Next week: N.")


def test_it_leaves_what_was_left_empty_in_it_too(chat: Chat, team: Team) -> None:
    form = chat.rep("checkin").press("All as a form")
    answer_all(chat, mood="1")
    form.fill(next="Rest").problem("next", "you answered “Call ten new accounts” here")
    form.fill(next="Rest").says(
        "Went well: Acme moved on.", "Next week: Rest.", "Commit: $200,000.", "How are you: 1 of 5.", "What would help?"
    )
