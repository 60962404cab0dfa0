"""Whose commission plan is whose, and what it pays in a period: the sums of numbers/commission.py over the rows.

Rules beyond GLOSSARY.md (*Commission*), told in docs/commission.md:

- Role and unit are those of the period's last day, of today while it runs, of the last day in a unit for a leaver.
- A plan that names somebody by e-mail goes before those for their role or unit. Two that fit beside each other pay
  nothing until an admin has said which holds.
- A plan that begins or ends within a period counts, in it, the sales and the target of its own days.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from handlers.conversation.company import Company
from handlers.figures.commission_plan import CommissionPlan
from handlers.figures.plan import Plan, load
from handlers.figures.standing import Figures, Subject, each, figures
from handlers.numbers import commission as sums
from handlers.numbers.commission import Estimate, NeedsTargetError
from handlers.numbers.periods import FiscalCalendar
from handlers.numbers.spans import DAY, Span
from storage import commission as rows
from storage import people
from storage.accounts import folded
from storage.database import Transaction

MOST_PERIODS = 24
"""In one answer: two years by month."""


class TooManyPeriodsError(ValueError):
    """The span that is asked for holds more of the plan's periods than one answer shows."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A plan in one of its periods: `span` is the part of `period` in which it holds."""

    plan: CommissionPlan
    period: Span
    span: Span
    by_name: bool
    """It names the person by e-mail."""


@dataclass(frozen=True, slots=True)
class Found:
    """What applies to somebody, by time; or the plans that would apply at once, by name."""

    pieces: tuple[Piece, ...] = ()
    at_once: tuple[CommissionPlan, ...] = ()


@dataclass(frozen=True, slots=True)
class Paid:
    """What a plan pays a person in a period; no estimate where it needs a target and there is none above 0."""

    piece: Piece
    figures: Figures
    estimate: Estimate | None
    if_weighted: Estimate | None = None
    """If the open deals come in as weighted; None where that is nothing more, or cannot be said."""

    @property
    def target(self) -> int | None:
        return self.figures.status.target


