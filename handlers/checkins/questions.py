"""What a check-in asks: the product's questions or the settings', by team, and which of them apply."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from handlers.conversation.company import Question
from handlers.conversation.request import Request
from storage import checkins, units
from storage.checkins import Answer, QuestionSet
from storage.database import Transaction

EVERYONE: Final = "everyone"
MISSED: Final = "missed commit"
COMMIT: Final = "commit"
BEST: Final = "best case"
RATING: Final = "rating"
DEFAULT: Final = (
    Question("happened", "You committed to {commit} for {period}, and it came to {came}. What happened?", when=MISSED),
    Question("well", "What went well?"),
    Question("way", "What is in the way?", optional=True),
    Question("next", "What will you do next week?"),
    Question("commit", "What do you commit to for {period}?", COMMIT, optional=True),
    Question("best", "And your best case for {period}?", BEST, optional=True),
    Question("mood", "How are you, from 1 (low) to 5 (great)?", RATING),
    Question("help", "What would help?", optional=True, when="mood <= 2"),
)
"""Where the settings name none."""


def set_for(request: Request, tx: Transaction, person: str) -> QuestionSet:
    """The version that holds for them now: of the unit they sell in, of one above it, else everyone's."""
    by_name = {name.casefold(): asked for name, asked in request.company.checkins.items()}
    line = _line(request, tx, person) if by_name.keys() - {EVERYONE} else []
    for unit in line:
        if unit.name.casefold() in by_name:
            asked = by_name[unit.name.casefold()]
            return checkins.question_set(tx, unit.id, _plain(asked), at=request.now)
    return checkins.question_set(tx, None, _plain(by_name.get(EVERYONE) or DEFAULT), at=request.now)


def of_set(found: QuestionSet) -> tuple[Question, ...]:
    """The questions of a version."""
    return msgspec.convert(found.questions, tuple[Question, ...])


def applies(question: Question, answers: Mapping[str, Answer], *, missed: bool, counts: bool) -> bool:
    """Whether it is asked, by what was answered so far. `missed`: a commit was; `counts`: there is a number to commit
    to."""
    if question.kind in (COMMIT, BEST) and not counts:
        return False
    if not question.when:
        return True
    if question.when == MISSED:
        return missed
    name, _, limit = (part.strip() for part in question.when.partition("<="))
    answer = answers.get(name)
    if answer is None:
        return False
    return answer.number is not None and answer.number <= int(limit) if limit else bool(answer.text)


def follows(question: Question) -> bool:
    """It is asked only after some answers to another, so that nobody can count it beforehand."""
    return question.when not in ("", MISSED)


def _plain(asked: Sequence[Question]) -> list[dict[str, Any]]:
    plain: list[dict[str, Any]] = msgspec.to_builtins(asked)
    return plain


def _line(request: Request, tx: Transaction, person: str) -> list[units.Unit]:
    """The unit they sell in, else one they lead, and those above it, the nearest first."""
    day = request.basis.now.date()
    tree = {unit.id: unit for unit in units.everything(tx)}
    here = [one for one in units.memberships_of(tx, persons=[person])
            if one.since <= day and (one.until is None or one.until > day)]  # fmt: skip
    at = next((one.unit for one in here if not one.leads), None) or next((one.unit for one in here), None)
    found: list[units.Unit] = []
    while at is not None and at in tree and tree[at] not in found:
        found.append(tree[at])
        at = tree[at].parent
    return found
