"""Planning: whose turn it is to hear something, in their own zone; each occurrence becomes one notice by its key.

What is due follows from rows and rules alone (handlers/schedules), so it does not matter how often this looks, in how
many processes, or what the machine's clock did meanwhile. A slot that was planned whole for a place is marked, so that
it is not gone through again; once an hour what is still worth sending is gone through all the same, for people who came
to that place later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from handlers.conversation.company import Company
from handlers.numbers.periods import FiscalCalendar
from handlers.numbers.spans import DAY
from handlers.numbers.working_days import WorkCalendar
from handlers.reach.topic import Topic
from handlers.reach.whereabouts import whereabouts
from handlers.schedules.changes import Due, Version, due
from handlers.schedules.read import NotASchedule, read
from handlers.schedules.rule import Rule
from handlers.schedules.slots import Slot, moment
from storage import notices, reach, units
from storage.database import Database, Transaction
from storage.reach import Place

log = structlog.get_logger(__name__)

LOOK_BACK: Final = timedelta(days=7)
"""After a longer stand-still, what was due before is not even recorded."""
PAGE: Final = 2000
"""People looked for at once, beside the writers."""
CHUNK: Final = 500
"""Notices in one transaction: turns wait for it."""
SWEEP: Final = timedelta(hours=1)
LEASE: Final = timedelta(seconds=30)
"""Nothing new is said for so long after the process that plans and speaks has died."""


@dataclass(frozen=True, slots=True)
class _Open:
    """A slot of a topic that has come up in a place, and whose people may lack their notices."""

    topic: Topic
    unit: str | None
    """Whose schedule it is; None: the company's."""
    place: Place
    came: Due
    until: datetime

    @property
    def where(self) -> str:
        return "|".join((self.place.zone, self.place.country, self.place.subdivision, self.unit or ""))


