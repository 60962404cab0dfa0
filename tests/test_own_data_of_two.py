"""“Export my data” and erasure where two people's words stand together: each gets what they wrote and what was shown to
them, and not what the other one made of it later (FAULTS 46)."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from storage import own_data, staff
from tests.chat import Chat
from tests.quota_team import Team, east_of
from tests.test_checkin_conversations import answer_all, new_manager, press, until


@pytest.fixture
def team(chat: Chat) -> Team:
    made = east_of(chat)
    chat.run(chat.database.write(chat.core.planner.declare))
    return made


def exported(chat: Chat, who: str, title: str = "") -> str:
    """All of somebody's “export my data”, or what stands there under one title."""
    kept = chat.database.submit(lambda tx: list(own_data.kinds(tx, who, chat.now.date()))).result()
    return repr([kind for kind in kept if title in ("", kind.title)])


def with_an_item_for_rae(chat: Chat) -> None:
    chat.rep("checkin")
    answer_all(chat)
    until(chat, chat.now + timedelta(minutes=10))
    chat.manager("checkin of Rae").press("Action item").fill(text="call Legal", owner="them", due="2026-11-25")


def test_a_former_manager_has_what_they_wrote_and_nothing_written_after_them(chat: Chat, team: Team) -> None:
    with_an_item_for_rae(chat)
    chat.later(days=1)
    new_manager(chat, team, chat.now.date())
    chat.rep("todo").press("Change").fill(text="tell Lee what Max did")
    assert "call Legal" in exported(chat, team.ids["max"], "Action items")
    assert "what Max did" not in exported(chat, team.ids["max"])
    assert "what Max did" in exported(chat, team.ids["rae"], "Action items")


def test_thanks_that_were_taken_back_unread_are_in_nobody_elses_file(chat: Chat, team: Team) -> None:
    chat.rep("/kudos privately Dana Reyes for hiding the mess #own-it")
    chat.rep("undo").says("Taken back")
    assert "hiding the mess" in exported(chat, team.ids["rae"], "Thanks")
    theirs = exported(chat, team.ids["dana"])
    assert "hiding the mess" not in theirs
    assert "kudos" not in theirs, "that something was planned says as much"


def test_a_note_that_was_deleted_is_the_writers_alone(chat: Chat, team: Team) -> None:
    chat.manager("note about Rae: she is on the list").press("Share")
    until(chat, chat.now + timedelta(minutes=10))
    assert "on the list" in exported(chat, team.ids["rae"], "One-to-one points")
    press(chat, chat.manager, "Delete").says("Nobody can read that note any more.")
    assert "on the list" not in exported(chat, team.ids["rae"], "One-to-one points")


def test_a_manager_of_today_keeps_what_was_shown_to_them_until_the_day_of_a_change(chat: Chat, team: Team) -> None:
    chat.rep("note about my manager: talk about the raise").press("Share")
    until(chat, chat.now + timedelta(minutes=10))
    new_manager(chat, team, chat.now.date() + timedelta(days=2))
    assert "the raise" in exported(chat, team.ids["max"], "One-to-one points")
    assert "the raise" not in exported(chat, team.ids["lee"], "One-to-one points")
    chat.later(days=3)
    assert "the raise" not in exported(chat, team.ids["max"], "One-to-one points")


def test_an_erased_manager_takes_their_words_and_leaves_the_reps(chat: Chat, team: Team) -> None:
    """One item that Max only moved, one that he worded and Rae moved, one that she worded anew."""
    chat.rep("remind me to send the NDA to Acme on Friday").press("Show my manager")
    chat.manager("one-to-one with Rae").press("Open items").press("Change").fill(due="2026-11-27")
    with_an_item_for_rae(chat)
    chat.later(days=1)
    new_manager(chat, team, chat.now.date())
    chat.database.submit(lambda tx: staff.leave(tx, team.ids["max"], chat.now)).result()
    chat.later(days=1)
    form = chat.admin("erase Max Stone").press("Erase …")
    form.fill(**{field.name: "Max Stone" for field in form.form.fields}).says("I am erasing")
    end = time.monotonic() + 60
    while chat.rows("SELECT key FROM jobs WHERE settled_at IS NULL") and time.monotonic() < end:
        time.sleep(0.02)
    todo = chat.rep("todo").says("Send the NDA to Acme").says("these words were erased with the person who wrote them")
    todo.lacks("Call Legal")
