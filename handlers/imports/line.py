"""One row of the table, asked field by field; what cannot be read is collected with the reason."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from handlers.imports.amounts import SHARED, currency_code
from handlers.imports.headers import Use
from handlers.imports.match import Named, Names
from handlers.imports.odd import Odd
from handlers.imports.periods import Span, span
from handlers.imports.rows import RowError, Split
from handlers.imports.survey import Survey, text_of, value_of
from handlers.imports.words import Stages, Words, joined, yes

_EMAIL: Final = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]{2,}")
_ID_BEHIND: Final = re.compile(r"(?<=\S)\s*\(\d{5,}\)$")
"""What HubSpot writes behind an associated record's name."""
_RATE: Final = re.compile(r"\d{1,9}(\.\d{1,12}|,\d{1,2}|,\d{4,12})?")
_SPLIT: Final = re.compile(r"(?P<who>.+?)[\s:=(]+(?P<part>\d{1,3}(?:[.,]\d{1,4})?)\s*(?P<sign>%)?\s*\)?")


class Context:
    """What holds for all rows of a reading."""

    def __init__(
        self,
        survey: Survey,
        *,
        currency: str,
        today: date,
        stages: Stages,
        people: Names,
        accounts: Names,
        odd: Odd,
    ) -> None:
        self.survey = survey
        self.uses: dict[str, Use] = {}
        for use in survey.columns.used:
            self.uses.setdefault(use.field, use)
        self.currency = currency
        self.today = today
        self.stages = stages
        self.people = people
        self.accounts = accounts
        self.odd = odd


