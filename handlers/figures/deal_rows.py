"""The deals of a person or a unit as their parts of them, in the plan's currency: what a list of deals is made from."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from fractions import Fraction

from handlers.conversation.company import Company
from handlers.conversation.wording import Days, plural
from handlers.figures import rates
from handlers.figures.plan import Plan
from handlers.figures.stages import LOST, WON, open_stages
from handlers.figures.standing import Subject
from handlers.numbers.credit import MissingRateError
from handlers.numbers.shares import half_up
from handlers.numbers.spans import Span
from storage import activities, credits, deals
from storage.database import Transaction
from storage.deals import Named


@dataclass(frozen=True, slots=True)
class Row:
    """A deal with the part of it that is theirs: `amount` in minor units of the plan's currency, exact; None where the
    deal has none, or where the plan has no rate for `no_rate`."""

    named: Named
    amount: Fraction | None
    share: Fraction = Fraction(1)
    no_rate: str = ""
    why: tuple[str, ...] = ()
    """Of a stuck deal: what makes it one."""


@dataclass(frozen=True, slots=True)
class Circle:
    """Whose deals are looked at: a person, or who was in a unit in a span."""

    tx: Transaction
    company: Company
    plan: Plan
    subject: Subject
    persons: frozenset[str]
    today: date

    @classmethod
    def of(cls, tx: Transaction, company: Company, plan: Plan, subject: Subject, span: Span, today: date) -> Circle:
        """As a forecast of that span counts them."""
        persons = {subject.person} if subject.person else {one.id for one in plan.sellers_in(subject.unit or "", span)}
        return cls(tx, company, plan, subject, frozenset(one for one in persons if one), today)

    def holding(self, day: date) -> set[str]:
        """Those of them whose win on that day is the subject's (GLOSSARY: a unit's credit)."""
        unit = self.subject.unit
        return {one for one in self.persons if unit is None or self.plan.was_in(one, unit, day)}


def total(rows: Iterable[Row]) -> int:
    """Their parts together, rounded once."""
    return half_up(sum((row.amount or Fraction(0) for row in rows), Fraction(0)))


def open_rows(circle: Circle, *, first: date | None = None, last: date | None = None) -> list[Row]:
    """Open deals, each once; of those with a close date the ones between two days, where they are given."""
    found = deals.shared_by(circle.tx, circle.persons, stages=open_stages(circle.company), first=first, last=last)
    return _parts(circle, found)


def lost_rows(circle: Circle, span: Span) -> list[Row]:
    """Deals lost in the span, of whoever was there on the day."""
    found = deals.shared_by(circle.tx, circle.persons, stages=(LOST,), first=span.first, last=span.last)
    return _parts(circle, found, dated=True)


def claimed_rows(circle: Circle, span: Span) -> list[Row]:
    """Wins by word alone, in no sum until confirmed."""
    found = deals.shared_by(circle.tx, circle.persons, stages=(WON,), first=span.first, last=span.last)
    return _parts(circle, [one for one in found if one.deal.claimed and one.deal.owner in circle.persons])


def won_rows(circle: Circle, span: Span) -> list[Row]:
    """What counts in the span, deal by deal, so that it adds up to what is credited; wins that count for nothing too.

    What was taken back in a closed period is a row of its own, negative, on the deal that it was of.
    """
    tx = circle.tx
    counted: dict[str, int] = {}
    back: dict[str, int] = {}
    for deal, person, won_on, amount in credits.by_deal(tx, span.first, span.last, persons=circle.persons):
        if person in circle.holding(won_on):
            kept = counted if amount >= 0 else back
            kept[deal] = kept.get(deal, 0) + amount
    won = deals.shared_by(tx, circle.persons, stages=(WON,), first=span.first, last=span.last)
    rows = []
    for row in _parts(circle, [one for one in won if not one.deal.claimed], dated=True):
        credit = counted.pop(row.named.deal.id, None)
        rows.append(replace(row, amount=None if credit is None else Fraction(credit)))
    left = deals.several(tx, {*counted, *back})
    rows += [Row(named, Fraction(counted[one])) for one, named in left.items() if one in counted]
    rows += [Row(named, Fraction(back[one])) for one, named in left.items() if one in back]
    return rows


def stuck(circle: Circle, rows: Sequence[Row], now: datetime, days: Days) -> list[Row]:
    """Those of open deals that are stuck, each with what makes it so.

    Its close date has passed; or it is in its stage for more than `stuck_days`; or for more than `quiet_days` nothing
    in it was changed or found to be right still, and its owner did nothing with its account.
    """
    company = circle.company
    since = deals.touched(circle.tx, [row.named.deal.id for row in rows])
    owners = {row.named.deal.owner for row in rows if row.named.deal.owner}
    places = {row.named.deal.account for row in rows if row.named.deal.account}
    active = activities.last_days(circle.tx, owners, places)
    found = []
    for row in rows:
        deal = row.named.deal
        stage_since, changed_at = since[deal.id]
        in_stage = (now - stage_since) // timedelta(days=1)
        seen = circle.today - timedelta(days=(now - changed_at) // timedelta(days=1))
        quiet = (circle.today - max(seen, active.get((deal.owner or "", deal.account or ""), seen))).days
        overdue = deal.closes_on is not None and deal.closes_on < circle.today
        if overdue or in_stage > company.stuck_days or quiet > company.quiet_days:
            stage = deal.stage.replace("_", " ")
            # Few days in a stage are no reason beside a day that is over: they would read like a contradiction.
            why = [f"{plural(in_stage, 'day')} in {stage}"] if in_stage > company.stuck_days or not overdue else []
            why += [f"overdue since {days.short(deal.closes_on)}"] if deal.closes_on and overdue else []
            why += [f"quiet for {plural(quiet, 'day')}"] if quiet > company.quiet_days else []
            found.append(replace(row, why=tuple(why)))
    return found


def _parts(circle: Circle, found: Sequence[Named], *, dated: bool = False) -> list[Row]:
    """Each deal with their part; without those of which they hold none. `dated`: who was there on the closing day."""
    shares = deals.shares_of(circle.tx, [named.deal.id for named in found])
    fiscal = circle.plan.fiscal
    money = rates.load(
        circle.tx, circle.company, {fiscal.year_of(named.deal.closes_on or circle.today) for named in found}
    )
    rows = []
    for named in found:
        deal = named.deal
        day = deal.closes_on or circle.today
        part = _part(deal, shares.get(deal.id, ()), circle.holding(day) if dated else circle.persons)
        if not part:
            continue
        currency, amount, missing = deal.currency or circle.company.currency, None, ""
        if deal.amount_minor is not None:
            try:
                amount = part * money.converted(deal.amount_minor, currency, fiscal.year_of(day))
            except MissingRateError:
                missing = currency
        rows.append(Row(named, amount, part, missing))
    return rows


def _part(deal: deals.Deal, shares: Iterable[deals.Share], persons: Collection[str]) -> Fraction:
    """Where a deal says whose its revenue is, that counts, and its owner's name alone does not."""
    revenue = [one for one in shares if one.kind == "revenue"]
    if not revenue:
        return Fraction(int(deal.owner in persons))
    return Fraction(sum(one.millionths for one in revenue if one.person in persons), deals.WHOLE)
