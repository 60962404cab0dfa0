"""An import rolled back as one: its journal is read from the end, and each row is put back, ended or removed.

Deals that it made are voided and their credits with them, unless somebody has changed them since; what it changed says
again what it said before, under the same condition; people, accounts and units that others stand on by now are kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from handlers.conversation.company import Company
from handlers.conversation.facts import DealReversed, WinChanged
from handlers.figures import booking
from handlers.figures.stages import WON
from storage import credits as kept_credits
from storage import deals as deal_rows
from storage import finding, imports, open_shares, wins
from storage.database import Transaction
from storage.deals import Named
from storage.imports import Entry
from storage.tables import (
    accounts,
    commission_plans,
    credits,
    deal_shares,
    deals,
    ledger,
    metadata,
    people,
    rates,
    targets,
    units,
)

CHUNK: Final = 200
_WORDS: Final = {
    "deals": ("deal", "deals"),
    "ledger": ("row of revenue or cost", "rows of revenue or cost"),
    "targets": ("target", "targets"),
    "people": ("person", "people"),
    "accounts": ("account", "accounts"),
    "units": ("unit", "units"),
    "memberships": ("place in a unit", "places in units"),
    "roles": ("role", "roles"),
    "manager_links": ("manager of somebody", "managers of people"),
    "rates": ("rate of exchange", "rates of exchange"),
    "commission_plans": ("commission plan", "commission plans"),
}
Counts = Counter[tuple[str, str]]
"""(what was done, table) -> rows."""


def step(
    tx: Transaction, company: Company, identifier: str, *, now: datetime, facts: list[object] | None = None
) -> Counts | None:
    """Roll back the journal's last piece; None when nothing is left and the import is rolled back. What others have to
    hear of it is added to `facts`."""
    entries = imports.last_entries(tx, identifier, CHUNK)
    if not entries:
        imports.undo_history(tx, identifier, at=now)
        imports.settle(tx, identifier, "rolled back", at=now, report=None)
        return None
    counts: Counts = Counter()
    touched: list[str] = []
    came: list[str] = []
    of = _deals_of(tx, entries)
    stay = imports.kept_deals(tx, identifier, set(of.values()))
    told = deal_rows.several(tx, wins.known(tx, set(of.values())))
    for entry in entries:
        if of.get(entry.id) in stay:
            counts["stays", deals.name] += entry.table == deals.name and _brings(entry)
            continue
        if entry.table == accounts.name and entry.changed is None:
            came.append(entry.row)
            continue
        if entry.table == rates.name:
            imports.undo_rate(tx, entry, now)
            counts["put back" if entry.changed else "removed", rates.name] += 1
            continue
        what = _made(tx, entry, now) if entry.changed is None else _changed(tx, entry, touched)
        counts[what, entry.table] += 1
    _take_accounts(tx, came, counts)
    _book(tx, company, touched, now, counts)
    open_shares.follow(tx, set(of.values()))
    imports.forget(tx, entries)
    if facts is not None:
        facts += _told(tx, told)
    return counts


def _told(tx: Transaction, before: Mapping[str, Named]) -> list[object]:
    """Of the wins that others were told of: those that are won no more, and those that are otherwise now."""
    found: list[object] = []
    after = deal_rows.several(tx, before)
    for identifier, was in before.items():
        now = after.get(identifier)
        if was.deal.stage == WON and (now is None or now.deal.stage != WON):
            # The account may have gone with the deal.
            found.append(DealReversed(replace(was.deal, name=was.deal.name or was.account or ""), None))
        elif was.deal.stage == WON and now is not None and now.deal != was.deal:
            found.append(WinChanged(was.deal, now.deal, None))
    return found


def _deals_of(tx: Transaction, entries: Sequence[Entry]) -> dict[str, str]:
    """The deal of each line that is about a deal, its shares or its credits, by the line's id."""
    found = {entry.id: entry.row for entry in entries if entry.table == deals.name}
    for table in (credits, deal_shares):
        lines = {entry.row: entry.id for entry in entries if entry.table == table.name}
        if lines:
            rows = tx.execute(sa.select(table.c.id, table.c.deal).where(table.c.id.in_(sorted(lines))))
            found.update({lines[row]: deal for row, deal in rows})
    return found


def _brings(entry: Entry) -> bool:
    """The line stands for a deal that came in, or came in again."""
    return entry.changed is None or bool(entry.changed.get("voided_at", (None,))[0])


