"""A question about one's own number, read without anybody else's rows: most are, and a company has many people."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Literal

from handlers.ask.org import Member, Org, Unit
from handlers.ask.read import read
from handlers.ask.reading import Question
from handlers.conversation.request import Request
from handlers.figures.org import org_of
from handlers.figures.plan import Plan, load_own
from handlers.language.fold import words_of
from handlers.numbers.periods import FiscalCalendar
from handlers.quota.asked import fiscal_of
from storage import own
from storage.database import Transaction

_ONES_OWN = frozenset(("status", "forecast", "coverage", "needed", "activity"))


def read_own(request: Request, tx: Transaction, text: str) -> tuple[Question, Plan, Org] | None:
    """The question and the plan as far as it is about oneself; None for whatever asks for more.

    That is everything of those who lead, and every text with a word of anybody's or any unit's name in it.
    """
    today, fiscal = request.basis.now.date(), fiscal_of(request.company)
    plan = load_own(tx, request.company, fiscal.year(fiscal.year_of(today)), request.actor.person)
    if plan is None or plan.led_by(request.actor.person, today):
        return None
    if request.text:
        org = org_of(plan, today)
        question = read(
            text,
            asker=org.members[request.actor.person],
            org=org,
            today=today,
            fiscal=fiscal,
            quota_period=request.company.quota_period,
            measures=tuple(request.company.kinds),
            date_order=request.basis.date_order,
        )
    else:
        org, question = _of_anybody(
            text,
            plan.unit_of(request.actor.person, today) is not None,
            bool(plan.person_months(request.actor.person)),
            today,
            fiscal,
            request.company.quota_period,
            tuple(request.company.kinds),
            request.basis.date_order,
        )
    plain = question.sure and question.intent in _ONES_OWN and question.refused is None
    alone = question.against is None and question.against_scope is None and question.by in (None, "month", "product")
    if not plain or not alone or question.scope is None or question.scope.kind != "me":
        return None
    if request.text and _words(own.names(tx)).intersection(words_of(text)):
        return None
    return question, plan, org


@lru_cache(maxsize=64)
def _of_anybody(
    text: str,
    in_unit: bool,
    carries: bool,
    today: date,
    fiscal: FiscalCalendar,
    quota_period: str,
    measures: tuple[str, ...],
    date_order: Literal["mdy", "dmy"],
) -> tuple[Org, Question]:
    """`/quota` without a word, which is taken for the same whoever asks: read once, with names that nobody has."""
    units = (Unit("company", "\ue000", "company"), Unit("unit", "\ue001", "team", "company"))
    asker = Member("asker", "\ue002", "unit" if in_unit else None, (), carries)
    org = Org(units, (asker,))
    question = read(
        text,
        asker=asker,
        org=org,
        today=today,
        fiscal=fiscal,
        quota_period=quota_period,
        measures=measures,
        date_order=date_order,
    )
    return org, question


@lru_cache(maxsize=4)
def _words(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(word for name in names for word in words_of(name))
