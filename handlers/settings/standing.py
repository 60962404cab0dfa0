"""How it stands for one person: what comes to them, by which schedule, and what keeps it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from handlers.conversation.request import Request
from handlers.conversation.wording import Days
from handlers.numbers.working_days import WorkCalendar
from handlers.reach import holding
from handlers.reach.gate import CAP, EVERYTHING, QUIET
from handlers.reach.topic import Topic
from handlers.schedules import rule as rules
from handlers.schedules.changes import Version
from handlers.schedules.read import NotASchedule
from handlers.schedules.read import read as read_rule
from handlers.settings.topics import Topics
from storage import absences, people, reach
from storage.absences import Absence
from storage.database import Transaction
from storage.reach import Circumstances, Scheduled

_TIME: Final = re.compile(r"\b([01]\d|2[0-3]):([0-5]\d)\b")


@dataclass(frozen=True, slots=True)
class Comes:
    """A topic that comes to somebody. `schedule` None: nobody ever set one."""

    topic: Topic
    schedule: Scheduled | None
    muted: bool
    until: datetime | None
    """Of the snooze; None where it is turned off, or not muted."""
    days: Days

    @property
    def rule(self) -> str | None:
        """Its schedule in words; None where it has none, or goes by what happens."""
        return None if self.schedule is None else in_words(self.schedule)

    @property
    def when(self) -> str:
        """The same as it is shown."""
        return "as it happens" if self.topic.audience is None else on_the_clock(self.rule or "not scheduled", self.days)


@dataclass(frozen=True, slots=True)
class Mine:
    """All of it."""

    comes: tuple[Comes, ...]
    circumstances: Circumstances
    leave: tuple[Absence, ...]
    """That has not ended."""
    own_zone: str
    """Kept for them here; empty: as their chat profile or the company says."""
    days: Days

    @property
    def quiet(self) -> str:
        """`18:00 to 08:00`, `6:00 pm to 8:00 am`, `none`."""
        begin, end = self.circumstances.quiet or QUIET
        return "none" if begin == end else f"{self.days.clock(begin)} to {self.days.clock(end)}"

    @property
    def cap(self) -> int:
        """Messages a day."""
        return CAP if self.circumstances.cap is None else self.circumstances.cap

    @property
    def all_muted(self) -> bool:
        """Everything is snoozed or off."""
        return EVERYTHING in self.circumstances.muted

    def of(self, name: str) -> Comes | None:
        """That topic."""
        return next((one for one in self.comes if one.topic.name == name), None)


def load(request: Request, tx: Transaction, topics: Topics) -> Mine:
    """What concerns the person who acts."""
    person, day = request.actor.person, request.basis.now.date()
    (known,) = reach.circumstances(tx, [person], request.now, [])
    row = people.person(tx, person)
    nearest = holding.schedules_of(tx, [one.name for one in topics.all], person, day)
    concerned = [one for one in topics.all if _concerned(request, tx, one)]
    days = Days.of(request.basis)
    comes = tuple(
        Comes(one, nearest.get(one.name), one.name in known.muted, known.muted.get(one.name), days) for one in concerned
    )
    return Mine(comes, known, tuple(absences.of(tx, person, since=day)), row.zone if row else "", days)


def _concerned(request: Request, tx: Transaction, topic: Topic) -> bool:
    if topic.audience is None:
        return bool(topic.roles & request.actor.roles)
    return reach.is_meant(tx, topic.audience, request.actor.person, request.basis.now.date())


def in_words(schedule: Scheduled) -> str | None:
    """The rule as it is said everywhere."""
    if schedule.rule is None:
        return None
    try:
        return rules.words(read_rule(schedule.rule, today=schedule.since.date()))
    except NotASchedule:
        return schedule.rule


def on_the_clock(words: str, days: Days) -> str:
    """The times of a rule in words, as that person reads them: `every Monday at 9:00 am`."""
    return _TIME.sub(lambda match: days.clock(time(int(match[1]), int(match[2]))), words)


def version(schedule: Scheduled) -> Version:
    """The row as what is due is worked out from it."""
    rule = None if schedule.rule is None else read_rule(schedule.rule, today=schedule.since.date())
    return Version(rule, schedule.since)


def calendar_of(request: Request, tx: Transaction) -> tuple[ZoneInfo, WorkCalendar]:
    """The clock and the calendar of the person who acts; the company's country where theirs is not known."""
    place, company = reach.place_of(tx, request.actor.person), request.company
    if place is not None and place.country:
        return request.basis.zone, WorkCalendar(place.country, place.subdivision)
    return request.basis.zone, WorkCalendar(company.country, company.subdivision)
