"""A check-in with its questions and what stands of the answers: what is open still, and how an answer is said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from handlers.checkins import questions
from handlers.checkins.errors import NoCheckin
from handlers.conversation.access import CheckinOf, Denied, may
from handlers.conversation.company import Question
from handlers.conversation.errors import NotAllowed
from handlers.conversation.request import Request
from handlers.figures.wording import amount
from handlers.numbers.periods import FiscalCalendar
from handlers.numbers.spans import Span
from storage import checkins, people
from storage.checkins import Answer, Checkin
from storage.database import Transaction

SKIPPED: Final = ""
"""What stands as the answer to a question that was skipped."""
GRACE: Final = timedelta(minutes=5)
"""How long one can be taken back before anybody else reads it."""


NO_MORE: Final = "What they said to you in check-ins is not yours to read or answer any more."


@dataclass(frozen=True, slots=True)
class Sheet:
    """`answers` holds skipped questions too."""

    checkin: Checkin
    questions: tuple[Question, ...]
    version: int
    answers: dict[str, Answer]

    @property
    def asked(self) -> list[Question]:
        """Those that apply by what was answered so far, in their order."""
        missed, counts = self.checkin.missed is not None, self.checkin.measure is not None
        return [one for one in self.questions if questions.applies(one, self.answers, missed=missed, counts=counts)]

    @property
    def open(self) -> list[Question]:
        """Those that wait for an answer."""
        return [one for one in self.asked if one.name not in self.answers]

    @property
    def answered(self) -> list[tuple[Question, Answer]]:
        """What was said, without what was skipped, and of what applies now alone: what would help is nobody's to read
        once the rating is better, and stands again if it falls."""
        return [
            (one, self.answers[one.name])
            for one in self.asked
            if one.name in self.answers and self.answers[one.name].text != SKIPPED
        ]

    @property
    def edited(self) -> list[tuple[Question, Answer]]:
        """Answers that came or were changed after it was with the manager."""
        given = self.checkin.submitted_at
        said = [(one, self.answers[one.name]) for one in self.asked if one.name in self.answers]
        return [one for one in said if given is not None and one[1].at > given + GRACE]

    def of_kind(self, kind: str) -> int | None:
        """The number that was given to the first question of that kind."""
        named = (self.answers.get(one.name) for one in self.questions if one.kind == kind)
        return next((one.number for one in named if one is not None and one.number is not None), None)


def load(tx: Transaction, checkin: Checkin) -> Sheet:
    """With what stands now."""
    found = checkins.questions_of(tx, checkin.question_set)
    return Sheet(checkin, questions.of_set(found), found.version, checkins.answers_of(tx, checkin.id))


def mine(request: Request, tx: Transaction, identifier: str) -> Sheet:
    """The person's own, to be answered. Raises NoCheckin, NotAllowed."""
    found = checkins.get(tx, identifier)
    if found is None:
        raise NoCheckin
    check(request, "change a check-in", CheckinOf(found.person))
    return load(tx, found)


def subject(request: Request, tx: Transaction, checkin: Checkin) -> CheckinOf:
    """The check-in as far as it matters who may see it: to nobody's eyes before the time to take it back is over."""
    given = checkin.submitted_at is not None and checkin.submitted_at + GRACE <= request.now
    if not given:
        return CheckinOf(checkin.person)
    shared = checkins.shared_with(tx, [checkin.id]).get(checkin.id, frozenset())
    return CheckinOf(checkin.person, checkin.manager, shared)


def theirs(request: Request, tx: Transaction, identifier: str, action: str) -> Sheet:
    """Somebody's, for who may do that with it. Raises NoCheckin, NotAllowed."""
    found = checkins.get(tx, identifier)
    if found is None:
        raise NoCheckin
    verdict = may(request.actor, action, subject(request, tx, found))
    if isinstance(verdict, Denied):
        reason = verdict.sentence
        if found.manager == request.actor.person and found.person not in request.actor.reports:
            # It was given to them: the rule alone would read like a mistake.
            who = people.person(tx, found.person)
            reason = f"{who.name if who else 'That person'} reports to somebody else now. {NO_MORE}"
        raise NotAllowed(reason=reason)
    return load(tx, found)


def check(request: Request, action: str, of: object, *, because: str = "") -> None:
    """Raises NotAllowed for who may not; `because` stands before the rule."""
    verdict = may(request.actor, action, of)
    if isinstance(verdict, Denied):
        raise NotAllowed(reason=f"{because} {verdict.sentence}".strip())


def words(request: Request, sheet: Sheet, question: Question) -> str:
    """The question as it is asked, with its figures."""
    checkin, missed = sheet.checkin, sheet.checkin.missed or {}
    period = ""
    if question.kind in (questions.COMMIT, questions.BEST):
        period = period_words(request, checkin)
    elif missed:
        period = str(missed["period"])
    measure = str(missed.get("measure", "bookings"))
    commit = amount(request, measure, int(missed["commit"])) if missed else ""
    came = amount(request, measure, int(missed["came"])) if missed else ""
    said = question.ask
    for name, value in (("{period}", period), ("{commit}", commit), ("{came}", came)):
        said = said.replace(name, value)
    return said


def period_words(request: Request, checkin: Checkin) -> str:
    """`Q4 2026`: of what the commit is."""
    if checkin.period_first is None or checkin.period_last is None:
        return "the period"
    whole = FiscalCalendar(request.company.fiscal_year_start).words(Span(checkin.period_first, checkin.period_last))
    return whole.partition(" (")[0]


def shown(request: Request, sheet: Sheet, question: Question, answer: Answer) -> str:
    """An answer as it is read: a rating of five, an amount, or the words."""
    if question.kind == questions.RATING:
        return f"{answer.number} of 5"
    if answer.number is not None and sheet.checkin.measure is not None:
        return amount(request, sheet.checkin.measure, answer.number)
    return answer.text
