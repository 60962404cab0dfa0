"""What is written before a row is sent and after, and what becomes of rows whose process ended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa

from storage.database import Transaction
from storage.outbox.lists import among, encoded, listed
from storage.outbox.rows import NEW_MESSAGES, Settled
from storage.statement import Statement
from storage.tables import identities, outbox

_mark = Statement(
    sa.update(outbox)
    .where(
        among(outbox.c.id, "ids"),
        outbox.c.claimed_by == sa.bindparam("owner"),
        # `sending` too: a commit whose answer was lost is repeated
        sa.or_(outbox.c.state == "claimed", outbox.c.state == "sending"),
    )
    .values(state="sending", attempts=outbox.c.attempts + 1)
)


_marked = sa.select(outbox.c.id).where(
    among(outbox.c.id, "ids"), outbox.c.claimed_by == sa.bindparam("owner"), outbox.c.state == "sending"
)


def mark_sending(tx: Transaction, *, owner: str, ids: Sequence[str]) -> set[str]:
    """Say, before a byte leaves, that these rows are being sent; those of them that still may be.

    What is missing from the answer was withdrawn, or its lease ran out.
    """
    mine = {"ids": listed(ids), "owner": owner}
    if _mark.run(tx, mine) == len(ids):
        return set(ids)
    return set(tx.execute(_marked, mine).scalars())


_when = outbox.c.settled_at.type
# Not only this process's own: where the lease ran out meanwhile, this one still knows best that it was sent.
_settle_sent = {
    name: Statement(
        sa.text(
            f"""UPDATE outbox
            SET state = 'sent', settled_at = :at, sent_as = done.value,
                claimed_by = NULL, lease_until = NULL, error = NULL
            FROM {each} AS done WHERE outbox.id = done.key AND outbox.settled_at IS NULL"""
        ).bindparams(sa.bindparam("at", type_=_when), sa.bindparam("sent", type_=sa.Text))
    )
    for name, each in (("sqlite", "json_each(:sent)"), ("postgresql", "json_each_text(CAST(:sent AS json))"))
}
_settle_other = (
    sa.update(outbox)
    .where(outbox.c.id == sa.bindparam("row"), outbox.c.claimed_by == sa.bindparam("owner"))
    .values(
        state=sa.bindparam("to"),
        settled_at=sa.bindparam("at", type_=_when),
        retry_at=sa.bindparam("again", type_=_when),
        error=sa.bindparam("why"),
        claimed_by=None,
        lease_until=None,
    )
)
_settle_unsure = (
    sa.update(outbox)
    .where(outbox.c.id == sa.bindparam("row"), outbox.c.claimed_by == sa.bindparam("owner"))
    .values(state="unsure", error=sa.bindparam("why"))
)


def settle(tx: Transaction, *, owner: str, now: datetime, ends: Iterable[Settled]) -> None:
    """Write down how tries ended. Safe to repeat; rows that another process has taken over are left alone, except
    that `sent` is believed of anybody."""
    sent: dict[str, str] = {}
    unsure, other = [], []
    for end in ends:
        if end.state == "sent":
            sent[end.id] = end.sent_as or ""
        elif end.state == "unsure":
            unsure.append({"row": end.id, "owner": owner, "why": end.error})
        else:
            at = None if end.state == "waiting" else now
            other.append(
                {"row": end.id, "owner": owner, "to": end.state, "at": at, "again": end.retry_at, "why": end.error}
            )
    if sent:
        _settle_sent[tx.connection.dialect.name].run(tx, {"sent": encoded(sent).decode(), "at": now})
    if unsure:
        tx.execute(_settle_unsure, unsure)
    if other:
        tx.execute(_settle_other, other)


_renew = (
    sa.update(outbox)
    .where(among(outbox.c.id, "ids"), outbox.c.claimed_by == sa.bindparam("owner"))
    .values(lease_until=sa.bindparam("until", type_=outbox.c.lease_until.type))
)


def renew(tx: Transaction, *, owner: str, ids: Sequence[str], lease_until: datetime) -> None:
    """Hold these rows for longer."""
    tx.execute(_renew, {"ids": listed(ids), "owner": owner, "until": lease_until})


def know_direct(tx: Transaction, *, install: str, person: str, conversation: str) -> None:
    """Keep the one-to-one conversation that a first message opened."""
    tx.execute(
        sa.update(identities)
        .where(identities.c.install == install, identities.c.person == person, identities.c.direct == "")
        .values(direct=conversation)
    )


_give_to_nobody = sa.update(outbox).where(among(outbox.c.id, "ids")).values(state="unsure", error=sa.bindparam("why"))
_wait_again = (
    sa.update(outbox).where(among(outbox.c.id, "ids")).values(state="waiting", claimed_by=None, lease_until=None)
)


def release_lapsed(tx: Transaction, *, now: datetime) -> int:
    """Let go of rows whose process did not renew its lease; how many.

    Claimed rows wait again. Of those that were being sent, posts and uploads become unsure (see `claim_unsure`) and
    keep their old owner; updates, deletes and home pages may be repeated and wait again.
    """
    lapsed = sa.select(outbox.c.id, outbox.c.state, outbox.c.operation).where(
        outbox.c.claimed_by.is_not(None), outbox.c.lease_until <= now, outbox.c.state.in_(("claimed", "sending"))
    )
    rows = tx.execute(lapsed.with_for_update(skip_locked=True)).all()
    unsure = [row.id for row in rows if row.state == "sending" and row.operation in NEW_MESSAGES]
    again = [row.id for row in rows if row.state == "claimed" or row.operation not in NEW_MESSAGES]
    if unsure:
        tx.execute(_give_to_nobody, {"ids": listed(unsure), "why": "the process that sent it ended"})
    if again:
        tx.execute(_wait_again, {"ids": listed(again)})
    return len(rows)


def release(tx: Transaction, *, owner: str, now: datetime) -> None:
    """Let go of all that `owner` has not begun to send, at its end; what it is looking for is anybody's at once."""
    mine = outbox.c.claimed_by == owner
    tx.execute(
        sa.update(outbox)
        .where(mine, outbox.c.state == "claimed")
        .values(state="waiting", claimed_by=None, lease_until=None)
    )
    tx.execute(sa.update(outbox).where(mine, outbox.c.state == "unsure").values(lease_until=now))
