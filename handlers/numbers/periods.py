"""The company's fiscal periods: which one holds a day, the ones beside it, and the words for it (GLOSSARY: *Time*)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from handlers.numbers.spans import DAY, Span, days_in_month, month_of, months_between, shifted
from handlers.numbers.working_days import week_of


class Length(StrEnum):
    """What a fiscal year is cut into. The value is the word for it."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"

    @property
    def months(self) -> int:
        return {"month": 1, "quarter": 3, "half": 6, "year": 12}[self.value]


@dataclass(frozen=True, slots=True)
class FiscalCalendar:
    """The month that a fiscal year starts in (1 to 12), and whether its name is the year it ends in or starts in."""

    starts_in: int = 1
    named_by_end: bool = True

    def year_of(self, day: date) -> int:
        """The name, as a number, of the fiscal year that holds that day."""
        started = day.year if day.month >= self.starts_in else day.year - 1
        return started + self._ahead

    def year(self, name: int) -> Span:
        """The fiscal year of that name."""
        first = date(name - self._ahead, self.starts_in, 1)
        return Span(first, shifted(first, 12) - DAY)

    def part(self, length: Length, year: int, number: int = 1) -> Span:
        """The n-th quarter, half or month of a fiscal year, from 1. ValueError where the year has no such part."""
        if not 1 <= number <= 12 // length.months:
            raise ValueError(f"a year has no {length} {number}")
        first = shifted(self.year(year).first, (number - 1) * length.months)
        return Span(first, shifted(first, length.months) - DAY)

    def holding(self, length: Length, day: date) -> Span:
        """The month, quarter, half or year that holds that day."""
        year = self.year_of(day)
        return self.part(length, year, months_between(self.year(year).first, day) // length.months + 1)

    def number(self, span: Span) -> tuple[Length, int, int] | None:
        """Which part of which fiscal year a span is: (length, fiscal year, number). None if it is no such part."""
        return _number(self, span)

    def year_in_words(self, name: int) -> str:
        """`FY2027`; just `2026` where the fiscal year is the calendar's."""
        return str(name) if self.starts_in == 1 else f"FY{name}"

    def words(self, span: Span) -> str:
        """`Q4 FY2027 (1 Nov 2026 – 31 Jan 2027)`; for a span that is no period of this calendar just its days.

        A month is said as the calendar has it (`November 2026`), since a fiscal month's number says nothing to anyone.
        """
        days = in_days(span)
        match self.number(span):
            case None:
                return f"week of {days}" if span == Span(*week_of(span.first)) else days
            case Length.MONTH, _, _:
                return f"{span.first:%B %Y} ({days})"
            case Length.YEAR, year, _:
                return f"{self.year_in_words(year)} ({days})"
            case length, year, number:
                return f"{length[0].upper()}{number} {self.year_in_words(year)} ({days})"

    @property
    def _ahead(self) -> int:
        return 1 if self.named_by_end and self.starts_in > 1 else 0


# An answer says its span several times, and many ask about the same ones.
@lru_cache(maxsize=1024)
def _number(fiscal: FiscalCalendar, span: Span) -> tuple[Length, int, int] | None:
    for length in Length:
        if span == fiscal.holding(length, span.first):
            year = fiscal.year_of(span.first)
            return length, year, months_between(fiscal.year(year).first, span.first) // length.months + 1
    return None


def in_days(span: Span) -> str:
    """`28 Sep – 4 Oct 2026`, `1 – 30 Nov 2026`, `18 Nov 2026`: nothing is said twice."""
    first, last = span.first, span.last
    end = f"{last.day} {last:%b %Y}"
    if first == last:
        return end
    if first.year != last.year:
        return f"{first.day} {first:%b %Y} – {end}"
    return f"{first.day} – {end}" if first.month == last.month else f"{first.day} {first:%b} – {end}"


def before(span: Span) -> Span:
    """The one before: as many whole months back, else as many days; a quarter's is the quarter before it."""
    if months := span.whole_months:
        return Span(shifted(span.first, -months), span.first - DAY)
    return Span(span.first - timedelta(days=span.days), span.first - DAY)


def year_ago(span: Span) -> Span:
    """The same one a year before: whole months twelve months back, an ISO week 52 weeks (Mondays stay Mondays),
    other spans the same dates (29 Feb becomes 28 Feb)."""
    if months := span.whole_months:
        first = shifted(span.first, -12)
        return Span(first, shifted(first, months) - DAY)
    if span == Span(*week_of(span.first)):
        return Span(span.first - timedelta(weeks=52), span.last - timedelta(weeks=52))
    return Span(shifted(span.first, -12), shifted(span.last, -12))


def same_point(span: Span, today: date, other: Span) -> Span:
    """The part of `other` that is as far on as `span` is today, for a comparison of an unfinished span.

    Spans of whole months are as far on in the same month and on the same day of it; a month's last day stands beside a
    month's last day (30 Apr beside 31 Mar, 28 Feb beside 29). Others, a week among them, are as many days on. A span
    that is over, or has not begun, is compared with the whole of the other.
    """
    if today not in span or today == span.last:
        return other
    if span.whole_months and other.whole_months:
        there = shifted(other.first, months_between(span.first, today))
        at_end = today == month_of(today).last
        last = there.replace(day=days_in_month(there) if at_end else min(today.day, days_in_month(there)))
    else:
        last = other.first + (today - span.first)
    return Span(other.first, min(last, other.last))


def so_far(span: Span, today: date) -> Span | None:
    """The span up to today, today included; None before it begins."""
    return Span(span.first, min(today, span.last)) if today >= span.first else None


def day_in(zone: str, instant: datetime) -> date:
    """The calendar day of an instant in an IANA zone. ValueError for an instant without a zone of its own."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs its zone: days are the company's or a person's, never the machine's")
    return instant.astimezone(ZoneInfo(zone)).date()


def instants(span: Span, zone: str) -> tuple[datetime, datetime]:
    """When the span begins in that zone and when it is over, in UTC; the second instant is outside of it."""

    def midnight(day: date) -> datetime:
        return datetime.combine(day, time.min, ZoneInfo(zone)).astimezone(UTC)

    return midnight(span.first), midnight(span.last + DAY)
