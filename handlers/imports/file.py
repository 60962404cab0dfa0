"""A file as it comes: bytes, a path or an open file become a table of text cells that can be gone through twice.

Rows are numbered as a spreadsheet numbers them, from 1, blank lines included.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, Protocol

import msgspec

from handlers.imports import sheet, text

Source = bytes | str | Path | BinaryIO
"""An open file must be seekable; it is not closed, and only one pass at a time may go over it."""


class Limits(msgspec.Struct, frozen=True):
    """Past these a file is refused. Sizes are in bytes."""

    size: int = 200_000_000
    unpacked: int = 400_000_000
    """What an XLSX may grow to when it is unpacked."""
    columns: int = 500
    cells: int = 20_000_000
    """Of an XLSX sheet's rectangle, empty cells included, which is what reading it costs in memory."""
    texts: int = 200_000_000
    """Of the texts in an XLSX's cells, one that many cells share counted for each of them."""
    line: int = 1_000_000
    """Characters of one line of text."""


LIMITS: Final = Limits()


class Table(Protocol):
    """Rows of text cells."""

    @property
    def described(self) -> str:
        """In words, to show: `CSV, UTF-8, separated by semicolons`."""

    @property
    def separator(self) -> str:
        """Between the cells of text; for a file that goes back to whom it came from."""

    @property
    def encoding(self) -> str:
        """Of the text; UTF-8 for what is none."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know about how it was read; sentences."""

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Each row's number and cells, from the start at every call. Blank rows are left out. Raises Refused."""


@contextmanager
def opened(source: Source) -> Iterator[BinaryIO]:
    """The source at its start."""
    if isinstance(source, bytes):
        yield io.BytesIO(source)
    elif isinstance(source, str | Path):
        with Path(source).open("rb") as file:
            yield file
    else:
        source.seek(0)
        yield source


def open_table(source: Source, *, limits: Limits = LIMITS, sheet_name: str | None = None) -> Table:
    """What kind of file it is, by its first bytes and not by its name. Raises Refused with a sentence."""
    with opened(source) as file:
        size = file.seek(0, io.SEEK_END)
        file.seek(0)
        start = file.read(4096)
        if size > limits.size:
            raise text.Refused(
                f"The file has {size / 1e6:,.0f} MB; up to {limits.size / 1e6:,.0f} MB are read. "
                "Export fewer columns, or a year at a time."
            )
        if not start.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
            raise text.Refused("The file is empty. Export it again, with its header line.")
        if start.startswith(b"PK"):
            return _workbook(source, file, limits, sheet_name)
    if (other := _other(start)) is not None:
        raise text.Refused(other)
    return text.TextTable(lambda: opened(source), limits.columns, limits.line)


def _workbook(source: Source, file: BinaryIO, limits: Limits, sheet_name: str | None) -> Table:
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
            if "xl/workbook.xml" in names:
                sheet.check(archive, limits.unpacked, limits.columns, limits.cells, limits.texts)
    except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, NotImplementedError, ValueError) as error:
        raise text.Refused(
            "The file is damaged: it begins like an XLSX and cannot be unpacked. Save it again."
        ) from error
    if "xl/workbook.bin" in names:
        raise text.Refused("This is a binary workbook (.xlsb). Save it as .xlsx or as CSV.")
    if "xl/workbook.xml" not in names:
        raise text.Refused("This is an archive, not a table. Unpack it and give me the CSV or XLSX that is inside.")
    return sheet.SheetTable(lambda: opened(source), sheet_name, limits.columns)


def _other(start: bytes) -> str | None:
    """What the file is, if it is known to be no table."""
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        return (
            "This is an old Excel file (.xls), or one with a password. Save it as .xlsx or as CSV, without a password."
        )
    if start.startswith(b"%PDF"):
        return "This is a PDF. Export the table as CSV or XLSX."
    if start.startswith(b"\x1f\x8b"):
        return "This is a compressed file. Unpack it and give me the CSV or XLSX that is inside."
    begun = start.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
    if begun.startswith((b"<!doctype html", b"<html", b"<table", b"<head", b"<meta")):
        return "This is a web page, whatever its name says. Some CRMs call it .xls: export CSV or XLSX instead."
    if begun.startswith(b"<?xml"):
        return "This is an XML file. Export the table as CSV or XLSX."
    if begun.startswith((b"{", b"[{")):
        return "This is a JSON file. Export the table as CSV or XLSX."
    if start.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8")):
        return "This is a picture. Export the table as CSV or XLSX."
    return None
