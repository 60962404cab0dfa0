"""The texts of an XLSX that its cells share, measured before the reader makes room for them.

The reader copies a text into every cell that shows it, so that thirty kilobytes could ask for gigabytes. The texts are
measured on the bytes as they unpack; where these are not written as spreadsheets write them, the file is refused, since
then the reader might see other texts there than these measures do.
"""

from __future__ import annotations

import re
import zipfile
from array import array
from collections import Counter
from collections.abc import Iterator
from typing import IO, Final

from handlers.imports.text import Refused

CHUNK: Final = 1 << 20
LONGEST: Final = 32_767
"""Characters of one cell, by Excel's own limit."""
_MARKUP: Final = len("<si><t></t></si>")
"""What stands around a text at least."""
_BLANK: Final = 1_000
_PREFIX: Final = rb"(?:[^\s<>/:]{1,40}:)?"
_BEGUN: Final = re.compile(rb"<" + _PREFIX + rb"si\b")
_ENDED: Final = re.compile(rb"</" + _PREFIX + rb"si\s*>|<" + _PREFIX + rb"si\s*/>")
_STRINGS: Final = re.compile(rb"<" + _PREFIX + rb"sst\b")
_CLAIMED: Final = re.compile(rb"uniqueCount(?:=\"(\d{1,10})\")?")
_TEXT: Final = re.compile(rb"<" + _PREFIX + rb"t(?:\s[^<>]*)?>([^<]*)<")
_ENTITY: Final = re.compile(r"&#?\w{1,8};")
_NO_TAG: Final = re.compile(rb"<!|<[^<>]*<")
_WITH_ATTRIBUTES: Final = re.compile(rb"<[^<>=]*=[^<>]*>")
_WHOLE: Final = re.compile(rb"""<[^<>"'=]+(?:=\s*(?:"[^"<>]*"|'[^'<>]*')[^<>"'=]*)*>""")
_ATTRIBUTES: Final = rb'(?:\s[\w:]{1,40}="[^"<>]*")*'
_REFERENCE: Final = re.compile(
    rb"<(?:\w{1,40}:)?c" + _ATTRIBUTES + rb'?\st="s"' + _ATTRIBUTES + rb"\s*>\s*"
    rb"<(?:\w{1,40}:)?v>(\d{1,9})</(?:\w{1,40}:)?v>\s*</(?:\w{1,40}:)?c>"
)
_ODD: Final = "The texts of this XLSX are counted in a way that no spreadsheet does it. Save it again."


class Texts:
    """The shared texts of one workbook, by size."""

    def __init__(self, archive: zipfile.ZipFile, limit: int) -> None:
        """Raises Refused, and what zipfile raises. `limit` is in bytes, of all cells' texts together."""
        self._limit = limit
        self._sizes = array("L")
        self._blank = 0
        found = [part for part in archive.infolist() if part.filename.lower().endswith("sharedstrings.xml")]
        if len(found) > 1:
            raise Refused(_ODD)
        for part in found:
            if part.file_size > limit:
                raise self._too_much()
            self._measure(archive.read(part))

    def _measure(self, data: bytes) -> None:
        """The reader makes room for as many texts as this part says that it has; without that room the process ends.

        So its claim must be the first thing in it, said once, and no more than it can hold: a text takes five bytes.
        """
        begins = _BEGUN.search(data)
        claims = list(_CLAIMED.finditer(data, 0, begins.start() if begins else len(data)))
        claimed = max((int(claim[1] or len(data)) for claim in claims), default=0)
        if claimed * 5 > len(data) or len(_STRINGS.findall(data)) > 1:
            raise Refused(_ODD)
        # A comment, or a sign within an attribute, could hide from these patterns where a text ends.
        if _NO_TAG.search(data) or not all(map(_WHOLE.fullmatch, set(_WITH_ATTRIBUTES.findall(data)))):
            raise Refused(_ODD)
        start = begins.start() if begins else 0
        for ended in _ENDED.finditer(data):
            end = ended.end()
            if end - start > LONGEST and _length(data[start:end]) > LONGEST:
                raise Refused(
                    f"A cell of this XLSX holds a text of more than {LONGEST:,} characters, which is more than Excel "
                    "itself allows. Leave that column out of the export, or save it as CSV."
                )
            self._blank += _TEXT.search(data, start, end) is None
            self._sizes.append(end - start)
            start = end
        if len(self._sizes) != len(_BEGUN.findall(data)):
            raise Refused(_ODD)

    def check(self, archive: zipfile.ZipFile, shown: int, sheets: list[zipfile.ZipInfo]) -> None:
        """Refuse what would not fit once each of the `shown` cells has its text. Looks closely only where it must."""
        longest = max(self._sizes, default=0)
        if shown * max(longest - _MARKUP, 0) <= self._limit:
            return
        times: Counter[bytes] = Counter()
        named = 0
        for part in sheets:
            with archive.open(part) as stream:
                for piece in _cells(stream):
                    found = _REFERENCE.findall(piece)
                    named += len(found)
                    times.update(found)
        # A cell that names its text in another way shows the longest. The reader may leave out blank texts, so that its
        # numbers run behind these.
        total = max(shown - named, 0) * longest
        if self._blank > _BLANK:
            raise self._too_much()
        for number, count in times.items():
            at = int(number)
            of = self._sizes[at : at + self._blank + 1]
            total += count * max(max(of, default=0) - _MARKUP, 0)
        if total > self._limit:
            raise self._too_much()

    def _too_much(self) -> Refused:
        return Refused(
            f"The texts in the cells of this XLSX come to more than {self._limit / 1e6:,.0f} MB. Leave out the columns "
            "with long texts, export a year at a time, or save it as CSV."
        )


def shown(piece: bytes) -> int:
    """How many cells of a piece of a sheet show a shared text: never fewer than there are."""
    return piece.count(b'"s"') + piece.count(b"'s'")


def chunks(stream: IO[bytes]) -> Iterator[bytes]:
    """All of it, a megabyte at a time."""
    while chunk := stream.read(CHUNK):
        yield chunk


def _cells(stream: IO[bytes]) -> Iterator[bytes]:
    """All of it, cut between cells as far as there are any."""
    rest = b""
    for chunk in chunks(stream):
        piece = rest + chunk
        begun = max(piece.rfind(b"<c "), piece.rfind(b":c "), 0)
        cut = piece.rfind(b"<", 0, begun + 1) if begun else len(piece)
        rest = piece[cut:] if len(piece) - cut < CHUNK else b""
        yield piece[:cut] if rest else piece
    yield rest


def _length(text: bytes) -> int:
    """Characters of one text; what is coded as `&amp;` is one."""
    return sum(len(_ENTITY.sub("x", each.decode("utf-8", "replace"))) for each in _TEXT.findall(text))
