"""The account of the simulated year's check-ins: asked, reminded, late, read by one manager, answered by them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final

import sqlalchemy as sa

from handlers.schedules.slots import moment
from storage.database import Transaction
from storage.tables import checkins as table
from tests.chaos.year_account import End
from tests.chaos.year_checkins import Asked, Checkins, days_after
from tests.chaos.year_world import DAY, Home, World

REMINDERS: Final = 2
WEEKS: Final = 4
"""So many weeks before this one the manager's words count who took part."""
_TOOK_PART: Final = re.compile(r"(\d+) of (\d+) checked in last week")


@dataclass
class Answers:
    """What came of it."""

    asked: int = 0
    in_time: int = 0
    late: int = 0
    skipped: int = 0
    unanswered: int = 0
    reminders: int = 0
    capped: int = 0
    """Reminders that were over the day's cap when their time came."""
    read: int = 0
    between: int = 0
    """Given to a manager who was none any more when it was time to read it."""
    waiting: int = 0
    """Given in the last days."""
    comments: int = 0
    whom: int = 0
    counted: int = 0
    changes: int = 0
    wrong: list[str] = field(default_factory=list)

    def told(self) -> str:
        """For a page or a terminal."""
        return (
            f"  {self.asked:,} check-ins asked for: {self.in_time:,} answered in time, {self.late:,} late and marked "
            f"so, {self.skipped:,} “not this time”, {self.unanswered:,} never; {self.reminders:,} reminders, two each "
            f"at most and none after the answer, {self.capped:,} over the day's cap;\n"
            f"  {self.read:,} read once by who was the manager ({self.changes:,} "
            f"changes of manager), {self.between:,} by nobody since the manager changed in between, {self.waiting:,} "
            f"not yet; {self.comments:,} comments heard once;\n  whom to see: {self.whom:,} times, in {self.counted:,} "
            f"of them who took part last week, counted again by hand"
        )


Marked = dict[tuple[str, date], bool | None]
"""By person and day, whether a check-in is marked as late."""


def late_ones(tx: Transaction) -> Marked:
    """As the rows have it."""
    return {(row[0], row[1]): row[2] for row in tx.execute(sa.select(table.c.person, table.c.day, table.c.late))}


def account(world: World, people: Checkins, marked: Marked, ended: Mapping[str, End]) -> Answers:
    """Look at each."""
    found = Answers(wrong=list(people.unexpected), changes=people.changes)
    by_home: dict[str, list[Asked]] = {}
    for one in people.asked:
        by_home.setdefault(one.home.person, []).append(one)
    capped = {
        (key.split(":", 3)[2], datetime.fromisoformat(key.split(":", 3)[3]))
        for key, end in ended.items()
        if end.topic == "check-in reminder" and end.reason == "enough for one day"
    }
    found.capped = len(capped)
    said = sum(1 for end in ended.values() if end.topic == "check-in" and end.state == "said")
    if said != len(people.asked):
        found.wrong.append(f"{said} notices say that a check-in was asked for, and {len(people.asked)} were")
    for theirs in by_home.values():
        weeks = Counter(_week(world.today(one.home, one.at)) for one in theirs)
        found.wrong += [
            f"{theirs[0].home.who.name} was asked {n} times in the week of {w}" for w, n in weeks.items() if n > 1
        ]
        for number, one in enumerate(theirs):
            following = theirs[number + 1].at if number + 1 < len(theirs) else None
            _one(world, found, one, following, marked)
            _reminded(world, found, one, following, capped)
    for comment in people.comments:
        readers = [who for at, who in comment.read_by]
        found.comments += readers == [comment.of.home.person]
        if readers not in ([comment.of.home.person], []):
            found.wrong.append(f"comment {comment.number} was read by {readers}")
        elif not readers and comment.made is not None and comment.made < world.now - timedelta(days=22):
            found.wrong.append(f"comment {comment.number} of {comment.made} was read by nobody")
    _whom(world, found, people, by_home)
    return found


