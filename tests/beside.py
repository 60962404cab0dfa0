"""Processes beside each other on one database, for the tests of what several do at the same moment.

Each has its own connections, turns, delivery and clock, as `pacer run` has. What any of them delivers stands in one
place outside of all of them: a file to which each adds what it sent, in the order in which it was sent.
"""

from __future__ import annotations

import multiprocessing
import os
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import msgspec

from bot.playground.send import PlaygroundSender
from bot.playground.transcript import Shown
from handlers.conversation.company import Company
from scheduled.sending import Operation, Result, Sent
from storage.database import Database, Transaction, open_database
from tests.chat import NOW, Chat

PATIENCE = 60.0
"""Seconds in which a busy machine does anything that a test asks of a process."""
_shown = msgspec.json.Decoder(Shown)


class Feed:
    """The platform as all see it: every message that was sent or changed, one a line."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read = 0

    def add(self, shown: Shown) -> None:
        """One write, so that lines of several processes do not mix."""
        line = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(line, msgspec.json.encode(shown) + b"\n")
        os.close(line)

    def news(self) -> list[Shown]:
        """What came since the last look."""
        if not self.path.exists():
            return []
        with self.path.open("rb") as file:
            file.seek(self._read)
            lines = file.read()
        whole = lines[: lines.rfind(b"\n") + 1]
        self._read += len(whole)
        return [_shown.decode(line) for line in whole.splitlines()]


class _Sender(PlaygroundSender):
    """Sends there."""

    def __init__(self, chat: Beside, feed: Feed) -> None:
        super().__init__(chat.room.transcript)
        self._feed = feed

    async def send(self, operation: Operation) -> Result:
        result = await super().send(operation)
        if isinstance(result, Sent) and operation.operation in ("post", "update"):
            shown = self._transcript.get(result.address.message)
            assert shown is not None
            self._feed.add(shown)
        return result


class Beside(Chat):
    """A further process on the rows of a company that is there. Its clock runs, and is behind by `lag`."""

    def __init__(self, url: str, company: Company, feed: Path, began: float, lag: timedelta) -> None:
        self._began, self._lag, self._feed = began, lag, Feed(feed)
        super().__init__(url, company)
        self.core.senders["playground"] = _Sender(self, self._feed)

    @property
    def now(self) -> datetime:
        """By its clock."""
        return running(self._began, self._lag)

    @now.setter
    def now(self, _when: datetime) -> None:
        """It runs by itself."""

    def _hire(self, tx: Transaction, zone: str) -> None:
        """Everybody is there."""

    async def _said(self) -> None:
        await super()._said()
        for shown in self._feed.news():
            self.room.transcript.put(shown)


def running(began: float, lag: timedelta) -> datetime:
    """NOW, and what went by since then."""
    return NOW + timedelta(seconds=time.monotonic() - began) - lag


class CommandLine:
    """A process of `pacer import`: the rows and a clock, and nothing that delivers."""

    def __init__(self, url: str, company: Company, feed: Path, began: float, lag: timedelta) -> None:
        self.company, self._began, self._lag = company, began, lag
        self.database: Database = open_database(url)

    @property
    def now(self) -> datetime:
        """By its clock."""
        return running(self._began, self._lag)

    def close(self) -> None:
        """End it."""
        self.database.close()


def _live(pipe: Connection, kind: Callable[..., Any], given: Sequence[Any]) -> None:
    """What such a process does: what it is told, one thing after the other."""
    one = kind(*given)
    pipe.send((True, None))
    while (wanted := pipe.recv()) is not None:
        work, start, arguments = wanted
        while time.monotonic() < start:
            pass
        try:
            pipe.send((True, work(one, *arguments)))
        except BaseException:
            pipe.send((False, traceback.format_exc()))
    one.close()


Work = tuple[int, Callable[..., Any], tuple[Any, ...]]
"""Which process does what with what. The function is a module's own, since it is named to another process."""


def prepare(*modules: str) -> None:
    """Begin to import these modules, and all that they need, once for all processes; it is done beside what follows."""
    multiprocessing.get_context("forkserver").set_forkserver_preload(list(modules))
    forkserver.ensure_running()


class Processes:
    """Some of them, forked from the one that has imported everything."""

    def __init__(self, kinds: Sequence[Callable[..., Any]], given: Sequence[Sequence[Any]]) -> None:
        context = multiprocessing.get_context("forkserver")
        self._pipes: list[Connection] = []
        self._running = []
        for kind, arguments in zip(kinds, given, strict=True):
            here, there = context.Pipe()
            process = context.Process(target=_live, args=(there, kind, arguments), daemon=True)
            process.start()
            self._pipes.append(here)
            self._running.append(process)
        for pipe in self._pipes:
            self._answer(pipe)

    def at_once(self, *works: Work) -> list[Any]:
        """All begin in the same moment; what each gave back."""
        start = time.monotonic() + 0.005
        for number, work, arguments in works:
            self._pipes[number].send((work, start, arguments))
        return [self._answer(self._pipes[number]) for number, _, _ in works]

    def one_by_one(self, *works: Work) -> list[Any]:
        """In this order."""
        return [self.at_once(one)[0] for one in works]

    def _answer(self, pipe: Connection) -> Any:
        assert pipe.poll(PATIENCE), "a process did not answer"
        well, answer = pipe.recv()
        assert well, answer
        return answer

    def close(self) -> None:
        """End them."""
        for pipe in self._pipes:
            with suppress(OSError):
                pipe.send(None)
        for process in self._running:
            process.join(20)
            if process.is_alive():
                process.kill()
                process.join()
