"""A check-in is given: late or not, to whom; it can be taken back for five minutes, and changed at any time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from handlers.checkins import begin, coming, sheet, times, wording
from handlers.checkins.buttons import NAME, issuer
from handlers.checkins.errors import NoCheckin, TakenBackTooLate
from handlers.checkins.sheet import GRACE, Sheet
from handlers.conversation.buttons import Wanted
from handlers.conversation.reply import Buttons, Facts, Part, Reply, Text
from handlers.conversation.request import Outcome, Request
from handlers.conversation.wording import Days, plural
from handlers.figures.plan import load_own
from handlers.numbers.spans import Span
from handlers.reach.gate import Never, Verdict, Wait
from storage import absences, checkins, drafts, notices, people
from storage.checkins import Checkin
from storage.database import Transaction
from storage.people import Person
from storage.tables import new_id

REMINDER: Final = "check-in reminder"
REMINDERS: Final = 2
"""At most, besides those that somebody asks for with *Later*."""
ARRIVED: Final = "check-ins"
WORTH: Final = timedelta(days=35)
"""How long a manager is worth telling of one; a leave does not count. After that they have seen it or never will."""


def give(request: Request, tx: Transaction, of: Sheet) -> Outcome:
    """All is answered: to the manager of today, after the time to take it back."""
    checkin, now = of.checkin, request.now
    manager = begin.manager_of(request, tx, checkin.person)
    late = checkin.due_at is not None and now > checkin.due_at
    values = {"submitted_at": now, "late": late, "manager": manager.id if manager else None, "skipped_at": None}
    checkins.change(tx, checkin.id, values)
    notices.withdraw(tx, at=now, reason="has checked in", topic=REMINDER, subject=checkin.id)
    if manager is not None:
        tell(request, tx, checkin.id, manager)
    given = checkins.get(tx, checkin.id)
    assert given is not None
    of = sheet.load(tx, given)
    minutes = plural(int(GRACE.total_seconds() // 60), "minute")
    said = ["Thank you."]
    said += [wording.late(request, of)] if late else []
    if manager is None:
        said.append("The plan names no manager of yours, so only you can see it.")
    else:
        said.append(f"{manager.name} can read it in {minutes}; until then you can take it back.")
        today = request.basis.now.date()
        if any(one.first <= today for one in absences.of(tx, manager.id, since=today)):
            said.append("They are on leave, and hear of it when they are back.")
    return Outcome(reply=shown(request, tx, of, " ".join(said)))


AGAIN: Final = "again"
"""In a notice of one that they were told of before: its answers were changed."""
SHARED: Final = "shared"
"""In a notice of one that was given to the manager before, and shared with them."""


def tell(request: Request, tx: Transaction, checkin: str, manager: Person, *why: str) -> None:
    """The manager hears of it, once the time to take it back is over. `why`: AGAIN, SHARED."""
    at = request.now + GRACE
    if why:
        # All that was changed meanwhile is one message.
        notices.withdraw(tx, at=request.now, reason="was changed again", topic=ARRIVED, subject=checkin,
                         person=manager.id)  # fmt: skip
    wanted = notices.Wanted(
        topic=ARRIVED,
        person=manager.id,
        slot=f"{request.now.isoformat()}:{new_id()}" if why else request.now.isoformat(),
        subject=checkin,
        due_at=at,
        until=at + WORTH,
        data=dict.fromkeys(why, True),
    )
    notices.plan(tx, [wanted], at=request.now)


def shown(request: Request, tx: Transaction, of: Sheet, lead: str = "") -> Reply:
    """One's own answers, with the buttons that change them, or take them back while they can be."""
    rows = wording.facts(request, of)
    reads = begin.who_reads(request, tx, of.checkin)
    lead = lead or f"Your check-in of {wording.of_day(request, of)}."
    data = {"checkin": of.checkin.id}
    wanted: list[Wanted] = [("Edit", "form", data)]
    if _unread(request, of.checkin) and of.checkin.manager is not None:
        wanted.append(("Take back", "take back", data))
    wanted += to_hand_on(request, tx, of.checkin)
    parts: list[Part] = [Text(lead, style="strong")]
    parts += [Facts(tuple(rows))] if rows else []
    parts += [Text(reads, style="quiet"), Buttons(tuple(issuer.lasting(request, tx, wanted)))]
    return Reply(" ".join(filter(None, (lead, wording.told(rows), reads))), tuple(parts))


