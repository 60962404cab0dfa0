"""When, how long and how much: the dates, times, durations and amounts of one activity's words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, time
from decimal import Decimal
from typing import Final

from handlers.language.amounts import LETTERED_SIGNS, SIGNS, Amount, amount_at
from handlers.language.clock import CLOCK_WORDS, Clock, Half, clock_at
from handlers.language.dates import DAY_OPENERS, PARTS_OF_DAY, WEEKDAYS, Day, NoDay, Reading, day_at, no_day_at
from handlers.language.durations import OPENERS as DURATION_OPENERS
from handlers.language.durations import duration_at
from handlers.language.numbers import NUMBER_WORDS
from handlers.language.scan import Mark, Scan
from handlers.language.vocabulary import DEAL_WORDS, SUBJECTS
from handlers.log.vocabulary import ASIDES, COUNTED

_OPENERS: Final = DAY_OPENERS | CLOCK_WORDS | DURATION_OPENERS
_BEFORE_TIMES: Final = frozenset(("at", "@", "around", "~", "about", "approx", "circa", "from", "between"))
_BEFORE_SUMS: Final = frozenset(
    ("for", "at", "of", "worth", "@", ":", "quoted", "to", "approx", "~", "around", "about")
)
_EVENING: Final = frozenset(("dinner", "dinners", "evening", "tonight", "tonite", "supper", "night", "drinks"))
_PLAINLY_PAST: Final = frozenset(("yesterday", "yday", "yest", "today", "last", "this", "past", "previous"))
_ENDS_CLAUSE: Final = frozenset((",", ".", ";", "(", ")", "–", "—", "!", "?", "but", "because", "so", "while"))
_ORDINAL_ENDS: Final = frozenset(("st", "nd", "rd", "th"))
_NO_LENGTH_BEFORE: Final = frozenset(
    ("late", "drive", "delay", "away", "notice", "turnaround", "sla", "trial", "old", "early")
)
_MEASURED: Final = frozenset(
    ("hour", "hr", "hours", "day", "price", "off", "inch", "inches", "full", "done", "stars", "scale")
)
_MOST_TOKENS: Final = 400
"""Looked at in one activity: nobody says when and how much behind that many words."""
_YEARS: Final = range(1980, 2041)


@dataclass(slots=True)
class Facts:
    """What was said, each with the token that it begins at."""

    day: Day | None = None
    day_at: int = -1
    no_day: NoDay | None = None
    no_day_at: int = -1
    time: time | None = None
    minutes: int | None = None
    amount: Decimal | None = None
    currency: str | None = None
    leading: bool = False
    """The day stands before the kind, at the head of the words."""

    @property
    def date(self) -> date | None:
        """The day, where one was said."""
        return None if self.day is None else self.day.day


@dataclass(frozen=True, slots=True)
class Place:
    """The words of one activity: from `start` to `stop`, its kind at `kind_at` (-1: none) and what it is."""

    start: int
    stop: int
    kind_at: int = -1
    kind: str | None = None
    booking: bool = False
    """What was said to be booked is the activity itself: its day is the booked one."""


class _Reader:
    """Goes once through the words of a place and takes what can be understood."""

    def __init__(self, scan: Scan, place: Place, reading: Reading, dollar: str) -> None:
        self.scan, self.place, self.reading, self.dollar = scan, place, reading, dollar
        self.line, self.words, self.marks = scan.line, scan.line.words, scan.marks
        self.facts = Facts()
        self.half: Half = None
        self.behind_day = -1
        """Where a bare hour may follow a day: `tomorrow 9`."""

    def read(self) -> Facts:
        words, marks = self.words, self.marks
        start = self.place.start
        stop = min(self.place.stop, start + _MOST_TOKENS)
        said = set(words[start:stop])
        if said & _EVENING:
            self.half = "pm"
        elif "morning" in said:
            self.half = "am"
        at = start
        while at < stop:
            if marks[at]:
                at += 1
                continue
            word = words[at]
            first = word[0]
            taken = 0
            if first.isdigit():
                taken = self._figure(at)
            elif first in SIGNS or self._is_currency(at, word):
                taken = self._money(at)
            elif len(word) > 5 or word in _OPENERS or first in "½¼¾":
                taken = self._worded(at)
            at = taken or at + 1
        if self.facts.day is not None and self.facts.no_day is not None:
            self.scan.claim(self.facts.no_day_at, self.facts.no_day.stop, Mark.FREE)
            self.facts.no_day = None
        return self.facts

    def _figure(self, at: int) -> int:
        return self._span(at) or self._when(at) or self._clock(at) or self._money(at) or self._plain_sum(at)

    def _worded(self, at: int) -> int:
        if self._is_a_person(at):
            return 0
        return self._when(at) or self._span(at) or self._clock(at)

    def _is_a_person(self, at: int) -> bool:
        """Sun from Proseware, Will at Vantor: a name where a name stands."""
        if self.words[at] not in ("sun", "sat", "mon", "wed"):
            return False
        before, after = self.line.word(at - 1), self.line.word(at + 1)
        behind_kind = at > 0 and self.marks[at - 1] in (Mark.KIND, Mark.NAME)
        if self.words[at] == "sat" and after in ("down", "with", "in", "through"):
            return not behind_kind
        if before in ("with", "to", "/", "and", ",") and self.words[at] == "sun" and self.line.capital(at):
            return True
        named = before in ("with", "to") or (at > 0 and self.marks[at - 1] == Mark.KIND)
        return named and after in ("from", "at", "@", "and", "of")

    def _when(self, at: int) -> int:
        day = day_at(self.line, at, self.reading, self.place.stop)
        if day is None:
            return self._no_when(at)
        if any(self.marks[at : day.stop]):
            return 0
        if self.facts.day is not None or not self._is_of_the_activity(at, day):
            return 0
        if self._is_ordinal(day.stop - 1) and not self._hour_may_end(day.stop):
            return 0
        if self.line.word(day.stop) in ("old",) or (self.words[at].isdecimal() and self._is_fraction(at, day.stop)):
            return 0
        self.facts.day, self.facts.day_at = day, at
        self.facts.leading = at < self.place.kind_at
        if day.at is not None:
            self.facts.time = day.at
        self.scan.claim(at, day.stop, Mark.WHEN)
        self._claim_before(at, ("on", "of", "since", "earlier", "dated"))
        self.behind_day = day.stop + (self.line.word(day.stop) == ",")
        return day.stop

    def _no_when(self, at: int) -> int:
        """A day that does not exist was meant as one all the same: it is asked for."""
        if self.place.booking and self.place.kind_at < 0:
            return 0  # of a next step: it stays in its words
        none = no_day_at(self.line, at, self.reading, self.place.stop)
        if none is None or self.facts.no_day is not None or any(self.marks[at : none.stop]):
            return 0
        self.facts.no_day, self.facts.no_day_at = none, at
        self.scan.claim(at, none.stop, Mark.WHEN)
        self._claim_before(at, ("on", "of"))
        return none.stop

    def _is_ordinal(self, at: int) -> bool:
        word = self.words[at]
        return word[0].isdigit() and word[-2:] in _ORDINAL_ENDS

    def _is_fraction(self, at: int, stop: int) -> bool:
        return self.line.word(at + 1) == "/" and self.line.word(stop) in _MEASURED

    def _is_of_the_activity(self, at: int, day: Day) -> bool:
        """The day is when it happened, not when a deal closes or what others do."""
        line, place = self.line, self.place
        before = line.word(at - 1)
        word = self.words[at]
        if word == "within" or (day.stop - 1 in line.possessive and at > place.kind_at):
            return False
        plainly_past = word in _PLAINLY_PAST or (
            day.stop > at and line.word(day.stop - 1) in ("ago", "back", "earlier")
        )
        if before in ("about", "re", "regarding", "until", "till", "since", "from", "through", "after", "before"):
            return False
        if before == "by" and not self.reading.future and not plainly_past:
            return False
        if before in ("the", "our", "their", "re", "about", "for", "confirm") and 0 <= place.kind_at < at:
            marked = day.stop < place.stop and (self.marks[day.stop] in (Mark.KIND, Mark.OUTCOME))
            spoken = next(self.scan.spoken(day.stop, place.stop), None)
            if marked or (spoken is not None and spoken.start == day.stop):
                return False
        if place.booking:
            return True
        return not self._told_of_others(at, plainly_past=plainly_past, ahead=day.day > self.reading.today)

    def _told_of_others(self, at: int, *, plainly_past: bool = False, ahead: bool = False) -> bool:
        """Going back from here to the kind or the account, a word says that this is of a deal, or of others."""
        marks, words, place = self.marks, self.words, self.place
        content, booked, other_kind = False, False, False
        for index in range(at - 1, max(place.start, at - 12) - 1, -1):
            mark, word = marks[index], words[index]
            if mark in (Mark.KIND, Mark.COUNT) or mark == Mark.NAME:
                return booked
            if other_kind and word in ASIDES:
                return True
            other_kind = other_kind or word in self.scan.vocabulary.phrases
            dash = word == "-" and not (self.line.glued(index) or self.line.glued(index + 1))
            if dash or (word in _ENDS_CLAUSE and not mark and not (word == "." and self.line.glued(index) is False)):
                later = 0 <= place.kind_at < index
                return booked or (
                    later and content and not plainly_past and (ahead or not self._clause_acts(index + 1, at))
                )
            if mark == Mark.OUTCOME:
                booked = booked or words[index] in ("booked", "set", "scheduled", "confirmed", "agreed", "fixed")
                continue
            if mark:
                continue
            if word in SUBJECTS:
                return 0 <= place.kind_at < index or place.kind_at < 0
            if word in DEAL_WORDS and not plainly_past:
                return True
            content = content or (word[0].isalnum() and word not in _SMALL)
        return booked

    def _clause_acts(self, start: int, stop: int) -> bool:
        acting = (Mark.KIND, Mark.NAME, Mark.OUTCOME)
        return any(self.marks[index] in acting for index in range(start, stop)) or any(
            True for _ in self.scan.spoken(start, stop)
        )

    def _span(self, at: int) -> int:
        text, line = self.line.text, self.line
        found = duration_at(text, line.starts[at])
        if found is None:
            return 0
        minutes, end = found
        stop = line.after(end, at)
        following, before = line.word(stop), line.word(at - 1)
        if following in ("ago", "back", "earlier", "from", "later") or before in ("in", "within", "every"):
            return 0
        if following in _NO_LENGTH_BEFORE or any(self.marks[at:stop]):
            return 0
        if text[end - 1] == "m" and text[line.starts[at] : end - 1].isdigit() and self._means_millions(at):
            return 0
        if text[end - 1 : end] == "m" and "." in text[line.starts[at] : end] and not text[end - 2].isspace():
            return 0
        if self.facts.minutes is not None or stop > self.place.stop or self._told_of_others(at, plainly_past=True):
            return 0
        self.facts.minutes = minutes
        self.scan.claim(at, stop, Mark.WHEN)
        self._claim_before(at, ("for", "about", "lasted", "took", "approx", "around", "~", "almost", "nearly", "over"))
        if line.word(stop) in ("long", "-") and line.glued(stop) is (line.word(stop) == "-"):
            self.scan.claim(stop, stop + 1, Mark.WHEN)
        return stop

    def _means_millions(self, at: int) -> bool:
        before = self.line.word(at - 1)
        return self.place.kind == "proposal" or before in ("worth", "$", "€", "£")

    def _clock(self, at: int) -> int:
        line, before = self.line, self.line.word(at - 1)
        marked = at == self.behind_day or before in _BEFORE_TIMES
        if before == "to" and line.word(at - 2) == "moved":
            return 0
        found = clock_at(line, at, marked=marked, half=self.half, dated=self._beside_day(at))
        if found is None or found.stop > self.place.stop or any(self.marks[at : found.stop]):
            return 0
        if self._is_bare(at, found) and not self._hour_may_end(found.stop):
            return 0
        if self.facts.time is not None or self._told_of_others(at, plainly_past=True):
            return 0
        if (
            self._is_bare(at, found)
            and before in ("about", "around", "from", "between")
            and not self._hour_may_end(found.stop)
        ):
            return 0
        self.facts.time = found.at
        if found.minutes is not None and self.facts.minutes is None:
            self.facts.minutes = found.minutes
        self.scan.claim(at, found.stop, Mark.WHEN)
        self._claim_before(at, _BEFORE_TIMES)
        stop = found.stop
        if (
            line.word(stop) in ("in", "this")
            and line.word(stop + (2 if line.word(stop) == "in" else 1)) in PARTS_OF_DAY
        ):
            until = stop + (3 if line.word(stop) == "in" else 2)
            self.scan.claim(stop, until, Mark.WHEN)
            if line.word(stop) == "this" and self.facts.day is None:
                self.facts.day, self.facts.day_at = Day(until, self.reading.today), at
            stop = until
        return stop

    def _beside_day(self, at: int) -> bool:
        """A day stands right before or behind: `9-11 yesterday` are hours."""
        following = self.line.word(at + 3)
        return (
            at == self.behind_day
            or following in WEEKDAYS
            or following in ("yesterday", "today", "tomorrow", "on", "last")
        )

    def _is_bare(self, at: int, found: Clock) -> bool:
        return found.stop == at + 1 and (self.words[at].isdecimal() or self.words[at] in NUMBER_WORDS)

    def _hour_may_end(self, stop: int) -> bool:
        """Behind a bare hour stands no noun that it counts, and no sign that makes it another figure."""
        if stop >= self.place.stop:
            return True
        word, mark = self.words[stop], self.marks[stop]
        if mark:
            return mark != Mark.KIND or word not in self.scan.vocabulary.phrases
        if not word[0].isalnum():
            return word in ",.;)-–—!?&" and not (self.line.glued(stop) and word in "-")
        return word in _SMALL or word in DAY_OPENERS or word in ("local", "sharp", "est", "pst", "cet", "gmt", "ist")

    def _is_currency(self, at: int, word: str) -> bool:
        """A currency's code or letters with a sum behind: `USD 50k`, `USD50k`, `Rs. 500`."""
        if word not in LETTERED_SIGNS:
            return word[3:4].isdigit() and word[:3] in LETTERED_SIGNS
        following = self.line.word(at + 1)
        if following in (".",):
            following = self.line.word(at + 2)
        return following[:1].isdigit() or following in SIGNS

    def _money(self, at: int) -> int:
        found = amount_at(self.line.text, self.line.starts[at], self.dollar)
        if found is None or not found.grouped:
            return 0
        stop = self.line.after(found.stop, at)
        if any(self.marks[at:stop]) or stop > self.place.stop:
            return 0
        if found.lone_m and not self._means_millions(at):
            return 0
        if found.currency is None and self._next_word(stop) in COUNTED:
            return 0
        return self._keep(found, at, stop)

    def _plain_sum(self, at: int) -> int:
        """`quoted Litware 8200`: a number of its own that nothing counts, where money is spoken of."""
        if self.place.kind != "proposal" or at < self.place.kind_at:
            return 0
        found = amount_at(self.line.text, self.line.starts[at], self.dollar)
        if found is None or found.value < 100:
            return 0
        stop = self.line.after(found.stop, at)
        if any(self.marks[at:stop]) or stop > self.place.stop or self.line.glued(at):
            return 0
        following = self._next_word(stop)
        counted = following and following not in _SMALL and following not in DAY_OPENERS
        if counted or (int(found.value) in _YEARS and self.line.word(at - 1) not in _BEFORE_SUMS):
            return 0
        return self._keep(found, at, stop)

    def _next_word(self, stop: int) -> str:
        return (
            self.words[stop]
            if stop < self.place.stop and not self.marks[stop] and self.words[stop][0].isalnum()
            else ""
        )

    def _keep(self, found: Amount, at: int, stop: int) -> int:
        if self.facts.amount is not None:
            return stop
        self.facts.amount, self.facts.currency = found.value, found.currency
        self.scan.claim(at, stop, Mark.MONEY)
        self._claim_before(at, ("for", "at", "of", "worth", "@", "~"))
        return stop

    def _claim_before(self, at: int, words: frozenset[str] | tuple[str, ...]) -> None:
        if at > self.place.start and self.words[at - 1] in words and not self.marks[at - 1]:
            self.scan.claim(at - 1, at, Mark.SAID)


_SMALL: Final = frozenset(
    {
        *("a", "an", "the", "and", "or", "with", "w", "for", "on", "in", "at", "from", "to", "of", "by", "about", "re"),
        *("then", "but", "so", "was", "were", "is", "after", "before", "until", "till", "via", "over", "again", "also"),
        *("yesterday", "today", "tomorrow", "i", "we", "they", "he", "she", "it", "my", "our", "this", "that", "next"),
        *("plus", "incl", "including", "excl", "ex", "net", "per", "pa", "annually", "total", "because", "asap"),
    }
)


def read_facts(scan: Scan, place: Place, reading: Reading, dollar: str) -> Facts:
    """The dates, times, durations and amounts of these words; their tokens are then marked."""
    return _Reader(scan, place, reading, dollar).read()


def shifted_to_future(facts: Facts) -> Facts:
    """The same with the next such day, where the year was not said."""
    if facts.day is None or facts.day.coming is None:
        return facts
    return replace(facts, day=replace(facts.day, day=facts.day.coming, other=None))
