"""Periods that have a name: `Q3 2025`, `h1`, `fy26`, `October`, `week 46`."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from handlers.ask.when import LAST, LENGTHS, NEXT, THIS, When, Words
from handlers.language.dates import MONTHS
from handlers.numbers.spans import DAY, Span, shifted

_PART = re.compile(r"(?:(?:fy)?(\d{4}|\d{2}))?(?:([qh])([1-4])|([1-4])([qh]))(?:(?:fy)?(\d{4}|\d{2}))?\Z")
_FISCAL = re.compile(r"fy(\d{4}|\d{2})\Z")
_YEAR = re.compile(r"(?:19|20)\d\d\Z")
_WEEK = re.compile(r"(?:cw|kw|wk|w)(\d{1,2})\Z")
_NO_MAY: Final = frozenset(
    (
        *("i", "we", "you", "he", "she", "they", "it", "that", "who", "what", "which", "how", "when", "where", "rep"),
        *("people", "team", "teams", "deal", "deals", "reps", "not", "one"),
    )
)
"""Words before which or behind which `may` is a verb."""
ADJECTIVES: Final = {"quarterly": "quarter", "annual": "year", "yearly": "year", "halfyearly": "half"}
_BEFORE_MAY: Final = frozenset(
    ("in", "for", "since", "last", "this", "next", "of", "and", "vs", "to", "-", "by", "from", "compare", "did", "was")
)


class NamedPeriods(Words):
    """Quarters, halves, years, months and weeks by their name."""

    def _part(self, at: int) -> When | None:
        """q3, q3 2025, 2026q3, q3fy26, h1, 1h26, w46."""
        word = self._word(at)
        if match := _WEEK.match(word):
            return self._iso_week(at, at + 1, int(match[1]))
        match = _PART.match(word)
        if match is None:
            return None
        letter, number = match[2] or match[5], int(match[3] or match[4])
        if letter == "h" and number > 2:
            return None
        year = match[1] or match[6]
        unit = "quarter" if letter == "q" else "half"
        if year:
            return self._of_year(at, at + 1, unit, number, _full(year))
        return self._numbered(at, at + 1, unit, number)

    def _numbered(self, at: int, stop: int, unit: str, number: int) -> When:
        """A quarter or half, of the year said beside it, else the latest begun and the next not ended."""
        year = self._year_beside(stop)
        if year is not None:
            return self._of_year(at, year[1], unit, number, year[0])
        now = self.fiscal.year_of(self.today)
        spans = [self.fiscal.part(LENGTHS[unit], now + step, number) for step in (-1, 0, 1)]
        past = [span for span in spans if span.first <= self.today][-1]
        coming = next(span for span in spans if span.last >= self.today)
        return When(at, stop, past, coming, "quarter" if unit == "quarter" else "half")

    def _of_year(self, at: int, stop: int, unit: str, number: int, year: int) -> When:
        return self._when(at, stop, self.fiscal.part(LENGTHS[unit], year, number), unit)

    def _part_of_year(self, at: int, year: int) -> When | None:
        """Behind a year: Q3, `'s Q3`."""
        if self._word(at) == "s":
            at += 1
        match = _PART.match(self._word(at))
        if match is None or match[1] or match[6]:
            return None
        letter, number = match[2] or match[5], int(match[3] or match[4])
        if letter == "h" and number > 2:
            return None
        return self._of_year(at, at + 1, "quarter" if letter == "q" else "half", number, year)

    def _year_beside(self, at: int) -> tuple[int, int] | None:
        """A year right behind a quarter, half or month, as a number and where it stops."""
        at += self._word(at) == "of"
        at += self._word(at) in ("the", "-")
        word = self._word(at)
        if _YEAR.match(word):
            return int(word), at + 1
        if match := _FISCAL.match(word):
            return _full(match[1]), at + 1
        if word in ("fy", "fiscal") and (number := self._word(at + 1 + (self._word(at + 1) == "year"))).isdecimal():
            return _full(number), at + 2 + (self._word(at + 1) == "year")
        if len(word) in (2, 4) and word.isdecimal() and self._marked(at):
            return (int(word) if len(word) == 4 else 2000 + int(word)), at + 1
        if len(word) == 2 and word.isdecimal() and 20 <= int(word) < 40 and self._word(at + 1) in ("", "vs", "and"):
            return 2000 + int(word), at + 1
        step = 0 if word in THIS else -1 if word in LAST else 1 if word in NEXT else None
        if step is not None and self._word(at + 1) == "year":
            return self.fiscal.year_of(self.today) + step, at + 2
        if word == "year" and self._word(at - 1) == "the":
            return None
        return None

    def _marked(self, at: int) -> bool:
        start = self.typed.line.starts[self.typed.source[at]]
        return start > 0 and self.typed.line.text[start - 1] in "'’‘`/"

    def _fiscal_year(self, at: int) -> When | None:
        """fiscal year 2026, fiscal 26, fy 2026, the fiscal year."""
        stop = at + 1 + (self._word(at + 1) == "year")
        number = self._word(stop)
        if number.isdecimal() and len(number) in (2, 4):
            return self._named_year(at, stop + 1, _full(number))
        if self._word(at + 1) == "year":
            return self._when(at, stop, self._holding("year", self.today), "year")
        return None

    def _named_year(self, at: int, stop: int, year: int) -> When | None:
        if not 1990 <= year <= 2099:
            return None
        part = self._part_of_year(stop, year)
        if part is not None:
            return replace(part, start=at)
        return self._when(at, stop, self.fiscal.year(year), "year")

    def _year(self, at: int) -> When | None:
        """fy26, 2025: the fiscal year of that name; where it is not the calendar's, 2025 may be either."""
        word = self._word(at)
        if match := _FISCAL.match(word):
            return self._named_year(at, at + 1, _full(match[1]))
        if not _YEAR.match(word):
            return None
        if self._word(at + 1) in MONTHS:
            month = self._month(at + 1, int(word))
            return month and replace(month, start=at)
        when = self._named_year(at, at + 1, int(word))
        if when is not None and when.unit == "year" and self.fiscal.starts_in > 1:
            return replace(when, others=(Span(date(int(word), 1, 1), date(int(word), 12, 31)),))
        return when

    def _calendar(self, at: int) -> When | None:
        """calendar year 2025: January to December, whenever the company's year begins."""
        year = self._word(at + 2)
        if self._word(at + 1) != "year" or not _YEAR.match(year):
            return None
        return self._when(at, at + 3, Span(date(int(year), 1, 1), date(int(year), 12, 31)), "year")

    def _adjective(self, at: int) -> When:
        """The annual target, my quarterly number: those of the year or quarter that is now."""
        unit = ADJECTIVES[self._word(at)]
        return self._when(at, at + 1, self._holding(unit, self.today), unit)

    def _all_year(self, at: int) -> When | None:
        stop = at + 1 + (self._word(at + 1) == "-")
        unit = self._word(stop)
        if unit in LENGTHS:
            return self._when(at, stop + 1, self._holding(unit, self.today), unit)
        return None

    def _month(self, at: int, year: int | None = None) -> When | None:
        word, stop = self._word(at), at + 1
        if word not in MONTHS or (word == "may" and not self._is_may(at)):
            return None
        number = MONTHS[word]
        if year is None and (beside := self._month_year(stop)) is not None:
            year, stop = beside
        if year is not None:
            return self._when(at, stop, _month_of(year, number), "month")
        today = self.today
        past = _month_of(today.year if number <= today.month else today.year - 1, number)
        coming = _month_of(today.year if number >= today.month else today.year + 1, number)
        return When(at, stop, past, coming, "month")

    def _month_year(self, at: int) -> tuple[int, int] | None:
        beside = self._year_beside(at)
        if beside is not None and self._word(beside[1] - 1) == "year":
            step = beside[0] - self.fiscal.year_of(self.today)
            return self.today.year + step, beside[1]
        return beside

    def _is_may(self, at: int) -> bool:
        before, after = self._word(at - 1), self._word(at + 1)
        if after in ("i", "we", "you", "he", "she", "they", "be", "have", "need", "not"):
            return False
        if before in _BEFORE_MAY or after[:1].isdigit() or self.typed.capital(at) or at == len(self.typed.words) - 1:
            return True
        named = self.typed.used[at + 1 : at + 2] == ["@name"] or after in ("team", "rep", "people", "deal", "teams")
        return before not in _NO_MAY and after not in _NO_MAY and not (named and at > 0)

    def _month_day(self, at: int) -> When | None:
        """Nov 2, November 2nd, 2026."""
        after = self._word(at + 1)
        if not after[:1].isdigit() or _YEAR.match(after) or self._marked(at + 1):
            return None
        return self._explicit(at)

    def _iso_week(self, at: int, stop: int, number: int) -> When | None:
        found = []
        for year in (self.today.year - 1, self.today.year, self.today.year + 1):
            try:
                monday = date.fromisocalendar(year, number, 1)
            except ValueError:
                continue
            found.append(Span(monday, monday + timedelta(6)))
        past = [span for span in found if span.first <= self.today]
        coming = [span for span in found if span.last >= self.today]
        if not past or not coming:
            return None
        return When(at, stop, past[-1], coming[0], "week")


def _month_of(year: int, number: int) -> Span:
    first = date(year, number, 1)
    return Span(first, shifted(first, 1) - DAY)


def _full(year: str) -> int:
    return int(year) + (2000 if len(year) <= 2 else 0)
