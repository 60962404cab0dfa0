"""One person with two accounts: each account's own page, and no message to an install that is gone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from storage import installs, people
from storage.database import Database, Transaction
from storage.tables import identities
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_world import ACME
from tests.test_slack_end_to_end import running

NOW = datetime(2026, 11, 18, 15, tzinfo=UTC)


async def test_home_is_drawn_for_the_account_that_looks_at_it(sqlite_url: str) -> None:
    async with FakeSlack(ACME) as slack:
        slack.add_user("U1", name="Rae Rep", email="rae@example.com")
        slack.add_user("U7", name="Rae Rep (tablet)", email="rae@example.com")
        async with running(sqlite_url, slack) as bot:
            for user in ("U1", "U7"):
                await slack.open_home(user)
                await bot.idle()
                assert ("T1", user) in slack.homes
            assert len(bot.rows(sa.select(identities.c.person).distinct())) == 1
            slack.homes.clear()
            await slack.open_home("U7")
            await bot.idle()
            assert list(slack.homes) == [("T1", "U7")]


@pytest.fixture
def met_twice(database: Database) -> tuple[Database, str]:
    """Somebody whom Pacer met on `old`, and later on `new`."""

    def meet(tx: Transaction) -> str:
        rae = people.add(tx, name="Rae", at=NOW)
        for name in ("old", "new"):
            installs.declare(tx, name, "slack", f"T-{name}", "credential", NOW)
            people.identify(tx, rae, install=name, external_id="U1", at=NOW)
        return rae.id

    return database, database.submit(meet).result()


def test_a_message_goes_to_the_latest_install_that_is_not_removed(met_twice: tuple[Database, str]) -> None:
    database, rae = met_twice
    seen = []
    for name in ("new", "old"):
        seen.append(database.submit(lambda tx: people.install_for(tx, rae)).result())
        database.submit(lambda tx, name=name: installs.remove(tx, name, NOW)).result()  # type: ignore[misc]
    seen.append(database.submit(lambda tx: people.install_for(tx, rae)).result())
    assert seen == ["new", "old", None]
