"""Sheets of what the figures were made from: a row a deal, a row an activity."""

from __future__ import annotations

from collections.abc import Iterator

from handlers.export.scope import Asker, Extent
from handlers.export.sheet import Cell, Column, Sheet
from handlers.figures.stages import open_stages
from handlers.numbers.money import from_minor
from storage import activities, exports
from storage.database import Transaction
from storage.deals import WHOLE, Share

DEALS = (
    Column("Deal", "text", 22),
    Column("Account", "text", 26),
    Column("Owner", "text", 20),
    Column("Stage"),
    Column("Amount", "amount"),
    Column("Currency", "text", 9),
    Column("Closes", "day", 12),
    Column("Type", "text", 11),
    Column("Product", "text", 18),
    Column("Created", "day", 12),
    Column("Shares", "text", 30),
    Column("Counts in the period", "money", 19),
    Column("Claimed", "text", 9),
    Column("Lost because", "text", 24),
    Column("Source", "text", 12),
    Column("Id there", "text", 16),
)
ACTIVITIES = (
    Column("Day", "day", 12),
    Column("Time", "text", 8),
    Column("Who", "text", 20),
    Column("Kind", "text", 12),
    Column("Number", "count", 8),
    Column("Account", "text", 26),
    Column("People", "text", 24),
    Column("Minutes", "count", 9),
    Column("Amount", "amount"),
    Column("Currency", "text", 9),
    Column("Outcome", "text", 14),
    Column("Planned", "text", 9),
    Column("Tags", "text", 14),
    Column("Note", "text", 40),
    Column("Next step", "text", 30),
    Column("Next day", "day", 12),
)


def deals_sheet(tx: Transaction, asker: Asker, extent: Extent) -> Sheet:
    """The deals of those people that close in the span or count in it, those that are overdue or undated too."""
    return Sheet("Deals", DEALS, _deals(tx, asker, extent), asker.company.currency)


def activities_sheet(tx: Transaction, asker: Asker, extent: Extent) -> Sheet:
    """What they did in the span. Notes and next steps are their author's own: nobody else gets them."""
    return Sheet("Activities", ACTIVITIES, _activities(tx, asker, extent), asker.company.currency)


def size(tx: Transaction, asker: Asker, extent: Extent, what: tuple[str, ...]) -> int:
    """About how many rows it will be, from a few quick queries."""
    first, last = extent.span.first, extent.span.last
    rows = 0
    if "figures" in what:
        rows += len(extent.people) * (1 + len(extent.span.by_month())) + 10 * len(extent.units)
    if "deals" in what:
        stages = open_stages(asker.company)
        rows += exports.number_of_deals(tx, extent.ids, first, last, today=asker.today, open_stages=stages)
    if "activities" in what:
        rows += exports.number_of_activities(tx, extent.ids, first, last)
    return rows


def _deals(tx: Transaction, asker: Asker, extent: Extent) -> Iterator[tuple[Cell, ...]]:
    names = {seller.id: seller.name for seller in extent.plan.sellers.values()}
    plan_currency = asker.company.currency
    found = exports.deals_of(
        tx,
        extent.ids,
        extent.span.first,
        extent.span.last,
        today=asker.today,
        open_stages=open_stages(asker.company),
    )
    for one in found:
        deal, currency = one.deal, one.deal.currency or plan_currency
        yield (
            deal.name,
            one.account,
            one.owner or deal.owner_text,
            "taken back" if one.taken_back else deal.stage.replace("_", " "),
            None if deal.amount_minor is None else from_minor(deal.amount_minor, currency),
            None if deal.amount_minor is None else currency,
            deal.closes_on,
            deal.type,
            deal.product,
            deal.created_on,
            _shares(one.shares, names, one.owner),
            from_minor(one.credited, plan_currency) if one.credited else None,
            "yes" if deal.claimed else "",
            deal.loss_reason,
            deal.source,
            deal.external_id,
        )


def _shares(shares: tuple[Share, ...], names: dict[str, str], owner: str | None) -> str:
    """`Dana Reyes 60 %, Sam Ito 40 %; overlay: Lee Park 100 %`."""

    def of(kind: str) -> str:
        each = [one for one in shares if one.kind == kind]
        return ", ".join(f"{names.get(one.person, 'somebody')} {one.millionths * 100 / WHOLE:g} %" for one in each)

    revenue = of("revenue") or (f"{owner} 100 %" if owner else "")
    overlay = of("overlay")
    return "; ".join(filter(None, (revenue, f"overlay: {overlay}" if overlay else "")))


def _activities(tx: Transaction, asker: Asker, extent: Extent) -> Iterator[tuple[Cell, ...]]:
    for row in activities.export(tx, extent.span.first, extent.span.last, persons=extent.ids):
        one, own = row.activity, row.activity.person == asker.actor.person
        currency = one.currency or asker.company.currency
        yield (
            one.day,
            f"{one.time:%H:%M}" if one.time else None,
            row.person_name,
            one.kind,
            one.count,
            one.account_name or one.account_text,
            "; ".join(one.contacts),
            one.minutes,
            None if one.amount_minor is None else from_minor(one.amount_minor, currency),
            None if one.amount_minor is None else currency,
            one.outcome,
            "yes" if one.planned else "",
            " ".join(one.tags),
            one.note if own else None,
            one.next_text if own else None,
            one.next_day if own else None,
        )
