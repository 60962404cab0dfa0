"""An XLSX as a table: one sheet, its cells as text.

The reader (calamine) holds the sheet in memory, as a rectangle; so what a hostile file could make of that is measured
before (sheet_texts.py has the texts that cells share).
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import date, datetime, time, timedelta
from typing import Any, BinaryIO, Final, TypeVar

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from handlers.imports.sheet_texts import Texts, chunks, shown
from handlers.imports.text import Refused

# Each begins with letters that the search leaps to: a sheet has millions of places.
_ROW: Final = re.compile(rb' r="(\d{1,12})"')
_RIGHT: Final = re.compile(rb' r="([A-Za-z]{2,6})\d')
_ODD_PLACE: Final = re.compile(rb' r="[A-Za-z0-9]*[^"A-Za-z0-9]')
_ANY_PLACE: Final = re.compile(rb"""\sr\s*=\s*["']([^"']{0,40})["']""")
_UNUSUAL: Final = (b"\tr", b"\nr", b"\rr", b"r =", b"r\t=", b"r\n=", b"r\r=", b"r= ", b"r=\t", b"r=\n", b"r=\r", b"r='")
_PLACE: Final = re.compile(rb"([A-Za-z]{0,6})(\d{0,12})")
_ROW_TAG: Final = re.compile(rb"<(?:\w+:)?row\b")
_OVERLAP: Final = 64
_SHEETS: Final = 50
"""So many visible ones are looked at for a table; a workbook may name the same one again and again."""
T = TypeVar("T")


class Exact(str):
    """A cell that was a number, a date or a yes/no in the spreadsheet: nothing about its writing is open.

    Numbers have a point and no thousands, dates are ISO 8601.
    """

    __slots__ = ()


def check(archive: zipfile.ZipFile, unpacked: int, columns: int, cells: int, texts: int) -> None:
    """Refuse what would not fit into memory. Raises Refused, and what zipfile raises."""
    # What zipfile unpacks is never more than the directory says, which costs nothing to ask.
    if sum(part.file_size for part in archive.infolist()) > unpacked:
        raise Refused(
            f"Unpacked, this XLSX is larger than {unpacked / 1e6:,.0f} MB. Export fewer columns, "
            "a year at a time, or CSV."
        )
    shared = Texts(archive, texts)
    sheets, shows = [], 0
    for part in archive.infolist():
        is_sheet = part.filename.startswith("xl/worksheets/") and part.filename.endswith(".xml")
        widest = rows = counted = 0
        tail = b""
        with archive.open(part) as stream:
            for chunk in chunks(stream):
                piece = tail + chunk
                # The reader goes where the workbook sends it, and no folder is too odd for that.
                is_sheet = is_sheet or b"sheetData" in piece
                if is_sheet:
                    furthest_row, furthest_column = _furthest(piece)
                    rows = max(rows, furthest_row)
                    widest = max(widest, furthest_column)
                    # A row need not say its number.
                    counted += sum(1 for _ in _ROW_TAG.finditer(chunk))
                    shows += shown(piece) - shown(tail)
                tail = piece[-_OVERLAP:]
        if is_sheet:
            sheets.append(part)
        rows = max(rows, counted)
        if widest > columns:
            raise Refused(
                f"The sheet reaches to its column {widest:,}; up to {columns} are read. Delete what stands "
                "far to the right, or copy the table into a new sheet."
            )
        if rows * max(widest, 1) > cells:
            raise Refused(
                f"The sheet spans {rows:,} rows and {widest} columns, which is more than is read at once. "
                "Delete what stands far below or to the right of the table, or save it as CSV."
            )
    shared.check(archive, shows, sheets)


def _furthest(piece: bytes) -> tuple[int, int]:
    """The last row and the last column that a piece of a sheet's XML speaks of; at least 26 columns."""
    places = _ANY_PLACE.findall(piece) if any(sign in piece for sign in _UNUSUAL) else []
    found = [_PLACE.fullmatch(place) for place in places]
    if _ODD_PLACE.search(piece) or not all(found):
        raise Refused("A cell of this XLSX says its place in a way that no spreadsheet writes. Save it again.")
    rows = [int(number) for number in _ROW.findall(piece)]
    rows += [int(match[2]) for match in found if match and match[2]]
    letters = set(_RIGHT.findall(piece)) | {match[1] for match in found if match}
    return max(rows, default=0), max((_column(each) for each in letters), default=26)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


class SheetTable:
    """One sheet: the one named, else the first visible one that is wider than a column."""

    separator: Final = ","
    encoding: Final = "utf-8"

    def __init__(self, opener: Callable[[], AbstractContextManager[BinaryIO]], name: str | None, columns: int) -> None:
        self._columns = columns
        self.notes: tuple[str, ...] = ()
        with opener() as file:
            self._sheet = self._chosen(_guarded(lambda: CalamineWorkbook.from_filelike(file)), name)
        self.described = f"XLSX, sheet “{self._sheet.name}”"

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Each row's number and cells; numbers, dates and yes/no are Exact. Raises Refused."""
        # The reader leaves out empty columns before the table, and keeps empty rows.
        for number, row in enumerate(self._sheet.iter_rows(), 1):
            cells = [value if type(value) is str else _text(value) for value in row]
            if any(cells) and any(cell.strip() for cell in cells):
                yield number, cells

    def _chosen(self, book: CalamineWorkbook, name: str | None) -> CalamineSheet:
        known = [
            sheet.name
            for sheet in book.sheets_metadata
            if sheet.typ == SheetTypeEnum.WorkSheet
            and (sheet.visible == SheetVisibleEnum.Visible or sheet.name == name)
        ]
        if name is not None:
            if name not in known:
                raise Refused(f"The workbook has no sheet “{name}”; it has {_listed(known)}.")
            return _guarded(lambda: book.get_sheet_by_name(name))
        first: CalamineSheet | None = None
        others = []
        for each in known[:_SHEETS]:
            sheet = _guarded(lambda each=each: book.get_sheet_by_name(each))  # type: ignore[misc]
            if sheet.width > 1 and sheet.height > 1:
                # One at a time is held: each may be as large as the limits allow.
                if first is None:
                    first = sheet
                else:
                    others.append(sheet.name)
        if first is None:
            raise Refused("No visible sheet of this workbook holds a table with a header and at least one row.")
        if others:
            self.notes = (f"The sheet “{first.name}” was read. There are others: {_listed(others)}.",)
        return first


def _guarded(work: Callable[[], T]) -> T:
    """The reader's complaint as a sentence; it is in Rust, and a part that it takes for impossible is a panic there."""
    try:
        return work()
    except (CalamineError, ValueError, OSError) as error:
        raise Refused("The XLSX cannot be read: it is damaged or has a password. Open it and save it again.") from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":
            raise Refused("The XLSX is damaged inside. Open it in a spreadsheet and save it again.") from error
        raise


def _listed(names: list[str]) -> str:
    shown = [f"“{name}”" for name in names[:5]]
    return ", ".join(shown) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _text(value: Any) -> str:
    match value:
        case bool():
            return Exact("yes" if value else "no")
        case int():
            return Exact(value)
        case float():
            # Fifteen digits are what a spreadsheet itself keeps and shows.
            return Exact(int(value) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}")
        case datetime():
            return Exact(value.isoformat(sep=" ", timespec="seconds"))
        case date() | time():
            return Exact(value.isoformat())
        case timedelta():
            return Exact(f"{value.total_seconds() / 86400:.15g}")
        case _:
            return str(value)
