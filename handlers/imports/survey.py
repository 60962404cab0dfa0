"""The first pass over the rows: what only a column as a whole can decide, in memory that does not grow with them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import tzinfo
from typing import Final

from handlers.imports.amounts import BLANK, AmountColumn, Point
from handlers.imports.dates import DayColumn, Order
from handlers.imports.fields import FIELDS
from handlers.imports.grouped import Groups
from handlers.imports.headers import SAID, Columns, Question, Use
from handlers.imports.match import Known, turned
from handlers.imports.odd import counted
from handlers.imports.periods import span
from handlers.imports.sheet import Exact
from handlers.imports.words import Stages, joined

_TOTAL: Final = re.compile(
    r"(?:(?:grand\s+|sub\s?-?)?total(?:s)?(?:\s+count)?|sum|(?:record\s+)?count|average|avg|min|max|median"
    r"|(?:zwischen|gesamt|teil)?summe|gesamt|insgesamt|anzahl|durchschnitt|(?:sous[- ]?)?total(?:\s+général)?|somme"
    r"|nombre|(?:sub)?totale?s?|suma|recuento|conteggio|somma|(?:sub)?totaal|aantal)\s*:?(?:\s*\(.*\))?",
    re.I,
)
_TOTAL_BEGINS: Final = frozenset("tTsScCgGrRaAmMzZiIdDnN \t\u00a0")
_LETTERS: Final = re.compile(r"[^\W\d_]{4,}")
_EMPTY: Final = frozenset(
    {"", "-", "--", "–", "—", "n/a", "#n/a", "null", "none", "nan", "(blank)", "(none)", "-none-", "--none--"}
)
_SLOTS: Final = 1 << 26
_MOST_PRODUCTS: Final = 20_000
_MOST_PEOPLE: Final = 20_000
_MOST_STATES: Final = 2_000
_WORDS_SHOWN: Final = 8


def clean(cell: str) -> str:
    """The cell without white space around it and without the apostrophe that kept it from being a formula."""
    if type(cell) is Exact:
        return cell
    cell = cell.strip()
    if cell[:1] == "'" and (rest := cell[1:].lstrip())[:1] in {"=", "+", "-", "@"}:
        return rest
    return cell


def text_of(cell: str) -> str:
    """What a cell says, with a single space between words; empty where it stands for nothing."""
    if not cell:
        return ""
    cell = clean(cell)
    if not cell.isalnum():
        cell = " ".join(cell.split())
    return "" if len(cell) < 9 and cell.lower() in _EMPTY else cell


def value_of(cell: str) -> str:
    """The same for a number or a day, where more words stand for nothing."""
    if not cell:
        return ""
    cell = clean(cell)
    return "" if len(cell) < 9 and cell.lower() in BLANK else cell


class Survey:
    """Looks at each row (`look`), then knows (`settle`)."""

    def __init__(
        self,
        columns: Columns,
        titles: Sequence[str],
        zone: tzinfo,
        point: Point | None,
        products: Iterable[str],
        stages: Stages,
    ) -> None:
        self.columns = columns
        self.titles = titles
        self.days: dict[int, DayColumn] = {}
        self.amounts: dict[int, AmountColumn] = {}
        self.fractions: dict[int, bool] = {}
        self.rows = 0
        self.without_id = 0
        self.last_full = 0
        self.longer = 0
        self.people: list[Known] = []
        self.chosen: dict[str, str] = {}
        self.spellings: dict[str, Counter[str]] = {}
        self._known_products = {joined(name): name for name in products}
        shapes = {field.name: field.shape for field in FIELDS[columns.kind]}
        wide: AmountColumn | None = None
        for use in columns.used:
            shape = shapes[use.field]
            if shape == "amount":
                if use.span is not None:
                    wide = wide or AmountColumn(f"{use.title} …", point)
                self.amounts[use.column] = wide if use.span is not None and wide else AmountColumn(use.title, point)
            elif shape in {"day", "period"}:
                self.days[use.column] = DayColumn(use.title, zone)
            elif shape == "percent":
                self.fractions[use.column] = True
        for use in columns.used:
            if use.constant and use.column in self.days and span(use.constant) is None:
                self.days[use.column].add(0, use.constant)
            if use.constant and use.column in self.amounts:
                self.amounts[use.column].add(0, use.constant)
        self._periods = {use.column for use in columns.used if shapes[use.field] == "period"}
        self._product = _column(columns.of("product"))
        self._groups = Groups(columns, titles)
        self.down: list[int] = []
        self._states = _States(columns, stages) if columns.kind == "deals" else None
        self._id = _column(columns.of("external_id"))
        self._seen = bytearray(_SLOTS // 8) if self._id is not None else bytearray()
        self._twice: set[int] = set()

    def look(self, row: int, cells: Sequence[str]) -> None:
        """One row of the table."""
        width = len(cells)
        if width > len(self.titles) and any(cell.strip() for cell in cells[len(self.titles) :]):
            self.longer += 1
        if (why := self.skipped(row, cells)) is not None:
            if why == "total":
                self._groups.total(cells)
            return
        self.rows += 1
        if sum(map(bool, cells)) > 1 and sum(1 for cell in cells if cell.strip()) > 1:
            self.last_full = row
            self._groups.row(cells)
        for at, days in self.days.items():
            if 0 <= at < width and (cell := value_of(cells[at])) and (at not in self._periods or span(cell) is None):
                days.add(row, cell)
        for at, amounts in self.amounts.items():
            if 0 <= at < width and (cell := value_of(cells[at])):
                amounts.add(row, cell)
        for at, fraction in self.fractions.items():
            if fraction and at < width and (cell := value_of(cells[at])) and not _is_fraction(cell):
                self.fractions[at] = False
        if self._product is not None and self._product < width and (cell := text_of(cells[self._product])):
            key = joined(cell)
            if key in self.spellings or len(self.spellings) < _MOST_PRODUCTS:
                self.spellings.setdefault(key, Counter())[cell] += 1
        if self._id is not None and self._id < width and (cell := text_of(cells[self._id])):
            self._remember(cell)
        else:
            self.without_id += 1
        if self._states is not None:
            self._states.look(cells)
        if self.columns.kind == "people" and len(self.people) < _MOST_PEOPLE:
            self._person(cells)

    def settle(self, order: Order | None) -> list[Question]:
        """Decide; what cannot be decided is asked."""
        questions = []
        found = {days.found for days in self.days.values() if days.found}
        for days in self.days.values():
            beside = {
                other.found
                for other in self.days.values()
                if other is not days and other.found and other.marks & days.marks
            }
            likely = next(iter(beside)) if len(beside) == 1 and len(found) == 1 else None
            if (problem := days.decide(order, likely)) is not None:
                questions.append(Question("date_order", problem.sentence, (days.title,), choices=("mdy", "dmy")))
        for key, counts in self.spellings.items():
            self.chosen[key] = self._known_products.get(key) or counts.most_common(1)[0][0]
        self._seen = bytearray()
        if self._states is not None and (unknown := self._states.question()) is not None:
            questions.append(unknown)
        self.down, asked = self._groups.settle()
        return [*questions, *asked]

    def notes(self) -> list[str]:
        """How columns were decided; sentences."""
        sums = list(dict.fromkeys(self.amounts.values()))
        every = (self._groups.note(self.down), *(days.note for days in self.days.values()), *(one.note for one in sums))
        return [note for note in every if note]

    def skipped(self, row: int, cells: Sequence[str]) -> str | None:
        """Why a row is no row of the table: `total`, `header` or `foot`; None for one that is."""
        if (first := cells[0]) and first[0] not in _TOTAL_BEGINS and first != self.titles[0] and not first.isspace():
            return None
        filled = [cell.strip() for cell in cells if cell.strip()]
        if _TOTAL.fullmatch(filled[0]) and not any(_LETTERS.search(cell) for cell in filled[1:] if not _is_total(cell)):
            return "total"
        if filled[0] == self.titles[0].strip() and list(cells[: len(self.titles)]) == list(self.titles):
            return "header"
        return None

    def is_foot(self, row: int, cells: Sequence[str]) -> bool:
        """Whether the row is a line under the table, known after the first pass."""
        return row > self.last_full and len(self.titles) > 2 and sum(1 for cell in cells if cell.strip()) == 1

    def may_repeat(self, identity: str) -> bool:
        """Whether an id may stand in several rows; never False for one that does."""
        return _slot(identity) in self._twice

    def _remember(self, identity: str) -> None:
        slot = _slot(identity)
        place, bit = slot >> 3, 1 << (slot & 7)
        if self._seen[place] & bit:
            self._twice.add(slot)
        else:
            self._seen[place] |= bit

    def _person(self, cells: Sequence[str]) -> None:
        said = {use.field: text_of(cells[use.column]) for use in self.columns.used if 0 <= use.column < len(cells)}
        name = said.get("name") or f"{said.get('first_name', '')} {said.get('last_name', '')}".strip()
        if name:
            self.people.append(Known("", turned(name), said.get("email", "")))


class _States:
    """Whether stages and statuses say anything that is known: a file of which most do not would be open deals only."""

    def __init__(self, columns: Columns, stages: Stages) -> None:
        self._stages = stages
        self._use = {name: columns.of(name) for name in ("stage", "status")}
        self._others = [
            at
            for name in ("is_won", "is_closed", "won_on", "lost_on", "closed")
            if (at := _column(columns.of(name))) is not None
        ]
        self._told: Counter[tuple[str, str]] = Counter()
        self._more = 0

    def look(self, cells: Sequence[str]) -> None:
        said = tuple(_cell(cells, _column(use)) for use in self._use.values())
        if not any(said):
            return
        if any(_cell(cells, at) for at in self._others):
            self._more += 1
        elif said in self._told or len(self._told) < _MOST_STATES:
            self._told[said] += 1  # type: ignore[index]

    def question(self) -> Question | None:
        """Asked where most are unknown, unless won and lost are both among the others or somebody decided."""
        unknown: Counter[str] = Counter()
        fields: Counter[str] = Counter()
        ends = set()
        for (stage, status), count in self._told.items():
            if not self._stages.knows(stage, status):
                unknown[status or stage] += count
                fields["status" if status else "stage"] += count
            for text in filter(None, (stage, status)):
                ends.add(self._stages.status(text))
        known = self._told.total() + self._more - unknown.total()
        use = self._use[fields.most_common(1)[0][0]] if fields else None
        if use is None or unknown.total() <= known or {"won", "lost"} <= ends:
            return None
        if any(each is not None and each.reason == SAID for each in self._use.values()):
            return None
        words = ", ".join(f"“{word}” ({counted(number)})" for word, number in unknown.most_common(_WORDS_SHOWN))
        more = f" and {len(unknown) - _WORDS_SHOWN} more" if len(unknown) > _WORDS_SHOWN else ""
        return Question(
            "stages",
            f"“{use.title}” says nothing of deals that I know: {words}{more}. Which of them are won, lost or a stage "
            "stands under stage_words in app.yaml, such as won: [signed off]. If all of them are stages of open deals, "
            f'say --map "{use.title}=stage".',
            (use.title,),
            "stage",
        )


def _cell(cells: Sequence[str], at: int | None) -> str:
    return text_of(cells[at]) if at is not None and at < len(cells) else ""


def _is_total(cell: str) -> bool:
    return _TOTAL.fullmatch(cell) is not None


def _column(use: Use | None) -> int | None:
    return use.column if use is not None and use.column >= 0 else None


def _slot(identity: str) -> int:
    return hash(identity) % _SLOTS


def _is_fraction(cell: str) -> bool:
    try:
        return 0 <= float(cell.replace(",", ".")) <= 1
    except ValueError:
        return False
