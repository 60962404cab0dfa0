"""Deals of a year: what was won and lost quarter by quarter, what is open, what slipped, what is stuck."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from bot.playground.large.staff import RATES, REPS, Rep
from bot.playground.large.year import Year, weekday
from handlers.figures.booking import book_for
from handlers.figures.stages import LOST, WON, open_stages
from handlers.numbers.spans import Span
from storage import deals
from storage.accounts import Account
from storage.deals import WHOLE, Deal, Share
from storage.tables import new_id

MOVES_KEPT: Final = timedelta(days=60)
"""How far back each deal's moves from stage to stage are kept; before it, where they led to alone."""
SIZES: Final = (0.4, 0.6, 0.7, 0.8, 1.0, 1.0, 1.2, 1.5, 2.4)
PRODUCTS: Final = ("Platform", "Analytics", "Support plan")
TYPES: Final = ("new", "new", "new", "expansion", "renewal")
LOST_TO: Final = ("price", "no decision", "a competitor", "timing")
SLIPPED: Final = ("procurement", "their budget comes later", "champion on leave", "legal review", None)
LUCK_NOW: Final = {"falling": 0.62, "rising": 1.12, "new": 0.8}
"""What this quarter makes of somebody's fortune."""


@dataclass(frozen=True, slots=True)
class _Course:
    """How a deal goes: its days, and how it ends (on `ends`) unless that has not come yet."""

    made: date
    ends: date
    won: bool
    amount: int | None
    """In thousands."""
    slips: bool = False
    stuck: bool = False


def settle(year: Year) -> None:
    """Everybody's."""
    for rep in REPS:
        year.won[rep.first], year.open[rep.first] = [], []
        for course in sorted(_courses(year, rep), key=lambda one: one.ends):
            _write(year, rep, course)
    for first in ("Felix", "Saoirse"):
        _claim(year, next(one for one in REPS if one.first == first))


def _courses(year: Year, rep: Rep) -> list[_Course]:
    """Quarter by quarter as much as the target and their fortune say, and more that is lost."""
    chance, found = year.chance, []
    for quarter in year.quarters():
        ramp = 0.35 if rep.mood == "new" else 1.0
        luck = chance.uniform(0.88, 1.12) * (LUCK_NOW.get(rep.mood, 1.0) if year.today in quarter else 1.0)
        inside = ((quarter.last - max(quarter.first, year.begin)).days + 1) / quarter.days
        wanted, won = rep.yearly / 4 * rep.fortune * luck * ramp * inside, 0
        while won < wanted:
            amount = _amount(year, rep)
            won += amount
            found += _course(year, rep, quarter, won=True, amount=amount)
            if chance.random() < 0.75:
                found += _course(year, rep, quarter, won=False, amount=_amount(year, rep))
    later = Span(year.today, year.today + timedelta(days=100))
    for _ in range(chance.randint(3, 6)):
        found += _course(year, rep, later, won=chance.random() < 0.5, amount=_amount(year, rep))
    stuck = {"busy": 3, "falling": 2, "away": 1, "steady": 1}.get(rep.mood, 0)
    for _ in range(stuck):
        made = year.today - timedelta(days=chance.randint(75, 110))
        ends = weekday(year.today + timedelta(days=chance.randint(-12, 25)))
        found.append(_Course(made, ends, won=True, amount=_amount(year, rep), stuck=True))
    if rep.mood in ("busy", "steady") and chance.random() < 0.5:
        made = year.today - timedelta(days=9)
        found.append(_Course(made, year.today + timedelta(days=40), won=True, amount=None))
    return found


def _course(year: Year, rep: Rep, quarter: Span, *, won: bool, amount: int) -> list[_Course]:
    """One that ends on one of their working days in that time; none where they have none in it."""
    chance = year.chance
    ends = quarter.first + timedelta(days=chance.randrange(quarter.days))
    for _ in range(10):
        if ends in quarter and ends.weekday() < 5 and (ends > year.today or year.works(rep, ends)):
            break
        ends = quarter.first + timedelta(days=chance.randrange(quarter.days))
    else:
        return []
    length = round(chance.triangular(14, 120, 45) * (1.6 if rep.mood == "few large" else 1))
    made = max(ends - timedelta(days=length), year.since(rep) - timedelta(days=30))
    if made >= min(ends, year.today):
        return []
    return [_Course(made, ends, won, amount, slips=chance.random() < 0.3)]


def _amount(year: Year, rep: Rep) -> int:
    """Thousands, or halves of ten thousands where they are many."""
    size = rep.size * year.chance.choice(SIZES) * year.chance.uniform(0.85, 1.15)
    return round(size / 5) * 5 if size >= 60 else max(round(size), 4)


