"""A commission plan's file (docs/commission.md) read: bytes in, the plan or all that is wrong with it out."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final, TypeVar

import yaml

from handlers.figures.commission_plan import MEASURES, ROLES, Band, CommissionPlan
from handlers.imports.plan_yaml import Problem, composed, entries, line_of
from handlers.numbers.periods import Length

T = TypeVar("T")
MOST_TIERS: Final = 20
MOST_NAMES: Final = 500
_AMOUNT: Final = re.compile(r"(\d{1,3}(?:[ ,_']\d{3})+|\d{1,12})(\.\d{1,2})?\s*([km]?)", re.IGNORECASE)
_PERCENT: Final = re.compile(r"(\d{1,4}(?:\.\d{1,6})?)\s*%(?: of (?:the )?(?:target|quota))?", re.IGNORECASE)
_TIMES: Final = re.compile(r"(\d{1,2}(?:\.\d{1,4})?)\s*(?:x|×|times)(?: (?:the )?base(?: rate)?)?", re.IGNORECASE)
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_FACTOR: Final = {"": 1, "k": 1000, "m": 1_000_000}
_EXPECTED: Final = {
    "name": "a name for the plan",
    "for": "roles, units or people, each with a list",
    "measure": "bookings, revenue or margin",
    "period": "month, quarter, half or year",
    "method": "marginal or retroactive",
    "tiers": "a list, each with from and rate",
    "base rate": "a rate such as 5 %",
    "variable pay": "an amount for a full year, such as 60000",
    "cap": "an amount, such as 60000",
    "ote": "an amount for a full year, such as 120000",
    "from": "a day such as 2026-01-01",
    "to": "a day such as 2026-12-31",
}
_LISTS: Final = ("roles", "units", "people")


@dataclass(frozen=True, slots=True)
class Named:
    """A unit or a person that the file names, to be looked for in the rows."""

    kind: str
    """`units` or `people`."""
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A file without a mistake in it."""

    file: str
    plan: CommissionPlan
    named: tuple[Named, ...] = ()


@dataclass(frozen=True, slots=True)
class Problems:
    """All that is wrong with a file, by line. `named` is what could be read of whom it is for."""

    file: str
    problems: tuple[Problem, ...]
    named: tuple[Named, ...] = ()


def read_plan(content: bytes, name: str) -> Plan | Problems:
    """The plan in a file of that name. Pure; whether its units and people exist is asked of the rows afterwards."""
    node = composed(content)
    if isinstance(node, Problem):
        return Problems(name, (node,))
    if not isinstance(node, yaml.MappingNode):
        return Problems(name, (Problem(line_of(node), "", "Expected lines such as `name: Reps 2026`."),))
    reader = _Reader()
    plan = reader.plan(node)
    if plan is None or reader.problems:
        return Problems(name, tuple(sorted(reader.problems)), tuple(reader.named))
    return Plan(name, plan, tuple(reader.named))


