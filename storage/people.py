"""People, who they are on each platform, their roles and managers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from storage import credits, deals
from storage.database import Transaction
from storage.statement import Statement
from storage.tables import (
    activities,
    checkin_answers,
    checkin_remarks,
    checkin_shares,
    checkins,
    counters,
    drafts,
    identities,
    inquiries,
    installs,
    kudos_people,
    manager_links,
    metadata,
    new_id,
    people,
    preferences,
    roles,
    spoken,
    tokens,
)


@dataclass(frozen=True, slots=True)
class Person:
    """One person of the company. Empty strings stand for what is not known."""

    id: str
    name: str
    email: str
    zone: str
    date_order: str
    country: str
    subdivision: str
    imported: bool
    left: bool


@dataclass(frozen=True, slots=True)
class Identity:
    """A person on one install."""

    id: str
    install: str
    external_id: str
    email: str
    zone: str
    locale: str
    direct: str
    service: str
    refused: bool
    person: Person
    found: bool = False
    """Pacer looked them up; they have not written yet."""
    closed: bool = False
    """The platform let nobody write to them when it was tried last."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What holds for a person on a day, and how new the names of the accounts are."""

    roles: frozenset[str]
    reports: frozenset[str]
    names_revision: int


_person_columns = (
    people.c.id,
    people.c.name,
    people.c.email,
    people.c.zone,
    people.c.date_order,
    people.c.country,
    people.c.subdivision,
    people.c.imported,
    people.c.left_at,
)
_identity_query = Statement(
    sa.select(
        identities.c.id,
        identities.c.email,
        identities.c.zone,
        identities.c.locale,
        identities.c.direct,
        identities.c.service,
        identities.c.refused_at,
        identities.c.found_at,
        identities.c.closed_as,
        *_person_columns,
    )
    .join(people, people.c.id == identities.c.person)
    .where(identities.c.install == sa.bindparam("install"), identities.c.external_id == sa.bindparam("external_id"))
)


def _person(row: Any) -> Person:
    identifier, name, email, zone, date_order, country, subdivision, imported, left_at = row
    return Person(
        identifier,
        name,
        email or "",
        zone or "",
        date_order or "",
        country or "",
        subdivision or "",
        imported,
        left_at is not None,
    )


def identity(tx: Transaction, install: str, external_id: str) -> Identity | None:
    """Who that user of that install is, or None when they were never met."""
    row = _identity_query.first(tx, install=install, external_id=external_id)
    if row is None:
        return None
    identifier, email, zone, locale, direct, service, refused, found, closed, *who = row
    return Identity(
        identifier,
        install,
        external_id,
        email,
        zone,
        locale,
        direct,
        service,
        refused is not None,
        _person(who),
        found is not None,
        closed is not None,
    )


_circumstances_query = Statement(
    sa.union_all(
        sa.select(sa.literal("role"), roles.c.role).where(
            roles.c.person == sa.bindparam("person"),
            roles.c.valid_from <= sa.bindparam("day"),
            sa.or_(roles.c.valid_to.is_(None), roles.c.valid_to > sa.bindparam("day")),
        ),
        sa.select(sa.literal("report"), manager_links.c.person).where(
            manager_links.c.manager == sa.bindparam("person"),
            manager_links.c.valid_from <= sa.bindparam("day"),
            sa.or_(manager_links.c.valid_to.is_(None), manager_links.c.valid_to > sa.bindparam("day")),
        ),
        sa.select(sa.literal("names"), sa.cast(counters.c.value, sa.Text)).where(counters.c.name == "account_names"),
    )
)


def circumstances(tx: Transaction, person: str, day: date) -> Circumstances:
    """The person's roles and reports on `day`; who has reports is a manager, who has no role is a rep."""
    held: set[str] = set()
    reports: set[str] = set()
    revision = 0
    for what, value in _circumstances_query.rows(tx, person=person, day=day):
        if what == "role":
            held.add(value)
        elif what == "report":
            reports.add(value)
        else:
            revision = int(value)
    if reports:
        held.add("manager")
    return Circumstances(frozenset(held or {"rep"}), frozenset(reports), revision)


def person(tx: Transaction, identifier: str) -> Person | None:
    """The person with that id."""
    row = tx.execute(sa.select(*_person_columns).where(people.c.id == identifier)).first()
    return None if row is None else _person(row)


def by_email(tx: Transaction, email: str) -> Person | None:
    """The person with that e-mail address, in whatever case it is written."""
    row = tx.execute(sa.select(*_person_columns).where(people.c.email == email.lower())).first()
    return None if row is None else _person(row)


def by_emails(tx: Transaction, emails: frozenset[str]) -> list[Person]:
    """Those of the addresses' people who are known."""
    query = sa.select(*_person_columns).where(people.c.email.in_(sorted(emails))).order_by(people.c.id)
    return [_person(row) for row in tx.execute(query)]


