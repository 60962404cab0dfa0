"""A schedule in words, read: `every Monday 09:00`, `last Friday of the month`, `2 working days before quarter end`."""

from __future__ import annotations

import re
from datetime import date, time, timedelta
from typing import Final

from handlers.conversation.errors import UserError
from handlers.numbers.periods import Length
from handlers.schedules.rule import WEEKDAYS, Counted, OfPeriod, Rule, Weekly

DEFAULT_TIME: Final = time(9)
"""Of a rule that names none."""

_SHORT: Final = {name[:length].casefold(): at for at, name in enumerate(WEEKDAYS) for length in (3, 4, 5, len(name))}
_DAY: Final = rf"(?:{'|'.join(sorted(_SHORT, key=len, reverse=True))})s?"
_DAYS: Final = rf"(?P<days>{_DAY}(?:(?:\s*,\s*|\s+and\s+|\s*&\s*){_DAY})*)"
_PERIOD: Final = r"(?:the\s+|each\s+|every\s+|a\s+)?(?P<length>month|quarter|half|half[ -]year|year)s?"
_NUMBERS: Final = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "last": -1,
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
}  # fmt: skip
_NTH: Final = rf"(?P<nth>{'|'.join(_NUMBERS)}|\d{{1,2}}(?:st|nd|rd|th)?)(?P<from_end>\s+to\s+last)?"
_COUNT: Final = rf"(?P<count>{'|'.join(_NUMBERS)}|\d{{1,2}})"
_TIME: Final = re.compile(
    r"(?:\s+at|\s*,)?\s+(?:(?P<hour>\d{1,2})(?:[:.](?P<minute>\d\d))?\s*(?P<half>[ap]\.?m\.?)?|(?P<word>noon|midday))\s*\Z",
    re.I,
)
_FROM: Final = re.compile(r"\s+from\s+(?P<from>\d{4}-\d\d-\d\d)\s*\Z", re.I)
_SHAPES: Final = tuple(
    re.compile(rf"(?:on\s+)?{shape}\s*\Z", re.I)
    for shape in (
        r"(?:every|each)\s+(?P<daily>day|working\s+day|workday|weekday|business\s+day)|(?P<adverb>daily)",
        rf"(?:every|each)\s+(?:(?P<other>other|second)\s+)?{_DAYS}(?P<working>\s+if\s+it\s+is\s+a\s+working\s+day)?",
        rf"every\s+{_COUNT}\s+weeks?\s+(?:on\s+)?{_DAYS}(?P<working>\s+if\s+it\s+is\s+a\s+working\s+day)?",
        rf"{_DAYS}",
        rf"(?:the\s+|every\s+)?{_NTH}\s+(?P<weekday>{_DAY})\s+(?:of|in)\s+{_PERIOD}",
        rf"(?:the\s+|every\s+)?{_NTH}\s+(?P<working>(?:working|business)\s+)?day\s+of\s+{_PERIOD}",
        rf"(?:the\s+)?{_NTH}\s+of\s+{_PERIOD}",
        rf"{_COUNT}\s+(?P<working>(?:working|business)\s+)?days?\s+before\s+(?:the\s+)?(?:end\s+of\s+)?{_PERIOD}(?:\s*'?s?\s*end)?",
    )
)
(_DAILY, _EVERY, _EVERY_N, _BARE, _NTH_WEEKDAY, _NTH_DAY, _OF_MONTH, _BEFORE_END) = _SHAPES


class NotASchedule(UserError):
    """I could not read “{text}” as a schedule. Some that I can: “every Monday 09:00”, “every other Tuesday at 10”,
    “last Friday of the month”, “2 working days before quarter end”."""


def read(text: str, *, today: date) -> Rule:
    """The rule that the words say. `every other …` counts from the week of `today`. Raises NotASchedule."""
    rest, at, anchor = " ".join(text.split()), DEFAULT_TIME, None
    if match := _FROM.search(rest):
        anchor, rest = date.fromisoformat(match["from"]), rest[: match.start()]
    if found := _time(rest):
        at, rest = found
    if match := _FROM.search(rest):
        anchor, rest = date.fromisoformat(match["from"]), rest[: match.start()]
    for shape in _SHAPES:
        if match := shape.match(rest):
            rule = _rule(shape, match, at, anchor or today)
            if rule is not None:
                return rule
    raise NotASchedule(text=text)


def _time(text: str) -> tuple[time, str] | None:
    """The time at the end, and what is before it; an hour without minutes needs `at`, `am` or `pm` before or after."""
    match = _TIME.search(text)
    if match is None:
        return None
    rest = text[: match.start()]
    if match["word"]:
        return time(12), rest
    hour, minute, half = int(match["hour"]), int(match["minute"] or 0), (match["half"] or "").casefold()[:1]
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    elif match["minute"] is None and 1 <= hour <= 6:
        hour += 12
    return (time(hour, minute), rest) if hour < 24 and minute < 60 else None


def _rule(shape: re.Pattern[str], match: re.Match[str], at: time, week: date) -> Rule | None:
    said = match.groupdict()
    if shape is _DAILY:
        working = bool(said["daily"]) and said["daily"].casefold() != "day"
        return Weekly(tuple(range(5 if working else 7)), at, working=working)
    if shape in (_EVERY, _EVERY_N, _BARE):
        every = _number(said["count"]) if shape is _EVERY_N else 2 if said.get("other") else 1
        monday = week - timedelta(days=week.weekday())
        return Weekly(_days(said["days"]), at, every, monday if every > 1 else None, bool(said.get("working")))
    length = Length(said["length"].casefold().replace("half-year", "half").replace("half year", "half"))
    if shape is _BEFORE_END:
        counted = Counted.WORKING_DAY if said["working"] else Counted.DAY
        return OfPeriod(length, counted, -_number(said["count"]) - 1, at)
    nth = _number(said["nth"])
    if said["from_end"]:
        nth = -nth
    if nth == 0 or (shape is _NTH_WEEKDAY and length is Length.MONTH and abs(nth) > 5):
        return None
    if shape is _NTH_WEEKDAY:
        return OfPeriod(length, Counted.WEEKDAY, nth, at, _day(said["weekday"]))
    return OfPeriod(length, Counted.WORKING_DAY if said.get("working") else Counted.DAY, nth, at)


def _number(said: str) -> int:
    said = said.casefold()
    return _NUMBERS[said] if said in _NUMBERS else int(re.sub(r"\D", "", said))


def _day(said: str) -> int:
    said = said.casefold()
    return _SHORT[said] if said in _SHORT else _SHORT[said.removesuffix("s")]


def _days(said: str) -> tuple[int, ...]:
    return tuple(sorted({_day(one) for one in re.findall(_DAY, said, re.I)}))
