"""A trend: values from left to right, with the line of their targets and of what was expected."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import NamedTuple

from bot.charts import font, svg
from handlers.conversation.reply import Chart, ChartRow

MOST = 60
"""Points that are drawn, the latest ones."""
HEIGHT = 150.0
SMALL = 11.5
DOTS = 24
"""Up to so many points, each has a dot."""
FEW = 2


class _Scale(NamedTuple):
    """From figures to pixels."""

    lowest: float
    highest: float
    top: float
    points: int

    def y(self, figure: float) -> float:
        return self.top + HEIGHT * (self.highest - figure) / (self.highest - self.lowest)

    def x(self, at: int) -> float:
        left, room = svg.MARGIN + 6, svg.ROOM - 12
        return left + room * (at / (self.points - 1) if self.points > 1 else 0.5)


def draw(chart: Chart) -> str:
    """The picture as SVG."""
    rows = chart.rows[-MOST:]
    shapes, y = svg.head("" if chart.said_above else chart.title)
    values, targets = [_known(row.value) for row in rows], [_known(row.target) for row in rows]
    expecteds = [_known(row.expected) for row in rows]
    figures = [figure for figure in (*values, *targets, *expecteds) if figure is not None]
    if not figures:
        shapes.append(svg.words(svg.MARGIN, y + 18, "Nothing to show yet.", 13, room=svg.ROOM, colour=svg.SOFT))
        return svg.document(y + 38, shapes)
    lowest, highest = min(0.0, *figures), max(0.0, *figures)
    scale = _Scale(lowest, highest if highest > lowest else lowest + 1, y + 26, len(rows))
    shapes.append(svg.line(svg.MARGIN, scale.y(0), svg.WIDTH - svg.MARGIN, scale.y(0), svg.SOFT))
    shapes += _area(scale, values)
    shapes += _path(scale, targets, svg.INK, 1.75, "5 4")
    shapes += _path(scale, expecteds, svg.EXPECTED, 1.75, "1.5 3.5")
    shapes += _path(scale, values, svg.FILL, 2.75)
    shapes += _dots(scale, values)
    shapes += _figures(scale, rows, values)
    foot = scale.top + HEIGHT + 18
    shapes += _labels(scale, rows, foot)
    entries = [(svg.line(0, 5, 14, 5, svg.FILL, 2.75), "so far")]
    if any(target is not None for target in targets):
        entries.append(
            (svg.line(0, 5, 14, 5, svg.INK, 1.75, "5 4"), _with_last("target", rows, targets, "target_shown"))
        )
    if any(expected is not None for expected in expecteds):
        entries.append((svg.line(0, 5, 14, 5, svg.EXPECTED, 2, "1.5 3.5"), "expected by then"))
    drawn, y = svg.legend(foot + 12, entries)
    return svg.document(y + 8, [*shapes, *drawn])


def _area(scale: _Scale, values: Sequence[float | None]) -> list[str]:
    """A light ground under the values, so that they are told from the other lines at a glance."""
    made = []
    for run in _runs(values):
        if len(run) >= FEW:
            points = " ".join(f"{scale.x(at):.1f},{scale.y(value):.1f}" for at, value in run)
            first, last = scale.x(run[0][0]), scale.x(run[-1][0])
            zero = scale.y(0)
            made.append(f'<polygon points="{first:.1f},{zero:.1f} {points} {last:.1f},{zero:.1f}" fill="{svg.TRACK}"/>')
    return made


def _path(scale: _Scale, figures: Sequence[float | None], colour: str, width: float, dash: str = "") -> list[str]:
    """A line through the figures, interrupted where there is none."""
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return [
        f'<polyline points="{" ".join(f"{scale.x(at):.1f},{scale.y(figure):.1f}" for at, figure in run)}" fill="none" '
        f'stroke="{colour}" stroke-width="{width:g}" stroke-linejoin="round"{dashed}/>'
        for run in _runs(figures)
        if len(run) >= FEW
    ]


def _runs(figures: Sequence[float | None]) -> list[list[tuple[int, float]]]:
    """The figures with their places, parted where one is missing."""
    runs: list[list[tuple[int, float]]] = [[]]
    for at, figure in enumerate(figures):
        if figure is not None:
            runs[-1].append((at, figure))
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _dots(scale: _Scale, values: Sequence[float | None]) -> list[str]:
    last = _last(values)
    every = len(values) <= DOTS
    return [
        f'<circle cx="{scale.x(at):.1f}" cy="{scale.y(value):.1f}" r="{4.5 if at == last else 3:g}" fill="{svg.FILL}" '
        f'stroke="{svg.GROUND}" stroke-width="1.5"/>'
        for at, value in enumerate(values)
        if value is not None and (every or at == last)
    ]


def _figures(scale: _Scale, rows: Sequence[ChartRow], values: Sequence[float | None]) -> list[str]:
    """The last value in words, above its dot."""
    last = _last(values)
    if last is None or not rows[last].shown:
        return []
    text = font.fitted(svg.one_line(rows[last].shown), 13, svg.ROOM * 0.6, True)
    half = font.width(text, 13, True) / 2
    x = min(max(scale.x(last), svg.MARGIN + half), svg.WIDTH - svg.MARGIN - half)
    value = values[last]
    assert value is not None
    y = scale.y(value) - 10
    # A light ground keeps the lines behind it from running through the figure.
    ground = svg.box(x - half - 3, y - 12, 2 * half + 6, 16, svg.GROUND, ' rx="3" fill-opacity="0.9"')
    return [ground, svg.words(x, y, text, 13, room=svg.ROOM, bold=True, anchor="middle")]


def _labels(scale: _Scale, rows: Sequence[ChartRow], y: float) -> list[str]:
    """As many of the labels below as have room, the first among them."""
    widest = max(font.width(svg.one_line(row.label), SMALL) for row in rows)
    widest = min(widest, svg.ROOM * 0.4)
    step = (svg.ROOM - 12) / max(len(rows) - 1, 1)
    every = max(1, -int(-(widest + 8) // step))
    made = []
    for at in range(0, len(rows), every):
        text = font.fitted(svg.one_line(rows[at].label), SMALL, widest)
        half = font.width(text, SMALL) / 2
        x = min(max(scale.x(at), svg.MARGIN + half), svg.WIDTH - svg.MARGIN - half)
        made.append(svg.words(x, y, text, SMALL, room=svg.ROOM, colour=svg.SOFT, anchor="middle"))
    return made


def _with_last(word: str, rows: Sequence[ChartRow], figures: Sequence[float | None], name: str) -> str:
    """The word with the last figure behind it: what the line leads to."""
    last = _last(figures)
    shown = getattr(rows[last], name) if last is not None else ""
    return f"{word}: {shown}" if shown else word


def _last(figures: Sequence[float | None]) -> int | None:
    return next((at for at in range(len(figures) - 1, -1, -1) if figures[at] is not None), None)


def _known(figure: float | None) -> float | None:
    return figure if figure is not None and isfinite(figure) else None
