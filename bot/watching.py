"""Looks at the files and addresses of `imports` in app.yaml, and hands over what has changed.

Looking twice, or in several processes, changes nothing: what was imported is known by its content. A file is never
moved nor written to.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, cast
from zoneinfo import ZoneInfo

import structlog

from bot.fetching import UNREAD, CannotRead, Marks, Web
from bot.watched import Watched
from handlers.conversation.company import Company
from handlers.imports import watched
from handlers.imports.asked import Asked
from handlers.imports.dates import Order
from handlers.imports.fields import Kind
from scheduled.jobs import Out, Runner
from storage.database import Database, Transaction

log = structlog.get_logger(__name__)

LIMIT: Final = 100_000_000
"""Bytes of one file."""
TIMEOUT: Final = 60.0
ENDINGS: Final = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm")
_EVERY: Final = re.compile(r"(?:(?P<number>\d{1,4}) ?(?P<unit>minutes?|hours?)|(?P<hour>\d\d):(?P<minute>\d\d))")


@dataclass(slots=True)
class _Seen:
    slot: str = ""
    marks: Marks = UNREAD


def slot_of(every: str, now: datetime, zone: str) -> str:
    """What is the same for all moments between two looks: `15 minutes`, `2 hours`, or `06:30` of the company's day."""
    match = _EVERY.fullmatch(every)
    assert match is not None
    if match["number"]:
        seconds = int(match["number"]) * (60 if match["unit"].startswith("minute") else 3600)
        return str(int(now.timestamp()) // seconds)
    there = now.astimezone(ZoneInfo(zone))
    due = (there.hour, there.minute) >= (int(match["hour"]), int(match["minute"]))
    return f"{there.date().toordinal() - (0 if due else 1)}"


class Watcher:
    """Ticks; the first look at each is right after the start."""

    def __init__(
        self,
        database: Database,
        company: Company,
        listed: Sequence[Watched],
        runner: Runner,
        out: Out,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._company = company
        self._listed = listed
        self._runner = runner
        self._out = out
        self._clock = clock
        self._seen = {one.name: _Seen() for one in listed}

    async def tick(self) -> None:
        """Look at those whose time has come."""
        now = self._clock()
        for one in self._listed:
            slot = slot_of(one.every, now, self._company.zone)
            if self._seen[one.name].slot != slot:
                await self.look(one)
                self._seen[one.name].slot = slot

    async def look(self, one: Watched) -> None:
        """Look at it now, and hand over what changed."""
        try:
            found = await read(one, self._seen[one.name])
        except CannotRead as error:
            sentence = str(error)
            log.warning("scheduled_import_not_read", name=one.name, reason=sentence)
            self._out.kick(await self._database.write(lambda tx: self._fault(tx, one.name, sentence)))
            return
        begun = False
        for name, content in found:
            begun |= await self._database.write(
                lambda tx, name=name, content=content: watched.came(  # type: ignore[misc]
                    tx, one.name, name, content, _asked(one), self._clock()
                )
            )
        if begun:
            self._runner.kick()

    def _fault(self, tx: Transaction, name: str, sentence: str) -> list[str]:
        messages = watched.fault(tx, self._company, name, sentence)
        return [key for message in messages for key in self._out.message(tx, message, self._clock())]


def _asked(one: Watched) -> Asked:
    return Asked(
        kind=cast("Kind | None", one.kind or None),
        mapping=one.mapping,
        date_order=cast("Order | None", one.date_order or None),
        source=one.source,
    )


async def read(one: Watched, seen: _Seen | None = None) -> list[tuple[str, bytes]]:
    """Names and contents; none where an address says that nothing has changed. Raises CannotRead."""
    if one.path is not None:
        return await asyncio.to_thread(_from_disk, one.path)
    return await _from_web(one, seen or _Seen())


def _from_disk(path: Path) -> list[tuple[str, bytes]]:
    try:
        inside = path.is_dir()
        paths = sorted(each for each in path.iterdir() if each.suffix.lower() in ENDINGS) if inside else [path]
        found = []
        for each in paths:
            if (size := each.stat().st_size) > LIMIT:
                raise CannotRead(f"{each} has {size / 1e6:,.0f} MB; up to {LIMIT / 1e6:,.0f} MB are read.")
            found.append((each.name, each.read_bytes()))
    except OSError as error:
        raise CannotRead(f"{path} cannot be read: {error.strerror or type(error).__name__}.") from error
    return found


_PRIVATE: Final = (
    "{host} is an address inside a private network. Set private: true for the import in app.yaml, if it is meant."
)


async def _from_web(one: Watched, seen: _Seen) -> list[tuple[str, bytes]]:
    web = Web(limit=LIMIT, seconds=TIMEOUT, private=one.private, refused=_PRIVATE)
    found = await web.get(one.url, seen.marks)
    if found is None:
        return []
    seen.marks = found.marks
    return [(found.name or f"{one.name}.csv", found.content)]
