"""Deals as they stand, what was changed in them and why, and who has which share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from storage import open_shares
from storage.database import Transaction
from storage.statement import Statement
from storage.tables import accounts, deal_changes, deal_shares, deals, new_id, people

CHAT = "chat"
WHOLE = open_shares.WHOLE
"""All of a deal, in the millionths that shares are counted in."""
_KEPT_BESIDE = frozenset(("stage", "owner", "closes_on"))
"""What of a deal itself `open_shares` goes by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """One deal. `amount_minor` is in its own currency as entered; `closes_on` is expected while the deal is open, and
    the day of the win or the loss after."""

    id: str
    source: str = CHAT
    external_id: str | None = None
    name: str = ""
    account: str | None = None
    owner: str | None = None
    owner_text: str | None = None
    type: str = "new"
    product: str | None = None
    stage: str
    amount_minor: int | None = None
    currency: str | None = None
    created_on: date
    closes_on: date | None = None
    claimed: bool = False
    loss_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """A deal with the names that people know it by."""

    deal: Deal
    account: str | None
    owner: str | None


@dataclass(frozen=True, slots=True)
class Share:
    """A person's part: `revenue` shares of a deal add up to WHOLE, `overlay` ones are extra."""

    person: str
    millionths: int = WHOLE
    kind: str = "revenue"


@dataclass(frozen=True, slots=True)
class Change:
    """What was changed at one time: column -> (before, after), dates as ISO text."""

    id: str
    deal: str
    at: datetime
    by: str | None
    changed: dict[str, tuple[Any, Any]]
    reason: str | None
    said: str = ""
    undone: bool = False

    @property
    def made(self) -> bool:
        """It is the making of the deal."""
        return "stage" in self.changed and self.changed["stage"][0] is None


_names = tuple(field.name for field in fields(Deal))
_columns = tuple(deals.c[name] for name in _names)
_listed = (
    sa.select(*_columns, accounts.c.name.label("account_name"), people.c.name.label("owner_name"))
    .outerjoin(accounts, accounts.c.id == deals.c.account)
    .outerjoin(people, people.c.id == deals.c.owner)
    .where(deals.c.voided_at.is_(None))
)


def _deal(row: Any) -> Deal:
    return Deal(**{name: row._mapping[name] for name in _names})


def _named(row: Any) -> Named:
    return Named(_deal(row), row.account_name, row.owner_name)


def get(tx: Transaction, identifier: str) -> Named | None:
    """The deal of that id, unless it was taken back."""
    row = tx.execute(_listed.where(deals.c.id == identifier)).first()
    return None if row is None else _named(row)


def imported_as(tx: Transaction, source: str, external_ids: Iterable[str]) -> dict[str, Deal]:
    """Deals of that source by their ids there."""
    query = sa.select(*_columns).where(deals.c.source == source, deals.c.external_id.in_(list(external_ids)))
    return {row.external_id: _deal(row) for row in tx.execute(query)}


def of_account(tx: Transaction, account: str, *, stages: Sequence[str] = ()) -> list[Named]:
    """The account's deals (in those stages, where some are named), the latest changed first."""
    query = _listed.where(deals.c.account == account)
    if stages:
        query = query.where(deals.c.stage.in_(stages))
    return [_named(row) for row in tx.execute(query.order_by(deals.c.changed_at.desc(), deals.c.id.desc()))]


def owned(tx: Transaction, owners: Iterable[str], *, stages: Sequence[str] = ()) -> list[Named]:
    """Deals of these people (in those stages, where some are named), by the day on which they close; undated last."""
    query = _listed.where(deals.c.owner.in_(list(owners)))
    if stages:
        query = query.where(deals.c.stage.in_(stages))
    return [
        _named(row) for row in tx.execute(query.order_by(deals.c.closes_on.is_(None), deals.c.closes_on, deals.c.id))
    ]


def several(tx: Transaction, identifiers: Iterable[str]) -> dict[str, Named]:
    """The deals of those ids by id, without what was taken back."""
    return {row.id: _named(row) for row in tx.execute(_listed.where(deals.c.id.in_(list(identifiers))))}


