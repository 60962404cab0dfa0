"""A claimed row becomes an operation in its lane, or comes to its end where it cannot be sent at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Literal, NamedTuple

import msgspec

from handlers.conversation.reply import Reply
from handlers.conversation.request import Address
from scheduled.outgoing.lanes import Held, Lanes
from scheduled.outgoing.settling import Settling
from scheduled.sending import Operation
from storage.outbox import Row, Settled

_addresses = msgspec.json.Decoder(Address)
_replies = msgspec.json.Decoder(Reply)


class _Ended(NamedTuple):
    """Why a row cannot be sent, and what the operator reads of it."""

    state: Literal["failed", "withdrawn"]
    reason: str
    sentence: str = ""


class Taking:
    """Puts rows into the lanes."""

    def __init__(self, lanes: Lanes, settling: Settling, *, clock: Callable[[], datetime], max_attempts: int) -> None:
        self._lanes = lanes
        self._settling = settling
        self._clock = clock
        self._max_attempts = max_attempts

    def take(self, row: Row, *, urgent: bool) -> None:
        """A row that waits to be sent. An urgent one has somebody waiting for it."""
        if row.id in self._lanes.held:
            return
        if row.expires_at is not None and row.expires_at <= self._clock():
            self._settling.end(Settled(id=row.id, state="expired"), row.install)
            return
        try:
            install = self._lanes.install(row.install)
        except KeyError:
            self._refuse_install(row)
            return
        if row.attempts >= self._max_attempts:
            self._settling.refuse(row.id, row.install, "too many tries")
            return
        operation = self._operation(row)
        if operation is None:
            return
        try:
            key = (row.install, install.sender.lane(operation))
        except Exception as error:
            self._settling.refuse(row.id, row.install, f"the sender failed: {type(error).__name__}")
            return
        if key in self._settling.pending.lanes:
            self._settling.release([row.id])
            return
        self._lanes.add(row, operation, install, key, urgent=urgent)

    def take_unsure(self, row: Row) -> Held | None:
        """A post that another process was sending when it ended, to be looked for; None where it needs no more."""
        if row.id in self._lanes.held:
            return None
        try:
            install = self._lanes.install(row.install)
        except KeyError:
            self._refuse_install(row)
            return None
        operation = self._operation(row)
        return None if operation is None else self._lanes.add_aside(row, operation, install)

    def _refuse_install(self, row: Row) -> None:
        sentence = f"{row.install} is in no settings any more."
        self._settling.refuse(row.id, row.install, "unknown_install", sentence)

    def _operation(self, row: Row) -> Operation | None:
        read = operation_of(row)
        if isinstance(read, Operation):
            return read
        if read.state == "failed":
            self._settling.refuse(row.id, row.install, read.reason, read.sentence)
        else:
            self._settling.end(Settled(id=row.id, state=read.state, error=read.reason), row.install)
        return None


def operation_of(row: Row) -> Operation | _Ended:
    """The row as its platform takes it, its response URL still sealed; or why it has come to its end."""
    try:
        address = _addresses.decode(row.address)
        post = _addresses.decode(row.post_address) if row.post_address else None
        body = _replies.decode(row.body)
    except msgspec.DecodeError:
        # Written by another version of this program; one such row must not hold up the others.
        return _Ended("failed", "unreadable", "A message of another version of Pacer cannot be read.")
    if row.after is not None and row.post_state is not None and row.operation in ("update", "delete"):
        if row.post_state != "sent" or post is None:
            return _Ended("withdrawn", f"its post ended as {row.post_state}")
        address = post
    user = row.user or address.only_to
    if row.person is not None and not row.user and not address.conversation:
        return _Ended("failed", "no_identity", "Somebody cannot be written to: not known in this install.")
    if not address.conversation and row.direct:
        address = msgspec.structs.replace(address, conversation=row.direct)
    if not address.service and row.service:
        address = msgspec.structs.replace(address, service=row.service)
    return Operation(
        id=row.id,
        key=row.key,
        operation=row.operation,
        install=row.install,
        address=address,
        user=user,
        body=body,
        attempts=row.attempts,
    )
