"""Who leaves: their place ends after the last day, and then their open deals and their team are others'.

A last day that is over is settled in the turn in which it is said; one to come by `due`, which the housekeeping calls
every hour. The person hears nothing of it; who takes over does.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from handlers.conversation.audited import audited
from handlers.conversation.company import Company
from handlers.conversation.reply import DateField, Form, Reply, TextField
from handlers.conversation.request import Message, Outcome, Request
from handlers.conversation.wording import Days, listed, plural
from handlers.figures import roster as rosters
from handlers.figures.roster import Roster
from handlers.figures.stages import open_stages
from handlers.numbers.periods import day_in
from handlers.people import change, handover, person
from handlers.people.buttons import issuer
from handlers.people.errors import LeavesAlready, NeverLeft
from handlers.people.form import manager_named
from storage import deals, departures, outbox, staff
from storage.database import Transaction
from storage.departures import Departure
from storage.people import Person

DAY = timedelta(days=1)


def leave_button(request: Request, tx: Transaction) -> Outcome:
    """*Has left*: when, and who takes over."""
    change.check(request)
    roster = rosters.load(tx)
    who = change.known(request, roster)
    _not_leaving(request, tx, who)
    day = request.basis.now.date()
    gone = staff.left_at(tx, who.id)
    last = day if gone is None else gone.astimezone(ZoneInfo(request.company.zone)).date() - DAY
    reports = staff.reports_of(tx, who.id, day)
    owned = deals.owned(tx, [who.id], stages=open_stages(request.company))
    manager = staff.manager_of(tx, who.id, day)
    above = roster.person(manager.what) if manager else None
    name = above.name if above and not above.left else ""
    team = (TextField("team_to", "Who manages their reports", name, hint="Empty: nobody for now", optional=True),)
    intro = f"{who.name} has {plural(len(owned), 'open deal')}"
    intro += f" and manages {listed([roster.name(one) for one in reports])}." if reports else "."
    token = issuer.token_for(request, tx, "left", {"person": who.id})
    return Outcome(
        form=Form(
            title=f"{who.name} leaves"[:24],
            token=token,
            fields=(
                DateField("last_day", "Last day", last.isoformat(), hint="Access ends after it; yesterday ends it now"),
                TextField("deals_to", "Who takes over the open deals", name, hint="Empty: they stay", optional=True),
                *(team if reports else ()),
            ),
            intro=intro,
        )
    )


def left(request: Request, tx: Transaction) -> Outcome:
    """The form was sent: what ends, ends; what is handed over is, now or on the day after the last one."""
    change.check(request)
    roster = rosters.load(tx)
    who = change.known(request, roster)
    _not_leaving(request, tx, who)
    problems: dict[str, str] = {}
    values = {name: " ".join(value.split()) for name, value in request.values.items()}
    last_day = _last_day(values.get("last_day", ""), problems)
    deals_to = _heir(values.get("deals_to", ""), "deals_to", who, roster, problems)
    team_to = _heir(values.get("team_to", ""), "team_to", who, roster, problems)
    if problems:
        return Outcome(problems=problems)
    ended = staff.end_all(tx, who.id, last_day + DAY)
    moved, made = staff.move_reports(tx, who.id, team_to, last_day + DAY)
    leaves = departures.add(
        tx,
        person=who.id,
        last_day=last_day,
        deals_to=deals_to,
        team_to=team_to,
        by=request.actor.person,
        at=request.now,
        changes={"ended": [*ended, *moved], "made": made},
    )
    _audit(request, tx, "person leaves", leaves)
    days = Days.of(request.basis)
    if last_day < day_in(request.company.zone, request.now):
        messages = _settle(tx, request.company, leaves, request.now)
        lead = f"Done: {who.name} has left. {handover.summary(tx, rosters.load(tx), leaves)}"
    else:
        messages = []
        to = f" Then {roster.name(deals_to)} gets the open deals." if deals_to else ""
        lead = f"Noted: {who.name}'s last day is {days.on(last_day, year=True)}.{to}"
    roster = rosters.load(tx)
    now = roster.person(who.id)
    assert now is not None
    others = tuple(message for message in messages if message.to != request.actor.person)
    return Outcome(reply=person.show(request, tx, roster, now, lead), messages=others)


def back_button(request: Request, tx: Transaction) -> Outcome:
    """*Came back*: all is as it was, as far as nobody has changed it since."""
    change.check(request)
    roster = rosters.load(tx)
    who = change.known(request, roster)
    leaves = departures.of_person(tx, who.id)
    if leaves is None and not who.left:
        raise NeverLeft(name=who.name)
    messages: tuple[Message, ...] = ()
    given_back = 0
    staff.leave(tx, who.id, None)
    if leaves is not None:
        departures.cancel(tx, leaves.id, request.now)
        changes = leaves.changes
        staff.begin_again(tx, changes.get("ended", ()), changes.get("made", ()), leaves.last_day + DAY)
        if leaves.done:
            given_back = handover.give_back(tx, request, leaves)
            messages = _told_back(leaves, roster, given_back, request.actor.person)
        _audit(request, tx, "person back", leaves)
    roster = rosters.load(tx)
    now = roster.person(who.id)
    assert now is not None
    deals_back = f" {plural(given_back, 'open deal')} went back to them." if given_back else ""
    lead = f"Done: {who.name} is here as before.{deals_back}"
    if leaves is None:
        lead = f"Done: {who.name} is here again. Their role, unit and manager stand as the import left them."
    return Outcome(reply=person.show(request, tx, roster, now, lead), messages=messages)


def due(tx: Transaction, company: Company, now: datetime) -> list[Message]:
    """Settle everybody whose last day is over, in the company's zone: what is to be said to others."""
    messages: list[Message] = []
    for leaves in departures.due(tx, day_in(company.zone, now)):
        messages += _settle(tx, company, leaves, now)
    return messages


