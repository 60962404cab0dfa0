"""“What does weighted forecast mean?”: one sentence for each figure, and the figure itself where that is asked for."""

from __future__ import annotations

import pytest

from handlers.ask.meanings import meaning
from tests.chat import Chat
from tests.quota_team import east_of


@pytest.mark.parametrize(
    ("asked", "begins"),
    [
        ("what does weighted forecast mean?", "Weighted forecast: what is won + each open deal"),
        ("what is pace?", "Pace: what is won ÷ what is to be expected by now"),
        ("What does “pace” mean", "Pace: "),
        ("how is attainment calculated?", "Attainment: what is won ÷ the target"),
        ("how do you work out the win rate", "Win rate: "),
        ("what do you mean by claimed?", "Claimed: a win said in chat"),
        ("what is a claimed win", "Claimed: "),
        ("define pipeline coverage", "Pipeline coverage: "),
        ("what does OTE stand for", "OTE: base pay"),
    ],
)
def test_a_figure_is_said_in_one_sentence(asked: str, begins: str) -> None:
    said = meaning(asked)
    assert said is not None
    assert said.startswith(begins)


@pytest.mark.parametrize(
    "asked",
    [
        "what is my pace", "what is the pace of East", "what is my forecast", "what is claimed", "what's the gap",
        "what is at risk", "what is behind the drop", "what is a good win rate", "what does Acme mean",
        "what is the meaning of life", "how is Dana doing", "what's our target",
    ],
)  # fmt: skip
def test_what_asks_for_the_figure_or_for_anything_else_is_no_such_question(asked: str) -> None:
    assert meaning(asked) is None


def test_it_is_answered_in_a_conversation_and_the_figure_stays_ones_own(chat: Chat) -> None:
    east_of(chat)
    chat.rep("what is pace?").says("Pace: what is won").lacks("$")
    chat.rep("/quota what does weighted forecast mean").says("Weighted forecast: what is won").lacks("$")
    chat.rep("what is my pace?").says("You: $120,000 of $300,000")
