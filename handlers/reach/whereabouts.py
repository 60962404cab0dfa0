"""The clock and the calendar that hold where somebody is."""

from __future__ import annotations

from functools import lru_cache
from zoneinfo import ZoneInfo

from handlers.conversation.company import Company
from handlers.numbers.working_days import WorkCalendar
from storage.reach import Place


def whereabouts(place: Place, company: Company) -> tuple[ZoneInfo, WorkCalendar]:
    """A place's clock and calendar; the company's where it says nothing."""
    calendar = (
        WorkCalendar(place.country, place.subdivision)
        if place.country
        else WorkCalendar(company.country, company.subdivision)
    )
    return _zone(place.zone or company.zone), calendar


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo:
    """The library itself remembers eight only, and reads the others' files each time."""
    return ZoneInfo(name)
