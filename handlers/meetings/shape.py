"""From what was said to a meeting: the first day, the rule made definite, what is missing or cannot be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import islice

from handlers.conversation.request import Request
from handlers.conversation.wording import Days, length
from handlers.meetings import repeats
from handlers.meetings.model import LEAD, LONGEST, Meeting, instant_of
from handlers.meetings.recurrence import Recurrence, days
from handlers.meetings.words import Said
from handlers.numbers.spans import DAY

FURTHEST = timedelta(days=3 * 366)
"""How far ahead a meeting may begin."""
LONGEST_LEAD = 7 * 24 * 60


@dataclass(frozen=True, slots=True)
class Shape:
    """When a meeting takes place, on the person's own wall."""

    start: datetime
    rule: Recurrence | None


@dataclass(frozen=True, slots=True)
class Problem:
    """What is missing or cannot be: which field of the form, and the sentence."""

    field: str
    sentence: str


def shape(request: Request, said: Said) -> Shape | Problem:
    """When it first takes place, and how it repeats."""
    basis, words = request.basis, Days.of(request.basis)
    today, now = basis.now.date(), basis.now.replace(tzinfo=None)
    if said.no_day is not None:
        asked, near = said.no_day
        return Problem("day", f"No calendar has “{asked}”. The nearest day is {words.on(near)}.")
    if said.at is None:
        return Problem("at", "At what time? I need one, like 10:00 or 3pm.")
    if said.lead is not None and said.lead > LONGEST_LEAD:
        return Problem("lead", "I remind at most a week before.")
    if said.minutes is not None and not 0 < said.minutes <= LONGEST:
        return Problem("minutes", "A meeting takes between a minute and a day.")
    rule, day = said.rule, said.day
    if rule is None:
        if said.until is not None and said.day is not None:
            return Problem("until", "An end day is for a meeting that repeats, and this one does not.")
        return _once(said, said.at, today, now, words, request)
    if said.open_rule:
        if day is None:
            return Problem("day", "On which day shall it be? Say it like “every Monday”, or give the first day.")
        rule = repeats.on_day_of(rule, day)
    first = first_day(rule, day or today, said.at, now)
    if day is not None and day < today:
        return Problem("day", f"{words.on(day)} is over. Please give a first day that is still to come.")
    if first is None:
        return Problem("day", "There is no such day within the next years. Please say it in another way.")
    if said.until is not None and said.until < first:
        return Problem(
            "until", f"It would end on {words.on(said.until)}, before it begins on {words.on(first)}. "
            "Please give a later end."
        )  # fmt: skip
    rule = replace(rule, until=said.until, count=said.count if said.until is None else None)
    return Shape(datetime.combine(first, said.at), rule)


def _once(said: Said, at: time, today: date, now: datetime, words: Days, request: Request) -> Shape | Problem:
    day = said.day
    if day is None:
        # An hour that is over today is tomorrow's.
        day = today if datetime.combine(today, at) > now else today + DAY
    start = datetime.combine(day, at)
    if instant_of(start, request.basis.zone.key) <= request.now:
        return Problem("day", f"{_capital(words.moment(day, at))} is over. Please give a time that is still to come.")
    if start - now > FURTHEST:
        return Problem("day", f"{words.on(day)} is more than three years ahead. Please give an earlier day.")
    return Shape(start, None)


def first_day(rule: Recurrence, since: date, at: time, now: datetime) -> date | None:
    """The first day of the rule whose time is still to come; what comes every other week begins with it."""
    every = replace(rule, every=1, until=None, count=None)
    found = islice(days(every, since, since=since), 400)
    return next((day for day in found if datetime.combine(day, at) > now), None)


def meeting_of(request: Request, said: Said, shaped: Shape, *, title: str, one_to_one: bool) -> Meeting:
    """All of it, on the organiser's own wall."""
    return Meeting(
        title=title,
        start=shaped.start,
        zone=request.basis.zone.key,
        minutes=said.minutes or (30 if one_to_one else 60),
        recurrence=shaped.rule,
        kind="one_to_one" if one_to_one else "sales",
        organiser=request.actor.person,
        lead=LEAD if said.lead is None else said.lead,
    )


def _capital(words: str) -> str:
    return words[0].upper() + words[1:]


def lead_words(lead: int) -> str:
    """`15 min before`, `none`."""
    return f"{length(lead)} before" if lead else "none"
