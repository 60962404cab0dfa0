"""Which check-in is meant now, and how a new one begins: its questions' version, its period, what was missed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final

from handlers.checkins import questions, sheet, times, wording
from handlers.checkins.sheet import Sheet
from handlers.conversation.request import Request
from handlers.figures import number, standing
from handlers.figures.number import Own
from handlers.figures.plan import Seller, load_own
from handlers.figures.standing import Subject
from handlers.numbers.spans import Span
from handlers.numbers.working_days import week_of
from storage import checkins, people
from storage.checkins import Checkin
from storage.database import Transaction

ANSWERED_UNTIL: Final = timedelta(days=13)
"""How long one that was asked for waits for its answer where no newer one was asked for."""
_LOOKED_BACK: Final = 12
"""Check-ins in which a commit that was missed is looked for."""


def manager_of(request: Request, tx: Transaction, person: str) -> people.Person | None:
    """Whom they check in with today."""
    found = people.managers_of(tx, person, request.basis.now.date())
    known = [one for one in (people.person(tx, each) for each in sorted(found)) if one is not None and not one.left]
    return known[0] if known else None


def who_reads(request: Request, tx: Transaction, one: Checkin, *, brief: bool = False) -> str:
    """Who can see it, as a sentence to whose it is: the manager of today, but not one that was given to another."""
    manager = manager_of(request, tx, one.person)
    if one.submitted_at is None or is_read_by(tx, one, manager.id if manager is not None else None):
        return wording.who_reads(manager, brief=brief)
    to = people.person(tx, one.manager) if one.manager is not None else None
    return f"Only you can see this: {f'{to.name} manages you no more' if to else 'it was given to no manager'}."


def name_reader(request: Request, tx: Transaction, of: Sheet) -> None:
    """Who is named to its author as its reader from the first answer on: whoever is their manager when all is answered
    may be somebody else, and is not given it unasked."""
    if of.checkin.submitted_at is None and of.checkin.late is None and not of.answers:
        manager = manager_of(request, tx, of.checkin.person)
        checkins.change(tx, of.checkin.id, {"manager": manager.id if manager is not None else None})


def is_read_by(tx: Transaction, one: Checkin, person: str | None) -> bool:
    """It was given to them, or shared with them since; None: to no manager."""
    return one.manager == person or person in checkins.shared_with(tx, [one.id]).get(one.id, frozenset())


def current(request: Request, tx: Transaction) -> Checkin | None:
    """The one that waits for an answer, else the one of this week; None where a new one would begin."""
    today = request.basis.now.date()
    latest = next(iter(checkins.of_person(tx, request.actor.person, limit=1)), None)
    if latest is None or (
        latest.day < week_of(today)[0]
        and (latest.submitted_at is not None or latest.skipped_at is not None or today - latest.day > ANSWERED_UNTIL)
    ):
        return None
    return latest


def this_weeks(request: Request, tx: Transaction) -> Checkin | None:
    """The one of this week, if it was begun or asked for."""
    found = current(request, tx)
    return found if found is not None and found.day >= week_of(request.basis.now.date())[0] else None


def begin(request: Request, tx: Transaction, *, asked: bool) -> Checkin:
    """Today's; `asked`: it was asked for, so that it can be late."""
    me, now, zone = request.actor.person, request.now, request.basis.zone
    own = number.own(request, tx)
    counts = own is not None and own.found.status.target is not None
    values: dict[str, Any] = {
        "person": me,
        "day": request.basis.now.date(),
        "question_set": questions.set_for(request, tx, me).id,
        "created_at": now,
        "asked_at": now if asked else None,
        "due_at": times.after(now, times.REMINDERS[0], seller_of(own, me), zone) if asked else None,
        "measure": own.found.measure if own is not None and counts else None,
        "period_first": own.found.span.first if own is not None and counts else None,
        "period_last": own.found.span.last if own is not None and counts else None,
        "missed": _missed(request, tx),
    }
    there = this_weeks(request, tx)
    found = there if there is not None and there.submitted_at is None else checkins.begin(tx, values)
    if asked and found.asked_at is None and found.submitted_at is None:
        # It was begun by themselves, and goes on from there.
        checkins.change(tx, found.id, {"asked_at": values["asked_at"], "due_at": values["due_at"]})
    return checkins.get(tx, found.id) or found


def seller_of(own: Own | None, person: str) -> Seller | None:
    """Their calendar and leave."""
    return own.plan.sellers.get(person) if own is not None else None


def _missed(request: Request, tx: Transaction) -> dict[str, Any] | None:
    """The last commit for a period that is over by now, where less came of it and nobody has asked yet."""
    me, today = request.actor.person, request.basis.now.date()
    asked_about = set()
    for before in checkins.of_person(tx, me, limit=_LOOKED_BACK):
        if before.missed and before.submitted_at is not None:
            asked_about.add(str(before.missed["last"]))
        if before.period_last is None or before.period_first is None or before.submitted_at is None:
            continue
        if before.period_last >= today:
            continue
        if before.period_last.isoformat() in asked_about:
            return None
        found = sheet.load(tx, before)
        commit = found.of_kind(questions.COMMIT)
        if commit is None:
            continue
        measure = before.measure or standing.BOOKINGS
        span = Span(before.period_first, before.period_last)
        came = _came(request, tx, me, measure, span, today)
        if came is None or came >= commit:
            return None
        period = sheet.period_words(request, before)
        return {"checkin": before.id, "commit": commit, "came": came, "measure": measure, "period": period,
                "last": span.last.isoformat()}  # fmt: skip
    return None


def _came(request: Request, tx: Transaction, me: str, measure: str, span: Span, today: date) -> int | None:
    plan = load_own(tx, request.company, span, me, measure=measure)
    if plan is None:
        return None
    subject = Subject(request.actor.name, person=me)
    return standing.figures(tx, request.company, plan, subject, span, today).status.credited


def since(request: Request, tx: Transaction, person: str, before: datetime) -> date:
    """The day of their check-in before that moment; a week ago where there is none, or where it lies far back.

    That day is in: what came after the check-in on it, and what was logged on it, stood in no message yet.
    """
    today = request.basis.now.date()
    given = [one for one in checkins.of_person(tx, person, limit=2, before=before) if one.submitted_at is not None]
    week_ago = today - timedelta(days=7)
    if not given or given[0].day < today - timedelta(days=31):
        return week_ago
    return min(given[0].day, today)
