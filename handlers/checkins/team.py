"""Who of a manager's people checks in: for that manager, and for nobody else."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import Final

import msgspec

from handlers.checkins import questions, rhythm, sheet, told
from handlers.checkins.buttons import issuer
from handlers.checkins.errors import NoTeam
from handlers.conversation.access import Allowed, may
from handlers.conversation.buttons import Wanted
from handlers.conversation.reply import Buttons, Part, Reply, Text
from handlers.conversation.request import Outcome, Request
from handlers.conversation.wording import Days, listed, plural
from handlers.numbers.working_days import week_of
from storage import checkins, people
from storage.checkins import Checkin
from storage.database import Transaction
from storage.people import Person

WEEKS: Final = 4
LOW: Final = 2
"""Of five: a manager should know."""
BUTTONS: Final = 8


def mine(request: Request, tx: Transaction) -> list[Person]:
    """Their reports whom they may ask, by name."""
    found = (people.person(tx, one) for one in request.actor.reports)
    theirs = [one for one in found if one is not None and not one.left]
    return sorted(
        (one for one in theirs if isinstance(may(request.actor, "see who checked in", one.id), Allowed)),
        key=lambda one: one.name,
    )


def counted(request: Request, tx: Transaction) -> list[tuple[date, int, int]]:
    """(Monday, answered, asked) of the weeks before this one, the latest first, without those in which nobody was
    asked. Late answers count; what was begun without being asked counts as both."""
    monday = week_of(request.basis.now.date())[0]
    first = monday - timedelta(weeks=WEEKS)
    weeks: dict[date, set[tuple[str, bool]]] = {}
    for one in checkins.of_people(tx, [person.id for person in mine(request, tx)], since=first):
        if one.day < monday and (one.asked_at is not None or one.submitted_at is not None):
            weeks.setdefault(week_of(one.day)[0], set()).add((one.person, one.submitted_at is not None))
    found = []
    for week in sorted(weeks, reverse=True):
        asked = {person for person, _ in weeks[week]}
        answered = {person for person, done in weeks[week] if done}
        found.append((week, len(answered), len(asked)))
    return found


def participation(request: Request, tx: Transaction) -> str:
    """`5 of 6 checked in last week; the weeks before: 4 of 6, 6 of 6.`; empty where nobody was asked."""
    weeks = counted(request, tx)
    if not weeks:
        return ""
    last_monday = week_of(request.basis.now.date())[0] - timedelta(weeks=1)
    first, *rest = weeks
    when = "last week" if first[0] == last_monday else f"during the week of {Days.of(request.basis).on(first[0])}"
    said = f"{first[1]} of {first[2]} checked in {when}"
    if first[2] != len(mine(request, tx)):
        # Whoever was away or came later was not asked, and stands among those of whom there is none.
        said = f"Of those asked, {said}"
    earlier = [f"{answered} of {asked}" for _, answered, asked in rest]
    if earlier:
        said += f"; {'the week' if len(earlier) == 1 else 'the weeks'} before: {', '.join(earlier)}"
    return f"{said}."


def low(request: Request, tx: Transaction, persons: Collection[str]) -> dict[str, int]:
    """Who rated their week at most LOW in the last check-in that they gave to the actor, of the last two weeks."""
    since = request.basis.now.date() - timedelta(days=14)
    latest: dict[str, Checkin] = {}
    for one in checkins.of_people(tx, persons, since=since):
        if one.submitted_at is not None:
            latest.setdefault(one.person, one)
    found = {}
    for person, one in latest.items():
        if isinstance(may(request.actor, "see a check-in", sheet.subject(request, tx, one)), Allowed):
            rating = sheet.load(tx, one).of_kind(questions.RATING)
            if rating is not None and rating <= LOW:
                found[person] = rating
    return found


def show(request: Request, tx: Transaction) -> Outcome:
    """`checkin team`: who has given one this week or last, who has not, and how it went the weeks before."""
    theirs = mine(request, tx)
    if not theirs:
        raise NoTeam
    since = week_of(request.basis.now.date())[0] - timedelta(weeks=1)
    latest: dict[str, Checkin] = {}
    asked: set[str] = set()
    for one in checkins.of_people(tx, [person.id for person in theirs], since=since):
        if one.asked_at is not None:
            asked.add(one.person)
        seen = isinstance(may(request.actor, "see a check-in", sheet.subject(request, tx, one)), Allowed)
        if one.submitted_at is not None and seen:
            latest.setdefault(one.person, one)
    lines = [_line(request, tx, latest[one.id], one) for one in theirs if one.id in latest]
    silent = [one for one in theirs if one.id not in latest]
    waited = [one.name for one in silent if one.id in asked]
    day = Days.of(request.basis).on(since)
    count = plural(len(latest), "check-in") if latest else "No check-in"
    lead = f"{count} since {day}" if latest or waited else f"Nobody was asked for a check-in since {day}"
    laid: list[Part] = [Text(lead, style="strong")]
    said = [f"{lead}."]
    if lines:
        laid.append(Text("\n".join(lines)))
        said += lines
    none = [f"None from {listed(waited)}."] if waited else []
    unasked = [one for one in silent if one.id not in asked]
    more = [*none, *rhythm.not_asked(request, tx, unasked, of_all=len(unasked) == len(theirs))]
    if more:
        laid.append(Text("\n".join(more)))
        said += more
    wanted: list[Wanted] = [(one.name, "start", {"person": one.id}) for one in theirs[:BUTTONS]]
    laid.append(Buttons(tuple(issuer.lasting(msgspec.structs.replace(request, listing=True), tx, wanted))))
    trend = participation(request, tx)
    small = " ".join(filter(None, (trend, "Only you see who checks in.")))
    laid.append(Text(small, style="quiet"))
    return Outcome(reply=Reply(" ".join((*said, small)), tuple(laid)))


def _line(request: Request, tx: Transaction, one: Checkin, who: Person) -> str:
    return told.line(request, sheet.load(tx, one), who)
