"""Where people are and when they may be written to: their places, leave, mutes, preferences and what they heard."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

import sqlalchemy as sa

from storage import units
from storage.database import Transaction
from storage.tables import (
    identities,
    leases,
    manager_links,
    memberships,
    mutes,
    new_id,
    people,
    preferences,
    schedules,
    spoken,
    targets,
)
from storage.tables import (
    units as unit_table,
)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """What people of one clock and one calendar share; empty: the company's."""

    zone: str
    country: str
    subdivision: str


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the gate asks of a person, as the rows have it. `zone` and `country` empty: the company's."""

    person: str
    name: str
    place: Place
    left: bool
    leave: tuple[tuple[date, date], ...]
    muted: dict[str, datetime | None]
    quiet: tuple[time, time] | None
    cap: int | None
    extra: dict[str, bool]
    messages: dict[date, int]
    digests: frozenset[date]


_zone_of_platform = (
    sa.select(identities.c.zone)
    .where(identities.c.person == people.c.id, identities.c.zone != "", identities.c.refused_at.is_(None))
    .order_by(identities.c.id.desc())
    .limit(1)
    .scalar_subquery()
)
_place = (
    sa.func.coalesce(people.c.zone, _zone_of_platform, "").label("zone"),
    sa.func.coalesce(people.c.country, "").label("country"),
    sa.func.coalesce(people.c.subdivision, "").label("subdivision"),
)
_met = sa.exists().where(identities.c.person == people.c.id, identities.c.refused_at.is_(None))


def places(tx: Transaction) -> list[Place]:
    """Where there is anybody who has been met."""
    query = sa.select(*_place).where(people.c.left_at.is_(None), _met).distinct()
    return sorted(Place(*row) for row in tx.execute(query))


def place_of(tx: Transaction, person: str) -> Place | None:
    """Where they are."""
    row = tx.execute(sa.select(*_place).where(people.c.id == person)).first()
    return None if row is None else Place(*row)


def _holds(table: sa.Table, day: date) -> tuple[sa.ColumnElement[bool], ...]:
    return table.c.valid_from <= day, sa.or_(table.c.valid_to.is_(None), table.c.valid_to > day)


def _audience(kind: str, day: date) -> sa.ColumnElement[bool]:
    sells = sa.exists().where(memberships.c.person == people.c.id, ~memberships.c.leads, *_holds(memberships, day))
    leads = sa.exists().where(memberships.c.person == people.c.id, memberships.c.leads, *_holds(memberships, day))
    manages = sa.exists().where(manager_links.c.manager == people.c.id, *_holds(manager_links, day))
    match kind:
        case "sellers":
            # A company's year bears the number of the day's year or the next one's. As uq_targets_person has it.
            carries = sa.exists().where(
                targets.c.person == people.c.id,
                targets.c.replaced_at.is_(None),
                targets.c.person.is_not(None),
                targets.c.fiscal_year.in_((day.year, day.year + 1)),
            )
            return sa.or_(sells, carries)
        case "managers":
            return sa.or_(manages, leads)
        case "leaders":
            under = sa.exists().where(unit_table.c.parent == memberships.c.unit)
            return sa.exists().where(
                memberships.c.person == people.c.id, memberships.c.leads, *_holds(memberships, day), under
            )
        case "everybody":
            return sa.true()
    raise ValueError(f"there is no audience {kind}")


def audience(
    tx: Transaction,
    kind: str,
    places: Collection[Place],
    day: date,
    *,
    without: sa.ColumnElement[bool] | None = None,
    after: str,
    limit: int,
) -> list[tuple[str, Place]]:
    """Who is meant on that day, of those who are in one of these places, in the order of their ids from the one behind
    `after` on; with where they are.

    `sellers` belong to a unit or carry a target of their own, `managers` have reports or lead a unit, `leaders` lead
    one that has units below it. Only people who have been met: nobody else can
    be written to. `without` leaves people out by a condition on their id (see notices.is_there).
    """
    given = [(place.zone, place.country, place.subdivision) for place in sorted(places)]
    # What is quickest to tell first: the rows are asked one after the other, all of them.
    which = [people.c.id > after, people.c.left_at.is_(None), sa.tuple_(*_place).in_(given), _audience(kind, day), _met]
    if without is not None:
        which.append(~without)
    query = sa.select(people.c.id, *_place).where(*which).order_by(people.c.id).limit(limit)
    return [(row[0], Place(*row[1:])) for row in tx.execute(query)]


def is_meant(tx: Transaction, kind: str, person: str, day: date) -> bool:
    """Whether they belong to that audience on that day, wherever they are."""
    query = sa.select(people.c.id).where(people.c.id == person, _audience(kind, day))
    return tx.execute(query).first() is not None


