"""Processes that are killed: `pacer run` as it is, with a clock that was moved and more to say unasked.

    python -m tests.chaos.victims

Reads a line of JSON for each process that it is to start, and answers with its id. It has imported everything before
and forks, so that a process serves a moment after it was started and not after two seconds: hundreds of lives are to
be lived. When nothing is to be read any more it ends, and what it started with it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import bot.app
import bot.slack.platform
from bot.command_line import running
from bot.reception import utc_now
from bot.slack.send import SlackSender
from scheduled import planning
from scheduled.delivery import Delivery
from tests.chaos.rounds import rounds


def live(config: str, behind: float, weekday: int, log: str) -> None:
    """Be a process until killed. Its clock stands `behind` seconds behind the machine's."""
    out = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for stream in (1, 2):
        os.dup2(out, stream)
    # Looked at more often than once in five seconds, and held for less than half a minute: most lives are shorter.
    bot.app.TICK = 0.3
    bot.app.Core.__init__.__kwdefaults__["unasked"] = 0.3
    # This is about what is sent, not about how fast: at Slack's pace most of the time would be spent on waiting.
    SlackSender.lane_interval, SlackSender.install_per_minute = 0.1, 6000.0
    Delivery.__init__.__kwdefaults__["find_after"] = (0.3, 0.5, 1.0)
    planning.LEASE = timedelta(seconds=3)  # type: ignore[misc]
    bot.app.TOPICS = (*bot.app.TOPICS, *rounds(weekday))

    # What `pacer run` is started with has no clock in it, and shall have none.
    bot.app.Application.__init__.__kwdefaults__["clock"] = lambda: utc_now() - timedelta(seconds=behind)
    running.run(Path(config))


def main() -> None:
    """Fork at every line."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    started = []
    while line := sys.stdin.readline():
        child = os.fork()
        if not child:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            sys.stdin.close()
            try:
                live(**json.loads(line))
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stderr.flush()
                os._exit(1)
        started.append(child)
        print(child, flush=True)
    for child in started:
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)


if __name__ == "__main__":
    main()
