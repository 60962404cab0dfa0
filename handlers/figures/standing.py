"""Where a person or a unit stands in a span: the sums of handlers/numbers over what the rows hold."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

import structlog

from handlers.conversation.company import Company
from handlers.figures import rates
from handlers.figures.plan import Plan
from handlers.figures.stages import open_stages, probability
from handlers.numbers.credit import MissingRateError
from handlers.numbers.pipeline import Coverage, OpenDeal, Weighted, coverage, weighted
from handlers.numbers.ramp import ALWAYS
from handlers.numbers.spans import Span
from handlers.numbers.status import Limits, Status, status
from handlers.numbers.working_days import WorkCalendar
from storage import credits, deals
from storage.database import Transaction

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Subject:
    """A person or a unit (exactly one of them) whose numbers are asked for."""

    name: str
    person: str | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that one answer is made from. `claimed` is apart from every sum, in minor units of the plan's
    currency; `as_of` is when any deal was last changed, None where there is none."""

    subject: Subject
    span: Span
    status: Status
    forecast: Weighted
    coverage: Coverage
    claimed: int
    as_of: datetime | None


def figures(
    tx: Transaction,
    company: Company,
    plan: Plan,
    subject: Subject,
    span: Span,
    today: date,
    limits: Limits | None = None,
) -> Figures:
    """The figures of a person or unit. `today` is the person's own, for a unit the company's; `limits` of the status
    are the company's where none are given."""
    persons = _persons(plan, subject, span)
    credited = _credited(tx, plan, subject, span, persons)
    months = plan.person_months(subject.person) if subject.person else plan.unit_months(subject.unit or "")
    calendar, leave = _days(plan, subject)
    seller = plan.sellers.get(subject.person) if subject.person else None
    carrier = seller.carrier(ramped=False) if seller else ALWAYS
    standing = status(credited, months, span, today, calendar, leave, limits or limits_of(company), carrier)
    pipeline = open_deals(tx, company, plan, persons, today)
    return Figures(
        subject=subject,
        span=span,
        status=standing,
        forecast=weighted(credited, pipeline, span, today),
        coverage=coverage(standing.gap, pipeline, span, today),
        claimed=_claimed(tx, company, plan, persons, span),
        as_of=deals.fresh_as_of(tx),
    )


def limits_of(company: Company) -> Limits:
    """From which pace on each status holds, as the company set it."""
    ahead, on_pace, behind = (
        Fraction(one, 100)
        for one in (company.status_limits.ahead, company.status_limits.on_pace, company.status_limits.behind)
    )
    return Limits(ahead, on_pace, behind)


def open_deals(tx: Transaction, company: Company, plan: Plan, persons: Collection[str], today: date) -> list[OpenDeal]:
    """The open deals that these people have a share in, each once, converted at the rate of the year it closes in.

    Where a deal says whose its revenue is, that counts, and its owner's name alone does not.
    """
    rows = deals.shared_by(tx, persons, stages=open_stages(company))
    shares = deals.shares_of(tx, [row.deal.id for row in rows])
    money = rates.load(tx, company, {plan.fiscal.year_of(row.deal.closes_on or today) for row in rows})
    found = []
    for row in rows:
        deal = row.deal
        revenue = [one for one in shares.get(deal.id, ()) if one.kind == "revenue"]
        held = sum(one.millionths for one in revenue if one.person in persons)
        if revenue and not held:
            continue
        currency = deal.currency or company.currency
        amount, missing = deal.amount_minor, ""
        if amount is not None:
            try:
                amount = money.converted(amount, currency, plan.fiscal.year_of(deal.closes_on or today))
            except MissingRateError:
                amount, missing = None, currency
        found.append(
            OpenDeal(
                name=row.account or deal.name,
                amount=amount,
                closes=deal.closes_on,
                probability=probability(company, deal.stage),
                share=Fraction(held, deals.WHOLE) if revenue else Fraction(1),
                no_rate=missing,
            )
        )
    return found


def _persons(plan: Plan, subject: Subject, span: Span) -> set[str]:
    if subject.person:
        return {subject.person}
    return {seller.id for seller in plan.sellers_in(subject.unit or "", span)}


def _credited(tx: Transaction, plan: Plan, subject: Subject, span: Span, persons: Collection[str]) -> int:
    if subject.person:
        return credits.by_person(tx, span.first, span.last, persons=persons).get(subject.person, 0)
    unit = subject.unit or ""
    by_win_date = credits.by_win_date(tx, span.first, span.last, persons=persons)
    return sum(amount for person, day, amount in by_win_date if plan.was_in(person, unit, day))


def _days(plan: Plan, subject: Subject) -> tuple[WorkCalendar, tuple[Span, ...]]:
    seller = plan.sellers.get(subject.person) if subject.person else None
    return (plan.calendar, ()) if seller is None else (seller.calendar, seller.leave)


def _claimed(tx: Transaction, company: Company, plan: Plan, persons: Collection[str], span: Span) -> int:
    year = plan.fiscal.year_of(span.last)
    money = rates.load(tx, company, {year})
    total = 0
    for _, amount, currency in credits.claimed(tx, span.first, span.last, owners=persons):
        try:
            total += money.converted(amount, currency or company.currency, year)
        except MissingRateError:
            log.info("claimed_without_rate", currency=currency, year=year)
    return total