def _made(tx: Transaction, entry: Entry, now: datetime) -> str:
    match entry.table:
        case deals.name:
            kept_credits.void(tx, kept_credits.of_deal(tx, entry.row), at=now)
            # Voided, it keeps no account alive that came with it.
            tx.execute(deals.update().where(deals.c.id == entry.row), {"voided_at": now, "account": None})
            return "voided"
        case credits.name:
            _void_credit(tx, entry.row, now)
            return "voided"
        case targets.name | commission_plans.name:
            table = metadata.tables[entry.table]
            living = (table.c.id == entry.row, table.c.replaced_at.is_(None))
            ended = tx.execute(table.update().where(*living), {"replaced_at": now})
            return "ended" if ended.rowcount else "changed since"
        case ledger.name:
            tx.execute(ledger.update().where(ledger.c.id == entry.row), {"voided_at": now, "account": None})
            return "voided"
        case people.name | units.name:
            table = metadata.tables[entry.table]
            if table is people:
                finding.forget_unheard(tx, entry.row)
            if imports.stood_on(tx, table, [entry.row]):
                return "kept"
            imports.remove(tx, table, entry.row)
            return "removed"
        case _:
            imports.remove(tx, metadata.tables[entry.table], entry.row)
            return "removed"


def _take_accounts(tx: Transaction, came: Sequence[str], counts: Counts) -> None:
    """Together, since looking for who refers to one goes through whole tables."""
    if not came:
        return
    kept = imports.stood_on(tx, accounts, came)
    tx.execute(accounts.delete().where(accounts.c.id.in_([one for one in came if one not in kept])))
    counts["kept", accounts.name] += len(kept)
    counts["removed", accounts.name] += len(came) - len(kept)


def _changed(tx: Transaction, entry: Entry, touched: list[str]) -> str:
    assert entry.changed is not None
    if entry.table == credits.name:
        imports.revive(tx, entry.row)
        return "put back"
    if entry.table == targets.name and _is_followed(tx, entry.row):
        return "changed since"
    if entry.table == commission_plans.name and _plan_is_followed(tx, entry.row):
        return "changed since"
    if entry.table == deals.name:
        touched.append(entry.row)
    return "put back" if imports.put_back(tx, entry) else "changed since"


def _is_followed(tx: Transaction, target: str) -> bool:
    """Another target holds in its place, so that it cannot hold again."""
    one, other = targets.alias(), targets.alias()
    same = sa.or_(one.c.person == other.c.person, one.c.unit == other.c.unit)
    query = (
        sa.select(other.c.id)
        .join(one, sa.and_(same, one.c.measure == other.c.measure, one.c.fiscal_year == other.c.fiscal_year))
        .where(one.c.id == target, other.c.replaced_at.is_(None))
    )
    return tx.execute(query.limit(1)).first() is not None


def _plan_is_followed(tx: Transaction, plan: str) -> bool:
    """A later version of the plan holds by now."""
    one, other = commission_plans.alias(), commission_plans.alias()
    query = sa.select(other.c.id).join(one, one.c.key == other.c.key)
    return tx.execute(query.where(one.c.id == plan, other.c.replaced_at.is_(None)).limit(1)).first() is not None


def _void_credit(tx: Transaction, identifier: str, now: datetime) -> None:
    row = tx.execute(sa.select(credits.c.deal).where(credits.c.id == identifier)).scalar_one_or_none()
    if row is not None:
        kept_credits.void(tx, [one for one in kept_credits.of_deal(tx, row) if one.id == identifier], at=now)


def _book(tx: Transaction, company: Company, touched: Sequence[str], now: datetime, counts: Counts) -> None:
    """A deal that somebody changed since is booked as it stands; for the others there is nothing left to do."""
    for identifier in dict.fromkeys(touched):
        known = deal_rows.get(tx, identifier)
        if known is None:
            kept_credits.void(tx, kept_credits.of_deal(tx, identifier), at=now)
        elif counts["changed since", deals.name]:
            try:
                booking.book_for(tx, company, known.deal, now=now)
            except booking.MissingRate:
                counts["not counted", deals.name] += 1


def sentences(counts: Counts) -> list[str]:
    """What was done, for people."""
    said = []
    for table, (one, many) in _WORDS.items():

        def number(what: str, table: str = table, one: str = one, many: str = many) -> str:
            count = counts[what, table]
            return f"{count:,} {one if count == 1 else many}" if count else ""

        said += [f"{rows} {what}." for what in ("voided", "ended", "removed", "put back") if (rows := number(what))]
        if rows := number("kept"):
            said.append(f"{rows} kept, since other rows refer to them by now.")
        if rows := number("stays"):
            said.append(f"{rows} kept, since others have changed what the import made.")
        if rows := number("changed since"):
            said.append(f"{rows} changed by others since: that change stands.")
        if rows := number("not counted"):
            said.append(f"{rows} in no sum: the plan has no rate for the currency.")
    return said
