"""The year that lies behind the large demo company: its days, and what the modules beside this one hand one another."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.playground.large.staff import MOVED, REPS, Rep, manager_of
from handlers.conversation.company import Company
from handlers.numbers.periods import FiscalCalendar, Length, day_in
from handlers.numbers.spans import DAY, Span
from handlers.numbers.working_days import is_working_day
from storage.accounts import Account
from storage.database import Transaction
from storage.people import Person

LENGTH: Final = timedelta(days=364)
NEW_SINCE: Final = timedelta(days=45)
BACK: Final = (33, 4)
"""Days ago on which somebody's long leave began and ended."""
AWAY: Final = (1, 14)
"""Days ahead on which somebody's leave begins and ends."""


@dataclass
class Year:
    """`tx` and the clock's `now`; `chance` gives the same numbers every time."""

    tx: Transaction
    company: Company
    now: datetime
    chance: random.Random
    length: timedelta = LENGTH
    people: dict[str, Person] = field(default_factory=dict)
    """By first name."""
    accounts: dict[str, list[Account]] = field(default_factory=dict)
    """By the first name of whose they are."""
    leave: dict[str, list[Span]] = field(default_factory=dict)
    won: dict[str, list[tuple[date, int, str]]] = field(default_factory=dict)
    """First name -> (day, minor units of the plan's currency, account) of their wins."""
    open: dict[str, list[Account]] = field(default_factory=dict)
    """First name -> accounts with an open deal."""

    promised: set[tuple[str, str]] = field(default_factory=set)
    """(whose, what) of action items, so that nobody promises the same thing twice."""

    @property
    def today(self) -> date:
        return day_in(self.company.zone, self.now)

    @property
    def begin(self) -> date:
        """A Monday."""
        first = self.today - self.length
        return first - timedelta(days=first.weekday())

    @property
    def fiscal(self) -> FiscalCalendar:
        return FiscalCalendar(self.company.fiscal_year_start)

    def since(self, rep: Rep) -> date:
        """From when on they sell here."""
        return self.today - NEW_SINCE if rep.mood == "new" else self.begin

    def works(self, rep: Rep, day: date) -> bool:
        """It is one of their working days."""
        subdivision = "" if rep.country else self.company.subdivision
        free = any(day in span for span in self.leave.get(rep.first, ()))
        return not free and day >= self.since(rep) and is_working_day(day, self.country(rep), subdivision)

    def days(self, rep: Rep) -> Sequence[date]:
        """Their working days of the year until today."""
        return [day for day in self.every_day() if self.works(rep, day)]

    def every_day(self) -> Sequence[date]:
        """From the year's begin until today."""
        return [self.begin + timedelta(days=one) for one in range((self.today - self.begin).days + 1)]

    def quarters(self) -> Sequence[Span]:
        """Every fiscal quarter that the year touches, the one of today last."""
        found, at = [], self.fiscal.holding(Length.QUARTER, self.begin)
        while at.first <= self.today:
            found.append(at)
            at = self.fiscal.holding(Length.QUARTER, at.last + DAY)
        return found

    def at(self, rep_zone: str, day: date, hour: int, minute: int = 0) -> datetime:
        """That moment there; what has not come yet was a moment ago."""
        there = datetime.combine(day, time(hour, minute), ZoneInfo(rep_zone)).astimezone(UTC)
        return min(there, self.now - timedelta(minutes=1))

    def country(self, rep: Rep) -> str:
        return rep.country or self.company.country

    def currency(self, rep: Rep) -> str:
        """Deals are in the rep's own one where the plan is in US dollars, of which alone the rates are known."""
        return rep.currency if rep.currency and self.company.currency == "USD" else self.company.currency

    def manager(self, rep: Rep, day: date) -> str:
        """First name of whose report they were on that day."""
        first, team, days = MOVED
        return manager_of(team if rep.first == first and day < self.today - timedelta(days=days) else rep.team)

    def account(self, rep: Rep) -> Account:
        """One of theirs; where a deal is open twice as often."""
        busy = self.open.get(rep.first)
        return self.chance.choice(busy if busy and self.chance.random() < 0.6 else self.accounts[rep.first])


def weekday(day: date) -> date:
    """That day, or the Monday after it."""
    return day + timedelta(days=7 - day.weekday()) if day.weekday() > 4 else day


def rep_named(first: str) -> Rep:
    """Of the staff."""
    return next(one for one in REPS if one.first == first)
