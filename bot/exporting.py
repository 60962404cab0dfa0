"""`pacer export figures|deals|activities|leaderboard`: what somebody may see, or all of it, straight into files.

Read from one state of the rows, written piece by piece beside the target and put in its place at the end: memory stays
flat, and there is never half a file.
"""

from __future__ import annotations

import asyncio
import io
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, TextIO
from zoneinfo import ZoneInfo

import msgspec

from handlers.conversation.company import Company
from handlers.conversation.request import Actor
from handlers.export import csv_file, xlsx
from handlers.export.make import noting, sheets_of
from handlers.export.scope import Asker, extent
from handlers.export.sheet import Sheet
from handlers.export.wanted import Format, What, read
from storage import people
from storage.database import Database, Transaction

OPERATOR = Actor("", "Pacer", "", frozenset({"admin"}))
"""Whoever has this machine's command line has the database too."""


class NotExported(Exception):
    """A sentence that says why there is no file."""


def run(
    database: Database,
    company: Company,
    *,
    what: What,
    words: str,
    email: str | None,
    format: Format,
    to: Path | None,
    out: TextIO,
    say: Callable[[str], None],
    now: datetime,
) -> None:
    """Write it to `to`, or a single CSV to `out`. `words` say whose and when; without `email` nobody is left out.

    A CSV holds one sheet: further ones come beside the first, with the sheet's name in theirs. Raises NotExported.
    """

    def writing(tx: Transaction) -> None:
        _write(tx, company, what, words, email, format, to, out, say, now)

    asyncio.run(database.read(writing))


def _write(
    tx: Transaction,
    company: Company,
    what: What,
    words: str,
    email: str | None,
    format: Format,
    to: Path | None,
    out: TextIO,
    say: Callable[[str], None],
    now: datetime,
) -> None:
    asker = _asker(tx, company, email, now)
    wanted = msgspec.structs.replace(read(words), what=(what,), format=format)
    found = extent(tx, asker, wanted)
    if isinstance(found, str):
        raise NotExported(found)
    sheets = sheets_of(tx, asker, found, wanted.what)
    about = f"{found.name}, {found.period}"
    if format == "xlsx":
        if to is None:
            raise NotExported("Say where the file goes: -o figures.xlsx")
        seen: list[Sheet] = []
        with whole(to) as file:
            rows = sum(xlsx.write(noting(sheets, seen), file))
        say(_told(f"{about}: {rows:,} rows are in {to}.", seen))
        return
    for number, sheet in enumerate(sheets):
        if to is None:
            rows = csv_file.write(sheet, out, mark=False)
            say(_told(f"{about}: {rows:,} rows.", [sheet]))
            if what == "figures":
                say("With -o FILE the months come too, in a file of their own.")
            return
        path = to if not number else to.with_name(f"{to.stem} {sheet.name.lower()}{to.suffix}")
        with whole(path) as file:
            text = io.TextIOWrapper(file, "utf-8", newline="")
            rows = csv_file.write(sheet, text)
            text.flush()
            text.detach()
        say(_told(f"{about}: {rows:,} rows are in {path}.", [sheet]))


def _told(sentence: str, seen: Sequence[Sheet]) -> str:
    return " ".join((sentence, *(sheet.note for sheet in seen if sheet.note)))


def _asker(tx: Transaction, company: Company, email: str | None, now: datetime) -> Asker:
    here = now.astimezone(ZoneInfo(company.zone))
    if email is None:
        return Asker(OPERATOR, company, here, here.date(), company.date_order)
    known = people.by_email(tx, email)
    if known is None:
        raise NotExported(f"Nobody here has the e-mail address {email}.")
    there = now.astimezone(ZoneInfo(known.zone)) if known.zone else here
    holds = people.circumstances(tx, known.id, there.date())
    roles = holds.roles | {"admin"} if known.email in company.admins else holds.roles
    actor = Actor(known.id, known.name, known.email, roles, holds.reports)
    return Asker(actor, company, there, there.date(), company.date_order)


@contextmanager
def whole(to: Path) -> Iterator[BinaryIO]:
    """A file that is there in full or not at all. Raises OSError with the name that was asked for."""
    half = to.with_name(f".{to.name}.{os.getpid()}")
    try:
        with half.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        half.replace(to)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(to)) from error
    finally:
        with suppress(OSError):
            half.unlink()
