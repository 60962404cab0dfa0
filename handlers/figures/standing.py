"""Where people and units stand in a span: the sums of handlers/numbers over what the rows hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

import msgspec

from handlers.conversation.company import Company
from handlers.figures import credited, pipeline
from handlers.figures.plan import Plan
from handlers.numbers.pipeline import Closing, Coverage, OpenDeal, Weighted, closing, coverage_of, weighted_of
from handlers.numbers.ramp import ALWAYS
from handlers.numbers.ranking import in_order
from handlers.numbers.spans import Span
from handlers.numbers.status import Limits, Status, status
from handlers.numbers.targets import over
from storage import deals, ledger
from storage.database import Transaction

BOOKINGS = "bookings"


class Subject(msgspec.Struct, frozen=True):
    """A person or a unit (exactly one of them) whose numbers are asked for."""

    name: str
    person: str | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that one answer is made from, in minor units of the plan's currency, or in counts (`measure`).

    `claimed` is apart from every sum. `as_of` is when the data last changed: any deal, or the ledger by import; None
    where there is none, and for what is counted as it is logged. Forecast and `closes` are those of bookings; of other
    measures nothing is open. `whole` is the whole period, with its target, where the span is its part up to today.
    `nobodys` is what stands in the ledger under nobody's name, and `no_rate` currencies that could not be converted.
    """

    subject: Subject
    span: Span
    status: Status
    forecast: Weighted
    closes: Closing
    claimed: int
    as_of: datetime | None
    measure: str = BOOKINGS
    whole: Span | None = None
    whole_target: int | None = None
    nobodys: int = 0
    no_rate: tuple[str, ...] = ()

    @property
    def coverage(self) -> Coverage:
        """How often what closes fills the gap."""
        return coverage_of(self.status.gap, self.closes)


def figures(
    tx: Transaction,
    company: Company,
    plan: Plan,
    subject: Subject,
    span: Span,
    today: date,
    limits: Limits | None = None,
    whole: Span | None = None,
) -> Figures:
    """The figures of a person or unit on the plan's measure. `today` is the person's own, for a unit the company's;
    `limits` of the status are the company's where none are given; `whole` is the period that the span is a part of."""
    persons = _persons(plan, subject, span)
    no_rate: tuple[str, ...] = ()
    if subject.unit:
        amount = credited.in_unit(tx, company, plan, subject.unit, span)
    else:
        amount = credited.by_person(tx, company, plan, span, persons).get(subject.person or "", 0)
    if plan.measure == "pipeline_created":
        no_rate = credited.counted(tx, company, plan, span, persons).no_rate
    nobodys = 0
    if plan.measure in credited.LEDGER and subject.unit and plan.units[subject.unit].parent is None:
        nobodys = ledger.nobodys(tx, span.first, span.last, kinds=credited.LEDGER[plan.measure])
    open_now = pipeline.NOTHING
    if plan.measure == BOOKINGS:
        open_now = pipeline.load(tx, company, plan, persons, span, today)
    return _figures(
        plan,
        subject,
        span,
        today,
        limits or limits_of(company),
        amount,
        open_now.of(persons),
        sum(open_now.claimed.values()),
        fresh_as_of(tx, plan.measure),
        whole,
        nobodys,
        no_rate,
    )


def each(
    tx: Transaction, company: Company, plan: Plan, unit: str, span: Span, today: date, whole: Span | None = None
) -> list[Figures]:
    """The figures of everybody in a unit who carries a target or for whom something counts, by name; a few queries for
    all of them."""
    sellers = plan.sellers_in(unit, span)
    persons = {one.id for one in sellers}
    amounts = credited.by_person(tx, company, plan, span, persons)
    open_now = pipeline.NOTHING
    if plan.measure == BOOKINGS:
        open_now = pipeline.load(tx, company, plan, persons, span, today)
    theirs, limits, as_of = open_now.each(), limits_of(company), fresh_as_of(tx, plan.measure)
    found = [
        _figures(
            plan,
            Subject(one.name, person=one.id),
            span,
            today,
            limits,
            amounts.get(one.id, 0),
            theirs.get(one.id, []),
            open_now.claimed.get(one.id, 0),
            as_of,
            whole,
        )
        for one in sellers
        if one.id in amounts or plan.person_months(one.id)
    ]
    return [one for one in found if one.status.target is not None or one.status.credited]


