"""Days in a text, read as past or as to come by the product's rules of time, on the person's own calendar."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final, Literal

from rapidfuzz.distance import OSA

from handlers.language.numbers import NUMBER_WORDS
from handlers.language.tokens import Line

DateOrder = Literal["mdy", "dmy"]

_WEEKDAY_WORDS: Final = {
    0: ("monday", "mon"),
    1: ("tuesday", "tue", "tues"),
    2: ("wednesday", "wed", "weds", "wednes", "wensday"),
    3: ("thursday", "thu", "thur", "thurs"),
    4: ("friday", "fri"),
    5: ("saturday", "sat"),
    6: ("sunday", "sun"),
}
WEEKDAYS: Final = {word: number for number, words in _WEEKDAY_WORDS.items() for word in words}
_MONTH_NAMES: Final = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
MONTHS: Final = {
    **{name: number for number, name in enumerate(_MONTH_NAMES, start=1)},
    **{name[:3]: number for number, name in enumerate(_MONTH_NAMES, start=1)},
    "sept": 9,
}
_NEAR_DAYS: Final = {
    "today": 0,
    "tod": 0,
    "tonight": 0,
    "tonite": 0,
    "yesterday": -1,
    "yday": -1,
    "yest": -1,
    "yesty": -1,
    "ystd": -1,
    "tomorrow": 1,
    "tmrw": 1,
    "tmw": 1,
    "tmr": 1,
    "tomo": 1,
    "tmrrw": 1,
    "2moro": 1,
    "2morrow": 1,
    "2mrw": 1,
}
PARTS_OF_DAY: Final = frozenset(("morning", "afternoon", "evening", "night", "lunchtime"))
_SPELLABLE: Final = ("yesterday", "tomorrow", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_UNITS: Final = {
    **dict.fromkeys(("day", "days", "d"), "day"),
    **dict.fromkeys(("week", "weeks", "wk", "wks", "w"), "week"),
    **dict.fromkeys(("fortnight", "fortnights"), "fortnight"),
    **dict.fromkeys(("month", "months", "mo", "mos", "mths"), "month"),
    **dict.fromkeys(("year", "years", "yr", "yrs"), "year"),
    **dict.fromkeys(("hour", "hours", "hr", "hrs", "h"), "hour"),
    **dict.fromkeys(("minute", "minutes", "min", "mins", "m"), "minute"),
}
_AGO: Final = frozenset(("ago", "back", "earlier", "prior"))
_LAST: Final = frozenset(("last", "past", "previous", "prev"))
_COMING: Final = frozenset(("coming", "upcoming"))
_COMPACT = re.compile(r"(\d{1,3})(d|w|wk|wks|mo|h|hr|hrs|m|min|mins)\Z")
_ORDINAL = re.compile(r"(\d{1,2})(?:st|nd|rd|th)\Z")
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_ISO = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)")
_NUMERIC = re.compile(
    r"(\d{1,2})(?:/(\d{1,2})(?:/(\d{4}|\d{2}))?|-(\d{1,2})-(\d{4}|\d{2})|(\.)(\d{1,2})\.(\d{4}|\d{2})?)(?![\w/])"
)
_DAY_MONTH = re.compile(
    rf"(\d{{1,2}})(?:st|nd|rd|th)?(?:\s?[-/.]\s?|\s(?:of\s)?)?({_MONTH})(?![^\W_])"
    r"(?:\.?,?\s?(20\d\d)(?!\d)|\.?\s?['’](\d\d)(?!\d)|[-/](\d{4}|\d{2})(?!\d))?",
    re.I,
)
_MONTH_DAY = re.compile(
    rf"({_MONTH})\.?[\s-]?(?:the\s)?(\d{{1,2}})(?:st|nd|rd|th)?(?![^\W_]|[:.,/]\d|\s?[ap]\.?m\b)"
    r"(?:,?\s?(20\d\d)(?![\d:]))?",
    re.I,
)
_FAR_BACK: Final = 60
_CLOSE: Final = 31


@dataclass(frozen=True, slots=True)
class Reading:
    """How a text's days are meant. `now` is naive, on the person's own clock."""

    now: datetime
    future: bool = False
    order: DateOrder = "mdy"

    @property
    def today(self) -> date:
        """The person's own day."""
        return self.now.date()


