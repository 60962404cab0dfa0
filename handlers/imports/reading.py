"""The way in: a file as it comes out of a CRM or a spreadsheet, read into typed rows and a report.

    reading = read_file("deals.csv", currency="USD", zone=ZoneInfo("America/New_York"), today=date(2026, 3, 2))
    if reading.questions: ask them, and read again with what was answered
    for row in reading.rows(): ...   # a typed row, or a BadRow with the reasons
    reading.report()

Two passes go over the file: the first decides what only a column as a whole can tell, the second makes the rows. For
text neither holds more than a row; an XLSX sheet is in memory as long as the Reading lives.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, tzinfo
from itertools import islice
from pathlib import Path
from typing import Final

import msgspec

from handlers.imports import odd
from handlers.imports.amounts import Point
from handlers.imports.build import Builder
from handlers.imports.dates import Order
from handlers.imports.fields import Kind
from handlers.imports.file import LIMITS, Limits, Source, Table, open_table
from handlers.imports.grouped import filled
from handlers.imports.headers import SAID, Columns, Question, header_at, understand, with_looks
from handlers.imports.line import Context, Line
from handlers.imports.looks import looks_like
from handlers.imports.match import Known, Names
from handlers.imports.rows import BadRow, Row, RowError
from handlers.imports.survey import Survey
from handlers.imports.text import Refused
from handlers.imports.words import DEFAULT_STAGES, Stages

_HEAD: Final = 20
_LOOKED_AT: Final = 200
_ASIDE_KEPT: Final = 5
_ERRORS_KEPT: Final = 100


class Unsettled(Exception):
    """The rows were asked for before the questions were answered."""


class Report(msgspec.Struct, frozen=True):
    """What came of a file."""

    kind: Kind
    read: int
    """Rows of the table."""
    good: int
    bad: int
    made: int
    """Typed rows; more than `good` where a row holds several targets."""
    totals: int
    """Lines with totals, repeated headers and lines under the table, left out."""
    aside: tuple[int, ...]
    """The numbers of the first of these."""
    odd: tuple[odd.Oddity, ...]
    notes: tuple[str, ...]
    """How the file was read, where that was a decision; sentences."""
    errors: tuple[RowError, ...]
    """The first of them."""


class Reading:
    """A file that was looked through once. Going over `rows` again begins anew."""

    def __init__(
        self,
        table: Table,
        header_row: int,
        titles: tuple[str, ...],
        columns: Columns,
        survey: Survey,
        questions: tuple[Question, ...],
        settings: _Settings,
    ) -> None:
        self.described = table.described
        """In words: `text, UTF-8, separated by semicolons`."""
        self.separator = table.separator
        self.encoding = table.encoding
        self.header_row = header_row
        self.titles = titles
        self.columns = columns
        self.questions = questions
        """To be answered first; without any, the rows can be read."""
        self._table = table
        self._survey = survey
        self._settings = settings
        self._report: Report | None = None

    @property
    def kind(self) -> Kind:
        """What the file holds."""
        return self.columns.kind

    @property
    def expected(self) -> int:
        """Rows of the table, for a progress bar."""
        return self._survey.rows

    @property
    def without_id(self) -> int:
        """Rows of the table in which no column says an id."""
        return self._survey.without_id

    def rows(self) -> Iterator[Row | BadRow]:
        """Typed rows and bad ones in the file's order. Raises Unsettled while there are questions, and Refused."""
        if self.questions:
            raise Unsettled(self.questions[0].sentence)
        settings, survey = self._settings, self._survey
        known = [*settings.people, *survey.people] if self.kind == "people" else settings.people
        people, accounts = Names(_once(known), people=True), Names(settings.accounts, people=False)
        seen = odd.Odd()
        context = Context(
            survey,
            currency=settings.currency,
            today=settings.today,
            stages=settings.stages,
            people=people,
            accounts=accounts,
            odd=seen,
        )
        builder = Builder(self.kind)
        count: Counter[str] = Counter()
        errors: list[RowError] = []
        aside: list[int] = []
        for number, cells in self._lines():
            if cells is None:
                count["skipped"] += 1
                aside += [number] if len(aside) < _ASIDE_KEPT else []
                continue
            line = Line(context, number, cells)
            if len(cells) > len(self.titles) and any(cell.strip() for cell in cells[len(self.titles) :]):
                line.errors.append(RowError(number, "", "", self._too_long(len(cells))))
                made: list[Row] = []
            else:
                made = builder.rows(line)
            count["read"] += 1
            seen.settle(kept=not line.errors)
            if line.errors:
                count["bad"] += 1
                errors.extend(line.errors[: _ERRORS_KEPT - len(errors)])
                yield BadRow(number, tuple(cells), tuple(line.errors))
            else:
                count["good"] += 1
                count["made"] += len(made)
                yield from made
        self._report = Report(
            kind=self.kind,
            read=count["read"],
            good=count["good"],
            bad=count["bad"],
            made=count["made"],
            totals=count["skipped"],
            aside=tuple(aside),
            odd=(
                *seen.found(),
                *odd.of_products(survey.spellings, survey.chosen),
                *odd.of_names(people, "owner" if self.kind == "deals" else "person"),
                *odd.of_names(accounts, "account"),
            ),
            notes=(*self._table.notes, *survey.notes()),
            errors=tuple(errors),
        )

    def lines(self) -> Iterator[tuple[int, list[str]]]:
        """Each row of the table and its number, with what holds for it from a row above."""
        return ((number, cells) for number, cells in self._lines() if cells is not None)

    def _lines(self) -> Iterator[tuple[int, list[str] | None]]:
        """None for a line with totals and the like."""
        survey = self._survey
        held: dict[int, str] = {}
        for number, cells in _below(self._table, self.header_row):
            if survey.skipped(number, cells) is not None or survey.is_foot(number, cells):
                yield number, None
            else:
                yield number, filled(cells, held, survey.down) if survey.down else cells

    def report(self) -> Report:
        """What came of the last full walk over `rows`; walks over them if none did. Raises as `rows` does."""
        if self._report is None:
            for _ in self.rows():
                pass
        if self._report is None:
            raise Unsettled("The rows were not read to their end.")
        return self._report

    def _too_long(self, width: int) -> str:
        return (
            f"The row has {width} cells and the header {len(self.titles)}: a cell with a separator in it is probably "
            "not in quotation marks."
        )


