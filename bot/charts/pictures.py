"""Charts as PNG: drawn outside this process, a few at once, and kept for a while by what they show."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple, TypeAlias

import structlog

from bot.charts import bars, font, trend
from handlers.conversation.reply import Chart, Reply

log = structlog.get_logger(__name__)


class Look(NamedTuple):
    """How finely a picture is drawn."""

    density: float
    """Dots for each pixel of layout."""
    hard: bool
    """Edges of letters and shapes are hard, which takes a fifth of the bytes. Screens show a picture smaller than its
    dots and so smooth it themselves."""


FINE = Look(2, hard=False)
SMALLER = (Look(2, hard=True), Look(1.5, hard=True), Look(1.25, hard=True), Look(1, hard=True))
"""Where bytes are short: the first of these that fits."""

KEPT = 64
"""Pictures that are remembered."""
KEPT_FOR = 600.0
"""Seconds."""
AT_ONCE = 2
"""Processes that draw."""
PATIENCE = 15.0
"""Seconds until a picture is given up, and the text stands alone."""

Pictures: TypeAlias = Mapping[Chart, bytes]

_kept: OrderedDict[tuple[str, Look], tuple[float, bytes]] = OrderedDict()
_threads = ThreadPoolExecutor(AT_ONCE, "charts")
"""They only wait for the processes."""
_PAINT = Path(__file__).with_name("paint.py")


def charts_of(reply: Reply) -> tuple[Chart, ...]:
    """The charts of a reply, each once."""
    return tuple(dict.fromkeys(part for part in reply.parts if isinstance(part, Chart)))


def svg_of(chart: Chart) -> str:
    """The picture as SVG."""
    match chart.kind:
        case "bars":
            return bars.draw(chart)
        case "trend":
            return trend.draw(chart)


async def picture(chart: Chart, look: Look = FINE) -> bytes | None:
    """The chart as PNG; None where it could not be drawn, which the log says."""
    drawing = svg_of(chart)
    known = _kept.get((drawing, look))
    if known is not None and known[0] > time.monotonic():
        return known[1]
    try:
        made = await asyncio.get_running_loop().run_in_executor(_threads, _painted, drawing, look)
    except (subprocess.SubprocessError, OSError) as error:
        log.error("chart_not_drawn", error=type(error).__name__)
        return None
    _kept[drawing, look] = (time.monotonic() + KEPT_FOR, made)
    _kept.move_to_end((drawing, look))
    while len(_kept) > KEPT:
        _kept.popitem(last=False)
    return made


async def small_pictures(reply: Reply, most: int) -> Pictures:
    """The reply's charts as PNGs of at most so many bytes together; one that cannot be made so small is left out."""
    charts = charts_of(reply)
    made: dict[Chart, bytes] = {}
    for number, chart in enumerate(charts):
        share = most // (len(charts) - number)
        async for drawn in _ever_smaller(chart):
            if len(drawn) <= share:
                made[chart] = drawn
                most -= len(drawn)
                break
    return made


async def _ever_smaller(chart: Chart) -> AsyncIterator[bytes]:
    for look in SMALLER:
        drawn = await picture(chart, look)
        if drawn is None:
            return
        yield drawn


def _painted(drawing: str, look: Look) -> bytes:
    """Raises subprocess.SubprocessError where the painter failed or took too long, OSError where it cannot start."""
    asked = {
        "svg_string": drawing,
        "zoom": look.density,
        "few_colours": look.hard,
        "font_files": font.paths(),
        # Other letters than the font's are looked for among the machine's own fonts.
        "skip_system_fonts": font.covers(drawing),
        "shape_rendering": "crisp_edges" if look.hard else "geometric_precision",
        "text_rendering": "optimize_speed" if look.hard else "optimize_legibility",
    }
    ended = subprocess.run(
        [sys.executable, "-I", str(_PAINT)],
        input=json.dumps(asked).encode(),
        capture_output=True,
        timeout=PATIENCE,
        check=True,
    )
    return ended.stdout
