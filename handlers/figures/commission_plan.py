"""A commission plan as its file says it: kept as data in the rows, made ready for the sums, said in words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec

from handlers.conversation.wording import listed
from handlers.numbers.commission import NeedsTargetError, Plan, Tier
from handlers.numbers.money import precision, to_minor, written
from handlers.numbers.periods import Length
from handlers.numbers.spans import Span
from handlers.numbers.targets import in_percent

MEASURES = ("bookings", "revenue", "margin")
ROLES = ("rep", "manager", "leader")


class Band(msgspec.Struct, frozen=True):
    """From `start` up to the next band's: units of the plan's currency, or a share of the target (1 is 100 %).

    `rate` is a share of the sales (0.05 is 5 %), with `of_base` a multiple of the base rate.
    """

    start: Decimal
    rate: Decimal
    of_base: bool = False


class CommissionPlan(msgspec.Struct, frozen=True, kw_only=True):
    """One plan. Amounts are units of the plan's currency, as decimals.

    It is for the people named by e-mail, and for those with one of the roles in one of the units (where none is named,
    any). `variable_pay` and `ote` are a full year's; `cap` is a period's.
    """

    name: str
    bands: tuple[Band, ...]
    roles: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    measure: str = "bookings"
    period: Length = Length.QUARTER
    of_target: bool = False
    retroactive: bool = False
    base: Decimal | None = None
    variable_pay: Decimal | None = None
    cap: Decimal | None = None
    ote: Decimal | None = None
    since: date | None = None
    until: date | None = None
    """The last day on which it holds."""

    def as_data(self) -> dict[str, Any]:
        """As the rows keep it; `of_data` reads it."""
        # Through JSON, so that it compares with what comes out of the rows.
        data: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(self))
        return data

    @classmethod
    def of_data(cls, data: dict[str, Any]) -> CommissionPlan:
        """What `as_data` made."""
        return msgspec.convert(data, cls)

    def within(self, span: Span) -> Span | None:
        """The part of a span in which the plan holds; None for none of it."""
        first, last = max(span.first, self.since or span.first), min(span.last, self.until or span.last)
        return Span(first, last) if first <= last else None

    def base_rate(self, currency: str, year_target: int | None) -> Fraction | None:
        """What the file gives, else what pays the whole variable pay at 100 % of the year's target (minor units).

        None where the plan has no base rate of its own. NeedsTargetError: variable pay, and no target above 0.
        """
        if self.base is not None:
            return Fraction(self.base)
        if self.variable_pay is None:
            return None
        if year_target is None or year_target <= 0:
            raise NeedsTargetError("a base rate is the variable pay ÷ the target, and no target above 0 is set")
        return Fraction(to_minor(self.variable_pay, currency), year_target)

    def ready(self, currency: str, year_target: int | None) -> Plan:
        """For the sums, in minor units. NeedsTargetError as in `base_rate`."""
        base = self.base_rate(currency, year_target)
        unit = 1 if self.of_target else 10 ** precision(currency)
        tiers = [
            Tier(
                Fraction(band.start) * unit, Fraction(band.rate) * (base or 0) if band.of_base else Fraction(band.rate)
            )
            for band in self.bands
        ]
        cap = None if self.cap is None else to_minor(self.cap, currency)
        return Plan(tiers, self.of_target, self.retroactive, base, cap)

    # ------------------------------------------------------------ in words

    def rule(self, currency: str) -> str:
        """`3 % up to $300,000, 5 % from $300,000 on; each rate applies to the sales in its band (marginal); …`"""
        said = []
        for at, band in enumerate(self.bands):
            until = self.bands[at + 1].start if at + 1 < len(self.bands) else None
            rate = self._rate(band)
            if until is None:
                said.append(f"{rate} {f'from {self._limit(band.start, currency)} on' if at else 'on everything'}")
            elif at == 0:
                said.append(f"{rate} up to {self._limit(until, currency)}")
            else:
                begins = in_percent(Fraction(band.start)) if self.of_target else self._limit(band.start, currency)
                said.append(f"{rate} from {begins} to {self._limit(until, currency)}")
        words = ", ".join(said)
        if len(self.bands) > 1:
            words += (
                "; the rate that is reached applies to everything (retroactive)"
                if self.retroactive
                else "; each rate applies to the sales in its band (marginal)"
            )
        if self.variable_pay is not None:
            words += f"; the base rate is {self._money(self.variable_pay, currency)} a year ÷ the year's target"
        if self.cap is not None:
            words += f"; at most {self._money(self.cap, currency)} a {self.period}"
        return words

    def audience(self) -> str:
        """`every rep in East, and dana@example.com`."""
        said = []
        if self.roles or self.units:
            roles = listed([f"every {role}" for role in self.roles]) or "everybody"
            said.append(f"{roles} in {listed(self.units, 'or')}" if self.units else roles)
        return listed([*said, *self.people])

    def validity(self) -> str:
        """`from 2026-01-01 to 2026-12-31`; empty for always."""
        parts = [f"from {self.since}" if self.since else "", f"to {self.until}" if self.until else ""]
        return " ".join(filter(None, parts))

    def _rate(self, band: Band) -> str:
        if not band.of_base:
            return in_percent(Fraction(band.rate))
        if self.base is not None:
            return in_percent(Fraction(band.rate) * Fraction(self.base))
        return "the base rate" if band.rate == 1 else f"{band.rate.normalize():f} times the base rate"

    def _limit(self, start: Decimal, currency: str) -> str:
        if self.of_target:
            return f"{in_percent(Fraction(start))} of the target"
        return self._money(start, currency)

    def _money(self, amount: Decimal, currency: str) -> str:
        return written(to_minor(amount, currency), currency)
