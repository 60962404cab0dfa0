"""A database for a run: a file, a PostgreSQL for this run alone, or one that is given."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import conftest


@contextmanager
def opened(which: str, folder: Path) -> Iterator[str]:
    """The URL of `sqlite` (in the folder), of `postgres` (started, and ended after), or what is given."""
    if which == "sqlite":
        yield f"sqlite:///{folder / 'pacer.db'}"
        return
    if which != "postgres":
        yield which
        return
    initdb, postgres = conftest._program("initdb"), conftest._program("postgres")
    if initdb is None or postgres is None:
        raise SystemExit("PostgreSQL's programs (initdb, postgres) are not installed; name an empty database's URL.")
    place = Path(tempfile.mkdtemp(prefix="pacer-chaos-pg-"))
    try:
        server = conftest._Server(initdb, postgres, place)
        try:
            yield server.url
        finally:
            server.stop()
    finally:
        shutil.rmtree(place, ignore_errors=True)
