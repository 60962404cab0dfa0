"""Rows of accounts, and the accounts that other rows name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from handlers.imports.applying import Run, Tally
from handlers.imports.match import Named
from handlers.imports.rows import AccountRow
from storage import accounts, imports
from storage.accounts import folded
from storage.database import Transaction
from storage.tables import account_aliases
from storage.tables import accounts as account_rows


def apply(tx: Transaction, run: Run, rows: Sequence[AccountRow]) -> Tally:
    """Each name once, with its other names. Everything else that such a file says has no place with us yet."""
    tally = Tally()
    known = _known(tx, [row.name for row in rows])
    for row in rows:
        found = known.get(folded(row.name))
        identifier = found or _make(tx, run, row.name)
        if found is None:
            imports.note_made(tx, run.id, account_rows, [identifier])
        known[folded(row.name)] = identifier
        more = [alias for alias in row.aliases if _alias(tx, run, identifier, alias, row, tally)]
        if found is None:
            tally.made += 1
        elif more:
            tally.changed += 1
        else:
            tally.same += 1
    return tally


def accounts_for(tx: Transaction, run: Run, named: Iterable[Named], tally: Tally) -> dict[Named, str]:
    """The account's id of each, made where there is none of that name."""
    wanted = list(dict.fromkeys(named))
    known = _known(tx, [one.name for one in wanted if not one.key])
    found: dict[Named, str] = {}
    made: list[str] = []
    for one in wanted:
        if one.key:
            found[one] = one.key
            continue
        key = folded(one.name)
        if key not in known:
            known[key] = _make(tx, run, one.name)
            made.append(known[key])
            tally.notes["New accounts: {n}."] += 1
        found[one] = known[key]
    imports.note_made(tx, run.id, account_rows, made)
    return found


def _known(tx: Transaction, names: Sequence[str]) -> dict[str, str]:
    """Ids by folded name or other name; a name goes before another's alias."""
    keys = sorted({folded(name) for name in names})
    if not keys:
        return {}
    aliased = sa.select(account_aliases.c.key, account_aliases.c.account).where(account_aliases.c.key.in_(keys))
    by_name = sa.select(account_rows.c.key, account_rows.c.id).where(account_rows.c.key.in_(keys))
    return {row.key: row[1] for query in (aliased, by_name) for row in tx.execute(query)}


def _make(tx: Transaction, run: Run, name: str) -> str:
    return accounts.add(tx, name, by=run.by, at=run.now).id


def _alias(tx: Transaction, run: Run, account: str, alias: str, row: AccountRow, tally: Tally) -> bool:
    key = folded(alias)
    held = tx.execute(sa.select(account_aliases.c.account).where(account_aliases.c.key == key)).scalar_one_or_none()
    taken = held or _known(tx, [alias]).get(key)
    if taken is not None:
        if taken != account:
            tally.doubts.append(
                f"Row {row.row}: “{alias}” is another account's name already, so {row.name} goes without."
            )
        return False
    tx.execute(account_aliases.insert(), {"key": key, "account": account, "alias": alias})
    imports.note_made(tx, run.id, account_aliases, [key])
    return True
