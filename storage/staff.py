"""A person's dated place: their role, who manages them and whom they manage. What stood before keeps its days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from storage.database import Transaction
from storage.tables import drafts, identities, manager_links, memberships, new_id, people, roles, tokens

ROLES = ("rep", "manager", "leader")
"""Those that are given by form or import; admins are named in the settings."""


@dataclass(frozen=True, slots=True)
class Held:
    """Something that holds from a day on: a role's name, or the id of a manager or report."""

    what: str
    since: date


@dataclass(frozen=True, slots=True)
class Account:
    """A user of an install who is that person."""

    install: str
    external_id: str
    email: str
    refused: bool


def role_of(tx: Transaction, person: str, day: date) -> Held | None:
    """Their role of ROLES on that day, since when."""
    query = sa.select(roles.c.role, roles.c.valid_from).where(roles.c.person == person, roles.c.role.in_(ROLES))
    row = tx.execute(query.where(*_holds(roles, day)).order_by(roles.c.valid_from.desc())).first()
    return None if row is None else Held(row[0], row[1])


def give_role(tx: Transaction, person: str, role: str, *, since: date) -> None:
    """From that day on that is their role of ROLES, and no other."""
    _end(tx, roles, [roles.c.person == person, roles.c.role.in_(ROLES)], since)
    tx.execute(roles.insert(), {"id": new_id(), "person": person, "role": role, "valid_from": since})


def manager_of(tx: Transaction, person: str, day: date) -> Held | None:
    """Who manages them on that day, since when."""
    query = sa.select(manager_links.c.manager, manager_links.c.valid_from).where(manager_links.c.person == person)
    row = tx.execute(query.where(*_holds(manager_links, day)).order_by(manager_links.c.valid_from.desc())).first()
    return None if row is None else Held(row[0], row[1])


def manage(tx: Transaction, person: str, manager: str | None, *, since: date) -> None:
    """From that day on that is who manages them; None for nobody."""
    _end(tx, manager_links, [manager_links.c.person == person], since)
    if manager is not None:
        row = {"id": new_id(), "person": person, "manager": manager, "valid_from": since}
        tx.execute(manager_links.insert(), row)


def reports_of(tx: Transaction, manager: str, day: date) -> list[str]:
    """Ids of the people whom they manage on that day."""
    query = sa.select(manager_links.c.person).where(manager_links.c.manager == manager, *_holds(manager_links, day))
    return list(tx.execute(query.order_by(manager_links.c.id)).scalars())


def managers(tx: Transaction, day: date) -> Mapping[str, str]:
    """Who manages whom on that day: person -> manager."""
    query = sa.select(manager_links.c.person, manager_links.c.manager).where(*_holds(manager_links, day))
    return {row[0]: row[1] for row in tx.execute(query.order_by(manager_links.c.valid_from))}


def roles_on(tx: Transaction, day: date) -> Mapping[str, str]:
    """Everybody's role of ROLES on that day, by person."""
    query = sa.select(roles.c.person, roles.c.role).where(roles.c.role.in_(ROLES), *_holds(roles, day))
    return {row[0]: row[1] for row in tx.execute(query.order_by(roles.c.valid_from))}


def accounts_of(tx: Transaction, person: str) -> list[Account]:
    """Who they are on each install."""
    columns = (identities.c.install, identities.c.external_id, identities.c.email, identities.c.refused_at)
    rows = tx.execute(sa.select(*columns).where(identities.c.person == person).order_by(identities.c.id))
    return [Account(row[0], row[1], row[2], row[3] is not None) for row in rows]


def describe(tx: Transaction, person: str, *, name: str, email: str, zone: str, country: str, subdivision: str) -> None:
    """What they are called and where they work; empty for not known. They are in the plan from now on."""
    values = {"name": name, "email": email.lower() or None, "zone": zone or None}
    where = {"country": country or None, "subdivision": subdivision or None}
    tx.execute(people.update().where(people.c.id == person), {**values, **where, "imported": True})


def left_at(tx: Transaction, person: str) -> datetime | None:
    """From when on they have left."""
    found: datetime | None = tx.execute(sa.select(people.c.left_at).where(people.c.id == person)).scalar()
    return found


def leave(tx: Transaction, person: str, at: datetime | None) -> None:
    """They have left, from that instant on; None: they are here again."""
    tx.execute(people.update().where(people.c.id == person), {"left_at": at})


