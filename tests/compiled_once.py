"""What SQLAlchemy has compiled for one test's database serves the next one's.

It keeps compiled statements by engine, and each test has an engine of its own, as each process of the product has one:
compiling the same statements for each test anew was a third of what conversations cost.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.util import LRUCache

STATEMENTS = 10_000
_create_engine = sa.create_engine
_known: dict[str, tuple[Dialect, Any]] = {}


def create_engine(url: sa.URL, **settings: Any) -> sa.Engine:
    """An engine with a pool of its own that shares its dialect, and what was compiled for it, with others. A dialect
    learns its server's version when an engine that was made with it connects: the first that does lends its own."""
    engine = _create_engine(url, **settings)
    if url.drivername in _known:
        engine.dialect, engine._compiled_cache = _known[url.drivername]
    else:
        engine._compiled_cache = LRUCache(STATEMENTS)
        lent = engine.dialect, engine._compiled_cache
        sa.event.listen(engine, "first_connect", lambda *_: _known.setdefault(url.drivername, lent))
    return engine


def share() -> None:
    """From now on, in this process."""
    sa.create_engine = create_engine
