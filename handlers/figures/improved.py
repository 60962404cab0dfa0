"""Who has risen since the period before: the sums and the words of a board of the most improved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final

from handlers.figures.standing import Line, Subject
from handlers.numbers.periods import FiscalCalendar, Length, before, in_days
from handlers.numbers.ranking import by_amount, improvement
from handlers.numbers.spans import DAY, Span
from handlers.numbers.working_days import week_of

NAMED: Final = 8
"""Names that stand in one line; of more than these only the number is said."""
NO_RISE: Final = "No rise: {names}."
NO_RISES: Final = "{count} others did not rise."
NOT_COMPARED: Final = "Nothing to compare yet: {names}."
NOT_COMPAREDS: Final = "{count} others have nothing to compare yet."
NOBODY_ROSE: Final = "No rise {yet}in {name}, {against}, so nobody is first."


@dataclass(frozen=True, slots=True)
class Rise:
    """`now`: the attainment, None without a target. `change`: in points of attainment, or as an amount where targets do
    not differ; None where there is nothing to compare."""

    now: Fraction | None
    change: Fraction | int | None

    @property
    def placed(self) -> Fraction | int | None:
        """What it is ranked by. Only who rose has a place: two zeros are no improvement."""
        return self.change if self.change is not None and self.change > 0 else None


def rises(
    lines: Sequence[Line], so_far: Mapping[Subject, int], then: Mapping[Subject, int], goals: Mapping[Subject, Line]
) -> list[Rise]:
    """By how much each line is above the same point of the period before. `so_far` and `then` are what counted at that
    point of each, `goals` the lines of the whole period before.

    Both are of the target of their whole period, as on every other board: of a target to date one deal on a Monday
    would be hundreds of points.
    """
    if by_amount([one.target for one in lines]):
        return [Rise(None, so_far.get(one.subject, 0) - then.get(one.subject, 0)) for one in lines]
    made = []
    for one in lines:
        now = Line(one.subject, so_far.get(one.subject, 0), one.target).attainment
        goal = goals.get(one.subject)
        was = Line(one.subject, then.get(one.subject, 0), goal.target).attainment if goal else None
        made.append(Rise(now, improvement(now, was)))
    return made


def against(fiscal: FiscalCalendar, span: Span, today: date) -> str:
    """`this week against last`, `last month against the month before`, `Q2 2026 against Q1 2026`."""
    word, noun = word_of(fiscal, span, today), noun_of(fiscal, span)
    if word:
        return f"{word} against {'last' if today in span else f'the {noun} before'}"
    now, then = (fiscal.words(one).partition(" (")[0] for one in (span, before(span)))
    return f"{now} against {then}"


def when(fiscal: FiscalCalendar, span: Span, today: date) -> str:
    """`this week (23 – 29 Nov 2026)`, `in Q2 2026 (1 Apr – 30 Jun 2026)`."""
    word, words = word_of(fiscal, span, today), fiscal.words(span)
    if word:
        return f"{word} ({in_days(span)})"
    return f"in the {words}" if words.startswith("week") else f"in {words}"


def word_of(fiscal: FiscalCalendar, span: Span, today: date) -> str:
    """`this week`, `last quarter`; empty for any other time."""
    noun = noun_of(fiscal, span)
    if not noun or today in span:
        return f"this {noun}" if noun else ""
    after = span.last + DAY
    following = Span(*week_of(after)) if noun == "week" else fiscal.holding(Length(noun), after)
    return f"last {noun}" if today in following else ""


def noun_of(fiscal: FiscalCalendar, span: Span) -> str:
    """`week`, `month`, `quarter`, `half`, `year`; empty for what is none of these."""
    if span == Span(*week_of(span.first)):
        return "week"
    known = fiscal.number(span)
    return known[0].value if known else ""


def compared(fiscal: FiscalCalendar, span: Span, now: Span, then: Span, *, points: bool) -> str:
    """What stands against what, to the day."""
    noun = noun_of(fiscal, span)
    target = f"the {noun}'s whole target" if noun else "the target"
    what = f"Change in points of {target}: " if points else ""
    return f"{what}{in_days(now)} against {in_days(then)}."


def others(named: Sequence[str], sentence: str, counted: str) -> str:
    """One line about those without a place, by name while these are few; empty where there are none."""
    if not named:
        return ""
    return sentence.format(names=", ".join(named)) if len(named) <= NAMED else counted.format(count=len(named))
