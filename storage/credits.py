"""What counts for whom: credits are written and voided, never changed, and their months' sums are kept beside them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from storage.database import Transaction
from storage.statement import Statement
from storage.tables import credit_months, credits, deals, new_id, people


@dataclass(frozen=True, slots=True)
class Credit:
    """Minor units of the plan's currency for a person on a day; negative where it takes another one back.

    `won_on` is the deal's win date, which says whose member the person was; None: `day` itself.
    """

    person: str
    kind: str
    day: date
    amount_minor: int
    reverses: str | None = None
    won_on: date | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A credit as it was written."""

    id: str
    deal: str
    credit: Credit


def write(tx: Transaction, deal: str, given: Sequence[Credit], *, at: datetime) -> None:
    """Keep these credits of a deal."""
    write_all(tx, {deal: given}, at=at)


def write_all(tx: Transaction, given: Mapping[str, Sequence[Credit]], *, at: datetime) -> None:
    """Keep these credits, by deal; each month's sum is written once."""
    rows = [
        {
            "id": new_id(),
            "deal": deal,
            "person": one.person,
            "kind": one.kind,
            "day": one.day,
            "amount_minor": one.amount_minor,
            "reverses": one.reverses,
            "won_on": one.won_on or one.day,
            "made_at": at,
        }
        for deal, its in given.items()
        for one in its
    ]
    if not rows:
        return
    _insert.run_all(tx, rows)
    sums: dict[tuple[date, str, str], tuple[int, int]] = {}
    for its in given.values():
        for one in its:
            key = (one.day.replace(day=1), one.person, one.kind)
            amount, number = sums.get(key, (0, 0))
            sums[key] = (amount + one.amount_minor, number + 1)
    for (month, person, kind), (amount, number) in sums.items():
        _add_to(tx, month, person, kind, amount, number)


_insert = Statement(
    credits.insert(), ("id", "deal", "person", "kind", "day", "amount_minor", "reverses", "won_on", "made_at")
)
_of_deal = Statement(
    sa.select(
        credits.c.id, *[credits.c[name] for name in ("person", "kind", "day", "amount_minor", "reverses", "won_on")]
    )
    .where(credits.c.deal == sa.bindparam("deal"), credits.c.voided_at.is_(None))
    .order_by(credits.c.id)
)


def of_deal(tx: Transaction, deal: str) -> list[Kept]:
    """The deal's living credits, in the order of writing."""
    return [Kept(row[0], deal, Credit(*row[1:])) for row in _of_deal.rows(tx, deal=deal)]


def of_deals(tx: Transaction, deals: Collection[str]) -> dict[str, list[Kept]]:
    """The same of several deals, by deal; without those that have none."""
    names = ("person", "kind", "day", "amount_minor", "reverses", "won_on")
    query = sa.select(credits.c.id, credits.c.deal, *[credits.c[name] for name in names]).where(
        credits.c.deal.in_(sorted(deals)), credits.c.voided_at.is_(None)
    )
    found: dict[str, list[Kept]] = {}
    for row in tx.execute(query.order_by(credits.c.id)) if deals else ():
        found.setdefault(row[1], []).append(Kept(row[0], row[1], Credit(*row[2:])))
    return found


def void(tx: Transaction, kept: Iterable[Kept], *, at: datetime) -> None:
    """They do not count any more."""
    for one in kept:
        done = tx.execute(
            credits.update().where(credits.c.id == one.id, credits.c.voided_at.is_(None)), {"voided_at": at}
        )
        if done.rowcount:
            _add_up(tx, one.credit, -one.credit.amount_minor, -1)


FEW = 40
"""People up to whom their own rows are looked for; for more it is quicker to read everybody's sums."""

# From person to person, as the sums lie: nothing is sorted, and other years are not read.
_months_sums = Statement(
    sa.select(
        people.c.id,
        sa.select(sa.func.sum(credit_months.c.amount_minor))
        .where(
            credit_months.c.kind == sa.bindparam("kind"),
            credit_months.c.person == people.c.id,
            credit_months.c.month >= sa.bindparam("first"),
            credit_months.c.month <= sa.bindparam("last"),
        )
        .scalar_subquery(),
    )
)
_own_months = Statement(
    sa.select(credit_months.c.person, sa.func.sum(credit_months.c.amount_minor))
    .where(
        credit_months.c.month >= sa.bindparam("first"),
        credit_months.c.month <= sa.bindparam("last"),
        credit_months.c.kind == sa.bindparam("kind"),
        credit_months.c.person == sa.bindparam("person"),
    )
    .group_by(credit_months.c.person)
)


