"""The demo company: invented, plausible, and the same every time (a fixed seed)."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from zoneinfo import ZoneInfo

import msgspec

from bot.playground import demo_plan
from bot.playground.chips import chips_of
from bot.playground.people import DemoPerson
from bot.playground.transcript import CHANNEL
from handlers.conversation.company import Company, Thanks, WinRoute
from handlers.numbers.working_days import is_working_day
from storage import accounts, activities, people
from storage.activities import Activity
from storage.database import Transaction
from storage.tables import new_id

SEED = 20261118
DAYS_BACK = 18
EASTERN, CENTRAL, PACIFIC = "America/New_York", "America/Chicago", "America/Los_Angeles"

# first name, last name, title, role, zone, and whose report they are
_STAFF = (
    ("Dana", "Ortiz", "Sales operations", "admin", EASTERN, ""),
    ("Helen", "Marsh", "VP Sales", "leader", EASTERN, ""),
    ("Omar", "Haddad", "Manager, East", "manager", EASTERN, "Helen"),
    ("Grace", "Lindqvist", "Manager, West", "manager", PACIFIC, "Helen"),
    ("Sam", "Okafor", "Account executive, East", "rep", EASTERN, "Omar"),
    ("Priya", "Nair", "Account executive, East", "rep", EASTERN, "Omar"),
    ("Leo", "Brandt", "Account executive, East", "rep", CENTRAL, "Omar"),
    ("Mia", "Castellan", "Account executive, West", "rep", PACIFIC, "Grace"),
    ("Theo", "Winters", "Account executive, West", "rep", PACIFIC, "Grace"),
    ("Ines", "Duarte", "Account executive, West", "rep", PACIFIC, "Grace"),
)

ACCOUNTS = (
    "Acme Corporation",
    "Acme Freight",
    "Initech",
    "Green-Plus",
    "Scottech",
    "Labdrill",
    "Zoomit",
    "Hollow Creek Foods",
    "Bright Harbor Hotels",
    "Kestrel Robotics",
    "Oakline Furniture",
    "Tidewater Clinics",
    "Pinnacle Paper",
    "Redwood Credit Union",
    "Sable & Finch",
    "Northgate Dairy",
    "Vantage Optics",
    "Larkspur Pharma",
    "Quarry Road Brewing",
    "Ironbridge Steel",
    "Meridian Schools",
    "Cobalt Marine",
    "Juniper Textiles",
    "Fairweather Airlines",
)
_FIRST = ("Jane", "Tom", "Ada", "Luis", "Wei", "Nora", "Igor", "Amara", "Ben", "Sofia", "Ravi", "Elena")
_LAST = ("Doe", "Kimura", "Byron", "Vega", "Chen", "Blum", "Petrov", "Mensah", "Adler", "Rossi", "Iyer", "Novak")
_OUTCOMES = ("connected", "connected", "no_answer", "voicemail", "positive", None)
_NEXT = ("send the proposal", "call back", "share the case study", "book a demo", "check the contract")
_NOTES = ("asked about delivery times", "wants a reference", "budget is settled in December", None, None, None)
_WEIGHTS = {"call": 12, "email": 8, "meeting": 3, "demo": 1, "visit": 1, "proposal": 1, "message": 3}


def people_of(company: Company) -> tuple[DemoPerson, ...]:
    """The demo company's people, at the company's own domain."""
    domain = min(company.domains, default="demo.example")
    return tuple(
        DemoPerson(
            external_id=first.lower(),
            name=f"{first} {last}",
            email=_email(first, last, domain),
            title=title,
            role=role,
            zone=zone,
            chips=chips_of(
                role,
                reports=[each[0] for each in _STAFF if each[5] == first],
                colleagues=[each[0] for each in _STAFF if each[5] == manager and each[0] != first],
                teams=[each[2].rpartition(", ")[2] for each in _STAFF if each[3] == "manager"],
            ),
        )
        for first, last, title, role, zone, manager in _STAFF
    )


def with_a_channel(company: Company) -> Company:
    """The company with its wins and its public kudos in the playground's channel."""
    route = WinRoute("sales-east", "playground", CHANNEL)
    wins = msgspec.structs.replace(company.wins, routes=(route,))
    thanks: Thanks = msgspec.structs.replace(company.kudos, install="playground", conversation=CHANNEL)
    return msgspec.structs.replace(company, wins=wins, kudos=thanks)


