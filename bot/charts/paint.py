"""SVG to PNG, as a process of its own: pictures.py starts it for one picture, which goes out where the JSON came in.

resvg holds Python's lock while it draws (50 ms and more), so a thread would hold up every turn of the process; and
whatever it might trip over stays here. Nothing of Pacer is imported: starting takes less than drawing.

resvg writes four bytes a dot, whatever the picture. One with hard edges has a dozen colours, and is written anew with
half a byte a dot: little more than half the bytes, for as much time again.
"""

from __future__ import annotations

import json
import struct
import sys
import zlib
from array import array
from collections.abc import Iterator
from itertools import accumulate

import resvg_py

COLOURS = 256
"""As many as a palette can hold; 16 of them need half a byte a dot."""


def with_palette(png: bytes) -> bytes:
    """The same picture with a palette; `png` itself where it has too many colours. Takes what resvg writes: RGBA in
    8 bits, not interlaced (PNG specification, chapters 9 and 11)."""
    width, height = struct.unpack_from(">LL", png, 16)
    packed = b"".join(data for kind, data in _chunks(png) if kind == b"IDAT")
    known: dict[int, int] = {}
    rows = []
    for line in _lines(zlib.decompress(packed), width, height):
        dots = array("I", line)
        for colour in set(dots) - known.keys():
            known[colour] = len(known)
        if len(known) > COLOURS:
            return png
        rows.append(bytes(map(known.__getitem__, dots)))
    bits = 4 if len(known) <= 16 else 8
    lines = [b"\0" + (_in_halves(row) if bits == 4 else row) for row in rows]
    colours = [array("I", [colour]).tobytes() for colour in known]
    made = (
        (b"IHDR", struct.pack(">LLBBBBB", width, height, bits, 3, 0, 0, 0)),
        (b"PLTE", b"".join(colour[:3] for colour in colours)),
        (b"tRNS", b"".join(colour[3:] for colour in colours)),
        (b"IDAT", zlib.compress(b"".join(lines), 9)),
        (b"IEND", b""),
    )
    return png[:8] + b"".join(
        struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data)) for kind, data in made
    )


def _in_halves(row: bytes) -> bytes:
    row += b"\0" * (len(row) % 2)
    return bytes(first << 4 | second for first, second in zip(row[::2], row[1::2], strict=True))


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 8
    while at < len(png):
        length, kind = struct.unpack_from(">L4s", png, at)
        yield kind, png[at + 8 : at + 8 + length]
        at += 12 + length


def _lines(data: bytes, width: int, height: int) -> Iterator[bytes]:
    """The rows of dots, each freed of its filter."""
    length = width * 4
    above = bytes(length)
    for number in range(height):
        at = number * (length + 1)
        line = bytearray(data[at + 1 : at + 1 + length])
        match data[at]:
            case 1:
                for part in range(4):
                    line[part::4] = bytes(value & 255 for value in accumulate(line[part::4]))
            case 2:
                line = bytearray((value + up) & 255 for value, up in zip(line, above, strict=True))
            case 3:
                for place in range(length):
                    left = line[place - 4] if place >= 4 else 0
                    line[place] = (line[place] + (left + above[place]) // 2) & 255
            case 4:
                for place in range(length):
                    left, corner = (line[place - 4], above[place - 4]) if place >= 4 else (0, 0)
                    line[place] = (line[place] + _nearest(left, above[place], corner)) & 255
        above = bytes(line)
        yield above


def _nearest(left: int, up: int, corner: int) -> int:
    """Paeth's choice."""
    by_left, by_up, by_corner = abs(up - corner), abs(left - corner), abs(left + up - 2 * corner)
    if by_left <= by_up and by_left <= by_corner:
        return left
    return up if by_up <= by_corner else corner


if __name__ == "__main__":
    asked = json.load(sys.stdin.buffer)
    few_colours = asked.pop("few_colours")
    drawn = bytes(resvg_py.svg_to_bytes(**asked))
    sys.stdout.buffer.write(with_palette(drawn) if few_colours else drawn)
