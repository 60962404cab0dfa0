"""A chart in letters, for a terminal: bars of blocks, with the target and what is expected by now marked in them."""

from __future__ import annotations

from math import isfinite

from handlers.conversation.reply import Chart, ChartRow

WIDTH = 30
FULL, EMPTY, TARGET, EXPECTED, BELOW = "█", "░", "|", "^", "-"
NOTES = f"{TARGET} target   {EXPECTED} expected by now"


def lines(chart: Chart) -> list[str]:
    """A line a row: label, bar, words. One scale for all, since a terminal's letters are too coarse for several."""
    if not chart.rows:
        return ["Nothing to show yet."]
    scale = max((abs(figure) for row in chart.rows for figure in _figures(row)), default=0.0) or 1.0
    if chart.kind == "bars" and any(row.target for row in chart.rows):
        scale = 0.0
    wide = max(len(row.label) for row in chart.rows)
    made = [f"{row.label:<{wide}}  {_bar(row, scale)}  {_words(row)}".rstrip() for row in chart.rows]
    marked = any(row.target or row.expected for row in chart.rows)
    return [*made, NOTES] if marked else made


def _bar(row: ChartRow, scale: float) -> str:
    """`scale` 0: against the row's own target, which stands at three quarters."""
    if not scale:
        if not row.target or row.target <= 0 or not isfinite(row.target):
            return " " * WIDTH
        scale = row.target * 4 / 3
    value = row.value if row.value is not None and isfinite(row.value) else 0.0
    length = min(round(abs(value) / scale * WIDTH), WIDTH)
    drawn = list((FULL if value >= 0 else BELOW) * length + EMPTY * (WIDTH - length))
    for figure, mark in ((row.expected, EXPECTED), (row.target, TARGET)):
        if figure is not None and isfinite(figure) and figure > 0:
            drawn[min(round(figure / scale * WIDTH), WIDTH) - 1] = mark
    return "".join(drawn)


def _words(row: ChartRow) -> str:
    return f"{row.shown} of {row.target_shown}" if row.target_shown else row.shown


def _figures(row: ChartRow) -> list[float]:
    return [figure for figure in (row.value, row.target, row.expected) if figure is not None and isfinite(figure)]
