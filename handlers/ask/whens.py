"""Periods in a question: `last quarter`, `Q3 2025`, `since March`, `week of Nov 2`, `Oct 1 to Oct 15`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Final

from handlers.ask.named_periods import ADJECTIVES
from handlers.ask.portions import PLACES, portion
from handlers.ask.relative_periods import ROLLING, TO_DATE, RelativePeriods
from handlers.ask.when import LAST, LENGTHS, NEAR, NEXT, THIS, UNITS, When
from handlers.language.dates import MONTHS, WEEKDAYS
from handlers.language.numbers import NUMBER_WORDS
from handlers.numbers.periods import year_ago
from handlers.numbers.spans import DAY, Span, days_in_month, shifted

_TO: Final = frozenset(("-", "to", "through", "thru", "until", "till", "til"))
_BY: Final = frozenset(("by", "until", "before"))
_DID: Final = frozenset(("did", "was", "were", "had"))
_HAVE_ENDED: Final = frozenset(("ended", "finished"))
_ENDED: Final = frozenset(("end", "ended", "finish", "finished", "close", "closed", "land", "final", "wrap", "turn"))
_JOINING: Final = frozenset(("vs", "v", "and", "than", "compare", "against", "between", "or", "-", "to", "over"))
_TWO_DAYS: Final = {("before", "yesterday"): -2, ("after", "tomorrow"): 2}
_SUCH: Final = frozenset(
    ("bad", "rough", "tough", "hard", "poor", "terrible", "awful", "weak", "slow", "good", "great", "strong", "decent")
)
"""What a month or a quarter is said to be."""
_JUST_BEGUN: Final = 7
"""Days into a period of which nobody asks yet how it went."""
_NTH: Final = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "last": 0}
_COMING: Final = frozenset(("come", "comes", "came", "coming"))
_AFTER_THE: Final = frozenset((*UNITS, *LAST, "same", *_NTH, *PLACES))


class Whens(RelativePeriods):
    """Finds the periods of a question; their words are then claimed."""

    def find(self) -> list[When]:
        found: list[When] = []
        words = self.typed.words
        at = 0
        while at < len(words):
            when = self._at(at) if not self.typed.used[at] else None
            if when is None or not self.typed.free(when.start, when.stop):
                at += 1
                continue
            self.typed.claim(when.start, when.stop, "@when")
            coming = self._word(when.start - 2) in _COMING
            if words[when.start] in NEAR and self._word(when.start - 1) == "in" and not coming:
                words[when.start - 1] = "came"  # `any deals in today`: no day takes such an `in`
            found.append(when)
            at = when.stop
        found = self._with_year(found)
        found = [self._over(when) for when in found]
        so_far = any(pair == ("so", "far") for pair in pairwise(words))
        return [self._so_far(when) for when in found] if so_far else found

    def _so_far(self, when: When) -> When:
        """`so far this quarter`, `this month so far`: what runs on ends today."""
        span = when.past
        if when.relation or self.today not in span or self.today == span.last or when.unit in ("day", "span"):
            return when
        until = Span(span.first, self.today)
        return replace(when, past=until, coming=until, unit="span", others=(), whole=span)

    def _with_year(self, found: list[When]) -> list[When]:
        """`how did q4 end up last year`: a part of the year in one place, the year in another."""
        if len(found) != 2 or found[1].unit != "year" or found[1].relation or _JOINING.intersection(self.typed.words):
            return found
        part, year = found
        if part.whole is not None and year.back:
            return [replace(part, past=year_ago(part.past), coming=year_ago(part.past), whole=None)]
        words = [word for word in self.typed.words[part.start : part.stop] if word != "the"]
        bare = len(words) == 1 or (len(words) == 2 and words[0] in _NTH)
        if part.unit not in ("quarter", "half", "month") or not bare or part.back or words[0] in UNITS:
            return found
        steps = (12 * years for years in range(-40, 41))
        step = next((months for months in steps if shifted(part.past.first, months) in year.past), None)
        if step is None:
            return found
        span = Span(shifted(part.past.first, step), shifted(part.past.last + DAY, step) - DAY)
        return [replace(part, past=span, coming=span, others=())]

    def _over(self, when: When) -> When:
        """`how did the year end`: what ended is over; and of what has just begun nobody asks how it went."""
        words = self.typed.words
        said = words[when.start : when.stop]
        named = said[0] == "the" or said[-1] == "end"
        if not named or when.unit not in (*LENGTHS, "week") or self.today not in when.past:
            return when
        if not _DID.intersection(words[: when.start]) and not _HAVE_ENDED.intersection(words[: when.start]):
            return when
        begun = (self.today - when.past.first).days < _JUST_BEGUN and when.unit not in ("week", "day")
        if not begun and not _ENDED.intersection(words):
            return when
        span = self._moved(when.unit, -1)
        return replace(when, past=span, coming=span, back=True)

    def _by(self, at: int) -> When | None:
        """closing by Friday, due until the 31st, before December: from today to that day."""
        stop = at + 1 + (self._word(at + 1) in ("the", "end"))
        end = self._single(at + 1) or self._single(stop)
        if end is None or end.relation or end.others:
            return None
        last = end.coming.last
        if self._word(at) == "before" and end.unit != "day":
            last = end.coming.first - DAY
        elif end.unit != "day":
            return None
        if last <= self.today:
            return None
        span = Span(self.today, last)
        return When(at, end.stop, end.past, span, "span", whole=None)

    def _at(self, at: int) -> When | None:
        word = self._word(at)
        if word in _BY and not self._comparing and (due := self._by(at)) is not None:
            return due
        if word == "since" or (word == "from" and not self._comparing):
            return self._since(at)
        if word == "between" and not self._comparing:
            return self._range(at, self._single(at + 1), joint=("and", "to", "-"))
        if word == "the" and self._word(at + 1) in _AFTER_THE:
            found = self._single(at + 1) or self._the_unit(at)
            return found and replace(found, start=at)
        if word in ("my", "our") and self._word(at + 1) in UNITS and (own := self._the_unit(at)) is not None:
            return replace(own, start=at + 1)
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
        if word in TO_DATE:
            return (self._to_date,)
        if word == "same" or (word == "this" and self._comparing_time(word)):
            return (self._same, self._relative)
        if word in THIS or word in NEXT or word in ROLLING:
            return (self._portion, self._same, self._ago, self._counted, self._relative)
        if word == "calendar":
            return (self._calendar,)
        if word in ADJECTIVES:
            return (self._adjective,)
        if word in _NTH:
            return (self._portion, self._nth, self._explicit)
        if word == "final":
            return (self._portion,)
        if word in UNITS:
            return (self._unit, self._unit_first)
        if word == "month":
            return (self._month,)
        if word in MONTHS:
            return (self._month_day, self._month)
        if word in NEAR or word in WEEKDAYS:
            return (self._day,)
        if word in ("fiscal", "financial", "fy"):
            return (self._fiscal_to_date, self._fiscal_year)
        if word in ("end", "rest", "remainder", "remaining", "gap"):
            return (self._end_of,)
        if word in ("a", "one"):
            return (self._ago, self._year_ago, self._such)
        if word in ("all", "full", "whole", "entire"):
            return (self._all_year,)
        if word.isdecimal() or word in NUMBER_WORDS:
            return (self._ago, self._part, self._explicit, self._year)
        return (self._part, self._explicit, self._year)

    def _portion(self, at: int) -> When | None:
        return portion(self, at, self._single) if self._word(at) in PLACES else None

    def _comparing_time(self, _: str) -> bool:
        return "time" in self.typed.words

    def _unit(self, at: int) -> When | None:
        """year to date, month-to-date, year end, week of Nov 2, week 46, quarter 3, quarter before last."""
        unit, at_next = self._word(at), at + 1
        if at and self.typed.source[at - 1] in self.typed.line.possessive and (unit in LENGTHS or unit == "week"):
            return self._when(at, at + 1, self._holding(unit, self.today), unit)
        if unit == "day" and (self._word(at + 1), self._word(at + 2)) in _TWO_DAYS:
            that = self.today + _TWO_DAYS[self._word(at + 1), self._word(at + 2)] * DAY
            return self._when(at, at + 3, Span(that, that), "day")
        if (self._word(at + 1), self._word(at + 2)) == ("so", "far") and (unit in LENGTHS or unit == "week"):
            return self._until_today(at, at + 3, unit)
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
            if number.isdecimal() and 1 <= int(number) <= 53 and self._word(at + 2) not in UNITS:
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

    def _fiscal_to_date(self, at: int) -> When | None:
        """fiscal year to date."""
        year = self._unit(at + 1) if self._word(at + 1) == "year" and self._word(at + 2) in ("to", "-") else None
        return year and replace(year, start=at)

    def _such(self, at: int) -> When | None:
        """having a bad month: the one that is now."""
        unit = self._word(at + 2)
        if self._word(at + 1) not in _SUCH or (unit not in LENGTHS and unit != "week"):
            return None
        return self._when(at + 2, at + 3, self._holding(unit, self.today), unit)

    def _nth(self, at: int) -> When | None:
        """first quarter of 2026, second half, 3rd quarter."""
        number, unit = _NTH[self._word(at)], self._word(at + 1)
        if not number or unit not in ("quarter", "half") or number > 12 // LENGTHS[unit].months:
            return self._counted(at) if self._word(at) == "last" else None
        return self._numbered(at, at + 2, unit, number)

    def _since(self, at: int) -> When | None:
        """since March (to today), from Oct 1 to Oct 15, from Monday on, since the start of the quarter."""
        if (start := self._start_of(at + 1)) is not None:
            return replace(self._when(at, start[0], Span(start[1].first, self.today), "span"), whole=start[1])
        of = next((stop for stop in (at + 3, at + 4) if self._word(stop - 1) == "of"), at + 1)
        if of > at + 1 and self._word(of - 2) not in ("start", "beginning", "begin", "outset"):
            of = at + 1
        begun = self._single(of + (self._word(of) == "the"))
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


def _joined(first: Span, last: Span) -> Span | None:
    return Span(first.first, last.last) if first.first <= last.first and first.first <= last.last else None
