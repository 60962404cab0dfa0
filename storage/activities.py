"""Activities: appended versions, voids, and what counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from typing import Any

import sqlalchemy as sa

from storage.database import Transaction
from storage.statement import Statement
from storage.tables import accounts, activities, new_id, people


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One version of an activity. `day` and `time` are as said in `zone`; `amount_minor` is in the currency's minor
    units (a null currency means the plan's); `account` is an id and `account_name` its name."""

    entry: str
    line: str
    person: str
    kind: str
    count: int
    account: str | None
    account_name: str | None
    account_text: str | None
    contacts: tuple[str, ...]
    day: date
    time: clock_time | None
    zone: str
    planned: bool
    minutes: int | None
    amount_minor: int | None
    currency: str | None
    outcome: str | None
    tags: tuple[str, ...]
    note: str | None
    next_text: str | None
    next_day: date | None
    next_time: clock_time | None
    said: str
    version: int = 1
    recorded_at: datetime | None = None
    voided_at: datetime | None = None


_plain = (
    "entry",
    "line",
    "person",
    "kind",
    "count",
    "account",
    "account_text",
    "day",
    "time",
    "zone",
    "planned",
    "minutes",
    "amount_minor",
    "currency",
    "outcome",
    "note",
    "next_text",
    "next_day",
    "next_time",
    "said",
    "version",
)
_columns = [activities.c[name] for name in _plain]
_select = sa.select(
    *_columns,
    activities.c.contacts,
    activities.c.tags,
    activities.c.recorded_at,
    activities.c.voided_at,
    accounts.c.name.label("account_name"),
).outerjoin(accounts, accounts.c.id == activities.c.account)
_holds = sa.and_(activities.c.replaced_at.is_(None), activities.c.voided_at.is_(None))


def _activity(row: Any) -> Activity:
    values = dict(row._mapping)
    values["contacts"] = tuple(values["contacts"])
    values["tags"] = tuple(values["tags"])
    return Activity(**values)


def _row(activity: Activity, *, author: str, at: datetime) -> dict[str, Any]:
    row = {name: getattr(activity, name) for name in _plain}
    row["id"] = new_id()
    row["author"] = author
    row["recorded_at"] = at
    row["contacts"] = list(activity.contacts)
    row["tags"] = list(activity.tags)
    return row


_insert = Statement(activities.insert(), (*_plain, "id", "author", "recorded_at", "contacts", "tags"))


def record(tx: Transaction, said: list[Activity], *, author: str, at: datetime) -> None:
    """Keep the first version of each; `author` is who said so, `at` when."""
    _insert.run_all(tx, [_row(activity, author=author, at=at) for activity in said])


def get(tx: Transaction, entry: str) -> Activity | None:
    """The latest version of an activity, voided or not."""
    row = tx.execute(_select.where(activities.c.entry == entry, activities.c.replaced_at.is_(None))).first()
    return None if row is None else _activity(row)


def on_line(tx: Transaction, line: str) -> list[Activity]:
    """The latest versions of all that was said in one line, in its order, voided or not."""
    query = _select.where(activities.c.line == line, activities.c.replaced_at.is_(None)).order_by(activities.c.entry)
    return [_activity(row) for row in tx.execute(query)]


def replace(tx: Transaction, activity: Activity, *, author: str, at: datetime) -> None:
    """`activity`, whose `version` is one past the latest, holds from `at` on; the version before it is kept."""
    tx.execute(
        activities.update().where(activities.c.entry == activity.entry, activities.c.replaced_at.is_(None)),
        {"replaced_at": at},
    )
    _insert.run(tx, _row(activity, author=author, at=at))


def void(tx: Transaction, entries: list[str], *, author: str, at: datetime) -> int:
    """These count no more. How many of them counted until now."""
    done = tx.execute(
        activities.update().where(activities.c.entry.in_(entries), _holds), {"voided_at": at, "voided_by": author}
    )
    return done.rowcount


def latest_line(tx: Transaction, person: str) -> str | None:
    """What they said last, whether it still counts or not."""
    query = (
        sa.select(activities.c.line)
        .where(activities.c.person == person, activities.c.version == 1)
        .order_by(activities.c.recorded_at.desc(), activities.c.id.desc())
        .limit(1)
    )
    return tx.execute(query).scalar_one_or_none()


def said_at(tx: Transaction, line: str) -> datetime:
    """When that line was said, UTC."""
    moment: datetime = tx.execute(
        sa.select(sa.func.min(activities.c.recorded_at, type_=activities.c.recorded_at.type)).where(
            activities.c.line == line
        )
    ).scalar_one()
    return moment


