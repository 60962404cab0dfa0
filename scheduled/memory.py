"""Giving memory back to the system while a long job runs.

A job that goes through a large file makes and drops much of it. The C library of most Linux systems keeps what is
dropped, so that a process seems to need more the longer the file is; it gives it back when it is asked to.
"""

from __future__ import annotations

import ctypes
import gc
import sys
import time
from typing import Final

EVERY: Final = 1.0
"""Seconds between two times."""


class Memory:
    """What a job asks now and then. Nothing happens where the C library cannot be asked."""

    def __init__(self) -> None:
        self._next = time.monotonic() + EVERY
        # Windows knows no library without a name, and raises TypeError.
        self._trim = None if sys.platform == "win32" else getattr(ctypes.CDLL(None), "malloc_trim", None)

    def give_back(self) -> None:
        """At most once in a second: what went in circles is collected, and what is free is given back."""
        now = time.monotonic()
        if self._trim is None or now < self._next:
            return
        self._next = now + EVERY
        gc.collect(1)
        self._trim(0)
