"""An XLSX as a table: one sheet, its cells as text.

The reader (calamine) holds the sheet in memory, as a rectangle; so what a hostile file could make of that is measured
before, on the bytes as they really unpack and not as the archive says.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import date, datetime, time, timedelta
from itertools import chain
from typing import IO, Any, BinaryIO, Final, TypeVar

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from handlers.imports.text import Refused

_CHUNK: Final = 1 << 20
# Each begins with letters that the search leaps to: a sheet has millions of places.
_ROW: Final = re.compile(rb' r="(\d{1,12})"')
_RIGHT: Final = re.compile(rb' r="([A-Za-z]{2,6})\d')
_ODD_PLACE: Final = re.compile(rb' r="[A-Za-z0-9]*[^"A-Za-z0-9]')
_ANY_PLACE: Final = re.compile(rb"""\sr\s*=\s*["']([^"']{0,40})["']""")
_UNUSUAL: Final = (b"\tr", b"\nr", b"\rr", b"r =", b"r\t=", b"r\n=", b"r\r=", b"r= ", b"r=\t", b"r=\n", b"r=\r", b"r='")
_PLACE: Final = re.compile(rb"([A-Za-z]{0,6})(\d{0,12})")
_ROW_TAG: Final = re.compile(rb"<(?:\w+:)?row\b")
_OVERLAP: Final = 64
_STRING: Final = re.compile(rb"<(?:\w+:)?si\b")
_STRINGS: Final = re.compile(rb"<(?:\w+:)?sst\b")
_CLAIMED: Final = re.compile(rb"uniqueCount(?:=\"(\d{1,10})\")?")
_ODD_STRINGS: Final = "The texts of this XLSX are counted in a way that no spreadsheet does it. Save it again."
T = TypeVar("T")


class Exact(str):
    """A cell that was a number, a date or a yes/no in the spreadsheet: nothing about its writing is open.

    Numbers have a point and no thousands, dates are ISO 8601.
    """

    __slots__ = ()


def check(archive: zipfile.ZipFile, unpacked: int, columns: int, cells: int) -> None:
    """Refuse what would not fit into memory. Reads every part once. Raises Refused, and what zipfile raises."""
    total = 0
    for part in archive.infolist():
        is_sheet = part.filename.startswith("xl/worksheets/") and part.filename.endswith(".xml")
        widest = rows = counted = 0
        tail = b""
        if part.filename.lower().endswith("sharedstrings.xml"):
            _check_strings(archive, part)
        with archive.open(part) as stream:
            for chunk in _chunks(stream):
                total += len(chunk)
                if total > unpacked:
                    raise Refused(
                        f"Unpacked, this XLSX is larger than {unpacked / 1e6:,.0f} MB. Export fewer columns, "
                        "a year at a time, or CSV."
                    )
                if not is_sheet:
                    continue
                piece = tail + chunk
                furthest_row, furthest_column = _furthest(piece)
                rows = max(rows, furthest_row)
                widest = max(widest, furthest_column)
                # A row need not say its number.
                counted += sum(1 for _ in _ROW_TAG.finditer(chunk))
                tail = piece[-_OVERLAP:]
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


def _check_strings(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """The reader makes room for as many texts as this part says that it has; without room for them the process ends.

    So its claim must be the first thing in it, said once, and no more than it can hold: a text takes five bytes.
    """
    tables, tail = 0, b""
    with archive.open(part) as stream:
        head = stream.read(_CHUNK)
        begins = _STRING.search(head)
        claims = list(_CLAIMED.finditer(head, 0, begins.start() if begins else len(head)))
        if (begins is None and len(head) == _CHUNK) or not all(claim[1] for claim in claims):
            raise Refused(_ODD_STRINGS)
        size = 0
        for chunk in chain((head,), _chunks(stream)):
            tables += len(_STRINGS.findall(tail + chunk)) - len(_STRINGS.findall(tail))
            tail = chunk[-_OVERLAP:]
            size += len(chunk)
    if tables > 1 or any(int(claim[1]) * 5 > size for claim in claims):
        raise Refused(_ODD_STRINGS)


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


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    while chunk := stream.read(_CHUNK):
        yield chunk


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
        tables = []
        for each in known:
            sheet = _guarded(lambda each=each: book.get_sheet_by_name(each))  # type: ignore[misc]
            if sheet.width > 1 and sheet.height > 1:
                tables.append(sheet)
        if not tables:
            raise Refused("No visible sheet of this workbook holds a table with a header and at least one row.")
        if len(tables) > 1:
            others = _listed([sheet.name for sheet in tables[1:]])
            self.notes = (f"The sheet “{tables[0].name}” was read. There are others: {others}.",)
        return tables[0]


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
