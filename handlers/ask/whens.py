"""Periods in a question: `last quarter`, `Q3 2025`, `since March`, `week of Nov 2`, `Oct 1 to Oct 15`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Final, Literal

from handlers.ask.typed import Typed
from handlers.language.dates import MONTHS, WEEKDAYS, DateOrder, Reading, day_at
from handlers.language.numbers import NUMBER_WORDS
from handlers.numbers.periods import FiscalCalendar, Length
from handlers.numbers.spans import DAY, Span, days_in_month, shifted

Unit = Literal["day", "week", "month", "quarter", "half", "year", "span"]

LENGTHS: Final = {length.value: length for length in Length}
_THIS: Final = frozenset(("this", "current"))
_LAST: Final = frozenset(("last", "previous", "prior", "past"))
_NEXT: Final = frozenset(("next", "coming", "upcoming", "following"))
_ROLLING: Final = frozenset((*_LAST, "trailing", "rolling"))
_TO: Final = frozenset(("-", "to", "through", "thru", "until", "till"))
_UNITS: Final = frozenset(("day", "week", "month", "quarter", "half", "year", "fortnight", "weekend"))
_TO_DATE: Final = {"ytd": "year", "fytd": "year", "qtd": "quarter", "mtd": "month", "wtd": "week", "htd": "half"}
_NTH: Final = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "last": 0}
_NEAR: Final = {"today": 0, "tonight": 0, "yesterday": -1, "tomorrow": 1}
_PART = re.compile(r"(?:(?:fy)?(\d{4}|\d{2}))?(?:([qh])([1-4])|([1-4])([qh]))(?:(?:fy)?(\d{4}|\d{2}))?\Z")
_FISCAL = re.compile(r"fy(\d{4}|\d{2})\Z")
_YEAR = re.compile(r"(?:19|20)\d\d\Z")
_COUNTED = re.compile(r"(\d{1,3})(d|w|m|mo|y)\Z")
_WEEK = re.compile(r"(?:cw|kw|wk|w)(\d{1,2})\Z")
_BEFORE_MAY: Final = frozenset(
    ("in", "for", "since", "last", "this", "next", "of", "and", "vs", "to", "-", "by", "from", "compare", "did", "was")
)
_COUNTED_UNITS: Final = {"d": "day", "w": "week", "m": "month", "mo": "month", "y": "year"}


@dataclass(frozen=True, slots=True)
class When:
    """A period said from one word up to `stop`: as it is meant of what has begun, and of what has not ended."""

    start: int
    stop: int
    past: Span
    coming: Span
    unit: Unit
    others: tuple[Span, ...] = ()
    """What the words may mean as well."""
    relation: Literal["", "before", "year_ago"] = ""
    """The period is that of the other one of a comparison, moved; the spans are then of no use."""
    back: bool = False
    """Said with last or previous: where a comparison is with it, nothing else names the first period."""

    def span(self, *, ahead: bool) -> Span:
        return self.coming if ahead else self.past


class Whens:
    """Finds the periods of a question; their words are then claimed."""

    def __init__(self, typed: Typed, today: date, fiscal: FiscalCalendar, order: DateOrder) -> None:
        self.typed, self.today, self.fiscal = typed, today, fiscal
        noon = datetime.combine(today, time(12))
        self._past, self._coming = Reading(noon, order=order), Reading(noon, future=True, order=order)
        self._comparing = "compare" in typed.words

    def find(self) -> list[When]:
        found: list[When] = []
        at = 0
        while at < len(self.typed.words):
            when = self._at(at) if not self.typed.used[at] else None
            if when is None or not self.typed.free(when.start, when.stop):
                at += 1
                continue
            self.typed.claim(when.start, when.stop, "@when")
            found.append(when)
            at = when.stop
        return found

    # -------------------------------------------------------- what begins here

    def _at(self, at: int) -> When | None:
        word = self._word(at)
        if word == "since" or (word == "from" and not self._comparing):
            return self._since(at)
        if word == "between":
            return self._range(at, self._single(at + 1), joint=("and", "to", "-"))
        if word == "the" and self._word(at + 1) in _UNITS | _LAST | {"same"} | set(_NTH):
            found = self._single(at + 1) or self._the_unit(at)
            return found and replace(found, start=at)
        first = self._single(at)
        if first is not None and self._word(first.stop) in _TO and not self._comparing:
            return self._range(at, first, joint=tuple(_TO)) or first
        return first

    def _single(self, at: int) -> When | None:
        word = self._word(at)
        if not word:
            return None
        for rule in self._rules(word):
            when = rule(at)
            if when is not None:
                return when
        return None

    def _rules(self, word: str) -> tuple[Callable[[int], When | None], ...]:
        if word in _TO_DATE:
            return (self._to_date,)
        if word == "same" or (word == "this" and self._comparing_time(word)):
            return (self._same, self._relative)
        if word in _THIS or word in _NEXT or word in _ROLLING:
            return (self._same, self._counted, self._relative)
        if word in _NTH:
            return (self._nth, self._explicit)
        if word in _UNITS:
            return (self._unit, self._unit_first)
        if word == "month":
            return (self._month,)
        if word in MONTHS:
            return (self._month_day, self._month)
        if word in _NEAR or word in WEEKDAYS:
            return (self._day,)
        if word in ("fiscal", "financial", "fy"):
            return (self._fiscal_year,)
        if word in ("end", "rest", "remainder", "remaining", "gap"):
            return (self._end_of,)
        if word in ("a", "one"):
            return (self._year_ago,)
        if word in ("all", "full", "whole", "entire"):
            return (self._all_year,)
        return (self._part, self._explicit, self._year)

    def _comparing_time(self, _: str) -> bool:
        return "time" in self.typed.words

    # -------------------------------------------------------- rules

    def _to_date(self, at: int) -> When:
        return self._until_today(at, at + 1, _TO_DATE[self._word(at)])

    def _until_today(self, at: int, stop: int, unit: str) -> When:
        whole = self._holding(unit, self.today)
        return self._when(at, stop, Span(whole.first, self.today), "span")

    def _unit(self, at: int) -> When | None:
        """year to date, month-to-date, year end, week of Nov 2, week 46, quarter 3, quarter before last."""
        unit, at_next = self._word(at), at + 1
        while self._word(at_next) == "-":
            at_next += 1
        if self._word(at_next) == "to":
            stop = at_next + 1 + (self._word(at_next + 1) == "-")
            if self._word(stop) == "date":
                return self._until_today(at, stop + 1, unit)
        if self._word(at + 1) == "end":
            return self._when(at, at + 2, self._holding(unit, self.today), unit)
        if self._word(at + 1) == "before":
            if self._word(at + 2) == "last":
                return self._when(at, at + 3, self._moved(unit, -2), unit)
            return replace(self._when(at, at + 2, self._moved(unit, -1), unit), relation="before")
        if unit == "week":
            stop = at + 1 + (self._word(at + 1) in ("of", "from", "starting", "beginning"))
            stop += self._word(stop) == "the"
            if (day := self._explicit(stop) or self._day(stop)) is not None and stop > at + 1:
                weeks = [self._holding("week", day.past.first), self._holding("week", day.coming.first)]
                return When(at, day.stop, weeks[0], weeks[1], "week")
            number = self._word(at + 1)
            if number.isdecimal() and 1 <= int(number) <= 53 and self._word(at + 2) not in _UNITS:
                return self._iso_week(at, at + 2, int(number))
        number = self._word(at + 1)
        if unit in ("quarter", "half") and number.isdecimal() and 1 <= int(number) <= 12 // LENGTHS[unit].months:
            return self._numbered(at, at + 2, unit, int(number))
        return None

    def _unit_first(self, at: int) -> When | None:
        """The month of October."""
        if self._word(at) == "month" and self._word(at + 1) == "of" and self._word(at + 2) in MONTHS:
            found = self._month(at + 2)
            return found and replace(found, start=at)
        return None

    def _the_unit(self, at: int) -> When | None:
        """The quarter, for the month: the one that is now. Before it `of the` may stand: the number of the quarter."""
        unit = self._word(at + 1)
        if unit not in LENGTHS and unit != "week":
            return None
        if self._word(at - 1) in ("by", "per", "each"):
            return None
        return self._when(at, at + 2, self._holding(unit, self.today), unit)

    def _end_of(self, at: int) -> When | None:
        """End of quarter, the rest of the month: the one that is now."""
        stop = at + 1
        stop += self._word(stop) == "of"
        stop += self._word(stop) in ("the", "this")
        unit = self._word(stop)
        if unit in LENGTHS or unit == "week":
            return self._when(at, stop + 1, self._holding(unit, self.today), unit)
        return None

    def _relative(self, at: int) -> When | None:
        """this quarter, last month, next fiscal year, last october, this Q3, the quarter after."""
        word = self._word(at)
        stop = at + 1
        fiscal = self._word(stop) in ("fiscal", "financial")
        calendar = self._word(stop) == "calendar"
        stop += fiscal or calendar
        unit = self._word(stop)
        step = 0 if word in _THIS else 1 if word in _NEXT else -1 if word in _LAST else None
        if step is None:
            return None
        if unit == "day":
            return None
        if unit in _UNITS and unit not in ("fortnight", "weekend"):
            if calendar and unit == "year":
                year = self.today.year + step
                span = Span(date(year, 1, 1), date(year, 12, 31))
            else:
                span = self._moved(unit, step)
            stop += 1
            if word == "this" and self._word(stop) == "to" and self._word(stop + 1) == "date":
                return self._until_today(at, stop + 2, unit)
            when = replace(self._when(at, stop, span, unit), back=step < 0)
            if unit == "year" and (part := self._part_of_year(stop, self.fiscal.year_of(self.today) + step)):
                return replace(part, start=at)
            if word == "past" and unit in LENGTHS:
                rolling = Span(shifted(self.today, -LENGTHS[unit].months) + DAY, self.today)
                return replace(when, others=(rolling,))
            return when
        if unit in MONTHS:
            month = self._month(stop)
            return month and self._of_side(month, at, step)
        part = self._part(stop)
        if part is not None:
            return self._of_side(part, at, step)
        if unit in WEEKDAYS and (day := self._explicit(at)) is not None:
            return day
        return None

    def _of_side(self, when: When, at: int, step: int) -> When:
        """last October: the latest that is over; next October: the first that has not begun; this: of this year."""
        before = Span(shifted(when.past.first, -12), shifted(when.past.last + DAY, -12) - DAY)
        after = Span(shifted(when.past.first, 12), shifted(when.past.last + DAY, 12) - DAY)
        if step < 0:
            chosen = when.past if when.past.last < self.today else before
            others = (before,) if chosen == when.past and when.past.first.year == self.today.year else ()
        elif step > 0:
            chosen, others = after, ()
        else:
            year = self.fiscal.year_of(self.today)
            chosen = next((s for s in (when.past, after) if self.fiscal.year_of(s.first) == year), when.past)
            others = ()
        return When(at, when.stop, chosen, chosen, when.unit, others)

    def _counted(self, at: int) -> When | None:
        """last 30 days (today included), next two weeks, trailing 12 months, last 90d."""
        word, stop = self._word(at), at + 1
        if self._word(stop) in ("a", "couple", "few"):
            stop += self._word(stop) == "a"
            count = {"couple": 2, "few": 3}.get(self._word(stop), 0)
            stop += 1 + (self._word(stop + 1) == "of")
        else:
            match = _COUNTED.match(self._word(stop))
            if match:
                return self._rolled(word, int(match[1]), _COUNTED_UNITS[match[2]], at, stop + 1)
            number = self._word(stop)
            count = int(number) if number.isdecimal() and len(number) < 4 else NUMBER_WORDS.get(number, 0)
            stop += 1
            if self._word(stop).isalpha() and count in (20, 30, 40, 60, 90) and self._word(stop) in NUMBER_WORDS:
                count += NUMBER_WORDS[self._word(stop)]
                stop += 1
        stop += self._word(stop) in ("calendar", "-")
        unit = self._word(stop)
        if not count or unit not in _UNITS or unit == "weekend":
            return None
        return self._rolled(word, count, unit, at, stop + 1)

    def _rolled(self, word: str, count: int, unit: str, at: int, stop: int) -> When | None:
        if word in _THIS:
            return None
        ahead = word in _NEXT
        days = {"day": count, "week": 7 * count, "fortnight": 14 * count}.get(unit)
        if days is not None:
            span = (
                Span(self.today, self.today + timedelta(days - 1))
                if ahead
                else Span(self.today - timedelta(days - 1), self.today)
            )
        else:
            months = LENGTHS[unit].months * count
            span = (
                Span(self.today, shifted(self.today, months) - DAY)
                if ahead
                else Span(shifted(self.today, -months) + DAY, self.today)
            )
        whole: tuple[Span, ...] = ()
        if unit not in ("day", "fortnight") and word not in ("trailing", "rolling") and (unit, count) != ("month", 12):
            one, other = (1, count) if ahead else (-count, -1)
            whole = (Span(self._moved(unit, one).first, self._moved(unit, other).last),)
        return When(at, stop, span, span, "span", whole)

    def _nth(self, at: int) -> When | None:
        """first quarter of 2026, second half, 3rd quarter."""
        number, unit = _NTH[self._word(at)], self._word(at + 1)
        if not number or unit not in ("quarter", "half") or number > 12 // LENGTHS[unit].months:
            return self._counted(at) if self._word(at) == "last" else None
        return self._numbered(at, at + 2, unit, number)

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
        if len(word) == 2 and word.isdecimal() and self._marked(at):
            return 2000 + int(word), at + 1
        step = 0 if word in _THIS else -1 if word in _LAST else 1 if word in _NEXT else None
        if step is not None and self._word(at + 1) == "year":
            return self.fiscal.year_of(self.today) + step, at + 2
        if word == "year" and self._word(at - 1) == "the":
            return None
        return None

    def _marked(self, at: int) -> bool:
        start = self.typed.line.starts[self.typed.source[at]]
        return start > 0 and self.typed.line.text[start - 1] in "'’‘`"

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

    def _all_year(self, at: int) -> When | None:
        unit = self._word(at + 1)
        if unit in LENGTHS:
            return self._when(at, at + 2, self._holding(unit, self.today), unit)
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
        introduced = before in _BEFORE_MAY
        return introduced or after[:1].isdigit() or self.typed.capital(at) or at == len(self.typed.words) - 1

    def _month_day(self, at: int) -> When | None:
        """Nov 2, November 2nd, 2026."""
        after = self._word(at + 1)
        if not after[:1].isdigit() or _YEAR.match(after) or self._marked(at + 1):
            return None
        return self._explicit(at)

    def _day(self, at: int) -> When | None:
        word = self._word(at)
        if word in _NEAR:
            day = self.today + timedelta(_NEAR[word])
            return self._when(at, at + 1, Span(day, day), "day")
        return self._explicit(at) if word in WEEKDAYS else None

    def _explicit(self, at: int) -> When | None:
        """A day as the language of dates reads it, on the text as typed."""
        if not 0 <= at < len(self.typed.words):
            return None
        token, line = self.typed.source[at], self.typed.line
        past = day_at(line, token, self._past, line.count)
        if past is None:
            return None
        coming = day_at(line, token, self._coming, line.count) or past
        stop = next((i for i in range(at, len(self.typed.source)) if self.typed.source[i] >= past.stop), None)
        others = (Span(past.other, past.other),) if past.other else ()
        stop = len(self.typed.source) if stop is None else stop
        return When(at, stop, Span(past.day, past.day), Span(coming.day, coming.day), "day", others)

    def _same(self, at: int) -> When | None:
        """same quarter last year, same time a year ago, this time last year, the same period of the year before."""
        word, stop = self._word(at), at + 1
        if word not in ("same", "this") or (word == "this" and self._word(stop) != "time"):
            return None
        if self._word(stop) not in (*_UNITS, "time", "period", "point", "span"):
            return None
        stop += 1
        stop += self._word(stop) in ("of", "in", "a")
        stop += self._word(stop) == "the"
        for words in (("last", "year"), ("previous", "year"), ("prior", "year"), ("year", "before"), ("year", "ago")):
            if (self._word(stop), self._word(stop + 1)) == words:
                return replace(self._when(at, stop + 2, self._moved("year", -1), "span"), relation="year_ago")
        for step_word in _LAST:
            if self._word(stop) == step_word and self._word(stop + 1) in _UNITS:
                unit = self._word(stop + 1)
                return replace(self._when(at, stop + 2, self._moved(unit, -1), unit), back=True)
        return None

    def _year_ago(self, at: int) -> When | None:
        if (self._word(at + 1), self._word(at + 2)) == ("year", "ago"):
            return replace(self._when(at, at + 3, self._moved("year", -1), "span"), relation="year_ago")
        return None

    def _since(self, at: int) -> When | None:
        """since March (to today), from Oct 1 to Oct 15, from Monday on."""
        begun = self._single(at + 1 + (self._word(at + 1) == "the"))
        if begun is None:
            return None
        if self._word(at) == "from":
            span = self._range(at, begun, joint=(*_TO, "and"))
            if span is not None or self._word(begun.stop) not in ("on", "onwards", "onward", "forward"):
                return span
            begun = replace(begun, stop=begun.stop + 1)
        if begun.past.first > self.today:
            return replace(begun, start=at)
        return self._when(at, begun.stop, Span(begun.past.first, self.today), "span")

    def _range(self, at: int, first: When | None, joint: tuple[str, ...]) -> When | None:
        if first is None or self._word(first.stop) not in joint:
            return None
        after = first.stop + 1
        number = self._word(after)
        if (
            first.unit == "day"
            and number.isdecimal()
            and self._explicit(after) is None
            and 1 <= int(number) <= days_in_month(first.past.first)
        ):
            spans = []
            for day in (first.past.first, first.coming.first):
                if int(number) < day.day:
                    return None
                spans.append(Span(day, day.replace(day=int(number))))
            return When(at, after + 1, spans[0], spans[1], "span")
        last = self._single(after)
        if last is None:
            return None
        past, coming = _joined(first.past, last.past), _joined(first.coming, last.coming)
        if past is None and first.past.first > last.past.last:
            earlier = Span(shifted(first.past.first, -12), shifted(first.past.last, -12))
            past = _joined(earlier, last.past) if first.unit in ("month", "day") else None
        if coming is None and first.unit in ("month", "day"):
            coming = _joined(first.past, last.coming)
        if past is None:
            return None
        return When(at, last.stop, past, coming or past, "span")

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

    # -------------------------------------------------------- sums of days

    def _word(self, at: int) -> str:
        if not 0 <= at < len(self.typed.words) or self.typed.used[at]:
            return ""
        return self.typed.words[at]

    def _when(self, at: int, stop: int, span: Span, unit: str) -> When:
        return When(at, stop, span, span, unit)  # type: ignore[arg-type]

    def _holding(self, unit: str, day: date) -> Span:
        return holding(unit, day, self.fiscal)

    def _moved(self, unit: str, step: int) -> Span:
        return moved(unit, self.today, step, self.fiscal)


def holding(unit: str, day: date, fiscal: FiscalCalendar) -> Span:
    """The day, ISO week, or fiscal month, quarter, half or year that holds a day."""
    if unit in LENGTHS:
        return fiscal.holding(LENGTHS[unit], day)
    if unit == "week":
        monday = day - timedelta(day.weekday())
        return Span(monday, monday + timedelta(6))
    return Span(day, day)


def moved(unit: str, day: date, step: int, fiscal: FiscalCalendar) -> Span:
    """The one of these so many before or after the one that holds a day."""
    if unit in LENGTHS:
        first = holding(unit, day, fiscal).first
        return fiscal.holding(LENGTHS[unit], shifted(first, step * LENGTHS[unit].months))
    return holding(unit, day + timedelta(step * (7 if unit == "week" else 1)), fiscal)


def _joined(first: Span, last: Span) -> Span | None:
    return Span(first.first, last.last) if first.first <= last.first and first.first <= last.last else None


def _month_of(year: int, number: int) -> Span:
    first = date(year, number, 1)
    return Span(first, shifted(first, 1) - DAY)


def _full(year: str) -> int:
    return int(year) + (2000 if len(year) <= 2 else 0)
