"""Periods told from today: `last quarter`, `last 30 days`, `YTD`, `the rest of the month`, `same time last year`."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from handlers.ask.named_periods import NamedPeriods
from handlers.ask.when import LAST, LENGTHS, NEXT, THIS, UNITS, When
from handlers.language.dates import MONTHS, WEEKDAYS
from handlers.language.numbers import NUMBER_WORDS
from handlers.numbers.periods import year_ago
from handlers.numbers.spans import DAY, Span, shifted

ROLLING: Final = frozenset((*LAST, "trailing", "rolling"))
TO_DATE: Final = {"ytd": "year", "fytd": "year", "qtd": "quarter", "mtd": "month", "wtd": "week", "htd": "half"}
_COUNTED = re.compile(r"(\d{1,3})(d|w|m|mo|y)\Z")
_COUNTED_UNITS: Final = {"d": "day", "w": "week", "m": "month", "mo": "month", "y": "year"}


class RelativePeriods(NamedPeriods):
    """This, last and next, counted days and months, and what runs to today."""

    def today_only(self) -> Span:
        """Today, as a period."""
        return Span(self.today, self.today)

    def _to_date(self, at: int) -> When:
        return self._until_today(at, at + 1, TO_DATE[self._word(at)])

    def _until_today(self, at: int, stop: int, unit: str) -> When:
        whole = self._holding(unit, self.today)
        return replace(self._when(at, stop, Span(whole.first, self.today), "span"), whole=whole)

    def _relative(self, at: int) -> When | None:
        """this quarter, last month, next fiscal year, last october, this Q3, the quarter after."""
        word = self._word(at)
        stop = at + 1
        fiscal = self._word(stop) in ("fiscal", "financial")
        calendar = self._word(stop) == "calendar"
        stop += fiscal or calendar
        unit = self._word(stop)
        step = 0 if word in THIS else 1 if word in NEXT else -1 if word in LAST else None
        if step is None:
            return None
        if unit == "day":
            return None
        if unit == "fortnight" and step:
            days = Span(self.today - 13 * DAY, self.today) if step < 0 else Span(self.today, self.today + 13 * DAY)
            return self._when(at, stop + 1, days, "span")
        if unit == "weekend":
            saturday = self._holding("week", self.today).first + 5 * DAY + 7 * step * DAY
            return self._when(at, stop + 1, Span(saturday, saturday + DAY), "span")
        if unit in UNITS and unit not in ("fortnight", "weekend"):
            if calendar and unit == "year":
                year = self.today.year + step
                span = Span(date(year, 1, 1), date(year, 12, 31))
            else:
                span = self._moved(unit, step)
            stop += 1
            if self._word(stop) == "to" and self._word(stop + 1) == "date":
                if word == "this":
                    return self._until_today(at, stop + 2, unit)
                if unit == "year" and step == -1:
                    then = year_ago(Span(self._holding("year", self.today).first, self.today))
                    return self._when(at, stop + 2, then, "span")
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
        if not count or unit not in UNITS or unit == "weekend":
            return None
        return self._rolled(word, count, unit, at, stop + 1)

    def _rolled(self, word: str, count: int, unit: str, at: int, stop: int) -> When | None:
        if word in THIS:
            return None
        ahead = word in NEXT
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

    def _same(self, at: int) -> When | None:
        """same quarter last year, same time a year ago, this time last year, the same period of the year before."""
        word, stop = self._word(at), at + 1
        if word == "last" and self._word(stop) == "year" and self._word(stop + 1) in ("same", "this"):
            stop += 2 + (self._word(stop + 2) in ("time", "period", "point", "span"))
            return replace(self._when(at, stop, self._moved("year", -1), "span"), relation="year_ago")
        if word not in ("same", "this") or (word == "this" and self._word(stop) != "time"):
            return None
        if self._word(stop) not in (*UNITS, "time", "period", "point", "span"):
            return None
        same = self._word(stop)
        stop += 1
        stop += self._word(stop) in ("of", "in", "a")
        stop += self._word(stop) == "the"
        for words in (("last", "year"), ("previous", "year"), ("prior", "year"), ("year", "before"), ("year", "ago")):
            if (self._word(stop), self._word(stop + 1)) == words:
                known = same in LENGTHS or same in ("week", "day")
                span = self._holding(same, self.today) if known else self.today_only()
                unit = same if known else "span"
                return replace(self._when(at, stop + 2, span, unit), relation="year_ago")
        for step_word in LAST:
            if self._word(stop) == step_word and self._word(stop + 1) in UNITS:
                unit = self._word(stop + 1)
                return replace(self._when(at, stop + 2, self._moved(unit, -1), unit), back=True)
        return None

    def _ago(self, at: int) -> When | None:
        """two months ago, 3 weeks ago, a quarter ago: the whole one; a year ago is a comparison's other side."""
        number, stop = self._word(at), at + 1
        if number in ("a", "one") and self._word(stop) == "couple":
            number, stop = "2", stop + 1 + (self._word(stop + 1) == "of")
        count = 1 if number in ("a", "one", "1") else NUMBER_WORDS.get(number, 0)
        if number.isdecimal() and len(number) < 3:
            count = int(number)
        unit = self._word(stop)
        if not count or self._word(stop + 1) not in ("ago", "back") or (unit not in LENGTHS and unit != "week"):
            return None
        if unit == "year" and count == 1:
            return self._year_ago(at) if self._word(at + 1) == "year" else None
        return replace(self._when(at, stop + 2, self._moved(unit, -count), unit), back=True)

    def _year_ago(self, at: int) -> When | None:
        if (self._word(at + 1), self._word(at + 2)) == ("year", "ago"):
            return replace(self._when(at, at + 3, self._moved("year", -1), "span"), relation="year_ago")
        return None

    def _start_of(self, at: int) -> tuple[int, Span] | None:
        """Where `the start of the quarter` stops, and the quarter."""
        at += self._word(at) == "the"
        if self._word(at) not in ("start", "beginning", "begin", "outset") or self._word(at + 1) != "of":
            return None
        at += 2 + (self._word(at + 2) in ("the", "this", "our"))
        at += self._word(at) in ("fiscal", "financial")
        unit = self._word(at)
        return (at + 1, self._holding(unit, self.today)) if unit in LENGTHS or unit == "week" else None

    def _end_of(self, at: int) -> When | None:
        """End of quarter, the rest of the month: the one that is now."""
        if self._word(at) == "gap" and not self.typed.written(at).lower().startswith("remain"):
            return None  # what remains of the target is no period
        stop = at + 1
        stop += self._word(stop) == "of"
        if self._word(at) == "end" and stop == at + 1 and self._word(stop) in ("the", "this"):
            return None
        stop += self._word(stop) in ("the", "this")
        unit = self._word(stop)
        if unit in LENGTHS or unit == "week":
            return self._when(at, stop + 1, self._holding(unit, self.today), unit)
        return None

    def _the_unit(self, at: int) -> When | None:
        """The quarter, for the month: the one that is now. Before it `of the` may stand: the number of the quarter."""
        unit = self._word(at + 1)
        if unit not in LENGTHS and unit not in ("week", "day"):
            return None
        if self._word(at - 1) in ("by", "per", "each"):
            return None
        return self._when(at, at + 2, self._holding(unit, self.today), unit)
