"""How a meeting is said to somebody: its name as they call it, when it is on their own clock, with whom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from handlers.conversation.request import Request
from handlers.conversation.wording import Days, length, listed
from handlers.meetings import repeats
from handlers.meetings.model import Meeting, Occurrence
from handlers.meetings.words import ONE_TO_ONE
from storage import meetings, people, units
from storage.database import Transaction
from storage.meetings import Invited

MOST_NAMED = 6


@dataclass(frozen=True, slots=True)
class View:
    """Meetings as one person sees them: who is invited to each, and what people and units are called."""

    viewer: str
    days: Days
    zone: ZoneInfo
    now: datetime
    asked: dict[str, Invited]
    names: dict[str, str]
    """Of people and units, by id."""

    @classmethod
    def of(cls, request: Request, tx: Transaction, some: Iterable[Meeting]) -> View:
        """For the person of the request."""
        listed_ones = list(some)
        asked = meetings.invited(tx, [one.id for one in listed_ones])
        persons = {one.organiser for one in listed_ones}.union(*(each.persons for each in asked.values()))
        names = {who: found.name for who in sorted(persons) if (found := people.person(tx, who)) is not None}
        wanted = {unit for each in asked.values() for unit in each.units}
        if wanted:
            names |= {unit.id: unit.name for unit in units.everything(tx) if unit.id in wanted}
        viewer, basis = request.actor.person, request.basis
        return cls(viewer, Days.of(basis), basis.zone, request.now, asked, names)

    def others(self, meeting: Meeting) -> list[str]:
        """Names of who takes part besides the viewer: people, then units."""
        asked = self.asked.get(meeting.id, Invited())
        persons = [one for one in dict.fromkeys((meeting.organiser, *asked.persons)) if one != self.viewer]
        return [self.names.get(one, "somebody") for one in (*persons, *asked.units)]

    def title(self, meeting: Meeting) -> str:
        """`Pipeline review`, `One-to-one with Dana Reyes`."""
        others = self.others(meeting)
        if meeting.kind == "one_to_one" and meeting.title == ONE_TO_ONE and others:
            return f"{ONE_TO_ONE} with {listed(others[:MOST_NAMED])}"
        return meeting.title

    def with_whom(self, meeting: Meeting) -> str:
        """`with Dana Reyes and East`; empty where the title says it."""
        others = self.others(meeting)
        if not others or self.title(meeting) != meeting.title:
            return ""
        more = f" and {len(others) - MOST_NAMED} more" if len(others) > MOST_NAMED else ""
        named = f"{', '.join(others[:MOST_NAMED])}{more}" if more else listed(others)
        return f"with {named}"

    def when(self, one: Occurrence, *, near: bool = True) -> str:
        """`tomorrow 15:00`, on the viewer's own clock."""
        here = one.start.astimezone(self.zone)
        return self.days.moment(here.date(), here.time(), near=near)

    def in_title(self, meeting: Meeting) -> str:
        """The name within a sentence: `one-to-one with Dana Reyes`, `“Pipeline review”`."""
        title = self.title(meeting)
        return f"{title[0].lower()}{title[1:]}" if title.startswith(ONE_TO_ONE) else f"“{title}”"

    def elsewhere(self, meeting: Meeting) -> str:
        """` (10:00 in London)`, where its wall is not the viewer's."""
        here = meeting.start.replace(tzinfo=ZoneInfo(meeting.zone))
        if here.utcoffset() == here.astimezone(self.zone).utcoffset():
            return ""
        city = meeting.zone.rpartition("/")[2].replace("_", " ")
        return f" ({self.days.clock(meeting.start.time())} in {city})"

    def whole(self, meeting: Meeting, one: Occurrence | None) -> str:
        """`Pipeline review, Thu 19 Nov 15:00, 30 min, with Dana Reyes`; of a series how it repeats and its next one."""
        said = [self.title(meeting)]
        if meeting.recurrence is not None:
            said.append(repeats.words(meeting.recurrence, meeting.start.date(), self.days))
            if one is not None:
                said.append(f"next {self.when(one, near=False)}{self.elsewhere(meeting)}")
        elif one is not None:
            said.append(f"{self.when(one, near=False)}{self.elsewhere(meeting)}")
        minutes = meeting.minutes if one is None else int((one.end - one.start).total_seconds()) // 60
        said.append(length(minutes))
        if whom := self.with_whom(meeting):
            said.append(whom)
        return ", ".join(said)


def reminded(meeting: Meeting) -> str:
    """What is said of its reminder: `I remind everybody 15 min before.`"""
    return f"I remind everybody {length(meeting.lead)} before." if meeting.lead else "There is no reminder."
