"""Work that takes longer than a turn may: a turn asks for it (`Outcome.jobs`), scheduled/jobs.py runs it.

A job's function runs in a thread of its own. It reads and computes as long as it likes, and writes piece by piece: each
piece is a transaction, with other people's turns between two of them.

    def run(job: Running) -> None:
        rows = job.read(lambda tx: …)              # beside everybody, not in a write transaction
        content = make_a_file(rows)                # slow and pure: nobody waits for it

        def tell(tx: Transaction) -> None:
            identifier = files.keep(tx, …)
            job.say(tx, Reply(text="Here is your list.", …))   # in place of what was said before
            job.finish(tx)                                     # the last piece says that all is done
        job.write(tell)

    JOBS = (JobKind("export", run),)               # named in handlers/__init__.py
    Outcome(reply=Reply("Making it …"), jobs=(JobWanted("export", key=…, data={…}),))
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

from handlers.conversation.company import Company
from handlers.conversation.reply import Reply
from handlers.conversation.request import JobWanted, Message, Request
from storage.database import Database, Transaction

T = TypeVar("T")


class Lost(Exception):
    """Another process has this job by now. Raised in `write`, whose piece is rolled back; not for a job to catch."""


class Stopping(Exception):
    """The process is ending: the job goes on elsewhere or later. Raised in `write`; not for a job to catch."""


class Running(Protocol):
    """What a job is given."""

    id: str
    person: str | None
    """Who asked for it."""
    data: dict[str, Any]
    """As it was asked for."""
    cursor: Any
    """As it was saved last; None before that."""
    company: Company
    database: Database

    def now(self) -> datetime:
        """Aware, UTC."""

    def read(self, work: Callable[[Transaction], T]) -> T:
        """Run `work` on a connection of its own."""

    def write(self, work: Callable[[Transaction], T]) -> T:
        """Run one piece in a transaction of its own, some 100 ms at most; it may be run again where the database asks
        for that. Raises what the piece raises, Lost, Stopping and StorageError."""

    def save(self, tx: Transaction, cursor: Any) -> None:
        """How far it is, with this piece."""

    def say(self, tx: Transaction, reply: Reply) -> None:
        """To who asked: in place of what was answered then where that can be edited, else a message, edited later."""

    def tell(self, tx: Transaction, messages: Sequence[Message] = (), facts: Sequence[object] = ()) -> None:
        """Messages to others, and facts for the listeners of other features, whose messages go out too."""

    def start(self, tx: Transaction, wanted: JobWanted) -> None:
        """A further job; it speaks where this one does."""

    def request(self, tx: Transaction) -> Request:
        """As if who asked for it had said something now: what buttons are issued with, and listeners are given."""

    def finish(self, tx: Transaction) -> None:
        """All is done, with this piece. A function that ends without it is settled right after."""


@dataclass(frozen=True, slots=True)
class JobKind:
    """One kind of job. Of one `lane` (where it has a name), one runs at a time in all processes."""

    name: str
    run: Callable[[Running], None]
    failed: Callable[[Running, Transaction, str], None] | None = None
    """Says that it ended by a mistake of ours, given the number that stands in the log; None: a sentence of its own."""
    lane: str = ""
