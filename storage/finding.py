"""People of the plan who never wrote: who is to be looked up on an install, what it said, and who cannot be reached."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from storage.database import Transaction
from storage.tables import identities, installs, lookups, new_id, people, rosters

Outcome = Literal["absent", "outsider", "somebody else"]
"""Not there; there as a guest, a bot or another company's; there, and known as another person already."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Somebody of the plan who is on no install, as far as is known."""

    person: str
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Roster:
    """A team whose members an install tells."""

    install: str
    team: str
    service: str
    read: bool
    """To its end, since it was added or somebody joined it."""


_refused = sa.exists().where(identities.c.person == people.c.id, identities.c.refused_at.is_not(None))
_own = sa.alias(identities)
_reached = (
    sa.exists()
    .select_from(_own.outerjoin(installs, installs.c.name == _own.c.install))
    .where(
        _own.c.person == people.c.id,
        _own.c.refused_at.is_(None),
        _own.c.closed_as.is_(None),
        installs.c.removed_at.is_(None),
    )
)
_planned = (people.c.imported.is_(True), people.c.left_at.is_(None))


def missing(
    tx: Transaction, install: str, domains: Collection[str], *, now: datetime, limit: int, asked: bool = False
) -> list[Missing]:
    """Whom to ask that install about now, of those with an e-mail in these domains; nobody where it was uninstalled.

    Whoever is reached elsewhere is left alone, whom an admin has refused stays refused, and whoever has left is not
    looked for. Without `asked` those are left out whom it has been asked about lately, by the same e-mail.
    """
    lives = sa.select(installs.c.name).where(installs.c.name == install, installs.c.removed_at.is_(None))
    if not domains or tx.execute(lives).first() is None:
        return []
    here = sa.exists().where(identities.c.person == people.c.id, identities.c.install == install)
    ours = sa.or_(*(people.c.email.endswith(f"@{domain}", autoescape=True) for domain in sorted(domains)))
    which = [*_planned, ours, ~_reached, ~_refused, ~here]
    if not asked:
        remembered = sa.exists().where(
            lookups.c.install == install,
            lookups.c.person == people.c.id,
            lookups.c.email == people.c.email,
            lookups.c.again_at > now,
        )
        which.append(~remembered)
    query = sa.select(people.c.id, people.c.name, people.c.email).where(*which).order_by(people.c.id).limit(limit)
    return [Missing(*row) for row in tx.execute(query)]


def is_missing(tx: Transaction, install: str, who: Missing, domains: Collection[str], now: datetime) -> bool:
    """Whether that still holds: they may have written, left, been refused or got another e-mail meanwhile."""
    here = sa.exists().where(identities.c.person == people.c.id, identities.c.install == install)
    which = [*_planned, people.c.id == who.person, people.c.email == who.email, ~_reached, ~_refused, ~here]
    lives = sa.exists().where(installs.c.name == install, installs.c.removed_at.is_(None))
    inside = who.email.rpartition("@")[2] in domains
    return inside and tx.execute(sa.select(people.c.id).where(*which, lives)).first() is not None


def keep(
    tx: Transaction, install: str, who: Missing, outcome: Outcome, *, now: datetime, again: datetime | None
) -> None:
    """What the install said of them; it is asked again then."""
    values = {"email": who.email, "outcome": outcome, "asked_at": now, "again_at": again}
    if not tx.insert_once(lookups, {"install": install, "person": who.person, **values}):
        tx.execute(lookups.update().where(lookups.c.install == install, lookups.c.person == who.person), values)


def found(
    tx: Transaction,
    install: str,
    who: Missing,
    *,
    external_id: str,
    zone: str,
    locale: str,
    service: str,
    now: datetime,
) -> bool:
    """That user of the install is them. False where that user is known already."""
    row = {
        "id": new_id(),
        "install": install,
        "external_id": external_id,
        "person": who.person,
        "email": who.email,
        "zone": zone,
        "locale": locale,
        "service": service,
        "created_at": now,
        "found_at": now,
    }
    if not tx.insert_once(identities, row):
        return False
    tx.execute(lookups.delete().where(lookups.c.install == install, lookups.c.person == who.person))
    return True


def forget_unheard(tx: Transaction, person: str) -> None:
    """Whoever was looked up and has neither heard from Pacer nor written is as if they had never been found."""
    never = (identities.c.found_at.is_not(None), identities.c.introduced_at.is_(None))
    tx.execute(identities.delete().where(identities.c.person == person, *never))


def wrote(tx: Transaction, identity: str) -> None:
    """They have written by themselves: they are met, and can be written to."""
    open_again = {"closed_as": None, "closed_until": None, "closed_told_at": None}
    tx.execute(identities.update().where(identities.c.id == identity), {"found_at": None, **open_again})


# ---------------------------------------------------------------- the first message


def unheard(tx: Transaction, person: str, install: str) -> str | None:
    """Their identity there, where they were looked up and have not heard from Pacer yet."""
    query = sa.select(identities.c.id).where(
        identities.c.person == person,
        identities.c.install == install,
        identities.c.found_at.is_not(None),
        identities.c.introduced_at.is_(None),
    )
    found: str | None = tx.execute(query.order_by(identities.c.id.desc()).limit(1)).scalar_one_or_none()
    return found


def introduced(tx: Transaction, identity: str, at: datetime) -> None:
    """They are told who Pacer is."""
    tx.execute(identities.update().where(identities.c.id == identity), {"introduced_at": at})


# ---------------------------------------------------------------- whose chat is closed