def latest(tx: Transaction, person: str, limit: int) -> list[Activity]:
    """Their last activities that stand, the latest recorded first."""
    query = (
        _select.where(activities.c.person == person, _holds)
        .order_by(activities.c.recorded_at.desc(), activities.c.id.desc())
        .limit(limit)
    )
    return [_activity(row) for row in tx.execute(query)]


def planned_until(tx: Transaction, person: str, day: date, limit: int, *, since: date | None = None) -> list[Activity]:
    """What they planned up to that day (from one on, where it is given) and have not said that it happened, the oldest
    first."""
    query = _select.where(activities.c.person == person, activities.c.day <= day, activities.c.planned, _holds)
    if since is not None:
        query = query.where(activities.c.day >= since)
    return [_activity(row) for row in tx.execute(query.order_by(activities.c.day, activities.c.entry).limit(limit))]


_later = activities.alias()
_done_since = sa.exists().where(
    _later.c.person == activities.c.person,
    _later.c.account == activities.c.account,
    _later.c.recorded_at > activities.c.recorded_at,
    _later.c.entry != activities.c.entry,
    _later.c.planned.is_(False),
    _later.c.replaced_at.is_(None),
    _later.c.voided_at.is_(None),
)
_next_due = (
    _select.where(
        activities.c.person == sa.bindparam("person"),
        activities.c.day > sa.bindparam("since"),
        activities.c.next_day.between(sa.bindparam("first"), sa.bindparam("last")),
        _holds,
        ~_done_since,
    )
    .order_by(activities.c.next_day.desc(), activities.c.entry.desc())
    .limit(sa.bindparam("most"))
)


def next_due(tx: Transaction, person: str, first: date, last: date, limit: int) -> list[Activity]:
    """Activities whose next step has its day between those, both included, the latest day first; without those whose
    account they have logged something with since."""
    # Nobody's next step is a year ahead; so few rows of the person's index are read.
    asked = {"person": person, "since": first - timedelta(days=366), "first": first, "last": last, "most": limit}
    return [_activity(row) for row in tx.execute(_next_due, asked)]


def counts(tx: Transaction, person: str, first: date, last: date) -> dict[str, int]:
    """Kind -> how many from `first` to `last`, both included; planned and voided ones do not count."""
    query = (
        sa.select(activities.c.kind, sa.func.sum(activities.c.count))
        .where(
            activities.c.person == person,
            activities.c.day.between(first, last),
            activities.c.planned.is_(False),
            _holds,
        )
        .group_by(activities.c.kind)
    )
    return {kind: int(number) for kind, number in tx.execute(query)}


def last_days(tx: Transaction, persons: Iterable[str], places: Iterable[str]) -> dict[tuple[str, str], date]:
    """(person, account) -> the day of the latest thing that they did there; what is only planned does not count."""
    query = (
        sa.select(activities.c.person, activities.c.account, sa.func.max(activities.c.day))
        .where(
            activities.c.person.in_(list(persons)),
            activities.c.account.in_(list(places)),
            activities.c.planned.is_(False),
            _holds,
        )
        .group_by(activities.c.person, activities.c.account)
    )
    return {(person, account): day for person, account, day in tx.execute(query)}


@dataclass(frozen=True, slots=True)
class Exported:
    """An activity with whose it is."""

    activity: Activity
    person_name: str
    person_email: str


def export(
    tx: Transaction, since: date | None = None, until: date | None = None, *, persons: Iterable[str] | None = None
) -> Iterator[Exported]:
    """All that stand (of some people, where they are named), oldest day first, read in pieces so that memory stays
    flat."""
    query = _select.add_columns(people.c.name.label("person_name"), people.c.email.label("person_email"))
    query = query.join(people, people.c.id == activities.c.person).where(_holds)
    if since is not None:
        query = query.where(activities.c.day >= since)
    if until is not None:
        query = query.where(activities.c.day <= until)
    if persons is not None:
        query = query.where(activities.c.person.in_(list(persons)))
    query = query.order_by(activities.c.day, activities.c.entry)
    for row in tx.execute(query.execution_options(yield_per=1000)):
        values = dict(row._mapping)
        name, email = values.pop("person_name"), values.pop("person_email")
        values["contacts"] = tuple(values["contacts"])
        values["tags"] = tuple(values["tags"])
        yield Exported(Activity(**values), name, email or "")
