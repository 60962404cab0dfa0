"""One deal that arrives by /win, by import and by /deal, in any order and at once from three processes' worth of
connections, is one deal and is announced once; on both databases."""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot import importing
from bot.playground.transcript import direct
from storage import accounts
from storage.database import Database, Transaction, open_database
from tests.chat import NOW, Chat
from tests.test_wins import ELDER, HEAD, bring, company, latest, opened

ROUNDS = 3
NAMES = tuple(f"Customer {word}" for word in ("Alpha", "Bravo", "Delta", "Gamma", "Kilo", "Lima", "Mike", "Oscar"))


Three = tuple[Chat, Chat, Callable[[int, str], None]]


class Beside(Chat):
    """A further process on the same rows: its own connections, turns, names, delivery and jobs."""

    def _hire(self, tx: Transaction, zone: str) -> None:
        """Everybody is there."""


@pytest.fixture
def three(database_url: str, tmp_path: Path) -> Iterator[Three]:
    first, beside = opened(database_url, company()), open_database(database_url)

    def customers(tx: Transaction) -> None:
        for name in NAMES:
            accounts.add(tx, name, by=None, at=NOW)

    first.database.submit(customers).result()
    bring(first, ELDER)
    second = Beside(database_url, company())
    yield first, second, lambda number, name: by_import(beside, tmp_path, number, name)
    second.close()
    first.close()
    beside.close()


def by_win(chat: Chat, name: str) -> None:
    chat.rep(f"/win {name} $50k")
    announce(chat)


def by_deal(chat: Chat, name: str) -> None:
    chat.rep(f"/deal won {name} $50k")
    announce(chat)


def announce(chat: Chat) -> None:
    """Press what this process has shown last, if it has shown anything."""
    own = [one for one in chat.shown(chat.rep) if one.conversation == direct("rae")]
    if own and own[-1].text.startswith("Shall I announce"):
        latest(chat, chat.rep).press("Announce")


def by_import(database: Database, folder: Path, number: int, name: str) -> None:
    """As `pacer import` does it, a process of its own."""
    path = folder / f"{number}.csv"
    path.write_text(f"{HEAD}{ELDER}D-{number},{name},Rae Quinn,50000,Closed Won,2026-11-18\n")
    importing.run(database, company(), importing.Options(path=path), lambda _: None, now=NOW)


def once(chat: Chat, name: str) -> None:
    """One deal of that account, one win, one post, delivered or on its way."""
    living = chat.rows(
        "SELECT deals.id AS id, claimed FROM deals JOIN accounts ON accounts.id = deals.account "
        f"WHERE accounts.name = '{name}' AND voided_at IS NULL"
    )
    assert len(living) == 1, living
    assert not living[0]["claimed"], "the import confirms it"
    keys = [row["key"] for row in chat.rows("SELECT key, operation FROM outbox WHERE topic = 'win' AND person IS NULL")]
    posts = [key for key in keys if key.startswith(f"win:{living[0]['id']}:") and key.endswith(":channel:sales-east")]
    assert len(posts) == 1, keys
    assert [row["state"] for row in chat.rows(f"SELECT state FROM wins WHERE deal = '{living[0]['id']}'")] == [
        "announced"
    ]


def test_in_any_order(three: Three) -> None:
    one, two, bring_in = three
    for number, order in enumerate(itertools.permutations(range(3))):
        name = NAMES[number]
        ways = (
            lambda name=name: by_win(one, name),
            lambda name=name: by_deal(two, name),
            lambda name=name, number=number: bring_in(number + 1, name),
        )
        for which in order:
            ways[which]()
        once(one, name)
    posted = one.rows("SELECT key FROM outbox WHERE topic = 'win' AND operation = 'post' AND person IS NULL")
    assert len(posted) == 6


def test_at_once(three: Three) -> None:
    one, two, bring_in = three
    chance = random.Random(6)
    for number in range(ROUNDS):
        name = NAMES[number]
        ready, failed = threading.Barrier(3), []

        def run(
            work: Callable[[], None],
            pause: float,
            ready: threading.Barrier = ready,
            failed: list[BaseException] = failed,
        ) -> None:
            try:
                ready.wait(10)
                time.sleep(pause)
                work()
            except BaseException as error:
                failed.append(error)

        works = (
            lambda name=name: by_win(one, name),
            lambda name=name: by_deal(two, name),
            lambda name=name, number=number: bring_in(number + 1, name),
        )
        threads = [threading.Thread(target=run, args=(work, chance.choice((0, 0, 0.02)))) for work in works]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert not failed
        once(one, name)
