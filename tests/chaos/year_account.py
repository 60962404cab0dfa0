"""Each occurrence of the simulated year accounted for: said once, in its window, on a working day, outside quiet hours;
or not said, for a reason that holds."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa

from handlers.numbers.periods import FiscalCalendar
from handlers.numbers.spans import Span
from handlers.reach.topic import Topic
from handlers.schedules.read import read
from handlers.schedules.slots import moment, slots
from storage.database import Transaction
from storage.tables import notices
from tests.chaos.year_world import DAY, PROCESSES, SCHEDULED, WHOLE, ZONES, Home, World

MORNING, EVENING = time(8), time(18)
"""Between them nobody's hours are quiet."""


@dataclass(frozen=True)
class End:
    """How a notice ended."""

    topic: str
    state: str
    reason: str | None
    said_as: str | None


@dataclass
class Year:
    """What came of it."""

    since: date
    until: date
    occurrences: int = 0
    said: int = 0
    messages: int = 0
    days_off: int = 0
    capped: int = 0
    down: int = 0
    nothing: int = 0
    starts: int = 0
    wrong: list[str] = field(default_factory=list)

    def told(self) -> str:
        """For a page or a terminal."""
        return (
            f"{self.since} to {self.until}, {len(SCHEDULED)} topics, {len(ZONES)} zones, {PROCESSES} processes "
            f"started {self.starts:,} times:\n  {self.occurrences:,} occurrences: {self.said:,} said once each, "
            f"{self.days_off:,} on days off or leave, {self.capped:,} over the day's cap, {self.down:,} while nothing "
            f"ran, {self.nothing:,} with nothing to say;\n  {self.messages:,} unasked messages, each on a working day "
            f"between 8 and 18 of its reader"
        )


def ends(tx: Transaction) -> dict[str, End]:
    """How each notice ended, by its key."""
    columns = (notices.c.key, notices.c.topic, notices.c.state, notices.c.reason, notices.c.said_as)
    return {row[0]: End(*row[1:]) for row in tx.execute(sa.select(*columns))}


def account(world: World, year: Year, ended: dict[str, End]) -> None:
    """Add what came of all that has a schedule."""
    at: dict[str, datetime] = {}
    of_day: Counter[tuple[str, date]] = Counter()
    homes = {home.person: home for home in world.homes}
    marked: Counter[str] = Counter()
    for sent in world.far_end.sent:
        if not sent.is_unasked:
            continue
        if sent.key in at:
            year.wrong.append(f"{sent.key} went out twice")
        at[sent.key] = sent.at
        year.messages += 1
        home = homes[sent.person]
        here = sent.at.astimezone(home.zone)
        of_day[home.person, here.date()] += 1
        if not (home.works(here.date()) and MORNING <= here.time() < EVENING):
            year.wrong.append(f"{sent.key} was said at {here:%a %d %b %H:%M}, {home.zone.key}")
        marked.update(part.partition(">")[0] for part in sent.reply.text.split("<")[1:])
    year.wrong += [f"{key} was said {count} times" for key, count in marked.items() if count > 1]
    whole = {topic.name for topic in WHOLE}
    for key, end in ended.items():
        if end.topic not in whole and (end.state == "said") != (key in marked):
            year.wrong.append(f"{key} is {end}, and was said {marked[key]} times")
    expected: set[str] = set()
    for home in world.homes:
        for topic in SCHEDULED:
            if not home.is_meant(topic):
                continue
            for key, due, worth in _occurrences(world, year, home, topic):
                expected.add(key)
                # What is not over yet may end as it likes.
                if worth <= world.now - DAY:
                    year.occurrences += 1
                    _end_of(world, year, home, key, due, worth, at, ended.get(key), of_day)
    scheduled = {topic.name for topic in SCHEDULED}
    if more := {key for key, end in ended.items() if end.topic in scheduled} - expected:
        year.wrong.append(f"{len(more)} that nobody expected, as {sorted(more)[0]}")


def _occurrences(world: World, year: Year, home: Home, topic: Topic) -> list[tuple[str, datetime, datetime]]:
    """Its key, when it is due, and how long it is worth saying."""
    assert topic.rule is not None
    found = []
    rule = read(topic.rule, today=year.since)
    for slot in slots(rule, Span(year.since - DAY, year.until + 2 * DAY), home.calendar, FiscalCalendar(1)):
        due = moment(slot.day, slot.at, home.zone)
        worth = due + topic.worth if topic.worth else moment(slot.day + DAY, time(0), home.zone)
        if world.began < due <= world.now:
            found.append((f"{topic.name}:{home.person}:{home.person}:{slot.key}", due, worth))
    return found


def _end_of(
    world: World,
    year: Year,
    home: Home,
    key: str,
    due: datetime,
    worth: datetime,
    at: dict[str, datetime],
    end: End | None,
    of_day: Counter[tuple[str, date]],
) -> None:
    """Said once in its window, or not for a reason that holds."""
    day = due.astimezone(home.zone).date()
    evening = min(worth, moment(day, EVENING, home.zone))
    what = f"{key}, due {due.astimezone(home.zone):%a %d %b %H:%M} {home.zone.key}"
    if end is not None and end.state == "said":
        year.said += 1
        heard = at.get(end.said_as or "")
        if heard is None or not due <= heard < worth:
            year.wrong.append(f"{what}: said at {heard}")
    elif end is not None and end.state == "nothing" and end.topic in {topic.name for topic in WHOLE}:
        # Whether there was nothing is looked at where these topics are.
        year.nothing += 1
    elif not any(home.works(day + timedelta(days=more)) for more in range((worth - due).days + 1)):
        year.days_off += 1
    elif not world.ran(due, worth):
        year.down += 1
    elif end is not None and end.reason == "enough for one day" and of_day[home.person, day]:
        year.capped += 1
    elif due >= evening:
        year.wrong.append(f"{what}: its time lies in quiet hours")
    else:
        year.wrong.append(f"{what}: not said, its row is {end}")
