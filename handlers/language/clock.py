"""Times of day in a text: `3pm`, `9:15`, `at 2`, `half past 3`, `10-11am`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time
from typing import Final, Literal

from handlers.language.numbers import NUMBER_WORDS
from handlers.language.tokens import Line

Half = Literal["am", "pm"] | None

_MERIDIEM = r"([ap])\.?(?:m\b\.?|(?![^\W_]))"
_CLOCK = rf"(\d{{1,2}})(?:[:.]([0-5]\d))?(?!\d)\s?(?:{_MERIDIEM})?"
_TIME = re.compile(rf"{_CLOCK}(?![^\W_]|[:/.,]\d)", re.I)
_HUNDREDS = re.compile(r"([01]?\d|2[0-3])([0-5]\d)\s?(?:hrs?|hours|h)?(?![^\W_])", re.I)
_HOURS_24 = re.compile(r"([01]?\d|2[0-4])(?::([0-5]\d))?\s?(?:uhr|hrs)(?![^\W_])", re.I)
_RANGE = re.compile(
    rf"{_CLOCK}\s?(-|–|—|to|till?|until|and)\s?{_CLOCK}(?![^\W_]|[:/-]\d|\s?(?:h|m|min|hr|hour)s?\b|\s?minutes?\b)",
    re.I,
)
_WORDS: Final = {"noon": time(12), "midday": time(12), "midnight": time(0)}
_PAST: Final = {"quarter": 15, "half": 30, "five": 5, "ten": 10, "twenty": 20, "5": 5, "10": 10, "20": 20}
_ISH = re.compile(r"(\d{1,2})ish\Z")

CLOCK_WORDS: Final = frozenset((*_WORDS, "half", "quarter"))
"""Folded words that a time may begin with."""


@dataclass(frozen=True, slots=True)
class Clock:
    """A time said from one token up to `stop`; `minutes` to its end where a range is said."""

    stop: int
    at: time
    minutes: int | None = None


def clock_at(line: Line, index: int, *, marked: bool, half: Half = None, dated: bool = False) -> Clock | None:
    """The time whose phrase begins at this token.

    `marked`: something before it says that a time follows (`at`), so that a bare hour is one. `half` is the half of the
    day that other words speak of (`evening`); `dated`: a day stands beside it, so that a bare range is one of hours.
    """
    text, start, word = line.text, line.starts[index], line.words[index]
    if not word[0].isdigit():
        return _in_words(line, index, marked=marked, half=half)
    if match := _RANGE.match(text, start):
        found = _range(match, line.after(match.end(), index), marked=marked or dated, half=half)
        if found is not None:
            return found
    if match := _HOURS_24.match(text, start):
        return _exact(int(match[1]) % 24, int(match[2] or 0), line.after(match.end(), index))
    if match := _ISH.match(word):
        return _bare(int(match[1]), 0, half, index + 1)
    if match := _TIME.match(text, start):
        written, minute, letter = match[1], match[2], match[3]
        dotted = minute is not None and text[start + len(written)] == "."
        if letter or (minute and (not dotted or marked)):
            return _read(written, int(minute or 0), letter, half, line.after(match.end(), index))
        if minute is None:
            stop = line.after(match.end(), index)
            if line.word(stop) == "oclock":
                return _bare(int(written), 0, half, stop + 1)
            if marked and not (dotted or int(written) > 24):
                return _read(written, 0, None, half, stop)
    if marked and (match := _HUNDREDS.match(text, start)) and len(match[2]) == 2 and len(word) >= 4:
        return _exact(int(match[1]), int(match[2]), line.after(match.end(), index))
    return None


def _in_words(line: Line, index: int, *, marked: bool, half: Half) -> Clock | None:
    word, following = line.words[index], line.word(index + 1)
    if word in _WORDS:
        return Clock(index + 1, _WORDS[word])
    if word in _PAST and following in ("past", "to", "after"):
        hour = _hour(line.word(index + 2))
        if hour is not None:
            minutes = 60 * hour + (-_PAST[word] if following == "to" else _PAST[word])
            at, after = _bare(hour, 0, _half_of(line.word(index + 3)) or half, index + 3), line.word(index + 3)
            if at is not None:
                minutes += 60 * (at.at.hour - hour)
                return Clock(index + 3 + (_half_of(after) is not None), time(minutes // 60 % 24, minutes % 60))
    if word == "half" and (hour := _hour(following)) is not None and marked:
        return _bare(hour, 30, half, index + 2)
    if marked and word in NUMBER_WORDS and NUMBER_WORDS[word] <= 12:
        said = _half_of(following)
        stop = index + 1 + (said is not None) + (following == "oclock") + (following == "thirty")
        return _bare(NUMBER_WORDS[word], 30 if following == "thirty" else 0, said or half, stop, said=said)
    return None


def _half_of(word: str) -> Half:
    return "am" if word in ("am", "a") else "pm" if word in ("pm", "p") else None


def _hour(word: str) -> int | None:
    hour = int(word) if word.isdecimal() and len(word) < 3 else NUMBER_WORDS.get(word, 0)
    return hour if 1 <= hour <= 12 else None


def _range(match: re.Match[str], stop: int, *, marked: bool, half: Half) -> Clock | None:
    first, first_minute, first_letter, joint, last, last_minute, last_letter = match.groups()
    if joint.lower() == "and" and not marked:
        return None
    if not (first_letter or last_letter or first_minute or last_minute) and not (
        marked and int(first) <= 24 and int(last) <= 24
    ):
        return None
    end = _read(last, int(last_minute or 0), last_letter, half, stop)
    if end is None:
        return None
    end_minutes = 60 * end.at.hour + end.at.minute
    start: Clock | None
    if first_letter or not last_letter:
        start = _read(first, int(first_minute or 0), first_letter, half, stop)
        if start is None:
            return None
        start_minutes = 60 * start.at.hour + start.at.minute
        if end_minutes <= start_minutes and not last_letter and end.at.hour < 12:
            end_minutes += 12 * 60
    else:
        # "10-11am" and "11-1pm": the start is the last such hour before the end.
        hour = int(first)
        if hour > 24:
            return None
        start_minutes = 60 * (hour % 12 if hour <= 12 else hour) + int(first_minute or 0)
        if start_minutes + 12 * 60 < end_minutes and hour <= 12:
            start_minutes += 12 * 60
        start = _exact(start_minutes // 60 % 24, start_minutes % 60, stop)
        if start is None:
            return None
    length = end_minutes - start_minutes
    return Clock(stop, start.at, length) if 0 < length <= 12 * 60 else None


def _read(written: str, minute: int, letter: str | None, half: Half, stop: int) -> Clock | None:
    hour = int(written)
    if hour > 24:
        return None
    if letter:
        if not 1 <= hour <= 12:
            return _exact(hour, minute, stop)
        return _exact(hour % 12 + (12 if letter.lower() == "p" else 0), minute, stop)
    if hour > 12 or hour == 0 or written[0] == "0":
        return _exact(hour % 24, minute, stop)
    return _bare(hour, minute, half, stop)


def _bare(hour: int, minute: int, half: Half, stop: int, *, said: Half = None) -> Clock | None:
    """An hour without a half of the day: 7 to 11 is the morning, 12 noon, 1 to 6 the afternoon."""
    if said:
        return _exact(hour % 12 + (12 if said == "pm" else 0), minute, stop)
    if (hour < 7 and half != "am") or (half == "pm" and hour < 12):
        hour += 12
    return _exact(hour, minute, stop)


def _exact(hour: int, minute: int, stop: int) -> Clock | None:
    return Clock(stop, time(hour, minute)) if hour < 24 else None