@dataclass(frozen=True, slots=True)
class Day:
    """A day that is said from one token up to `stop`."""

    stop: int
    day: date
    other: date | None = None
    """The same figures in the other order, where that is as likely meant."""
    coming: date | None = None
    """The next such day, where the year is not said and the past one was taken."""
    at: time | None = None
    """The clock, where the phrase itself says it (`2 hours ago`, `EOD`)."""


def day_at(line: Line, index: int, reading: Reading, stop: int) -> Day | None:
    """The day whose phrase begins at this token and ends before `stop`."""
    word = line.words[index]
    found = _written_out(line, index, reading) if word[0].isdigit() else _in_words(line, index, reading, stop)
    return found if found is not None and found.stop <= stop else None


@dataclass(frozen=True, slots=True)
class NoDay:
    """Words that name a day which no calendar has, from one token up to `stop`, and the day that is nearest to them."""

    stop: int
    near: date


def no_day_at(line: Line, index: int, reading: Reading, stop: int) -> NoDay | None:
    """`31 feb`, `June 31st`, `2026-02-30`, `31/4`: a day and a month that never meet, beginning at this token."""
    text, start, word = line.text, line.starts[index], line.words[index]
    month = day = 0
    year: str | None = None
    match: re.Match[str] | None = None
    if word in MONTHS:
        if match := _MONTH_DAY.match(text, start):
            month, day, year = MONTHS[word], int(match[2]), match[3]
    elif not word[0].isdigit():
        return None
    elif match := _ISO.match(text, start):
        year, month, day = match[1], int(match[3]), int(match[4])
    elif match := _DAY_MONTH.match(text, start):
        month, day, year = MONTHS[match[2].lower()], int(match[1]), match[3] or match[4] or match[5]
    elif (match := _NUMERIC.match(text, start)) and not match[6]:
        first, second, year = int(match[1]), int(match[2] or match[4]), match[3] or match[5]
        month, day = min(first, second), max(first, second)
    if match is None or not (1 <= month <= 12 and 29 <= day <= 31):
        return None
    behind = line.after(match.end(), index)
    if behind > stop:
        return None
    return NoDay(behind, _end_of_month(month, year, reading))