@dataclass(slots=True)
class _Reader:
    problems: list[Problem] = field(default_factory=list)
    named: list[Named] = field(default_factory=list)

    def wrong(self, node: yaml.Node | int, name: str, text: str) -> None:
        self.problems.append(Problem(node if isinstance(node, int) else line_of(node), name, text))

    def plan(self, node: yaml.MappingNode) -> CommissionPlan | None:
        given = self._mapping(node, _EXPECTED, "")
        for key in ("name", "for"):
            if key not in given:
                self.wrong(0, key, f"This is missing; expected {_EXPECTED[key]}.")
        roles, units, people = self._audience(given.get("for"))
        base = self._read(given, "base rate", _rate)
        variable = self._read(given, "variable pay", _amount)
        if base is not None and variable is not None:
            self.wrong(given["variable pay"], "variable pay", "There is a base rate too; keep one of the two.")
        has_base = base is not None or variable is not None
        if "tiers" not in given and not has_base:
            self.wrong(0, "tiers", "This is missing; expected tiers, or a base rate or variable pay for all sales.")
        bands, of_target = self._tiers(given.get("tiers"), has_base=has_base or "base rate" in given)
        since, until = self._read(given, "from", _day), self._read(given, "to", _day)
        if since and until and until < since:
            self.wrong(given["to"], "to", f"{until} is before {since}, where the plan begins.")
        ote = self._read(given, "ote", _amount)
        if ote is not None and variable is not None and variable > ote:
            self.wrong(given["variable pay"], "variable pay", "This is more than the OTE, which it is a part of.")
        measure = self._read(given, "measure", _one_of(MEASURES)) or "bookings"
        period = self._read(given, "period", _one_of([length.value for length in Length])) or "quarter"
        method = self._read(given, "method", _one_of(("marginal", "retroactive"))) or "marginal"
        cap = self._read(given, "cap", _amount)
        name = self._read(given, "name", _name)
        if name is None or not bands:
            return None
        return CommissionPlan(
            name=name,
            bands=tuple(bands),
            roles=tuple(roles),
            units=tuple(units),
            people=tuple(people),
            measure=measure,
            period=Length(period),
            of_target=of_target,
            retroactive=method == "retroactive",
            base=base,
            variable_pay=variable,
            cap=cap,
            ote=ote,
            since=since,
            until=until,
        )

    def _mapping(
        self, node: yaml.MappingNode, expected: Sequence[str] | dict[str, str], within: str
    ) -> dict[str, yaml.Node]:
        given: dict[str, yaml.Node] = {}
        for key, line, value in entries(node):
            name = f"{within}, {key}" if within else key
            if key not in expected:
                near = difflib.get_close_matches(key, expected, 1)
                meant = f" Do you mean {near[0]}?" if near else ""
                self.wrong(
                    line, within, f"There is no “{key[:60]}” here.{meant} Expected one of {', '.join(expected)}."
                )
            elif key in given:
                self.wrong(line, name, f"This stands twice, first in line {line_of(given[key])}; keep one of the two.")
            else:
                given[key] = value
        return given

    def _read(
        self, given: dict[str, yaml.Node], key: str, how: Callable[[str], T | None], within: str = ""
    ) -> T | None:
        node = given.get(key)
        if node is None:
            return None
        return self._value(node, f"{within}, {key}" if within else key, _EXPECTED[key], how)

    def _value(self, node: yaml.Node, name: str, expected: str, how: Callable[[str], T | None]) -> T | None:
        if not isinstance(node, yaml.ScalarNode):
            self.wrong(node, name, f"Expected {expected}, and this is a list or a group.")
            return None
        text = " ".join(node.value.split())
        found = how(text) if text else None
        if found is None:
            said = f"“{text[:60]}” is not that" if text else "nothing stands here"
            self.wrong(node, name, f"Expected {expected}; {said}.")
        return found

    def _audience(self, node: yaml.Node | None) -> tuple[list[str], list[str], list[str]]:
        if node is None:
            return [], [], []
        if not isinstance(node, yaml.MappingNode):
            self.wrong(node, "for", f"Expected {_EXPECTED['for']}.")
            return [], [], []
        given = self._mapping(node, _LISTS, "for")
        if not given:
            self.wrong(node, "for", f"Expected {_EXPECTED['for']}.")
        roles = self._texts(given.get("roles"), "roles", "rep, manager or leader", _role)
        units = self._texts(given.get("units"), "units", "a unit's name", _name)
        people = self._texts(given.get("people"), "people", "an e-mail address", _email)
        return [text for text, _ in roles], [text for text, _ in units], [text for text, _ in people]

    def _texts(
        self, node: yaml.Node | None, key: str, expected: str, how: Callable[[str], str | None]
    ) -> list[tuple[str, int]]:
        if node is None:
            return []
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        if not nodes or len(nodes) > MOST_NAMES:
            self.wrong(node, f"for, {key}", f"Expected a list of 1 to {MOST_NAMES}, each {expected}.")
            return []
        found: dict[str, int] = {}
        for one in nodes:
            text = self._value(one, f"for, {key}", expected, how)
            if text is not None:
                found.setdefault(text, line_of(one))
        if key != "roles":
            self.named += [Named(key, text, line) for text, line in found.items()]
        return list(found.items())

    # ------------------------------------------------------------ tiers

    def _tiers(self, node: yaml.Node | None, *, has_base: bool) -> tuple[list[Band], bool]:
        if node is None:
            return [Band(Decimal(0), Decimal(1), of_base=True)], False
        if not isinstance(node, yaml.SequenceNode) or not 0 < len(node.value) <= MOST_TIERS:
            self.wrong(node, "tiers", f"Expected a list of 1 to {MOST_TIERS} tiers, each with from and rate.")
            return [], False
        bands: list[Band] = []
        shares: set[bool] = set()
        for at, one in enumerate(node.value):
            band = self._tier(one, first=at == 0, has_base=has_base, shares=shares)
            if band is None:
                continue
            if bands and band.start <= bands[-1].start:
                self.wrong(one, "tiers, from", "A tier begins above the one before it.")
            bands.append(band)
        if len(shares) > 1:
            self.wrong(node, "tiers", "Let all tiers begin at amounts, or all at shares of the target such as 80 %.")
        return bands, True in shares

    def _tier(self, node: yaml.Node, *, first: bool, has_base: bool, shares: set[bool]) -> Band | None:
        if not isinstance(node, yaml.MappingNode):
            self.wrong(node, "tiers", "Expected a tier with from and rate.")
            return None
        given = self._mapping(node, ("from", "rate"), "tiers")
        for key in ("from", "rate"):
            if key not in given:
                self.wrong(node, f"tiers, {key}", "This is missing; a tier has from and rate.")
        start = rate = None
        if "from" in given:
            expected = "an amount such as 300000, or a share of the target such as 80 %"
            start = self._value(given["from"], "tiers, from", expected, _limit)
        if "rate" in given:
            rate = self._value(given["rate"], "tiers, rate", "a rate such as 5 %, or 1.5 x base", _any_rate)
        if rate is not None and rate[1] and not has_base:
            self.wrong(
                given["rate"], "tiers, rate", "There is no base rate and no variable pay that it is a multiple of."
            )
        if first and start is not None and start[0]:
            self.wrong(given["from"], "tiers, from", "The first tier begins at 0.")
        if start is not None and (start[0] or start[1]):
            shares.add(start[1])
        return Band(start[0], rate[0], rate[1]) if start is not None and rate is not None else None