def _one(world: World, found: Answers, one: Asked, following: datetime | None, marked: Marked) -> None:
    home, what = one.home, f"check-in {one.number} of {one.home.who.name}, {one.at:%a %d %b %H:%M}"
    found.asked += 1
    found.reminders += len(one.reminders)
    if not home.works(world.today(home, one.at)):
        found.wrong.append(f"{what}: asked on a day off")
    over = min((each for each in (one.given, one.skipped, following) if each is not None), default=None)
    if len(one.reminders) > REMINDERS or any(over is not None and each > over for each in one.reminders):
        found.wrong.append(f"{what}: reminded at {one.reminders}, over at {over}")
    late = one.given is not None and one.given > days_after(home, one.at, 1)
    found.skipped += one.skipped is not None
    found.unanswered += one.given is None and one.skipped is None
    found.in_time += one.given is not None and not late
    found.late += late
    if one.given is None:
        if one.read_by:
            found.wrong.append(f"{what}: not given, and read by {one.read_by}")
        return
    stands = marked.get((home.person, world.today(home, one.at)))
    if not stands == late == one.says_late:
        found.wrong.append(f"{what}: given {one.given}, marked {stands}, by count {late}, said {one.says_late}")
    _reader(world, found, one, what, late=late)


def _reminded(
    world: World, found: Answers, one: Asked, following: datetime | None, capped: set[tuple[str, datetime]]
) -> None:
    """Of one that nobody answered: as often as there was time."""
    if one.habit != "never" or one.at > world.now - timedelta(days=25):
        return
    over = sum(1 for who, at in capped if who == one.home.person and one.at < at < (following or world.now))
    wanted = [days_after(one.home, one.at, days) for days in (1, 3)]
    # At the time at which the next one is due it comes instead of a reminder, however late both are looked at.
    until = None if following is None else min(following, _due(one.home, following))
    open_still = [at for at in wanted if until is None or at < until]
    if len(one.reminders) + over < len(open_still) and all(world.ran(at, at + DAY) for at in open_still):
        name, times, wanted_at = one.home.who.name, _times(one.reminders), _times(open_still)
        asked = _times([each for each in (one.at, following) if each is not None])
        found.wrong.append(
            f"check-in {one.number} of {name}, asked and the next one at {asked}: reminded at {times or 'no time'}, "
            f"and not at {wanted_at}"
        )


def _due(home: Home, said: datetime) -> datetime:
    """When a check-in that was asked for then was due: at two in the afternoon of that day."""
    return moment(said.astimezone(home.zone).date(), time(14), home.zone)


def _times(moments: Sequence[datetime]) -> str:
    return ", ".join(f"{at:%d %b %H:%M}" for at in moments)


def _reader(world: World, found: Answers, one: Asked, what: str, *, late: bool) -> None:
    assert one.given is not None
    assert one.to is not None
    if len(one.read_by) == 1:
        ((at, who, says_late),) = one.read_by
        found.read += 1
        if who != one.to.person or world.manager(one.home, world.today(one.to, at)) is not one.to:
            found.wrong.append(f"{what}: given to {one.to.who.name}, read by another or no manager any more")
        if at < one.given or says_late != late:
            found.wrong.append(f"{what}: given {one.given}, read {at}, late {late}, and it says {says_late}")
    elif one.read_by:
        found.wrong.append(f"{what}: read {len(one.read_by)} times: {one.read_by}")
    elif any(
        one.to is not who for since, who in world.managers[one.home.person] if since > world.today(one.home, one.given)
    ):
        found.between += 1
    elif one.given > world.now - timedelta(days=18):
        found.waiting += 1
    else:
        found.wrong.append(f"{what}: given {one.given} to {one.to.who.name}, read by nobody")


def _whom(world: World, found: Answers, people: Checkins, by_home: dict[str, list[Asked]]) -> None:
    """Who took part last week, as the manager reads it and as it was."""
    homes = {home.person: home for home in world.homes}
    for at, reader, text in people.whom:
        found.whom += 1
        manager = homes[reader]
        day = world.today(manager, at)
        theirs = [home for home in world.selling() if world.manager(home, day) is manager]
        asked = [one for home in theirs for one in by_home.get(home.person, ()) if _last_week(world, home, one, day)]
        given = [one for one in asked if one.given is not None and one.given < at]
        words = _TOOK_PART.search(text)
        if (words is None) != (not asked):
            found.wrong.append(f"{manager.who.name} reads on {day}: {text}; {len(asked)} were asked last week")
        elif words is not None:
            found.counted += 1
            if (int(words[1]), int(words[2])) != (len(given), len(asked)):
                found.wrong.append(f"{manager.who.name} reads on {day}: {words[0]}; {len(given)} of {len(asked)} did")


def _last_week(world: World, home: Home, one: Asked, day: date) -> bool:
    return _week(world.today(home, one.at)) == _week(day) - timedelta(days=7)


def _week(day: date) -> date:
    return day - timedelta(days=day.weekday())
