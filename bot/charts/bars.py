"""Bars to their targets, one below the other, each with its label above it."""

from __future__ import annotations

from math import isfinite

from bot.charts import font, svg
from handlers.conversation.reply import Chart, ChartRow

MOST = 12
"""Rows that are drawn: more would be too small to read where a platform shows a tall picture whole."""
TIGHT = 6
"""Rows above this many are drawn closer together."""
AT = 0.74
"""How far to the right the targets stand; what is beyond has the rest."""
LEFT = 0.16
"""How much of the width lies left of nothing where a value is negative."""
NO_TARGET = "no target"


def draw(chart: Chart) -> str:
    """The picture as SVG."""
    rows = chart.rows[:MOST]
    shapes, y = svg.head("" if chart.said_above else chart.title)
    marked = any(_known(row.expected) is not None and _goal(row) for row in rows)
    tall = len(rows) <= TIGHT
    zero = svg.MARGIN + (svg.ROOM * LEFT if any((_known(row.value) or 0) < 0 for row in rows) else 0)
    aimed = any(_goal(row) for row in rows)
    largest = max((abs(_known(row.value) or 0) for row in rows), default=0) or 1
    y += 8
    for row in rows:
        goal = _goal(row)
        drawn, height = _row(row, y, zero, goal or (0 if aimed else largest), marked and bool(goal), aimed, tall)
        shapes += drawn
        y += height
    if not rows:
        shapes.append(svg.words(svg.MARGIN, y + 14, "Nothing to show yet.", 13, room=svg.ROOM, colour=svg.SOFT))
        y += 26
    if len(chart.rows) > len(rows):
        said = f"The first {len(rows)} of {len(chart.rows)}; the text has them all."
        shapes.append(svg.words(svg.MARGIN, y + 10, said, 11.5, room=svg.ROOM, colour=svg.SOFT))
        y += 20
    entries = _legend(rows, aimed, marked)
    if entries:
        drawn, y = svg.legend(y + 4, entries)
        shapes += drawn
    return svg.document(y + 8, shapes)


def _row(
    row: ChartRow, y: float, zero: float, goal: float, marked: bool, aimed: bool, tall: bool
) -> tuple[list[str], float]:
    """One row from `y` down, and its height. `goal` is what the bar is measured against, 0 for nothing."""
    size, thick = (13.5, 14.0) if tall else (12.5, 10.0)
    end = svg.MARGIN + svg.ROOM
    of = f" of {row.target_shown}" if row.target_shown and _goal(row) else ""
    if aimed and not _goal(row):
        of = f" · {NO_TARGET}"
    shown = font.fitted(svg.one_line(row.shown), size, svg.ROOM * 0.5, True)
    of = font.fitted(svg.one_line(of), size, svg.ROOM * 0.68 - font.width(shown, size, True)) if of else ""
    rest = font.width(" " + of, size) if of else 0.0
    taken = font.width(shown, size, True) + rest
    shapes = [
        svg.words(svg.MARGIN, y + 13, row.label, size, room=svg.ROOM - taken - 12),
        svg.words(end - rest, y + 13, shown, size, room=svg.ROOM, bold=True, anchor="end"),
    ]
    if of:
        shapes.append(svg.words(end, y + 13, of, size, room=svg.ROOM, colour=svg.SOFT, anchor="end"))
    top = y + 20
    shapes += _bar(row, zero, top, thick, goal, aimed)
    by_now = _known(row.expected)
    if marked and by_now is not None:
        at = zero + (svg.MARGIN + svg.ROOM * AT - zero) * by_now / goal
        shapes.append(svg.expected(min(max(at, svg.MARGIN + 4), end - 4), top + thick - 3))
    return shapes, 20 + thick + (8 if marked else 0) + (12 if tall else 8)


def _bar(row: ChartRow, zero: float, top: float, thick: float, goal: float, aimed: bool) -> list[str]:
    """Its ground, what is reached of it, and the target."""
    end = svg.MARGIN + svg.ROOM
    mark = svg.MARGIN + svg.ROOM * AT if aimed else end
    value = _known(row.value)
    if not goal:
        # Nothing to measure it against: the words say the figure, and an empty frame that nothing is drawn to.
        dashed = f' stroke="{svg.EDGE}" stroke-dasharray="3 3"'
        return [svg.box(zero, top + 1, mark - zero, thick - 2, "none", dashed)]
    shapes = [svg.box(zero, top, mark - zero, thick, svg.TRACK)]
    if value is not None and value > 0:
        length = (mark - zero) * value / goal
        shapes.append(svg.box(zero, top, min(length, end - zero), thick, svg.FILL))
        if zero + length > end + 0.5:
            shapes.append(_goes_on(end, top, thick, -1))
    elif value is not None and value < 0:
        length = (mark - zero) * -value / goal
        cut = length > zero - svg.MARGIN
        length = min(length, zero - svg.MARGIN)
        shapes.append(svg.box(zero - length, top, length, thick, "url(#h)", f' stroke="{svg.BELOW}"'))
        if cut:
            shapes.append(_goes_on(svg.MARGIN, top, thick, 1))
    if zero > svg.MARGIN:
        shapes.append(svg.box(zero - 0.75, top - 2, 1.5, thick + 4, svg.SOFT))
    if aimed:
        shapes.append(svg.target(mark, top - 3, thick + 6))
    return shapes


def _goes_on(x: float, top: float, thick: float, side: int) -> str:
    """Two slanted cuts near the end of a bar that is longer than the picture is wide."""
    return "".join(
        f'<path d="M{x + side * at:.1f} {top + thick + 1:.1f}l4 {-thick - 2:.1f}" stroke="{svg.GROUND}" '
        'stroke-width="2.5"/>'
        for at in (12, 19)
    )


def _legend(rows: tuple[ChartRow, ...], aimed: bool, marked: bool) -> list[tuple[str, str]]:
    """What the marks mean; where there is one row alone, with its figures."""
    entries = []
    alone = rows[0] if len(rows) == 1 else None
    if aimed:
        entries.append((svg.box(0, 1, 14, 8, svg.FILL), "so far"))
        entries.append((svg.target(7, -1, 12), "target"))
    if marked:
        figure = f": {alone.expected_shown}" if alone and alone.expected_shown else ""
        entries.append((svg.expected(7, 0.5), f"expected by now{figure}"))
    return entries


def _goal(row: ChartRow) -> float:
    """The target, 0 for none: against a target of 0 or less nothing can be measured."""
    known = _known(row.target)
    return known if known is not None and known > 0 else 0.0


def _known(figure: float | None) -> float | None:
    return figure if figure is not None and isfinite(figure) else None