def _email(first: str, last: str, domain: str) -> str:
    return f"{first}.{last}@{domain}".lower()


def settle(tx: Transaction, company: Company, now: datetime) -> None:
    """Fill an empty database with people, accounts and three weeks of activities before `now`; else do nothing."""
    if people.everybody(tx):
        return
    chance = random.Random(SEED)
    hired = _hire(tx, company, now)
    staff = [(hired[first], zone) for first, _, _, role, zone, _ in _STAFF if role == "rep"]
    known = [accounts.add(tx, name, by=None, at=now) for name in ACCOUNTS]
    contacts = {account.id: _names(chance) for account in known}
    for person, zone in staff:
        mine = chance.sample(known, 8)
        for activity, at in _history(chance, company, person, zone, mine, contacts, now):
            activities.record(tx, [activity], author=person.id, at=at)
            if activity.account and activity.contacts:
                accounts.remember_contacts(tx, activity.account, activity.contacts, at)
    demo_plan.settle(tx, company, hired, known, now)


def _hire(tx: Transaction, company: Company, now: datetime) -> dict[str, people.Person]:
    """Everybody, by first name."""
    since = date(now.year, 1, 1)
    by_first: dict[str, people.Person] = {}
    domain = min(company.domains, default="demo.example")
    for first, last, _title, role, zone, manager in _STAFF:
        email = _email(first, last, domain)
        person = people.add(tx, name=f"{first} {last}", at=now, email=email, zone=zone, imported=True)
        people.give_role(tx, person, role, since)
        by_first[first] = person
        if manager:
            people.give_manager(tx, person, by_first[manager], since)
    return by_first


def _names(chance: random.Random) -> tuple[str, ...]:
    return tuple(f"{chance.choice(_FIRST)} {chance.choice(_LAST)}" for _ in range(3))


def _history(
    chance: random.Random,
    company: Company,
    person: people.Person,
    zone: str,
    mine: list[accounts.Account],
    contacts: dict[str, tuple[str, ...]],
    now: datetime,
) -> list[tuple[Activity, datetime]]:
    """Activities of the last working days, and when each was said."""
    local = now.astimezone(ZoneInfo(zone))
    said = []
    eagerness = chance.uniform(0.6, 1.3)
    for back in range(DAYS_BACK, -1, -1):
        day = local.date() - timedelta(days=back)
        if not is_working_day(day, company.country, company.subdivision):
            continue
        for _ in range(round(chance.randint(3, 7) * eagerness)):
            at = datetime.combine(day, clock_time(chance.randint(9, 16), chance.choice((0, 5, 15, 20, 30, 45))))
            moment = at.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
            if moment < now:
                said.append((_activity(chance, person, zone, chance.choice(mine), contacts, at), moment))
    return sorted(said, key=lambda pair: pair[1])


def _activity(
    chance: random.Random,
    person: people.Person,
    zone: str,
    account: accounts.Account,
    contacts: dict[str, tuple[str, ...]],
    at: datetime,
) -> Activity:
    kind = chance.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]
    alone = kind in ("call", "email", "message")
    count = chance.choice((1, 1, 1, 2, 5)) if alone else 1
    outcome = chance.choice(_OUTCOMES) if kind == "call" else None
    following = chance.choice(_NEXT) if chance.random() < 0.25 else None
    contact = (chance.choice(contacts[account.id]),) if count == 1 and chance.random() < 0.5 else ()
    identifier = new_id()
    return Activity(
        entry=identifier,
        line=identifier,
        person=person.id,
        kind=kind,
        count=count,
        account=account.id,
        account_name=account.name,
        account_text=account.name,
        contacts=contact,
        day=at.date(),
        time=at.time(),
        zone=zone,
        planned=False,
        minutes=chance.choice((30, 45, 60)) if kind in ("meeting", "demo", "visit") else None,
        amount_minor=chance.randint(8, 90) * 100_000 if kind == "proposal" else None,
        currency="USD" if kind == "proposal" else None,
        outcome=outcome,
        tags=(),
        note=chance.choice(_NOTES),
        next_text=following,
        next_day=at.date() + timedelta(days=chance.randint(1, 9)) if following else None,
        next_time=None,
        said=f"{kind} {account.name}",
    )
