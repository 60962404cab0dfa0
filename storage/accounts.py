"""Accounts, their other names, and the contacts remembered on them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from storage.database import Transaction
from storage.statement import Statement
from storage.tables import account_aliases, accounts, contacts, counters, new_id


@dataclass(frozen=True, slots=True)
class Account:
    """A company that is sold to."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Names:
    """An account's name and aliases, at a revision of all names."""

    name: str
    aliases: tuple[str, ...]


def folded(name: str) -> str:
    """The name as it is compared: case, width and white space do not tell two accounts apart."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


_by_key = Statement(sa.select(accounts.c.id, accounts.c.name).where(accounts.c.key == sa.bindparam("folded")))


def named(tx: Transaction, name: str) -> Account | None:
    """The account of exactly that name (folded)."""
    row = _by_key.first(tx, folded=folded(name))
    return None if row is None else Account(row[0], row[1])


def add(tx: Transaction, name: str, *, by: str | None, at: datetime, aliases: Iterable[str] = ()) -> Account:
    """The account of that name, made if it is not there yet."""
    existing = named(tx, name)
    if existing is not None:
        return existing
    account = Account(new_id(), " ".join(name.split()))
    _insert.run(
        tx,
        {
            "id": account.id,
            "name": account.name,
            "key": folded(name),
            "revision": _next_revision(tx),
            "created_by": by,
            "created_at": at,
        },
    )
    for alias in aliases:
        tx.insert_once(account_aliases, {"key": folded(alias), "account": account.id, "alias": alias})
    return account


_insert = Statement(accounts.insert(), ("id", "name", "key", "revision", "created_by", "created_at"))
_count = Statement(
    counters.update().where(counters.c.name == sa.bindparam("counter")).values(value=counters.c.value + 1)
)
_counted = Statement(sa.select(counters.c.value).where(counters.c.name == sa.bindparam("counter")))


def _next_revision(tx: Transaction) -> int:
    name = "account_names"
    if not _count.run(tx, {"counter": name}):
        tx.insert_once(counters, {"name": name, "value": 0})
        _count.run(tx, {"counter": name})
    found = _counted.first(tx, counter=name)
    assert found is not None
    return int(found[0])


def names_revision(tx: Transaction) -> int:
    """How new the names are; 0 when there are none."""
    query = sa.select(counters.c.value).where(counters.c.name == "account_names")
    revision: int | None = tx.execute(query).scalar_one_or_none()
    return revision or 0


def names_since(tx: Transaction, revision: int) -> list[Names]:
    """What was added or changed after that revision of the names."""
    aliases: dict[str, list[str]] = {}
    alias_query = (
        sa.select(account_aliases.c.account, account_aliases.c.alias)
        .join(accounts, accounts.c.id == account_aliases.c.account)
        .where(accounts.c.revision > revision)
    )
    for account, alias in tx.execute(alias_query):
        aliases.setdefault(account, []).append(alias)
    query = sa.select(accounts.c.id, accounts.c.name).where(accounts.c.revision > revision).order_by(accounts.c.id)
    return [Names(name, tuple(aliases.get(identifier, ()))) for identifier, name in tx.execute(query)]


def search(tx: Transaction, words: str, limit: int) -> list[str]:
    """Names of accounts that hold these words, or that go by another name that does; those that begin with them
    first, then by name."""
    wanted = folded(words).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    aliased = sa.select(account_aliases.c.account).where(account_aliases.c.key.like(f"%{wanted}%", escape="\\"))
    query = (
        sa.select(accounts.c.name)
        .where(sa.or_(accounts.c.key.like(f"%{wanted}%", escape="\\"), accounts.c.id.in_(aliased)))
        .order_by(sa.case((accounts.c.key.like(f"{wanted}%", escape="\\"), 0), else_=1), accounts.c.key)
        .limit(limit)
    )
    return [name for (name,) in tx.execute(query)]


_meet_again = Statement(
    contacts.update()
    .where(contacts.c.account == sa.bindparam("of"), contacts.c.key == sa.bindparam("folded"))
    .values(last_seen=sa.bindparam("at"))
)


def remember_contacts(tx: Transaction, account: str, names: Iterable[str], at: datetime) -> None:
    """These people were met at that account."""
    for name in names:
        key = folded(name)
        met_before = _meet_again.run(tx, {"of": account, "folded": key, "at": at})
        if not met_before:
            tx.insert_once(
                contacts,
                {"id": new_id(), "account": account, "name": name, "key": key, "first_seen": at, "last_seen": at},
            )


def contacts_of(tx: Transaction, account: str) -> list[str]:
    """The names of those met at that account, the latest first."""
    query = sa.select(contacts.c.name).where(contacts.c.account == account).order_by(contacts.c.last_seen.desc())
    return [name for (name,) in tx.execute(query)]
