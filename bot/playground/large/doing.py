"""What was logged in a year: every working day some calls, e-mails and meetings, more and less by mood and season."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Final

from bot.playground.large.staff import REPS, Mood, Rep
from bot.playground.large.year import Year
from storage import accounts, activities
from storage.accounts import Account
from storage.activities import Activity
from storage.tables import new_id

A_DAY: Final = {"call": 8, "email": 5}
"""Of a usual working day."""
MEETINGS: Final = 1.5
AT_THEIRS: Final = ("meeting", "meeting", "meeting", "demo", "demo", "visit")
ZEAL: Final[dict[Mood, float]] = {"eager": 1.15, "quiet": 0.55, "busy": 1.25, "few large": 0.6, "new": 0.85}
SEASON: Final = {7: 0.85, 8: 0.75, 12: 0.8}
"""By month: summer, and the weeks before Christmas."""
OUTCOMES: Final = ("connected", "connected", "no_answer", "voicemail", "positive")
NEXT: Final = (
    "send the proposal",
    "call back",
    "share the case study",
    "book a demo",
    "check the contract",
    "send dates",
)
NOTES: Final = (
    *("asked about delivery times", "wants a reference", "budget is settled in a month", "likes the pilot"),
    *("new head of operations", "compares us with two others", "friendly, in no hurry"),
)
_FIRST: Final = ("Jane", "Tom", "Ada", "Luis", "Wei", "Nora", "Igor", "Amara", "Ben", "Sofia", "Ravi", "Elena", "Pia")
_LAST: Final = ("Doe", "Kimura", "Byron", "Vega", "Chen", "Blum", "Petrov", "Mensah", "Adler", "Rossi", "Iyer", "Novak")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Done:
    kind: str
    count: int = 1
    account: Account | None = None
    contacts: tuple[str, ...] = ()
    minutes: int | None = None
    outcome: str | None = None
    note: str | None = None
    then: tuple[str, date] | None = None
    planned: bool = False
    hour: int = field(default=10)


def settle(year: Year) -> None:
    """Everybody's."""
    contacts = {}
    for rep in REPS:
        for account in year.accounts[rep.first]:
            contacts[account.id] = _names(year)
            accounts.remember_contacts(year.tx, account.id, contacts[account.id], year.now)
        for day in year.days(rep):
            done = _of_day(year, rep, day, contacts)
            _record(year, rep, day, done)
        _record_plans(year, rep, contacts)


def zeal(year: Year, rep: Rep, day: date) -> float:
    """How much of a usual day it was."""
    weeks_ago = (year.today - day).days / 7
    factor = ZEAL.get(rep.mood, 0.95) * SEASON.get(day.month, 1.0)
    if rep.mood == "falling" and weeks_ago < 6:
        factor *= 0.3 + 0.7 * weeks_ago / 6
    if rep.mood == "rising":
        factor *= 1.2 - 0.4 * weeks_ago / 52
    return factor * year.chance.uniform(0.7, 1.3) * (0.8 if day.weekday() == 4 else 1.0)


def _names(year: Year) -> tuple[str, ...]:
    return tuple({f"{year.chance.choice(_FIRST)} {year.chance.choice(_LAST)}": None for _ in range(3)})


def _of_day(year: Year, rep: Rep, day: date, contacts: dict[str, tuple[str, ...]]) -> list[_Done]:
    chance, of = year.chance, zeal(year, rep, day)
    if rep.first == "Gus" and (year.today - day).days < 8:
        return []  # nothing at all of late: somebody has to be the one whom the digest names
    found = []
    dials = round(A_DAY["call"] * of)
    if dials:
        account = year.account(rep)
        then = _then(year, day) if chance.random() < 0.3 else None
        note = chance.choice(NOTES) if chance.random() < 0.4 else None
        outcome, who = chance.choice(OUTCOMES), (chance.choice(contacts[account.id]),)
        found.append(_Done(kind="call", account=account, contacts=who, outcome=outcome, note=note, then=then))
    if dials > 1:
        found.append(_Done(kind="call", count=dials - 1, hour=12))
    if mails := round(A_DAY["email"] * of):
        found.append(_Done(kind="email", count=mails, account=year.account(rep), hour=13))
    for number in range(int(MEETINGS * of + chance.random())):
        account = year.account(rep)
        then = _then(year, day) if chance.random() < 0.35 else None
        who = (chance.choice(contacts[account.id]),)
        kind, minutes = chance.choice(AT_THEIRS), chance.choice((30, 45, 60))
        found.append(_Done(kind=kind, account=account, contacts=who, minutes=minutes, then=then, hour=14 + number % 3))
    return found


def _then(year: Year, day: date) -> tuple[str, date]:
    after = day + timedelta(days=year.chance.randint(2, 9))
    return year.chance.choice(NEXT), after + timedelta(
        days=max(0, 7 - after.weekday()) % 7 if after.weekday() > 4 else 0
    )


def _record(year: Year, rep: Rep, day: date, done: list[_Done]) -> None:
    """As it would have been said at the end of that day."""
    at = year.at(rep.zone, day, 16, 45)
    lines = [_activity(year, rep, day, one) for one in done if year.at(rep.zone, day, one.hour) < at]
    if lines:
        activities.record(year.tx, lines, author=year.people[rep.first].id, at=at)


def _record_plans(year: Year, rep: Rep, contacts: dict[str, tuple[str, ...]]) -> None:
    """What stands in the calendar for the days to come, and one of the last days that nobody has confirmed."""
    chance, mine = year.chance, []
    days = [year.today + timedelta(days=ahead) for ahead in chance.sample(range(1, 8), 2)]
    past = [day for day in year.days(rep) if day < year.today]
    days += past[-1:] if chance.random() < 0.4 else []
    for day in (one for one in days if year.works(rep, one)):
        account = year.account(rep)
        who = (chance.choice(contacts[account.id]),)
        hour = chance.choice((10, 11, 14, 15))
        mine.append((day, _Done(kind="meeting", account=account, contacts=who, planned=True, hour=hour)))
    if mine:
        at = year.now - timedelta(days=4)
        lines = [_activity(year, rep, day, one) for day, one in mine]
        activities.record(year.tx, lines, author=year.people[rep.first].id, at=at)


def _activity(year: Year, rep: Rep, day: date, done: _Done) -> Activity:
    identifier = new_id()
    name = done.account.name if done.account else None
    following, following_day = done.then or (None, None)
    return Activity(
        entry=identifier,
        line=identifier,
        person=year.people[rep.first].id,
        kind=done.kind,
        count=done.count,
        account=done.account.id if done.account else None,
        account_name=name,
        account_text=name,
        contacts=done.contacts,
        day=day,
        time=time(done.hour, year.chance.choice((0, 5, 15, 20, 30, 45))),
        zone=rep.zone,
        planned=done.planned,
        minutes=done.minutes,
        amount_minor=None,
        currency=None,
        outcome=done.outcome,
        tags=(),
        note=done.note,
        next_text=following,
        next_day=following_day,
        next_time=None,
        said=f"{done.count} {done.kind} {name or ''}".strip(),
    )
