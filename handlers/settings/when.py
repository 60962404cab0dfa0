"""Until when, and on which days: the times that are said of snoozes and leave, all to come unless past is said."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Final

from handlers.conversation.request import Basis
from handlers.language.clock import clock_at
from handlers.language.dates import MONTHS, Day, Reading, day_at
from handlers.language.numbers import NUMBER_WORDS
from handlers.language.tokens import Line
from handlers.numbers.spans import DAY, Span, month_of, shifted
from handlers.schedules.slots import moment

_NUMBER: Final = rf"(?P<count>\d{{1,3}}|an?|{'|'.join(sorted(NUMBER_WORDS, key=len, reverse=True))})"
_FOR: Final = re.compile(rf"(?:for\s+)?(?:the\s+next\s+)?{_NUMBER}\s+(?P<unit>hour|day|week|month)s?", re.I)
_REST_OF_DAY: Final = re.compile(
    r"(?:for\s+)?(?:the\s+)?(?:(?:rest\s+of\s+)?(?:the|to)\s*day|whole\s+day|all\s+day)", re.I
)
_THIS_WEEK: Final = re.compile(
    r"(?:for\s+)?(?:all\s+|the\s+)?(?:(?:rest\s+of\s+)?(?:the|this)\s+week|this\s+week)", re.I
)
_NEXT_WEEK: Final = re.compile(r"(?:for\s+|all\s+)?next\s+week", re.I)
_MONTHS: Final = "|".join(sorted(MONTHS, key=len, reverse=True))
_MONTH: Final = re.compile(rf"(?:for\s+|in\s+|all\s+(?:of\s+)?)?(?:(?P<next>next\s+month)|(?P<name>{_MONTHS}))", re.I)
_UNTIL: Final = re.compile(r"(?:until|till|'?til|before|thru|through|up\s+to)\s+", re.I)
_LEADS: Final = re.compile(r"(?:(?:from|on|between|starting(?:\s+on)?|beginning|as\s+of|for)\s+)+", re.I)
_JOINTS: Final = frozenset(("to", "-", "–", "—", "until", "till", "til", "through", "thru", "and"))
_NTH: Final = r"(?:st|nd|rd|th)?"
_TO: Final = r"\s*(?:-|–|—|to)\s*"
_SHORT_SPAN: Final = (
    re.compile(rf"\b(?P<one>\d{{1,2}}){_NTH}{_TO}(?P<two>\d{{1,2}}){_NTH}\s+(?P<month>{_MONTHS})\b", re.I),
    re.compile(
        rf"\b(?P<month>{_MONTHS})\.?\s+(?P<one>\d{{1,2}}){_NTH}{_TO}(?P<two>\d{{1,2}}){_NTH}(?![\w/:.-]|\s+(?:{_MONTHS})\b)",
        re.I,
    ),
)
_DASH: Final = re.compile(r"\s*[–—]\s*|\s+-\s+|(?<=[a-z])-(?=\d{1,2}\s*[a-z]{3})|(?<=/\d\d)-(?=\d)", re.I)
_FAR: Final = timedelta(days=300)
"""A first day so far ahead is one that has begun already, where that makes a span with the last."""


def until_in(text: str, basis: Basis) -> datetime | None:
    """The instant (UTC) that the words name as an end, counted from the beginning of its day where no time is said;
    None where they name none, or one that is over."""
    text, zone, today = text.strip(), basis.zone, basis.now.date()
    if _REST_OF_DAY.fullmatch(text):
        return moment(today + DAY, time(0), zone)
    if _THIS_WEEK.fullmatch(text):
        return moment(_monday(today, 1), time(0), zone)
    if match := _FOR.fullmatch(text):
        count, unit = _number(match["count"]), match["unit"].casefold()
        if unit == "hour":
            return moment(today, time(0), zone) if count == 0 else (basis.now + timedelta(hours=count)).astimezone(zone)
        day = shifted(today, count) if unit == "month" else today + count * timedelta(days=7 if unit == "week" else 1)
        return moment(day, time(0), zone)
    match = _UNTIL.match(text)
    if match is None:
        return None
    found = _moment(text[match.end() :], _reading(basis))
    if found is None:
        return None
    day, at = found
    instant = moment(day, at, zone)
    return instant if instant > basis.now else None


def day_in(text: str, basis: Basis) -> date | None:
    """The day to come that all of the words name."""
    text = _LEADS.sub("", text.strip(), count=1) if _LEADS.match(text.strip()) else text.strip()
    return _whole_day(text, _reading(basis))


def span_in(text: str, basis: Basis) -> Span | None:
    """The days that all of the words name, both ends included; None where they name none."""
    text, today = text.strip(" ,.:"), basis.now.date()
    for shape in _SHORT_SPAN:
        text = shape.sub(r"\g<one> \g<month> to \g<two> \g<month>", text)
    text = _DASH.sub(" to ", text)
    if _REST_OF_DAY.fullmatch(text):
        return Span(today, today)
    if _THIS_WEEK.fullmatch(text):
        return Span(today, _monday(today, 1) - DAY)
    if _NEXT_WEEK.fullmatch(text):
        return Span(_monday(today, 1), _monday(today, 2) - DAY)
    if match := _MONTH.fullmatch(text):
        return _month(match, today)
    if match := re.match(r"since\s+", text, re.I):
        first = _whole_day(text[match.end() :], replace(_reading(basis), future=False))
        return Span(first, today) if first is not None and first <= today else None
    if found := _counted(text, basis):
        return found
    if match := _UNTIL.match(text):
        # Read with the word before it, which takes today's own weekday for today.
        last = _whole_day(f"until {text[match.end() :]}", _reading(basis), skip=1)
        return Span(today, last) if last is not None and last >= today else None
    return _from_to(text, _reading(basis))


def _counted(text: str, basis: Basis) -> Span | None:
    """`for 2 weeks`, `3 days from Monday`."""
    lead, joint, behind = text, "", ""
    if match := re.search(r"\s+(?:from|starting(?:\s+on)?|beginning)\s+", text, re.I):
        lead, joint, behind = text[: match.start()], match[0], text[match.end() :]
    match = _FOR.fullmatch(lead)
    if match is None or match["unit"].casefold() == "hour":
        return None
    first = day_in(behind, basis) if joint else basis.now.date()
    count, unit = _number(match["count"]), match["unit"].casefold()
    if first is None or count == 0:
        return None
    behind_it = shifted(first, count) if unit == "month" else first + count * timedelta(days=7 if unit == "week" else 1)
    return Span(first, behind_it - DAY)


def _from_to(text: str, reading: Reading) -> Span | None:
    match = _LEADS.match(text)
    line = Line(text[match.end() :] if match else text)
    if not line.count:
        return None
    begin = day_at(line, 0, reading, line.count)
    if begin is None:
        return None
    if begin.stop == line.count:
        return Span(begin.day, begin.day)
    joint, after = line.word(begin.stop), begin.stop + 1
    if joint not in _JOINTS or after >= line.count:
        return None
    after += line.word(after) in ("on", "including")
    end = _day(line, after, reading)
    if end is None:
        return None
    first, last = begin.day, end.day
    if first - reading.today > _FAR:
        past = day_at(line, 0, replace(reading, future=False), line.count)
        if past is not None and past.day <= last:
            first = past.day
    if last < first:
        later = _day(line, after, replace(reading, now=datetime.combine(first, reading.now.time())))
        last = later.day if later is not None else last
    if last < first or (joint == "and" and last != first + DAY):
        return None
    return Span(first, last)


def _day(line: Line, index: int, reading: Reading) -> Day | None:
    """The day that is said from there to the end."""
    found = day_at(line, index, reading, line.count) if index < line.count else None
    return found if found is not None and found.stop == line.count else None


def _whole_day(text: str, reading: Reading, skip: int = 0) -> date | None:
    line = Line(text)
    found = _day(line, skip, reading) if line.count > skip else None
    return found.day if found is not None else None


def _moment(text: str, reading: Reading) -> tuple[date, time] | None:
    """`Monday`, `Monday at 10`, `3pm`."""
    line = Line(text)
    if not line.count:
        return None
    day = day_at(line, 0, reading, line.count)
    index = day.stop if day is not None else 0
    if day is not None and index == line.count:
        return day.day, day.at or time(0)
    index += line.word(index) == "at"
    clock = clock_at(line, index, marked=True) if index < line.count else None
    if clock is None or clock.stop != line.count:
        return None
    return (day.day if day is not None else reading.today), clock.at


def _month(match: re.Match[str], today: date) -> Span:
    if match["next"]:
        return month_of(shifted(today.replace(day=1), 1))
    number = MONTHS[match["name"].casefold()]
    month = month_of(date(today.year + (number < today.month), number, 1))
    return Span(max(month.first, today), month.last)


def _number(words: str) -> int:
    words = words.casefold()
    return int(words) if words.isdecimal() else 1 if words in ("a", "an") else NUMBER_WORDS[words]


def _monday(today: date, weeks: int) -> date:
    return today + timedelta(days=7 * weeks - today.weekday())


def _reading(basis: Basis) -> Reading:
    return Reading(basis.now.replace(tzinfo=None), future=True, order=basis.date_order)
