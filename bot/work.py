"""Where a job speaks: in place of the answer of the turn that asked for it, where that can be edited."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from bot.answer import Outgoing
from bot.outbound import Outbound
from handlers import LISTENERS
from handlers.conversation.company import Company
from handlers.conversation.reply import Reply
from handlers.conversation.request import Address, Incoming, JobWanted, Message
from scheduled.jobs import data_of, request_for
from scheduled.listening import hear_all
from storage import jobs, people
from storage.database import Transaction
from storage.vault import Vault


class Place(msgspec.Struct, frozen=True):
    """Kept with a job. Without a message and without `after` there is nothing to edit: it speaks one-to-one."""

    install: str = ""
    address: Address = Address()
    after: str = ""
    """Key of the post that is edited."""


def put_jobs(
    tx: Transaction,
    wanted: Sequence[JobWanted],
    incoming: Incoming,
    person: str | None,
    now: datetime,
    *,
    posted: str,
    replaced: bool,
) -> None:
    """The jobs of a turn. `posted`: the key under which its answer stands in the outbox as a new message, if it does;
    `replaced`: the answer took the place of the message that was pressed."""
    place = Place()
    onto = incoming.pressed_on
    if incoming.place == "direct":
        if replaced and onto is not None and onto.message and not onto.only_to:
            place = Place(incoming.install, msgspec.structs.replace(onto, response_url=""))
        elif posted:
            place = Place(incoming.install, msgspec.structs.replace(incoming.reply_to, response_url=""), posted)
    for one in wanted:
        kept = msgspec.to_builtins(place if one.edits else Place())
        jobs.put(tx, kind=one.kind, key=one.key, person=person, data=data_of(one, kept), at=now)


class JobsOut:
    """Implements scheduled.jobs.Out."""

    def __init__(self, outbound: Outbound, outgoing: Outgoing) -> None:
        self._outbound = outbound
        self._outgoing = outgoing

    def say(self, tx: Transaction, job: str, place: Any, person: str | None, reply: Reply, now: datetime) -> list[str]:
        """See Out. Without a person there is nobody to speak to."""
        if person is None:
            return []
        where = msgspec.convert(place or {}, Place)
        put = self._outbound.put_at
        if where.address.message or where.after:
            return put(tx, where.install, f"job:{job}", reply, where.address, person, now, after=where.after)
        install = people.install_for(tx, person)
        if install is None:
            return []
        own = f"job:{job}:said"
        return put(tx, install, own, reply, Address(), person, now) or put(
            tx, install, f"job:{job}", reply, Address(), person, now, after=own
        )

    def message(self, tx: Transaction, message: Message, now: datetime) -> list[str]:
        """See Out."""
        return self._outbound.put_message(tx, message, now)

    def kick(self, keys: Sequence[str]) -> None:
        """See Out."""
        self._outgoing.kick(keys)


def tell_outside(tx: Transaction, company: Company, facts: Sequence[object], now: datetime) -> None:
    """Facts that come from the command line: the listeners hear them, and what they say waits for `pacer run`."""
    if not facts:
        return
    request = request_for(tx, company, None, "", now)
    messages, wanted = hear_all(LISTENERS, facts, request, tx)
    outbound = Outbound(Vault(secrets.token_urlsafe(32)), "")  # nothing of it is sealed, and nobody holds it
    for message in messages:
        outbound.put_message(tx, message, now)
    put_jobs(tx, wanted, request.incoming, None, now, posted="", replaced=False)
