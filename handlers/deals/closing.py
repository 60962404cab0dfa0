"""When a deal closes, as people say it: a day, a month, a quarter, or how much later than before.

A month or a quarter stands for its last day: whoever says "January" has promised no earlier one, the deal stays in that
month for every sum, and it is overdue only once the month is over.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from handlers.language.dates import MONTHS, Reading, day_at
from handlers.language.numbers import NUMBER_WORDS
from handlers.language.tokens import Line
from handlers.numbers.periods import FiscalCalendar, Length
from handlers.numbers.spans import Span, days_in_month, shifted

_QUARTER = re.compile(r"q([1-4])\Z")
_HALF = re.compile(r"h([12])\Z")
_YEAR = re.compile(r"(?:20\d\d|fy(?:20)?\d\d)\Z")
_EARLY, _MID, _LATE = "early", "mid", "late"
_PARTS: Final = {
    **dict.fromkeys(("early", "beginning", "start"), _EARLY),
    **dict.fromkeys(("mid", "middle"), _MID),
    **dict.fromkeys(("late", "end"), _LATE),
}
_DAYS: Final = {_EARLY: 10, _MID: 15}
_LENGTHS: Final = {"month": Length.MONTH, "quarter": Length.QUARTER, "half": Length.HALF, "year": Length.YEAR}
_SHORT: Final = {"eom": Length.MONTH, "eoq": Length.QUARTER, "eoy": Length.YEAR, "yearend": Length.YEAR}
_UNITS: Final = {
    **dict.fromkeys(("day", "days", "d"), (1, 0)),
    **dict.fromkeys(("week", "weeks", "wk", "wks", "w"), (7, 0)),
    **dict.fromkeys(("fortnight", "fortnights"), (14, 0)),
    **dict.fromkeys(("month", "months", "mo", "mos"), (0, 1)),
    **dict.fromkeys(("quarter", "quarters", "qtr", "qtrs"), (0, 3)),
    **dict.fromkeys(("year", "years", "yr", "yrs"), (0, 12)),
}
_COMPACT = re.compile(r"(\d{1,2})(d|w|wk|wks|mo)\Z")
_CUES: Final = frozenset(("to", "in", "by", "until", "till", "for", "of", "closes", "close", "closing", "next", "this"))


@dataclass(frozen=True, slots=True)
class Closing:
    """A close that is said from one token up to `stop`. `wide`: a month or longer was said."""

    stop: int
    day: date
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Shift:
    """How much later: days and months."""

    stop: int
    days: int
    months: int


def closing_at(line: Line, at: int, reading: Reading, fiscal: FiscalCalendar, stop: int) -> Closing | None:
    """The close whose phrase begins at this token and ends before `stop`."""
    if at >= stop:
        return None
    found = _wide(line, at, reading, fiscal)
    if found is not None and found.stop <= stop:
        return found
    day = day_at(line, at, reading, stop)
    return None if day is None else Closing(day.stop, day.day)


def shift_at(line: Line, at: int, stop: int) -> Shift | None:
    """`2 weeks`, `by a month`, `another quarter`, `3w` beginning at this token."""
    start = at
    while start < stop and line.word(start) in ("by", "another", "out", "about", "further"):
        start += 1
    word = line.word(start)
    if match := _COMPACT.match(word):
        days, months = _UNITS[match[2]]
        return Shift(start + 1, days * int(match[1]), months * int(match[1]))
    if word in ("a", "an"):
        start += 1
        word = line.word(start)
    count = 1
    if word.isascii() and word.isdecimal() and len(word) < 3:
        count, start = int(word), start + 1
    elif word in ("couple", "few"):
        count, start = 2 if word == "couple" else 3, start + 1 + (line.word(start + 1) == "of")
    elif word in NUMBER_WORDS:
        count, start = NUMBER_WORDS[word], start + 1
    elif start == at:
        return None
    unit = _UNITS.get(line.word(start))
    if unit is None or start >= stop or line.word(start + 1) in ("ago", "from"):
        return None
    return Shift(start + 1, unit[0] * count, unit[1] * count)


def later(day: date, days: int, months: int) -> date:
    """That much after a day; the last day of a month stays one."""
    moved = shifted(day, months) if months else day
    if months and day.day == days_in_month(day):
        moved = moved.replace(day=days_in_month(moved))
    return moved + timedelta(days=days)


def _wide(line: Line, at: int, reading: Reading, fiscal: FiscalCalendar) -> Closing | None:
    part, start = _LATE, at
    if line.word(at) in _PARTS:
        part, start = _PARTS[line.word(at)], at + 1
        while line.word(start) in ("of", "-", "the", "in"):
            start += 1
    month = _month(line, start, reading, introduced=start > at)
    found = month or _period(line, start, reading, fiscal, ended=start > at)
    if found is None:
        return None
    span, stop = found
    if line.word(stop) == "end" and start == at:
        stop += 1
    day = span.last if part not in _DAYS or span.days > 31 else span.first.replace(day=_DAYS[part])
    return Closing(stop, day if reading.future else min(day, reading.today), wide=True)


def _month(line: Line, at: int, reading: Reading, *, introduced: bool) -> tuple[Span, int] | None:
    word = line.word(at)
    if word not in MONTHS or (line.word(at + 1)[:1].isdigit() and not _YEAR.match(line.word(at + 1))):
        return None
    # `may` and `mar` are other words too.
    if word in ("may", "mar", "march") and not (introduced or line.capital(at) or line.word(at - 1) in _CUES):
        return None
    stop, number, today = at + 1, MONTHS[word], reading.today
    if line.word(stop) == "." and line.glued(stop):
        stop += 1
    if _YEAR.match(line.word(stop)):
        year, stop = int(line.word(stop)[-2:]) + 2000, stop + 1
    elif reading.future:
        year = today.year + (number < today.month)
    else:
        year = today.year - (number > today.month)
    first = date(year, number, 1)
    return Span(first, first.replace(day=days_in_month(first))), stop


def _period(line: Line, at: int, reading: Reading, fiscal: FiscalCalendar, *, ended: bool) -> tuple[Span, int] | None:
    word, today = line.word(at), reading.today
    for pattern, length in ((_QUARTER, Length.QUARTER), (_HALF, Length.HALF)):
        if match := pattern.match(word):
            return _numbered(line, at + 1, length, int(match[1]), reading, fiscal)
    if word in _SHORT:
        return fiscal.holding(_SHORT[word], today), at + 1
    unit = _LENGTHS.get(line.word(at + 1))
    if word in ("next", "this") and unit is not None:
        holding = fiscal.holding(unit, today)
        if word == "next":
            holding = fiscal.holding(unit, holding.last + timedelta(days=1))
        return holding, at + 2
    unit = _LENGTHS.get(word)
    if unit is not None and (ended or line.word(at + 1) == "end"):
        return fiscal.holding(unit, today), at + 1
    return None


def _numbered(
    line: Line, stop: int, length: Length, number: int, reading: Reading, fiscal: FiscalCalendar
) -> tuple[Span, int]:
    year = fiscal.year_of(reading.today)
    if _YEAR.match(line.word(stop)):
        return fiscal.part(length, int(line.word(stop)[-2:]) + 2000, number), stop + 1
    span = fiscal.part(length, year, number)
    if reading.future and span.last < reading.today:
        span = fiscal.part(length, year + 1, number)
    if not reading.future and span.first > reading.today:
        span = fiscal.part(length, year - 1, number)
    return span, stop
