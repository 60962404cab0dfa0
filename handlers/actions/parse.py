"""`to send the NDA to Acme on Friday at 3pm`: what is to be done, and by when. An item has a day and no time of day, so
a time stays in its words."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from handlers.conversation.request import Basis
from handlers.conversation.wording import Days
from handlers.language.clock import clock_at
from handlers.language.dates import PARTS_OF_DAY, Day, Reading, day_at, no_day_at
from handlers.language.tokens import Line

_LEAD: Final = re.compile(
    r"(?:me\s+)?(?:please\s+)?(?:to|about|that\s+i(?:\s+(?:should|must|need\s+to|have\s+to))?)\s+", re.I
)
_ENDS: Final = " ,.;!?…"
_COURTESIES: Final = (" please", " pls", " thanks", " thank you", " thx")
_BEFORE: Final = frozenset(("on", "by", "until", "till", "before", "due", "for", "this", "at", ",", "-", "–", ":", "("))
_TO_A_TIME: Final = frozenset(("at", "@", "around", "about", "by", "before", "after", "from", "between"))
_BEHIND_A_TIME: Final = frozenset(
    (
        "sharp",
        "pt",
        "pst",
        "pdt",
        "mt",
        "mst",
        "mdt",
        "ct",
        "cst",
        "cdt",
        "et",
        "est",
        "edt",
        "gmt",
        "utc",
        "bst",
        "cet",
    )
)
_EVERY: Final = frozenset(("every", "each"))
_ENDINGS: Final = frozenset(("end", "eod", "cob"))
_LATER_PARTS: Final = PARTS_OF_DAY - {"morning"}
_SIGNS: Final = frozenset((",", "-", "–", ":"))
LONGEST: Final = 300


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be done; `due` None where no day was said."""

    text: str
    due: date | None
    timed: bool = False
    """A time of day was said, which is in the words."""
    no_day: str = ""
    """Words that name a day which no calendar has; they are in the words too."""
    near: date | None = None
    """The day nearest to these."""


@dataclass(frozen=True, slots=True)
class _When:
    """A day, from one token up to another, with what was said of the time of day."""

    start: int
    stop: int
    day: date
    time: str


def parse(words: str, basis: Basis) -> Wanted:
    """The words, without the day that stands at their end or their beginning."""
    words = " ".join(words.split())
    lead = _LEAD.match(words)
    words = words[lead.end() :] if lead else words
    reading = Reading(basis.now.replace(tzinfo=None), future=True, order=basis.date_order)
    wanted = _at_the_end(words, reading, basis) or _at_the_beginning(words, reading, basis)
    if wanted is None:
        wanted = _no_day(Wanted(_capital(words), None), reading)
    return replace(wanted, timed=_says_a_time(wanted.text))


def _at_the_end(words: str, reading: Reading, basis: Basis) -> Wanted | None:
    # Then without what only ends the sentence: “… on Friday, please?”
    for said in dict.fromkeys((words, _without_close(words))):
        line = Line(said)
        for at in range(1, line.count):
            found = _when(line, at, reading, basis, dated=True)
            if found is not None and found.stop == line.count and line.words[found.start - 1] not in _EVERY:
                text = _tidy(line, 0, found.start)
                return Wanted(f"{text} {found.time}".strip() if text else "", found.day)
    return None


def _at_the_beginning(words: str, reading: Reading, basis: Basis) -> Wanted | None:
    """`on Friday at 9 to send the NDA`, `at 9 on Friday send the NDA`."""
    line = Line(words)
    begins = _past(line, 0, _BEFORE)
    clock = _time_at(line, 0, dated=False)
    found = _when(line, begins, reading, basis, dated=False)
    if found is None and clock:
        found = _when(line, _past(line, clock, _BEFORE), reading, basis, dated=False)
        said = line.written(0, clock)
        said = said if _led(said) else f"at {said}"
        found = replace(found, time=f"{said} {found.time}".strip()) if found is not None else None
    if found is None or found.stop >= line.count:
        return None
    rest = _tidy(line, found.stop, line.count)
    further = _LEAD.match(rest)
    text = _capital(rest[further.end() :] if further else rest)
    return Wanted(f"{text.rstrip(_ENDS)} {found.time}" if found.time else text, found.day)