def to_hand_on(request: Request, tx: Transaction, one: Checkin) -> list[Wanted]:
    """*Give it to …*, the manager of today, on one that no manager was told of."""
    manager = begin.manager_of(request, tx, one.person)
    if one.submitted_at is None or one.told_at is not None or manager is None or begin.is_read_by(tx, one, manager.id):
        return []
    return [(f"Give it to {manager.name}", "hand on", {"checkin": one.id, "person": manager.id})]


def take_back(request: Request, tx: Transaction) -> Outcome:
    """*Take back*: nobody has read it, and it waits to be given again. Raises TakenBackTooLate."""
    of = sheet.mine(request, tx, str(request.data["checkin"]))
    checkin = of.checkin
    if checkin.submitted_at is None:
        return Outcome(reply=_back(request, tx, of, "It is taken back already, and nobody has read it."))
    if not _unread(request, checkin):
        manager = begin.manager_of(request, tx, checkin.person)
        raise TakenBackTooLate(manager=manager.name if manager else "your manager")
    # `late` and the manager stay: it was given once, to them, and never is again without a press.
    checkins.change(tx, checkin.id, {"submitted_at": None})
    put_aside(request, tx, checkin)
    notices.withdraw(tx, at=request.now, reason="was taken back", topic=ARRIVED, subject=checkin.id)
    return Outcome(reply=_back(request, tx, of, "Taken back, and nobody has read it. Your answers are kept."))


def _unread(request: Request, checkin: Checkin) -> bool:
    """It is given, and nobody else can have read it yet."""
    given = checkin.submitted_at
    return given is not None and checkin.told_at is None and request.now < given + GRACE


def _back(request: Request, tx: Transaction, of: Sheet, lead: str) -> Reply:
    buttons = issuer.lasting(request, tx, [("Change and send", "form", {"checkin": of.checkin.id})])
    return Reply(lead, (Text(lead), Buttons(tuple(buttons))))


def put_aside(request: Request, tx: Transaction, checkin: Checkin) -> None:
    """Words typed from now on, wherever, are no answers to it."""
    for draft in drafts.open_of(tx, checkin.person, request.now, drafts.MOST):
        if draft.command == NAME and draft.data.get("checkin") == checkin.id:
            drafts.settle(tx, draft.id, request.now)


def waits_for_a_press(request: Request, tx: Transaction, of: Sheet) -> bool:
    """Answers alone do not give it: it was taken back, or written when another manager was named as its reader."""
    if of.checkin.submitted_at is not None:
        return False
    return of.checkin.late is not None or _moved_to(request, tx, of) is not None


def _moved_to(request: Request, tx: Transaction, of: Sheet) -> Person | None:
    """The manager of today, where its author wrote it for another one, or for nobody."""
    manager = begin.manager_of(request, tx, of.checkin.person)
    return manager if manager is not None and manager.id != of.checkin.manager else None


def held(request: Request, tx: Transaction, of: Sheet) -> Reply:
    """All is answered, and nobody gets it before a button is pressed."""
    data, manager = {"checkin": of.checkin.id}, _moved_to(request, tx, of)
    wanted: list[Wanted] = [("Change and send", "form", data)]
    if manager is None:
        lead = "All is answered. You took this one back, so I give it to nobody before you send it."
    else:
        former = people.person(tx, of.checkin.manager) if of.checkin.manager is not None else None
        before = f"{former.name} was your manager" if former is not None else "you had no manager in the plan"
        lead = f"All is answered, and nobody has read it. When you began {before}; now it is {manager.name}."
        wanted.insert(0, (f"Give it to {manager.name}", "hand on", {**data, "person": manager.id}))
        wanted.append(("Keep it for me", "keep", data))
    rows, reads = wording.facts(request, of), "Only you can see this."
    buttons = issuer.lasting(request, tx, wanted)
    parts = (Text(lead, style="strong"), Facts(tuple(rows)), Text(reads, style="quiet"), Buttons(tuple(buttons)))
    return Reply(" ".join((lead, wording.told(rows), reads)), parts)


