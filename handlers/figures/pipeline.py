"""The open pipeline and the claimed wins of everybody who is asked about, read once and converted once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import lru_cache

import msgspec
import structlog

from handlers.conversation.company import Company
from handlers.figures import rates
from handlers.figures.plan import Plan
from handlers.figures.stages import open_stages, probability
from handlers.numbers.credit import MissingRateError
from handlers.numbers.pipeline import OpenDeal
from handlers.numbers.spans import Span
from storage import credits
from storage.database import Transaction
from storage.deals import WHOLE
from storage.pipeline import open_until

log = structlog.get_logger(__name__)


class _Held(msgspec.Struct, frozen=True):
    deal: OpenDeal
    stage: str
    by: dict[str, int]


@dataclass(frozen=True)
class Pipeline:
    """What is open of some people's, and what they claim to have won. All amounts in the plan's currency."""

    deals: tuple[_Held, ...]
    claimed: dict[str, int] = field(default_factory=dict)
    """By person, in minor units."""

    def of(self, persons: Collection[str]) -> list[OpenDeal]:
        """Each deal in which they have a share once, with their part of it."""
        return [deal for deal, _ in self.by_stage(persons)]

    def by_stage(self, persons: Collection[str]) -> list[tuple[OpenDeal, str]]:
        """The same, each with its stage."""
        there = persons if isinstance(persons, (set, frozenset)) else set(persons)
        found = []
        if len(there) == 1:
            (person,) = there
            return [(_part(one.deal, one.by[person]), one.stage) for one in self.deals if person in one.by]
        for one in self.deals:
            held = sum(part for person, part in one.by.items() if person in there)
            if held:
                found.append((_part(one.deal, held), one.stage))
        return found

    def each(self) -> dict[str, list[OpenDeal]]:
        """By person, what they have a share in."""
        found: dict[str, list[OpenDeal]] = {}
        for one in self.deals:
            for person, held in one.by.items():
                found.setdefault(person, []).append(_part(one.deal, held))
        return found


NOTHING = Pipeline(())


def _part(deal: OpenDeal, held: int) -> OpenDeal:
    if held == WHOLE:
        return deal
    return OpenDeal(deal.name, deal.amount, deal.closes, deal.probability, _share(held), deal.call, deal.no_rate)


@lru_cache(maxsize=1024)
def _share(millionths: int) -> Fraction:
    return Fraction(millionths, WHOLE)


def load(tx: Transaction, company: Company, plan: Plan, persons: Collection[str], span: Span, today: date) -> Pipeline:
    """What may matter to figures of the span: open deals that close until its end or on no day known."""
    rows = open_until(tx, span.last, stages=open_stages(company), persons=persons)
    foreign = {
        plan.fiscal.year_of(row.closes_on or today) for row in rows if row.currency not in (None, company.currency)
    }
    money = rates.load(tx, company, foreign) if foreign else None
    likely = {stage: probability(company, stage) for stage in open_stages(company)}
    found, own = [], (None, company.currency)
    for row in rows:
        amount, missing = row.amount_minor, ""
        if money is not None and amount is not None and row.currency not in own:
            assert row.currency is not None
            try:
                amount = money.converted(amount, row.currency, plan.fiscal.year_of(row.closes_on or today))
            except MissingRateError:
                amount, missing = None, row.currency
        deal = OpenDeal(row.account or row.name, amount, row.closes_on, likely[row.stage], no_rate=missing)
        found.append(_Held(deal, row.stage, row.held))
    return Pipeline(tuple(found), _claimed(tx, company, plan, persons, span))


def _claimed(tx: Transaction, company: Company, plan: Plan, persons: Collection[str], span: Span) -> dict[str, int]:
    rows = credits.claimed(tx, span.first, span.last, owners=persons)
    if not rows:
        return {}
    year = plan.fiscal.year_of(span.last)
    money = rates.load(tx, company, {year})
    total: dict[str, int] = {}
    for owner, amount, currency in rows:
        try:
            total[owner] = total.get(owner, 0) + money.converted(amount, currency or company.currency, year)
        except MissingRateError:
            log.info("claimed_without_rate", currency=currency, year=year)
    return total
