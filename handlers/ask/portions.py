"""Parts of a period: `the first two weeks of November`, `second half of October`, `last month of the quarter`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

from handlers.ask.when import LENGTHS, When, Words
from handlers.language.dates import MONTHS
from handlers.language.numbers import NUMBER_WORDS
from handlers.numbers.spans import DAY, Span, shifted

PLACES: Final = {
    **{"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4},
    **{"last": -1, "final": -1},
}
_SIZES: Final = {"day": 1, "week": 7, "month": 30, "quarter": 91, "half": 182, "year": 365}
_ITS: Final = frozenset(("the", "our", "my", "this"))


def portion(words: Words, at: int, single: Callable[[int], When | None]) -> When | None:
    """The part of a period that an ordinal at this word begins to say; `single` reads the period itself.

    Weeks are counted from the first day or to the last one; the calendar's own weeks, from Monday, are the other
    reading. Where no period is said, it is the month that is now, and else the quarter.
    """
    place, stop = PLACES[words.word(at)], at + 1
    number = words.word(stop)
    count = int(number) if number.isdecimal() and len(number) < 3 else NUMBER_WORDS.get(number, 0)
    stop += count > 0
    count = count or 1
    unit = words.word(stop)
    if unit not in _SIZES or unit == "year":
        return None
    inside = _inside(words, stop + 1, single, joint=place > 0)
    if inside is not None:
        past, others = _part(inside.past, inside.unit, place, count, unit)
        coming, _ = _part(inside.coming, inside.unit, place, count, unit)
        if past is None or coming is None:
            return None
        kind = unit if count == 1 and unit in LENGTHS and _SIZES[inside.unit] > _SIZES[unit] else "span"
        return When(at, inside.stop, past, coming, kind, others)  # type: ignore[arg-type]
    if unit != "week" or place < 0:
        return None
    month, others = _part(words.holding("month"), "month", place, count, unit)
    quarter, _ = _part(words.holding("quarter"), "quarter", place, count, unit)
    if month is None or quarter is None:
        return None
    return When(at, stop + 1, month, month, "span", tuple(dict.fromkeys((*others, quarter))))


def _inside(words: Words, at: int, single: Callable[[int], When | None], *, joint: bool) -> When | None:
    """The period behind `of`; behind a first one also a month's name alone."""
    of = words.word(at) in ("of", "in", "from")
    if not of and not (joint and words.word(at) in MONTHS):
        return None
    begins = at + of
    found = single(begins)
    if found is None:
        begins += words.word(begins) in _ITS
        unit = words.word(begins)
        if unit in LENGTHS:
            span = words.holding(unit)
            found = When(at, begins + 1, span, span, unit)  # type: ignore[arg-type]
        else:
            found = single(begins)
    return found if found is not None and found.unit in LENGTHS and not found.relation else None


def _part(whole: Span, of: str, place: int, count: int, unit: str) -> tuple[Span | None, tuple[Span, ...]]:
    """The part of one period, and what else it may be; None where the period has none such."""
    if unit == "half" and _SIZES[of] <= _SIZES[unit]:
        return (_half(whole, place) if count == 1 else None), ()
    if _SIZES[of] <= _SIZES[unit]:
        return None, ()
    if unit in LENGTHS:
        months = LENGTHS[unit].months * count
        begins = shifted(whole.first, months * (place - 1)) if place > 0 else shifted(whole.last + DAY, -months)
        return _within(Span(begins, shifted(begins, months) - DAY), whole), ()
    days = timedelta(_SIZES[unit] * count)
    begins = whole.first + days * (place - 1) if place > 0 else whole.last + DAY - days
    found = _within(Span(begins, begins + days - DAY), whole)
    if unit == "day" or found is None:
        return found, ()
    mondays = [_monday(whole.first), _monday(whole.first + 6 * DAY)]
    mondays = [monday + days * (place - 1) for monday in mondays]
    if place < 0:
        mondays = [_monday(day) + 7 * DAY - days for day in (whole.last, whole.last - 6 * DAY)]
    weeks = [Span(monday, monday + days - DAY) for monday in reversed(mondays)]
    return found, tuple(week for week in dict.fromkeys(weeks) if week != found)


def _monday(day: date) -> date:
    return day - timedelta(day.weekday())


def _half(whole: Span, place: int) -> Span | None:
    """Half of a month or a quarter, by days; the odd one is the second half's."""
    middle = whole.first + timedelta(((whole.last - whole.first).days + 1) // 2)
    if place in (1, 2, -1):
        return Span(whole.first, middle - DAY) if place == 1 else Span(middle, whole.last)
    return None


def _within(part: Span, whole: Span) -> Span | None:
    return part if whole.first <= part.first and part.last <= whole.last else None
