"""What a win does to the team's number: B of GLOSSARY, *The sums*, and no target that would give somebody's away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from handlers.conversation.company import Company
from handlers.figures import credited, sight
from handlers.figures.plan import Plan, load
from handlers.numbers.credit import MissingRateError, Rates
from handlers.numbers.money import from_minor
from handlers.numbers.periods import FiscalCalendar, Length
from handlers.numbers.spans import Span
from handlers.numbers.targets import over
from storage import credits, people, targets, units
from storage.database import Transaction
from storage.deals import Deal
from storage.units import Unit


@dataclass(frozen=True)
class Team:
    """The unit in which a deal's owner was on the day that it was won, in the company's period of that day."""

    tx: Transaction
    company: Company
    unit: Unit
    above: tuple[Unit, ...]
    """From the narrowest to the company."""
    span: Span

    @cached_property
    def plan(self) -> Plan:
        """Of those who were ever in it."""
        inside = units.below(units.everything(self.tx), self.unit.id)
        persons = {one.person for one in units.memberships_of(self.tx) if one.unit in {self.unit.id, *inside}}
        return load(self.tx, self.company, self.span, persons=persons)

    @cached_property
    def won(self) -> int:
        """In minor units of the plan's currency."""
        return credited.in_unit(self.tx, self.company, self.plan, self.unit.id, self.span)

    @cached_property
    def target(self) -> int | None:
        """None where there is none, or where it would give one person's away."""
        if not sight.gives_nobody_away(self.plan, self.unit.id, self.span):
            return None
        return over(self.plan.unit_months(self.unit.id), self.span, self.plan.calendar)

    @property
    def period(self) -> str:
        """`Q4 2026`."""
        return period_of(self.company, self.span)


def span_of(company: Company, day: date) -> Span:
    """The company's period that holds that day."""
    return FiscalCalendar(company.fiscal_year_start).holding(Length(company.quota_period), day)


def period_of(company: Company, span: Span) -> str:
    """`Q4 2026`, without its dates."""
    return FiscalCalendar(company.fiscal_year_start).words(span).partition(" (")[0]


def team_of(tx: Transaction, company: Company, deal: Deal) -> Team | None:
    """None where the owner was in no unit on that day, or there is no owner or no day."""
    if deal.owner is None or deal.closes_on is None:
        return None
    day = deal.closes_on
    held = [one for one in units.memberships_of(tx, persons=[deal.owner]) if _holds(one, day)]
    if not held:
        return None
    tree = {unit.id: unit for unit in units.everything(tx)}
    # Where somebody sells before where they lead, and the narrowest before the wider.
    order = sorted(held, key=lambda one: (one.leads, -units.KINDS.index(tree[one.unit].kind)))
    unit = tree[order[0].unit]
    above, at = [], unit.parent
    while at is not None and at in tree and tree[at] not in above:
        above.append(tree[at])
        at = tree[at].parent
    return Team(tx, company, unit, tuple(above), span_of(company, day))


def _holds(one: units.Membership, day: date) -> bool:
    return one.since <= day and (one.until is None or one.until > day)


def leader_of(tx: Transaction, team: Team | None, day: date, owner: str | None) -> str:
    """The name of who leads the widest unit above the team, the team itself last; empty where nobody does."""
    if team is None:
        return ""
    led = {one.unit: one.person for one in units.memberships_of(tx) if one.leads and _holds(one, day)}
    for unit in (*reversed(team.above), team.unit):
        person = people.person(tx, led[unit.id]) if unit.id in led else None
        if person is not None and person.id != owner:
            return person.name
    return ""


def credit_of(tx: Transaction, deal: str, person: str | None = None) -> int:
    """What the deal brings to the revenue sums, of one person or of all; minor units of the plan's currency."""
    kept = (one.credit for one in credits.of_deal(tx, deal))
    return sum(one.amount_minor for one in kept if one.kind == "revenue" and person in (None, one.person))


def in_plan(tx: Transaction, company: Company, deal: Deal) -> int | None:
    """The amount in minor units of the plan's currency; None where there is none, or no rate."""
    if deal.amount_minor is None:
        return None
    day = deal.closes_on or deal.created_on
    year = FiscalCalendar(company.fiscal_year_start).year_of(day)
    rates = {currency: rate for (_, currency), rate in targets.rates_of(tx, [year]).items()}
    try:
        return Rates(company.currency, {year: rates}).converted(
            deal.amount_minor, deal.currency or company.currency, year
        )
    except MissingRateError:
        return None


def whole_units(minor: int, company: Company) -> float:
    """As the settings say limits."""
    return float(from_minor(minor, company.currency))
