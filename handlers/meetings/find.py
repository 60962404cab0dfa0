"""Which meeting some words mean, and which time of it: `Thursday's pipeline review`, `tomorrow's 1:1 with Dana`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from rapidfuzz.distance import OSA

from handlers.conversation.request import Request
from handlers.language.dates import Reading, day_at
from handlers.language.fold import words_of
from handlers.language.tokens import Line
from handlers.meetings.listing import theirs
from handlers.meetings.model import Meeting, Occurrence, current_or_next, last_one, occurrences
from handlers.meetings.say import View
from handlers.meetings.words import ONE_TO_ONE_WORDS
from handlers.schedules.slots import moment
from storage.database import Transaction

_NOISE: Final = frozenset(
    (
        *("the", "my", "our", "a", "an", "this", "that", "next", "coming", "meeting", "meetings", "of", "for", "on"),
        *("at", "with", "and", "s", "team", "in"),
    )
)
_DAY: Final = timedelta(days=1)
BACK: Final = timedelta(days=14)
"""How long ago a meeting may be of which minutes are still written by its name alone."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Words for a meeting: those that name it, and the day, where one was said."""

    words: tuple[str, ...]
    day: date | None
    weekday: bool = False
    """The day was said as a day of the week."""


@dataclass(frozen=True, slots=True)
class Found:
    """A meeting that fits, and its time that is meant; None: it has none (any more)."""

    meeting: Meeting
    one: Occurrence | None


def asked(request: Request, text: str, *, past: bool = False) -> Asked:
    """What the words say."""
    text = ONE_TO_ONE_WORDS.sub(" onetoone ", " ".join(text.replace("’", "'").split()))
    line = Line(text)
    reading = Reading(request.basis.now.replace(tzinfo=None), future=not past, order=request.basis.date_order)
    words: list[str] = []
    day, weekday, at = None, False, 0
    while at < line.count:
        found = day_at(line, at, reading, line.count) if day is None else None
        if found is not None:
            day, at = found.day, found.stop
            weekday = line.words[found.stop - 1].rstrip("s")[:3] in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
            continue
        words += words_of(line.words[at])
        at += 1
    return Asked(tuple(word for word in words if word not in _NOISE), day, weekday)


def find(request: Request, tx: Transaction, text: str, *, past: bool = False, others: bool = False) -> list[Found]:
    """The meetings that fit all the words, by their time. `past`: the latest time of each is meant, else the next one.
    `others`: where none of theirs fits, those of their reports."""
    wanted = asked(request, text, past=past)
    mine = _fitting(request, tx, theirs(request, tx), wanted, past=past)
    if mine or not others or not wanted.words:
        return mine
    seen: dict[str, Meeting] = {}
    for report in sorted(request.actor.reports):
        seen |= {one.id: one for one in theirs(request, tx, report)}
    return _fitting(request, tx, list(seen.values()), wanted, past=past)


def _fitting(request: Request, tx: Transaction, some: list[Meeting], wanted: Asked, *, past: bool) -> list[Found]:
    view = View.of(request, tx, some)
    found: list[tuple[int, Found]] = []
    for meeting in some:
        misses = _misses(wanted.words, _named(view, meeting))
        if misses is None:
            continue
        one = _time(request, meeting, wanted, past=past)
        if one is None and (wanted.day is not None or not past):
            continue
        found.append((misses, Found(meeting, one)))
    if not found:
        return []
    best = min(misses for misses, _ in found)
    fitting = [each for misses, each in found if misses == best]
    if not wanted.words and wanted.day is None:
        # Nothing was said of which one: the one that is nearest in time.
        key = max if past else min
        timed = [each for each in fitting if each.one is not None]
        return [key(timed, key=lambda each: each.one.start)] if timed else []  # type: ignore[union-attr]
    return sorted(fitting, key=lambda each: (each.one.start if each.one else request.now, each.meeting.id))


def _named(view: View, meeting: Meeting) -> set[str]:
    title = ONE_TO_ONE_WORDS.sub(" onetoone ", view.title(meeting))
    if meeting.kind == "one_to_one":
        title += " onetoone"
    names = " ".join((*view.others(meeting), view.names.get(view.viewer, "")))
    return set(words_of(f"{title} {names}"))


def _misses(words: tuple[str, ...], named: set[str]) -> int | None:
    """How many words are misspelt; None where one is not there at all."""
    misses = 0
    for word in words:
        if word in named or any(other.startswith(word) for other in named if len(word) > 3):
            continue
        if len(word) > 3 and any(OSA.distance(word, other, score_cutoff=1) <= 1 for other in named if len(other) > 3):
            misses += 1
            continue
        return None
    return misses


def _time(request: Request, meeting: Meeting, wanted: Asked, *, past: bool) -> Occurrence | None:
    if wanted.day is not None:
        on = on_day(request, meeting, wanted.day)
        today = request.basis.now.date()
        if on is None and wanted.weekday and wanted.day.weekday() == today.weekday():
            on = on_day(request, meeting, today)
        return on
    if past:
        return last_one(meeting, request.now, within=BACK)
    return current_or_next(meeting, request.now)


def on_day(request: Request, meeting: Meeting, day: date) -> Occurrence | None:
    """Its time on that day of the person's own."""
    zone = request.basis.zone
    begin, end = (moment(each, datetime.min.time(), zone) for each in (day, day + _DAY))
    instant = timedelta(seconds=1)
    return next(occurrences(meeting, begin - instant, end - instant), None)
