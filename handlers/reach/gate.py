"""The one gate of everything unprompted: leave, days off, quiet hours, snoozes, topics turned off, and the day's cap.

A pure function. What may not go now waits for the first moment at which it may, if it is still worth sending then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from handlers.numbers.spans import DAY, Span
from handlers.numbers.working_days import WorkCalendar
from handlers.schedules.slots import moment

EVERYTHING: Final = "*"
"""In place of a topic's name."""
QUIET: Final = (time(18), time(8))
"""From when until when nobody is written to, in their own zone, where they have not said otherwise."""
CAP: Final = 1
"""Unprompted messages a day, where nobody has said otherwise; what comes after that is folded into one digest."""
DIGEST: Final = time(16)
"""When the day's digest of them goes out, in the person's own zone."""
_FAR: Final = 60
"""Days that are looked ahead for an open moment."""


class Reason(StrEnum):
    """Why something does not go (now). The value is said to people."""

    GONE = "has left the company"
    OFF = "this topic is turned off"
    LEAVE = "on leave"
    DAY_OFF = "not a working day"
    QUIET = "quiet hours"
    SNOOZED = "snoozed"
    DISTURB = "do not disturb is on"
    CAP = "enough for one day"
    WORTH = "too late to be of use"


@dataclass(frozen=True, slots=True)
class Reach:
    """What the gate knows of a person."""

    zone: ZoneInfo
    calendar: WorkCalendar = field(default_factory=WorkCalendar)
    leave: tuple[Span, ...] = ()
    quiet: tuple[time, time] = QUIET
    """From, to; the same time twice is no quiet at all."""
    muted: Mapping[str, datetime | None] = field(default_factory=dict)
    """Topic, or EVERYTHING -> until when; None: until they say otherwise."""
    cap: int = CAP
    said: Mapping[date, int] = field(default_factory=dict)
    """Day of theirs -> messages that the cap counts."""
    digested: frozenset[date] = frozenset()
    """Days of theirs whose digest has been sent."""
    disturb_not_until: datetime | None = None
    """As their platform says."""
    left: bool = False


@dataclass(frozen=True, slots=True)
class Go:
    """Nothing stands against it; past the day's cap it goes as part of the digest."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Not before `until` (UTC)."""

    until: datetime
    reason: Reason


@dataclass(frozen=True, slots=True)
class Never:
    """It will not be said: for that reason alone, or because of it until it was worth nothing any more."""

    reason: Reason


Verdict: TypeAlias = Go | Wait | Never


def gate(topic: str, now: datetime, until: datetime, who: Reach, *, counts: bool = True) -> Verdict:
    """Whether something on that topic may be said now; `until` is how long it is worth sending, both aware.

    `counts`: the day's cap holds for it. A reminder of a meeting is asked for and does not count; all else does.
    """
    if who.left:
        return Never(Reason.GONE)
    for name in (topic, EVERYTHING):
        if name in who.muted and who.muted[name] is None:
            return Never(Reason.OFF)
    at, first = now, None
    for _ in range(_FAR):
        closed = _closed(topic, at, who, counts)
        if closed is None:
            break
        at, reason = closed
        first = first or reason
        if at >= until:
            return Never(first)
    if first is None:
        return Go() if now < until else Never(Reason.WORTH)
    return Wait(at, first)


def worth_until(due: datetime, until: datetime, who: Reach) -> datetime:
    """Until when it is worth saying what somebody said to them: the time between the two, which begins anew with the
    end of each leave that lies in it."""
    worth = until - due
    for absence in sorted(who.leave, key=lambda one: one.first):
        over = _begin(absence.last + DAY, who)
        if over > due and _begin(absence.first, who) < until:
            until = max(until, over + worth)
    return until


def _closed(topic: str, at: datetime, who: Reach, counts: bool) -> tuple[datetime, Reason] | None:
    """Until when it is closed at that moment, by the first reason that there is; None where it is open."""
    here = at.astimezone(who.zone)
    day = here.date()
    for name in (EVERYTHING, topic):
        snoozed = who.muted.get(name)
        if snoozed is not None and at < snoozed:
            return snoozed, Reason.SNOOZED
    absence = next((one for one in who.leave if day in one), None)
    if absence is not None:
        return _begin(absence.last + DAY, who), Reason.LEAVE
    if not who.calendar.works(day):
        return _begin(day + DAY, who), Reason.DAY_OFF
    quiet = _quiet_until(at, day, here.timetz().replace(tzinfo=None), who)
    if quiet is not None:
        return quiet, Reason.QUIET
    if who.disturb_not_until is not None and at < who.disturb_not_until:
        return who.disturb_not_until, Reason.DISTURB
    if counts and who.said.get(day, 0) >= who.cap:
        digest = moment(day, DIGEST, who.zone)
        if at < digest:
            return digest, Reason.CAP
        if day in who.digested:
            return _begin(day + DAY, who), Reason.CAP
    return None


def _begin(day: date, who: Reach) -> datetime:
    """The first moment of a day of theirs."""
    return moment(day, time(0), who.zone)


def _quiet_until(at: datetime, day: date, clock: time, who: Reach) -> datetime | None:
    begin, end = who.quiet
    if begin == end:
        return None
    over_midnight = begin > end
    quiet = (clock >= begin or clock < end) if over_midnight else begin <= clock < end
    if not quiet:
        return None
    ends_on = day + DAY if over_midnight and clock >= begin else day
    ends = moment(ends_on, end, who.zone)
    # In the hour that the clocks show twice, the end may lie behind us on its first showing.
    return ends if ends > at else at.astimezone(UTC) + timedelta(minutes=1)