def keep(request: Request, tx: Transaction) -> Outcome:
    """*Keep it for me*: nobody gets it, and it is not asked for again."""
    return _skip(request, tx, "kept it", "Kept for you alone, and I do not ask for it again. “checkin” opens it.")


def later(request: Request, tx: Transaction) -> Outcome:
    """*Tomorrow*, *Later*: the next reminder comes on the next working morning instead of its own time."""
    of = sheet.mine(request, tx, str(request.data["checkin"]))
    checkin, zone = of.checkin, request.basis.zone
    if checkin.submitted_at is not None:
        return Outcome(reply=shown(request, tx, of, "That one is given already."))
    today = request.basis.now.date()
    plan = load_own(tx, request.company, Span(today, today), checkin.person)
    seller = plan.sellers.get(checkin.person) if plan else None
    at = times.tomorrow(request.now, seller, zone)
    said = int(request.data.get("said", 1))
    notices.withdraw(tx, at=request.now, reason="was put off", topic=REMINDER, subject=checkin.id)
    put_aside(request, tx, checkin)
    if checkins.of_person(tx, checkin.person, limit=1)[0].id != checkin.id:
        newer = "A newer check-in was begun since, so I do not ask for this one again. “checkin” opens the newer one."
        return Outcome(reply=Reply(newer), replace=False)
    kept = "What you have answered is kept. " if of.answers else ""
    opens = f"{kept}“checkin” opens it at any time."
    verdict, _ = coming.to(request, tx, checkin.person, REMINDER, at, times.end_of_day(at, zone))
    because = _never(request, tx, checkin, verdict)
    if because:
        return Outcome(reply=Reply(f"{because} {opens}"), replace=False)
    # Who said *not this time* before wants it after all.
    checkins.change(tx, checkin.id, {"skipped_at": None})
    due = [at, times.after(at, 2, seller, zone)][: max(REMINDERS - said, 1)]
    remind(request, tx, checkin, due, said=said)
    days = Days.of(request.basis)
    here = (verdict.until if isinstance(verdict, Wait) else at).astimezone(zone)
    return Outcome(
        reply=Reply(f"I ask again {days.day(here.date())} at {days.clock(here.time())}. {opens}"), replace=False
    )


def _never(request: Request, tx: Transaction, checkin: Checkin, verdict: Verdict) -> str:
    """Why it would not be asked for again, as a sentence; empty where it would."""
    if begin.manager_of(request, tx, checkin.person) is None:
        return "The plan names no manager of yours, so I do not ask again."
    if isinstance(verdict, Never):
        return "Reminders do not reach you then: you have turned them off or are away. So I do not ask again."
    return ""


def remind(request: Request, tx: Transaction, checkin: Checkin, due: Sequence[datetime], *, said: int) -> None:
    """Reminders at these moments, each worth sending on its day; `said` went out before."""
    zone = request.basis.zone
    wanted = [
        notices.Wanted(
            topic=REMINDER,
            person=checkin.person,
            # The same hour may have been wanted and put off before.
            slot=f"{at.isoformat()}:{new_id()}",
            subject=checkin.id,
            due_at=at,
            until=times.end_of_day(at, zone),
            data={"said": said + number},
        )
        for number, at in enumerate(due, start=1)
    ]
    notices.plan(tx, wanted, at=request.now)


def not_this_time(request: Request, tx: Transaction) -> Outcome:
    """*Not this time*: no further reminder of this one."""
    said = "Fine, not this time. The next one comes on its day; “checkin” opens this one."
    return _skip(request, tx, "not this time", said)


def _skip(request: Request, tx: Transaction, reason: str, said: str) -> Outcome:
    of = sheet.mine(request, tx, str(request.data["checkin"]))
    if of.checkin.submitted_at is not None:
        return Outcome(reply=shown(request, tx, of, "That one is given already."))
    checkins.change(tx, of.checkin.id, {"skipped_at": request.now})
    notices.withdraw(tx, at=request.now, reason=reason, topic=REMINDER, subject=of.checkin.id)
    put_aside(request, tx, of.checkin)
    return Outcome(reply=Reply(said))


def open_of(tx: Transaction, identifier: str) -> Sheet:
    """Whoever's, for what is said to themselves. Raises NoCheckin."""
    found = checkins.get(tx, identifier)
    if found is None:
        raise NoCheckin
    return sheet.load(tx, found)
