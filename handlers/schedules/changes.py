"""What is due, where a schedule was changed on the way: a change neither doubles a slot nor swallows it.

A slot that has come up under the old rule does not come up again under the new one. One that had not, and whose new
time is already over when the change is made, keeps its old time; after that the new rule holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from handlers.numbers.periods import FiscalCalendar
from handlers.numbers.spans import Span
from handlers.numbers.working_days import WorkCalendar
from handlers.schedules.rule import OfPeriod, Rule
from handlers.schedules.slots import Slot, moment, slots

_A_PERIOD = {"week": timedelta(days=8), "month": timedelta(days=32), "quarter": timedelta(days=93)}
_LONGEST = timedelta(days=367)
_ZONES = timedelta(days=1)
"""A person's day and UTC's are at most one apart."""


@dataclass(frozen=True, slots=True)
class Version:
    """A rule from an instant on (aware, UTC), until the next version's. `rule` None: turned off."""

    rule: Rule | None
    since: datetime


@dataclass(frozen=True, slots=True, order=True)
class Due:
    """A slot and its instant for somebody, in UTC."""

    instant: datetime
    slot: Slot


def due(
    versions: Sequence[Version],
    after: datetime,
    until: datetime,
    zone: ZoneInfo,
    calendar: WorkCalendar,
    fiscal: FiscalCalendar,
) -> list[Due]:
    """What comes up after `after` and not after `until`, in order. `versions` in the order in which they were made."""
    # A slot's new day may lie anywhere in the period that its old one lay in.
    reach = max((_reach(one.rule) for one in versions if one.rule is not None), default=_ZONES)
    span = Span((after - reach - _ZONES).date(), (until + reach + _ZONES).date())
    standing: dict[str, Due] = {}
    for version in versions:
        new = _moments(version, span, zone, calendar, fiscal)
        kind = _kind(version.rule)
        kept: dict[str, Due] = {}
        for key, old in standing.items():
            over = old.instant <= version.since
            swallowed = key in new and new[key].instant <= version.since and kind == _kind_of(key)
            if over or swallowed:
                kept[key] = old
        for key, one in new.items():
            if key not in kept and one.instant > version.since:
                kept[key] = one
        standing = kept
    return sorted(one for one in standing.values() if after < one.instant <= until)


def _moments(
    version: Version, span: Span, zone: ZoneInfo, calendar: WorkCalendar, fiscal: FiscalCalendar
) -> dict[str, Due]:
    if version.rule is None:
        return {}
    found = slots(version.rule, span, calendar, fiscal)
    return {slot.key: Due(moment(slot.day, slot.at, zone), slot) for slot in found}


def _kind(rule: Rule | None) -> str:
    return "" if rule is None else str(rule.length) if isinstance(rule, OfPeriod) else "week"


def _kind_of(key: str) -> str:
    head = key.partition("-")[0]
    return "week" if head.isdecimal() else head


def _reach(rule: Rule) -> timedelta:
    return _A_PERIOD.get(_kind(rule), _LONGEST)
