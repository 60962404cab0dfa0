"""A copy of the rows that were left out, with the reasons beside them: mended there, it can be imported again."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from typing import TextIO

from handlers.imports.fields import OUR_COLUMNS
from handlers.imports.file import Source, open_table
from handlers.imports.reading import Reading
from handlers.imports.rows import BadRow, RowError
from handlers.language.formulas import safe


class ErrorsFile:
    """Written row by row, so that any number of them takes no memory.

    `to` is opened with newline="" and in UTF-8; a spreadsheet knows it by the mark that is written first.
    """

    def __init__(self, to: TextIO, titles: Sequence[str]) -> None:
        self._writer = csv.writer(to)
        self._width = len(titles)
        to.write("\ufeff")
        self._writer.writerow([*map(safe, titles), *OUR_COLUMNS])

    def add(self, bad: BadRow) -> None:
        """One row more."""
        cells = [*bad.cells[: self._width], *[""] * (self._width - len(bad.cells))]
        reasons = [f"{error.column}: {error.reason}" if error.column else error.reason for error in bad.errors]
        extra = [cell for cell in bad.cells[self._width :] if cell.strip()]
        if extra:
            reasons.append(f"Beyond the last column: {' | '.join(extra)}")
        self._writer.writerow([*map(safe, cells), str(bad.row), safe(" ".join(reasons))])


def write_left_out(reading: Reading, late: Sequence[RowError], source: Source, sheet: str | None, to: TextIO) -> int:
    """All rows of a file that could not be read, and those that could not be applied (`late`); how many. Nothing is
    written where there is none."""
    reasons: dict[int, list[RowError]] = {}
    for error in late:
        reasons.setdefault(error.row, []).append(error)
    bad = {row.row: row for row in reading.rows() if isinstance(row, BadRow)}
    for number, cells in open_table(source, sheet_name=sheet).rows() if reasons else ():
        if number in reasons:
            bad[number] = BadRow(number, tuple(cells), tuple(reasons[number]))
    if bad:
        file = ErrorsFile(to, reading.titles)
        for number in sorted(bad):
            file.add(bad[number])
    return len(bad)


def write(rows: Iterable[object], titles: Sequence[str], to: TextIO) -> int:
    """Write the bad ones among `rows`; how many."""
    file = ErrorsFile(to, titles)
    number = 0
    for row in rows:
        if isinstance(row, BadRow):
            file.add(row)
            number += 1
    return number
