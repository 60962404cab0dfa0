"""A week's activity of one person beside what the job expects of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from handlers.conversation.request import Request
from handlers.conversation.wording import listed
from handlers.figures.activity_words import kind_words
from handlers.figures.expected import expected_of
from handlers.figures.plan import Plan
from handlers.numbers.expectation import Expected
from handlers.numbers.spans import Span
from handlers.numbers.working_days import week_of
from storage import activities
from storage.database import Transaction


@dataclass(frozen=True, slots=True)
class Week:
    """What was logged and what is expected, by kind."""

    done: dict[str, int]
    expected: dict[str, Expected]

    @property
    def over(self) -> str:
        """Of a week that is over: `31 of 40 calls, 6 of 8 meetings and 3 emails`; empty where there is nothing."""
        if not self.done:
            asked = [_counted(kind, one.week) for kind, one in self.expected.items() if one.week]
            return f"nothing logged of the {listed(asked)} expected" if asked else ""
        said = [_of(self.done.get(kind, 0), kind, one.week) for kind, one in self.expected.items() if one.week]
        extra = {kind: number for kind, number in self.done.items() if not _asked(self.expected.get(kind))}
        said += [_counted(kind, number) for kind, number in sorted(extra.items(), key=lambda one: (-one[1], one[0]))]
        return listed(said)

    @property
    def by_now(self) -> str:
        """`3 of 16 calls and 0 of 3 meetings`, as expected of the days that are over."""
        return listed(
            [_of(self.done.get(kind, 0), kind, one.so_far) for kind, one in self.expected.items() if one.so_far]
        )


def last_week(request: Request) -> Span:
    """The ISO week before theirs."""
    monday, sunday = week_of(request.basis.now.date() - timedelta(days=7))
    return Span(monday, sunday)


def load(request: Request, tx: Transaction, plan: Plan, week: Span, person: str = "") -> Week:
    """Of that person, else of the one who is spoken to."""
    person, today = person or request.actor.person, request.basis.now.date()
    asked = expected_of(tx, request.company, plan, [person], week, today) if request.company.expectations else {}
    return Week(activities.counts(tx, person, week.first, week.last), asked.get(person, {}))


def _asked(expected: Expected | None) -> bool:
    return expected is not None and expected.week > 0


def _of(done: int, kind: str, number: int) -> str:
    noun = kind_words(kind) if number == 1 else _counted(kind, 2).removeprefix("2 ")
    return f"{done:,} of {number:,} {noun}"


def _counted(kind: str, number: int) -> str:
    return f"1 {kind_words(kind)}" if number == 1 else kind_words(kind, number)
