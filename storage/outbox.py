"""The rows of what goes out: put, claimed by a process for a while, sent, settled.

A row waits, is *claimed* by one process under a lease, and is marked *sending* by a commit before any byte of it
leaves. A lease that runs out therefore says what may have happened: a row that was only claimed waits again, one that
was being sent is *unsure* and is looked for on its platform before anything else is done with it. Rows of one lane (a
conversation, as far as it is visible to the same people) go out in the order of `due_at`, then of making, and never in
two processes at once.

Every function takes the transaction first; all instants are aware.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from storage.database import Transaction
from storage.statement import Statement
from storage.tables import id_at, identities, new_id, outbox

Ending: TypeAlias = Literal["sent", "failed", "expired", "unknown", "withdrawn"]
"""The states that are for good."""
OPEN_STATES = ("waiting", "claimed", "sending", "unsure")
FINAL_STATES: tuple[Ending, ...] = ("sent", "failed", "expired", "unknown", "withdrawn")

NEW_MESSAGES = ("post", "upload")
"""Operations that put something new before people: twice would be seen. The others may be repeated."""

CLAIM_LOCK = 0x9ACE60
"""PostgreSQL's advisory lock for claiming: two claims at once would both take the head of what they see of a lane."""


class Row(msgspec.Struct, frozen=True, array_like=True):
    """A row that this process holds, with what is needed to send it. The fields up to `post_address` are _COLUMNS."""

    id: str
    key: str
    operation: str
    install: str
    person: str | None
    lane: str
    address: str
    """JSON of Address, its response URL sealed."""
    body: str
    """JSON of Reply."""
    expires_at: datetime | None
    attempts: int
    """Tries that were begun before this one."""
    after: str | None
    post_state: str | None
    """How the post that `after` names ended; None where there is no such row."""
    post_address: str | None
    """That post's own address, once it is sent."""
    user: str = ""
    """The person's external id in this install; empty for nobody in particular, or for a person who is not there."""
    direct: str = ""
    """The one-to-one conversation with them, once known."""
    service: str = ""
    """Where the platform takes messages for them; empty where it is always the same."""


class Claimed(msgspec.Struct, frozen=True):
    """What a claim took. `more`: there was more to look at than the limit."""

    rows: list[Row]
    more: bool


class Settled(msgspec.Struct, frozen=True):
    """How a try ended. `waiting` comes again, not before `retry_at`; `unsure` stays with its process."""

    id: str
    state: Ending | Literal["waiting", "unsure"]
    sent_as: str | None = None
    error: str | None = None
    retry_at: datetime | None = None


def beside_others(tx: Transaction) -> None:
    """To be called first in a transaction that only moves rows of the outbox along.

    On PostgreSQL it becomes READ COMMITTED: the rows are locked one by one, and delivery must not make a person's
    turn fail to serialise.
    """
    if tx.skip_locked:
        tx.connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")


# ---------------------------------------------------------------- in

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


# ---------------------------------------------------------------- many rows in one statement
#
# A list of rows goes into a statement as one JSON parameter. One for each row would let go of Python's lock and wait
# for it again at each (measured on SQLite under load: 100 microseconds a row instead of 5).

_json = msgspec.json.encode


class _members(FunctionElement[Any]):
    """The texts in a JSON array, to stand after IN."""

    name = "members"
    inherit_cache = True


@compiles(_members)
def _members_on_sqlite(element: _members, compiler: SQLCompiler, **more: Any) -> str:
    return f"(SELECT value FROM json_each({compiler.process(element.clauses, **more)}))"


@compiles(_members, "postgresql")
def _members_on_postgresql(element: _members, compiler: SQLCompiler, **more: Any) -> str:
    return f"(SELECT json_array_elements_text(CAST({compiler.process(element.clauses, **more)} AS json)))"


