"""Rows for an export, read piece by piece so that memory stays flat."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import sqlalchemy as sa

from storage.database import Transaction
from storage.deals import Deal, Share, shares_of
from storage.tables import accounts, activities, credits, deal_shares, deals, people

PIECE = 500
_names = tuple(field.name for field in fields(Deal))


@dataclass(frozen=True, slots=True)
class Exported:
    """A deal with what an export says of it."""

    deal: Deal
    account: str | None
    owner: str | None
    shares: tuple[Share, ...]
    credited: int
    """What counts of it for those people between those days: minor units of the plan's currency."""
    taken_back: bool
    """The deal was made by mistake; it stands here for the credit that it had."""


def deals_of(
    tx: Transaction,
    persons: Collection[str] | None,
    first: date,
    last: date,
    *,
    today: date,
    open_stages: Sequence[str],
) -> Iterator[Exported]:
    """Deals that these people (None: all) own, share in or are credited with, by the day on which they close.

    Those that close between those days, or of which something counts between them; where they are not over yet, open
    ones too that are overdue or without a day.
    """
    columns = (
        *(deals.c[name] for name in _names),
        deals.c.voided_at,
        accounts.c.name.label("account_name"),
        people.c.name.label("owner_name"),
    )
    query = (
        sa.select(*columns)
        .outerjoin(accounts, accounts.c.id == deals.c.account)
        .outerjoin(people, people.c.id == deals.c.owner)
        .where(_wanted(persons, first, last, today, open_stages))
        .order_by(deals.c.closes_on.is_(None), deals.c.closes_on, deals.c.id)
    )
    for piece in tx.execute(query.execution_options(yield_per=PIECE)).partitions(PIECE):
        ids = [row.id for row in piece]
        shares, counted = shares_of(tx, ids), _credited(tx, persons, ids, first, last)
        for row in piece:
            yield Exported(
                Deal(**{name: row._mapping[name] for name in _names}),
                row.account_name,
                row.owner_name,
                tuple(shares.get(row.id, ())),
                counted.get(row.id, 0),
                row.voided_at is not None,
            )


def number_of_deals(
    tx: Transaction,
    persons: Collection[str] | None,
    first: date,
    last: date,
    *,
    today: date,
    open_stages: Sequence[str],
) -> int:
    """How many `deals_of` gives."""
    query = sa.select(sa.func.count()).select_from(deals).where(_wanted(persons, first, last, today, open_stages))
    return int(tx.execute(query).scalar_one())


def number_of_activities(tx: Transaction, persons: Collection[str] | None, first: date, last: date) -> int:
    """How many of them stand between those days."""
    query = sa.select(sa.func.count()).select_from(activities)
    query = query.where(activities.c.replaced_at.is_(None), activities.c.voided_at.is_(None))
    query = query.where(activities.c.day.between(first, last))
    if persons is not None:
        query = query.where(activities.c.person.in_(list(persons)))
    return int(tx.execute(query).scalar_one())


def _wanted(
    persons: Collection[str] | None, first: date, last: date, today: date, open_stages: Sequence[str]
) -> sa.ColumnElement[bool]:
    counts = sa.select(credits.c.deal).where(_counting(persons, first, last))
    closing: list[Any] = [deals.c.closes_on.between(first, last)]
    if last >= today:
        undated = sa.or_(deals.c.closes_on.is_(None), deals.c.closes_on < today)
        closing.append(sa.and_(deals.c.stage.in_(open_stages), undated))
    theirs: list[Any] = [deals.c.voided_at.is_(None), sa.or_(*closing)]
    if persons is not None:
        held = sa.select(deal_shares.c.deal).where(
            deal_shares.c.person.in_(list(persons)), deal_shares.c.replaced_at.is_(None)
        )
        theirs.append(sa.or_(deals.c.owner.in_(list(persons)), deals.c.id.in_(held)))
    return sa.or_(sa.and_(*theirs), deals.c.id.in_(counts))


def _counting(persons: Collection[str] | None, first: date, last: date) -> sa.ColumnElement[bool]:
    holds = [credits.c.voided_at.is_(None), credits.c.kind == "revenue", credits.c.day.between(first, last)]
    if persons is not None:
        holds.append(credits.c.person.in_(list(persons)))
    return sa.and_(*holds)


def _credited(
    tx: Transaction, persons: Collection[str] | None, identifiers: Sequence[str], first: date, last: date
) -> dict[str, int]:
    query = (
        sa.select(credits.c.deal, sa.func.sum(credits.c.amount_minor))
        .where(credits.c.deal.in_(list(identifiers)), _counting(persons, first, last))
        .group_by(credits.c.deal)
    )
    return {deal: int(amount) for deal, amount in tx.execute(query)}
