"""Into the outbox: a row under its key, in its lane."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
import sqlalchemy as sa

from storage.database import Transaction
from storage.statement import Statement
from storage.tables import new_id, outbox

_latest_of_post = Statement(
    sa.select(outbox.c.due_at)
    .where(
        outbox.c.lane == sa.bindparam("lane"),
        outbox.c.settled_at.is_(None),
        outbox.c.after == sa.bindparam("post"),
    )
    .order_by(outbox.c.due_at.desc())
    .limit(sa.literal_column("1"))
)


def put(
    tx: Transaction,
    *,
    key: str,
    topic: str,
    operation: str,
    install: str,
    person: str | None,
    address: str,
    body: str,
    at: datetime,
    due_at: datetime | None = None,
    expires_at: datetime | None = None,
    after: str | None = None,
    claimed_by: str | None = None,
    lease_until: datetime | None = None,
) -> bool:
    """Add a row unless its key is there already; whether it was added.

    `address` is JSON of Address with its response URL sealed, `body` JSON of Reply. `claimed_by` and `lease_until`
    make it this process's own from the start, to be delivered right after the commit; a row that is not due yet waits,
    and so does one that is claimed by nobody (empty), as those of the command line are.
    An edit is due after all earlier ones of its post, whatever the clocks of those who put them say: an import goes by
    the moment at which it began, and machines differ. Else what was put first could stand there in the end.
    """
    due = due_at or at
    mine = claimed_by if claimed_by and lease_until is not None and due <= at else None
    lane = _lane(operation, install, person, address)
    if after is not None and (before := _latest_of_post.first(tx, lane=lane, post=after)) and before[0] >= due:
        due = before[0] + timedelta(microseconds=1)
    row = {
        "id": new_id(),
        "key": key,
        "topic": topic,
        "operation": operation,
        "install": install,
        "person": person,
        "lane": lane,
        "address": address,
        "body": body,
        "after": after,
        "state": "claimed" if mine else "waiting",
        "created_at": at,
        "due_at": due,
        "expires_at": expires_at,
        "claimed_by": mine,
        "lease_until": lease_until if mine else None,
        "attempts": 0,
    }
    return tx.insert_once(outbox, row)


class _Place(msgspec.Struct):
    conversation: str = ""
    only_to: str = ""
    response_url: str = ""


_place = msgspec.json.Decoder(_Place)


def _lane(operation: str, install: str, person: str | None, address: str) -> str:
    place = _place.decode(address)
    if operation == "home":
        return f"{install}|home|{place.only_to or person}"
    if not place.conversation:
        return f"{install}|@{person or ''}"
    if place.only_to or place.response_url:
        # What one person alone sees does not wait for the channel's own messages.
        return f"{install}|{place.conversation}|{place.only_to or person or ''}"
    return f"{install}|{place.conversation}"
