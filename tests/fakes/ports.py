"""A port for a server that is told its port before it starts, or that comes back on the same one."""

from __future__ import annotations

import os
import random
import socket

LOWEST, HIGHEST = 10_000, 30_000
"""Below those that systems give to whoever asks for any port, which may be taken between the look and the start."""


def own_port() -> int:
    """One that nobody listens on, out of a part of the range that is this test process's own."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    share = (HIGHEST - LOWEST) // 16
    first = LOWEST + worker % 16 * share
    for port in random.sample(range(first, first + share), 100):
        with socket.socket() as free:
            try:
                free.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError("none of a hundred ports is free")