def by_person(
    tx: Transaction, first: date, last: date, *, persons: Iterable[str] | None = None, kind: str = "revenue"
) -> dict[str, int]:
    """Minor units credited between those days, both included, by person; without those who have none.

    Whole months come from their kept sums, the days around them from the credits themselves.
    """
    months, days = _cut(first, last)
    found: dict[str, int] = {}
    wanted = None if persons is None else set(persons)
    few = wanted is not None and len(wanted) <= FEW
    for person, amount in _in_months(tx, months, wanted if few else None, kind) if months else ():
        if amount is not None:
            found[person] = int(amount)
    for begin, end in days:
        holds = (credits.c.voided_at.is_(None), credits.c.kind == kind, credits.c.day >= begin, credits.c.day <= end)
        query = (
            sa.select(credits.c.person, sa.func.sum(credits.c.amount_minor)).where(*holds).group_by(credits.c.person)
        )
        if wanted is not None:
            query = query.where(credits.c.person.in_(list(wanted)))
        for person, amount in tx.execute(query):
            found[person] = found.get(person, 0) + int(amount)
    if wanted is None or few:
        return found
    return {person: amount for person, amount in found.items() if person in wanted}


def _in_months(
    tx: Transaction, months: tuple[date, date], persons: set[str] | None, kind: str
) -> Iterable[Sequence[Any]]:
    if persons is None:
        return _months_sums.rows(tx, first=months[0], last=months[1], kind=kind)
    return [
        row
        for one in sorted(persons)
        for row in _own_months.rows(tx, first=months[0], last=months[1], kind=kind, person=one)
    ]


def by_win_date(
    tx: Transaction, first: date, last: date, *, persons: Iterable[str], kind: str = "revenue"
) -> list[tuple[str, date, int]]:
    """(person, win date, minor units) of what counts between those days: for units, whose members change."""
    holds = (credits.c.voided_at.is_(None), credits.c.kind == kind, credits.c.day >= first, credits.c.day <= last)
    query = (
        sa.select(credits.c.person, credits.c.won_on, sa.func.sum(credits.c.amount_minor))
        .where(*holds, credits.c.person.in_(list(persons)))
        .group_by(credits.c.person, credits.c.won_on)
        .order_by(credits.c.won_on)
    )
    return [(person, won_on, int(amount)) for person, won_on, amount in tx.execute(query)]


def apart(tx: Transaction, first: date, last: date, *, kind: str = "revenue") -> list[tuple[str, date, date, int]]:
    """(person, day, win date, minor units) of what counts between those days and was won on another one.

    These are reversals and what was booked late: few, and the only ones of which the day does not say the unit.
    """
    holds = (credits.c.voided_at.is_(None), credits.c.won_on != credits.c.day)
    query = sa.select(credits.c.person, credits.c.day, credits.c.won_on, credits.c.amount_minor).where(
        *holds, credits.c.kind == kind, credits.c.day >= first, credits.c.day <= last
    )
    return [(row[0], row[1], row[2], row[3]) for row in tx.execute(query)]


def by_product(
    tx: Transaction, first: date, last: date, *, persons: Iterable[str], kind: str = "revenue"
) -> list[tuple[str, date, str | None, int]]:
    """(person, win date, product, minor units) of what counts between those days."""
    holds = (credits.c.voided_at.is_(None), credits.c.kind == kind, credits.c.day >= first, credits.c.day <= last)
    query = (
        sa.select(credits.c.person, credits.c.won_on, deals.c.product, sa.func.sum(credits.c.amount_minor))
        .join(deals, deals.c.id == credits.c.deal)
        .where(*holds, credits.c.person.in_(list(persons)))
        .group_by(credits.c.person, credits.c.won_on, deals.c.product)
    )
    return [(row[0], row[1], row[2], int(row[3])) for row in tx.execute(query)]


def wins(
    tx: Transaction, first: date, last: date, *, persons: Iterable[str], kind: str = "revenue"
) -> list[tuple[str, str, date, int]]:
    """(deal, person, day, minor units) of every living credit between those days, the largest first."""
    holds = (credits.c.voided_at.is_(None), credits.c.kind == kind, credits.c.day >= first, credits.c.day <= last)
    query = (
        sa.select(credits.c.deal, credits.c.person, credits.c.day, credits.c.amount_minor)
        .where(*holds, credits.c.person.in_(list(persons)))
        .order_by(credits.c.amount_minor.desc(), credits.c.id)
    )
    return [(row[0], row[1], row[2], row[3]) for row in tx.execute(query)]


