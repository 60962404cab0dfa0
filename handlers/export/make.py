"""From what is wanted to the files, in one reading transaction."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from handlers.export import csv_file, xlsx
from handlers.export.figures import board, sheets
from handlers.export.rows import activities_sheet, deals_sheet
from handlers.export.scope import Asker, Extent
from handlers.export.sheet import Sheet
from handlers.export.wanted import Wanted, What
from storage.database import Transaction

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv"
_UNFIT = re.compile(r'[\x00-\x1f<>:"/\\|?*]+')


@dataclass(frozen=True, slots=True)
class Made:
    """One file. `counts` are (sheet's name, rows), as they stand in it."""

    name: str
    media: str
    content: bytes
    counts: tuple[tuple[str, int], ...]
    notes: tuple[str, ...] = ()

    @property
    def in_words(self) -> str:
        """`Figures: 6 rows. Deals: 14 rows.`"""
        counted = (f"{name}: {rows:,} row{'' if rows == 1 else 's'}." for name, rows in self.counts)
        return " ".join((*counted, *self.notes))


def sheets_of(tx: Transaction, asker: Asker, extent: Extent, what: tuple[What, ...]) -> Iterator[Sheet]:
    """The sheets, in the order in which they are wanted; each is read when it is written."""
    for one in what:
        match one:
            case "figures":
                yield from sheets(tx, asker, extent)
            case "deals":
                yield deals_sheet(tx, asker, extent)
            case "activities":
                yield activities_sheet(tx, asker, extent)
            case "leaderboard":
                yield board(tx, asker, extent)


def make(tx: Transaction, asker: Asker, extent: Extent, wanted: Wanted) -> list[Made]:
    """The files: one workbook, or a CSV for each sheet."""
    found = sheets_of(tx, asker, extent, wanted.what)
    if wanted.format == "xlsx":
        seen: list[Sheet] = []
        content = io.BytesIO()
        rows = xlsx.write(noting(found, seen), content)
        title = wanted.what[0] if len(wanted.what) == 1 else ""
        counts = tuple(zip((one.name for one in seen), rows, strict=True))
        notes = tuple(one.note for one in seen if one.note)
        return [Made(_file(extent, title, "xlsx"), XLSX, content.getvalue(), counts, notes)]
    made = []
    for sheet in found:
        text = io.StringIO(newline="")
        number = csv_file.write(sheet, text)
        content_of = text.getvalue().encode()
        notes = (sheet.note,) if sheet.note else ()
        made.append(Made(_file(extent, sheet.name.lower(), "csv"), CSV, content_of, ((sheet.name, number),), notes))
    return made


def noting(found: Iterator[Sheet], seen: list[Sheet]) -> Iterator[Sheet]:
    """The same, kept in `seen` as they pass."""
    for sheet in found:
        seen.append(sheet)
        yield sheet


def _file(extent: Extent, what: str, ending: str) -> str:
    """`East Q4 2026 deals.xlsx`: no sign in it that a file's name may not have."""
    period = extent.period.partition(" (")[0]
    name = " ".join(filter(None, (_UNFIT.sub(" ", extent.name), _UNFIT.sub(" ", period), what)))
    return f"{' '.join(name.split()).strip('. ')[:100]}.{ending}"