class _Settings(msgspec.Struct, frozen=True):
    currency: str
    today: date
    stages: Stages
    people: tuple[Known, ...]
    accounts: tuple[Known, ...]


def read_file(
    source: Source,
    *,
    currency: str,
    zone: tzinfo,
    today: date,
    kind: Kind | None = None,
    mapping: Mapping[str, str] | Iterable[str] = (),
    date_order: Order | None = None,
    decimal_point: Point | None = None,
    sheet: str | None = None,
    name: str = "",
    stages: Mapping[str, Sequence[str]] = DEFAULT_STAGES,
    known_people: Iterable[Known] = (),
    known_accounts: Iterable[Known] = (),
    known_products: Iterable[str] = (),
    limits: Limits = LIMITS,
) -> Reading:
    """Look through a file: what it is, what its columns are, and what has to be asked first.

    `currency` (ISO 4217) is the plan's, for amounts that name none; `zone` the company's, in which an instant becomes
    a day; `mapping` are `--map`s, as strings `Column=field` or as a mapping; `name` is the file's name where the source
    is no path, a hint at the kind; `stages` are the pipeline's with further words for each. Raises Refused, with a
    sentence for the person, for a file that cannot be read at all.
    """
    table = open_table(source, limits=limits, sheet_name=sheet)
    head = list(islice(table.rows(), _HEAD))
    if not head:
        raise Refused("The file is empty. Export it again, with its header line.")
    at = header_at([cells for _, cells in head])
    header_row, header = head[at]
    titles = tuple(" ".join(title.replace("\ufeff", "").split()) for title in header)
    while titles and not titles[-1]:
        titles = titles[:-1]
    if not titles:
        raise Refused("No row looks like a header. Put the columns' names into the first row.")
    hint = name or (Path(source).name if isinstance(source, str | Path) else "")
    columns = understand(titles, kind=kind, given=mapping, hint=f"{hint} {table.described}")
    known = Stages(stages)
    people, accounts = tuple(known_people), tuple(known_accounts)
    columns = with_looks(columns, lambda: looks_like(columns, _first(table, header_row), zone, people, accounts, known))
    survey = Survey(columns, titles, zone, decimal_point, known_products, known)
    for number, cells in _below(table, header_row):
        survey.look(number, cells)
    if survey.rows == 0:
        raise Refused(f"There is a header in row {header_row} and no row under it.")
    if survey.longer * 2 > survey.rows:
        # The header itself is short of names: what stands to the right has none.
        titles = (*titles, *[""] * (limits.columns - len(titles)))
        survey.titles = titles
    questions = (*columns.questions, *_which_amount(columns), *survey.settle(date_order))
    settings = _Settings(currency, today, known, people, accounts)
    return Reading(table, header_row, titles, columns, survey, questions, settings)


def _below(table: Table, header_row: int) -> Iterator[tuple[int, list[str]]]:
    for number, cells in table.rows():
        if number > header_row:
            yield number, cells


def _first(table: Table, header_row: int) -> list[list[str]]:
    return [cells for _, cells in islice(_below(table, header_row), _LOOKED_AT)]


def _once(known: Iterable[Known]) -> Iterator[Known]:
    """Without those of the file who are known already: one person must not be two candidates."""
    seen: set[str] = set()
    for each in known:
        keys = {each.name.casefold(), *([each.email.casefold()] if each.email else [])}
        if each.key or not keys & seen:
            yield each
        seen |= keys


def _which_amount(columns: Columns) -> list[Question]:
    """An amount as entered without its currency, beside one that was converted: which of them counts is not guessed."""
    entered, converted = columns.of("amount"), columns.of("amount_converted")
    if entered is None or converted is None or columns.of("currency") is not None or entered.currency:
        return []
    if entered.reason == SAID:
        return []
    return [
        Question(
            "column",
            f"“{entered.title}” says no currency, and “{converted.title}” holds the converted amounts. "
            f'Say which counts: --map "{entered.title}=amount" or --map "{converted.title}=amount".',
            (entered.title, converted.title),
            "amount",
        )
    ]
