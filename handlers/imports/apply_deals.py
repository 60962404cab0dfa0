"""Rows of deals into the rows of the database: made, changed, or found to be there already; wins are booked.

An imported win is confirmed. Where the chat has a win or an open deal already, that deal becomes the imported one, so
that it is not counted twice (chat_deals.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

import sqlalchemy as sa

from handlers.conversation.facts import DealReversed, DealWon, WinChanged
from handlers.figures import booking
from handlers.figures.stages import LOST, WON, open_stages
from handlers.imports import deal_journal
from handlers.imports.apply_accounts import accounts_for
from handlers.imports.applying import Run, Tally
from handlers.imports.chat_deals import ChatDeals, Fit, beside, by_account_and_owner, fit, in_doubt
from handlers.imports.rows import DealRow
from handlers.numbers.money import to_minor
from handlers.numbers.periods import FiscalCalendar
from storage import credits as credit_store
from storage import deals as deal_store
from storage import imports, open_shares, targets, wins
from storage.database import Transaction
from storage.deals import WHOLE, Deal, Share
from storage.statement import Statement
from storage.tables import credits, deal_changes, deal_shares, deals, new_id

_NAMES: Final = tuple(field.name for field in fields(Deal))


_insert = Statement(deals.insert(), (*_NAMES, "stage_since", "changed_at"))
_insert_change = Statement(deal_changes.insert(), ("id", "deal", "at", "by", "import", "fields"))


@dataclass(frozen=True, slots=True)
class _Wanted:
    row: DealRow
    deal: Deal
    shares: tuple[Share, ...] | None
    """None: the file says nothing of shares."""


def apply(tx: Transaction, run: Run, rows: Sequence[tuple[str, DealRow]]) -> Tally:
    """Some rows, each with its key. All or nothing of them, as the transaction is."""
    tally = Tally()
    known = _known(tx, run, [key for key, _ in rows])
    account_ids = accounts_for(tx, run, [row.account for _, row in rows if row.account], tally)
    old = [deal.id for deal, _ in known.values()]
    shares = deal_store.shares_of(tx, old) if old else {}
    before = deal_journal.snapshot(tx, old)
    announced = wins.known(tx, old)
    made: list[_Wanted] = []
    book: list[_Wanted] = []
    same = set[str]()
    read: list[tuple[str, _Wanted, Deal | None, bool]] = []
    for key, row in rows:
        found, voided = known.get(key, (None, False))
        account = account_ids.get(row.account) if row.account else None
        one = _wanted(run, row, key, found, account, tally)
        if one is not None:
            read.append((key, one, found, voided))
    joined = _said_in_chat(tx, run, read, shares, tally)
    deal_journal.end(tx, run, [deal.id for key, _, deal, _ in read if key in joined and deal is not None], before)
    said = [deal.id for _, deal in joined.values()]
    before = deal_journal.joined(before, deal_journal.snapshot(tx, said))
    old += said
    announced |= wins.known(tx, said)
    shares |= deal_store.shares_of(tx, said) if said else {}
    for key, as_read, there, voided in read:
        wanted: _Wanted = as_read
        standing: Deal | None = there
        if key in joined:
            wanted, standing = joined[key]
        if not voided:
            _tell(run, standing, wanted.deal, tally, known=standing is not None and standing.id in announced)
        if standing is None:
            made.append(wanted)
            tally.made += 1
        elif _differs(wanted, standing, shares) or voided:
            _change(tx, run, standing, wanted, shares, voided=voided)
            # What was taken back and comes again is there again.
            tally.made += voided
            tally.changed += not voided
        else:
            tally.same += 1
            same.add(wanted.deal.id)
        book.append(wanted)
    _make(tx, run, made)
    _book(tx, run, book, same, {one.deal.id for one in made}, tally)
    closed = {one.deal.id for one in made if one.deal.stage in open_shares.CLOSED}
    open_shares.follow(tx, [one.deal.id for one in book if one.deal.id not in same | closed])
    after = deal_journal.snapshot(tx, old)
    for table in (deals, deal_shares, credits):
        imports.note_difference(tx, run.id, table, before[table.name], after[table.name])
    imports.note_made(tx, run.id, deals, [one.deal.id for one in made])
    return tally


def _tell(run: Run, standing: Deal | None, deal: Deal, tally: Tally, *, known: bool) -> None:
    """What others hear of it; `known`: they were told of the win that stands."""
    if deal.stage == WON and run.is_news(deal.closes_on):
        confirmed = standing is not None and standing.stage == WON and standing.claimed
        if confirmed or standing is None or standing.stage != WON:
            tally.facts.append(DealWon(deal, run.by, confirmed))
    if known and standing is not None:
        tally.facts += _corrected(run, standing, deal, tally.facts)


def _corrected(run: Run, was: Deal, now: Deal, told: Sequence[object]) -> list[object]:
    """What others hear of a win that they know of, however old it is."""
    if was.stage == WON and now.stage != WON:
        return [DealReversed(was, run.by)]
    news = told and isinstance(told[-1], DealWon) and told[-1].deal.id == now.id
    same = replace(was, source=now.source, external_id=now.external_id) == now
    return [] if news or same or now.stage != WON or was.stage != WON else [WinChanged(was, now, run.by)]


def _said_in_chat(
    tx: Transaction,
    run: Run,
    read: Sequence[tuple[str, _Wanted, Deal | None, bool]],
    shares: dict[str, list[Share]],
    tally: Tally,
) -> dict[str, tuple[_Wanted, Deal]]:
    """By key, rows that are a deal of the chat, with that deal; where it may be several, that is a doubt."""
    new = [(key, one) for key, one, standing, _ in read if standing is None]
    # Deals of earlier imports that were open or lost till now: their win may have been told in chat as another deal.
    now_won = [
        (key, one, standing)
        for key, one, standing, voided in read
        if standing is not None and not voided and standing.stage != WON and one.deal.stage == WON
    ]
    asked = [*(one for _, one in new), *(one for _, one, _ in now_won)]
    chat = ChatDeals(tx, [one.deal.account for one in asked if one.deal.account], _deal)
    found: dict[str, tuple[_Wanted, Deal]] = {}
    for key, one, standing in now_won:
        told = chat.told_beside(one.deal)
        if len(told) == 1 and fit(told[0], one.deal) is Fit.SURE:
            tally.notes["Wins that were said in chat, confirmed now: {n}."] += 1
            found[key] = (_as_told(run, key, one, standing, told[0], shares.get(standing.id, ())), told[0])
        elif told:
            tally.doubts.append(beside(one.row.row, one.row.account.name if one.row.account else one.row.name, told))
    rivals = by_account_and_owner(one.deal for _, one in new)
    for key, one in new:
        what = one.row.account.name if one.row.account else one.row.name
        wins = chat.win(one.deal) if one.deal.stage == WON else []
        if len(wins) > 1:
            tally.doubts.append(in_doubt(one.row.row, what, wins, wins=True))
            continue
        deal, perhaps = (wins[0], []) if wins else chat.still_open(one.deal, rivals[one.deal.account, one.deal.owner])
        if deal is None:
            tally.doubts.extend([in_doubt(one.row.row, what, perhaps, wins=False)] if perhaps else [])
            continue
        if wins:
            tally.notes["Wins that were said in chat, confirmed now: {n}."] += 1
        else:
            tally.notes["Open deals that were said in chat, which are this file's now: {n}."] += 1
        # Once more, so that what the file has no column for stays as it was said; what is odd was noted before.
        found[key] = (_wanted(run, one.row, key, deal, one.deal.account, Tally()) or one, deal)
    return found


def _as_told(run: Run, key: str, one: _Wanted, imported: Deal, told: Deal, shares: Sequence[Share]) -> _Wanted:
    """The row as the deal that was told in chat, with what earlier imports knew and the chat did not."""
    more = replace(
        told,
        name=told.name or imported.name,
        product=told.product or imported.product,
        created_on=min(told.created_on, imported.created_on),
    )
    wanted = _wanted(run, one.row, key, more, one.deal.account, Tally()) or one
    kept = tuple(share for share in shares if share.kind == "revenue")
    return replace(wanted, shares=kept) if wanted.shares is None and kept else wanted


# ---------------------------------------------------------------- what a row says


def _wanted(
    run: Run, row: DealRow, key: str, standing: Deal | None, account: str | None, tally: Tally
) -> _Wanted | None:
    strangers = [split.person.written for split in row.splits if not split.person.key]
    if strangers:
        who = " and ".join(f"“{name}”" for name in strangers)
        tally.refuse(row.row, strangers[0], f"The deal is shared with {who}, and nobody is called so. Import people.")
        return None
    has = run.fields.__contains__
    was = standing or Deal(id=new_id(), stage="", created_on=_begun(run, row))
    amount, currency = was.amount_minor, was.currency
    if row.amount is not None:
        amount, currency = to_minor(row.amount, row.currency), row.currency
    elif any(map(has, ("amount", "amount_won", "amount_converted"))):
        amount, currency = None, None
    owner, owner_text = was.owner, was.owner_text
    if row.owner is not None:
        owner, owner_text = row.owner.key or None, None if row.owner.key else row.owner.written
    elif has("owner") or has("owner_email"):
        owner, owner_text = None, None
    if row.owner is not None and not owner:
        tally.notes["Deals whose owner is nobody known, so that they count for nobody: {n}."] += 1
    deal = replace(
        was,
        source=run.source,
        external_id=key,
        name=row.name if has("name") else was.name,
        account=account if has("account") else was.account,
        owner=owner,
        owner_text=owner_text,
        type=row.type or was.type,
        product=(row.product or None) if has("product") else was.product,
        stage=_stage(run, row, was, tally),
        amount_minor=amount,
        currency=currency,
        created_on=row.created or was.created_on,
        closes_on=row.close if _has_close(run) else was.closes_on,
        claimed=False,
        loss_reason=(row.loss_reason or None) if has("loss_reason") else was.loss_reason,
    )
    shares = tuple(Share(one.person.key, int(one.percent * (WHOLE // 100))) for one in row.splits)
    return _Wanted(row, deal, shares if has("splits") else None)


def _begun(run: Run, row: DealRow) -> date:
    """A file that does not say when a deal began: when it closed, and today for what is open."""
    return min(row.created or row.close or run.today, run.today)


def _has_close(run: Run) -> bool:
    return any(name in run.fields for name in ("close", "closed", "won_on", "lost_on"))


def _stage(run: Run, row: DealRow, was: Deal, tally: Tally) -> str:
    stages = open_stages(run.company)
    if row.state != "open":
        return WON if row.state == "won" else LOST
    if row.stage:
        return row.stage
    tally.notes[f"Open deals without a stage of yours, which stand as {stages[0]}: {{n}}."] += 1
    return was.stage if was.stage in stages else stages[0]


# ---------------------------------------------------------------- what stands


def _deal(row: Any) -> Deal:
    return Deal(**{name: row._mapping[name] for name in _NAMES})


def _known(tx: Transaction, run: Run, keys: Sequence[str]) -> dict[str, tuple[Deal, bool]]:
    """By key: the deal, and whether it was taken back (an import of it was rolled back, say)."""
    query = sa.select(deals).where(deals.c.source == run.source, deals.c.external_id.in_(keys))
    return {row.external_id: (_deal(row), row.voided_at is not None) for row in tx.execute(query)}


# ---------------------------------------------------------------- writing


def _differs(wanted: _Wanted, standing: Deal, shares: dict[str, list[Share]]) -> bool:
    return wanted.deal != standing or _shares_differ(wanted, shares)


def _shares_differ(wanted: _Wanted, shares: dict[str, list[Share]]) -> bool:
    if wanted.shares is None:
        return False
    revenue = [one for one in shares.get(wanted.deal.id, []) if one.kind == "revenue"]
    return sorted((one.person, one.millionths) for one in revenue) != sorted(
        (one.person, one.millionths) for one in wanted.shares
    )


def _change(
    tx: Transaction, run: Run, was: Deal, wanted: _Wanted, shares: dict[str, list[Share]], *, voided: bool
) -> None:
    deal = wanted.deal
    differing = [name for name in _NAMES if getattr(was, name) != getattr(deal, name)]
    values: dict[str, Any] = {name: getattr(deal, name) for name in differing}
    told = {name: [_plain(getattr(was, name)), _plain(values[name])] for name in differing}
    if "stage" in values:
        values["stage_since"] = run.now
    if voided:
        values["voided_at"] = None
    tx.execute(deals.update().where(deals.c.id == deal.id), {**values, "changed_at": run.now})
    if told:
        tx.execute(deal_changes.insert(), _changed(run, deal.id, told))
    if _shares_differ(wanted, shares):
        of_revenue = (deal_shares.c.deal == deal.id, deal_shares.c.kind == "revenue")
        tx.execute(
            deal_shares.update().where(*of_revenue, deal_shares.c.replaced_at.is_(None)), {"replaced_at": run.now}
        )
        _share(tx, [wanted])


def _make(tx: Transaction, run: Run, made: Sequence[_Wanted]) -> None:
    if not made:
        return
    rows = [{name: getattr(one.deal, name) for name in _NAMES} for one in made]
    _insert.run_all(tx, [{**row, "stage_since": run.now, "changed_at": run.now} for row in rows])
    _insert_change.run_all(tx, [_changed(run, one.deal.id, {"stage": [None, one.deal.stage]}) for one in made])
    _share(tx, made)


def _changed(run: Run, deal: str, told: dict[str, list[Any]]) -> dict[str, Any]:
    return {"id": new_id(), "deal": deal, "at": run.now, "by": run.by, "import": run.id, "fields": told}


def _share(tx: Transaction, given: Sequence[_Wanted]) -> None:
    rows = [
        {
            "id": new_id(),
            "deal": one.deal.id,
            "person": share.person,
            "kind": share.kind,
            "millionths": share.millionths,
        }
        for one in given
        for share in one.shares or ()
    ]
    if rows:
        tx.execute(deal_shares.insert(), rows)


def _book(tx: Transaction, run: Run, given: Sequence[_Wanted], same: set[str], fresh: set[str], tally: Tally) -> None:
    """Also a win that is the same, if it counts nowhere: its rate of exchange may be there by now. Those that are
    `fresh` were made just now."""
    fiscal = FiscalCalendar(run.company.fiscal_year_start)
    kept = credit_store.of_deals(tx, [one.deal.id for one in given if one.deal.id not in fresh])
    wins = [one for one in given if one.deal.stage == WON and one.deal.amount_minor and one.deal.closes_on]
    years = {fiscal.year_of(one.deal.closes_on) for one in wins if one.deal.closes_on}
    rates: dict[tuple[int, str], Decimal] = targets.rates_of(tx, years) if years else {}
    winning = {one.deal.id for one in wins}
    missing = booking.book_all(
        tx,
        [
            one.deal
            for one in given
            if (one.deal.id in kept or one.deal.id in winning) and not (one.deal.id in kept and one.deal.id in same)
        ],
        kept,
        plan_currency=run.company.currency,
        rates=rates,
        fiscal_start=run.company.fiscal_year_start,
        now=run.now,
        zone=run.company.zone,
    )
    for deal, _ in missing:
        year = fiscal.year_in_words(fiscal.year_of(deal.closes_on)) if deal.closes_on else ""
        tally.notes[
            f"Wins in {deal.currency} of {year} that count in no sum: {{n}}. The plan has no rate to "
            f"{run.company.currency}; with it, import the file again."
        ] += 1


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
