"""What the appliers of each kind share: the circumstances of an import, and what comes of it, counted."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, TypeVar

from handlers.conversation.company import Company
from handlers.imports.rows import RowError
from handlers.numbers.periods import day_in

PIECE: Final = 0.05
"""Seconds that a piece may keep the database: a turn that comes meanwhile waits for one piece at most."""
FIRST: Final = 100
LEAST: Final = 50
MOST: Final = 200
"""Rows of a piece: of the first one, and how few and how many any may have."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One import under way."""

    id: str
    company: Company
    now: datetime
    by: str | None
    source: str
    """The system that the file comes from: ids there are compared within it."""
    fields: dict[str, str]
    """Field -> title of its column, of those that the file has."""
    announces: bool = False
    """Whether wins and targets are facts for others: not in a company's first import of them."""

    @property
    def today(self) -> date:
        """In the company's zone."""
        return day_in(self.company.zone, self.now)

    def is_news(self, won_on: date | None) -> bool:
        """Whether a win of that day is worth telling: under so many days old (`wins.news_days`, 7)."""
        news = timedelta(days=self.company.wins.news_days)
        return self.announces and won_on is not None and self.today - won_on < news


@dataclass(slots=True)
class Tally:
    """What was done. Every row of the file is in exactly one of made, changed, same and left_out."""

    made: int = 0
    changed: int = 0
    same: int = 0
    left_out: list[RowError] = field(default_factory=list)
    """Rows that could be read but not applied, and why."""
    notes: Counter[str] = field(default_factory=Counter)
    """Sentences with `{n}` for how often, of what was done beside."""
    doubts: list[str] = field(default_factory=list)
    """Sentences, each about a row."""
    facts: list[object] = field(default_factory=list)
    """For the listeners of other features; not added up, since they are told piece by piece."""

    def add(self, other: Tally) -> None:
        """Both together."""
        self.made += other.made
        self.changed += other.changed
        self.same += other.same
        self.left_out += other.left_out
        self.notes.update(other.notes)
        self.doubts += other.doubts

    def refuse(self, row: int, value: str, reason: str) -> None:
        """That row is left out."""
        self.left_out.append(RowError(row, "", value, reason))


@dataclass(slots=True)
class Pace:
    """How many rows the next piece has: as many as are written in PIECE, by how long the last one took."""

    rows: int = FIRST

    def took(self, seconds: float) -> None:
        """The piece that was handed out last was written in so long."""
        fitting = int(self.rows * PIECE / max(seconds, 0.001))
        self.rows = max(LEAST, min(fitting, 2 * self.rows, MOST))


class Identities:
    """Ids for rows that bear none: made of what identifies them, with a number where a file repeats it."""

    def __init__(self) -> None:
        self._seen: dict[bytes, int] = {}

    def of(self, *parts: str) -> str:
        """The same for the same parts at the same repetition."""
        digest = hashlib.blake2b("\x1f".join(parts).encode(), digest_size=12)
        key = digest.digest()
        again = self._seen[key] = self._seen.get(key, -1) + 1
        return f"row-{digest.hexdigest()}" + (f"-{again + 1}" if again else "")


def batches(items: Iterable[T], size: int | Pace) -> Iterator[list[T]]:
    """Lists of so many, the last one shorter; a pace says it anew for each."""
    batch: list[T] = []
    for item in items:
        batch.append(item)
        if len(batch) >= (size if isinstance(size, int) else size.rows):
            yield batch
            batch = []
    if batch:
        yield batch
