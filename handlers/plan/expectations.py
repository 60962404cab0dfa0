"""What the job asks for per week, by role (GLOSSARY: *expectation*)."""

from __future__ import annotations

from handlers.conversation.request import Request
from handlers.conversation.wording import listed
from handlers.numbers.expectation import expected_over
from handlers.numbers.spans import Span
from handlers.numbers.working_days import week_of
from handlers.plan import figures, measures
from handlers.plan.subject import Whose
from storage import activities, staff
from storage.database import Transaction


def sentence(request: Request, tx: Transaction, whose: Whose) -> str:
    """The company's figures for their role, and this week's, scaled to their working days; empty for none."""
    assert whose.person is not None
    today = request.basis.now.date()
    held = staff.role_of(tx, whose.person, today)
    role = held.what if held else "rep"
    asked = request.company.expectations.get(role, {})
    if not asked:
        return ""
    week = Span(*week_of(today))
    plan = figures.plan_of(tx, request.company, measures.DEFAULT, figures.this_year(request))
    seller = plan.sellers.get(whose.person)
    calendar, leave = (seller.calendar, seller.leave) if seller else (plan.calendar, ())
    done = activities.counts(tx, whose.person, week.first, week.last)
    full = listed([f"{number:,} {_words(kind, number)}" for kind, number in asked.items()])
    parts = []
    for kind, number in asked.items():
        scaled = expected_over(number, week, today, calendar, leave)
        parts.append(f"{done.get(kind, 0):,} of {scaled.week:,} {_words(kind, scaled.week)}")
    article = "an" if role[0] in "aeiou" else "a"
    return f"As {article} {role}, the job asks for {full} a week; this week so far {listed(parts)}."


def _words(kind: str, number: int) -> str:
    return kind.replace("_", " ") if number == 1 else measures.words(kind)
