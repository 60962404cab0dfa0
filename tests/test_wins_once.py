"""One deal that arrives by /win, by import and by /deal, in any order and at once from three processes, is one deal and
is announced once; so it is with what corrects it and what takes it back. On both databases."""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.playground.transcript import CHANNEL, Shown, direct
from storage import accounts, people
from storage.database import Database, Transaction, open_database
from tests.beside import Beside, CommandLine, Feed, Processes, Work, prepare
from tests.chat import NOW
from tests.test_wins import ELDER, bring, company, opened
from tests.win_ways import (
    LOST,
    STORY,
    WON,
    by_deal,
    by_import,
    by_win,
    corrected_by_deal,
    corrected_by_win,
    deliver,
    lost_by_deal,
    reopened_by_deal,
    rolled_back,
)

WORDS = ("Alpha", "Bravo", "Delta", "Gamma", "Kilo", "Lima", "Mike", "Oscar", "Tango")
NAMES = tuple(f"Customer {word}" for word in WORDS)
AT_ONCE = 3
"""The first so many of these deals go through three processes at once, the others one after the other."""
AGAIN = range(1, AT_ONCE)
"""Of these the import says that they are won after all, and it is rolled back while others take them back too."""
LAGS = (0.0, 0.4, 1.5)
"""Seconds by which their clocks are behind; an import's also because it goes by the moment at which it began."""
CONCERNED = {"Rae Quinn": ("rae", "max"), "Max Stone": ("max", "lee")}
"""By owner: the owner, and their manager."""
PEOPLE = {"rae": "Rae Quinn", "max": "Max Stone", "lee": "Lee Park"}
Together = Callable[[Sequence[Work]], list[str]]


class Place:
    """The three processes, the rows that they share, and what was sent by any of them."""

    def __init__(self, url: str, folder: Path) -> None:
        self._folder = folder
        self._database: Database = open_database(url)
        self._feed = Feed(folder / "feed")
        began = time.monotonic()
        shared = (url, company(milestones=()), folder / "feed", began)
        given = [(*shared, timedelta(seconds=lag)) for lag in LAGS]
        self.processes = Processes((Beside, Beside, CommandLine), given)
        self.sent: list[Shown] = []
        self.new: list[Shown] = []

    def close(self) -> None:
        self.processes.close()
        self._database.close()

    def settle(self) -> None:
        """Until nothing waits to be sent; then how it ended."""
        for _ in range(200):
            self.processes.at_once((0, deliver, ()))
            if not self.rows("SELECT id FROM outbox WHERE settled_at IS NULL"):
                break
            time.sleep(0.05)
        self.new = self._feed.news()
        self.sent += self.new
        posted = [one.id for one in self.sent if not one.edited]
        assert len(posted) == len(set(posted)), "nothing is sent twice"
        unsent = self.rows("SELECT key, state, error FROM outbox WHERE settled_at IS NULL OR state <> 'sent'")
        assert not unsent, unsent

    def rows(self, query: str) -> list[dict[str, Any]]:
        with self._database.engine.connect() as connection:
            return [dict(row) for row in connection.exec_driver_sql(query).mappings()]

    def imported(self, name: str, owner: str, amount: int, stage: str) -> Work:
        return (2, by_import, (str(self._folder), name, owner, amount, stage))

    # ------------------------------------------------------------ the account

    def deal(self, name: str) -> dict[str, Any]:
        """The one living deal of that account."""
        living = self.rows(
            "SELECT stage, deals.claimed AS claimed, amount_minor, people.name AS owner, state "
            "FROM deals JOIN accounts ON accounts.id = deals.account LEFT JOIN people ON people.id = deals.owner "
            f"LEFT JOIN wins ON wins.deal = deals.id WHERE accounts.name = '{name}' AND voided_at IS NULL"
        )
        assert len(living) == 1, living
        return living[0]

    def stands(self, name: str) -> str:
        """What the channel reads of it: one message, posted once, and changed in its place."""
        about = [one for one in self.sent if one.conversation == CHANNEL and name in one.text]
        assert [one.edited for one in about].count(False) == 1, "posted once"
        assert not about[0].edited
        assert len({one.id for one in about}) == 1, "and nowhere else"
        return about[-1].text

    def won(self) -> int:
        """All that counts in the quarter, in minor units."""
        query = "SELECT COALESCE(SUM(amount_minor), 0) AS won FROM credits WHERE voided_at IS NULL"
        (row,) = self.rows(f"{query} AND day >= '2026-10-01'")
        return int(row["won"])

    def told(self, name: str) -> tuple[list[str], str]:
        """Who read in the last step that the win was taken back, each time that they did, and who took it back."""
        said = [one for one in self.new if not one.edited and one.text.startswith(f"The win of {name}")]
        (by,) = {found[1] for one in said if (found := re.search("taken back by (.+), and is in no number", one.text))}
        return sorted(one.conversation for one in said), by


