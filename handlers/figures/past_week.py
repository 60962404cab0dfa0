"""What happened to a team's deals in the week that is over: won, lost, moved to a later day; the largest first."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final, Literal

from handlers.conversation.company import Company
from handlers.conversation.wording import Days
from handlers.figures import rates
from handlers.figures.deal_words import money, title
from handlers.figures.plan import Plan
from handlers.figures.stages import LOST, WON, open_stages
from handlers.numbers.credit import MissingRateError
from handlers.numbers.periods import instants
from handlers.numbers.shares import half_up
from handlers.numbers.spans import Span
from storage import deals
from storage.database import Transaction
from storage.deals import Named

Kind = Literal["won", "lost", "slipped", "claimed"]
NAMED: Final = 3
"""Deals that one sentence names."""


@dataclass(frozen=True, slots=True)
class Event:
    """A deal that was won, lost or moved; `amount` in minor units of the plan's currency, None where none is known.

    `was` is the close date that a moved one had before."""

    kind: Kind
    named: Named
    amount: int | None
    was: date | None = None
    why: str = ""

    def line(self, days: Days) -> str:
        """`Globex, $80,000 (Rae Quinn)`; of a moved one the days too."""
        owner = f" ({self.named.owner})" if self.named.owner else ""
        sum_ = f", {money(self.named.deal)}" if money(self.named.deal) else ""
        moved = ""
        closes = self.named.deal.closes_on
        if self.was is not None and closes is not None:
            moved = f", from {days.short(self.was)} to {days.short(closes)}"
        why = f", {self.why}" if self.why else ""
        return f"{title(self.named)}{sum_}{owner}{moved}{why}"


def load(tx: Transaction, company: Company, plan: Plan, persons: Collection[str], week: Span) -> list[Event]:
    """Of deals that these people own, the largest first."""
    there = set(persons)
    ended = [one for one in deals.closing(tx, week.first, week.last, stages=(WON, LOST)) if one.deal.owner in there]
    since, until = instants(week, company.zone)
    moves = deals.slipped(tx, since, until)
    moved = [
        one
        for one in deals.several(tx, moves).values()
        if one.deal.owner in there and one.deal.stage in open_stages(company)
    ]
    years = {plan.fiscal.year_of(one.deal.closes_on or week.last) for one in (*ended, *moved)}
    converted = rates.load(tx, company, years)

    def amount(named: Named) -> int | None:
        deal = named.deal
        if deal.amount_minor is None:
            return None
        year = plan.fiscal.year_of(deal.closes_on or week.last)
        try:
            return half_up(Fraction(converted.converted(deal.amount_minor, deal.currency or company.currency, year)))
        except MissingRateError:
            return None

    events = [Event(_kind(one), one, amount(one), why=one.deal.loss_reason or "") for one in ended]
    events += [Event("slipped", one, amount(one), *moves[one.deal.id]) for one in moved]
    return sorted(events, key=lambda event: (-(event.amount or 0), event.named.deal.id))


def lines(events: list[Event], days: Days, named: int = NAMED) -> list[str]:
    """`Globex, $80,000 (Rae Quinn)` for each of the first, and how many more there are."""
    more = [f"and {len(events) - named:,} more"] if len(events) > named else []
    return [*(event.line(days) for event in events[:named]), *more]


def _kind(named: Named) -> Kind:
    if named.deal.stage == LOST:
        return "lost"
    return "claimed" if named.deal.claimed else "won"