def touched(tx: Transaction, identifiers: Iterable[str]) -> dict[str, tuple[datetime, datetime]]:
    """By deal: since when it has been in its stage, and when it was last changed or found to be right still."""
    query = sa.select(deals.c.id, deals.c.stage_since, deals.c.changed_at).where(deals.c.id.in_(list(identifiers)))
    return {row[0]: (row[1], row[2]) for row in tx.execute(query)}


def shared_by(
    tx: Transaction,
    persons: Iterable[str],
    *,
    stages: Sequence[str],
    first: date | None = None,
    last: date | None = None,
) -> list[Named]:
    """Deals in those stages that these people own or have a share of, by the day on which they close; undated last.

    Between two days, both included, where they are given.
    """
    wanted = list(persons)
    held = sa.select(deal_shares.c.deal).where(deal_shares.c.person.in_(wanted), deal_shares.c.replaced_at.is_(None))
    query = _listed.where(sa.or_(deals.c.owner.in_(wanted), deals.c.id.in_(held)), deals.c.stage.in_(stages))
    if first is not None:
        query = query.where(deals.c.closes_on >= first)
    if last is not None:
        query = query.where(deals.c.closes_on <= last)
    in_order = query.order_by(deals.c.closes_on.is_(None), deals.c.closes_on, deals.c.id)
    return [_named(row) for row in tx.execute(in_order)]


def closing(tx: Transaction, first: date, last: date, *, stages: Sequence[str]) -> list[Named]:
    """Deals in those stages that close between those days, both included."""
    query = _listed.where(deals.c.stage.in_(stages), deals.c.closes_on >= first, deals.c.closes_on <= last)
    return [_named(row) for row in tx.execute(query.order_by(deals.c.closes_on, deals.c.id))]


def claimed(tx: Transaction, owners: Iterable[str], *, since: date) -> list[Named]:
    """Wins of these people from that day on that nobody has confirmed, the latest first."""
    query = _listed.where(
        deals.c.owner.in_(list(owners)), deals.c.stage == "won", deals.c.closes_on >= since, deals.c.claimed
    )
    return [_named(row) for row in tx.execute(query.order_by(deals.c.closes_on.desc(), deals.c.id.desc()))]


def add(
    tx: Transaction, deal: Deal, shares: Sequence[Share], *, at: datetime, by: str | None, said: str | None = None
) -> str:
    """Keep a new deal with its shares (without any all of it is its owner's); the id of its first change.

    Raises ValueError for revenue shares that are not exactly WHOLE together.
    """
    _check(shares)
    row = {name: getattr(deal, name) for name in _names}
    tx.execute(deals.insert(), {**row, "stage_since": at, "changed_at": at})
    _write_shares(tx, deal.id, shares)
    open_shares.follow(tx, (deal.id,))
    return _note(tx, deal.id, {"stage": (None, deal.stage)}, at=at, by=by, reason=None, said=said)


def change(
    tx: Transaction,
    before: Deal,
    after: Deal,
    *,
    at: datetime,
    by: str | None,
    reason: str | None = None,
    said: str | None = None,
) -> str | None:
    """Write what differs, with who, when and why. The change's id; None when nothing differs."""
    differing = [name for name in _names if getattr(before, name) != getattr(after, name)]
    if not differing:
        return None
    values: dict[str, Any] = {name: getattr(after, name) for name in differing}
    if "stage" in values:
        values["stage_since"] = at
    tx.execute(deals.update().where(deals.c.id == before.id), {**values, "changed_at": at})
    if not _KEPT_BESIDE.isdisjoint(differing):
        open_shares.follow(tx, (before.id,))
    told = {name: (_plain(getattr(before, name)), _plain(getattr(after, name))) for name in differing}
    return _note(tx, before.id, told, at=at, by=by, reason=reason, said=said)


def still_right(tx: Transaction, identifier: str, *, at: datetime, by: str) -> None:
    """Somebody has looked at the deal and it stands as it is."""
    tx.execute(deals.update().where(deals.c.id == identifier), {"changed_at": at})
    _note(tx, identifier, {}, at=at, by=by, reason=None, said=None)