@pytest.fixture
def place(database_url: str, tmp_path: Path) -> Iterator[Place]:
    prepare("tests.win_ways")
    chat = opened(database_url, company(milestones=()))

    def customers(tx: Transaction) -> None:
        manager, leader = (people.by_email(tx, f"{one}@test.example") for one in ("max", "lee"))
        assert manager is not None
        assert leader is not None
        people.give_manager(tx, manager, leader, NOW.date() - timedelta(days=300))
        for name in NAMES:
            accounts.add(tx, name, by=None, at=NOW)

    chat.database.submit(customers).result()
    bring(chat, ELDER)
    chat.close()
    one = Place(database_url, tmp_path)
    yield one
    one.close()


def in_order(place: Place, order: Sequence[int]) -> Together:
    return lambda works: place.processes.one_by_one(*(works[which] for which in order))


def through(place: Place, number: int, orders: Iterator[Together]) -> None:
    """A deal from its win to its loss and back, in each step by three processes."""
    name, others = NAMES[number], place.won()
    owner = ("Rae Quinn", "Max Stone")[number % 2]

    def step(*works: Work) -> tuple[str, dict[str, Any]]:
        said = next(orders)(works)
        assert not [one for one in said if "I made a mistake" in one], said
        place.settle()
        return "\n".join(said), place.deal(name)

    _, deal = step((0, by_win, (name,)), (1, by_deal, (name,)), place.imported(name, "Rae Quinn", 50000, WON))
    assert (deal["stage"], deal["state"], deal["amount_minor"]) == ("won", "announced", 5_000_000)
    assert not deal["claimed"], "the import confirms it"
    assert place.won() == others + 5_000_000
    assert place.stands(name) == f"Rae Quinn won {name}: $50,000. East: ${place.won() // 100:,} won in Q4 2026."

    said, deal = step(
        (0, corrected_by_deal, (name,)), (1, corrected_by_win, (name,)), place.imported(name, owner, 64000, WON)
    )
    assert (deal["stage"], deal["owner"]) == ("won", owner)
    assert deal["amount_minor"] in (7_000_000, 6_400_000)
    amount = f"${deal['amount_minor'] // 100:,}"
    assert f"→ {amount}" in said or amount == "$64,000"
    assert place.won() == others + deal["amount_minor"]
    now = place.stands(name)
    assert now.startswith(f"{owner} won {name}: {amount}. “{STORY}”.")
    assert now.endswith(f"East: ${place.won() // 100:,} won in Q4 2026.")

    reversals = [place.imported(name, owner, 64000, LOST)]
    if number in AGAIN:
        reversals.append((2, rolled_back, ()))
    for times, reversal in enumerate(reversals, start=1):
        _, deal = step((0, lost_by_deal, (name,)), (1, reopened_by_deal, (name,)), reversal)
        assert deal["stage"] != "won"
        assert deal["state"] == "gone"
        assert place.won() == others
        assert place.stands(name).startswith(f"Taken back: {name}, {amount}. It was announced as won by {owner}")
        assert place.stands(name).endswith(f"East: ${others // 100:,} won in Q4 2026.")
        told, by = place.told(name)
        assert told == sorted(direct(one) for one in CONCERNED[owner] if PEOPLE[one] != by), "those concerned, once"
        if times < len(reversals):
            step(place.imported(name, owner, 50000, WON))
            assert place.stands(name).startswith(f"{owner} won {name}: $50,000. “{STORY}”.")
            assert place.won() == others + 5_000_000
            amount = "$50,000"


def test_at_once_and_in_any_order(place: Place) -> None:
    for number in range(AT_ONCE):
        through(place, number, itertools.repeat(lambda works: place.processes.at_once(*works)))
    every = list(itertools.permutations(range(3)))
    for number in range(len(every)):
        orders = (every[(number + step) % len(every)] for step in range(3))
        through(place, AT_ONCE + number, (in_order(place, one) for one in orders))
