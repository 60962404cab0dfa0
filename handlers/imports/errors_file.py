"""A copy of the rows that were left out, with the reasons beside them: mended there, it can be imported again."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import BinaryIO, TextIO

from handlers.imports.fields import OUR_COLUMNS
from handlers.imports.reading import Reading
from handlers.imports.rows import BadRow, RowError
from handlers.language.formulas import safe


class ErrorsFile:
    """Written row by row to a text file that is opened with newline=""."""

    def __init__(self, to: TextIO, titles: Sequence[str], separator: str = ",") -> None:
        self._writer = csv.writer(to, delimiter=separator)
        self._width = len(titles)
        self._writer.writerow([*map(safe, titles), *OUR_COLUMNS])

    def add(self, bad: BadRow) -> None:
        """One row more."""
        cells = [*bad.cells[: self._width], *[""] * (self._width - len(bad.cells))]
        reasons = [f"{error.column}: {error.reason}" if error.column else error.reason for error in bad.errors]
        extra = [cell for cell in bad.cells[self._width :] if cell.strip()]
        if extra:
            reasons.append(f"Beyond the last column: {' | '.join(extra)}")
        self._writer.writerow([*map(safe, cells), str(bad.row), safe(" ".join(reasons))])


def write_left_out(reading: Reading, late: Sequence[RowError], to: BinaryIO) -> int:
    """All rows of a file that could not be read, and those that could not be applied (`late`); how many. Nothing is
    written where there is none. Separated and encoded as the file was, so that the same program opens both; in UTF-8
    where the file's encoding lacks a letter.
    """
    reasons: dict[int, list[RowError]] = {}
    for error in late:
        reasons.setdefault(error.row, []).append(error)
    bad = {row.row: row for row in reading.rows() if isinstance(row, BadRow)}
    for number, cells in reading.lines() if reasons else ():
        if number in reasons:
            bad[number] = BadRow(number, tuple(cells), tuple(reasons[number]))
    if bad:
        text = io.StringIO(newline="")
        file = ErrorsFile(text, reading.titles, reading.separator)
        for number in sorted(bad):
            file.add(bad[number])
        to.write(_encoded(text.getvalue(), reading.encoding))
    return len(bad)


def _encoded(text: str, encoding: str) -> bytes:
    """A spreadsheet knows UTF-8 and UTF-16 by the mark that is written first."""
    if encoding == "utf-8":
        return text.encode("utf-8-sig")
    if encoding.startswith("utf-16"):
        return text.encode("utf-16")
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        return text.encode("utf-8-sig")


def write(rows: Iterable[object], titles: Sequence[str], to: TextIO) -> int:
    """Write the bad ones among `rows`; how many."""
    file = ErrorsFile(to, titles)
    number = 0
    for row in rows:
        if isinstance(row, BadRow):
            file.add(row)
            number += 1
    return number
