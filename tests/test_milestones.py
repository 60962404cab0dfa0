"""Milestones of wins that come together in one import, and of wins that are corrected; on SQLite."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from handlers.wins import team
from storage import credits, deals, people, units
from storage.database import Transaction
from tests.chat import NOW, Chat
from tests.test_wins import ELDER, HEAD, bookings, bring, channel, company, confirmed, hear, latest, opened

FIRST = "The first deal of Rae Quinn here."
LARGEST = "The largest deal of Rae Quinn so far."


@pytest.fixture
def chat(database_url: str) -> Iterator[Chat]:
    talking = opened(database_url, company())
    yield talking
    talking.close()


def deal(number: int, account: str, amount: int, day: str = "2026-11-18") -> str:
    return f"D-{number},{account},Rae Quinn,{amount},Closed Won,{day}\n"


def said(chat: Chat, sentence: str) -> list[bool]:
    """Of each win in the channel, in the order of posting."""
    return [sentence in one for one in channel(chat)]


def test_of_two_wins_in_one_import_the_first_is_the_first_and_one_reaches_the_target(chat: Chat) -> None:
    assert HEAD
    bookings(chat, rae=400_000_00)
    elder = ELDER.replace("Rae Quinn", "Max Stone")
    bring(chat, elder)
    bring(chat, elder, deal(1, "Acme Corporation", 120_000), deal(2, "Green-Plus", 150_000))
    assert said(chat, FIRST) == [True, False]
    hear(chat)
    asked = [one for one in chat.rep.inbox() if "you have reached your target" in one]
    assert len(asked) == 1
    latest(chat, chat.rep).press("Tell the team")
    assert said(chat, "has reached the target") == [True, False]


def test_old_wins_of_the_same_import_are_history(chat: Chat) -> None:
    elder = ELDER.replace("Rae Quinn", "Max Stone")
    bring(chat, elder)
    bring(chat, elder, deal(1, "Acme Corporation", 10_000, "2026-10-01"), deal(2, "Green-Plus", 20_000))
    assert said(chat, FIRST) == [False]


def test_what_a_correction_makes_untrue_is_said_no_more_and_what_it_reaches_is(chat: Chat) -> None:
    bookings(chat, rae=400_000_00)
    for account, amount in (("Acme", "10k"), ("Initech", "20k"), ("Woodgrove Bank", "30k"), ("Green-Plus", "90k")):
        confirmed(chat, f"{account} {amount}", account)
    assert said(chat, LARGEST) == [False, False, False, True]
    hear(chat)
    asked = latest(chat, chat.rep).says("With Green-Plus you have reached your target")
    asked.press("Tell the team")
    assert said(chat, "has reached the target") == [False, False, False, True]
    chat.admin("/deal Green-Plus is now 9k").says("Changed")
    assert not any(said(chat, LARGEST))
    assert not any(said(chat, "has reached the target"))
    asked.press("Tell the team").says("That is not so any more")
    assert not any(said(chat, "has reached the target"))
    chat.admin("/deal Acme is now 95k").says("Changed")
    assert said(chat, LARGEST) == [True, False, False, False]
    hear(chat)
    assert not any("you have reached" in one for one in chat.rep.inbox()), "they know: once in a period"
    asked.press("Tell the team").says("It stands with your win now.")
    assert said(chat, "has reached the target") == [True, False, False, False]
    chat.admin("/deal Acme is now 96k").says("Changed")
    assert said(chat, FIRST) == [True, False, False, False]
    assert said(chat, LARGEST) == [True, False, False, False]


def test_an_import_that_confirms_late_reaches_what_the_win_brings(chat: Chat) -> None:
    elder = ELDER.replace("Rae Quinn", "Max Stone")
    bring(chat, elder)
    chat.rep("/win Acme 10k")
    latest(chat, chat.rep).press("Announce")
    chat.later(days=9)
    bring(chat, elder, deal(1, "Acme Corporation", 10_000))
    assert said(chat, FIRST) == [True]
    assert "Claimed" not in channel(chat)[0]


def colleagues(chat: Chat) -> None:
    """Two more carry a target in East, so that its sum gives nobody's away: $75,000 a quarter together."""

    def hire(tx: Transaction) -> None:
        unit = units.named(tx, "East")
        assert unit is not None
        for name in ("Bo", "Cy"):
            person = people.add(tx, name=name, email=f"{name.lower()}@test.example", at=NOW, imported=True)
            units.join(tx, unit, person.id, since=NOW.date() - timedelta(days=60))

    chat.database.submit(hire).result()
    bookings(chat, rae=100_000_00, bo=100_000_00, cy=100_000_00)


def test_of_the_wins_of_one_import_that_one_reaches_the_teams_target_with_which_it_is_reached(chat: Chat) -> None:
    colleagues(chat)
    bring(chat, ELDER)
    bring(chat, ELDER, *(deal(number, "Acme Corporation", 30_000) for number in range(1, 5)))
    assert said(chat, "East has reached its target for Q4 2026.") == [False, False, True, False]


def test_what_a_win_of_an_import_costs_does_not_grow_with_how_many_there_are(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each would else look at all that come behind it: a hundred wins of one week held the database for seconds."""
    called: Counter[str] = Counter()

    def counted(module: Any, name: str) -> None:
        real = getattr(module, name)

        def counting(*given: Any, **named: Any) -> Any:
            called[name] += 1
            return real(*given, **named)

        monkeypatch.setattr(module, name, counting)

    colleagues(chat)
    bring(chat, ELDER)
    before = [deal(0, "Initech", 200_000)]  # above all targets, where the others are looked at
    bring(chat, ELDER, *before)
    for module, name in ((team, "team_of"), (credits, "of_deal"), (deals, "get")):
        counted(module, name)
    bring(chat, ELDER, *before, *(deal(number, "Acme Corporation", 1_000) for number in range(1, 5)))
    four = called.copy()
    assert four["team_of"]
    called.clear()
    bring(chat, ELDER, *before, *(deal(number, "Green-Plus", 1_000) for number in range(11, 19)))
    assert {name: (four[name], count) for name, count in called.items() if count > 2 * four[name]} == {}
