"""The commission estimate: tiers, marginal or retroactive, accelerators, a cap, what a deal is worth (GLOSSARY)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from math import ceil

from handlers.numbers.shares import half_up, rounded


class PlanError(ValueError):
    """A commission plan that cannot be computed with. The message says which line and why."""


class NeedsTargetError(ValueError):
    """The plan's tiers are shares of a target, and there is none above 0: no estimate can be given."""


class Rate(StrEnum):
    """What a tier's rate is beside the base rate."""

    BASE = "base rate"
    ACCELERATOR = "accelerator"
    DECELERATOR = "decelerator"


@dataclass(frozen=True, slots=True)
class Tier:
    """A band from `start` up to the next tier's: in minor units, or as a share of the target where the plan says so."""

    start: Fraction
    rate: Fraction


@dataclass(frozen=True, slots=True)
class Plan:
    """A commission plan for one measure and period.

    `of_target`: the tiers begin at shares of the (prorated) target, else at amounts. `retroactive`: the rate of the
    band that is reached applies to everything. `base` is the rate that accelerators are measured by, the first tier's
    where it is not given. `cap` is the most that is paid, in minor units.
    PlanError for tiers that do not start at 0 and rise, and for rates or a cap below 0.
    """

    tiers: Sequence[Tier]
    of_target: bool = False
    retroactive: bool = False
    base: Fraction | None = None
    cap: int | None = None

    def __post_init__(self) -> None:
        if not self.tiers or self.tiers[0].start != 0:
            raise PlanError("the first tier starts at 0")
        for number, (lower, upper) in enumerate(pairwise(self.tiers), 2):
            if upper.start <= lower.start:
                raise PlanError(f"tier {number} does not start above tier {number - 1}")
        for number, tier in enumerate(self.tiers, 1):
            if tier.rate < 0:
                raise PlanError(f"the rate of tier {number} is below 0")
        if self.cap is not None and self.cap < 0:
            raise PlanError("the cap is below 0")

    def kind(self, rate: Fraction) -> Rate:
        base = self.tiers[0].rate if self.base is None else self.base
        return Rate.BASE if rate == base else Rate.ACCELERATOR if rate > base else Rate.DECELERATOR


@dataclass(frozen=True, slots=True)
class Line:
    """One band of an estimate: `sales` of it at `rate` make `amount`. Minor units; `end` None: no upper limit."""

    start: int
    end: int | None
    rate: Fraction
    kind: Rate
    sales: int
    amount: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """Always called an estimate, shown with the plan's rule and these figures.

    `lines` are the bands that hold sales (one for a retroactive plan); they add up to `credited` and to `uncapped`.
    """

    amount: int
    uncapped: int
    credited: int
    target: int | None
    plan: Plan
    lines: tuple[Line, ...]

    @property
    def capped(self) -> bool:
        return self.amount < self.uncapped


def estimate(plan: Plan, credited: int, target: int | None = None) -> Estimate:
    """The commission on what is credited in the plan's period, splits and reversals already in it.

    `target` is the prorated target of the period (`targets.over`). The sum is rounded once, half up; the lines are made
    whole by largest remainder. What is below 0 (more reversed than won) is taken back at the first tier's rate.
    A band is reached at its limit. NeedsTargetError: tiers by target, and no target above 0.
    """
    if plan.of_target and (target is None or target <= 0):
        raise NeedsTargetError("the tiers are shares of the target, and no target above 0 is set")
    starts = [tier.start * (target if plan.of_target and target else 1) for tier in plan.tiers]
    reached = max([at for at, start in enumerate(starts) if credited >= start], default=0)
    if plan.retroactive:
        sales = [Fraction(credited if at == reached else 0) for at in range(len(starts))]
    else:
        sales = [
            (Fraction(credited) if at == reached else starts[at + 1]) - (starts[at] if at else 0)
            if at <= reached
            else Fraction(0)
            for at in range(len(starts))
        ]
    amounts = rounded([part * tier.rate for part, tier in zip(sales, plan.tiers, strict=True)])
    ends = [*(half_up(start) for start in starts[1:]), None]
    lines = tuple(
        Line(half_up(start), end, tier.rate, plan.kind(tier.rate), whole, amount)
        for start, end, tier, part, whole, amount in zip(
            starts, ends, plan.tiers, sales, rounded(sales), amounts, strict=True
        )
        if part or (plan.retroactive and tier is plan.tiers[reached])
    )
    uncapped = sum(amounts)
    amount = uncapped if plan.cap is None else min(uncapped, plan.cap)
    return Estimate(amount, uncapped, credited, target, plan, lines)


def to_next_band(made: Estimate) -> tuple[int, Fraction] | None:
    """What is missing to the next band (minor units, rounded up: then it is reached) and its rate; None in the last."""
    scale = made.target if made.plan.of_target and made.target else 1
    for tier in made.plan.tiers:
        if (start := tier.start * scale) > made.credited:
            return ceil(start - made.credited), tier.rate
    return None


@dataclass(frozen=True, slots=True)
class Worth:
    """What a deal is worth: the estimate with it − the estimate without it. `credit` is the person's part of it."""

    amount: int
    credit: int
    without: Estimate
    with_it: Estimate


def worth(plan: Plan, credited: int, deal: int, share: Fraction = Fraction(1), target: int | None = None) -> Worth:
    """What `deal` (minor units of the plan's currency) would add for somebody with that share of its credit."""
    credit = half_up(deal * share)
    without, with_it = estimate(plan, credited, target), estimate(plan, credited + credit, target)
    return Worth(with_it.amount - without.amount, credit, without, with_it)


def base_rate(variable_pay: int, target: int) -> Fraction:
    """The rate that pays the whole variable part of the OTE at 100 % attainment. NeedsTargetError with no target."""
    if target <= 0:
        raise NeedsTargetError("a base rate is the variable pay ÷ the target, and no target above 0 is set")
    return Fraction(variable_pay, target)