def unchanged_since(tx: Transaction, owners: Iterable[str], moment: datetime, *, stages: Sequence[str]) -> set[str]:
    """Ids of deals of these people in those stages that nobody has changed since then."""
    holds = (deals.c.voided_at.is_(None), deals.c.owner.in_(list(owners)), deals.c.stage.in_(stages))
    return set(tx.execute(sa.select(deals.c.id).where(*holds, deals.c.changed_at < moment)).scalars())


def void(tx: Transaction, identifier: str, *, at: datetime) -> None:
    """It never was: a deal that was made by mistake."""
    tx.execute(deals.update().where(deals.c.id == identifier), {"voided_at": at})
    open_shares.follow(tx, (identifier,))


_of_one = Statement(
    sa.select(deal_shares.c.person, deal_shares.c.millionths, deal_shares.c.kind)
    .where(deal_shares.c.deal == sa.bindparam("deal"), deal_shares.c.replaced_at.is_(None))
    .order_by(deal_shares.c.id)
)


def shares_of_one(tx: Transaction, deal: str) -> list[Share]:
    """The shares of one deal that hold, in the order in which they were given."""
    return [Share(*row) for row in _of_one.rows(tx, deal=deal)]


def shares_of(tx: Transaction, identifiers: Iterable[str]) -> dict[str, list[Share]]:
    """The shares that hold, by deal, in the order in which they were given."""
    query = (
        sa.select(deal_shares.c.deal, deal_shares.c.person, deal_shares.c.millionths, deal_shares.c.kind)
        .where(deal_shares.c.deal.in_(list(identifiers)), deal_shares.c.replaced_at.is_(None))
        .order_by(deal_shares.c.id)
    )
    found: dict[str, list[Share]] = {}
    for deal, person, millionths, kind in tx.execute(query):
        found.setdefault(deal, []).append(Share(person, millionths, kind))
    return found


def share(tx: Transaction, deal: str, shares: Sequence[Share], *, at: datetime) -> None:
    """From now on these are the deal's shares. Raises ValueError like `add`."""
    _check(shares)
    held = (deal_shares.c.deal == deal, deal_shares.c.replaced_at.is_(None))
    tx.execute(deal_shares.update().where(*held), {"replaced_at": at})
    _write_shares(tx, deal, shares)
    open_shares.follow(tx, (deal,))


_changed = sa.select(
    *(deal_changes.c[name] for name in ("id", "deal", "at", "by", "fields", "reason", "said", "undone_at"))
)


def _change(row: Any) -> Change:
    changed = {name: (old, new) for name, (old, new) in row.fields.items()}
    return Change(row.id, row.deal, row.at, row.by, changed, row.reason, row.said or "", row.undone_at is not None)


def history(tx: Transaction, deal: str) -> list[Change]:
    """What was changed, the latest first, without what was undone."""
    query = _changed.where(deal_changes.c.deal == deal, deal_changes.c.undone_at.is_(None))
    return [_change(row) for row in tx.execute(query.order_by(deal_changes.c.at.desc(), deal_changes.c.id.desc()))]


def slips(tx: Transaction, identifiers: Iterable[str]) -> list[tuple[str, date, str]]:
    """(deal, the close date that it had, why it was moved) of every move of these deals' close, the latest first."""
    query = _changed.where(deal_changes.c.deal.in_(list(identifiers)), deal_changes.c.undone_at.is_(None)).order_by(
        deal_changes.c.at.desc(), deal_changes.c.id.desc()
    )
    moves = (_change(row) for row in tx.execute(query))
    return [
        (move.deal, date.fromisoformat(move.changed["closes_on"][0]), move.reason or "")
        for move in moves
        if move.changed.get("closes_on", (None,))[0] is not None and not move.made
    ]


def slipped(tx: Transaction, since: datetime, until: datetime) -> dict[str, tuple[date, str]]:
    """Deals whose close was moved later from `since` on and before `until`: the close date that each had before, and
    why it was moved last."""
    query = (
        sa.select(deal_changes.c.deal, deal_changes.c.fields, deal_changes.c.reason)
        .join(deals, deals.c.id == deal_changes.c.deal)
        # A deal that was changed since then is found by its index; few are.
        .where(deals.c.changed_at >= since, deals.c.voided_at.is_(None))
        .where(deal_changes.c.at >= since, deal_changes.c.at < until, deal_changes.c.undone_at.is_(None))
        .order_by(deal_changes.c.at, deal_changes.c.id)
    )
    moved: dict[str, tuple[str, str, str]] = {}
    for deal, changed, reason in tx.execute(query):
        old, new = changed.get("closes_on", (None, None))
        if old is not None and new is not None and "stage" not in changed:
            first, _, why = moved.get(deal, (old, new, ""))
            moved[deal] = (first, new, reason or why)
    return {deal: (date.fromisoformat(first), why) for deal, (first, last, why) in moved.items() if last > first}


