"""The font of the pictures, which comes with Pacer: how wide a text is in it, and whether it has all its letters.

Inter (fonts/OFL.txt), cut down to Latin, Greek and Cyrillic. A machine need not have any font of its own; for other
letters its fonts are asked (draw.py).
"""

from __future__ import annotations

import functools
import struct
from importlib import resources
from typing import NamedTuple

FAMILY = "Inter"
FILES = {"regular": "Inter-Regular.ttf", "bold": "Inter-SemiBold.ttf"}
UNKNOWN = 1.0
"""What a letter that the font lacks is reckoned to take, in ems: Chinese, Japanese and emoji are that wide."""


class _Widths(NamedTuple):
    em: int
    of: dict[int, int]


def paths() -> list[str]:
    """The font's files."""
    folder = resources.files(__package__) / "fonts"
    return [str(folder / name) for name in FILES.values()]


def width(text: str, size: float, bold: bool = False) -> float:
    """How many pixels a text takes at that size, without kerning (which only makes it narrower)."""
    em, of = _widths("bold" if bold else "regular")
    return sum(of.get(ord(letter), UNKNOWN * em) for letter in text) * size / em


def covers(text: str) -> bool:
    """Whether the font has every letter of a text."""
    return text.isascii() or all(ord(letter) in _widths("regular").of for letter in text)


def fitted(text: str, size: float, room: float, bold: bool = False) -> str:
    """The text, or as much of its beginning as fits into `room` pixels, with an ellipsis."""
    if width(text, size, bold) <= room:
        return text
    while text and width(text + "…", size, bold) > room:
        text = text[:-1]
    return text.rstrip() + "…"


def wrapped(text: str, size: float, room: float, lines: int, bold: bool = False) -> list[str]:
    """The text in at most so many lines of `room` pixels, parted between words; the last one takes what is left."""
    made: list[str] = []
    words = text.split()
    while words and len(made) < lines - 1:
        line = words.pop(0)
        while words and width(f"{line} {words[0]}", size, bold) <= room:
            line = f"{line} {words.pop(0)}"
        made.append(fitted(line, size, room, bold))
    if words:
        made.append(fitted(" ".join(words), size, room, bold))
    return made


@functools.cache
def _widths(weight: str) -> _Widths:
    """Each letter's advance, out of the font's own tables (OpenType: head, hhea, hmtx, cmap in format 4)."""
    data = (resources.files(__package__) / "fonts" / FILES[weight]).read_bytes()
    tables = {}
    for number in range(struct.unpack_from(">H", data, 4)[0]):
        tag, _, start, _ = struct.unpack_from(">4sLLL", data, 12 + 16 * number)
        tables[tag] = start
    em = struct.unpack_from(">H", data, tables[b"head"] + 18)[0]
    metrics = struct.unpack_from(">H", data, tables[b"hhea"] + 34)[0]
    advances = [struct.unpack_from(">H", data, tables[b"hmtx"] + 4 * glyph)[0] for glyph in range(metrics)]
    glyphs = _glyphs(data, tables[b"cmap"])
    return _Widths(em, {letter: advances[min(glyph, metrics - 1)] for letter, glyph in glyphs.items()})


def _glyphs(data: bytes, cmap: int) -> dict[int, int]:
    """Which glyph each letter has."""
    found: dict[int, int] = {}
    for number in range(struct.unpack_from(">H", data, cmap + 2)[0]):
        at = cmap + struct.unpack_from(">L", data, cmap + 8 + 8 * number)[0]
        if struct.unpack_from(">H", data, at)[0] != 4:
            continue
        segments = struct.unpack_from(">H", data, at + 6)[0] // 2
        ends, starts = at + 14, at + 16 + 2 * segments
        for segment in range(segments):
            end = struct.unpack_from(">H", data, ends + 2 * segment)[0]
            start = struct.unpack_from(">H", data, starts + 2 * segment)[0]
            delta = struct.unpack_from(">h", data, starts + 2 * (segments + segment))[0]
            offset_at = starts + 2 * (2 * segments + segment)
            offset = struct.unpack_from(">H", data, offset_at)[0]
            for letter in range(start, min(end, 0xFFFE) + 1):
                glyph = (
                    letter
                    if not offset
                    else struct.unpack_from(">H", data, offset_at + offset + 2 * (letter - start))[0]
                )
                if glyph or not offset:
                    found[letter] = (glyph + delta) & 0xFFFF
    return {letter: glyph for letter, glyph in found.items() if glyph}