def _end_of_month(month: int, year: str | None, reading: Reading) -> date:
    """The last day of that month: of that year, else the latest one, or the next."""
    today = reading.today
    if year:
        chosen = int(year) + (2000 if len(year) == 2 else 0)
    else:
        chosen = today.year + (month < today.month if reading.future else -(month > today.month))
    chosen = min(max(chosen, 1), 9998)
    return date(chosen + month // 12, month % 12 + 1, 1) - timedelta(1)


def _written_out(line: Line, index: int, reading: Reading) -> Day | None:
    """Phrases that begin with a figure: 2026-11-09, 11/12, 9 Nov, 3 days ago, 12th."""
    text, start = line.text, line.starts[index]
    if match := _ISO.match(text, start):
        day = _date(int(match[1]), int(match[3]), int(match[4]))
        return None if day is None else Day(line.after(match.end(), index), day)
    if match := _NUMERIC.match(text, start):
        return _numeric(match, line.after(match.end(), index), reading)
    if match := _DAY_MONTH.match(text, start):
        year = match[3] or match[4] or match[5]
        return _of_month(MONTHS[match[2].lower()], int(match[1]), year, line.after(match.end(), index), reading)
    return _shifted(line, index, reading) or _nth(line, index, reading)


def _in_words(line: Line, index: int, reading: Reading, stop: int) -> Day | None:
    word = line.words[index]
    if index in line.possessive:
        word = word[:-1]
    if word in MONTHS:
        match = _MONTH_DAY.match(line.text, line.starts[index])
        if match:
            return _of_month(MONTHS[word], int(match[2]), match[3], line.after(match.end(), index), reading)
        return None
    rule = _OPENERS.get(word)
    if rule is not None:
        return rule(line, index, reading)
    if word in NUMBER_WORDS:
        return _shifted(line, index, reading)
    spelt = word if word in WEEKDAYS or word in _NEAR_DAYS else spelt_day(word)
    if spelt is None or (line.word(index + 1) in ("-", "'") and line.glued(index + 1)):
        return None
    if spelt in _NEAR_DAYS:
        return Day(_with_part(line, index + 1), reading.today + timedelta(_NEAR_DAYS[spelt]))
    return _weekday(line, index, WEEKDAYS[spelt], reading, stop)


def _weekday(line: Line, index: int, weekday: int, reading: Reading, stop: int) -> Day | None:
    after = index + 1
    if line.word(after) in (",", "."):
        after += 1
    if line.word(after) == "the":
        after += 1
    # "mon 16 nov", "friday the 13th": the figures say the day, the weekday only repeats it.
    if after < stop and (line.words[after][0].isdigit() or line.words[after] in MONTHS):
        exact = _ISO, _NUMERIC, _DAY_MONTH, _MONTH_DAY
        if any(pattern.match(line.text, line.starts[after]) for pattern in exact):
            return day_at(line, after, reading, stop)
        if _ORDINAL.match(line.words[after]):
            return _nth(line, after, reading)
    after = index + 1
    skip = 1 if line.word(after) in ("of", "in") else 0
    qualifier, unit = line.word(after + skip), line.word(after + skip + 1)
    if unit == "week" and (qualifier in _LAST or qualifier in ("this", "next")):
        weeks = -1 if qualifier in _LAST else 1 if qualifier == "next" else 0
        return Day(_with_part(line, after + skip + 2), _of_week(reading.today, weeks, weekday))
    if skip == 0 and qualifier == "week":
        return Day(after + 1, _next(reading.today, weekday) + timedelta(7))
    if qualifier == "gone" or (qualifier == "just" and unit == "gone"):
        return Day(after + skip + (2 if qualifier == "just" else 1), _before(reading.today, weekday))
    day = _next(reading.today, weekday) if reading.future else _latest(reading.today, weekday)
    if reading.future and line.word(index - 1) in ("by", "before", "until"):
        day = reading.today + timedelta((weekday - reading.today.weekday()) % 7)
    if line.word(index + 1) in ("eod", "cob"):
        return Day(index + 2, day, at=time(17))
    return Day(_with_part(line, index + 1), day)


def _last(line: Line, index: int, reading: Reading) -> Day | None:
    """last friday, last week tuesday, last night, last week."""
    following = line.word(index + 1)
    weekday = _weekday_word(following)
    if weekday is not None:
        return Day(_with_part(line, index + 2), _before(reading.today, weekday))
    if following == "night":
        return Day(index + 2, reading.today - timedelta(1))
    if following == "week":
        return _week(line, index + 2, -1, reading)
    return None


def _next_one(line: Line, index: int, reading: Reading) -> Day | None:
    """next friday, next week tuesday, next week, next month."""
    following = line.word(index + 1)
    weekday = _weekday_word(following)
    if weekday is not None:
        return Day(_with_part(line, index + 2), _of_week(reading.today, 1, weekday))
    if following in ("week", "wk"):
        return _week(line, index + 2, 1, reading)
    if following == "month":
        return Day(index + 2, (reading.today.replace(day=1) + timedelta(32)).replace(day=1))
    return None


def _this(line: Line, index: int, reading: Reading) -> Day | None:
    """this friday, this coming friday, this past friday, this morning, this week tuesday."""
    following = line.word(index + 1)
    if following in PARTS_OF_DAY:
        return Day(index + 2, reading.today)
    if following in _COMING:
        return _coming(line, index + 1, reading)
    if following in _LAST:
        return _last(line, index + 1, reading)
    weekday = _weekday_word(following)
    if weekday is not None:
        return Day(_with_part(line, index + 2), _of_week(reading.today, 0, weekday))
    if following == "week" and (weekday := _weekday_word(line.word(index + 2))) is not None:
        return Day(_with_part(line, index + 3), _of_week(reading.today, 0, weekday))
    return None


def _coming(line: Line, index: int, reading: Reading) -> Day | None:
    weekday = _weekday_word(line.word(index + 1))
    return None if weekday is None else Day(_with_part(line, index + 2), _next(reading.today, weekday))


def _week(line: Line, index: int, weeks: int, reading: Reading) -> Day | None:
    """Behind `last week` or `next week`: a weekday of it, or none: then a week back, or its Monday."""
    at = index + 1 if line.word(index) in ("on", "s") else index
    weekday = _weekday_word(line.word(at))
    if weekday is not None:
        return Day(_with_part(line, at + 1), _of_week(reading.today, weeks, weekday))
    return Day(index, reading.today - timedelta(7) if weeks < 0 else _of_week(reading.today, weeks, 0))


def _day_beside(line: Line, index: int, reading: Reading) -> Day | None:
    """the day before yesterday, day after tomorrow; `index` stands on `day`."""
    side, base = line.word(index + 1), line.word(index + 2)
    base = spelt_day(base) or base
    if side == "before" and _NEAR_DAYS.get(base) == -1:
        return Day(index + 3, reading.today - timedelta(2))
    if side == "after" and _NEAR_DAYS.get(base) == 1:
        return Day(index + 3, reading.today + timedelta(2))
    return None


def _the(line: Line, index: int, reading: Reading) -> Day | None:
    """the 12th, the day before yesterday, the other day (which day that is nobody can tell)."""
    following = line.word(index + 1)
    if following == "day":
        return _day_beside(line, index + 1, reading)
    if following[:1].isdigit():
        match = _DAY_MONTH.match(line.text, line.starts[index + 1])
        return _written_out(line, index + 1, reading) if match else _nth(line, index + 1, reading)
    return None


def _in(line: Line, index: int, reading: Reading) -> Day | None:
    """in 3 days, in a week, in half an hour."""
    return _counted(line, index + 1, reading, ahead=True)


def _article(line: Line, index: int, reading: Reading) -> Day | None:
    """a week ago, an hour ago, a couple of days ago, a week from friday."""
    return _shifted(line, index, reading)


def _end_of(line: Line, index: int, reading: Reading) -> Day | None:
    """end of week, end of the month, end of next week, end of day."""
    at = index + 1 + (line.word(index + 1) == "of")
    if line.word(at) == "next":
        first = _next_one(line, at, reading) if line.word(at + 1) in ("week", "month") else None
        later = None if first is None else replace(reading, now=datetime.combine(first.day, reading.now.time()))
        return None if later is None else _ending(line, _ENDINGS[line.word(at + 1)], at + 2, later)
    at += line.word(at) in ("the", "this")
    ending = _ENDINGS.get(line.word(at))
    return None if ending is None else _ending(line, ending, at + 1, reading)


def _abbreviated_end(line: Line, index: int, reading: Reading) -> Day | None:
    word = line.words[index]
    return _ending(line, "d" if word == "cob" else word[-1], index + 1, reading)


_ENDINGS: Final = {"day": "d", "business": "d", "week": "w", "month": "m", "quarter": "q", "year": "y"}


def _ending(line: Line, unit: str, stop: int, reading: Reading) -> Day | None:
    today = reading.today
    if unit == "w":
        return Day(stop, _of_week(today, 0, 4))
    if unit == "m":
        return Day(stop, (today.replace(day=1) + timedelta(32)).replace(day=1) - timedelta(1))
    if unit in ("d", "b"):
        weekday = _weekday_word(line.word(stop))
        if weekday is not None:
            return Day(stop + 1, _next(today, weekday) if reading.future else _latest(today, weekday), at=time(17))
        near = _NEAR_DAYS.get(line.word(stop))
        return Day(stop + (near is not None), today + timedelta(near or 0), at=time(17))
    return None


def _shifted(line: Line, index: int, reading: Reading) -> Day | None:
    """3 days ago, two weeks from now, a week from friday."""
    return _counted(line, index, reading, ahead=False)


def _counted(line: Line, index: int, reading: Reading, *, ahead: bool) -> Day | None:
    """A number of days, weeks, months, hours or minutes from `index` on, and which way it goes."""
    counted = _count_of(line, index)
    if counted is None:
        return None
    count, at = counted
    match = _COMPACT.match(line.word(index))
    if match:
        count, unit, at = int(match[1]), _UNITS[match[2]], index + 1
    else:
        business = line.word(at) in ("business", "working", "work")
        unit = _UNITS.get(line.word(at + business), "")
        at += business + 1
        if unit and business:
            unit = "business"
    if not unit:
        return None
    word = line.word(at)
    if word in _AGO:
        stop = at + 1
        weekday = _weekday_word(line.word(stop)) if unit == "week" else None
        if weekday is not None:
            return Day(stop + 1, _latest(reading.today, weekday) - timedelta(7 * count))
        return _moved(reading, -count, unit, stop)
    if word == "from":
        base = line.word(at + 1)
        weekday = _weekday_word(base)
        if base in ("now", "today"):
            return _moved(reading, count, unit, at + 2)
        if base in _NEAR_DAYS and unit in ("day", "week"):
            return Day(at + 2, reading.today + timedelta(_NEAR_DAYS[base] + count * (7 if unit == "week" else 1)))
        if weekday is not None and unit in ("day", "week"):
            return Day(at + 2, _next(reading.today, weekday) + timedelta(count * (7 if unit == "week" else 1)))
        return None
    if ahead:
        return _moved(reading, count, unit, at + (word == "time"))
    return None


def _count_of(line: Line, index: int) -> tuple[int, int] | None:
    """A count before a unit, and the token behind it: 3, three, a, a couple of, half an (hour: 0 of them)."""
    word = line.word(index)
    if word.isdecimal() and len(word) <= 3:
        return int(word), index + 1
    if _COMPACT.match(word):
        return 0, index + 1
    if word in NUMBER_WORDS:
        return NUMBER_WORDS[word], index + 1
    if word == "fortnight":
        return 1, index
    if word in ("a", "an") and line.word(index + 1) in ("couple", "few"):
        index, word = index + 1, line.word(index + 1)
    if word in ("couple", "few"):
        at = index + 1 + (line.word(index + 1) == "of")
        return (2 if word == "couple" else 3), at
    return (1, index + 1) if word in ("a", "an") else None


def _moved(reading: Reading, count: int, unit: str, stop: int) -> Day | None:
    today = reading.today
    if unit in ("hour", "minute"):
        moved = reading.now + timedelta(**{f"{unit}s": count})
        return Day(stop, moved.date(), at=moved.time().replace(second=0, microsecond=0, tzinfo=None))
    if unit == "business":
        step = 1 if count > 0 else -1
        left, day = abs(count), today
        while left:
            day += timedelta(step)
            left -= day.weekday() < 5
        return Day(stop, day)
    if unit in ("month", "year"):
        months = today.year * 12 + today.month - 1 + count * (12 if unit == "year" else 1)
        day_of_month = today.day
        while (day_found := _date(months // 12, months % 12 + 1, day_of_month)) is None and day_of_month > 1:
            day_of_month -= 1
        return None if day_found is None else Day(stop, day_found)
    try:
        return Day(stop, today + timedelta(count * {"fortnight": 14, "week": 7}.get(unit, 1)))
    except OverflowError:
        return None


def _nth(line: Line, index: int, reading: Reading) -> Day | None:
    """`12th`: the latest such day of a month, or the next."""
    match = _ORDINAL.match(line.word(index))
    if match is None:
        return None
    number, today = int(match[1]), reading.today
    month = today.year * 12 + today.month - 1
    for step in range(3):
        months = month + step if reading.future else month - step
        day = _date(months // 12, months % 12 + 1, number)
        if day is not None and (day >= today if reading.future else day <= today):
            return Day(index + 1, day)
    return None


def _numeric(match: re.Match[str], stop: int, reading: Reading) -> Day | None:
    first = int(match[1])
    second = int(match[2] or match[4] or match[7])
    year = match[3] or match[5] or match[8]
    if (first, second, year) == (24, 7, None):
        return None
    month_first = reading.order == "mdy" and not match[6]
    month, day = (first, second) if month_first else (second, first)
    found = _of_month(month, day, year, stop, reading)
    other = None if match[6] else _of_month(day, month, year, stop, reading)
    if found is None or other is None:
        return found or other
    today = reading.today
    if not year and not reading.future and (today - found.day).days > _FAR_BACK and (today - other.day).days <= _CLOSE:
        return replace(found, other=other.day)
    return found


def _of_month(month: int, day: int, year: str | None, stop: int, reading: Reading) -> Day | None:
    if year:
        exact = _date(int(year) + (2000 if len(year) == 2 else 0), month, day)
        return None if exact is None else Day(stop, exact)
    today = reading.today
    past = next((at for back in range(9) if (at := _date(today.year - back, month, day)) and at <= today), None)
    coming = next((at for ahead in range(9) if (at := _date(today.year + ahead, month, day)) and at >= today), None)
    if reading.future:
        return None if coming is None else Day(stop, coming)
    return None if past is None else Day(stop, past, coming=coming)


def _weekday_word(word: str) -> int | None:
    weekday = WEEKDAYS.get(word)
    if weekday is None and len(word) > 5:
        weekday = WEEKDAYS.get(spelt_day(word) or "")
    return weekday


@lru_cache(maxsize=8192)
def spelt_day(word: str) -> str | None:
    """The day that a misspelt word may be meant to say: `ystrday`, `tomorow`, `thrusday`."""
    if not 6 <= len(word) <= 11 or word in WEEKDAYS or (word[-1] != "y" and word[:1] != "t"):
        return None
    for day in _SPELLABLE:
        if OSA.distance(word, day) <= (2 if len(day) > 7 else 1) and word[0] == day[0]:
            return day
    return None


def _with_part(line: Line, index: int) -> int:
    """Past the part of the day that follows: yesterday afternoon, monday in the morning."""
    word = line.word(index)
    if word in PARTS_OF_DAY:
        return index + 1
    if word in ("in", "during") and line.word(index + 1) == "the" and line.word(index + 2) in PARTS_OF_DAY:
        return index + 3
    return index


def _latest(today: date, weekday: int) -> date:
    return today - timedelta((today.weekday() - weekday) % 7)


def _before(today: date, weekday: int) -> date:
    return today - timedelta((today.weekday() - weekday - 1) % 7 + 1)


def _next(today: date, weekday: int) -> date:
    return today + timedelta((weekday - today.weekday() - 1) % 7 + 1)


def _of_week(today: date, weeks: int, weekday: int) -> date:
    return today + timedelta(7 * weeks + weekday - today.weekday())


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


_OPENERS: Final = {
    **dict.fromkeys(_LAST, _last),
    **dict.fromkeys(_COMING, _coming),
    "next": _next_one,
    "this": _this,
    "the": _the,
    "day": _day_beside,
    "in": _in,
    "within": _in,
    **dict.fromkeys(("a", "an", "couple", "few", "fortnight"), _article),
    "end": _end_of,
    **dict.fromkeys(("eod", "cob", "eow", "eom"), _abbreviated_end),
}

DAY_OPENERS: Final = frozenset((*WEEKDAYS, *MONTHS, *_NEAR_DAYS, *_OPENERS, *NUMBER_WORDS))
"""Folded words that a day phrase may begin with, misspelt ones apart."""
