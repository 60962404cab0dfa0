"""Cutting whole minor units into parts that add up, and the one way in which a sum is rounded."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import lcm


def half_up(amount: Fraction) -> int:
    """Rounded to a whole number; a half goes away from zero, so that a reversal is the exact mirror of its win."""
    size = (2 * abs(amount.numerator) + amount.denominator) // (2 * amount.denominator)
    return size if amount >= 0 else -size


def rounded(exact: Sequence[Fraction]) -> list[int]:
    """Each part whole, their sum the rounded sum of the exact parts.

    By largest remainder, ties to the first (GLOSSARY: *Targets over any span*).
    """
    by, over = _over_one(exact)
    return _made_whole(over, by, half_up(Fraction(sum(over), by)))


def rounded_by_group(exact: Sequence[Fraction], groups: Sequence[int]) -> list[int]:
    """The same, the sums of the groups first and the parts of each then; `groups` says of each part which it is of,
    in their order."""
    by, over = _over_one(exact)
    inside: dict[int, list[int]] = {}
    for amount, group in zip(over, groups, strict=True):
        inside.setdefault(group, []).append(amount)
    sums = [sum(amounts) for amounts in inside.values()]
    totals = _made_whole(sums, by, half_up(Fraction(sum(sums), by)))
    return [
        part for amounts, total in zip(inside.values(), totals, strict=True) for part in _made_whole(amounts, by, total)
    ]


def _over_one(exact: Sequence[Fraction]) -> tuple[int, list[int]]:
    """Over one denominator everything is whole numbers, and several times as quick as sums of fractions."""
    by = lcm(*(part.denominator for part in exact))
    return by, [part.numerator * (by // part.denominator) for part in exact]


def _made_whole(over: Sequence[int], by: int, total: int) -> list[int]:
    """These amounts over `by`, adding up to `total`, which is less than 1 from their own sum."""
    parts = [amount // by for amount in over]
    if missing := total - sum(parts):
        for at in sorted(range(len(over)), key=lambda at: -(over[at] % by))[:missing]:
            parts[at] += 1
    return parts


def cut(total: int, weights: Sequence[Fraction | int]) -> list[int]:
    """`total` in proportion to the weights; the parts add up to it.

    A negative total is cut like the positive one, so that what is taken back is what was given.
    ValueError: no weight, a negative one, or nothing but zeros.
    """
    by = lcm(*(weight.denominator for weight in weights))
    whole_weights = [weight.numerator * (by // weight.denominator) for weight in weights]
    whole = sum(whole_weights)
    if whole <= 0 or min(whole_weights) < 0:
        raise ValueError("shares need weights, none of them negative and not all of them zero")
    parts = rounded([Fraction(abs(total) * weight, whole) for weight in whole_weights])
    return parts if total >= 0 else [-part for part in parts]
