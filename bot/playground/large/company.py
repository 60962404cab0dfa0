"""The large demo company, settled into an empty database: people, plan, and a year of what they did."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

import structlog

from bot.playground import demo_plan
from bot.playground.chips import chips_of
from bot.playground.large import doing, selling, talking, words
from bot.playground.large.staff import LEADERS, MOVED, RATES, REPS, TEAMS, manager_of
from bot.playground.large.year import AWAY, BACK, LENGTH, Year
from bot.playground.people import DemoPerson
from handlers.conversation.company import Company
from handlers.numbers.spans import Span
from storage import absences, accounts, commission, people, staff, targets, units
from storage.database import Transaction

log = structlog.get_logger(__name__)

SEED: Final = 20261122
ACCOUNTS_EACH: Final = 15
GROWTH: Final = 0.92
"""What somebody carried the year before ÷ what they carry now."""


def people_of(company: Company) -> tuple[DemoPerson, ...]:
    """All thirty, at the company's own domain, the leaders of each team before its reps."""
    domain = min(company.domains, default="demo.example")

    def person(first: str, last: str, title: str, role: str, zone: str, team: str) -> DemoPerson:
        email = f"{first}.{last}@{domain}".lower()
        sellers = [one.first for one in REPS if one.team == team and one.first != first]
        return DemoPerson(
            external_id=first.lower(),
            name=f"{first} {last}",
            email=email,
            title=title,
            role=role,
            zone=zone,
            chips=chips_of(role, reports=sellers, colleagues=sellers, teams=TEAMS),
        )

    leaders = tuple(person(one.first, one.last, one.title, one.role, one.zone, one.team) for one in LEADERS)
    reps = (person(one.first, one.last, f"Account executive, {one.team}", "rep", one.zone, one.team) for one in REPS)
    return (*leaders, *reps)


def settle(tx: Transaction, company: Company, now: datetime, length: timedelta = LENGTH) -> None:
    """Fill an empty database with people and what they did for so long before `now`; else do nothing."""
    if people.everybody(tx):
        return
    log.info("inventing_a_year", people=len(LEADERS) + len(REPS), takes="about ten seconds, once")
    year = Year(tx, company, now, random.Random(SEED), length)
    _hire(year)
    _plan(year)
    _leave(year)
    _accounts(year)
    selling.settle(year)
    doing.settle(year)
    talking.settle(year)
    sellers = [year.people[rep.first] for rep in REPS]
    demo_plan.keep_books(tx, company, sellers, year.begin, now)


def _hire(year: Year) -> None:
    for one in people_of(year.company):
        made = people.add(year.tx, name=one.name, at=year.now, email=one.email, zone=one.zone, imported=True)
        first = one.name.split()[0]
        year.people[first] = made
        rep = next((each for each in REPS if each.first == first), None)
        since = year.since(rep) if rep else year.begin
        people.give_role(year.tx, made, one.role, since)
    for who in LEADERS:
        _place(year, who.first, who.zone, who.country)
        if who.manager:
            people.give_manager(year.tx, year.people[who.first], year.people[who.manager], year.begin)
    for rep in REPS:
        _place(year, rep.first, rep.zone, rep.country)
        me, (first, team, days) = year.people[rep.first], MOVED
        people.give_manager(year.tx, me, year.people[year.manager(rep, year.begin)], year.since(rep))
        if rep.first == first and team != rep.team:
            since = year.today - timedelta(days=days)
            people.give_manager(year.tx, me, year.people[manager_of(rep.team)], since)


def _place(year: Year, first: str, zone: str, country: str) -> None:
    if country:
        who = year.people[first]
        staff.describe(
            year.tx, who.id, name=who.name, email=who.email, zone=zone, country=country, subdivision=""
        )  # fmt: skip


def _plan(year: Year) -> None:
    """Teams, the targets of this fiscal year and the one before, rates, and a commission plan."""
    tx, at = year.tx, year.now - timedelta(days=360)
    commission.put(tx, demo_plan.COMMISSION.name, demo_plan.COMMISSION.as_data(), by=None, at=at)
    this = year.fiscal.year_of(year.today)
    for number in range(this - 2, this + 2):
        for currency, rate in RATES.items():
            targets.put_rate(tx, number, currency, Decimal(rate), at=at)
    top = units.add(tx, year.company.name, kind="company", parent=None, at=at)
    units.join(tx, top, year.people["Helen"].id, since=year.begin, leads=True)
    teams = {name: units.add(tx, name, kind="team", parent=top, at=at) for name in TEAMS}
    for name, team in teams.items():
        units.join(tx, team, year.people[manager_of(name)].id, since=year.begin, leads=True)
    moved, before, days = MOVED
    for rep in REPS:
        me, since = year.people[rep.first].id, year.since(rep)
        if rep.first == moved:
            units.join(tx, teams[before], me, since=since)
            since = year.today - timedelta(days=days)
        units.join(tx, teams[rep.team], me, since=since)
        for number, share in ((this - 1, GROWTH), (this, 1.0)):
            _carry(year, me, number, round(rep.yearly * share) * 1000)


def _carry(year: Year, person: str, number: int, whole: int) -> None:
    shares: Mapping[str, int] = {"bookings": 100, **demo_plan.LEDGER_TARGETS}
    for measure, share in shares.items():
        target = targets.Target(person=person, unit=None, measure=measure, fiscal_year=number, amount=whole * share)
        targets.put(year.tx, target, by=None, at=year.now - timedelta(days=350))


def _leave(year: Year) -> None:
    """Two weeks in summer and some days between; one just came back from four weeks, one is about to go."""
    for rep in REPS:
        spans = [_around(year, year.chance.randint(30, 330), year.chance.choice((2, 4, 4, 9, 11))) for _ in range(3)]
        if rep.mood == "back":
            spans.append(Span(year.today - timedelta(days=BACK[0]), year.today - timedelta(days=BACK[1])))
        if rep.mood == "away":
            spans.append(Span(year.today + timedelta(days=AWAY[0]), year.today + timedelta(days=AWAY[1])))
        for span in spans:
            if span.first >= year.since(rep):
                absences.add(year.tx, year.people[rep.first].id, span.first, span.last, at=year.now)
                year.leave.setdefault(rep.first, []).append(span)


def _around(year: Year, days_ago: int, length: int) -> Span:
    first: date = year.today - timedelta(days=days_ago)
    first -= timedelta(days=first.weekday())
    return Span(first, first + timedelta(days=length - 1))


def _accounts(year: Year) -> None:
    """Fifteen for each who sells; the first are those of the small company."""
    from bot.playground.demo import ACCOUNTS

    pairs = [f"{word} {trade}" for word in words.FIRST_WORDS for trade in words.TRADES]
    names = [*ACCOUNTS, *year.chance.sample(pairs, len(REPS) * ACCOUNTS_EACH - len(ACCOUNTS))]
    year.chance.shuffle(names)
    for number, name in enumerate(names):
        made = accounts.add(year.tx, name, by=None, at=year.now)
        year.accounts.setdefault(REPS[number % len(REPS)].first, []).append(made)
