"""What holds for every sum, whatever the numbers: parts add up, nothing is lost between them, more is never less."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from handlers.numbers.commission import Plan, PlanError, Tier, estimate, worth
from handlers.numbers.credit import Rates, Share, credited, credits_of, reversal, unit_credit
from handlers.numbers.periods import FiscalCalendar, Length, before, day_in, instants, same_point, so_far, year_ago
from handlers.numbers.pipeline import Call, OpenDeal, called, closing, coverage, weighted
from handlers.numbers.ramp import RAMP, Carrier
from handlers.numbers.ranking import ranked
from handlers.numbers.shares import cut, half_up, rounded
from handlers.numbers.spans import DAY, Span
from handlers.numbers.status import Unknown, expected_by_now, status
from handlers.numbers.targets import Adjustment, exact, month_targets, over, parts
from handlers.numbers.units import Membership, Unit, assigned, by_unit, unit_on, unit_targets
from handlers.numbers.working_days import WorkCalendar, completed, is_working_day, working_days

QUICK = settings(max_examples=20, deadline=None)

amounts = st.integers(0, 10**12)
signed = st.integers(-(10**12), 10**12)
fractions = st.fractions(-(10**6), 10**6, max_denominator=10**4)
days = st.dates(date(2024, 1, 1), date(2029, 12, 31))
spans = st.tuples(days, st.integers(0, 500)).map(lambda pair: Span(pair[0], pair[0] + timedelta(days=pair[1])))
calendars = st.builds(
    WorkCalendar,
    st.sampled_from(["", "US", "DE", "GB", "JP", "IN"]),
    st.just(""),
    st.frozensets(days, max_size=4),
    st.frozensets(days, max_size=4),
)
fiscal = st.builds(FiscalCalendar, st.integers(1, 12), st.booleans())
weights = (
    st.lists(st.integers(0, 100), min_size=12, max_size=12)
    .filter(any)
    .map(lambda parts: [Fraction(part, sum(parts)) for part in parts])
)
YEAR = Span(date(2026, 2, 1), date(2027, 1, 31))
in_year = st.dates(YEAR.first, YEAR.last)
years = st.dictionaries(in_year.map(lambda day: day.replace(day=1)), amounts, min_size=1, max_size=12)


def cut_up(whole: Span, inner: list[date]) -> list[Span]:
    """The span cut before each of those days."""
    edges = [whole.first, *sorted({day for day in inner if whole.first < day <= whole.last})]
    ends = [*(edge - DAY for edge in edges[1:]), whole.last]
    return [Span(first, last) for first, last in zip(edges, ends, strict=True)]


# ---------------------------------------------------------------- shares


@QUICK
@given(signed, st.lists(st.integers(0, 1000), min_size=1, max_size=20).filter(any))
def test_cut_adds_up_and_is_fair(total: int, weights: list[int]) -> None:
    parts = cut(total, weights)
    assert sum(parts) == total
    assert all(
        abs(part - Fraction(total * weight, sum(weights))) < 1 for part, weight in zip(parts, weights, strict=True)
    )
    assert all(not part for part, weight in zip(parts, weights, strict=True) if not weight)
    assert cut(-total, weights) == [-part for part in parts]


@QUICK
@given(st.lists(fractions, max_size=20))
def test_rounded_parts_are_the_rounded_sum(exact_parts: list[Fraction]) -> None:
    parts = rounded(exact_parts)
    assert sum(parts) == half_up(sum(exact_parts, Fraction(0)))
    assert all(abs(part - of) < 1 for part, of in zip(parts, exact_parts, strict=True))


@QUICK
@given(st.decimals(-(10**6), 10**6, places=4))
def test_half_up_is_decimals_half_up(amount: Decimal) -> None:
    assert half_up(Fraction(amount)) == int(amount.to_integral_value(ROUND_HALF_UP))


@pytest.mark.parametrize("weights", [[], [0, 0], [2, -1]])
def test_cut_refuses(weights: list[int]) -> None:
    with pytest.raises(ValueError):
        cut(100, weights)


# ---------------------------------------------------------------- days and periods


@QUICK
@given(spans, calendars, st.lists(spans, max_size=3))
def test_working_days_are_counted_day_by_day(span: Span, calendar: WorkCalendar, leave: list[Span]) -> None:
    each = [span.first + timedelta(days=n) for n in range(span.days)]
    here = [day for day in each if calendar.works(day) and not any(day in absence for absence in leave)]
    assert calendar.count(span, leave) == len(here)
    today = span.first + timedelta(days=span.days // 2)
    assert completed(span, today, calendar, leave) == sum(day < today for day in here)


@QUICK
@given(spans)
def test_the_old_interface_agrees(span: Span) -> None:
    each = [span.first + timedelta(days=n) for n in range(span.days)]
    assert working_days(span.first, span.last, "US", "NY") == sum(is_working_day(day, "US", "NY") for day in each)
    assert working_days(span.last, span.first - DAY, "US") == 0


@QUICK
@given(fiscal, days, st.sampled_from(list(Length)))
def test_periods_tile_time(calendar: FiscalCalendar, day: date, length: Length) -> None:
    period = calendar.holding(length, day)
    assert day in period
    assert period.whole_months == length.months
    assert calendar.holding(length, period.last + DAY).first == period.last + DAY
    assert before(period) == calendar.holding(length, period.first - DAY)
    assert year_ago(period) == calendar.part(length, *year_and_part(calendar, period, -1))
    found = calendar.number(period)
    assert found
    assert calendar.part(*found) == period
    year = calendar.year(calendar.year_of(day))
    assert calendar.year_of(day) == (year.last.year if calendar.named_by_end else year.first.year)


def year_and_part(calendar: FiscalCalendar, period: Span, years: int) -> tuple[int, int]:
    found = calendar.number(period)
    assert found
    return found[1] + years, found[2]


@QUICK
@given(fiscal, days, st.sampled_from(list(Length)), st.integers(1, 8))
def test_same_point_lies_at_the_start_of_the_other(
    calendar: FiscalCalendar, today: date, length: Length, back: int
) -> None:
    period = other = calendar.holding(length, today)
    for _ in range(back):
        other = before(other)
    point = same_point(period, today, other)
    assert point.first == other.first
    assert point.last in other
    assert (point == other) or today < period.last
    assert same_point(period, today, period) == so_far(period, today)


@QUICK
@given(fiscal, days, st.sampled_from(["America/New_York", "Europe/Berlin", "Asia/Kathmandu", "Pacific/Auckland"]))
def test_a_period_begins_and_ends_in_the_companys_zone(calendar: FiscalCalendar, day: date, zone: str) -> None:
    period = calendar.holding(Length.QUARTER, day)
    begins, ends = instants(period, zone)
    second = timedelta(seconds=1)
    assert day_in(zone, begins) == period.first
    assert day_in(zone, begins - second) == period.first - DAY
    assert day_in(zone, ends - second) == period.last
    assert day_in(zone, ends) == period.last + DAY
    assert begins.tzinfo is UTC


def test_a_day_needs_a_zone() -> None:
    with pytest.raises(ValueError):
        day_in("Europe/Berlin", datetime(2026, 11, 18, 10))  # noqa: DTZ001


# ---------------------------------------------------------------- targets


@QUICK
@given(amounts, weights)
def test_months_are_the_year(amount: int, weights: list[Fraction]) -> None:
    months = month_targets(amount, YEAR, weights)
    assert sum(months.values()) == amount == over(months, YEAR)
    assert all(abs(part - amount * weight) < 1 for part, weight in zip(months.values(), weights, strict=True))
    quarters = [(sum([*months.values()][at : at + 3]), amount * sum(weights[at : at + 3])) for at in (0, 3, 6, 9)]
    assert all(abs(whole - share) < 1 for whole, share in quarters)
    assert [whole for whole, share in quarters if share == int(share)] == [s for _, s in quarters if s == int(s)]


changes = st.lists(
    st.tuples(signed, in_year, st.none() | in_year)
    .filter(lambda change: change[2] is None or change[1] <= change[2])
    .map(lambda change: Adjustment(*change)),
    max_size=4,
)
carriers = st.builds(
    Carrier,
    st.none() | st.dates(YEAR.first, date(2026, 9, 30)),
    st.none() | st.dates(date(2026, 10, 1), YEAR.last),
    st.sampled_from([(), RAMP]),
)


@QUICK
@given(amounts, weights, carriers, changes, calendars)
def test_months_are_the_year_with_its_adjustments(
    amount: int, weights: list[Fraction], carrier: Carrier, adjustments: list[Adjustment], calendar: WorkCalendar
) -> None:
    without = month_targets(amount, YEAR, weights, carrier, (), calendar)
    months = month_targets(amount, YEAR, weights, carrier, adjustments, calendar)
    assert sum(without.values()) <= amount
    assert sum(months.values()) == sum(without.values()) + sum(change.amount for change in adjustments)
    earliest = min((change.effective for change in adjustments), default=YEAR.last + DAY)
    assert all(months[first] == without[first] for first in months if first < earliest.replace(day=1))


@QUICK
@given(years, spans, st.lists(days, max_size=12), calendars, carriers)
def test_spans_that_partition_add_up(
    months: dict[date, int], whole: Span, inner: list[date], calendar: WorkCalendar, carrier: Carrier
) -> None:
    pieces = cut_up(whole, inner)
    target = exact(months, whole, calendar, carrier)
    assert (target or 0) == sum(exact(months, piece, calendar, carrier) or 0 for piece in pieces)
    shown = parts(months, pieces, calendar, carrier)
    assert sum(shown) == (over(months, whole, calendar, carrier) or 0)
    assert all(
        abs(part - (exact(months, piece, calendar, carrier) or 0)) < 1
        for part, piece in zip(shown, pieces, strict=True)
    )


@QUICK
@given(amounts, weights, st.lists(in_year, max_size=15), calendars)
def test_spans_that_partition_a_year_are_the_year(
    amount: int, weights: list[Fraction], inner: list[date], calendar: WorkCalendar
) -> None:
    months = month_targets(amount, YEAR, weights)
    assert sum(parts(months, cut_up(YEAR, inner), calendar)) == amount


def test_a_month_in_which_the_company_is_closed_goes_by_calendar_days() -> None:
    august = Span(date(2026, 8, 1), date(2026, 8, 31))
    closed = WorkCalendar(added=frozenset(august.first + timedelta(days=n) for n in range(31)))
    assert over({august.first: 3100}, Span(date(2026, 8, 10), date(2026, 8, 14)), closed) == 500
    stays = [Membership("A", date(2026, 1, 1), date(2026, 8, 20)), Membership("B", date(2026, 8, 21))]
    assert by_unit({august.first: 3100}, stays, calendar=closed) == {
        "A": {august.first: 2000},
        "B": {august.first: 1100},
    }
    away = Carrier(left=date(2026, 8, 10))
    plan = month_targets(12 * 3100, Span(date(2026, 1, 1), date(2026, 12, 31)), carrier=away, calendar=closed)
    assert plan[august.first] == 1000


# ---------------------------------------------------------------- units


@st.composite
def memberships(draw: st.DrawFn) -> list[Membership]:
    """Up to four stays, some with days in no unit between them, the last one open."""
    first, found = draw(in_year), []
    for _ in range(draw(st.integers(0, 3))):
        last = first + timedelta(days=draw(st.integers(0, 90)))
        found.append(Membership(draw(st.sampled_from("ABC")), first, last))
        first = last + timedelta(days=draw(st.integers(1, 20)))
    return [*found, Membership("D", first)]


@QUICK
@given(st.dictionaries(in_year.map(lambda day: day.replace(day=1)), signed), memberships(), carriers, calendars)
def test_a_persons_months_are_what_they_count_for_in_units(
    months: dict[date, int], stays: list[Membership], carrier: Carrier, calendar: WorkCalendar
) -> None:
    split = by_unit(months, stays, carrier, calendar)
    for first, amount in months.items():
        assert sum(part.get(first, 0) for part in split.values()) == amount
    backwards = by_unit(months, stays[::-1], carrier, calendar)
    assert backwards == split


trees = st.recursive(
    st.builds(Unit, st.just("leaf"), st.just({}), st.lists(years, max_size=3)),
    lambda inner: st.builds(
        Unit, st.just("node"), st.just({}), st.lists(years, max_size=2), st.lists(inner, max_size=3)
    ),
    max_leaves=6,
)


@QUICK
@given(trees, years)
def test_a_unit_is_the_sum_of_what_is_below(tree: Unit, own: dict[date, int]) -> None:
    def persons(unit: Unit) -> list[int]:
        found = [sum(months.values()) for months in unit.members]
        return found + [amount for child in unit.children for amount in persons(child)]

    assert sum(unit_targets(tree).values()) == sum(persons(tree)) == sum(assigned(tree).values())
    with_own = Unit("top", own, [], [tree])
    assert {first: unit_targets(with_own)[first] for first in own} == own
    assert sum(assigned(with_own).values()) == sum(persons(tree))


# ---------------------------------------------------------------- credit

people = st.lists(st.integers(1, 100), min_size=1, max_size=6).map(
    lambda parts: [Share(f"P{at}", Fraction(part, sum(parts))) for at, part in enumerate(parts)]
)
WON = date(2026, 5, 20)


@QUICK
@given(amounts, people, st.sampled_from(["EUR", "JPY", "KWD"]), st.decimals("0.0001", "200", places=4))
def test_credits_are_the_deal(amount: int, shares: list[Share], currency: str, rate: Decimal) -> None:
    rates = Rates("USD", {2026: {currency: rate}})
    converted = rates.converted(amount, currency, 2026)
    credits = credits_of(converted, WON, shares, [Share("overlay", Fraction(1, 2))])
    everything = Span(WON, WON)
    assert credited(credits, everything) == converted
    assert credited(credits, everything, overlay=True) == converted + half_up(Fraction(converted, 2))
    undone = reversal(credits, WON + DAY, closed_through=WON)
    assert credited([*credits, *undone], Span(WON, WON + DAY), overlay=True) == 0


@QUICK
@given(st.lists(st.tuples(amounts, people, in_year), max_size=6), st.lists(memberships(), min_size=6, max_size=6))
def test_units_share_out_all_that_was_sold(
    deals: list[tuple[int, list[Share], date]], stays: list[list[Membership]]
) -> None:
    credits = [credit for amount, shares, won in deals for credit in credits_of(amount, won, shares)]

    def unit_of(person: str, day: date) -> str | None:
        return unit_on(stays[int(person[1:])], day)

    units = [
        unit_credit(credits, lambda person, day, name=name: unit_of(person, day) == name, YEAR)
        for name in (*"ABCD", None)
    ]
    assert sum(units) == sum(amount for amount, _, _ in deals)


# ---------------------------------------------------------------- status


@QUICK
@given(years, in_year, signed, calendars, st.lists(spans, max_size=2))
def test_status_holds_together(
    months: dict[date, int], today: date, sold: int, calendar: WorkCalendar, leave: list[Span]
) -> None:
    found = status(sold, months, YEAR, today, calendar, leave)
    assert found.target == over(months, YEAR, calendar)
    assert found.target is not None
    assert found.gap is not None
    assert found.surplus is not None
    assert sold - found.target == found.surplus - found.gap
    assert min(found.gap, found.surplus) == 0
    assert (found.pace is None) == (found.no_pace is not None) == (found.standing is None) == (found.projected is None)
    assert (found.attainment is None) == (found.no_attainment is Unknown.TARGET_0) == (found.target == 0)
    if found.needed is not None and found.days_left:
        assert abs(found.needed * found.days_left - found.gap) <= Fraction(found.days_left, 2)


@QUICK
@given(years, calendars, st.lists(spans, max_size=2))
def test_what_is_expected_only_grows_up_to_the_target(
    months: dict[date, int], calendar: WorkCalendar, leave: list[Span]
) -> None:
    every = [YEAR.first + timedelta(days=n) for n in range(0, YEAR.days + 2, 3)] + [YEAR.last + DAY]
    so_far = [expected_by_now(months, YEAR, day, calendar, leave) for day in every]
    assert so_far == sorted(so_far)
    assert so_far[0] == 0
    assert so_far[-1] == exact(months, YEAR, calendar)


# ---------------------------------------------------------------- pipeline

open_deals = st.lists(
    st.builds(
        OpenDeal,
        st.text("abc", min_size=1, max_size=3),
        st.none() | amounts,
        st.none() | st.dates(date(2026, 1, 1), date(2027, 6, 30)),
        st.sampled_from([Fraction(1, 10), Fraction(1, 2), Fraction(3, 4), Fraction(1)]),
        st.sampled_from([Fraction(1), Fraction(1, 2), Fraction(1, 3)]),
        st.sampled_from(list(Call)),
    ),
    max_size=8,
)


@QUICK
@given(open_deals, in_year, amounts)
def test_forecasts_lie_within_one_another(deals: list[OpenDeal], today: date, sold: int) -> None:
    calls = called(sold, deals, YEAR, today)
    assert calls.closed <= calls.commit <= calls.best_case <= calls.all_open
    assert sold <= weighted(sold, deals, YEAR, today).total <= calls.all_open
    assert calls.all_open == sold + coverage(1, deals, YEAR, today).pipeline
    found = closing(deals, YEAR, today)
    elsewhere = [deal for deal in deals if deal.closes and deal.closes > YEAR.last]
    assert len(found.deals) + len(found.left_out) + len(elsewhere) == len(deals)


# ---------------------------------------------------------------- ranking


@QUICK
@given(st.lists(st.none() | st.integers(-3, 3), max_size=12))
def test_a_rank_is_one_more_than_those_ahead(values: list[int | None]) -> None:
    places = ranked(enumerate(values))
    known = [value for value in values if value is not None]
    assert sorted(place.key for place in places) == list(range(len(values)))
    for place in places:
        ahead = None if place.value is None else 1 + sum(value > place.value for value in known)
        assert place.rank == ahead
    worst = [place.rank or 0 for place in ranked(enumerate(values), worst_first=True)]
    assert worst == [*sorted(worst[: len(known)], reverse=True), *[0] * (len(values) - len(known))]


# ---------------------------------------------------------------- commission


@st.composite
def plans(draw: st.DrawFn, retroactive: bool = False) -> Plan:
    rises = draw(st.lists(st.integers(1, 10**8), max_size=4))
    rates = draw(st.lists(st.fractions(0, 1, max_denominator=1000), min_size=5, max_size=5))
    cap = draw(st.none() | st.integers(0, 10**8))
    starts = [sum(rises[:at]) for at in range(len(rises) + 1)]
    tiers = [Tier(Fraction(start), rate) for start, rate in zip(starts, rates, strict=False)]
    return Plan(tiers, retroactive=retroactive, cap=cap)


sales = st.integers(0, 5 * 10**8)


@QUICK
@given(plans(), sales, sales)
def test_marginal_commission_never_falls(plan: Plan, less: int, more: int) -> None:
    assume(less <= more)
    low, high = estimate(plan, less), estimate(plan, more)
    assert 0 <= low.amount <= high.amount
    top = max(tier.rate for tier in plan.tiers)
    assert high.amount - low.amount <= top * (more - less) + 1


@QUICK
@given(st.one_of(plans(), plans(retroactive=True)), sales)
def test_an_estimates_lines_are_the_estimate(plan: Plan, sold: int) -> None:
    found = estimate(plan, sold)
    assert sum(line.amount for line in found.lines) == found.uncapped
    assert sum(line.sales for line in found.lines) == sold
    assert found.amount == (found.uncapped if plan.cap is None else min(found.uncapped, plan.cap))
    assert len(found.lines) <= (1 if plan.retroactive else len(plan.tiers))


@QUICK
@given(plans(), sales, st.lists(sales, max_size=4))
def test_deals_are_worth_together_what_they_are_worth_one_by_one(plan: Plan, sold: int, deals: list[int]) -> None:
    one_by_one, at = 0, sold
    for deal in deals:
        one_by_one += worth(plan, at, deal).amount
        at += deal
    assert one_by_one == worth(plan, sold, sum(deals)).amount


@pytest.mark.parametrize(
    ("tiers", "cap"),
    [([], None), ([Tier(Fraction(0), Fraction(-1))], None), ([Tier(Fraction(0), Fraction(1))], -1)],
)
def test_a_plan_that_cannot_be_computed_with_is_refused(tiers: list[Tier], cap: int | None) -> None:
    with pytest.raises(PlanError):
        Plan(tiers, cap=cap)
