"""Open deals with whose they are, read once for everybody who is asked about."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

import msgspec
import sqlalchemy as sa

from storage.database import Transaction
from storage.statement import Statement
from storage.tables import accounts, deals, open_shares

FEW = 40
"""People up to whom their own deals are looked for; for more it is quicker to read all that are open."""


class Open(msgspec.Struct, frozen=True):
    """An open deal; `held` is whose its revenue is of those who were asked for, in millionths of it."""

    name: str
    account: str | None
    stage: str
    amount_minor: int | None
    currency: str | None
    closes_on: date | None
    held: dict[str, int]


def open_until(tx: Transaction, last: date, *, stages: Sequence[str], persons: Collection[str]) -> list[Open]:
    """Deals in those stages that these people have a share in and that close until that day or on none; by that day.

    Where a deal says whose its revenue is, that counts, and its owner's name alone does not.
    """
    everybodys, ones = _read(tuple(stages))
    if len(persons) > FEW:
        wanted = frozenset(persons)
        rows = [row for row in everybodys.rows(tx, last=last) if row[0] in wanted]
    else:
        rows = [row for person in sorted(persons) for row in ones.rows(tx, last=last, person=person)]
    if len(persons) == 1:
        return [_open(row) for row in rows]
    found: dict[str, Open] = {}
    for row in rows:
        known = found.get(row[2])
        if known is None:
            found[row[2]] = _open(row)
        else:
            known.held[row[0]] = row[1]
    return [found[deal] for deal in sorted(found, key=lambda deal: (*_day(found[deal], last), deal))]


def _open(row: Sequence[Any]) -> Open:
    person, millionths, _, name, account, stage, amount, currency, closes_on = row
    return Open(name, account, stage, amount, currency, closes_on, {person: millionths})


def _day(of: Open, last: date) -> tuple[bool, date]:
    return of.closes_on is None, of.closes_on or last


@lru_cache(maxsize=16)
def _read(stages: tuple[str, ...]) -> tuple[Statement, Statement]:
    """Everybody's and one person's, for the stages that the company has: a row for each deal of each person."""
    query = (
        sa.select(
            open_shares.c.person,
            open_shares.c.millionths,
            deals.c.id,
            deals.c.name,
            accounts.c.name,
            deals.c.stage,
            deals.c.amount_minor,
            deals.c.currency,
            deals.c.closes_on,
        )
        .select_from(
            open_shares.join(deals, deals.c.id == open_shares.c.deal).outerjoin(
                accounts, accounts.c.id == deals.c.account
            )
        )
        .where(
            sa.or_(*(deals.c.stage == stage for stage in stages)),
            sa.or_(open_shares.c.closes_on.is_(None), open_shares.c.closes_on <= sa.bindparam("last")),
        )
    )
    ones = query.where(open_shares.c.person == sa.bindparam("person"))
    return Statement(query), Statement(ones.order_by(deals.c.closes_on.is_(None), deals.c.closes_on, deals.c.id))
