"""“I won a deal today!”: the question for account and amount, what answers it, and what does not."""

from __future__ import annotations

import pytest

from handlers.wins.bare import read
from tests.chat import Chat

ASKS = "Which account, and how much?"


def won(chat: Chat) -> list[tuple[object, object, object]]:
    return [
        (row["amount_minor"], str(row["closes_on"]), row["stage"])
        for row in chat.rows("SELECT amount_minor, closes_on, stage FROM deals ORDER BY amount_minor")
    ]


def test_the_answer_is_a_win_and_other_lines_are_not(chat: Chat) -> None:
    chat.rep("I won a deal today!").says(ASKS, "“I won a deal today!” is not stored yet.")
    chat.rep("called Acme about 50k").says("Logged: call")
    chat.rep("how am I doing?").lacks("claimed", ASKS)
    assert won(chat) == []
    chat.rep("Acme Corporation $50k").says("$50,000")
    assert won(chat) == [(5_000_000, "2026-11-18", "won")]
    chat.rep("we just closed a new deal yesterday").says(ASKS)
    chat.rep("won Initech 60k").says("$60,000")
    assert won(chat) == [(5_000_000, "2026-11-18", "won"), (6_000_000, "2026-11-17", "won")]


def test_it_is_waved_away_and_its_words_come_back(chat: Chat) -> None:
    chat.rep("I won a deal").says(ASKS).press("Never mind").says("Your words were: I won a deal")
    chat.rep("We won a big contract!").says(ASKS)
    chat.rep("never mind").says("Your words were: We won a big contract!")
    assert won(chat) == []


@pytest.mark.parametrize(
    "words", ["have I won a deal", "which deals did I win today", "I won a deal with Acme 50k", "did I win a deal?"]
)
def test_other_words_are_none(words: str) -> None:
    assert read(words) is None