def close_conversations(tx: Transaction, person: str, at: datetime) -> None:
    """What is half said is dropped, and no button or form of theirs is good any more."""
    tx.execute(drafts.update().where(drafts.c.person == person, drafts.c.settled_at.is_(None)), {"settled_at": at})
    open_tokens = (tokens.c.person == person, tokens.c.used_at.is_(None), tokens.c.expires_at > at)
    tx.execute(tokens.update().where(*open_tokens), {"expires_at": at})


def persons_of_links(tx: Transaction, links: Iterable[str]) -> list[str]:
    """Who is managed by these links."""
    query = sa.select(manager_links.c.person).where(manager_links.c.id.in_(list(links)))
    return list(tx.execute(query.order_by(manager_links.c.id)).scalars())


def manager_of_links(tx: Transaction, links: Iterable[str], person: str) -> str | None:
    """Who managed that person by the latest of these links."""
    which = (manager_links.c.id.in_(list(links)), manager_links.c.person == person)
    query = sa.select(manager_links.c.manager).where(*which).order_by(manager_links.c.valid_from.desc())
    found: str | None = tx.execute(query.limit(1)).scalar()
    return found


# ---------------------------------------------------------------- leaving, and taking it back


Ended = list[str | None]
"""Table, row, the day before which it held until it was ended (ISO; None: it had no end)."""
_DATED = {"memberships": memberships, "roles": roles, "manager_links": manager_links}


def end_all(tx: Transaction, person: str, on: date) -> list[Ended]:
    """From that day on they have no unit, role or manager. What was ended, for `begin_again`."""
    ended: list[Ended] = []
    for table in _DATED.values():
        ended += _ended(tx, table, [table.c.person == person], on)
    return ended


def move_reports(tx: Transaction, manager: str, to: str | None, on: date) -> tuple[list[Ended], list[str]]:
    """Whom they manage on or after that day is managed by `to` from it on. What was ended, and the links made."""
    of = [manager_links.c.manager == manager]
    living = sa.or_(manager_links.c.valid_to.is_(None), manager_links.c.valid_to > on)
    moved = list(tx.execute(sa.select(manager_links.c.person).where(*of, living).distinct()).scalars())
    ended = _ended(tx, manager_links, of, on)
    rows = [{"id": new_id(), "person": one, "manager": to, "valid_from": on} for one in sorted(moved) if one != to]
    if to is None or not rows:
        return ended, []
    tx.execute(manager_links.insert(), rows)
    return ended, [str(row["id"]) for row in rows]


def begin_again(tx: Transaction, ended: Iterable[Ended], made: Iterable[str], on: date) -> None:
    """What ended on that day holds as before, and the manager links that took its place go.

    A report who was given somebody else meanwhile stays with them.
    """
    mine = (manager_links.c.id.in_(list(made)), manager_links.c.valid_to.is_(None))
    tx.execute(manager_links.delete().where(*mine))
    for name, row, until in ended:
        table = _DATED[str(name)]
        standing = tx.execute(sa.select(table).where(table.c.id == row)).first()
        if standing is None or standing.valid_to not in (on, standing.valid_from):
            continue
        if table is manager_links and manager_of(tx, standing.person, max(on, standing.valid_from)) is not None:
            continue
        tx.execute(table.update().where(table.c.id == row), {"valid_to": date.fromisoformat(until) if until else None})


def _ended(tx: Transaction, table: sa.Table, which: list[sa.ColumnElement[bool]], on: date) -> list[Ended]:
    """End what holds; what would have begun later holds on no day."""
    living = sa.or_(table.c.valid_to.is_(None), table.c.valid_to > on)
    found = tx.execute(sa.select(table.c.id, table.c.valid_from, table.c.valid_to).where(*which, living)).all()
    for row, since, _ in found:
        tx.execute(table.update().where(table.c.id == row), {"valid_to": max(on, since)})
    return [[str(table.name), row, until.isoformat() if until else None] for row, _, until in found]


def _end(tx: Transaction, table: sa.Table, which: list[sa.ColumnElement[bool]], on: date) -> None:
    """End what holds on that day; what would have begun on it or later is gone."""
    tx.execute(table.delete().where(*which, table.c.valid_from >= on))
    living = sa.or_(table.c.valid_to.is_(None), table.c.valid_to > on)
    tx.execute(table.update().where(*which, living), {"valid_to": on})


def _holds(table: sa.Table, day: date) -> tuple[sa.ColumnElement[bool], ...]:
    return table.c.valid_from <= day, sa.or_(table.c.valid_to.is_(None), table.c.valid_to > day)
