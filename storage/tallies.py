"""What is counted rather than summed: activities by day, meetings booked, and pipeline created."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from storage.database import Transaction
from storage.deals import Share, shares_of
from storage.tables import activities, deals, roles

_holds = sa.and_(activities.c.replaced_at.is_(None), activities.c.voided_at.is_(None))


def logged(
    tx: Transaction, first: date, last: date, *, persons: Collection[str], kind: str | None = None
) -> list[tuple[str, date, str, int]]:
    """(person, day, kind, how many) between those days, both included; planned and voided ones do not count."""
    query = (
        sa.select(activities.c.person, activities.c.day, activities.c.kind, sa.func.sum(activities.c.count))
        .where(
            activities.c.person.in_(list(persons)),
            activities.c.day.between(first, last),
            activities.c.planned.is_(False),
            _holds,
        )
        .group_by(activities.c.person, activities.c.day, activities.c.kind)
    )
    if kind is not None:
        query = query.where(activities.c.kind == kind)
    return [(person, day, of, int(number)) for person, day, of, number in tx.execute(query)]


def booked(tx: Transaction, first: date, last: date, *, persons: Collection[str]) -> list[tuple[str, date, int]]:
    """(person, day, how many) of what was booked: activities whose outcome says so, on the day of the booking.

    For something planned that is the day on which it was first said, in the zone in which it was said; for something
    done (a call that led to a meeting) the day on which it was done.
    """
    begun = activities.alias("begun")
    near = (
        datetime.combine(first - timedelta(days=2), time.min, ZoneInfo("UTC")),
        datetime.combine(last + timedelta(days=2), time.max, ZoneInfo("UTC")),
    )
    query = (
        sa.select(
            activities.c.person,
            activities.c.day,
            activities.c.planned,
            activities.c.zone,
            activities.c.count,
            begun.c.recorded_at,
        )
        .join(begun, sa.and_(begun.c.entry == activities.c.entry, begun.c.version == 1))
        .where(
            activities.c.person.in_(list(persons)),
            activities.c.outcome == "booked",
            _holds,
            sa.or_(
                sa.and_(activities.c.planned.is_(False), activities.c.day.between(first, last)),
                sa.and_(activities.c.planned, begun.c.recorded_at.between(*near)),
            ),
        )
    )
    found = []
    for person, day, planned, zone, number, recorded in tx.execute(query):
        on = recorded.astimezone(ZoneInfo(zone)).date() if planned else day
        if first <= on <= last:
            found.append((person, on, number))
    return found


@dataclass(frozen=True, slots=True)
class Created:
    """A deal that came into the pipeline, with whose it is: person and millionths of the whole."""

    created_on: date
    closes_on: date | None
    amount_minor: int
    currency: str | None
    held: tuple[tuple[str, int], ...]


def created(tx: Transaction, first: date, last: date) -> list[Created]:
    """Deals made between those days, both included, whatever became of them; not those without an amount, nor claimed.

    A deal that says nothing of shares is its owner's.
    """
    query = (
        sa.select(
            deals.c.id, deals.c.created_on, deals.c.closes_on, deals.c.amount_minor, deals.c.currency, deals.c.owner
        )
        .where(
            deals.c.voided_at.is_(None),
            deals.c.claimed.is_(False),
            deals.c.created_on >= first,
            deals.c.created_on <= last,
            deals.c.amount_minor.is_not(None),
        )
        .order_by(deals.c.id)
    )
    rows = tx.execute(query).all()
    shares: dict[str, list[Share]] = {}
    for at in range(0, len(rows), 10_000):
        shares |= shares_of(tx, [row.id for row in rows[at : at + 10_000]])
    found = []
    for row in rows:
        held = tuple((one.person, one.millionths) for one in shares.get(row.id, ()) if one.kind == "revenue")
        held = held or (((row.owner, 1_000_000),) if row.owner else ())
        found.append(Created(row.created_on, row.closes_on, row.amount_minor, row.currency, held))
    return found


def roles_on(tx: Transaction, persons: Collection[str], day: date) -> dict[str, list[str]]:
    """The roles that these people have on that day."""
    query = sa.select(roles.c.person, roles.c.role).where(
        roles.c.person.in_(list(persons)),
        roles.c.valid_from <= day,
        sa.or_(roles.c.valid_to.is_(None), roles.c.valid_to > day),
    )
    found: dict[str, list[str]] = {}
    for person, role in tx.execute(query):
        found.setdefault(person, []).append(role)
    return found