def by_deal(
    tx: Transaction, first: date, last: date, *, persons: Iterable[str], kind: str = "revenue"
) -> list[tuple[str, str, date, int]]:
    """(deal, person, win date, minor units) of what counts between those days; what was taken back is negative."""
    holds = (credits.c.voided_at.is_(None), credits.c.kind == kind, credits.c.day >= first, credits.c.day <= last)
    query = (
        sa.select(credits.c.deal, credits.c.person, credits.c.won_on, sa.func.sum(credits.c.amount_minor))
        .where(*holds, credits.c.person.in_(list(persons)))
        .group_by(credits.c.deal, credits.c.person, credits.c.won_on)
    )
    return [(deal, person, won_on, int(amount)) for deal, person, won_on, amount in tx.execute(query)]


_claimed = (
    # In the words of its index, which holds few rows: nearly all wins are confirmed.
    sa.text("deals.claimed"),
    deals.c.voided_at.is_(None),
    deals.c.closes_on >= sa.bindparam("first"),
    deals.c.closes_on <= sa.bindparam("last"),
    deals.c.amount_minor.is_not(None),
)
_claims = sa.select(deals.c.owner, deals.c.amount_minor, deals.c.currency).where(*_claimed)
_all_claims = Statement(_claims)
_own_claims = Statement(_claims.where(deals.c.owner == sa.bindparam("owner")))


def claimed(tx: Transaction, first: date, last: date, *, owners: Collection[str]) -> list[tuple[str, int, str]]:
    """(owner, amount in minor units, currency) of wins that nobody has confirmed."""
    if len(owners) <= FEW:
        rows = [row for one in owners for row in _own_claims.rows(tx, first=first, last=last, owner=one)]
    else:
        rows = [row for row in _all_claims.rows(tx, first=first, last=last) if row[0] in owners]
    return [(owner, amount, currency) for owner, amount, currency in rows]


def hand_over(tx: Transaction, person: str, to: str) -> None:
    """What was credited to one is the other's: they turned out to be one person."""
    theirs = sa.select(
        credits.c.person, credits.c.kind, credits.c.day, credits.c.amount_minor, credits.c.reverses, credits.c.won_on
    ).where(credits.c.person == person, credits.c.voided_at.is_(None))
    for row in tx.execute(theirs).all():
        given = Credit(*row)
        _add_up(tx, given, -given.amount_minor, -1)
        _add_up(tx, replace(given, person=to), given.amount_minor, 1)
    tx.execute(credits.update().where(credits.c.person == person), {"person": to})
    tx.execute(credit_months.delete().where(credit_months.c.person == person))


_add = Statement(
    credit_months.update()
    .where(
        credit_months.c.month == sa.bindparam("of_month"),
        credit_months.c.person == sa.bindparam("of_person"),
        credit_months.c.kind == sa.bindparam("of_kind"),
    )
    .values(
        amount_minor=credit_months.c.amount_minor + sa.bindparam("amount"),
        deals=credit_months.c.deals + sa.bindparam("number"),
    )
)


def _add_up(tx: Transaction, credit: Credit, amount: int, number: int) -> None:
    _add_to(tx, credit.day.replace(day=1), credit.person, credit.kind, amount, number)


def _add_to(tx: Transaction, month: date, person: str, kind: str, amount: int, number: int) -> None:
    key = {"month": month, "person": person, "kind": kind}
    if not tx.insert_once(credit_months, {**key, "amount_minor": amount, "deals": number}):
        more = {"of_month": month, "of_person": person, "of_kind": kind}
        _add.run(tx, {**more, "amount": amount, "number": number})


def _cut(first: date, last: date) -> tuple[tuple[date, date] | None, list[tuple[date, date]]]:
    """The whole months of a span (first and last of their first days), and the days that are left on its ends."""
    if first > last:
        return None, []
    begin = first if first.day == 1 else _next_month(first)
    after = _next_month(last)
    end = after if _is_month_end(last) else last.replace(day=1)
    if begin >= end:
        return None, [(first, last)]
    days = []
    if first < begin:
        days.append((first, _day_before(begin)))
    if end <= last:
        days.append((end, last))
    return (begin, _day_before(end).replace(day=1)), days


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _day_before(day: date) -> date:
    return date.fromordinal(day.toordinal() - 1)


def _is_month_end(day: date) -> bool:
    return date.fromordinal(day.toordinal() + 1).day == 1
