"""A period that words say, and the days of a company's weeks, months, quarters, halves and years."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Literal

from handlers.ask.typed import Typed
from handlers.language.dates import WEEKDAYS, DateOrder, Reading, day_at
from handlers.language.tokens import Line
from handlers.numbers.periods import FiscalCalendar, Length
from handlers.numbers.spans import Span, shifted

Unit = Literal["day", "week", "month", "quarter", "half", "year", "span"]

LENGTHS: Final = {length.value: length for length in Length}
THIS: Final = frozenset(("this", "current"))
LAST: Final = frozenset(("last", "previous", "prior", "past"))
NEXT: Final = frozenset(("next", "coming", "upcoming", "following"))
UNITS: Final = frozenset(("day", "week", "month", "quarter", "half", "year", "fortnight", "weekend"))
NEAR: Final = {"today": 0, "tonight": 0, "yesterday": -1, "tomorrow": 1}


@dataclass(frozen=True, slots=True)
class When:
    """A period said from one word up to `stop`: as it is meant of what has begun, and of what has not ended."""

    start: int
    stop: int
    past: Span
    coming: Span
    unit: Unit
    others: tuple[Span, ...] = ()
    """What the words may mean as well."""
    relation: Literal["", "before", "year_ago"] = ""
    """The period is that of the other one of a comparison, moved; the spans are then of no use."""
    back: bool = False
    """Said with last or previous: where a comparison is with it, nothing else names the first period."""
    whole: Span | None = None
    """The period of which this is the part up to today."""

    def span(self, *, ahead: bool) -> Span:
        return self.coming if ahead else self.past


class Words:
    """The words of a question, asked for periods on one day of one company."""

    def __init__(self, typed: Typed, today: date, fiscal: FiscalCalendar, order: DateOrder) -> None:
        self.typed, self.today, self.fiscal = typed, today, fiscal
        noon = datetime.combine(today, time(12))
        self._past, self._coming = Reading(noon, order=order), Reading(noon, future=True, order=order)
        self._comparing = not {"compare", "difference"}.isdisjoint(typed.words)

    def word(self, at: int) -> str:
        """A word that nothing has claimed yet; empty for none."""
        return self._word(at)

    def holding(self, unit: str) -> Span:
        """The week, month, quarter, half or year that is now."""
        return holding(unit, self.today, self.fiscal)

    def _word(self, at: int) -> str:
        if not 0 <= at < len(self.typed.words) or self.typed.used[at]:
            return ""
        return self.typed.words[at]

    def _when(self, at: int, stop: int, span: Span, unit: str) -> When:
        return When(at, stop, span, span, unit)  # type: ignore[arg-type]

    def _holding(self, unit: str, day: date) -> Span:
        return holding(unit, day, self.fiscal)

    def _moved(self, unit: str, step: int) -> Span:
        return moved(unit, self.today, step, self.fiscal)

    def _explicit(self, at: int) -> When | None:
        """A day as the language of dates reads it, on the text as typed."""
        if not 0 <= at < len(self.typed.words):
            return None
        token, line = self.typed.source[at], self.typed.line
        word = self.typed.words[at]
        if word in WEEKDAYS and line.words[token] not in WEEKDAYS:
            line, token = Line(word), 0  # mended: `frday`
        past = day_at(line, token, self._past, line.count)
        if past is None:
            return None
        coming = day_at(line, token, self._coming, line.count) or past
        if line is not self.typed.line:
            return When(at, at + 1, Span(past.day, past.day), Span(coming.day, coming.day), "day")
        stop = next((i for i in range(at, len(self.typed.source)) if self.typed.source[i] >= past.stop), None)
        others = (Span(past.other, past.other),) if past.other else ()
        stop = len(self.typed.source) if stop is None else stop
        return When(at, stop, Span(past.day, past.day), Span(coming.day, coming.day), "day", others)

    def _day(self, at: int) -> When | None:
        word = self._word(at)
        if word in NEAR:
            day = self.today + timedelta(NEAR[word])
            return self._when(at, at + 1, Span(day, day), "day")
        return self._explicit(at) if word in WEEKDAYS else None


def holding(unit: str, day: date, fiscal: FiscalCalendar) -> Span:
    """The day, ISO week, or fiscal month, quarter, half or year that holds a day."""
    if unit in LENGTHS:
        return fiscal.holding(LENGTHS[unit], day)
    if unit == "week":
        monday = day - timedelta(day.weekday())
        return Span(monday, monday + timedelta(6))
    return Span(day, day)


def moved(unit: str, day: date, step: int, fiscal: FiscalCalendar) -> Span:
    """The one of these so many before or after the one that holds a day."""
    if unit in LENGTHS:
        first = holding(unit, day, fiscal).first
        return fiscal.holding(LENGTHS[unit], shifted(first, step * LENGTHS[unit].months))
    return holding(unit, day + timedelta(step * (7 if unit == "week" else 1)), fiscal)
