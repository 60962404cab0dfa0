"""A file that waits in the rows, as a job reads it: from a copy on the disk, so that memory is free of it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TypeVar

from handlers.conversation.job import Running
from storage import files
from storage.database import Database, Transaction

T = TypeVar("T")


@contextmanager
def copied(job: Running, file: str) -> Iterator[BinaryIO | None]:
    """The file of that id, open at its start; None when it was forgotten. It has no name, and is gone afterwards."""
    with tempfile.TemporaryFile(dir=_folder(job.database)) as copy:

        def fetch(tx: Transaction) -> bool:
            copy.seek(0)
            copy.truncate()
            return files.copy(tx, file, copy)

        there = job.read(fetch)
        copy.seek(0)
        yield copy if there else None


def _folder(database: Database) -> Path | None:
    """Beside the rows, where there is room for it: the system's own place for such files may be memory."""
    if database.url.get_backend_name() != "sqlite" or not database.url.database:
        return None
    return Path(database.url.database).absolute().parent
