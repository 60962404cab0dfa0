"""Cutting whole minor units into parts that add up, and the one way in which a sum is rounded."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import floor


def half_up(amount: Fraction) -> int:
    """Rounded to a whole number; a half goes away from zero, so that a reversal is the exact mirror of its win."""
    size = floor(abs(amount) + Fraction(1, 2))
    return size if amount >= 0 else -size


def rounded(exact: Sequence[Fraction]) -> list[int]:
    """Each part whole, their sum the rounded sum of the exact parts.

    By largest remainder, ties to the first (GLOSSARY: *Targets over any span*).
    """
    parts = [floor(part) for part in exact]
    missing = half_up(sum(exact, Fraction(0))) - sum(parts)
    for at in sorted(range(len(exact)), key=lambda at: parts[at] - exact[at])[:missing]:
        parts[at] += 1
    return parts


def cut(total: int, weights: Sequence[Fraction | int]) -> list[int]:
    """`total` in proportion to the weights; the parts add up to it.

    A negative total is cut like the positive one, so that what is taken back is what was given.
    ValueError: no weight, a negative one, or nothing but zeros.
    """
    whole = sum(weights, Fraction(0))
    if whole <= 0 or min(weights) < 0:
        raise ValueError("shares need weights, none of them negative and not all of them zero")
    parts = rounded([Fraction(abs(total)) * weight / whole for weight in weights])
    return parts if total >= 0 else [-part for part in parts]
