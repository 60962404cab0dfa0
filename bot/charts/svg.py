"""The few shapes that the pictures are made of, and their colours.

No meaning hangs on a colour alone: what is reached is a filled bar, the target a line, what is expected by now a
triangle, less than nothing is hatched. Every colour has at least 4.5 : 1 against the ground it stands on.
"""

from __future__ import annotations

from html import escape
from typing import Literal

from bot.charts import font
from bot.shorten import sendable

WIDTH = 360
"""Pixels of layout. A phone shows it at 320 or so, and letters of 13 are then still 11.5."""
MARGIN = 16
ROOM = WIDTH - 2 * MARGIN

GROUND, EDGE = "#ffffff", "#cfd6d2"
INK, SOFT = "#1b211f", "#56605c"
FILL, TRACK = "#0f766e", "#e3e9e6"
EXPECTED = "#b45309"
BELOW = "#b42318"

HATCH = (
    '<pattern id="h" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    f'<rect width="5" height="5" fill="#ffffff"/><rect width="2.4" height="5" fill="{BELOW}"/></pattern>'
)

Anchor = Literal["start", "middle", "end"]


def document(height: float, shapes: list[str]) -> str:
    """The whole picture: a light card with an edge and round corners, which sits well on a dark page too."""
    frame = f'<rect x=".5" y=".5" width="{WIDTH - 1}" height="{height - 1:g}" rx="10" fill="{GROUND}" stroke="{EDGE}"/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height:g}" '
        f'font-family="{font.FAMILY}, sans-serif"><defs>{HATCH}</defs>{frame}{"".join(shapes)}</svg>'
    )


def one_line(text: str) -> str:
    """The text without line breaks and without the control characters that XML forbids."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in sendable(text)).split())


def words(
    x: float,
    y: float,
    text: str,
    size: float,
    *,
    room: float,
    bold: bool = False,
    colour: str = INK,
    anchor: Anchor = "start",
) -> str:
    """A line of text with its foot at `y`, shortened to `room` pixels."""
    shown = font.fitted(one_line(text), size, room, bold)
    weight = ' font-weight="600"' if bold else ""
    side = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" fill="{colour}"{weight}{side}>{escape(shown)}</text>'


def box(x: float, y: float, width: float, height: float, fill: str, more: str = "") -> str:
    """A rectangle."""
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{height:.1f}" fill="{fill}"{more}/>'


def line(x: float, y: float, to_x: float, to_y: float, colour: str, width: float = 1, dash: str = "") -> str:
    """A straight line."""
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{to_x:.1f}" y2="{to_y:.1f}" stroke="{colour}" '
        f'stroke-width="{width:g}"{dashed}/>'
    )


def target(x: float, y: float, height: float) -> str:
    """The mark of a target: a dark line in a light seam, so that it is seen on the bar as well as beside it."""
    return box(x - 2.5, y, 5, height, GROUND) + box(x - 1.25, y, 2.5, height, INK)


def expected(x: float, y: float) -> str:
    """The mark of what is expected by now: a triangle whose tip is at (x, y), from below."""
    return (
        f'<path d="M{x:.1f} {y:.1f}l5.5 8.5h-11z" fill="{EXPECTED}" stroke="{GROUND}" stroke-width="1.5" '
        'stroke-linejoin="round" paint-order="stroke"/>'
    )


def head(title: str) -> tuple[list[str], float]:
    """The title in one line or two, and where the space below it begins. Empty: there is none."""
    if not title:
        return [], 4.0
    lines = font.wrapped(one_line(title), 15, ROOM, 2, bold=True)
    drawn = [words(MARGIN, 29 + 19 * at, text, 15, room=ROOM, bold=True) for at, text in enumerate(lines)]
    return drawn, 16.0 + 19 * len(lines)


def legend(y: float, entries: list[tuple[str, str]]) -> tuple[list[str], float]:
    """What the marks mean, each mark drawn at (0, 0) in a box of 14 by 10; and where the space below it begins."""
    drawn: list[str] = []
    x = float(MARGIN)
    for mark, meaning in entries:
        taken = 19 + font.width(one_line(meaning), 11.5) + 14
        if x > MARGIN and x + taken - 14 > WIDTH - MARGIN:
            x, y = float(MARGIN), y + 18
        drawn.append(f'<g transform="translate({x:.1f} {y:.1f})">{mark}</g>')
        drawn.append(words(x + 19, y + 9, meaning, 11.5, room=WIDTH - MARGIN - x - 19, colour=SOFT))
        x += taken
    return drawn, y + 18