def change_of(tx: Transaction, identifier: str) -> Change | None:
    """The change of that id, undone or not."""
    row = tx.execute(_changed.where(deal_changes.c.id == identifier)).first()
    return None if row is None else _change(row)


def latest_by(tx: Transaction, person: str) -> Change | None:
    """What that person changed last by saying so, undone or not. What came along with something else that they did (a
    leaver's deals that were handed over) has no words of its own, and is taken back with that."""
    said = (deal_changes.c.by == person, deal_changes.c.said.is_not(None))
    query = _changed.where(*said).order_by(deal_changes.c.at.desc(), deal_changes.c.id.desc())
    row = tx.execute(query.limit(1)).first()
    return None if row is None else _change(row)


def take_back(tx: Transaction, taken: Change, now: Deal, before: Deal, *, at: datetime) -> bool:
    """The deal is as it was before that change; False when the change was taken back already."""
    if not undone(tx, taken.id, at=at):
        return False
    if taken.made:
        void(tx, now.id, at=at)
        return True
    values: dict[str, Any] = {name: getattr(before, name) for name in taken.changed}
    if "stage" in values:
        since = next((one.at for one in history(tx, now.id) if "stage" in one.changed), None)
        values["stage_since"] = since or at
    tx.execute(deals.update().where(deals.c.id == now.id), {**values, "changed_at": at})
    if not _KEPT_BESIDE.isdisjoint(values):
        open_shares.follow(tx, (now.id,))
    return True


def undone(tx: Transaction, change_id: str, *, at: datetime) -> bool:
    """Mark a change as taken back; False when it was before."""
    done = tx.execute(
        deal_changes.update().where(deal_changes.c.id == change_id, deal_changes.c.undone_at.is_(None)),
        {"undone_at": at},
    )
    return done.rowcount == 1


def hand_over(tx: Transaction, person: str, to: str) -> None:
    """What one owns, shares in and said is the other's: they turned out to be one person."""
    tx.execute(deals.update().where(deals.c.owner == person), {"owner": to})
    tx.execute(deal_shares.update().where(deal_shares.c.person == person), {"person": to})
    open_shares.hand_over(tx, person)
    tx.execute(deal_changes.update().where(deal_changes.c.by == person), {"by": to})


_latest = Statement(sa.select(deals.c.changed_at).order_by(deals.c.changed_at.desc()).limit(sa.literal_column("1")))


def fresh_as_of(tx: Transaction) -> datetime | None:
    """When any deal was last changed; None where there is none."""
    latest = _latest.first(tx)
    return latest[0] if latest else None


def _check(shares: Sequence[Share]) -> None:
    revenue = [one.millionths for one in shares if one.kind == "revenue"]
    if revenue and sum(revenue) != WHOLE:
        raise ValueError(f"The shares of a deal add up to {sum(revenue) / 10_000:g} %, and must be 100 %.")


def _write_shares(tx: Transaction, deal: str, shares: Sequence[Share]) -> None:
    if shares:
        tx.execute(
            deal_shares.insert(),
            [
                {"id": new_id(), "deal": deal, "person": one.person, "kind": one.kind, "millionths": one.millionths}
                for one in shares
            ],
        )


def _note(
    tx: Transaction,
    deal: str,
    changed: Mapping[str, tuple[Any, Any]],
    *,
    at: datetime,
    by: str | None,
    reason: str | None,
    said: str | None,
) -> str:
    identifier = new_id()
    row = {"id": identifier, "deal": deal, "at": at, "by": by, "reason": reason, "said": said}
    tx.execute(deal_changes.insert(), {**row, "fields": {name: list(pair) for name, pair in changed.items()}})
    return identifier


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
