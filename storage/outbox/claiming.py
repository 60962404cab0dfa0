"""Which rows a process takes under a lease, in the order in which they go out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import msgspec
import sqlalchemy as sa

from storage.database import Transaction
from storage.outbox.lists import among, listed
from storage.outbox.rows import Claimed, Row
from storage.statement import Statement
from storage.tables import identities, outbox

CLAIM_LOCK = 0x9ACE60
"""PostgreSQL's advisory lock for claiming: two claims at once would both take the head of what they see of a lane."""

_o = outbox.alias("o")
_p = outbox.alias("p")
_f = outbox.alias("f")
_COLUMNS = (
    _o.c.id,
    _o.c.key,
    _o.c.operation,
    _o.c.install,
    _o.c.person,
    _o.c.lane,
    _o.c.address,
    _o.c.body,
    _o.c.expires_at,
    _o.c.attempts,
    _o.c.after,
    _p.c.state.label("post_state"),
    _p.c.sent_as.label("post_address"),
)
_WIDTH = len(_COLUMNS)
_with_post = _o.outerjoin(_p, _p.c.key == _o.c.after)
_post_is_settled = sa.or_(_o.c.after.is_(None), _p.c.id.is_(None), _p.c.settled_at.is_not(None))

_held_lanes = sa.union_all(
    # in flight in another process, or being looked for by any
    sa.select(_f.c.lane).where(
        _f.c.claimed_by.is_not(None), sa.or_(_f.c.claimed_by != sa.bindparam("owner"), _f.c.state == "unsure")
    ),
    # told to come again later: what follows in the lane comes after it
    sa.select(_f.c.lane).where(
        _f.c.retry_at > sa.bindparam("now", type_=outbox.c.retry_at.type),
        _f.c.claimed_by.is_(None),
        _f.c.settled_at.is_(None),
    ),
)
_may_be_claimed = (
    sa.select(*_COLUMNS)
    .select_from(_with_post)
    .where(
        _o.c.claimed_by.is_(None),
        _o.c.settled_at.is_(None),
        _o.c.due_at <= sa.bindparam("now", type_=outbox.c.due_at.type),
        _post_is_settled,
        _o.c.lane.not_in(_held_lanes),
        sa.not_(among(_o.c.lane, "skip_lanes")),
        sa.not_(among(_o.c.install, "skip_installs")),
    )
    .order_by(_o.c.due_at, _o.c.id)
    .limit(sa.bindparam("limit"))
    .with_for_update(of=_o, skip_locked=True)
)
# Fetching row by row lets go of Python's lock at each, too: SQLite hands all of them over as one text.
_in_a_row = _may_be_claimed.subquery()
_packed = (
    # of the instants the text that is stored, with the mark of UTC
    sa.type_coerce(column, sa.Text).concat("Z") if column.name == "expires_at" else column
    for column in _in_a_row.c
)
_claimable_packed = Statement(
    sa.select(sa.func.json_group_array(sa.func.json_array(*_packed), type_=sa.Text)).select_from(_in_a_row)
)
_claimable = Statement(_may_be_claimed)
_packed_rows = msgspec.json.Decoder(list[Row])
_claim = Statement(
    sa.update(outbox)
    .where(among(outbox.c.id, "ids"))
    .values(
        state="claimed",
        claimed_by=sa.bindparam("owner"),
        lease_until=sa.bindparam("until", type_=outbox.c.lease_until.type),
        retry_at=None,
    )
)


