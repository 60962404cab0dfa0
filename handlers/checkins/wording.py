"""Sentences that several parts of a check-in say."""

from __future__ import annotations

from handlers.checkins import questions, sheet, times
from handlers.checkins.sheet import Sheet
from handlers.conversation.company import Question
from handlers.conversation.reply import Fact
from handlers.conversation.request import Request
from handlers.conversation.wording import Days, plural
from storage.people import Person

LABELS = {questions.COMMIT: "Commit", questions.BEST: "Best case", questions.RATING: "How are you"}
_SHORT = {
    "well": "Went well",
    "way": "In the way",
    "next": "Next week",
    "happened": "What happened",
    "help": "Would help",
}


def who_reads(manager: Person | None, *, brief: bool = False) -> str:
    """Who can see it: it stands on every form and with every question."""
    if manager is None:
        return "Only you can see this: the plan names no manager of yours."
    reads = f"Only you and {manager.name} can see this."
    return reads if brief else f"{reads} Admins never read check-ins."


def label(request: Request, of: Sheet, question: Question) -> str:
    """A question as the label beside its answer: short where it is one of the product's."""
    if question in questions.DEFAULT and question.name in _SHORT:
        return _SHORT[question.name]
    return LABELS.get(question.kind) or sheet.words(request, of, question).rstrip("?").strip()


def facts(request: Request, of: Sheet) -> list[Fact]:
    """What was answered, beside short labels."""
    return [
        Fact(label(request, of, question), sheet.shown(request, of, question, answer))
        for question, answer in of.answered
    ]


def told(rows: list[Fact]) -> str:
    """The same as sentences."""
    return " ".join(f"{row.label}: {row.value}{'' if row.value[-1:] in '.!?' else '.'}" for row in rows)


def late(request: Request, of: Sheet) -> str:
    """`It came 2 days late, and counts all the same.`; empty where it did not."""
    checkin = of.checkin
    if not checkin.late or checkin.submitted_at is None or checkin.due_at is None:
        return ""
    days = times.late_by(checkin.submitted_at, checkin.due_at, request.basis.zone)
    return f"It came {plural(days, 'day')} late, and counts all the same."


def of_day(request: Request, of: Sheet) -> str:
    """`Fri, Nov 20`."""
    return Days.of(request.basis).on(of.checkin.day)
