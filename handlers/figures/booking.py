"""When a deal counts, for whom, and how it is taken back: the only writer of credits.

Rules beyond GLOSSARY.md (*credit*, *reversal*, *claimed*, *Currencies*):

- A period is closed once its fiscal month is over: the current month is open, the ones before it are closed. A company
  that closes its books later says so by `closed_through`.
- A deal is booked on its win date the first time, however long ago that is: history comes in by import.
- What is corrected later (amount, win date, shares) is voided and booked anew. Where the old credit lies in a closed
  month, it is taken back by a negative one today, and the new one counts today too if its win date is in a closed
  month: closed months never change, and the difference shows now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from handlers.conversation.company import Company
from handlers.conversation.errors import UserError
from handlers.figures.stages import WON
from handlers.numbers import credit as sums
from handlers.numbers.periods import FiscalCalendar, day_in
from storage import credits, deals, targets
from storage.credits import Credit, Kept
from storage.database import Transaction
from storage.deals import Deal, Share


class MissingRate(UserError):
    """The plan has no rate from {currency} to {plan} for {year}, so this win cannot be counted and nothing was changed.
    An admin can add the rate; then it works."""

    def __init__(self, *, currency: str, plan: str, year: str) -> None:
        super().__init__(currency=currency, plan=plan, year=year)
        self.claimed = (
            f"The plan has no rate from {currency} to {plan} for {year}, so the win stays claimed until an admin has "
            "added it."
        )
        """What is said of a win that is kept all the same."""


def book(
    tx: Transaction,
    deal: Deal,
    *,
    plan_currency: str,
    rates: Mapping[tuple[int, str], Decimal],
    fiscal_start: int,
    now: datetime,
    zone: str = "UTC",
    closed_through: date | None = None,
) -> None:
    """Make the deal's credits what the deal says: written for a win that is not claimed, else taken back.

    Doing it again changes nothing. `rates` are by fiscal year and currency, as `targets.rates_of` gives them; `zone` is
    the company's; `closed_through` is the last closed day. Raises MissingRate.
    """
    today = day_in(zone, now)
    shares = deals.shares_of_one(tx, deal.id) if _counts(deal) else []
    wanted = _wanted(deal, shares, _rates(plan_currency, rates), FiscalCalendar(fiscal_start))
    _write(tx, {deal.id: wanted}, {deal.id: credits.of_deal(tx, deal.id)}, today, closed_through, now)


def book_all(
    tx: Transaction,
    given: Sequence[Deal],
    kept: Mapping[str, Sequence[Kept]],
    *,
    plan_currency: str,
    rates: Mapping[tuple[int, str], Decimal],
    fiscal_start: int,
    now: datetime,
    zone: str = "UTC",
) -> list[tuple[Deal, MissingRate]]:
    """`book` for several deals at once, of which `kept` are the living credits. Those whose rate is missing are left
    as they are, and named."""
    fiscal, plan = FiscalCalendar(fiscal_start), _rates(plan_currency, rates)
    winning = [one.id for one in given if _counts(one)]
    shares = deals.shares_of(tx, winning) if winning else {}
    wanted: dict[str, list[Credit]] = {}
    missing: list[tuple[Deal, MissingRate]] = []
    for one in given:
        try:
            wanted[one.id] = _wanted(one, shares.get(one.id, ()), plan, fiscal)
        except MissingRate as problem:
            missing.append((one, problem))
    _write(tx, wanted, kept, day_in(zone, now), None, now)
    return missing


def _write(
    tx: Transaction,
    wanted_of: Mapping[str, list[Credit]],
    kept_of: Mapping[str, Sequence[Kept]],
    today: date,
    closed_through: date | None,
    now: datetime,
) -> None:
    """Make what is kept of these deals what is wanted."""
    closed = closed_through or last_closed(today)
    void: list[Kept] = []
    write: dict[str, list[Credit]] = {}
    for deal, wanted in wanted_of.items():
        kept = kept_of.get(deal, ())
        taken_back = {one.credit.reverses for one in kept}
        standing = [one for one in kept if one.credit.reverses is None and one.id not in taken_back]
        new = [replace(one, day=today) if one.day <= closed else one for one in wanted] if kept else wanted
        if _is_same(standing, new, closed):
            continue
        void += [one for one in standing if one.credit.day > closed]
        write[deal] = [*[_negative(one, today) for one in standing if one.credit.day <= closed], *new]
    credits.void(tx, void, at=now)
    credits.write_all(tx, write, at=now)


def book_for(tx: Transaction, company: Company, deal: Deal, *, now: datetime) -> None:
    """`book` with the company's settings and the plan's rates. Raises MissingRate."""
    years = [FiscalCalendar(company.fiscal_year_start).year_of(deal.closes_on)] if deal.closes_on else []
    book(
        tx,
        deal,
        plan_currency=company.currency,
        rates=targets.rates_of(tx, years),
        fiscal_start=company.fiscal_year_start,
        now=now,
        zone=company.zone,
    )


def check(tx: Transaction, company: Company, deal: Deal) -> None:
    """Raises MissingRate where the deal could not be booked; changes nothing."""
    fiscal = FiscalCalendar(company.fiscal_year_start)
    years = [fiscal.year_of(deal.closes_on)] if deal.closes_on else []
    shares = deals.shares_of_one(tx, deal.id) if _counts(deal) else []
    _wanted(deal, shares, _rates(company.currency, targets.rates_of(tx, years)), fiscal)


def confirm(tx: Transaction, company: Company, deal: Deal, *, by: str | None, now: datetime) -> Deal:
    """A claimed win counts from now on; the deal as it then stands. Raises MissingRate."""
    confirmed = replace(deal, claimed=False)
    deals.change(tx, deal, confirmed, at=now, by=by)
    book_for(tx, company, confirmed, now=now)
    return confirmed


def last_closed(today: date) -> date:
    """The last day that is closed by itself: the day before this month. Fiscal months are the calendar's."""
    return today.replace(day=1) - timedelta(days=1)


