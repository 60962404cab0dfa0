"""Open deals with whose they are, read once for everybody who is asked about."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from storage.database import Statement, Transaction
from storage.deals import WHOLE
from storage.tables import accounts, deal_shares, deals

FEW = 40
"""People up to whom their own deals are looked for; for more it is quicker to read all that are open."""


@dataclass(frozen=True, slots=True)
class Open:
    """An open deal; `held` is whose its revenue is, in millionths of it."""

    name: str
    account: str | None
    stage: str
    amount_minor: int | None
    currency: str | None
    closes_on: date | None
    held: dict[str, int]


_columns = (
    deals.c.id,
    deals.c.name,
    deals.c.account,
    deals.c.owner,
    deals.c.stage,
    deals.c.amount_minor,
    deals.c.currency,
    deals.c.closes_on,
)
_shared = (deal_shares.c.replaced_at.is_(None), deal_shares.c.kind == "revenue")


def open_until(tx: Transaction, last: date, *, stages: Sequence[str], persons: Collection[str]) -> list[Open]:
    """Deals in those stages that these people have a share in and that close until that day or on none; by that day.

    Where a deal says whose its revenue is, that counts, and its owner's name alone does not.
    """
    wanted = list(persons)
    if len(wanted) == 1:
        return _own(tx, last, tuple(stages), wanted[0])
    may = (
        deals.c.voided_at.is_(None),
        deals.c.stage.in_(stages),
        sa.or_(deals.c.closes_on.is_(None), deals.c.closes_on <= last),
    )
    query = sa.select(*_columns).where(*may)
    if len(wanted) > FEW:
        found = list(tx.execute(query).all())
    else:
        found = list(tx.execute(query.where(deals.c.owner.in_(wanted))).all())
        known = {row.id for row in found}
        through = query.join(deal_shares, deal_shares.c.deal == deals.c.id).where(
            *_shared, deal_shares.c.person.in_(wanted)
        )
        found += [row for row in tx.execute(through.distinct()) if row.id not in known]
    return _with_names(tx, [_Row(*row) for row in found], wanted, last)


class _Row(NamedTuple):
    id: str
    name: str
    account: str | None
    owner: str | None
    stage: str
    amount_minor: int | None
    currency: str | None
    closes_on: date | None


def _own(tx: Transaction, last: date, stages: tuple[str, ...], person: str) -> list[Open]:
    owned, shared = _of_one(stages)
    found: dict[str, tuple[Sequence[Any], dict[str, int]]] = {}
    for row in owned.rows(tx, last=last, person=person):
        _, held = found.setdefault(row[0], (row, {}))
        holder, millionths = row[-2:]
        if holder is not None:
            held[holder] = held.get(holder, 0) + millionths
        elif row[3]:
            held[row[3]] = WHOLE
    theirs = set(found)
    for row in shared.rows(tx, last=last, person=person):
        if row[0] not in theirs:
            _, held = found.setdefault(row[0], (row, {}))
            held[row[-2]] = held.get(row[-2], 0) + row[-1]
    in_order = sorted(found.values(), key=lambda one: (one[0][7] is None, one[0][7] or last, one[0][0]))
    return [
        Open(name, account, stage, amount, currency, closes_on, held)
        for (_, name, account, _, stage, amount, currency, closes_on, _, _), held in in_order
        if person in held
    ]


@lru_cache(maxsize=16)
def _of_one(stages: tuple[str, ...]) -> tuple[Statement, Statement]:
    """What one person owns, and what they have a share in; for the stages that the company has.

    A row for each share of a deal, with the account's name. Of all that somebody ever had a share in few deals are
    open, so those are looked for in the index of open deals, whose condition the statement has to repeat.
    """
    may = (
        deals.c.voided_at.is_(None),
        sa.or_(*(deals.c.stage == stage for stage in stages)),
        sa.or_(deals.c.closes_on.is_(None), deals.c.closes_on <= sa.bindparam("last")),
    )
    mine = deal_shares.alias("mine")
    with_all = deals.outerjoin(accounts, accounts.c.id == deals.c.account).outerjoin(
        deal_shares, sa.and_(deal_shares.c.deal == deals.c.id, *_shared)
    )
    query = sa.select(
        deals.c.id,
        deals.c.name,
        accounts.c.name,
        deals.c.owner,
        deals.c.stage,
        deals.c.amount_minor,
        deals.c.currency,
        deals.c.closes_on,
        deal_shares.c.person,
        deal_shares.c.millionths,
    ).where(*may)
    through = sa.join(mine, with_all, mine.c.deal == deals.c.id)
    return (
        Statement(query.select_from(with_all).where(deals.c.owner == sa.bindparam("person"))),
        Statement(
            query.select_from(through).where(
                sa.text("deals.stage NOT IN ('won', 'lost')"),
                mine.c.replaced_at.is_(None),
                mine.c.kind == "revenue",
                mine.c.person == sa.bindparam("person"),
            )
        ),
    )


def _with_names(tx: Transaction, rows: Sequence[_Row], wanted: Sequence[str], last: date) -> list[Open]:
    held = _held(tx, [row.id for row in rows])
    there = set(wanted)
    found = []
    for row in sorted(rows, key=lambda row: (row.closes_on is None, row.closes_on or last, row.id)):
        of = held.get(row.id) or ({row.owner: WHOLE} if row.owner else {})
        if not there.isdisjoint(of):
            found.append((row, of))
    names = _names(tx, {row.account for row, _ in found if row.account})
    return [
        Open(row.name, names.get(row.account or ""), row.stage, row.amount_minor, row.currency, row.closes_on, of)
        for row, of in found
    ]


def _held(tx: Transaction, identifiers: Sequence[str]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for at in range(0, len(identifiers), 10_000):
        query = sa.select(deal_shares.c.deal, deal_shares.c.person, deal_shares.c.millionths).where(
            deal_shares.c.deal.in_(identifiers[at : at + 10_000]), *_shared
        )
        for deal, person, millionths in tx.execute(query):
            of = found.setdefault(deal, {})
            of[person] = of.get(person, 0) + millionths
    return found


def _names(tx: Transaction, identifiers: Collection[str]) -> dict[str, str]:
    if not identifiers:
        return {}
    query = sa.select(accounts.c.id, accounts.c.name).where(accounts.c.id.in_(list(identifiers)))
    return {row[0]: row[1] for row in tx.execute(query)}
