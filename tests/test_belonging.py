"""Of which unit somebody is a member, day by day: what they sell in, else what they lead; never two."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from handlers.figures.belonging import belongs_to
from handlers.numbers.units import Membership
from storage.units import Unit

NEW_YEAR = date(2026, 1, 1)
UNITS = {
    name: Unit(name, name.title(), kind, parent)
    for name, kind, parent in (
        ("all", "company", None),
        ("emea", "region", "all"),
        ("dach", "team", "emea"),
        ("uki", "team", "emea"),
    )
}


def of(unit: str, first: int = 0, last: int | None = None) -> Membership:
    return Membership(unit, NEW_YEAR + timedelta(first), None if last is None else NEW_YEAR + timedelta(last))


def test_who_leads_is_a_member_where_they_sell_nowhere() -> None:
    assert belongs_to([], [of("dach")], UNITS) == (of("dach"),)
    assert belongs_to([of("uki")], [of("emea")], UNITS) == (of("uki"),)


def test_promoted_and_back() -> None:
    sold, led = [of("dach", 0, 99), of("dach", 200)], [of("dach", 100, 250)]
    assert belongs_to(sold, led, UNITS) == (of("dach", 0, 99), of("dach", 100, 199), of("dach", 200))


def test_of_several_led_the_smallest_and_the_longest_led() -> None:
    led = [of("all", 0), of("uki", 30, 59), of("dach", 10, 49)]
    assert belongs_to([], led, UNITS) == (of("all", 0, 9), of("dach", 10, 49), of("uki", 50, 59), of("all", 60))


spans = st.tuples(st.sampled_from(sorted(UNITS)), st.integers(0, 40), st.none() | st.integers(0, 30)).map(
    lambda of_: of(of_[0], of_[1], None if of_[2] is None else of_[1] + of_[2])
)


@given(st.lists(spans, max_size=5))
def test_every_day_led_is_a_day_of_one_unit(leads: list[Membership]) -> None:
    found = belongs_to([], leads, UNITS)
    for day in (NEW_YEAR + timedelta(n) for n in range(90)):
        assert sum(one.holds(day) for one in found) == any(one.holds(day) for one in leads)