def claim(
    tx: Transaction,
    *,
    owner: str,
    now: datetime,
    lease_until: datetime,
    limit: int,
    lane_limit: int | None = None,
    skip_lanes: Collection[str] = (),
    skip_installs: Collection[str] = (),
) -> Claimed:
    """Take up to `limit` rows that are due, at most `lane_limit` of one lane, in the order in which they go out.

    Left alone: lanes of which a row is in flight in another process, is being looked for, or was told to come again
    later; edits whose post is not settled; `skip_lanes` and `skip_installs`.
    """
    if tx.skip_locked:
        tx.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": CLAIM_LOCK})
    look = {
        "owner": owner,
        "now": now,
        "skip_lanes": listed(skip_lanes),
        "skip_installs": listed(skip_installs),
        "limit": limit,
    }
    if tx.skip_locked:
        found = [Row(*row) for row in _claimable.rows(tx, **look)]
    else:
        found = _packed_rows.decode(_claimable_packed.rows(tx, **look)[0][0])
    more = len(found) == limit
    if lane_limit is not None:
        taken: dict[str, int] = {}
        chosen = []
        for row in found:
            taken[row.lane] = count = taken.get(row.lane, 0) + 1
            if count <= lane_limit:
                chosen.append(row)
        found = chosen
    if found:
        _claim.run(tx, {"ids": listed(row.id for row in found), "owner": owner, "until": lease_until})
    return Claimed(_reached(tx, found), more)


_earlier = (
    sa.select(sa.literal(1))
    .where(
        _f.c.lane == _o.c.lane,
        _f.c.settled_at.is_(None),
        _f.c.due_at <= _o.c.due_at,
        sa.or_(_f.c.due_at < _o.c.due_at, _f.c.id < _o.c.id),
        sa.or_(_f.c.claimed_by.is_(None), _f.c.claimed_by != sa.bindparam("owner"), _f.c.state == "unsure"),
    )
    .exists()
)
_own = (
    sa.select(*_COLUMNS, sa.or_(sa.not_(_post_is_settled), _earlier).label("early"))
    .select_from(_with_post)
    .where(
        among(_o.c.key, "keys"),
        _o.c.claimed_by == sa.bindparam("owner"),
        _o.c.state == "claimed",
    )
    .order_by(_o.c.due_at, _o.c.id)
)


def own(tx: Transaction, *, owner: str, keys: Collection[str]) -> tuple[list[Row], list[str]]:
    """Rows of these keys that were put claimed by `owner`: those that may go now, and the ids of those that may not.

    A row may not go before its post is settled, nor before an earlier row of its lane that is not this process's own.
    """
    found = tx.execute(_own, {"keys": listed(keys), "owner": owner}).all()
    ready = [Row(*row[:_WIDTH]) for row in found if not row.early]
    return _reached(tx, ready), [row.id for row in found if row.early]


_unsure = (
    sa.select(*_COLUMNS)
    .select_from(_with_post)
    .where(
        _o.c.claimed_by.is_not(None),
        _o.c.lease_until <= sa.bindparam("now", type_=outbox.c.lease_until.type),
        _o.c.state == "unsure",
    )
    .order_by(_o.c.lease_until)
    .limit(sa.bindparam("limit"))
    .with_for_update(of=_o, skip_locked=True)
)
_take_over = (
    sa.update(outbox)
    .where(among(outbox.c.id, "ids"))
    .values(
        claimed_by=sa.bindparam("owner"),
        lease_until=sa.bindparam("until", type_=outbox.c.lease_until.type),
    )
)


def claim_unsure(tx: Transaction, *, owner: str, now: datetime, lease_until: datetime, limit: int) -> list[Row]:
    """Take over rows that may or may not have been sent and that no living process looks after."""
    found = tx.execute(_unsure, {"now": now, "limit": limit}).all()
    if found:
        tx.execute(_take_over, {"ids": listed(row[0] for row in found), "owner": owner, "until": lease_until})
    return _reached(tx, [Row(*row) for row in found])


def _reached(tx: Transaction, rows: list[Row]) -> list[Row]:
    """The rows with how their people are reached in their installs."""
    persons = {row.person for row in rows}
    persons.discard(None)
    if not persons:
        return rows
    known: dict[tuple[str, str | None], Sequence[str]] = {}
    reached = (identities.c.external_id, identities.c.direct, identities.c.service)
    who = sa.select(identities.c.install, identities.c.person, *reached)
    for identity in tx.execute(
        who.where(identities.c.person.in_(persons), identities.c.refused_at.is_(None)).order_by(identities.c.id)
    ):
        known.setdefault((identity.install, identity.person), identity[2:])
    nobody = ("", "", "")
    return [
        msgspec.structs.replace(row, user=user, direct=direct, service=service)
        for row in rows
        for user, direct, service in (known.get((row.install, row.person), nobody),)
    ]