def _settle(tx: Transaction, company: Company, leaves: Departure, now: datetime) -> list[Message]:
    midnight = datetime.combine(leaves.last_day + DAY, time(), ZoneInfo(company.zone)).astimezone(UTC)
    staff.leave(tx, leaves.person, midnight)
    staff.close_conversations(tx, leaves.person, now)
    for install in {one.install for one in staff.accounts_of(tx, leaves.person)}:
        outbox.withdraw(tx, now=now, install=install, person=leaves.person)
    roster = rosters.load(tx)
    changes = {**leaves.changes, **handover.hand_over(tx, company, roster, leaves, now)}
    departures.settle(tx, leaves.id, changes, now)
    return handover.messages(tx, company, roster, leaves, changes)


def _told_back(leaves: Departure, roster: Roster, count: int, actor: str) -> tuple[Message, ...]:
    to = leaves.deals_to
    if to is None or to == actor or not count:
        return ()
    name = roster.name(leaves.person)
    sentence = f"{name} is here as before, and {plural(count, 'open deal')} went back to them."
    return (Message(to=to, reply=Reply(text=sentence), topic="handover", key=f"departure:{leaves.id}:back:{to}"),)


def _not_leaving(request: Request, tx: Transaction, who: Person) -> None:
    leaves = departures.of_person(tx, who.id)
    if leaves is not None:
        raise LeavesAlready(name=who.name, day=Days.of(request.basis).on(leaves.last_day, year=True))


def _last_day(written: str, problems: dict[str, str]) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        problems["last_day"] = f"“{written}” is no date. Write it like 2026-12-15."
        return date.min


def _heir(words: str, field: str, who: Person, roster: Roster, problems: dict[str, str]) -> str | None:
    found = manager_named(words, roster, field, problems)
    if found is not None and found.id == who.id:
        problems[field] = f"{who.name} leaves, so name somebody else."
    return found.id if found else None


def _audit(request: Request, tx: Transaction, event: str, leaves: Departure) -> None:
    details = {"departure": leaves.id, "deals_to": leaves.deals_to, "team_to": leaves.team_to}
    audited(request, tx, event, person=leaves.person, **details)
