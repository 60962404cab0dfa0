"""What a process that does nothing but serve asks of Python. Tests, which start many applications in one, do not."""

from __future__ import annotations

import gc
import sys

SWITCH_INTERVAL = 0.0001
"""Seconds that a thread may keep Python's lock while another one wants it. The thread that writes lets go of the lock
at every call of SQLite, and with the default (5 ms) a busy event loop would keep it waiting as long each time."""
GC_THRESHOLDS = (50_000, 50, 100)
"""Allocations before a round of each generation."""


def tune() -> None:
    """Call when the application has started: what it made until then is left out of the garbage collector's rounds,
    each full one of which would stop everybody for 50 ms.
    """
    sys.setswitchinterval(SWITCH_INTERVAL)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
