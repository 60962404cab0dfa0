"""What was said, as the answer to a question: a text, a rating, an amount; or a sentence that says what is wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from handlers.checkins import questions, sheet
from handlers.checkins.sheet import Sheet
from handlers.conversation.company import Question
from handlers.conversation.request import Request
from handlers.figures.number import of_person
from handlers.figures.plan import MONEY
from handlers.figures.wording import amount
from handlers.language.amounts import read_amount
from handlers.numbers.money import to_minor
from storage import checkins
from storage.database import Transaction

_BOTH: Final = re.compile(
    r"(?:(?:i )?commit(?: to|:)?\s+)?(?P<commit>\S.{0,29}?)(?:\s*[,;/.]\s*|\s+)(?:(?:and|but)\s+)?(?:(?:my|a)\s+)?"
    r"(?:best(?:[\s-]+case)?|upside)(?:\s+(?:is|of|at))?[\s:=]*(?P<best>\S.{0,29}?)[.!]?",
    re.I,
)
"""Both numbers in one line."""
LONGEST: Final = 1000
"""Characters of one answer."""


@dataclass(frozen=True, slots=True)
class Read:
    """What is kept: the words, and the number in them."""

    text: str
    number: int | None = None


def read(request: Request, tx: Transaction, of: Sheet, question: Question, words: str) -> Read | str:
    """The answer; a str says what is wrong with it, and what to write."""
    words = words.strip()
    if not words:
        return "Write a few words, or 1 to 5." if question.kind == questions.RATING else "Write a few words."
    if len(words) > LONGEST:
        return f"That is {len(words):,} characters; please say it in {LONGEST:,}."
    if question.kind == questions.RATING:
        found = next((digit for digit in words if digit.isdigit()), "")
        if found not in tuple("12345") or len([one for one in words if one.isdigit()]) > 1:
            return "Write a number from 1 to 5."
        return Read(words, int(found))
    if question.kind in (questions.COMMIT, questions.BEST):
        return _amount(request, tx, of, question, words)
    return Read(words)


def with_best(of: Sheet, question: Question, words: str) -> tuple[str, Question, str] | None:
    """`240k, best case 300k` as the answer to the commit: its words, and those for the best case, which waits still."""
    best = next((one for one in of.open if one.kind == questions.BEST), None)
    said = _BOTH.fullmatch(words.strip()) if question.kind == questions.COMMIT else None
    return (said["commit"], best, said["best"]) if said is not None and best is not None else None


def _amount(request: Request, tx: Transaction, of: Sheet, question: Question, words: str) -> Read | str:
    measure = of.checkin.measure or "bookings"
    number = _number(request, measure, words)
    if number is None:
        example = "$400k or 400,000" if measure in MONEY else "40"
        return f"I cannot read “{words}” as an amount. Write it like {example}."
    own = of_person(request, tx, of.checkin.person, "")
    span = (of.checkin.period_first, of.checkin.period_last)
    if own is not None and own.found.measure == measure and (own.found.span.first, own.found.span.last) == span:
        closed = own.found.status.credited
        if number < closed:
            what = "a commit" if question.kind == questions.COMMIT else "a best case"
            closed_words = amount(request, measure, closed)
            return f"{closed_words} is closed already, and {what} holds that: write at least as much."
    commit = of.of_kind(questions.COMMIT)
    if question.kind == questions.BEST and commit is not None and number < commit:
        return f"A best case holds your commit of {amount(request, measure, commit)}, so it is at least as much."
    return Read(words, number)


def _number(request: Request, measure: str, words: str) -> int | None:
    if measure not in MONEY:
        plain = words.replace(",", "")
        return int(plain) if plain.isascii() and plain.isdecimal() and len(plain) < 10 else None
    found = read_amount(words, currency=request.company.currency)
    if found is None or found[1] not in (None, request.company.currency):
        return None
    return to_minor(found[0], request.company.currency)


def keep(request: Request, tx: Transaction, of: Sheet, question: Question, found: Read) -> Sheet:
    """The answer stands; the sheet with it."""
    checkins.answer(tx, of.checkin.id, question.name, found.text, found.number, at=request.now)
    return sheet.load(tx, of.checkin)
