"""A started application with installs, and what its database holds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from bot.app import UNASKED, Application
from bot.config import Http, Settings
from bot.reception import utc_now
from handlers.conversation.company import Company
from storage import accounts, tables
from storage.database import Transaction

KEY = "a key for tests, long enough"
COMPANY = Company(name="Demo", domains=frozenset({"example.com"}), admins=frozenset({"ada@example.com"}))


class Bot:
    """The application under test, and what its database holds."""

    def __init__(self, application: Application) -> None:
        self.application = application

    def rows(self, statement: sa.Select[Any]) -> list[dict[str, Any]]:
        """Rows, committed ones only."""
        with self.application.core.database.engine.connect() as connection:
            return [dict(row._mapping) for row in connection.execute(statement)]

    @property
    def activities(self) -> list[dict[str, Any]]:
        """The versions that hold now, oldest first."""
        table = tables.activities
        holds = sa.select(table).where(table.c.replaced_at.is_(None)).order_by(table.c.recorded_at, table.c.id)
        return self.rows(holds)

    @property
    def living(self) -> list[tuple[str, str | None]]:
        """Kind and account's words of every activity that is not voided."""
        return [(row["kind"], row["account_text"]) for row in self.activities if row["voided_at"] is None]

    @property
    def account_names(self) -> list[str]:
        """Of the accounts that activities are linked to, in the order of logging."""
        names = {row["id"]: row["name"] for row in self.rows(sa.select(tables.accounts))}
        return [names[row["account"]] for row in self.activities if row["account"]]

    async def idle(self) -> None:
        """Until nothing is being answered or delivered."""
        await self.application.drain()
        await self.application.core.delivery.idle()

    async def add_accounts(self, *names: str) -> None:
        """Accounts that everybody knows."""

        def add(tx: Transaction) -> None:
            for name in names:
                accounts.add(tx, name, by=None, at=datetime.now(UTC))

        await self.application.core.database.write(add)


@asynccontextmanager
async def serving(
    url: str, *, company: Company = COMPANY, clock: Any = None, unasked: float = UNASKED, **settings: Any
) -> AsyncIterator[Application]:
    """A started application on a database; `settings` name the installs and where their platforms are. Its address is
    `application.address`. `unasked` as in bot.app.Core."""
    made = Settings(company=company, database_url=url, http=Http("127.0.0.1", 0), key=KEY, **settings)
    application = Application(made, clock=clock or utc_now, unasked=unasked)
    await application.start()
    try:
        yield application
    finally:
        await application.stop()
