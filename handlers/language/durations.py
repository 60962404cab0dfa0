"""How long something took: `30m`, `1h15`, `half an hour`."""

from __future__ import annotations

import re
from typing import Final

from handlers.language.numbers import NUMBER_WORDS

_END = r"(?![^\W_])"
_NUMBER = r"\d{1,4}(?:[.,]\d{1,2})?"
_HOUR = r"(?:hours?|hrs?|h)"
_MINUTE = r"(?:minutes?|mins?|mns?|m)"
_WORD_NUMBER = "|".join(sorted(NUMBER_WORDS, key=len, reverse=True))

_CLOCKED = re.compile(rf"(\d{{1,2}}):([0-5]\d)\s?{_HOUR}{_END}", re.I)
_HOURS = re.compile(
    rf"({_NUMBER})(?:\s?(½|¼|¾)|\s(1/2|1/4|3/4))?[\s-]?{_HOUR}"
    rf"(?:(?:\s|,\s|\sand\s)?([0-5]?\d)[\s-]?{_MINUTE}{_END}|([0-5]\d){_END}|\s([1-5]\d)(?=\s*(?:[,;.)]|$))|(\sand\sa\shalf){_END}|{_END})",
    re.I,
)
_MINUTES = re.compile(rf"({_NUMBER})(?:[\s-]?{_MINUTE}{_END}|\s?['’′](?!\w))", re.I)
_FRACTION = re.compile(rf"(½|¼|¾|1/2|1/4|3/4)[\s-]?(?:an?\s|of\san\s)?{_HOUR}{_END}", re.I)
_WORDED = re.compile(
    rf"(?:(half)[\s-](?:an?[\s-])?{_HOUR}"
    rf"|(three[\s-]quarters?|(?:a\s)?quarter)[\s-](?:of\s)?an\s{_HOUR}"
    rf"|(?:an|one|1)[\s-]{_HOUR}(\sand\sa\s(?:half|quarter)|\s?1/2)?"
    rf"|one\sand\sa\s(half)\s{_HOUR}"
    rf"|(?:a\s)?(couple)\s(?:of\s)?{_HOUR}"
    rf"|({_WORD_NUMBER})(?:[\s-]({_WORD_NUMBER}))?[\s-](?:({_HOUR}(\sand\sa\shalf)?)|{_MINUTE})){_END}",
    re.I,
)
_PARTS: Final = {"½": 30, "1/2": 30, "¼": 15, "1/4": 15, "¾": 45, "3/4": 45}

OPENERS: Final = frozenset({"half", "three", "a", "quarter", "an", "one", "couple", *NUMBER_WORDS})
"""Folded words that a duration in words may begin with."""

_BARE = re.compile(r"\d{1,4}")


def duration_at(text: str, start: int) -> tuple[int, int] | None:
    """Minutes and the offset where the phrase ends, if a duration is written at this offset."""
    found = _numeric(text, start) if text[start].isdigit() or text[start] in "½¼¾" else _worded(text, start)
    return found if found is None or 0 < found[0] <= 24 * 60 else None


def read_minutes(text: str) -> int | None:
    """A form field's text as minutes: `1h15` -> 75; a bare number is minutes already; None if it is no duration."""
    text = text.strip()
    if not text:
        return None
    if _BARE.fullmatch(text):
        return int(text) if 0 < int(text) <= 24 * 60 else None
    found = duration_at(text, 0)
    return found[0] if found and found[1] == len(text) else None


def _numeric(text: str, start: int) -> tuple[int, int] | None:
    if match := _CLOCKED.match(text, start):
        return 60 * int(match[1]) + int(match[2]), match.end()
    if match := _HOURS.match(text, start):
        hours = float(match[1].replace(",", "."))
        extra = (
            _PARTS.get(match[2] or match[3] or "", 0)
            + int(match[4] or match[5] or match[6] or 0)
            + (30 if match[7] else 0)
        )
        return round(60 * hours) + extra, match.end()
    if match := _MINUTES.match(text, start):
        return round(float(match[1].replace(",", "."))), match.end()
    if match := _FRACTION.match(text, start):
        return _PARTS[match[1]], match.end()
    return None


def _worded(text: str, start: int) -> tuple[int, int] | None:
    match = _WORDED.match(text, start)
    if match is None:
        return None
    half, quarters, and_part, one_and_half, couple, number, units, hours, hours_and_half = match.groups()
    if half:
        minutes = 30
    elif quarters:
        minutes = 45 if quarters.lower().startswith("three") else 15
    elif one_and_half:
        minutes = 90
    elif couple:
        minutes = 120
    elif number:
        count = NUMBER_WORDS[number.lower()] + (NUMBER_WORDS[units.lower()] if units else 0)
        minutes = (60 if hours else 1) * count + (30 if hours_and_half else 0)
    else:
        minutes = 60 + (0 if and_part is None else 15 if "quarter" in and_part.lower() else 30)
    return minutes, match.end()
