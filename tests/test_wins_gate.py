"""What one person hears of a win unasked waits for the gate: nights, leave, what was turned off; on SQLite."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.chat import Chat, Speaker
from tests.test_wins import bookings, company, confirmed, hear, latest, opened


@pytest.fixture
def chat(database_url: str) -> Iterator[Chat]:
    talking = opened(database_url, company())
    yield talking
    talking.close()


def of_acme(chat: Chat, who: Speaker) -> list[str]:
    hear(chat)
    return [one for one in who.inbox() if "Acme Corporation" in one]


def test_a_private_win_at_night_is_told_in_the_morning_as_it_is_then_and_corrected_after(chat: Chat) -> None:
    chat.leader("I'm on leave 18 Nov – 4 Jan")
    chat.later(hours=12.5)
    chat.rep("/win Acme $50k with @lee")
    latest(chat, chat.rep).press("Keep it private")
    chat.rep("Acme is now 70k")
    assert of_acme(chat, chat.manager) == []
    chat.later(hours=12)
    (told,) = of_acme(chat, chat.manager)
    assert "Acme Corporation: $70,000." in told
    assert of_acme(chat, chat.leader) == [], "who is on leave"
    chat.rep("Acme is now 75k")
    (told,) = of_acme(chat, chat.manager)
    assert "Acme Corporation: $75,000." in told
    chat.later(days=47)
    (told,) = of_acme(chat, chat.leader)
    assert "Acme Corporation: $75,000." in told, "after a leave of seven weeks"


def test_a_private_win_taken_back_before_it_was_told_is_told_to_nobody(chat: Chat) -> None:
    chat.manager("turn off everything")
    chat.later(hours=12.5)
    chat.rep("/win Acme $50k with @lee")
    latest(chat, chat.rep).press("Keep it private")
    chat.rep("undo").says("Undone")
    chat.later(hours=12)
    assert of_acme(chat, chat.manager) == []
    assert of_acme(chat, chat.leader) == []


def test_a_target_reached_is_told_once_in_its_period_and_not_at_night(chat: Chat) -> None:
    bookings(chat, rae=400_000_00)
    chat.later(hours=12.5)
    confirmed(chat, "Acme 100k", "Acme")
    before = len(chat.rep.inbox())
    hear(chat)
    assert len(chat.rep.inbox()) == before
    for amount in ("10k", "100k"):
        chat.admin(f"/deal Acme is now {amount}")
    chat.later(hours=12)
    hear(chat)
    asked = latest(chat, chat.rep).says("With Acme Corporation you have reached your target for Q4 2026.")
    for amount in ("10k", "100k", "10k", "110k"):
        chat.later(minutes=3)
        chat.admin(f"/deal Acme is now {amount}").says("Changed")
        hear(chat)
    assert sum("you have reached" in one for one in chat.rep.inbox()) == 1
    asked.press("Tell the team").says("It stands with your win now.")
