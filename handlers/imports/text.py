"""A text file as a table: its encoding, its separator, and its rows one after the other."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import AbstractContextManager, closing
from itertools import islice
from typing import BinaryIO, Final

SEPARATORS: Final = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_CALLED: Final = {
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "cp1252": "Windows-1252",
}
_STRAY: Final = "pacer-cp1252"
_SAMPLE: Final = 200
_CHUNK: Final = 1 << 20

Opener = Callable[[], AbstractContextManager[BinaryIO]]


class Refused(Exception):
    """A file that cannot be read at all; its text is the sentence for the person."""


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    """Bytes that are no UTF-8 are read as Windows-1252, which is what strays into such files."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error(_STRAY, _as_windows)


class TextTable:
    """A CSV, or whatever else separates its cells. Memory does not grow with the number of rows."""

    def __init__(self, opener: Opener, columns: int, line: int) -> None:
        self._opener = opener
        self._columns = columns
        self._line = line
        self.notes: tuple[str, ...] = ()
        with opener() as file:
            self.encoding, stray = _encoding(file)
        if stray:
            self.notes = (f"{stray} bytes were not UTF-8 and were read as Windows-1252: look at accents and signs.",)
        sample, self._skipped = self._sample()
        said = _said(sample[0]) if sample else None
        self.separator = said or _separator(sample)
        self._skipped += said is not None
        called = _CALLED.get(self.encoding, self.encoding)
        self.described = f"text, {called}, separated by {SEPARATORS.get(self.separator, repr(self.separator))}"

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Each row's number and cells. Raises Refused for a line or a row that is too long, and for an open quote."""
        # The decoder lets go of the file before the file is closed, wherever the caller stops.
        with self._opener() as file, closing(self._lines(file)) as every:
            lines = islice(every, self._skipped, None)
            reader = csv.reader(lines, delimiter=self.separator)
            number = 0
            started = 0
            while True:
                try:
                    cells = next(reader, None)
                except csv.Error as error:
                    raise Refused(
                        f"In row {number + 1} (line {started + self._skipped + 1} of the text) a quotation mark opens "
                        "and is not closed for a very long time. Close or remove it, then try again."
                    ) from error
                if cells is None:
                    return
                number += 1
                started = reader.line_num
                if len(cells) > self._columns:
                    while cells and not cells[-1]:
                        cells.pop()
                    if len(cells) > self._columns:
                        raise Refused(f"Row {number} has {len(cells):,} cells; up to {self._columns} columns are read.")
                if any(cells) and any(cell.strip() for cell in cells):
                    yield number, cells

    def _lines(self, file: BinaryIO) -> Generator[str, None, None]:
        errors = _STRAY if self.encoding == "utf-8" else "replace"
        stream = io.TextIOWrapper(file, encoding=self.encoding, errors=errors, newline="")
        try:
            first = True
            while line := stream.readline(self._line):
                if len(line) == self._line:
                    raise Refused(
                        f"A line of the file is longer than {self._line:,} characters, so it is hardly a table."
                    )
                if first:
                    line = line.removeprefix("\ufeff")
                    first = False
                yield line.replace("\0", "") if "\0" in line else line
        finally:
            stream.detach()

    def _sample(self) -> tuple[list[str], int]:
        """The first lines, from the first that is not blank, and how many blank ones stand before a `sep=` line."""
        with self._opener() as file, closing(self._lines(file)) as every:
            lines = list(islice(every, _SAMPLE))
        blank = next((at for at, line in enumerate(lines) if line.strip()), 0)
        if blank < len(lines) and _said(lines[blank]):
            return lines[blank:], blank
        return lines, 0


def _encoding(file: BinaryIO) -> tuple[str, int]:
    """The encoding, and how many stray bytes a file has that is UTF-8 but for them."""
    start = file.read(_CHUNK)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", 0
    sample = start[:65536]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    # Letters, digits, separators and line ends of the Latin script leave every second byte empty.
    if odd > len(sample) // 20 and odd > 4 * even:
        return "utf-16-le", 0
    if even > len(sample) // 20 and even > 4 * odd:
        return "utf-16-be", 0
    stray = good = 0

    def count(error: UnicodeError) -> tuple[str, int]:
        nonlocal stray
        if not isinstance(error, UnicodeDecodeError):
            raise error
        stray += error.end - error.start
        return "", error.end

    codecs.register_error("pacer-count", count)
    decoder = codecs.getincrementaldecoder("utf-8")("pacer-count")
    while start:
        if not start.isascii() or stray:
            good += sum(1 for letter in decoder.decode(start) if letter > "\x7f")
        else:
            decoder.decode(start)
        start = file.read(_CHUNK)
    decoder.decode(b"", final=True)
    if stray == 0:
        return "utf-8", 0
    return ("cp1252", 0) if stray >= good else ("utf-8", stray)


def _said(line: str) -> str | None:
    """The separator of a `sep=;` line, which Excel writes and reads."""
    line = line.strip(' "\r\n')
    return line[4] if len(line) == 5 and line[:4].lower() == "sep=" else "\t" if line.lower() == "sep=" else None


def _separator(lines: list[str]) -> str:
    """The one that cuts the most lines into the same number of cells, more than one; of equals, the most cells."""
    best, best_score = ",", (0.0, 0)
    for separator in SEPARATORS:
        widths = [len(cells) for cells in _cut(lines, separator) if any(cell.strip() for cell in cells)]
        wide = Counter(width for width in widths if width > 1)
        if not wide:
            continue
        width, rows = max(wide.items(), key=lambda item: (item[1], item[0]))
        # A row may be ragged, or hold a mark more; what counts is how many are not cut at all.
        score = (round(rows / len(widths) - 0.5 * widths.count(1) / len(widths), 2), width)
        if score > best_score:
            best, best_score = separator, score
    return best


def _cut(lines: Iterable[str], separator: str) -> Iterator[list[str]]:
    reader = csv.reader(lines, delimiter=separator)
    while True:
        try:
            cells = next(reader, None)
        except csv.Error:
            return
        if cells is None:
            return
        yield cells
