"""How a file is to be read, as somebody said it, and the reading of it that way."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from handlers.conversation.company import Company
from handlers.figures.stages import LOST, WON
from handlers.imports.apply import SOURCE, known
from handlers.imports.dates import Order
from handlers.imports.fields import Kind
from handlers.imports.file import Source
from handlers.imports.reading import Reading, read_file
from handlers.numbers.periods import day_in
from storage import imports, people
from storage.database import Transaction


class Asked(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was said about a file; the rest is guessed and shown."""

    kind: Kind | None = None
    mapping: tuple[str, ...] = ()
    """As `--map` takes them: `Column=field`."""
    date_order: Order | None = None
    sheet: str | None = None
    source: str = SOURCE
    """The system that ids in the file belong to."""


class Around(msgspec.Struct, frozen=True):
    """What of the rows a reading needs."""

    known: object
    applied: frozenset[str]
    """Of deals and targets, what an import has brought in before."""

    def announces(self, kind: Kind) -> bool:
        """Whether what such a file brings is news to others: not in the first import of its kind."""
        return kind in self.applied


def around(tx: Transaction) -> Around:
    """Read together, on a connection of its own."""
    return Around(known(tx), frozenset(kind for kind in ("deals", "targets") if imports.was_applied(tx, kind)))


def read(content: Source, asked: Asked, around: Around, *, name: str, company: Company, now: datetime) -> Reading:
    """The file, looked through once: seconds for a large one, in a thread and in no transaction. Raises Refused."""
    there = around.known
    assert isinstance(there, dict)
    return read_file(
        content,
        name=name,
        currency=company.currency,
        zone=ZoneInfo(company.zone),
        today=day_in(company.zone, now),
        kind=asked.kind,
        mapping=list(asked.mapping),
        date_order=asked.date_order,
        sheet=asked.sheet,
        stages={stage: company.stage_words.get(stage, ()) for stage in (*company.stages, WON, LOST)},
        known_people=there["known_people"],
        known_accounts=there["known_accounts"],
    )


def digest_of(content: bytes | Path) -> str:
    """By which the same file is known again."""
    if isinstance(content, bytes):
        return hashlib.sha256(content).hexdigest()
    with content.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def names_of(tx: Transaction, ids: Sequence[str]) -> dict[str, str]:
    """What people are called."""
    return {one: known.name for one in dict.fromkeys(ids) if (known := people.person(tx, one)) is not None}