def _counts(deal: Deal) -> bool:
    return deal.stage == WON and not deal.claimed and bool(deal.amount_minor) and deal.closes_on is not None


def _rates(plan: str, rates: Mapping[tuple[int, str], Decimal]) -> sums.Rates:
    by_year: dict[int, dict[str, Decimal]] = {}
    for (of, currency), rate in rates.items():
        by_year.setdefault(of, {})[currency] = rate
    return sums.Rates(plan, by_year)


def _wanted(deal: Deal, given: Sequence[Share], rates: sums.Rates, fiscal: FiscalCalendar) -> list[Credit]:
    if not _counts(deal):
        return []
    assert deal.amount_minor is not None
    assert deal.closes_on is not None
    revenue, overlay = _shares(deal, given)
    year, plan = fiscal.year_of(deal.closes_on), rates.currency
    try:
        amount = rates.converted(deal.amount_minor, deal.currency or plan, year)
    except sums.MissingRateError as missing:
        raise MissingRate(currency=missing.currency, plan=plan, year=fiscal.year_in_words(year)) from missing
    # An import may know no person for a deal: then nobody is credited, and overlay shares still are.
    whole = revenue or [sums.Share("", Fraction(1))]
    return [
        Credit(one.person, "overlay" if one.overlay else "revenue", one.day, one.amount, won_on=one.won)
        for one in sums.credits_of(amount, deal.closes_on, whole, overlay)
        if one.person
    ]


def _shares(deal: Deal, given: Sequence[Share]) -> tuple[list[sums.Share], list[sums.Share]]:
    """Revenue and overlay shares; without any of revenue all of it is the owner's."""

    def of(kind: str) -> list[sums.Share]:
        return [sums.Share(one.person, Fraction(one.millionths, deals.WHOLE)) for one in given if one.kind == kind]

    owner = [sums.Share(deal.owner, Fraction(1))] if deal.owner else []
    return of("revenue") or owner, of("overlay")


def _negative(kept: Kept, today: date) -> Credit:
    taken = kept.credit
    return replace(
        taken, day=today, amount_minor=-taken.amount_minor, reverses=kept.id, won_on=taken.won_on or taken.day
    )


def _is_same(standing: Sequence[Kept], wanted: Sequence[Credit], closed: date) -> bool:
    """Nothing to do: the same amounts for the same people, on days that are the same or cannot be changed any more."""
    if len(standing) != len(wanted):
        return False
    have = sorted(standing, key=lambda one: (one.credit.person, one.credit.kind))
    want = sorted(wanted, key=lambda one: (one.person, one.kind))
    return all(_matches(kept.credit, one, closed) for kept, one in zip(have, want, strict=True))


def _matches(have: Credit, want: Credit, closed: date) -> bool:
    if (have.person, have.kind, have.amount_minor) != (want.person, want.kind, want.amount_minor):
        return False
    # A win date that moves from one closed month into another moves nothing between them.
    both_closed = have.day <= closed and want.won_on is not None and want.won_on <= closed
    return have.won_on == want.won_on or both_closed
