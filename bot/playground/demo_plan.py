"""The demo company's plan and deals: teams, a year's targets, wins so far and an open pipeline (a fixed seed)."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from handlers.conversation.company import Company
from handlers.figures.booking import book_for
from handlers.figures.commission_plan import Band, CommissionPlan
from handlers.figures.stages import LOST, WON, open_stages
from handlers.numbers.periods import FiscalCalendar, day_in
from handlers.numbers.spans import shifted
from handlers.numbers.working_days import is_working_day
from storage import accounts, commission, credits, deals, imports, people, targets, units
from storage.database import Transaction
from storage.tables import ledger, new_id

SEED = 20261122
TEAMS = {"East": ("Omar", ("Sam", "Priya", "Leo")), "West": ("Grace", ("Mia", "Theo", "Ines"))}
LEADER = "Helen"
YEARLY = {"Sam": 1_200_000, "Priya": 960_000, "Leo": 900_000, "Mia": 1_200_000, "Theo": 960_000, "Ines": 900_000}
"""Units of the plan's currency."""
_FORTUNE = {"Sam": 1.0, "Priya": 1.12, "Leo": 0.7, "Mia": 0.86, "Theo": 0.97, "Ines": 1.06}
"""Won by now ÷ expected by now, about."""
COMMISSION = CommissionPlan(
    name="Reps",
    roles=("rep",),
    of_target=True,
    bands=(
        Band(Decimal(0), Decimal("0.03")),
        Band(Decimal("0.6"), Decimal("0.05")),
        Band(Decimal(1), Decimal("0.08")),
    ),
    base=Decimal("0.05"),
    cap=Decimal(60_000),
    ote=Decimal(150_000),
)
"""As docs/commission-plan.yaml has it."""
LEDGER_TARGETS = {"revenue": 90, "margin": 55}
"""Measure -> per cent of a year's bookings: what is recognised, and what is left of it after cost."""
_PRODUCTS = ("Platform", "Analytics", "Support plan")
_WHY = ("price", "no decision", "a competitor", "timing")


def settle(
    tx: Transaction,
    company: Company,
    staff: Mapping[str, people.Person],
    known: Sequence[accounts.Account],
    now: datetime,
) -> None:
    """Give the demo company its teams, targets and deals; `staff` is by first name."""
    chance = random.Random(SEED)
    fiscal = FiscalCalendar(company.fiscal_year_start)
    today = day_in(company.zone, now)
    year = fiscal.year(fiscal.year_of(today))
    commission.put(tx, COMMISSION.name, COMMISSION.as_data(), by=None, at=now)
    top = units.add(tx, company.name, kind="company", parent=None, at=now)
    units.join(tx, top, staff[LEADER].id, since=year.first, leads=True)
    for name, (manager, sellers) in TEAMS.items():
        team = units.add(tx, name, kind="team", parent=top, at=now)
        units.join(tx, team, staff[manager].id, since=year.first, leads=True)
        for first in sellers:
            units.join(tx, team, staff[first].id, since=year.first)
            target = targets.Target(
                person=staff[first].id,
                unit=None,
                measure="bookings",
                fiscal_year=fiscal.year_of(today),
                amount=YEARLY[first] * 100,
            )
            targets.put(tx, target, by=None, at=now)
            for measure, share in LEDGER_TARGETS.items():
                amount = YEARLY[first] * share
                targets.put(tx, replace(target, measure=measure, amount=amount), by=None, at=now)
            _sell(tx, company, chance, staff[first], YEARLY[first] * _FORTUNE[first], known, year.first, today, now)
    keep_books(tx, company, [staff[first] for first in YEARLY], year.first, now)


def keep_books(tx: Transaction, company: Company, sellers: Sequence[people.Person], begin: date, now: datetime) -> None:
    """Revenue and cost, as an import of yesterday would have brought them: nine tenths of a win are recognised at the
    start of the month after it (at the latest today), and two fifths of that are its cost."""
    rows = []
    today = day_in(company.zone, now)
    for seller in sellers:
        won = credits.by_product(tx, begin, today, persons=[seller.id])
        for _, day, product, amount in won:
            booked = min(shifted(day.replace(day=1), 1), today)
            for kind, minor in (("revenue", amount * 9 // 10), ("cost", amount * 36 // 100)):
                rows.append(
                    {
                        "id": new_id(),
                        "kind": kind,
                        "source": "demo",
                        "external_id": new_id(),
                        "person": seller.id,
                        "product": product,
                        "day": booked,
                        "entered_minor": minor,
                        "entered_currency": company.currency,
                        "amount_minor": minor,
                    }
                )
    if not rows:
        return
    tx.execute(ledger.insert(), rows)
    at = now - timedelta(days=1)
    for kind in ("revenue", "cost"):
        done = imports.begin(tx, kind=kind, name=f"{kind}.csv", digest="demo", settings={}, by=None, at=at)
        imports.settle(tx, done, "applied", at=at, report={})


def _sell(
    tx: Transaction,
    company: Company,
    chance: random.Random,
    seller: people.Person,
    a_year: float,
    known: Sequence[accounts.Account],
    begin: date,
    today: date,
    now: datetime,
) -> None:
    """Wins of the year so far that come to about the seller's part of it, some losses, and what is still open."""
    to_win = a_year * ((today - begin).days / 365)
    won = 0.0
    while won < to_win:
        amount = chance.choice((18, 24, 30, 36, 45, 60, 75, 90)) * 1000
        day = _working_day(company, begin + timedelta(days=chance.randrange(max((today - begin).days, 1))))
        _deal(tx, company, chance, seller, known, WON, amount, min(day, today), now)
        won += amount
    for _ in range(6):
        day = begin + timedelta(days=chance.randrange(max((today - begin).days, 1)))
        _deal(tx, company, chance, seller, known, LOST, chance.choice((20, 40, 80)) * 1000, day, now)
    for _ in range(9):
        closes = _working_day(company, today + timedelta(days=chance.randint(2, 75)))
        amount = chance.choice((20, 35, 50, 80)) * 1000
        _deal(tx, company, chance, seller, known, chance.choice(open_stages(company)), amount, closes, now)
    # What every real pipeline has: one without an amount, one that is overdue.
    _deal(tx, company, chance, seller, known, open_stages(company)[0], None, today + timedelta(days=30), now)
    _deal(tx, company, chance, seller, known, open_stages(company)[-1], 40_000, today - timedelta(days=12), now)


def _deal(
    tx: Transaction,
    company: Company,
    chance: random.Random,
    seller: people.Person,
    known: Sequence[accounts.Account],
    stage: str,
    amount: int | None,
    closes: date,
    now: datetime,
) -> None:
    account = chance.choice(known)
    product = chance.choice(_PRODUCTS)
    deal = deals.Deal(
        id=new_id(),
        source="demo",
        external_id=new_id(),
        account=account.id,
        owner=seller.id,
        type=chance.choice(("new", "new", "expansion", "renewal")),
        product=product,
        stage=stage,
        amount_minor=None if amount is None else amount * 100,
        currency=company.currency,
        created_on=min(closes, now.date()) - timedelta(days=chance.randint(20, 90)),
        closes_on=closes,
        loss_reason=chance.choice(_WHY) if stage == LOST else None,
    )
    deals.add(tx, deal, [deals.Share(seller.id)], at=now - timedelta(hours=chance.randint(2, 20)), by=seller.id)
    if stage == WON:
        book_for(tx, company, deal, now=now)


def _working_day(company: Company, day: date) -> date:
    while not is_working_day(day, company.country, company.subdivision):
        day += timedelta(days=1)
    return day
