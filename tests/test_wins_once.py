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
CIRCLING = ((0, 1, 2), (1, 2, 0), (2, 0, 1))
"""The three orders that go round; in the other three it goes round the other way."""
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


class Story:
    """One deal, told, corrected and taken back on three ways; `together` says how the three of a step meet."""

    def __init__(self, place: Place, number: int) -> None:
        self.place, self.name = place, NAMES[number]
        self.owner, self.amount, self.words = "Rae Quinn", "$50,000", ""
        self.others = place.won()

    def _step(self, together: Together, *works: Work) -> tuple[str, dict[str, Any]]:
        said = together(works)
        assert not [one for one in said if "I made a mistake" in one], said
        self.place.settle()
        return "\n".join(said), self.place.deal(self.name)

    def _is_won(self, deal: dict[str, Any]) -> None:
        assert (deal["stage"], deal["state"], deal["owner"]) == ("won", "announced", self.owner)
        assert not deal["claimed"], "the import confirms it"
        assert self.place.won() == self.others + deal["amount_minor"]
        lead = f"{self.owner} won {self.name}: {self.amount}.{self.words}"
        assert self.place.stands(self.name) == f"{lead} East: ${self.place.won() // 100:,} won in Q4 2026."

    def told(self, together: Together) -> None:
        """It arrives."""
        by_file = self.place.imported(self.name, self.owner, 50000, WON)
        _, deal = self._step(together, (0, by_win, (self.name,)), (1, by_deal, (self.name,)), by_file)
        self._is_won(deal)

    def corrected(self, together: Together, owner: str = "Rae Quinn") -> None:
        """Somebody says another amount, somebody how it went, and the CRM another amount still, and whose it is."""
        chat = (0, corrected_by_deal, (self.name,)), (1, corrected_by_win, (self.name,))
        said, deal = self._step(together, *chat, self.place.imported(self.name, owner, 64000, WON))
        self.owner, self.amount, self.words = owner, f"${deal['amount_minor'] // 100:,}", f" “{STORY}”."
        assert self.amount == "$64,000" or "→ $70,000" in said
        self._is_won(deal)

    def taken_back(self, together: Together, by_file: Work | None = None) -> None:
        """It is lost after all, or reopened, and the CRM says so too."""
        by_file = by_file or self.place.imported(self.name, self.owner, 64000, LOST)
        chat = (0, lost_by_deal, (self.name,)), (1, reopened_by_deal, (self.name,))
        _, deal = self._step(together, *chat, by_file)
        assert deal["stage"] != "won"
        assert deal["state"] == "gone"
        assert self.place.won() == self.others
        now = self.place.stands(self.name)
        assert now.startswith(f"Taken back: {self.name}, {self.amount}. It was announced as won by {self.owner}")
        assert now.endswith(f"East: ${self.others // 100:,} won in Q4 2026.")
        told, by = self.place.told(self.name)
        assert told == sorted(direct(one) for one in CONCERNED[self.owner] if PEOPLE[one] != by), "each, once"

    def won_again(self, together: Together) -> None:
        """By the CRM alone."""
        _, deal = self._step(together, self.place.imported(self.name, self.owner, 50000, WON))
        self.amount = "$50,000"
        self._is_won(deal)


def test_at_once_and_in_any_order(place: Place) -> None:
    def at_once(works: Sequence[Work]) -> list[str]:
        return place.processes.at_once(*works)

    for number, owner in enumerate(("Rae Quinn", "Max Stone", "Rae Quinn")):
        one = Story(place, number)
        one.told(at_once)
        one.corrected(at_once, owner)
        one.taken_back(at_once)
    one.won_again(at_once)
    one.taken_back(at_once, (2, rolled_back, ()))
    # One after the other, in the same processes: each of the three begins once, and ends once.
    every = list(itertools.permutations(range(3)))
    for another, order in enumerate(every, start=3):

        def in_order(works: Sequence[Work], order: Sequence[int] = order) -> list[str]:
            return place.processes.one_by_one(*(works[which] for which in order))

        one = Story(place, another)
        one.told(in_order)
        if order in CIRCLING:
            one.taken_back(in_order)
        else:
            one.corrected(in_order, "Max Stone")
