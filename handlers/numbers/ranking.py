"""Who is first: places with ties, what is compared, and the order of those behind (GLOSSARY: *ranking*, *status*)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from operator import itemgetter
from typing import Generic, TypeVar

import msgspec

from handlers.numbers.status import Standing

K = TypeVar("K")


class Place(msgspec.Struct, Generic[K], frozen=True):
    """`rank` None: unranked, for want of a value (no target, target 0)."""

    key: K
    value: Fraction | int | None
    rank: int | None


def ranked(values: Iterable[tuple[K, Fraction | int | None]], worst_first: bool = False) -> list[Place[K]]:
    """Highest first; equal values share a rank and the next one is skipped: 1, 2, 2, 4. No value: unranked, at the end.

    Ties keep the order in which they are handed in. `worst_first` turns the list round ("bottom five"), not the ranks.
    """
    given = list(values)
    known = [(value, key) for key, value in given if value is not None]
    known.sort(key=itemgetter(0), reverse=True)
    places: list[Place[K]] = []
    before, rank = None, 0
    for at, (value, key) in enumerate(known, 1):
        if value != before:
            before, rank = value, at
        places.append(Place(key, value, rank))
    if worst_first:
        places.sort(key=lambda place: -(place.rank or 0))
    if len(places) < len(given):
        places += [Place(key, None, None) for key, value in given if value is None]
    return places


def in_order(part: int, whole: int) -> int:
    """A number in the order of part ÷ whole, and equal only where that is: it compares ten times as fast as a fraction.

    Two fractions with denominators under 2⁶⁴ lie at least 2⁻¹²⁸ apart. `whole` is above 0.
    """
    return (part << 130) // whole


def by_amount(targets: Iterable[int | None]) -> bool:
    """What a ranking goes by when nobody said: by attainment when targets differ, else by amount.

    Equal targets give the same order either way; nobody with a target above 0 leaves only the amount.
    """
    return len({target for target in targets if target is not None and target > 0}) < 2


@dataclass(frozen=True, slots=True)
class Change:
    """`amount` = now − then, in minor units; `share` of then, None where then is 0 or less."""

    amount: int
    share: Fraction | None


def change(now: int, then: int) -> Change:
    """What became of a figure, both at the same point of their spans (`periods.same_point`)."""
    return Change(now - then, Fraction(now - then, then) if then > 0 else None)


def improvement(now: Fraction | None, then: Fraction | None) -> Fraction | None:
    """What "most improved" ranks by: attainment now − attainment then, in points. None without a target in both.

    Points, not per cent of the amount: from a small base a little looks like much.
    """
    return None if now is None or then is None else now - then


@dataclass(frozen=True, slots=True)
class Behind(Generic[K]):
    """Somebody behind or at risk. `shortfall` = target − weighted forecast; 0 or less: open deals would fill it."""

    key: K
    standing: Standing
    shortfall: int


def behind(rows: Sequence[tuple[K, Standing | None, int | None, int]]) -> list[Behind[K]]:
    """Who is behind (at risk included), of rows of key, standing, target and weighted forecast.

    Ordered by the shortfall of the weighted forecast, largest first, since run-rate alone is unfair to few large deals.
    """
    found = [
        Behind(key, standing, target - forecast)
        for key, standing, target, forecast in rows
        if standing is not None and standing.is_behind and target is not None
    ]
    return sorted(found, key=lambda one: -one.shortfall)
