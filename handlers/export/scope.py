"""Whose rows an export has, and of which days: what was asked for, less what the asker may not see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from handlers.ask.org import Org
from handlers.ask.read import read
from handlers.ask.reading import Scope
from handlers.conversation.company import Company
from handlers.conversation.request import Actor
from handlers.conversation.wording import listed
from handlers.export.wanted import Wanted
from handlers.figures.org import org_of
from handlers.figures.plan import Plan, Seller, load
from handlers.figures.sight import refusal
from handlers.figures.standing import Subject
from handlers.numbers.periods import FiscalCalendar, day_in
from handlers.numbers.spans import Span
from storage.database import Transaction
from storage.units import KINDS, below

NOT_UNDERSTOOD = (
    "I did not understand “{words}”, so I made no file. I export figures, deals, activities or the leaderboard, of "
    "somebody or of a unit, in a period: “export East this quarter to excel”, “export my deals as csv”."
)


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and when."""

    actor: Actor
    company: Company
    now: datetime
    """Aware."""
    today: date
    """Their own day."""
    date_order: Literal["mdy", "dmy"] = "mdy"

    @property
    def company_day(self) -> date:
        """The day in the company's zone, which units are counted by."""
        return day_in(self.company.zone, self.now)


@dataclass(frozen=True, slots=True)
class Extent:
    """What is exported. `people` are those whose rows may be seen, by name; `unit` is the top of the units whose sums
    are."""

    name: str
    span: Span
    period: str
    """In words, with the days."""
    plan: Plan
    people: tuple[Seller, ...]
    everybody: bool
    """All of the company, and deals that are nobody's too."""
    units: tuple[Subject, ...]
    top: Subject | None
    """The unit that a leaderboard is of."""
    sees_all: bool
    """Amounts and attainments of everybody in `top`."""
    left_out: int
    """How many people of the unit are not in it, since they are not the asker's to see."""

    @property
    def ids(self) -> tuple[str, ...] | None:
        """Whose rows; None for everybody's."""
        return None if self.everybody else tuple(seller.id for seller in self.people)


def extent(tx: Transaction, asker: Asker, wanted: Wanted) -> Extent | str:
    """What is exported, or the sentence that says why nothing is."""
    company, actor, today = asker.company, asker.actor, asker.today
    fiscal = FiscalCalendar(company.fiscal_year_start)
    plan = load(tx, company, fiscal.year(fiscal.year_of(today)))
    org = org_of(plan, today)
    board = wanted.what == ("leaderboard",)
    question = read(
        f"{'leaderboard' if board else 'quota'} {wanted.rest}".strip(),
        asker=org.members.get(actor.person),
        org=org,
        today=today,
        fiscal=fiscal,
        date_order=asker.date_order,
    )
    unread = question.not_understood if question.intent != "unknown" else (wanted.rest,)
    if wanted.rest and (unread or question.against is not None):
        return NOT_UNDERSTOOD.format(words=" ".join(unread) or wanted.rest)
    if "scope" in question.said and not question.sure and question.other_readings:
        names = [one.scope.name for one in (question, *question.other_readings) if one.scope and one.scope.name]
        if len(set(names)) > 1:
            return f"Do you mean {listed(list(dict.fromkeys(names)), 'or')}? Please say the name in full."
    span = question.period if "period" in question.said and question.period else fiscal.year(fiscal.year_of(today))
    if not all(any(day in year for year in plan.years) for day in (span.first, span.last)):
        plan = load(tx, company, span)
    asked = _asked(asker, wanted, plan, org, question.scope if "scope" in question.said else None, span)
    if isinstance(asked, str):
        return asked
    name, people, top = asked
    if top is not None:
        refused = refusal(actor, plan, top, today, span)
        if refused and not board:
            return refused
    visible = tuple(one for one in people if _may_see(asker, plan, one))
    admin = "admin" in actor.roles
    led = {unit.id for unit in plan.led_by(actor.person, today)}
    top = top or _company(plan, company)
    return Extent(
        name=name,
        span=span,
        period=fiscal.words(span),
        plan=plan,
        people=visible,
        everybody=admin and not wanted.own and question.scope is not None and "scope" not in question.said,
        units=_units(asker, plan, asked[2], led, span),
        top=top,
        sees_all=admin or (top is not None and bool(led & set(plan.with_above(top.unit or "")))),
        left_out=len(people) - len(visible) if asked[2] is not None else 0,
    )


def _asked(
    asker: Asker, wanted: Wanted, plan: Plan, org: Org, scope: Scope | None, span: Span
) -> tuple[str, list[Seller], Subject | None] | str:
    """What it is called, whose rows it would have, and the unit that was named; or a refusal."""
    actor, today = asker.actor, asker.today
    everybody = sorted(plan.sellers.values(), key=lambda seller: (seller.name, seller.id))
    if scope is not None and scope.kind == "person":
        refused = refusal(actor, plan, Subject(scope.name or "", person=scope.key), today)
        found = [one for one in everybody if one.id == scope.key]
        return refused or (scope.name or "", found, None)
    if scope is not None and scope.kind != "me":
        unit = scope.key or (org.company.key if org.company else "")
        name = scope.name or asker.company.name
        return name, plan.sellers_in(unit, span), Subject(name, unit=unit)
    mine = [one for one in everybody if one.id == actor.person]
    if (wanted.own or scope is not None) and (mine and (plan.person_months(actor.person) or not _leads(asker, plan))):
        return actor.name, mine, None
    if "admin" in actor.roles:
        return asker.company.name, everybody, None
    led = plan.led_by(actor.person, today)
    if led:
        return led[0].name, everybody, None
    return (f"{actor.name}'s people" if actor.reports else actor.name), everybody, None


def _leads(asker: Asker, plan: Plan) -> bool:
    return bool(asker.actor.reports or plan.led_by(asker.actor.person, asker.today) or "admin" in asker.actor.roles)


def _may_see(asker: Asker, plan: Plan, seller: Seller) -> bool:
    return refusal(asker.actor, plan, Subject(seller.name, person=seller.id), asker.today) is None


def _units(asker: Asker, plan: Plan, named: Subject | None, led: set[str], span: Span) -> tuple[Subject, ...]:
    """The unit that was asked for and those below it, else those that the asker leads; the widest first."""
    if named is not None and named.unit:
        wanted = [named.unit, *below(plan.units.values(), named.unit)]
    elif "admin" in asker.actor.roles:
        wanted = list(plan.units)
    else:
        wanted = [inside for unit in led for inside in (unit, *below(plan.units.values(), unit))]
    subjects = [
        Subject(plan.units[unit].name, unit=unit)
        for unit in sorted(
            set(wanted) & plan.units.keys(), key=lambda one: (KINDS.index(plan.units[one].kind), plan.units[one].name)
        )
    ]
    return tuple(one for one in subjects if refusal(asker.actor, plan, one, asker.today, span) is None)


def _company(plan: Plan, company: Company) -> Subject | None:
    top = next((unit for unit in plan.units.values() if unit.parent is None), None)
    return Subject(top.name, unit=top.id) if top else None
