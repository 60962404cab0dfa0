"""A meeting in plain words, read: `pipeline review Thursday 3pm for 30 min with Dana and Omar`.

Days, times and lengths are taken out of the line wherever they stand; names follow `with`; what is left is its title.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date, time
from typing import Final

from handlers.conversation.request import Basis
from handlers.language.clock import Clock, clock_at
from handlers.language.dates import Reading, day_at, no_day_at
from handlers.language.durations import duration_at
from handlers.language.tokens import Line
from handlers.meetings.recurrence import Recurrence
from handlers.meetings.repeats import ADJECTIVES, Repeats, repeats_at

ONE_TO_ONE: Final = "One-to-one"
ONE_TO_ONE_WORDS: Final = re.compile(
    r"\b(?:one[\s-]+(?:to|on|2)[\s-]+one|1\s?[:.]\s?1|1[\s-]?(?:on|to|2)[\s-]?1|1-1|o2o)s?\b", re.I
)
_QUOTED: Final = re.compile(r"[“\"]([^“”\"]{1,200})[”\"]")
_REMIND: Final = re.compile(
    r"(?:and\s+)?(?:with\s+(?:a\s+)?)?remind(?:er)?s?(?:\s+(?:me|us|them|all|everyone|everybody))?\s+", re.I
)
_BEFORE: Final = re.compile(r"\s*(?:before(?:hand)?|ahead|earlier|prior)?\b", re.I)
_NO_REMINDER: Final = re.compile(
    r"(?:with\s+|and\s+)?(?:no|without(?:\s+a)?)\s+reminders?\b|do(?:n't| not)\s+remind\b", re.I
)
_TIMES: Final = re.compile(r"(?:for\s+)?(\d{1,3})\s+times\b", re.I)
_WITH: Final = re.compile(r"(?:with|w/)(?=\s|@)", re.I)
_UNTIL: Final = frozenset(("until", "till", "til", "through", "thru"))
_FROM: Final = frozenset(("from", "starting", "beginning", "start", "begin"))
_AT: Final = frozenset(("on", "at", "@", "from"))
_LEAD_IN: Final = re.compile(
    r"(?:(?:please|pls|can you|could you|let's|set\s?up|schedule|book|create|arrange|organi[sz]e|plan|add|make|new|"
    r"have|a|an|the|our|my|meeting:)\s+)+",
    re.I,
)
_AND: Final = frozenset(("and", ",", "&", "+", ".", ";"))
_SPLIT: Final = re.compile(r"\s*,\s*(?:and\s+)?|\s+and\s+|\s*&\s*|\s*\+\s*", re.I)
MOST: Final = 400
"""Characters of a line that says a meeting."""


@dataclass(slots=True)
class Said:
    """What the line says; nothing of it is looked up yet."""

    text: str
    title: str = ""
    one_to_one: bool = False
    names: list[str] = field(default_factory=list)
    day: date | None = None
    at: time | None = None
    minutes: int | None = None
    rule: Recurrence | None = None
    open_rule: bool = False
    """The rule says weekly or monthly, and not on which day."""
    until: date | None = None
    count: int | None = None
    lead: int | None = None
    of_one_there_is: bool = False
    """No meeting to be set up: what is to be done with one."""
    no_day: tuple[str, date] | None = None
    """Words that name a day which no calendar has, and the nearest one."""


def read(text: str, basis: Basis) -> Said:
    """What the words say of a meeting to come. Pure."""
    said = Said(text=text)
    text = " ".join(text[:MOST].replace("’", "'").split())
    if quoted := _QUOTED.search(text):
        said.title = quoted[1].strip()
        text = f"{text[: quoted.start()]} {text[quoted.end() :]}".strip()
    if one := ONE_TO_ONE_WORDS.search(text):
        said.one_to_one = True
        text = f"{text[: one.start()]} {text[one.end() :]}".strip()
    reader = _Reader(text, Reading(basis.now.replace(tzinfo=None), future=True, order=basis.date_order), said)
    left = reader.read()
    if not said.title:
        said.title = _title(left, one_to_one=said.one_to_one)
    return said


def _title(words: str, *, one_to_one: bool) -> str:
    words = re.sub(r"\s+", " ", words).strip(" ,.;:-–—")
    lead = _LEAD_IN.match(words + " ")
    if lead is not None:
        words = words[lead.end() :]
    words = re.sub(r"(?:\s+(?:on|at|and|with|the|for))+\Z", "", f" {words}", flags=re.I).strip(" ,.;:-–—")
    if one_to_one and words.casefold() in ADJECTIVES:
        return ""
    return words[:1].upper() + words[1:] if words.casefold() not in ("meeting", "meet", "sales meeting") else ""


class _Reader:
    """Walks the line once, taking out what it knows."""

    def __init__(self, text: str, reading: Reading, said: Said) -> None:
        self.text, self.reading, self.said = text, reading, said
        self.line = Line(text)
        self.with_names: list[str] | None = None
        self.naming = False
        self.after_when = False

    def read(self) -> str:
        """The words that are left over."""
        title: list[str] = []
        at, line = 0, self.line
        while at < line.count:
            stop = self._taken(at)
            if stop is not None:
                at = stop
                continue
            if self.after_when and line.words[at] not in _AND:
                # “with Dana Thursday 3pm pipeline review”: the time has ended the names.
                self.naming = False
            self.after_when = False
            if self.naming and self.with_names is not None:
                self.with_names.append(self._written(at))
            else:
                title.append(self._written(at))
            at += 1
        if self.with_names is not None:
            names = " ".join("".join(self.with_names).split())
            self.said.names = [one.strip(" .;:@") for one in _SPLIT.split(names) if one.strip(" .;:@")]
        return "".join(title)

    def _written(self, at: int) -> str:
        """A token with the blank behind it."""
        end = self.line.starts[at + 1] if at + 1 < self.line.count else len(self.text)
        return self.text[self.line.starts[at] : end]

    def _taken(self, at: int) -> int | None:
        """The token behind the phrase that begins here, where one does."""
        line, said, start = self.line, self.said, self.line.starts[at]
        if match := _NO_REMINDER.match(self.text, start):
            said.lead = 0
            return line.after(match.end(), at)
        if (match := _REMIND.match(self.text, start)) and match.end() < len(self.text):
            length = duration_at(self.text, match.end())
            if length is not None:
                said.lead = length[0]
                behind = _BEFORE.match(self.text, length[1])
                return line.after(behind.end() if behind else length[1], at)
        if (match := _TIMES.match(self.text, start)) and int(match[1]):
            said.count = int(match[1])
            return line.after(match.end(), at)
        if match := _WITH.match(self.text, start):
            self.with_names = [] if self.with_names is None else [*self.with_names, ", "]
            self.naming, self.after_when = True, False
            return line.after(match.end(), at)
        return self._when(at)

    def _when(self, at: int) -> int | None:
        line, said, word = self.line, self.said, self.line.words[at]
        if word in _UNTIL and at + 1 < line.count:
            until = day_at(line, at + 1, self.reading, line.count)
            if until is not None:
                said.until = until.day
                return until.stop
        if word in _FROM and at + 1 < line.count:
            behind = at + 1 + (line.word(at + 1) in ("on", "from"))
            stop = self._day(behind) if behind < line.count else None
            if stop is not None:
                return stop
        if word == "for" and at + 1 < line.count:
            stop = self._length(at + 1) or self._day(at + 1)
            if stop is not None:
                return stop
        marked = word in _AT or (word == "@" and at + 1 < line.count)
        if marked and at + 1 < line.count:
            stop = self._phrase(at + 1, marked=True, whole=at)
            if stop is not None:
                return stop
        return self._phrase(at, marked=self.after_when, whole=at)

    def _phrase(self, at: int, *, marked: bool, whole: int) -> int | None:
        """A repetition, a day, a time or a length."""
        line, said = self.line, self.said
        for first in dict.fromkeys((whole, at)):
            repeats = repeats_at(self.text, line.starts[first])
            if repeats is not None and self._repeats(repeats):
                # An adjective stays a part of the title: nothing is taken out.
                named = repeats.adjective and self.with_names is None
                return None if named else line.after(repeats.end, first)
        clock = self._clock(at, marked=marked)
        if clock is not None and said.at is None:
            said.at = clock.at
            said.minutes = clock.minutes or said.minutes
            self.after_when = True
            return clock.stop
        return self._day(at) or (self._length(at) if line.words[at][0].isdigit() else None)

    def _clock(self, at: int, *, marked: bool) -> Clock | None:
        """The time that is said there. `9:30 until 18 Dec` is no range of hours."""
        line = self.line
        clock = clock_at(line, at, marked=marked, dated=self.after_when)
        if clock is None or clock.minutes is None:
            return clock
        for joint in range(at, clock.stop):
            day = day_at(line, joint + 1, self.reading, line.count) if line.words[joint] in _UNTIL else None
            if day is not None and day.stop > clock.stop:
                return clock_at(Line(self.text[: line.ends[joint - 1]]), at, marked=marked, dated=self.after_when)
        return clock

    def _repeats(self, repeats: Repeats) -> bool:
        """Whether the phrase says something new: the rule, or the day of one that did not say it."""
        said = self.said
        if said.rule is None:
            said.rule, said.open_rule = repeats.rule, repeats.open
        elif said.open_rule and said.rule.often is repeats.rule.often and not repeats.open:
            said.rule, said.open_rule = replace(repeats.rule, every=said.rule.every), False
        else:
            return False
        self.after_when = True
        return True

    def _day(self, at: int) -> int | None:
        line, said = self.line, self.said
        if said.day is None and said.no_day is None:
            wrong = no_day_at(line, at, self.reading, line.count)
            if wrong is not None:
                said.no_day = (line.written(at, wrong.stop), wrong.near)
                return wrong.stop
        found = day_at(line, at, self.reading, line.count)
        if found is None or said.day is not None:
            return None
        said.day, said.at = found.day, said.at or found.at
        self.after_when = True
        return found.stop

    def _length(self, at: int) -> int | None:
        found = duration_at(self.text, self.line.starts[at])
        if found is None or self.said.minutes is not None:
            return None
        self.said.minutes = found[0]
        return self.line.after(found[1], at)
