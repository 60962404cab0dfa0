"""Sheets of figures: one row a unit or person, and one row a person and month. The sums are those of `/quota`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction

from handlers.conversation.wording import plural
from handlers.export import measures
from handlers.export.scope import Asker, Extent
from handlers.export.sheet import Cell, Column, Sheet
from handlers.figures import pipeline
from handlers.figures.boards import HIDDEN
from handlers.figures.plan import Seller
from handlers.figures.standing import figures, limits_of
from handlers.numbers.money import from_minor
from handlers.numbers.pipeline import OpenDeal, weighted
from handlers.numbers.ranking import by_amount, ranked
from handlers.numbers.spans import Span
from handlers.numbers.status import Limits, Status, status
from storage import credits, kudos
from storage.database import Transaction

_SUMS = (
    Column("Target", "money"),
    Column("Won", "money"),
    Column("Attainment", "share", 11),
    Column("Expected by now", "money", 16),
    Column("Pace", "share", 9),
    Column("Status", "text", 18),
    Column("Gap", "money"),
    Column("Above the target", "money", 16),
    Column("Projected", "money"),
    Column("Weighted forecast", "money", 17),
)
WHO = (Column("Name", "text", 24), Column("Unit", "text", 20))
FIGURES = (Column("Kind", "text", 10), *WHO, *_SUMS, Column("Claimed besides", "money", 16))
MONTHS = (*WHO, Column("Month", "day", 12), *_SUMS)
BOARD = (Column("Rank", "count", 7), *WHO)
OPEN_BOARD = (*BOARD, Column("Won", "money"), Column("Target", "money"), Column("Attainment", "share", 11))


def sheets(tx: Transaction, asker: Asker, extent: Extent) -> Iterator[Sheet]:
    """Figures on bookings, the same by month, and what else is counted."""
    each = _Each(tx, asker, extent)
    currency = asker.company.currency
    yield Sheet("Figures", FIGURES, [*_units(tx, asker, extent), *each.over_all()], currency)
    yield Sheet("By month", MONTHS, each.by_month(), currency)
    others = measures.sheet(tx, asker, extent)
    if others is not None:
        yield others


def board(tx: Transaction, asker: Asker, extent: Extent) -> Sheet:
    """Ranks by attainment, or by amount where nobody's targets differ. Peers see ranks alone (GLOSSARY: *Peers*), and
    who does not want to be on boards is on no one else's, as in `/leaderboard`."""
    plan, span, currency = extent.plan, extent.span, asker.company.currency
    sellers = plan.sellers_in(extent.top.unit or "", span) if extent.top else []
    amounts = credits.by_person(tx, span.first, span.last, persons=[one.id for one in sellers])
    limits = limits_of(asker.company)
    each = [(one, _status(asker, extent, one, span, amounts.get(one.id, 0), limits)) for one in sellers]
    each = [(one, found) for one, found in each if found.target is not None or found.credited]
    off = kudos.off_boards(tx, {one.id for one, _ in each} - {asker.actor.person})
    each = [(one, found) for one, found in each if one.id not in off]
    amount = by_amount([found.target for _, found in each])
    values = [(at, found.credited if amount else found.attainment) for at, (_, found) in enumerate(each)]
    rows: list[tuple[Cell, ...]] = []
    for rank in ranked(values):
        seller, found = each[rank.key]
        row: tuple[Cell, ...] = (rank.rank, seller.name, _unit_of(extent, seller, asker.today))
        if extent.sees_all:
            row = (*row, _money(found.credited, currency), _money(found.target, currency), found.attainment)
        rows.append(row)
    note = HIDDEN.format(count=plural(len(off), "person is", "people are")) if off and extent.sees_all else ""
    return Sheet("Leaderboard", OPEN_BOARD if extent.sees_all else BOARD, rows, currency, note)