def _among(column: sa.ColumnElement[Any], parameter: str) -> sa.ColumnElement[bool]:
    return column.bool_op("IN")(_members(sa.bindparam(parameter, type_=sa.Text)))


def _list(texts: Iterable[str]) -> str:
    return _json(list(texts)).decode()


# ---------------------------------------------------------------- claim

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
        sa.not_(_among(_o.c.lane, "skip_lanes")),
        sa.not_(_among(_o.c.install, "skip_installs")),
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
    .where(_among(outbox.c.id, "ids"))
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
        "skip_lanes": _list(skip_lanes),
        "skip_installs": _list(skip_installs),
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
        _claim.run(tx, {"ids": _list(row.id for row in found), "owner": owner, "until": lease_until})
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
        _among(_o.c.key, "keys"),
        _o.c.claimed_by == sa.bindparam("owner"),
        _o.c.state == "claimed",
    )
    .order_by(_o.c.due_at, _o.c.id)
)


def own(tx: Transaction, *, owner: str, keys: Collection[str]) -> tuple[list[Row], list[str]]:
    """Rows of these keys that were put claimed by `owner`: those that may go now, and the ids of those that may not.

    A row may not go before its post is settled, nor before an earlier row of its lane that is not this process's own.
    """
    found = tx.execute(_own, {"keys": _list(keys), "owner": owner}).all()
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
    .where(_among(outbox.c.id, "ids"))
    .values(
        claimed_by=sa.bindparam("owner"),
        lease_until=sa.bindparam("until", type_=outbox.c.lease_until.type),
    )
)


def claim_unsure(tx: Transaction, *, owner: str, now: datetime, lease_until: datetime, limit: int) -> list[Row]:
    """Take over rows that may or may not have been sent and that no living process looks after."""
    found = tx.execute(_unsure, {"now": now, "limit": limit}).all()
    if found:
        tx.execute(_take_over, {"ids": _list(row[0] for row in found), "owner": owner, "until": lease_until})
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


# ---------------------------------------------------------------- send and settle

_mark = Statement(
    sa.update(outbox)
    .where(
        _among(outbox.c.id, "ids"),
        outbox.c.claimed_by == sa.bindparam("owner"),
        # `sending` too: a commit whose answer was lost is repeated
        sa.or_(outbox.c.state == "claimed", outbox.c.state == "sending"),
    )
    .values(state="sending", attempts=outbox.c.attempts + 1)
)


_marked = sa.select(outbox.c.id).where(
    _among(outbox.c.id, "ids"), outbox.c.claimed_by == sa.bindparam("owner"), outbox.c.state == "sending"
)


def mark_sending(tx: Transaction, *, owner: str, ids: Sequence[str]) -> set[str]:
    """Say, before a byte leaves, that these rows are being sent; those of them that still may be.

    What is missing from the answer was withdrawn, or its lease ran out.
    """
    mine = {"ids": _list(ids), "owner": owner}
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
        _settle_sent[tx.connection.dialect.name].run(tx, {"sent": _json(sent).decode(), "at": now})
    if unsure:
        tx.execute(_settle_unsure, unsure)
    if other:
        tx.execute(_settle_other, other)


_renew = (
    sa.update(outbox)
    .where(_among(outbox.c.id, "ids"), outbox.c.claimed_by == sa.bindparam("owner"))
    .values(lease_until=sa.bindparam("until", type_=outbox.c.lease_until.type))
)


def renew(tx: Transaction, *, owner: str, ids: Sequence[str], lease_until: datetime) -> None:
    """Hold these rows for longer."""
    tx.execute(_renew, {"ids": _list(ids), "owner": owner, "until": lease_until})


def know_direct(tx: Transaction, *, install: str, person: str, conversation: str) -> None:
    """Keep the one-to-one conversation that a first message opened."""
    tx.execute(
        sa.update(identities)
        .where(identities.c.install == install, identities.c.person == person, identities.c.direct == "")
        .values(direct=conversation)
    )