def everybody(tx: Transaction, *, leavers: bool = False) -> list[Person]:
    """All who have not left, or all who ever were here, by name."""
    query = sa.select(*_person_columns).order_by(people.c.name, people.c.id)
    if not leavers:
        query = query.where(people.c.left_at.is_(None))
    return [_person(row) for row in tx.execute(query)]


def add(
    tx: Transaction,
    *,
    name: str,
    at: datetime,
    email: str = "",
    zone: str = "",
    date_order: str = "",
    imported: bool = False,
) -> Person:
    """A new person."""
    identifier = new_id()
    tx.execute(
        people.insert(),
        {
            "id": identifier,
            "name": name,
            "email": email.lower() or None,
            "zone": zone or None,
            "date_order": date_order or None,
            "imported": imported,
            "created_at": at,
        },
    )
    return Person(identifier, name, email.lower(), zone, date_order, "", "", imported, False)


def identify(
    tx: Transaction,
    who: Person,
    *,
    install: str,
    external_id: str,
    at: datetime,
    email: str = "",
    zone: str = "",
    locale: str = "",
) -> Identity:
    """From now on that user of that install is that person."""
    identifier = new_id()
    tx.execute(
        identities.insert(),
        {
            "id": identifier,
            "install": install,
            "external_id": external_id,
            "person": who.id,
            "email": email.lower(),
            "zone": zone,
            "locale": locale,
            "created_at": at,
        },
    )
    return Identity(identifier, install, external_id, email.lower(), zone, locale, "", "", False, who)


def refresh(tx: Transaction, known: Identity, *, email: str, zone: str, locale: str) -> None:
    """Keep what the platform says of them now."""
    tx.execute(
        identities.update().where(identities.c.id == known.id),
        {"email": email.lower(), "zone": zone, "locale": locale},
    )


def reach(tx: Transaction, known: Identity, *, direct: str, service: str) -> None:
    """Keep where they can be written to: their one-to-one conversation, and the service that takes its messages."""
    tx.execute(identities.update().where(identities.c.id == known.id), {"direct": direct, "service": service})


def learn(tx: Transaction, who: Person, *, name: str, email: str) -> None:
    """The platform can tell now who a newcomer is."""
    tx.execute(people.update().where(people.c.id == who.id), {"name": name or who.name, "email": email.lower()})


def refuse(tx: Transaction, identity_id: str, at: datetime) -> None:
    """That user is not served any more."""
    tx.execute(identities.update().where(identities.c.id == identity_id), {"refused_at": at})


def refused(tx: Transaction, person_id: str) -> bool:
    """Whether an admin has refused them, on whatever install."""
    query = sa.select(identities.c.id).where(identities.c.person == person_id, identities.c.refused_at.is_not(None))
    return tx.execute(query.limit(1)).first() is not None


def is_in_the_plan(tx: Transaction, identity_id: str) -> bool:
    """Whether that user is an imported person by now."""
    query = sa.select(people.c.imported).join(identities, identities.c.person == people.c.id)
    return bool(tx.execute(query.where(identities.c.id == identity_id)).scalar_one_or_none())


def link(tx: Transaction, identity_id: str, to: Person) -> None:
    """That user is `to`, and what they logged as a newcomer is `to`'s. The newcomer's own row goes when it is empty."""
    newcomer = tx.execute(sa.select(identities.c.person).where(identities.c.id == identity_id)).scalar_one()
    if newcomer == to.id:
        return
    tx.execute(identities.update().where(identities.c.id == identity_id), {"person": to.id, "refused_at": None})
    others = tx.execute(sa.select(identities.c.id).where(identities.c.person == newcomer).limit(1)).first()
    is_imported = tx.execute(sa.select(people.c.imported).where(people.c.id == newcomer)).scalar_one()
    if others is not None or is_imported:
        return
    for table in (activities, drafts, tokens, inquiries):
        tx.execute(table.update().where(table.c.person == newcomer), {"person": to.id})
    deals.hand_over(tx, newcomer, to.id)
    credits.hand_over(tx, newcomer, to.id)
    _pass_on(tx, newcomer, to.id)
    tx.execute(roles.delete().where(roles.c.person == newcomer))
    tx.execute(
        manager_links.delete().where(sa.or_(manager_links.c.person == newcomer, manager_links.c.manager == newcomer))
    )
    tx.execute(people.delete().where(people.c.id == newcomer))