def _units(tx: Transaction, asker: Asker, extent: Extent) -> Iterator[tuple[Cell, ...]]:
    """Of a unit its members count at their time, so it need not be the sum of the people below."""
    for unit in extent.units:
        assert unit.unit is not None
        found = figures(tx, asker.company, extent.plan, unit, extent.span, asker.company_day)
        known = extent.plan.units[unit.unit]
        parent = extent.plan.units[known.parent].name if known.parent else ""
        sums = _sums(found.status, found.forecast.total, asker.company.currency)
        yield (known.kind, unit.name, parent, *sums, _money(found.claimed, asker.company.currency))


class _Each:
    """Everybody's figures from a few queries."""

    def __init__(self, tx: Transaction, asker: Asker, extent: Extent) -> None:
        self._tx, self._asker, self._extent = tx, asker, extent
        self._ids = [seller.id for seller in extent.people]
        open_now = pipeline.load(tx, asker.company, extent.plan, self._ids, extent.span, asker.today)
        self._claimed, self._open = open_now.claimed, open_now.each()
        self._limits = limits_of(asker.company)
        self._whole = self._credited(extent.span)

    def over_all(self) -> Iterator[tuple[Cell, ...]]:
        for seller in self._carrying():
            sums = self._row(seller, self._extent.span, self._whole)
            claimed = _money(self._claimed.get(seller.id, 0), self._asker.company.currency)
            yield ("person", *self._who(seller), *sums, claimed)

    def by_month(self) -> Iterator[tuple[Cell, ...]]:
        credited = [(month, self._credited(month)) for month, _ in self._extent.span.by_month()]
        for seller in self._carrying():
            for month, amounts in credited:
                yield (*self._who(seller), month.first, *self._row(seller, month, amounts))

    def _carrying(self) -> Iterator[Seller]:
        """Who carries a target, or has something won, claimed or open; everybody else has no figures."""
        for one in self._extent.people:
            found = self._extent.plan.person_months(one.id) or self._whole.get(one.id)
            if found or one.id in self._claimed or one.id in self._open:
                yield one

    def _who(self, seller: Seller) -> tuple[Cell, Cell]:
        return seller.name, _unit_of(self._extent, seller, self._asker.today)

    def _credited(self, span: Span) -> dict[str, int]:
        return credits.by_person(self._tx, span.first, span.last, persons=self._ids)

    def _row(self, seller: Seller, span: Span, amounts: dict[str, int]) -> tuple[Cell, ...]:
        credited = amounts.get(seller.id, 0)
        found = _status(self._asker, self._extent, seller, span, credited, self._limits)
        deals: list[OpenDeal] = self._open.get(seller.id, [])
        forecast = weighted(credited, deals, span, self._asker.today).total
        return _sums(found, forecast, self._asker.company.currency)


def _status(asker: Asker, extent: Extent, seller: Seller, span: Span, credited: int, limits: Limits) -> Status:
    months, carrier = extent.plan.person_months(seller.id), seller.carrier(ramped=False)
    return status(credited, months, span, asker.today, seller.calendar, seller.leave, limits, carrier)


def _unit_of(extent: Extent, seller: Seller, day: date) -> str:
    unit = extent.plan.unit_of(seller.id, day)
    return unit.name if unit else ""


def _sums(found: Status, forecast: int | Fraction, currency: str) -> tuple[Cell, ...]:
    unknown = found.no_attainment or found.no_pace
    return (
        _money(found.target, currency),
        _money(found.credited, currency),
        found.attainment,
        _money(found.expected, currency),
        found.pace,
        found.standing.value if found.standing else unknown.value if unknown else "",
        _money(found.gap, currency),
        _money(found.surplus, currency),
        # Of a span that is over nothing is projected, and nothing open any more.
        None if found.ended else _money(found.projected, currency),
        None if found.ended else _money(round(forecast), currency),
    )


def _money(minor: int | None, currency: str) -> Decimal | None:
    return None if minor is None else from_minor(minor, currency)
