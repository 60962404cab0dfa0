"""How much and when: the amounts, days and products of a line about a deal."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from handlers.deals.closing import Closing, Shift, closing_at, shift_at
from handlers.deals.stages import SMALL
from handlers.language.amounts import LETTERED_SIGNS, SIGNS, amount_at
from handlers.language.dates import Reading, no_day_at
from handlers.language.scan import Mark, Scan
from handlers.numbers.periods import FiscalCalendar

_MOST_NAME: Final = 5
_BEFORE_SUMS: Final = frozenset(("for", "at", "to", "worth", "of", "is", "now", "~", "about", "=", "@", ":"))
_COUNTED: Final = frozenset(
    ("users", "user", "seats", "seat", "licenses", "licences", "people", "units", "employees", "stores", "sites")
)
_YEARS: Final = range(1990, 2100)


@dataclass(slots=True)
class Facts:
    """What was said so far."""

    amount: Decimal | None = None
    currency: str | None = None
    closing: Closing | None = None
    shift: Shift | None = None
    no_date: str | None = None
    product: str | None = None
    taken: list[int] = field(default_factory=list)
    """Tokens that were free before."""


class FactReader:
    """Goes through parts of a line and takes what it understands.

    `done`: the deal is won or lost, so that its day has come. `shifts`: how much later may be said. `closes_from`: the
    token from which on a word announces the expected close.
    """

    def __init__(
        self,
        scan: Scan,
        reading: Reading,
        dollar: str,
        fiscal: FiscalCalendar,
        *,
        done: bool,
        shifts: bool,
        closes_from: int,
    ) -> None:
        self.scan, self.reading, self.dollar, self.fiscal = scan, reading, dollar, fiscal
        self.line, self.words, self.marks, self.count = scan.line, scan.line.words, scan.marks, scan.line.count
        self.done, self.shifts, self.closes_from = done, shifts, closes_from
        self.facts = Facts()

    def read(self, start: int, stop: int) -> Facts:
        """Take what this part says; what was known before it is handed back, with the tokens that it took."""
        old = self.facts
        before = Facts(old.amount, old.currency, old.closing, old.shift, old.no_date, old.product)
        at = start
        while at < stop:
            taken = 0 if self.marks[at] else self._fact_at(at, stop)
            before.taken += range(at, taken)
            at = taken or at + 1
        return before

    def forget(self, before: Facts) -> None:
        """The part that was read last says something else: it holds no facts after all."""
        for at in before.taken:
            self.marks[at] = Mark.FREE
        self.facts = before

    def _fact_at(self, at: int, stop: int) -> int:
        word = self.words[at]
        if word == "product" and at + 1 < stop:
            return self._product(at, stop)
        if self.shifts:
            shift = shift_at(self.line, at, stop)
            if shift is not None and not any(self.marks[at : shift.stop]):
                self.facts.shift = self.facts.shift or shift
                return self._took(at, shift.stop, Mark.WHEN)
        return self._close(at, stop) or self._money(at, stop)

    def _close(self, at: int, stop: int) -> int:
        done = self.done and not self._behind_closes(at)
        reading = Reading(self.reading.now, future=not done, order=self.reading.order)
        found = closing_at(self.line, at, reading, self.fiscal, stop)
        if found is None:
            none = no_day_at(self.line, at, reading, stop)
            if none is None or self.facts.closing is not None:
                return 0
            self.facts.no_date = self.line.written(at, none.stop)
            self.facts.closing = Closing(none.stop, none.near)
            return self._took(at, none.stop, Mark.WHEN)
        if any(self.marks[at : found.stop]):
            return 0
        # "from December to January": the first was.
        was = self.line.word(at - 1) == "from"
        if not was and (self.facts.closing is None or self._behind_closes(at)):
            self.facts.closing = found
        elif not was:
            return 0
        return self._took(at, found.stop, Mark.WHEN)

    def _behind_closes(self, at: int) -> bool:
        before = at - 1
        while before >= 0 and self.words[before] in ("on", "in", "by", "at", "around", "to", "for", ":"):
            before -= 1
        return before >= 0 and self.marks[before] == Mark.KIND and self.closes_from <= before

    def _money(self, at: int, stop: int) -> int:
        word = self.words[at]
        lettered = word in LETTERED_SIGNS or (word[3:4].isdigit() and word[:3] in LETTERED_SIGNS)
        if not (word[0].isdigit() or word[0] in SIGNS or lettered):
            return 0
        found = amount_at(self.line.text, self.line.starts[at], self.dollar)
        if found is None:
            return 0
        end = self.line.after(found.stop, at)
        before, behind = self.line.word(at - 1), self.line.word(end)
        if end > stop or any(self.marks[at:end]):
            return 0
        if not found.grouped:
            alone = end >= self.count or bool(self.marks[end]) or not behind[0].isalnum() or behind in SMALL
            cued = before in _BEFORE_SUMS or (at > 0 and self.marks[at - 1] in (Mark.NAME, Mark.KIND))
            a_year = found.value in _YEARS and before not in ("for", "worth", "is", "now")
            if not (alone and cued) or found.value < 100 or a_year:
                return 0
        elif found.currency is None and behind.isalpha() and behind not in SMALL and self._counts(end):
            return 0
        if before != "from":
            if self.facts.amount is not None:
                return 0
            self.facts.amount, self.facts.currency = found.value, found.currency
        return self._took(at, end, Mark.MONEY)

    def _counts(self, at: int) -> bool:
        """`5k users`: no money."""
        return self.words[at] in (
            "users",
            "user",
            "seats",
            "seat",
            "licenses",
            "licences",
            "people",
            "units",
            "employees",
        )

    def _product(self, at: int, stop: int) -> int:
        start = at + 1 + (self.line.word(at + 1) in (":", "is", "="))
        end = start
        while end < stop and end - start < _MOST_NAME and not self.marks[end] and self.words[end] not in ("for", "at"):
            sum_ = amount_at(self.line.text, self.line.starts[end], self.dollar)
            if self.words[end][0] in SIGNS or (sum_ is not None and sum_.grouped):
                break
            end += 1
        if end == start or self.facts.product is not None:
            return 0
        self.facts.product = self.line.written(start, end)
        return self._took(at, end, Mark.SAID)

    def _took(self, at: int, stop: int, mark: Mark) -> int:
        self.scan.claim(at, stop, mark)
        return stop