def close(tx: Transaction, install: str, external_id: str, closed_as: str, *, until: datetime) -> str | None:
    """The platform lets nobody write to them; nothing is tried until then. Whose identity it is, where it is known."""
    which = (identities.c.install == install, identities.c.external_id == external_id)
    values = {"closed_as": closed_as, "closed_until": until, "introduced_at": None}
    tx.execute(identities.update().where(*which), values)
    person: str | None = tx.execute(sa.select(identities.c.person).where(*which)).scalar_one_or_none()
    return person


def reopen(tx: Transaction, now: datetime) -> None:
    """Those whose time is over are tried again."""
    over = (identities.c.closed_as.is_not(None), identities.c.closed_until <= now)
    tx.execute(identities.update().where(*over), {"closed_as": None, "closed_until": None})


@dataclass(frozen=True, slots=True)
class Closed:
    """An identity that cannot be written to."""

    identity: str
    person: str
    name: str
    install: str
    closed_as: str


def newly_closed(tx: Transaction) -> list[Closed]:
    """Of whom the admins have not heard, by name."""
    query = (
        sa.select(identities.c.id, people.c.id, people.c.name, identities.c.install, identities.c.closed_as)
        .join(people, people.c.id == identities.c.person)
        .where(
            identities.c.closed_as.is_not(None),
            identities.c.closed_told_at.is_(None),
            identities.c.refused_at.is_(None),
            people.c.left_at.is_(None),
            ~_reached,
        )
        .order_by(people.c.name, identities.c.id)
    )
    return [Closed(*row) for row in tx.execute(query)]


def told(tx: Transaction, which: Sequence[Closed], at: datetime) -> None:
    """The admins have heard of these."""
    ids = sorted(one.identity for one in which)
    tx.execute(identities.update().where(identities.c.id.in_(ids)), {"closed_told_at": at})


# ---------------------------------------------------------------- who is not reached, and why


@dataclass(frozen=True, slots=True)
class Looked:
    """What is known of somebody on one living install. All empty: it was not asked yet."""

    install: str
    platform: str
    rosters: int
    """Teams whose members it tells."""
    outcome: str = ""
    email: str = ""
    asked_at: datetime | None = None
    closed_as: str = ""
    closed_until: datetime | None = None


def unreached(tx: Transaction) -> list[Missing]:
    """Those of the plan who cannot be written to anywhere, by name; `email` empty where there is none."""
    email = sa.func.coalesce(people.c.email, "")
    query = sa.select(people.c.id, people.c.name, email).where(*_planned, ~_reached)
    return [Missing(*row) for row in tx.execute(query.order_by(people.c.name, people.c.id))]


def installed(tx: Transaction) -> bool:
    """Whether any install lives. The playground has none."""
    return tx.execute(sa.select(installs.c.name).where(installs.c.removed_at.is_(None)).limit(1)).first() is not None


def planned(tx: Transaction) -> int:
    """How many people the plan has."""
    query = sa.select(sa.func.count()).select_from(people).where(*_planned)
    return int(tx.execute(query).scalar_one())


def looked(tx: Transaction, person: str) -> list[Looked]:
    """What each living install said of them, by the installs' names."""
    held = sa.select(rosters.c.install, sa.func.count()).group_by(rosters.c.install)
    teams: dict[str, int] = {row[0]: row[1] for row in tx.execute(held)}
    asked = {row.install: row for row in tx.execute(sa.select(lookups).where(lookups.c.person == person))}
    closed = (identities.c.person == person, identities.c.closed_as.is_not(None))
    shut = {row.install: row for row in tx.execute(sa.select(identities).where(*closed).order_by(identities.c.id))}
    found = []
    lives = sa.select(installs.c.name, installs.c.platform).where(installs.c.removed_at.is_(None))
    for name, platform in tx.execute(lives.order_by(installs.c.name)):
        said, own = asked.get(name), shut.get(name)
        found.append(
            Looked(
                name,
                platform,
                teams.get(name, 0),
                said.outcome if said else "",
                said.email if said else "",
                said.asked_at if said else None,
                own.closed_as if own else "",
                own.closed_until if own else None,
            )
        )
    return found


# ---------------------------------------------------------------- teams


def add_roster(tx: Transaction, install: str, team: str, service: str, at: datetime) -> None:
    """The app is in that team, or somebody joined it: its members are read at once."""
    row = {"install": install, "team": team, "service": service, "added_at": at}
    if not tx.insert_once(rosters, row):
        which = (rosters.c.install == install, rosters.c.team == team)
        tx.execute(rosters.update().where(*which), {"service": service, "read_at": None})


def drop_rosters(tx: Transaction, install: str, team: str | None = None) -> None:
    """The app is not in that team any more; None: in none."""
    which = [rosters.c.install == install, *([] if team is None else [rosters.c.team == team])]
    tx.execute(rosters.delete().where(*which))


def rosters_of(tx: Transaction, install: str) -> list[Roster]:
    """The teams of an install, the one that was added last first."""
    query = sa.select(rosters.c.install, rosters.c.team, rosters.c.service, rosters.c.read_at.is_not(None))
    which = query.where(rosters.c.install == install)
    return [Roster(*row) for row in tx.execute(which.order_by(rosters.c.added_at.desc(), rosters.c.team))]


def roster_read(tx: Transaction, which: Sequence[Roster], at: datetime) -> None:
    """Their members were read to the end."""
    for one in which:
        tx.execute(
            rosters.update().where(rosters.c.install == one.install, rosters.c.team == one.team), {"read_at": at}
        )