_give_to_nobody = sa.update(outbox).where(_among(outbox.c.id, "ids")).values(state="unsure", error=sa.bindparam("why"))
_wait_again = (
    sa.update(outbox).where(_among(outbox.c.id, "ids")).values(state="waiting", claimed_by=None, lease_until=None)
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
        tx.execute(_give_to_nobody, {"ids": _list(unsure), "why": "the process that sent it ended"})
    if again:
        tx.execute(_wait_again, {"ids": _list(again)})
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


# ---------------------------------------------------------------- out


def withdraw(
    tx: Transaction,
    *,
    now: datetime,
    install: str | None = None,
    key: str | None = None,
    person: str | None = None,
    conversation: str | None = None,
    begun: bool = False,
) -> int:
    """Take back what has not begun to leave, of an install or under a key; how many rows.

    `person` and `conversation` narrow it to what goes to somebody, or into a conversation and its threads.
    `begun`: also what was on its way when its process ended, so that it is never tried again.
    """
    if install is None and key is None:
        raise ValueError("withdraw what: an install's rows, or a key's?")
    states = OPEN_STATES if begun else ("waiting", "claimed")
    which: list[sa.ColumnElement[bool]] = [outbox.c.settled_at.is_(None), outbox.c.state.in_(states)]
    if install is not None:
        which.append(outbox.c.install == install)
    if key is not None:
        which.append(outbox.c.key == key)
    if person is not None:
        which.append(outbox.c.person == person)
    if conversation is not None:
        which.append(outbox.c.address.startswith(f'{{"conversation":"{conversation}', autoescape=True))
    done = tx.execute(
        sa.update(outbox)
        .where(*which)
        .values(state="withdrawn", settled_at=now, claimed_by=None, lease_until=None, retry_at=None)
    )
    return done.rowcount


_PRUNED_AT_ONCE = 5000
"""Rows: while they are deleted nobody else writes on SQLite."""
_awaited = sa.select(_f.c.after).where(_f.c.settled_at.is_(None), _f.c.after.is_not(None))
_long_settled = (
    sa.select(outbox.c.id)
    .where(
        # The time in the id lets the primary key find the old ones: a table with a quarter's messages is not read.
        outbox.c.id < sa.bindparam("made_before"),
        outbox.c.settled_at < sa.bindparam("settled_before", type_=outbox.c.settled_at.type),
        outbox.c.key.not_in(_awaited),
    )
    .order_by(outbox.c.id)
    .limit(_PRUNED_AT_ONCE)
)


def prune(tx: Transaction, before: datetime) -> int:
    """Drop rows that were settled before that time, some thousands at most; how many.

    A post stays while an edit waits for it. With a row goes its key: who puts that again sends it again.
    """
    long_ago = {"made_before": id_at(before), "settled_before": before}
    found = list(tx.execute(_long_settled, long_ago).scalars())
    if found:
        tx.execute(sa.delete(outbox).where(_among(outbox.c.id, "ids")), {"ids": _list(found)})
    return len(found)


def sent_address(tx: Transaction, key: str) -> str | None:
    """JSON of the address under which a message can be edited (its response URL sealed), once it is sent."""
    address: str | None = tx.execute(sa.select(outbox.c.sent_as).where(outbox.c.key == key)).scalar()
    return address


def install_of(tx: Transaction, key: str) -> str | None:
    """Through which install it went; None where that row is not kept any more."""
    install: str | None = tx.execute(sa.select(outbox.c.install).where(outbox.c.key == key)).scalar()
    return install


def counts(tx: Transaction) -> dict[str, int]:
    """How many rows are in each state, all states named."""
    found = dict.fromkeys((*OPEN_STATES, *FINAL_STATES), 0)
    for row in tx.execute(sa.select(outbox.c.state, sa.func.count().label("rows")).group_by(outbox.c.state)):
        found[row.state] = row.rows
    return found
