"""The far end of the simulated year: what goes out is taken from the outbox, and kept as people read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec
import sqlalchemy as sa

from handlers.conversation.reply import Buttons, Choice, Reply
from handlers.conversation.request import Address
from scheduled.clock import SENT_FOR
from storage import wins
from storage.database import Transaction
from storage.tables import outbox

_replies: Final = msgspec.json.Decoder(Reply)
_addresses: Final = msgspec.json.Decoder(Address)


@dataclass(frozen=True)
class Sent:
    """A message, or (`after`: the key of the post) what it says from now on."""

    at: datetime
    key: str
    topic: str
    person: str
    """Whose it is; empty in a channel."""
    conversation: str
    after: str
    reply: Reply

    @property
    def is_unasked(self) -> bool:
        return self.key.startswith("notice:")

    def token(self, label: str) -> str | None:
        """Of the button of that label."""
        return token_of(self.reply, label)


def pressable(reply: Reply, label: str) -> tuple[str, str] | None:
    """(token, value) of the button or the option whose label begins like that."""
    for part in reply.parts:
        if isinstance(part, Buttons):
            for button in part.buttons:
                if button.label.startswith(label):
                    return button.token, ""
        elif isinstance(part, Choice):
            for option in part.options:
                if option.label.startswith(label):
                    return part.token, option.value
    return None


def token_of(reply: Reply, label: str) -> str | None:
    """Of the button whose label begins like that."""
    found = pressable(reply, label)
    return found[0] if found else None


class FarEnd:
    """Takes everything as soon as it is committed; that delivery does so is tested elsewhere (test_delivery.py)."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []
        self.answers: dict[str, Reply] = {}
        """Answers to turns that are messages of their own, by their keys."""
        self._numbers = 0

    def take(self, tx: Transaction, now: datetime) -> list[Sent]:
        """What has come since, which is sent from now on."""
        columns = (outbox.c.id, outbox.c.key, outbox.c.topic, outbox.c.person, outbox.c.address, outbox.c.after)
        query = sa.select(*columns, outbox.c.body).where(outbox.c.settled_at.is_(None)).order_by(outbox.c.id)
        found: list[Sent] = []
        settled = []
        for row in tx.execute(query):
            address = _addresses.decode(row.address)
            reply = _replies.decode(row.body)
            found.append(Sent(now, row.key, row.topic, row.person or "", address.conversation, row.after or "", reply))
            self._numbers += 1
            place = Address(conversation=address.conversation or f"D{row.person}", message=f"M{self._numbers}")
            settled.append({"row": row.id, "as": msgspec.json.encode(place).decode()})
        if settled:
            sent = {"state": "sent", "settled_at": now, "claimed_by": None, "lease_until": None}
            change = outbox.update().where(outbox.c.id == sa.bindparam("row"))
            tx.execute(change.values(**sent, sent_as=sa.bindparam("as")), settled)
        return found

    def keep(self, sent: Sent) -> None:
        """It is committed that this was taken."""
        self.sent.append(sent)
        if sent.topic == "reply":
            self.answers[sent.key] = sent.reply

    def forget(self, tx: Transaction, now: datetime) -> None:
        """As the housekeeping: it goes by the ids' own time too, which is the machine's and not this year's."""
        wins.keep_addresses(tx, now - SENT_FOR)
        tx.execute(outbox.delete().where(outbox.c.settled_at < now - SENT_FOR))