class Line(msgspec.Struct, frozen=True):
    """One of a board: what counts and the target of the span, None where there is none."""

    subject: Subject
    credited: int
    target: int | None

    @property
    def attainment(self) -> Fraction | None:
        """None without a target above 0."""
        return Fraction(self.credited, self.target) if self.target is not None and self.target > 0 else None

    @property
    def order(self) -> int | None:
        """In the order of the attainment, equal where that is equal, and quicker to compare: `ranking.in_order`."""
        return in_order(self.credited, self.target) if self.target is not None and self.target > 0 else None


def board(tx: Transaction, company: Company, plan: Plan, unit: str, span: Span) -> list[Line]:
    """What everybody in a unit has and carries, by name: as `each`, and no more than a ranking needs."""
    sellers = plan.sellers_in(unit, span)
    amounts = credited.by_person(tx, company, plan, span, {one.id for one in sellers})
    targets = plan.person_targets(sellers, span)
    return [
        Line(Subject(one.name, one.id), amounts.get(one.id, 0), target)
        for one, target in zip(sellers, targets, strict=True)
        if target is not None or amounts.get(one.id)
    ]


def board_of_units(tx: Transaction, company: Company, plan: Plan, unit: str, span: Span) -> list[Line]:
    """The same of the units right below one."""
    found = []
    for child in plan.children(unit):
        amount = credited.in_unit(tx, company, plan, child.id, span)
        target = over(plan.unit_months(child.id), span, plan.calendar)
        if target is not None or amount:
            found.append(Line(Subject(child.name, unit=child.id), amount, target))
    return found


def fresh_as_of(tx: Transaction, measure: str) -> datetime | None:
    """When the data of that measure last changed, None where there is none; activities are counted as logged."""
    if measure in credited.LEDGER:
        return ledger.imported_at(tx, kinds=credited.LEDGER[measure])
    return deals.fresh_as_of(tx) if measure in credited.CREDITS or measure == "pipeline_created" else None


def limits_of(company: Company) -> Limits:
    """From which pace on each status holds, as the company set it."""
    ahead, on_pace, behind = (
        Fraction(one, 100)
        for one in (company.status_limits.ahead, company.status_limits.on_pace, company.status_limits.behind)
    )
    return Limits(ahead, on_pace, behind)


def _figures(
    plan: Plan,
    subject: Subject,
    span: Span,
    today: date,
    limits: Limits,
    amount: int,
    open_now: list[OpenDeal],
    claimed: int,
    as_of: datetime | None,
    whole: Span | None,
    nobodys: int = 0,
    no_rate: tuple[str, ...] = (),
) -> Figures:
    seller = plan.sellers.get(subject.person) if subject.person else None
    months = plan.person_months(subject.person) if subject.person else plan.unit_months(subject.unit or "")
    calendar, leave = (plan.calendar, ()) if seller is None else (seller.calendar, seller.leave)
    carrier = plan.carrier(seller) if seller else ALWAYS
    standing = status(amount, months, span, today, calendar, leave, limits, carrier)
    closes = closing(open_now, span, today)
    return Figures(
        subject=subject,
        span=span,
        status=standing,
        forecast=weighted_of(amount, closes),
        closes=closes,
        claimed=claimed,
        as_of=as_of,
        measure=plan.measure,
        whole=whole,
        whole_target=over(months, whole, calendar, carrier) if whole else None,
        nobodys=nobodys,
        no_rate=no_rate,
    )


def _persons(plan: Plan, subject: Subject, span: Span) -> set[str]:
    if subject.person:
        return {subject.person}
    return {seller.id for seller in plan.sellers_in(subject.unit or "", span)}