def _write(year: Year, rep: Rep, course: _Course) -> None:
    chance, today = year.chance, year.today
    account = _account(year, rep, is_open=course.stuck or course.ends > today)
    ended = not course.stuck and course.ends <= today
    promised = course.ends - timedelta(days=chance.randint(9, 40)) if course.slips else course.ends
    promised = max(promised, course.made + timedelta(days=7))
    promised = weekday(promised)
    deal = Deal(
        id=new_id(),
        source="demo",
        external_id=new_id(),
        account=account.id,
        owner=year.people[rep.first].id,
        type=chance.choice(TYPES),
        product=chance.choice(PRODUCTS),
        stage=open_stages(year.company)[0],
        amount_minor=None if course.amount is None else course.amount * 100_000,
        currency=year.currency(rep),
        created_on=course.made,
        closes_on=promised,
    )
    shares = [Share(year.people[rep.first].id)]
    if course.won and chance.random() < 0.05:
        other = chance.choice([one for one in REPS if one.team == rep.team and one is not rep])
        shares = [Share(shares[0].person, WHOLE * 7 // 10), Share(year.people[other.first].id, WHOLE * 3 // 10)]
    end: dict[str, Any] = {"stage": WON if course.won else LOST, "closes_on": course.ends}
    end |= {} if course.won else {"loss_reason": chance.choice(LOST_TO)}
    kept = min(MOVES_KEPT, year.length)
    if ended and course.ends < today - kept:
        deal = replace(deal, **end)
        deals.add(year.tx, deal, shares, at=year.at(rep.zone, course.ends, 16), by=deal.owner)
    else:
        began, moves = course.made, _moves(year, course, promised)
        while moves and moves[0][0] < today - kept:
            began, change, _ = moves.pop(0)
            deal = replace(deal, **change)
        deals.add(year.tx, deal, shares, at=year.at(rep.zone, began, 11), by=deal.owner)
        for day, change, reason in moves:
            deal = _change(year, rep, deal, day, change, reason)
        deal = _change(year, rep, deal, course.ends, end, None) if ended else deal
    if not ended:
        year.open[rep.first].append(account)
    elif course.won:
        book_for(year.tx, year.company, deal, now=year.now)
        year.won[rep.first].append((course.ends, _in_plan(year, deal), account.name))


def _moves(year: Year, course: _Course, promised: date) -> list[tuple[date, dict[str, Any], str | None]]:
    """From stage to stage, and the close date to a later day, in the order in which it happened; until today."""
    length = (course.ends - course.made).days
    stages = open_stages(year.company)
    fractions = [0.05 + 0.75 * at / (len(stages) - 1 or 1) for at in range(1, len(stages))]
    if course.stuck:
        # It went on for a while, and then it did not.
        fractions, length = fractions[: year.chance.randint(1, 2)], 35
    found: list[tuple[date, dict[str, Any], str | None]] = [
        (course.made + timedelta(days=round(length * fraction)), {"stage": stage}, None)
        for fraction, stage in zip(fractions, stages[1:], strict=False)
    ]
    if promised != course.ends:
        noticed = max(promised - timedelta(days=year.chance.randint(1, 6)), course.made)
        found.append((noticed, {"closes_on": course.ends}, year.chance.choice(SLIPPED)))
    return sorted((one for one in found if one[0] <= year.today), key=lambda one: one[0])


def _change(year: Year, rep: Rep, deal: Deal, day: date, values: dict[str, Any], reason: str | None) -> Deal:
    after = replace(deal, **values)
    hour, minute = year.chance.randint(9, 16), year.chance.choice((0, 10, 25, 40))
    deals.change(year.tx, deal, after, at=year.at(rep.zone, day, hour, minute), by=deal.owner, reason=reason)
    return after


def _claim(year: Year, rep: Rep) -> None:
    """A win that was said in chat on the last working day and nobody has confirmed."""
    day = [one for one in year.days(rep) if one < year.today][-1]
    account = _account(year, rep, is_open=True)
    deal = Deal(
        id=new_id(),
        account=account.id,
        owner=year.people[rep.first].id,
        stage=WON,
        amount_minor=rep.size * 100_000,
        currency=year.currency(rep),
        created_on=day - timedelta(days=20),
        closes_on=day,
        claimed=True,
    )
    deals.add(year.tx, deal, [Share(year.people[rep.first].id)], at=year.at(rep.zone, day, 16, 20), by=deal.owner)


def _account(year: Year, rep: Rep, *, is_open: bool) -> Account:
    """One of theirs; an open deal has its account for itself."""
    free = [one for one in year.accounts[rep.first] if one not in year.open[rep.first]]
    return year.chance.choice(free if is_open and free else year.accounts[rep.first])


def _in_plan(year: Year, deal: Deal) -> int:
    rate = Decimal(RATES.get(deal.currency or "", "1")) if deal.currency != year.company.currency else Decimal(1)
    return int((deal.amount_minor or 0) * rate)