class Line:
    """A row. Every question for a field answers nothing where the file has no such column or the cell is blank."""

    def __init__(self, context: Context, row: int, cells: Sequence[str]) -> None:
        self.context = context
        self.row = row
        self.cells = cells
        self.errors: list[RowError] = []

    def has(self, field: str) -> bool:
        """Whether the file has a column for it."""
        return field in self.context.uses

    def raw(self, field: str) -> str:
        """The cell as it is."""
        use = self.context.uses.get(field)
        if use is None:
            return ""
        if use.column < 0:
            return use.constant
        return self.cells[use.column] if use.column < len(self.cells) else ""

    def text(self, field: str) -> str:
        """What it says."""
        use = self.context.uses.get(field)
        if use is None:
            return ""
        if use.column < 0:
            return text_of(use.constant)
        return text_of(self.cells[use.column]) if use.column < len(self.cells) else ""

    def email(self, field: str) -> str:
        """An e-mail address, in lower case."""
        text = self.text(field).removeprefix("mailto:")
        if text and not _EMAIL.fullmatch(text):
            self.wrong(field, f"“{text}” is no e-mail address.")
            return ""
        return text.lower()

    def day(self, field: str) -> date | None:
        """A day."""
        use = self.context.uses.get(field)
        cell = value_of(self.raw(field)) if use is not None else ""
        if not cell or use is None:
            return None
        try:
            return self.context.survey.days[use.column].read(cell)
        except ValueError as error:
            self.wrong(field, str(error))
            return None

    def money(self, field: str, currency_field: str = "currency", use: Use | None = None) -> tuple[Decimal, str] | None:
        """An amount in units and its currency: the cell's own, else its column's, else the title's, else the plan's."""
        use = use or self.context.uses.get(field)
        if use is None:
            return None
        cell = value_of(
            use.constant if use.column < 0 else self.cells[use.column] if use.column < len(self.cells) else ""
        )
        if not cell:
            return None
        try:
            found = self.context.survey.amounts[use.column].read(cell)
        except ValueError as error:
            self._wrong(use, str(error))
            return None
        said = self.text(currency_field)
        beside = currency_code(said) if said else use.currency
        if said and not beside:
            self.wrong(currency_field, f"“{said}” is no currency that I know. Write its code, such as USD.")
            return None
        if found.currency:
            if beside and found.currency != beside:
                self._wrong(use, f"“{cell}” is {found.currency}, and the currency beside it {beside}.")
                return None
            return found.value, found.currency
        if found.shared:
            base = beside or self.context.currency
            if base in SHARED[found.shared]:
                return found.value, base
            if beside or found.shared != "$":
                self._wrong(use, f"“{cell}” is not in {base}. Write the currency's code, such as SEK or USD.")
                return None
            return found.value, "USD"
        if not beside and self.context.survey.amounts[use.column].marked:
            self.context.odd.note("no_currency", self.row)
        return found.value, beside or self.context.currency

    def percent(self, field: str) -> Decimal | None:
        """A percentage, 0 to 100."""
        cell = value_of(self.raw(field)) if field in self.context.uses else ""
        if not cell:
            return None
        sign = cell.endswith("%")
        try:
            value = Decimal(cell.rstrip("% ").replace(",", "."))
        except ArithmeticError:
            self.wrong(field, f"“{cell}” is no percentage.")
            return None
        if not sign and self.context.survey.fractions.get(self.context.uses[field].column):
            value *= 100
        if not 0 <= value <= 100:
            self.wrong(field, f"“{cell}” is no percentage between 0 and 100.")
            return None
        return value

    def rate(self, field: str) -> Decimal | None:
        """What one unit of a currency is worth in another; above 0. A comma before three digits is not guessed at."""
        cell = self.text(field)
        if _RATE.fullmatch(cell) and (found := Decimal(cell.replace(",", "."))) > 0:
            return found
        if re.fullmatch(r"\d+,\d{3}", cell):
            self.wrong(field, f"“{cell}” could be {cell.replace(',', '.')} or {cell.replace(',', '')}: write a point.")
        else:
            self.wrong(field, f"“{cell}” is no rate that I know. Write it as 1.0832.")
        return None

    def yes(self, field: str) -> bool | None:
        """Whether it says yes; None for a blank cell."""
        cell = self.text(field)
        if not cell:
            return None
        said = yes(cell)
        if said is None:
            self.wrong(field, f"“{cell}” is neither yes nor no.")
        return said

    def word(self, field: str, words: Words) -> str:
        """One of a list; one that is not known is counted as odd."""
        cell = self.text(field)
        if not cell:
            return ""
        found = words.find(cell)
        if not found:
            self.context.odd.word(field, cell, self.row)
        return found

    def person(self, field: str, email_field: str) -> Named | None:
        """A person by e-mail, else by name."""
        return self._named(self.context.people, self.text(field), self.email(email_field))

    def account(self, field: str) -> Named | None:
        """An account by name."""
        return self._named(self.context.accounts, _ID_BEHIND.sub("", self.text(field)), "")

    def product(self) -> str:
        """The product, in the spelling that holds for it."""
        cell = self.text("product")
        return self.context.survey.chosen.get(joined(cell), cell) if cell else ""

    def period(self, field: str) -> Span | None:
        """A span; a day stands for its month."""
        cell = value_of(self.raw(field)) if field in self.context.uses else ""
        if not cell:
            return None
        if (found := span(cell)) is not None:
            return found
        title = joined(self.context.uses[field].title)
        if cell.isdecimal() and "month" in title and 1 <= int(cell) <= 12:
            return Span(month=int(cell))
        if cell.isdecimal() and "quarter" in title and 1 <= int(cell) <= 4:
            return Span(quarter=int(cell))
        use = self.context.uses[field]
        try:
            day = self.context.survey.days[use.column].read(cell)
        except ValueError:
            self.wrong(
                field, f"“{cell}” is no month, quarter or year that I know. Write it as 2026-03, Q1 2026 or 2026."
            )
            return None
        return Span(day.year, 0, day.month)

    def splits(self) -> tuple[Split, ...]:
        """`Dana Ortiz 60%; Lee Chan 40%`: the parts add up to 100."""
        cell = self.text("splits")
        if not cell:
            return ()
        pieces = [piece.strip() for piece in re.split(r"[;|/]|(?<=[%\d)])\s*,", cell) if piece.strip()]
        parts: list[tuple[str, Decimal]] = []
        for piece in pieces:
            match = _SPLIT.fullmatch(piece)
            if match is None:
                self.wrong("splits", f"“{piece}” is no part of a credit. Write “Dana Ortiz 60%; Lee Chan 40%”.")
                return ()
            parts.append((match["who"].strip(), Decimal(match["part"].replace(",", "."))))
        total = sum(part for _, part in parts)
        factor = 100 if total == 1 and "%" not in cell else 1
        if total * factor != 100:
            self.wrong("splits", f"The parts add up to {total * factor} %, not to 100 %.")
            return ()
        return tuple(
            Split(self.context.people.find(who, who if "@" in who else ""), part * factor) for who, part in parts
        )

    def wrong(self, field: str, reason: str) -> None:
        """Why the row cannot be read, with the cell."""
        use = self.context.uses.get(field)
        if use is None:
            self.errors.append(RowError(self.row, "", "", reason))
        else:
            self._wrong(use, reason)

    def _wrong(self, use: Use, reason: str) -> None:
        value = use.constant if use.column < 0 else self.cells[use.column] if use.column < len(self.cells) else ""
        error = RowError(self.row, use.title, str(value), reason)
        if error not in self.errors:
            self.errors.append(error)

    def _named(self, names: Names, written: str, email: str) -> Named | None:
        return names.find(written, email) if written or email else None
