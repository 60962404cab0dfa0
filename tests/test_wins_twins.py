"""Two people say a win of the same account: whoever is second is asked whether theirs is another one; on SQLite."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.chat import Chat
from tests.test_wins import ELDER, bring, company, latest, opened

ASKED = "Acme Corporation is known as won already, by Rae Quinn. Shall I add a new deal, of yours?"
UNNAMED = "Acme Corporation may be known as won already, by somebody else. Shall I add a new deal, of yours?"


@pytest.fixture
def chat(database_url: str) -> Iterator[Chat]:
    talking = opened(database_url, company(milestones=()))
    yield talking
    talking.close()


def deals(chat: Chat) -> int:
    return len(chat.rows("SELECT id FROM deals WHERE voided_at IS NULL"))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("/win Acme $50k", "/win Acme"),
        ("/win Acme", "/win Acme $50k"),
        ("/win Acme", "/win Acme – a long road"),
        ("/win Acme $50k", "we won Acme 50k"),
        ("/win Acme product GTX", "/deal Acme won 50k"),
    ],
)
def test_a_likely_twin_is_asked_about_also_without_an_amount(chat: Chat, first: str, second: str) -> None:
    chat.rep(first).says("Won: Acme Corporation")
    chat.later(minutes=5)
    asked = chat.newcomer(second).says(ASKED).never("50,000")
    assert asked.buttons == ["A new deal of mine", "Never mind"]
    assert deals(chat) == 1
    asked.press("Never mind").says("Dropped", "Your words were: ")
    assert deals(chat) == 1
    chat.newcomer(second).press("A new deal of mine").says("Won: Acme Corporation")
    assert deals(chat) == 2


@pytest.mark.parametrize(
    "second",
    [
        "/win Acme $60k",
        "/win Acme renewal",
        "/win Acme product HTX",
        "/win Acme $50k won on 5 October",
        "/deal new deal Acme won",
    ],
)
def test_what_is_said_otherwise_is_another_deal_and_not_asked_about(chat: Chat, second: str) -> None:
    chat.rep("/win Acme $50k product GTX")
    chat.newcomer(second).says("Won: Acme Corporation")
    assert deals(chat) == 2


@pytest.mark.parametrize("label", ["Keep it private", "Not now"])
def test_who_keeps_their_win_to_themselves_is_not_named(chat: Chat, label: str) -> None:
    chat.rep("/win Acme $50k")
    latest(chat, chat.rep).press(label)
    chat.newcomer("/win Acme").says(UNNAMED).never("Rae", "50,000")
    bring(chat, ELDER)
    latest(chat, chat.rep)
    chat.rep("/win Acme").says("known as won already")
    latest(chat, chat.rep).press("Announce")
    chat.newcomer("/win Acme").says(ASKED)


def test_a_manager_who_tells_the_same_win_speaks_of_that_one(chat: Chat) -> None:
    chat.rep("/win Acme")
    chat.manager("/win Acme $50k").lacks("Shall I add")
    assert deals(chat) == 1


def test_after_a_month_it_is_another_one(chat: Chat) -> None:
    chat.rep("/win Acme")
    chat.later(days=31)
    chat.newcomer("/win Acme").says("Won: Acme Corporation")