def circumstances(
    tx: Transaction, persons: Collection[str], now: datetime, days: Collection[date]
) -> list[Circumstances]:
    """Those of these people; what they heard on these days of theirs."""
    ids = sorted(persons)
    leave = units.absences_of(tx, ids)
    muted: dict[str, dict[str, datetime | None]] = {}
    standing = (
        mutes.c.person.in_(ids),
        mutes.c.lifted_at.is_(None),
        sa.or_(mutes.c.until.is_(None), mutes.c.until > now),
    )
    for person, topic, until in tx.execute(sa.select(mutes.c.person, mutes.c.topic, mutes.c.until).where(*standing)):
        muted.setdefault(person, {})[topic] = until
    liked = {row.person: row for row in tx.execute(sa.select(preferences).where(preferences.c.person.in_(ids)))}
    messages: dict[str, dict[date, int]] = {}
    digests: dict[str, set[date]] = {}
    for row in tx.execute(sa.select(spoken).where(spoken.c.person.in_(ids), spoken.c.day.in_(sorted(days)))):
        messages.setdefault(row.person, {})[row.day] = row.messages
        if row.digests:
            digests.setdefault(row.person, set()).add(row.day)
    found = []
    who = sa.select(people.c.id, people.c.name, people.c.left_at, *_place).where(people.c.id.in_(ids))
    for row in tx.execute(who.order_by(people.c.id)):
        likes = liked.get(row.id)
        quiet = (likes.quiet_from, likes.quiet_to) if likes and likes.quiet_from is not None else None
        found.append(
            Circumstances(
                person=row.id,
                name=row.name,
                place=Place(row.zone, row.country, row.subdivision),
                left=row.left_at is not None and row.left_at <= now,
                leave=tuple(leave.get(row.id, ())),
                muted=muted.get(row.id, {}),
                quiet=quiet,
                cap=likes.cap if likes else None,
                extra=dict(likes.extra) if likes else {},
                messages=messages.get(row.id, {}),
                digests=frozenset(digests.get(row.id, ())),
            )
        )
    return found


def heard(tx: Transaction, person: str, day: date, *, messages: int = 0, digests: int = 0) -> None:
    """Count what they heard on a day of theirs."""
    row = {"person": person, "day": day, "messages": messages, "digests": digests}
    if not tx.insert_once(spoken, row):
        more = {"messages": spoken.c.messages + messages, "digests": spoken.c.digests + digests}
        tx.execute(spoken.update().where(spoken.c.person == person, spoken.c.day == day).values(more))


# ---------------------------------------------------------------- what they want


def mute(tx: Transaction, person: str, topic: str, *, until: datetime | None, at: datetime) -> None:
    """Say nothing on that topic (`*`: on any) until then, or until they say otherwise."""
    unmute(tx, person, topic, at=at)
    tx.execute(mutes.insert(), {"id": new_id(), "person": person, "topic": topic, "until": until, "set_at": at})


def unmute(tx: Transaction, person: str, topic: str, *, at: datetime) -> bool:
    """Speak again on that topic; False where it was not muted."""
    which = (mutes.c.person == person, mutes.c.topic == topic, mutes.c.lifted_at.is_(None))
    return (
        tx.execute(
            mutes.update().where(*which, sa.or_(mutes.c.until.is_(None), mutes.c.until > at)), {"lifted_at": at}
        ).rowcount
        > 0
    )


def prefer(
    tx: Transaction,
    person: str,
    *,
    quiet: tuple[time, time] | None,
    cap: int | None,
    extra: dict[str, bool],
    at: datetime,
) -> None:
    """Their quiet hours, their messages a day, and the topics that they turned on."""
    values = {
        "quiet_from": quiet[0] if quiet else None,
        "quiet_to": quiet[1] if quiet else None,
        "cap": cap,
        "extra": extra,
        "changed_at": at,
    }
    if not tx.insert_once(preferences, {"person": person, **values}):
        tx.execute(preferences.update().where(preferences.c.person == person), values)


def live_in(tx: Transaction, person: str, zone: str) -> None:
    """Their zone; empty: as their platform says."""
    tx.execute(people.update().where(people.c.id == person), {"zone": zone or None})


# ---------------------------------------------------------------- schedules


@dataclass(frozen=True, slots=True)
class Scheduled:
    """One version of a topic's schedule. `rule` None: turned off."""

    topic: str
    unit: str | None
    rule: str | None
    since: datetime
    set_by: str | None


def scheduled(tx: Transaction, topics: Iterable[str]) -> list[Scheduled]:
    """All versions of these topics, in the order in which they hold."""
    columns = tuple(schedules.c[name] for name in Scheduled.__slots__)
    query = sa.select(*columns).where(schedules.c.topic.in_(sorted(topics)))
    return [Scheduled(*row) for row in tx.execute(query.order_by(schedules.c.since, schedules.c.id))]


def schedule(
    tx: Transaction, topic: str, rule: str | None, *, since: datetime, by: str | None, unit: str | None = None
) -> None:
    """From then on that rule, or none."""
    row = {"id": new_id(), "topic": topic, "unit": unit, "rule": rule, "since": since, "set_by": by}
    tx.execute(schedules.insert(), row)


# ---------------------------------------------------------------- one process at a time


def lease(tx: Transaction, name: str, owner: str, *, now: datetime, until: datetime) -> bool:
    """Whether `owner` does that now: it had it, nobody has, or the time of who had it ran out.

    One that holds for twice as long as it could be given now was given by a clock that has gone back since.
    """
    if tx.insert_once(leases, {"name": name, "owner": owner, "until": until}):
        return True
    mine = sa.or_(leases.c.owner == owner, leases.c.until <= now, leases.c.until > until + (until - now))
    return (
        tx.execute(leases.update().where(leases.c.name == name, mine), {"owner": owner, "until": until}).rowcount == 1
    )
