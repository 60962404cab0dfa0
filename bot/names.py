"""The names of the accounts, kept in memory for reading texts and brought up to date by the turns."""

from __future__ import annotations

import threading

from handlers.language.names import NameIndex
from storage import accounts
from storage.database import Transaction


class KnownNames:
    """An index of all account names at a revision. `lock` is held while it is searched or changed."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.index = NameIndex()
        self.revision = 0

    def bring_to(self, tx: Transaction, revision: int) -> None:
        """Add what was made since, when the rows are newer than the index."""
        if revision == self.revision:
            return
        with self.lock:
            for names in accounts.names_since(tx, self.revision):
                self.index.add(names.name, names.aliases)
            self.revision = revision

    def forget(self) -> None:
        """Start from nothing: what was read may never have been committed."""
        with self.lock:
            self.index = NameIndex()
            self.revision = 0