# ---------------------------------------------------------------- one value


def _plain(number: Decimal) -> Decimal:
    """One way to write each number, so that `3 %` and `3.0 %` are the same plan."""
    return Decimal(f"{number.normalize():f}")


def _name(text: str) -> str | None:
    return text if len(text) <= 80 else None


def _role(text: str) -> str | None:
    word = text.casefold().removesuffix("s")
    return word if word in ROLES else None


def _email(text: str) -> str | None:
    return text.lower() if _EMAIL.fullmatch(text) else None


def _one_of(words: Sequence[str]) -> Callable[[str], str | None]:
    def read(text: str) -> str | None:
        return text.casefold() if text.casefold() in words else None

    return read


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _amount(text: str) -> Decimal | None:
    found = _AMOUNT.fullmatch(text)
    if found is None:
        return None
    whole = re.sub(r"\D", "", found[1])
    return _plain(Decimal(whole + (found[2] or "")) * _FACTOR[found[3].lower()])


def _share(text: str) -> Decimal | None:
    found = _PERCENT.fullmatch(text)
    return None if found is None else _plain(Decimal(found[1]) / 100)


def _rate(text: str) -> Decimal | None:
    share = _share(text)
    return share if share is not None and share <= 1 else None


def _any_rate(text: str) -> tuple[Decimal, bool] | None:
    """The rate, and whether it is a multiple of the base rate."""
    if text.casefold() in ("base", "base rate"):
        return Decimal(1), True
    if times := _TIMES.fullmatch(text):
        return _plain(Decimal(times[1])), True
    share = _rate(text)
    return None if share is None else (share, False)


def _limit(text: str) -> tuple[Decimal, bool] | None:
    """Where a tier begins, and whether that is a share of the target."""
    share = _share(text)
    if share is not None:
        return share, True
    amount = _amount(text)
    return None if amount is None else (amount, False)
