"""A dry run: the whole import is done on copies of the rows (storage/rehearsal.py), and what it came to is kept.

It holds no lock that a turn could wait for, however large the file is; that the first rows of a file decide about later
ones (an account that is made, a manager who stands further down) comes out as it will.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from handlers.imports.apply import Application
from handlers.imports.applying import MOST
from handlers.imports.telling import changes
from storage.database import Database
from storage.rehearsal import rehearsal


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What would come of it."""

    application: Application
    changes: list[str]
    """The first of them, as lines."""


def rehearse(database: Database, plan: Application, moved: Callable[[int], None] = lambda _: None) -> Rehearsed:
    """For a thread of its own: as long as the import itself takes. `moved` is told how many rows went by."""
    trial = Application(plan.reading, plan.company, plan.now, plan.name, plan.digest, by=plan.by, source=plan.source)
    # Nobody waits for it.
    trial.pace.rows = MOST
    with rehearsal(database) as tx:
        trial.id = trial.begin(tx)
        for piece in trial.works():
            trial.add(piece(tx))
            moved(trial.read)
        return Rehearsed(trial, changes(tx, trial))
