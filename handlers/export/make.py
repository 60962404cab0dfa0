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

    @property
    def in_words(self) -> str:
        """`Figures: 6 rows. Deals: 14 rows.`"""
        return " ".join(f"{name}: {rows:,} row{'' if rows == 1 else 's'}." for name, rows in self.counts)


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
        names: list[str] = []
        content = io.BytesIO()
        rows = xlsx.write(_noting(found, names), content)
        title = wanted.what[0] if len(wanted.what) == 1 else ""
        return [Made(_file(extent, title, "xlsx"), XLSX, content.getvalue(), tuple(zip(names, rows, strict=True)))]
    made = []
    for sheet in found:
        text = io.StringIO(newline="")
        number = csv_file.write(sheet, text)
        content_of = text.getvalue().encode()
        made.append(Made(_file(extent, sheet.name.lower(), "csv"), CSV, content_of, ((sheet.name, number),)))
    return made


def _noting(found: Iterator[Sheet], names: list[str]) -> Iterator[Sheet]:
    for sheet in found:
        names.append(sheet.name)
        yield sheet


def _file(extent: Extent, what: str, ending: str) -> str:
    """`East Q4 2026 deals.xlsx`: no sign in it that a file's name may not have."""
    period = extent.period.partition(" (")[0]
    name = " ".join(filter(None, (_UNFIT.sub(" ", extent.name), _UNFIT.sub(" ", period), what)))
    return f"{' '.join(name.split()).strip('. ')[:100]}.{ending}"
