"""Check-ins that go another way than they began: taken back, put off, changed in two places, under another manager."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.chat import Chat, Heard
from tests.quota_team import Team, east_of
from tests.test_checkin_conversations import answer_all, press, until


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
