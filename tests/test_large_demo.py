"""The large demo company: the same every time, with what a company of thirty has."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.config import Playground
from bot.playground.large import company
from storage.database import open_database
from storage.migrate import migrate
from tests.chat import COMPANY

NOW = datetime(2026, 11, 22, 23, 0, tzinfo=UTC)
SAYS = (
    "SELECT count(*), sum(amount_minor), min(closes_on), max(closes_on) FROM deals",
    "SELECT currency, count(*), sum(amount_minor) FROM deals GROUP BY currency ORDER BY currency",
    "SELECT stage, count(*) FROM deals GROUP BY stage ORDER BY stage",
    "SELECT kind, count(*), sum(count) FROM activities GROUP BY kind ORDER BY kind",
    "SELECT question, text, number, count(*) FROM checkin_answers GROUP BY question, text, number ORDER BY 1, 2, 3",
    "SELECT text, state, due, count(*) FROM actions GROUP BY text, state, due ORDER BY 1, 2, 3",
    "SELECT reason, value, private, day, count(*) FROM kudos GROUP BY reason, value, private, day ORDER BY 1, 2, 3, 4",
    "SELECT first, last FROM absences ORDER BY first, last",
    "SELECT count(*) FROM people",
)


def _made(folder: Path, name: str) -> list[Any]:
    database = open_database(f"sqlite:///{folder / name}.db")
    migrate(database)
    database.submit(lambda tx: company.settle(tx, COMPANY, NOW, timedelta(weeks=1))).result()
    with database.engine.connect() as connection:
        found = [connection.execute(sa.text(query)).all() for query in SAYS]
    database.close()
    return found


def test_it_is_the_same_every_time(tmp_path: Path) -> None:
    first, second = _made(tmp_path, "one"), _made(tmp_path, "two")
    assert first == second
    assert {currency for currency, _, _ in first[1]} == {"EUR", "GBP", "USD"}
    assert {"won", "lost", "negotiation"} <= {stage for stage, _ in first[2]}
    assert first[-1] == [(30,)]


@pytest.mark.parametrize(
    ("url", "beside"),
    [
        ("sqlite:///data/playground.db", "sqlite:///data/playground-large.db"),
        ("sqlite:////home/omar/.pacer/playground", "sqlite:////home/omar/.pacer/playground-large"),
        ("sqlite:///playground", "sqlite:///playground-large"),
        ("postgresql://play@db/pacer", "postgresql://play@db/pacer"),
    ],
)
def test_it_has_a_database_beside_the_small_ones(url: str, beside: str) -> None:
    small = Playground(database_url=url)
    large = small.playing("large")
    assert (large.demo, large.database_url) == ("large", beside)
    assert large.playing("small") == small
    assert large.playing("large") is large
