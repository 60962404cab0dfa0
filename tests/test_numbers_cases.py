"""The sums, against a table that was worked by hand: tests/cases/numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml

from handlers.numbers import closed, commission, credit, pipeline, ranking, status, units
from handlers.numbers.expectation import expected_over
from handlers.numbers.money import from_minor, to_minor
from handlers.numbers.periods import FiscalCalendar, Length, before, day_in, instants, same_point, year_ago
from handlers.numbers.ramp import RAMP, Carrier
from handlers.numbers.spans import Span, month_of
from handlers.numbers.targets import (
    EVEN,
    Adjustment,
    in_percent,
    month_targets,
    month_weights,
    over,
    parts,
    to_date,
    without_target,
)
from handlers.numbers.working_days import WorkCalendar

TABLE = Path(__file__).parent / "cases" / "numbers"
Given = Mapping[str, Any]

# ---------------------------------------------------------------- reading what is handed in


def minor(text: str, currency: str = "USD") -> int:
    return to_minor(Decimal(text), currency)


def minor_or_none(text: str) -> int | None:
    return None if text == "-" else minor(text)


def money(amount: int | None, currency: str = "USD") -> Decimal | None:
    return None if amount is None else from_minor(amount, currency)


def share(text: str) -> Fraction:
    return Fraction(text.removesuffix("%")) / 100 if text.endswith("%") else Fraction(text)


def day(text: str) -> date | None:
    return None if text == "-" else date.fromisoformat(text)


def span(text: str) -> Span:
    first, last = text.split("..")
    return Span(date.fromisoformat(first), date.fromisoformat(last))


def months(given: Given) -> dict[date, int]:
    return {date.fromisoformat(f"{month}-01"): minor(amount) for month, amount in given["months"].items()}


def work(given: Given) -> WorkCalendar:
    added, removed = (frozenset(map(date.fromisoformat, given.get(key, ()))) for key in ("added", "removed"))
    return WorkCalendar(given.get("country", ""), given.get("subdivision", ""), added, removed)


def carrier(given: Given) -> Carrier:
    ramp = given.get("ramp", ())
    steps = RAMP if ramp == "default" else tuple(map(share, ramp))
    return Carrier(day(given.get("joined", "-")), day(given.get("left", "-")), steps)


def stays(rows: list[list[str]]) -> list[units.Membership]:
    return [units.Membership(unit, date.fromisoformat(first), day(last)) for unit, first, last in rows]


def shares(given: Mapping[str, str]) -> list[credit.Share]:
    return [credit.Share(person, share(part)) for person, part in given.items()]


def open_deals(given: Given) -> list[pipeline.OpenDeal]:
    return [
        pipeline.OpenDeal(
            name,
            None if amount == "-" or amount.isalpha() else minor(amount),
            day(closes),
            share(probability),
            share(part),
            pipeline.Call(call),
            amount if amount.isalpha() else "",
        )
        for name, amount, closes, probability, part, call in given["deals"]
    ]


# ---------------------------------------------------------------- the sums


def year_plan(given: Given) -> dict[date, int]:
    first = date.fromisoformat(given.get("first", "2026-01-01"))
    year = FiscalCalendar(first.month).holding(Length.YEAR, first)
    weights = month_weights([share(weight) for weight in given["weights"]]) if "weights" in given else EVEN
    changes = [
        Adjustment(minor(change["amount"]), date.fromisoformat(change["effective"]), day(change.get("until", "-")))
        for change in given.get("adjustments", ())
    ]
    amount = minor(given["amount"], given.get("currency", "USD"))
    return month_targets(amount, year, weights, carrier(given), changes, work(given))


def year(given: Given) -> Given:
    planned = year_plan(given)
    currency = given.get("currency", "USD")
    by_month = {f"{first:%Y-%m}": money(amount, currency) for first, amount in planned.items()}
    return {"total": money(sum(planned.values()), currency), **by_month}


def target_over(given: Given) -> Given:
    of, days = months(given), span(given["span"])
    return {"target": money(over(of, days, work(given), carrier(given))), "without": without_target(of, days)}


def side_by_side(given: Given) -> Given:
    side = parts(months(given), list(map(span, given["spans"])), work(given), carrier(given))
    return {"parts": [money(part) for part in side]}


def target_to_date(given: Given) -> Given:
    now = date.fromisoformat(given["today"])
    both = to_date(year_plan(given), span(given["span"]), now, work(given), carrier(given))
    return {"to_date": money(both.to_date), "full": money(both.full)}


def split_by_unit(given: Given) -> Given:
    cut = units.by_unit(months(given), stays(given["stays"]), carrier(given), work(given))
    return {
        unit or "-": {f"{first:%Y-%m}": money(amount) for first, amount in part.items()} for unit, part in cut.items()
    }


def tree(given: Given) -> units.Unit:
    month = date(2026, 11, 1)
    return units.Unit(
        "a unit",
        {month: minor(given["own"])} if "own" in given else {},
        [{month: minor(amount)} for amount in given.get("members", ())],
        [tree(child) for child in given.get("children", ())],
    )


def unit(given: Given) -> Given:
    whole = tree(given["unit"])
    target, assigned = (
        over(of, month_of(date(2026, 11, 1))) for of in (units.unit_targets(whole), units.assigned(whole))
    )
    return {"target": money(target), "assigned": money(assigned), "over": units.over_assignment(assigned, target)}


def stands(given: Given) -> Given:
    limits = status.Limits(**{name: share(limit) for name, limit in given.get("limits", {}).items()})
    found = status.status(
        minor(given["credited"]),
        months(given),
        span(given["span"]),
        date.fromisoformat(given["today"]),
        work(given),
        list(map(span, given.get("leave", ()))),
        limits,
        carrier(given),
    )
    as_money = ("target", "gap", "surplus", "expected", "projected", "needed", "needed_a_week")
    others = ("attainment", "no_attainment", "days", "completed", "pace", "no_pace", "standing", "ended")
    return {
        **{name: money(getattr(found, name)) for name in as_money},
        **{name: getattr(found, name) for name in others},
    }


def expectation(given: Given) -> Given:
    today, leave = date.fromisoformat(given["today"]), list(map(span, given.get("leave", ())))
    found = expected_over(int(given["a_week"]), span(given["span"]), today, work(given), leave)
    return {"week": found.week, "so_far": found.so_far}


def working_days(given: Given) -> Given:
    return {"days": work(given).count(span(given["span"]))}


def fiscal(given: Given) -> FiscalCalendar:
    return FiscalCalendar(int(given.get("starts_in", "1")), given.get("named_by_end", "yes") == "yes")


def period(given: Given) -> Given:
    found = fiscal(given).holding(Length(given["length"]), date.fromisoformat(given["day"]))
    return {"span": found, "words": fiscal(given).words(found), "before": before(found), "year_ago": year_ago(found)}


def any_span(given: Given) -> Given:
    found = span(given["span"])
    return {"words": FiscalCalendar().words(found), "before": before(found), "year_ago": year_ago(found)}


def point(given: Given) -> Given:
    return {"span": same_point(span(given["span"]), date.fromisoformat(given["today"]), span(given["other"]))}


def day_of(given: Given) -> Given:
    found = day_in(given["zone"], datetime.fromisoformat(given["instant"]))
    return {"day": found, "words": fiscal(given).words(fiscal(given).holding(Length.QUARTER, found))}


def begins_and_ends(given: Given) -> Given:
    begins, ends = instants(span(given["span"]), given["zone"])
    return {"begins": begins.isoformat(), "ends": ends.isoformat()}


def won(given: Given) -> list[credit.Credit]:
    plan = given.get("plan", "USD")
    by_year = given.get("rates_by_year", {"2026": given.get("rates", {})})
    rates = credit.Rates(
        plan, {int(name): {code: Decimal(rate) for code, rate in of.items()} for name, of in by_year.items()}
    )
    currency = given.get("currency", plan)
    return credit.won_credits(
        minor(given["amount"], currency),
        currency,
        date.fromisoformat(given.get("won", "2026-11-18")),
        shares(given["shares"]),
        rates,
        fiscal(given),
        shares(given.get("overlay", {})),
    )


def credits_of(given: Given) -> Given:
    plan = given.get("plan", "USD")
    return {f"{one.person} (overlay)" if one.overlay else one.person: money(one.amount, plan) for one in won(given)}


def reversal(given: Given) -> Given:
    through = day(given.get("closed_through", "-"))
    credited = won(given)
    added = credit.reversal(credited, date.fromisoformat(given["reversed"]), through)
    return {
        "voided": all(credit.is_voided(one, through) for one in credited),
        "adds": {one.person: [money(one.amount), one.day] for one in added},
    }


def unit_credit(given: Given) -> Given:
    credited = []
    for deal in given["deals"]:
        credited += won(deal)
        if "reversed" in deal:
            undone = date.fromisoformat(deal["reversed"])
            credited += credit.reversal(won(deal), undone, day(given["closed_through"]))
    memberships = {person: stays(rows) for person, rows in given["stays"].items()}
    names = {one.unit for of in memberships.values() for one in of}

    def sold(name: str) -> int:
        return credit.unit_credit(
            credited, lambda person, on: units.unit_on(memberships[person], on) == name, span(given["span"])
        )

    return {name: money(sold(name)) for name in names}


def left_out(found: tuple[pipeline.LeftOut, ...]) -> list[str]:
    return [f"{one.deal.name}: {', '.join(one.reasons)}" for one in found]


def today(given: Given) -> date:
    return date.fromisoformat(given.get("today", "2026-11-18"))


def weighted(given: Given) -> Given:
    found = pipeline.weighted(minor(given["credited"]), open_deals(given), span(given["span"]), today(given))
    return {"total": money(found.total), "open": money(found.open), "left_out": left_out(found.left_out)}


def coverage(given: Given) -> Given:
    found = pipeline.coverage(minor_or_none(given["gap"]), open_deals(given), span(given["span"]), today(given))
    pipe = money(found.pipeline)
    return {"pipeline": pipe, "ratio": found.ratio, "met": found.met, "left_out": left_out(found.left_out)}


def called(given: Given) -> Given:
    found = pipeline.called(minor(given["credited"]), open_deals(given), span(given["span"]), today(given))
    return {name: money(getattr(found, name)) for name in ("closed", "commit", "best_case", "all_open")}


def closed_deals(given: Given) -> Given:
    deals = [
        closed.ClosedDeal(how == "won", minor_or_none(amount), date.fromisoformat(on), day(created))
        for how, amount, created, on in given["closed"]
    ]
    rate, average, cycle = closed.win_rate(deals), closed.average_deal(deals), closed.cycle(deals)
    return {
        "win_rate": rate.by_count,
        "by_value": rate.by_value,
        "average": money(average),
        "cycle": cycle,
        "velocity": money(closed.velocity(int(given["open"]), rate.by_count, average, cycle)),
    }


def ranked(given: Given) -> Given:
    values = [(name, None if value == "-" else Fraction(value)) for name, value in given["values"].items()]
    places = ranking.ranked(values, worst_first=given.get("worst_first") == "yes")
    return {"order": [f"{place.rank or '-'} {place.key}" for place in places]}


def behind(given: Given) -> Given:
    rows = [
        (name, None if where == "-" else status.Standing(where), minor_or_none(target), minor(forecast))
        for name, where, target, forecast in given["rows"]
    ]
    return {"order": [f"{one.key} {money(one.shortfall)}" for one in ranking.behind(rows)]}


def change(given: Given) -> Given:
    found = ranking.change(minor(given["now"]), minor(given["then"]))
    return {"amount": money(found.amount), "share": found.share}


def plan_of(given: Given) -> commission.Plan:
    by_target = given.get("of_target") == "yes"

    def limit(text: str) -> Fraction:
        return share(text) if by_target else Fraction(minor(text, given.get("currency", "USD")))

    return commission.Plan(
        [commission.Tier(limit(start), share(rate)) for start, rate in given["tiers"]],
        of_target=by_target,
        retroactive=given.get("retroactive") == "yes",
        base=share(given["base"]) if "base" in given else None,
        cap=minor(given["cap"]) if "cap" in given else None,
    )


def estimate(given: Given) -> Given:
    currency = given.get("currency", "USD")
    found = commission.estimate(
        plan_of(given), minor(given["credited"], currency), minor_or_none(given.get("target", "-"))
    )
    lines = [
        f"{money(line.sales, currency)} × {in_percent(line.rate)} = {money(line.amount, currency)} {line.kind}"
        for line in found.lines
    ]
    return {
        "amount": money(found.amount, currency),
        "uncapped": money(found.uncapped, currency),
        "capped": found.capped,
        "lines": lines,
    }


def worth(given: Given) -> Given:
    found = commission.worth(plan_of(given), minor(given["credited"]), minor(given["deal"]), share(given["share"]))
    return {"amount": money(found.amount), "credit": money(found.credit)}


SUMS: dict[str, Callable[[Given], Given]] = {
    "year": year,
    "over": target_over,
    "parts": side_by_side,
    "to_date": target_to_date,
    "by_unit": split_by_unit,
    "unit": unit,
    "status": stands,
    "expectation": expectation,
    "working_days": working_days,
    "period": period,
    "span": any_span,
    "same_point": point,
    "day": day_of,
    "instants": begins_and_ends,
    "credits": credits_of,
    "reversal": reversal,
    "unit_credit": unit_credit,
    "weighted": weighted,
    "coverage": coverage,
    "called": called,
    "closed": closed_deals,
    "ranked": ranked,
    "by_amount": lambda given: {"by_amount": ranking.by_amount(map(minor_or_none, given["targets"]))},
    "change": change,
    "improvement": lambda given: {"points": ranking.improvement(share(given["now"]), share(given["then"]))},
    "behind": behind,
    "estimate": estimate,
    "worth": worth,
    "base_rate": lambda given: {"rate": commission.base_rate(minor(given["variable"]), minor(given["target"]))},
}

# ---------------------------------------------------------------- holding them to the table


def read(expected: Any, actual: Any) -> Any:
    """What the table says, as the kind of value that came out."""
    match actual:
        case dict():
            return {name: read(expected.get(name), value) for name, value in actual.items()}
        case list() if len(actual) == len(expected):
            return [read(said, value) for said, value in zip(expected, actual, strict=True)]
        case None:
            return None if expected == "-" else expected
        case bool():
            return expected == "yes"
        case int():
            return int(expected) if expected != "-" else None
        case Decimal():
            return Decimal(expected) if expected not in ("-", None) else None
        case Fraction():
            return share(expected) if expected != "-" else None
        case Span():
            return span(expected)
        case date():
            return date.fromisoformat(expected)
    return expected


def table() -> list[Any]:
    rows = []
    for path in sorted(TABLE.glob("*.yaml")):
        # Every value is read as the text that stands there: an amount must never become a float on the way in.
        for row in yaml.load(path.read_text("utf-8"), yaml.BaseLoader):
            rows.append(pytest.param(row, id=f"{path.stem}: {row['name']}"))
    return rows


@pytest.mark.parametrize("row", table())
def test_sum_worked_by_hand(row: Given) -> None:
    expected = row["expect"]
    if "error" in expected:
        with pytest.raises(ValueError) as raised:
            SUMS[row["sum"]](row["given"])
        assert str(raised.value) == expected["error"], row["why"]
        return
    actual = SUMS[row["sum"]](row["given"])
    # What is handed back in groups (a unit's months) is held whole; single figures as far as the row names them.
    whole = row["sum"] in ("by_unit", "credits")
    found = actual if whole else {name: actual[name] for name in expected}
    assert set(found) == set(expected), row["why"]
    assert found == {name: read(expected[name], value) for name, value in found.items()}, row["why"]


def test_table_is_as_long_as_promised() -> None:
    rows = [param.values[0] for param in table()]
    assert len(rows) >= 80
    assert all(row["why"] for row in rows)
    assert len({row["name"] for row in rows if row["sum"] == "year"}) == sum(row["sum"] == "year" for row in rows)
