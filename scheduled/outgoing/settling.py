"""What became of rows: gathered until the pump's next transaction writes it down, and told to the operator."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Protocol

import msgspec
import structlog

from handlers.conversation.request import Address
from scheduled.outgoing.addresses import sealed
from scheduled.outgoing.lanes import Held
from scheduled.sending import Operation, Refused
from storage.outbox import Settled
from storage.vault import Vault

log = structlog.get_logger(__name__)

_encode = msgspec.json.encode


class Operator(Protocol):
    """Somebody who is told what they must know or do."""

    def __call__(self, sentence: str, /, **details: str) -> None: ...


class Direct(NamedTuple):
    """Somebody's one-to-one conversation, learned from a post to them."""

    install: str
    person: str
    conversation: str


class Closed(NamedTuple):
    """Somebody whose platform lets nobody write to them, by their id there."""

    install: str
    user: str
    closed_as: str


class Pending(msgspec.Struct):
    """What one transaction has to write down."""

    ends: list[Settled] = []
    released: list[str] = []
    """Rows that wait again as if they had never been claimed."""
    withdrawn: set[str] = set()
    """Installs whose rows are to be withdrawn."""
    direct: list[Direct] = []
    closed: list[Closed] = []
    lanes: set[tuple[str, str]] = set()
    """Lanes of which a row is to come again later: until that is written down, what follows it must not pass."""


class Settling:
    """Takes every end of a row. A transaction that fails puts back what it had taken."""

    def __init__(self, operator: Operator, vault: Vault) -> None:
        self.pending = Pending()
        self._operator = operator
        self._vault = vault
        self._gone: set[str] = set()
        self._told: set[tuple[str, str]] = set()

    @property
    def anything(self) -> bool:
        """Whether there is something to write down."""
        pending = self.pending
        return bool(pending.ends or pending.released or pending.withdrawn)

    def take(self) -> Pending:
        """All of it, for a transaction."""
        pending, self.pending = self.pending, Pending()
        return pending

    def put_back(self, failed: Pending) -> None:
        """The transaction failed: what it was to write comes before what was gathered since."""
        since = self.pending
        since.ends[:0], since.released[:0], since.direct[:0] = failed.ends, failed.released, failed.direct
        since.closed[:0] = failed.closed
        since.withdrawn |= failed.withdrawn
        since.lanes |= failed.lanes

    def sent(self, held: Held, address: Address) -> None:
        """It is there, at that address."""
        operation = held.operation
        self._gone.discard(operation.install)
        sent_as = _encode(sealed(self._vault, address)).decode()
        self.pending.ends.append(Settled(id=operation.id, state="sent", sent_as=sent_as))
        if held.direct_for is not None and address.conversation:
            self.pending.direct.append(Direct(operation.install, held.direct_for, address.conversation))

    def end(self, end: Settled, install: str) -> None:
        """Every end but the good one is worth a line."""
        self.pending.ends.append(end)
        log.warning("outbox_not_sent", id=end.id, install=install, state=end.state, reason=end.error)

    def refuse(self, row: str, install: str, reason: str, sentence: str = "") -> None:
        """It will never be sent. `sentence` says to the operator what somebody must do."""
        self.end(Settled(id=row, state="failed", error=reason), install)
        self.tell(install, reason, sentence or f"A message could not be delivered: {reason}.")

    def closed(self, operation: Operation, result: Refused) -> None:
        """Nothing is taken for that person; the operator hears of it once for each."""
        said = f"{result.reason}: {result.operator}" if result.operator else result.reason
        self.end(Settled(id=operation.id, state="failed", error=said), operation.install)
        self.pending.closed.append(Closed(operation.install, operation.user, result.closed))
        self.tell(operation.install, f"{result.reason} ({operation.user})", result.operator)

    def unknown(self, row: str, install: str, reason: str) -> None:
        """Whether it was sent is not known and will not be; the operator hears of each such row."""
        self.end(Settled(id=row, state="unknown", error=reason), install)
        sentence = "Whether a message was delivered is not known; it is not sent again."
        self._operator(sentence, install=install, id=row, reason=reason)

    def release(self, rows: Iterable[str]) -> None:
        """Give them back to the outbox, where they wait in order."""
        self.pending.released.extend(rows)

    def withdraw(self, install: str) -> None:
        """The install is gone: withdraw its rows, once until something is sent there again."""
        if install not in self._gone:
            self._gone.add(install)
            self.pending.withdrawn.add(install)

    def tell(self, install: str, reason: str, sentence: str) -> None:
        """Tell the operator, once for an install and a reason."""
        if (install, reason) not in self._told:
            self._told.add((install, reason))
            self._operator(sentence, install=install, reason=reason)