def _when(line: Line, at: int, reading: Reading, basis: Basis, *, dated: bool) -> _When | None:
    """The day whose phrase begins at this token, with the time behind it."""
    start = at
    if line.word(at) == "the" and line.word(at + 1) == "end":
        at += 1
    found = day_at(line, at, reading, line.count) if at < line.count else None
    if found is None:
        return None
    stop = _time_at(line, found.stop, dated=dated)
    written = line.written(_past(line, found.stop, _SIGNS), stop)
    if written and not _led(written):
        written = f"at {written}"
    times = _said_by_day(line, at, found, basis), written
    return _When(start, max(stop, found.stop), found.coming or found.day, " ".join(filter(None, times)))


def _said_by_day(line: Line, start: int, day: Day, basis: Basis) -> str:
    """What the phrase of a day says of the time: `in the afternoon` of “tomorrow afternoon”, `at 12:10 pm` of “in two
    hours”. The end of a day is its day."""
    said = line.words[start : day.stop]
    if any(word in _ENDINGS for word in said):
        return ""
    if day.at is not None:
        return f"at {Days.of(basis).clock(day.at)}"
    part = "evening" if {"tonight", "tonite"} & set(said) else next((one for one in said if one in PARTS_OF_DAY), "")
    return f"at {part}" if part in ("night", "lunchtime") else f"in the {part}" if part else ""


def _time_at(line: Line, at: int, *, dated: bool) -> int:
    """Where a time ends that begins there: `at 3pm`, `, 15:00 CET`, `at 3 in the afternoon`; 0 where none does."""
    at = _past(line, at, _SIGNS)
    behind = _past(line, at, _TO_A_TIME)
    if behind >= line.count:
        return 0
    clock = clock_at(line, behind, marked=behind > at, dated=dated)
    if clock is None:
        return 0
    stop = clock.stop + (line.word(clock.stop) in _BEHIND_A_TIME)
    if line.word(stop) == "in" and line.word(stop + 1) == "the" and line.word(stop + 2) in PARTS_OF_DAY:
        return stop + 3
    return stop + 2 if line.word(stop) == "at" and line.word(stop + 1) == "night" else stop


def _no_day(wanted: Wanted, reading: Reading) -> Wanted:
    """With the words in it that name a day which there is not."""
    line = Line(wanted.text)
    for at in range(line.count):
        wrong = no_day_at(line, at, reading, line.count)
        if wrong is not None:
            return replace(wanted, no_day=line.written(at, wrong.stop), near=wrong.near)
    return wanted


def _says_a_time(text: str) -> bool:
    """A clock that nothing else can be (`3pm`, and at the end `at 9`), or a part of the day behind the morning."""
    line = Line(text)
    for at in range(line.count):
        stop = _time_at(line, at, dated=False)
        if stop and (stop == line.count or clock_at(line, _past(line, at, _TO_A_TIME), marked=False) is not None):
            return True
        if line.words[at] in _LATER_PARTS and line.word(at - 1) in ("the", "at"):
            return True
    return False


def _led(time: str) -> bool:
    return time.split(maxsplit=1)[0].lower() in _TO_A_TIME


def _past(line: Line, at: int, some: frozenset[str]) -> int:
    while line.word(at) in some and at < line.count:
        at += 1
    return at


def _tidy(line: Line, start: int, stop: int) -> str:
    """The words there, without what only led to the day."""
    while stop > start and line.words[stop - 1] in _BEFORE:
        stop -= 1
    while start < stop and line.words[start] in _SIGNS:
        start += 1
    return _capital(line.text[line.starts[start] : line.ends[stop - 1]]) if stop > start else ""


def _capital(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"


def _without_close(words: str) -> str:
    words = words.rstrip(_ENDS)
    while words.lower().endswith(_COURTESIES):
        courtesy = next(one for one in _COURTESIES if words.lower().endswith(one))
        words = words[: -len(courtesy)].rstrip(_ENDS)
    return words
