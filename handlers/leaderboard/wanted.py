"""Which board is wanted: what it goes by, of whom, and of which time. The words are read as every question is."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final, Literal

from handlers.ask.read import read
from handlers.conversation.errors import UserError
from handlers.conversation.request import Request
from handlers.figures.org import org_of
from handlers.figures.plan import Plan
from handlers.figures.standing import BOOKINGS
from handlers.numbers.periods import FiscalCalendar, Length
from handlers.numbers.spans import Span
from handlers.numbers.working_days import week_of

What = Literal["attainment", "amount", "improvement", "activity", "kudos"]
_OWN: Final = re.compile(
    r"\b(?:by |on |for )?(?:(?P<activity>activity|activities)|(?P<kudos>kudos(?: given)?|thanks|recognition))\b", re.I
)
_SAID: Final = re.compile(r"\b(?:by )?(?:attainment|bookings)\b", re.I)


class NotRead(UserError):
    """I could not read “{words}” as a leaderboard. Try “/leaderboard this month”, “/leaderboard margin last quarter” or
    “/leaderboard kudos”."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A board. `measure` is the plan's; `unit` None: the company, should there be no units."""

    what: What
    measure: str
    unit: str | None
    span: Span
    limit: int | None = None
    worst_first: bool = False
    teams: bool = False

    def as_data(self) -> dict[str, Any]:
        """To be kept under a button."""
        span = [self.span.first.isoformat(), self.span.last.isoformat()]
        return {"what": self.what, "measure": self.measure, "unit": self.unit, "span": span, "teams": self.teams}

    @classmethod
    def of_data(cls, data: dict[str, Any]) -> Wanted:
        first, last = (date.fromisoformat(day) for day in data["span"])
        return cls(data["what"], data["measure"], data["unit"], Span(first, last), teams=bool(data["teams"]))


def fiscal_of(request: Request) -> FiscalCalendar:
    """The company's calendar."""
    return FiscalCalendar(request.company.fiscal_year_start)


def holding(request: Request, length: str) -> Span:
    """The week, month or quarter that holds today."""
    today = request.basis.now.date()
    return Span(*week_of(today)) if length == "week" else fiscal_of(request).holding(Length(length), today)


def wanted(request: Request, plan: Plan, words: str) -> Wanted:
    """What the words want. Raises NotRead."""
    own = _OWN.search(words)
    rest = _OWN.sub(" ", words, count=1) if own else words
    by_bookings = re.search(r"\bbookings\b", rest, re.I) is not None
    today = request.basis.now.date()
    org = org_of(plan, today)
    question = read(
        f"leaderboard {' '.join(_SAID.sub(' ', rest).split())}".strip(),
        asker=org.members.get(request.actor.person),
        org=org,
        today=today,
        fiscal=fiscal_of(request),
        quota_period=request.company.quota_period,
        measures=tuple(request.company.kinds),
        date_order=request.basis.date_order,
    )
    if question.refused or question.intent != "ranking" or question.period is None or question.not_understood:
        raise NotRead(words=words.strip())
    what: What = "attainment"
    if own:
        what = "activity" if own["activity"] else "kudos"
    elif question.detail in ("amount", "improvement"):
        what = "amount" if question.detail == "amount" else "improvement"
    elif by_bookings:
        what = "amount"
    scope = question.scope
    unit = scope.key if scope is not None and scope.kind in ("team", "region", "company") else None
    found = Wanted(
        what,
        question.measure or BOOKINGS,
        unit or own_unit(request, plan),
        question.period,
        question.limit,
        question.order == "worst",
        question.by == "team",
    )
    return replace(found, measure=BOOKINGS) if own else found


def own_unit(request: Request, plan: Plan) -> str | None:
    """What the person leads, the widest; else where they sell; else the company."""
    today, me = request.basis.now.date(), request.actor.person
    led = plan.led_by(me, today)
    if led:
        return led[0].id
    sells_in = plan.unit_of(me, today)
    if sells_in is not None:
        return sells_in.id
    return next((one.id for one in plan.units.values() if one.parent is None), None)