def _pass_on(tx: Transaction, newcomer: str, to: str) -> None:
    """Whatever else refers to the newcomer: leave, snoozes, action items, check-ins. What there is one of for a
    person, or for a person and a day, stays as `to` has it."""
    for table in (spoken, preferences):
        tx.execute(table.delete().where(table.c.person == newcomer))
    taken = sa.select(checkins.c.day).where(checkins.c.person == to)
    both = sa.select(checkins.c.id).where(checkins.c.person == newcomer, checkins.c.day.in_(taken))
    twice = list(tx.execute(both).scalars())
    for table in (checkin_answers, checkin_remarks, checkin_shares):
        tx.execute(table.delete().where(table.c.checkin.in_(twice)))
    tx.execute(checkins.delete().where(checkins.c.id.in_(twice)))
    thanked = sa.select(kudos_people.c.kudos).where(kudos_people.c.person == to)
    both_thanked = sa.and_(kudos_people.c.person == newcomer, kudos_people.c.kudos.in_(thanked))
    tx.execute(kudos_people.delete().where(both_thanked))
    for table in metadata.tables.values():
        if table in (roles, manager_links, identities):
            continue
        for column in table.c:
            if any(key.column is people.c.id for key in column.foreign_keys):
                tx.execute(table.update().where(column == newcomer).values({column.name: to}))


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A user whom no imported person explains."""

    identity: str
    install: str
    external_id: str
    email: str
    refused: bool
    person: Person


def newcomers(tx: Transaction, limit: int = 20) -> list[Newcomer]:
    """Users who are nobody's import and are not refused, the latest first."""
    query = (
        sa.select(
            identities.c.id,
            identities.c.install,
            identities.c.external_id,
            identities.c.email,
            identities.c.refused_at,
            *_person_columns,
        )
        .join(people, people.c.id == identities.c.person)
        .where(people.c.imported.is_(False), identities.c.refused_at.is_(None))
        .order_by(identities.c.id.desc())
        .limit(limit)
    )
    return [Newcomer(row[0], row[1], row[2], row[3], row[4] is not None, _person(row[5:])) for row in tx.execute(query)]


def unlinked(tx: Transaction, install: str) -> list[Person]:
    """Imported people who have no identity on that install yet, by name."""
    taken = sa.select(identities.c.person).where(identities.c.install == install)
    query = (
        sa.select(*_person_columns)
        .where(people.c.imported.is_(True), people.c.left_at.is_(None), people.c.id.not_in(taken))
        .order_by(people.c.name, people.c.id)
    )
    return [_person(row) for row in tx.execute(query)]


def give_role(tx: Transaction, who: Person, role: str, since: date) -> None:
    """They have that role from that day on."""
    tx.execute(roles.insert(), {"id": new_id(), "person": who.id, "role": role, "valid_from": since})


def give_manager(tx: Transaction, who: Person, manager: Person, since: date) -> None:
    """`manager` is theirs from that day on; an earlier link ends on it."""
    tx.execute(
        manager_links.update().where(
            manager_links.c.person == who.id,
            sa.or_(manager_links.c.valid_to.is_(None), manager_links.c.valid_to > since),
        ),
        {"valid_to": since},
    )
    tx.execute(manager_links.insert(), {"id": new_id(), "person": who.id, "manager": manager.id, "valid_from": since})


def managers_of(tx: Transaction, identifier: str, day: date) -> list[str]:
    """Ids of those who manage that person on `day`."""
    query = sa.select(manager_links.c.manager).where(
        manager_links.c.person == identifier,
        manager_links.c.valid_from <= day,
        sa.or_(manager_links.c.valid_to.is_(None), manager_links.c.valid_to > day),
    )
    return list(tx.execute(query).scalars())


@dataclass(frozen=True, slots=True)
class Where:
    """Where somebody is reached: their id on an install. Both empty: nowhere."""

    install: str = ""
    external_id: str = ""


def reached_at(tx: Transaction, persons: Sequence[str]) -> dict[str, Where]:
    """Where each of them is reached, as `install_for` says of one; in their order."""
    query = (
        sa.select(identities.c.person, identities.c.install, identities.c.external_id)
        .outerjoin(installs, installs.c.name == identities.c.install)
        .where(
            identities.c.person.in_(sorted(persons)),
            identities.c.refused_at.is_(None),
            identities.c.closed_as.is_(None),
            installs.c.removed_at.is_(None),
        )
        .order_by(identities.c.id)
    )
    found = {row.person: Where(row.install, row.external_id) for row in tx.execute(query)}
    return {person: found.get(person, Where()) for person in persons}


def install_for(tx: Transaction, identifier: str) -> str | None:
    """Where they are reached: the install where they were met last, of those that are not removed and let Pacer write
    to them; None for nowhere."""
    query = (
        sa.select(identities.c.install)
        # The playground is an install without a row.
        .outerjoin(installs, installs.c.name == identities.c.install)
        .where(
            identities.c.person == identifier,
            identities.c.refused_at.is_(None),
            identities.c.closed_as.is_(None),
            installs.c.removed_at.is_(None),
        )
        .order_by(identities.c.id.desc())
        .limit(1)
    )
    install: str | None = tx.execute(query).scalar_one_or_none()
    return install


def service_of(tx: Transaction, install: str) -> str:
    """Where the platform takes messages for that install, as it told of somebody there last; empty where that is always
    the same."""
    query = sa.select(identities.c.service).where(identities.c.install == install, identities.c.service != "")
    found: str | None = tx.execute(query.order_by(identities.c.id.desc()).limit(1)).scalar_one_or_none()
    return found or ""
