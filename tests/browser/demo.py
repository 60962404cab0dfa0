"""The whole of Pacer with its demo company, as `pacer run` starts it, on a free port and with a clock set."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from bot.app import PlaygroundApplication, moved_clock
from bot.config import Playground, load
from storage import accounts

WEDNESDAY = datetime(2026, 11, 18, 15, 42, tzinfo=UTC)
"""10:42 in New York."""
SETTINGS = Path(__file__).parents[2] / "app.yaml"


@dataclass
class Running:
    """The application and where its page is."""

    app: PlaygroundApplication
    url: str


@asynccontextmanager
async def running(
    folder: Path, now: datetime = WEDNESDAY, also: tuple[str, ...] = (), demo: str = "small"
) -> AsyncIterator[Running]:
    """Started, with accounts of these names besides the demo's; stopped at the end."""
    playground = Playground(port=0, database_url=f"sqlite:///{folder / 'playground.db'}").playing(demo)
    app = PlaygroundApplication(replace(load(SETTINGS, {}), playground=playground), clock=moved_clock(now))
    for name in also:
        await app.core.database.write(lambda tx, name=name: accounts.add(tx, name, by=None, at=now))  # type: ignore[misc]
    url = await app.start()
    try:
        yield Running(app, url)
    finally:
        await app.stop()