class Planner:
    """Plans in one process at a time: who that is, a row decides."""

    def __init__(
        self,
        database: Database,
        company: Company,
        topics: Sequence[Topic],
        *,
        clock: Callable[[], datetime],
        owner: str,
    ) -> None:
        self._database = database
        self._company = company
        self._topics = tuple(topics)
        self._clock = clock
        self._owner = owner
        self._swept: datetime | None = None
        self._leased: datetime | None = None
        """Until when this process plans, as far as it knows."""

    def declare(self, tx: Transaction) -> None:
        """The default schedules, from now on where they are new or changed; else what was set in chat stays."""
        now = self._clock()
        last = {one.topic: one.rule for one in self._versions(tx) if one.unit is None and one.set_by is None}
        for topic in self._topics:
            if topic.audience is not None and last.get(topic.name, "") != topic.rule:
                reach.schedule(tx, topic.name, topic.rule, since=now, by=None)

    async def tick(self) -> None:
        """Plan what has come up since the last look."""
        now = self._clock()
        if not await self._mine(now):
            return
        sweep = self._swept is None or now - self._swept >= SWEEP
        for together in _alike(await self._database.read(lambda tx: self._came_up(tx, now, sweep=sweep))):
            await self._plan(together, now)
        if sweep:
            self._swept = now

    @property
    def plans(self) -> bool:
        """Whether this process is the one that plans, as far as it knows."""
        return self._leased is not None and self._leased > self._clock()

    async def let_go(self) -> None:
        """Another process may plan from now on."""
        if not self.plans:
            return
        self._leased, now = None, self._clock()
        await self._database.write(lambda tx: reach.lease(tx, "planning", self._owner, now=now, until=now))

    async def next(self, until: datetime) -> datetime | None:
        """When something comes up next, not after `until`; for a clock that is moved by hand."""

        def look(tx: Transaction) -> datetime | None:
            now = self._clock()
            coming = [
                one.instant
                for versions in self._by_topic(tx).values()
                for of_unit in versions.values()
                for place in reach.places(tx)
                for one in due(of_unit, now, until, *self._where(place))
            ]
            return min((one for one in (*coming, notices.next_look(tx, now)) if one and one <= until), default=None)

        return await self._database.read(look)

    async def _mine(self, now: datetime) -> bool:
        """Whether this process is the one that plans. A clock that went back makes it ask again."""
        if self._leased is not None and LEASE / 2 < self._leased - now <= LEASE:
            return True
        until = now + LEASE
        mine = await self._database.write(lambda tx: reach.lease(tx, "planning", self._owner, now=now, until=until))
        self._leased = until if mine else None
        return mine

    def _versions(self, tx: Transaction) -> list[reach.Scheduled]:
        return reach.scheduled(tx, [topic.name for topic in self._topics])

    def _came_up(self, tx: Transaction, now: datetime, *, sweep: bool) -> list[_Open]:
        places, by_topic = reach.places(tx), self._by_topic(tx)
        found = []
        for topic in self._topics:
            of_topic = [
                _Open(topic, unit, place, came, self._until(topic, came, place))
                for unit, versions in by_topic.get(topic.name, {}).items()
                for place in places
                for came in due(versions, now - LOOK_BACK, now, *self._where(place))
            ]
            done = notices.planned(tx, topic.name, {one.came.slot.key for one in of_topic}) if of_topic else set()
            found += [
                one for one in of_topic if (one.came.slot.key, one.where) not in done or (sweep and one.until > now)
            ]
        return sorted(found, key=lambda one: one.came.instant)

    def _by_topic(self, tx: Transaction) -> dict[str, dict[str | None, list[Version]]]:
        """Topic -> unit (None: the company) -> its versions, in the order in which they hold."""
        found: dict[str, dict[str | None, list[Version]]] = {}
        for one in self._versions(tx):
            versions = found.setdefault(one.topic, {}).setdefault(one.unit, [])
            versions.append(Version(self._rule(one), one.since))
        return found

    def _rule(self, one: reach.Scheduled) -> Rule | None:
        if one.rule is None:
            return None
        try:
            return read(one.rule, today=one.since.date())
        except NotASchedule:
            log.error("schedule_unreadable", topic=one.topic, rule=one.rule)
            return None

    def _where(self, place: Place) -> tuple[ZoneInfo, WorkCalendar, FiscalCalendar]:
        return (*whereabouts(place, self._company), FiscalCalendar(self._company.fiscal_year_start))

    def _until(self, topic: Topic, came: Due, place: Place) -> datetime:
        if topic.worth is not None:
            return came.instant + topic.worth
        return moment(came.slot.day + DAY, time(0), self._where(place)[0])

    async def _plan(self, together: Sequence[_Open], now: datetime) -> None:
        """Whoever lacks theirs, of all places at one pass through the people."""
        by_place = {one.place: one for one in together}
        topic, slot = together[0].topic, together[0].came.slot
        audience = topic.audience
        assert audience is not None
        without, after = notices.is_there(topic.name, slot.key), ""

        def lacking(tx: Transaction) -> tuple[str, list[notices.Wanted]]:
            found = reach.audience(tx, audience, by_place, slot.day, without=without, after=after, limit=PAGE)
            meant = set(self._with_schedule(tx, together[0], [person for person, _ in found]))
            wanted = [self._wanted(by_place[place], person) for person, place in found if person in meant]
            return found[-1][0] if len(found) == PAGE else "", wanted

        while True:
            after, wanted = await self._database.read(lacking)
            for first in range(0, len(wanted), CHUNK):
                some = wanted[first : first + CHUNK]
                await self._database.write(lambda tx, some=some: notices.plan(tx, some, at=now))  # type: ignore[misc]
            if not after:
                break
        await self._database.write(lambda tx: _mark(tx, together, now))

    def _wanted(self, one: _Open, person: str) -> notices.Wanted:
        return notices.Wanted(
            topic=one.topic.name, person=person, slot=one.came.slot.key, due_at=one.came.instant, until=one.until
        )

    def _with_schedule(self, tx: Transaction, one: _Open, persons: Sequence[str]) -> Iterable[str]:
        """Those of them for whom that schedule is the nearest: their unit's, else that of one above, the company's."""
        own = {version.unit for version in reach.scheduled(tx, [one.topic.name])} - {None}
        if not own or not persons:
            return persons
        parents = {unit.id: unit.parent for unit in units.everything(tx)}
        sells_in: dict[str, str] = {}
        for membership in units.memberships_of(tx, persons=persons):
            there = membership.since <= one.came.slot.day and (
                membership.until is None or membership.until > one.came.slot.day
            )
            if there and (not membership.leads or membership.person not in sells_in):
                sells_in[membership.person] = membership.unit
        return [person for person in persons if _nearest(sells_in.get(person), parents, own) == one.unit]


def _alike(came_up: Iterable[_Open]) -> list[list[_Open]]:
    """Those of one slot on one day, whatever the place, together; in the order in which they came up."""
    found: dict[tuple[str, str | None, Slot], list[_Open]] = {}
    for one in came_up:
        found.setdefault((one.topic.name, one.unit, one.came.slot), []).append(one)
    return list(found.values())


def _mark(tx: Transaction, together: Iterable[_Open], now: datetime) -> None:
    for one in together:
        notices.mark_planned(tx, one.topic.name, one.came.slot.key, one.where, at=now)


def _nearest(unit: str | None, parents: dict[str, str | None], own: set[str | None]) -> str | None:
    seen = set()
    while unit is not None and unit not in own and unit not in seen:
        seen.add(unit)
        unit = parents.get(unit)
    return unit if unit in own else None