class Commissions:
    """The plans that hold now, for some people or for everybody; `today` is the company's or the asker's day."""

    def __init__(
        self, tx: Transaction, company: Company, today: date, *, persons: Collection[str] | None = None
    ) -> None:
        self._tx, self._company, self._today, self._persons = tx, company, today, persons
        self.fiscal = FiscalCalendar(company.fiscal_year_start)
        self.plans = [CommissionPlan.of_data(one.definition) for one in rows.standing(tx)]
        self._loaded: dict[tuple[str, int, int], Plan] = {}

    def found(self, person: str, asked: Span | None = None) -> Found:
        """The plans' periods that the span touches (today's, where none is asked), for that person.

        TooManyPeriodsError where there are more than MOST_PERIODS.
        """
        asked = asked or Span(self._today, self._today)
        known = people.person(self._tx, person)
        email = known.email if known else ""
        pieces = [
            piece for plan in self.plans for piece in self._pieces(plan, asked, email) if self._is_for(piece, person)
        ]
        named = [piece for piece in pieces if piece.by_name]
        pieces = [piece for piece in pieces if piece.by_name or not any(piece.span.common(one.span) for one in named)]
        pieces.sort(key=lambda piece: (piece.span.first, piece.plan.name))
        clash = {
            plan.name: plan
            for at, one in enumerate(pieces)
            for other in pieces[at + 1 :]
            if one.plan is not other.plan and one.span.common(other.span)
            for plan in (one.plan, other.plan)
        }
        if clash:
            return Found(at_once=tuple(clash[name] for name in sorted(clash)))
        return Found(tuple(pieces))

    def paid_in(self, unit: str, theirs: Sequence[tuple[Subject, Piece]]) -> list[Paid]:
        """The estimates of people of a unit; the figures of a span are read once for all of them."""
        known: dict[tuple[str, Span], dict[str | None, Figures]] = {}
        made = []
        for subject, piece in theirs:
            measure, span = piece.plan.measure, piece.span
            if (measure, span) not in known:
                every = each(self._tx, self._company, self._plan(measure, span), unit, span, self._today)
                known[measure, span] = {one.subject.person: one for one in every}
            made.append(self.paid(piece, subject, known[measure, span].get(subject.person)))
        return made

    def paid(self, piece: Piece, subject: Subject, found: Figures | None = None) -> Paid:
        """The estimate on what is credited in the piece's days, splits and reversals in it; `found` is that, if it is
        known."""
        plan = self._plan(piece.plan.measure, piece.span)
        found = found or figures(self._tx, self._company, plan, subject, piece.span, self._today)
        try:
            ready = self._ready(piece, plan, subject)
            made = sums.estimate(ready, found.status.credited, found.status.target)
        except NeedsTargetError:
            return Paid(piece, found, None)
        weighted = None
        if piece.plan.measure == "bookings" and not found.status.ended and found.forecast.total != made.credited:
            weighted = sums.estimate(ready, found.forecast.total, found.status.target)
        return Paid(piece, found, made, weighted)

    def worth(self, paid: Paid, credit: int, *, counted: bool = False) -> sums.Worth | None:
        """The estimate with a credit − without it; `counted`: it is in the figures already. None: needs a target."""
        piece, status = paid.piece, paid.figures.status
        try:
            ready = self._ready(piece, self._plan(piece.plan.measure, piece.span), paid.figures.subject)
            return sums.worth(ready, status.credited - (credit if counted else 0), credit, target=status.target)
        except NeedsTargetError:
            return None

    # ------------------------------------------------------------ inside

    def _pieces(self, plan: CommissionPlan, asked: Span, email: str) -> list[Piece]:
        wanted = plan.within(asked)
        found: list[Piece] = []
        day = wanted.first if wanted else None
        while wanted and day is not None and day <= wanted.last:
            period = self.fiscal.holding(plan.period, day)
            span = plan.within(period)
            if span is not None:
                found.append(Piece(plan, period, span, bool(email) and email in plan.people))
            if len(found) > MOST_PERIODS:
                raise TooManyPeriodsError(f"{asked} has more than {MOST_PERIODS} of {plan.name}")
            day = period.last + DAY
        return found

    def _is_for(self, piece: Piece, person: str) -> bool:
        plan = piece.plan
        if piece.by_name or not (plan.roles or plan.units):
            return piece.by_name
        day = self._day_of(piece.span, person)
        if plan.roles and not people.circumstances(self._tx, person, day).roles.intersection(plan.roles):
            return False
        if not plan.units:
            return True
        books = self._everything
        wanted = {folded(name) for name in plan.units}
        inside = [unit.id for unit in books.units.values() if folded(unit.name) in wanted]
        if any(books.was_in(person, unit, day) for unit in inside):
            return True
        leads = books.led_by(person, day) if {"manager", "leader"}.intersection(plan.roles) else []
        return any(unit in books.with_above(led.id) for led in leads for unit in inside)

    def _day_of(self, span: Span, person: str) -> date:
        """The day whose role and unit count."""
        day = min(self._today, span.last)
        seller = self._everything.sellers.get(person)
        memberships = seller.member_of if seller else ()
        if not memberships or any(one.holds(day) for one in memberships):
            return day
        ended = [one.last for one in memberships if one.last is not None and span.first <= one.last < day]
        return max(ended, default=day)

    def _ready(self, piece: Piece, plan: Plan, subject: Subject) -> sums.Plan:
        year = self.fiscal.year_of(piece.span.first)
        mine = (subject.person, None, year)
        full = [one.amount for one in plan.set_for if (one.person, one.unit, one.fiscal_year) == mine]
        changed = [one.amount for one in plan.adjusted if (one.person, one.unit, one.fiscal_year) == mine]
        return piece.plan.ready(self._company.currency, sum(full) + sum(changed) if full else None)

    @cached_property
    def _everything(self) -> Plan:
        """Who is where: the same in every measure and year."""
        return self._plan("bookings", Span(self._today, self._today))

    def _plan(self, measure: str, span: Span) -> Plan:
        years = (measure, self.fiscal.year_of(span.first), self.fiscal.year_of(span.last))
        if years not in self._loaded:
            self._loaded[years] = load(self._tx, self._company, span, measure=measure, persons=self._persons)
        return self._loaded[years]


def total(paid: Sequence[Paid]) -> int:
    """What the estimates come to, in minor units."""
    return sum(one.estimate.amount for one in paid if one.estimate is not None)
