"""What columns of unknown names look like by what stands in them, to propose the right one where one is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import tzinfo
from typing import Final

from handlers.imports.amounts import AmountColumn
from handlers.imports.dates import DayColumn
from handlers.imports.headers import Columns
from handlers.imports.match import Known, Names
from handlers.imports.survey import text_of, value_of
from handlers.imports.words import Stages

_MOST: Final = 0.8
"""So much of a column's cells have to be of a kind."""


def looks_like(
    columns: Columns,
    rows: Sequence[Sequence[str]],
    zone: tzinfo,
    people: Iterable[Known],
    accounts: Iterable[Known],
    stages: Stages,
) -> Mapping[str, str]:
    """Field -> title of the unused column whose cells look most like it. `rows` are some of the table's first."""
    known_people, known_accounts = Names(people, people=True), Names(accounts, people=False)
    found: dict[str, tuple[float, str]] = {}
    for use in columns.unused:
        cells = [cell for row in rows if use.column < len(row) and (cell := value_of(row[use.column]))]
        if not cells or not use.title.strip():
            continue
        texts = [text_of(cell) for cell in cells]
        shares = {
            "close": _share(cells, _days(cells, zone)),
            "amount": _share(cells, _amounts(cells)),
            "stage": _share(texts, lambda text: stages.find(text) is None or stages.knows(text, "")),
            "owner": _share(texts, lambda text: bool(known_people.find(text).key)),
            "account": _share(texts, lambda text: bool(known_accounts.find(text).key)),
        }
        best = next((field for field, share in shares.items() if share >= _MOST), "")
        if not best and len(set(texts)) * 2 >= len(texts) and all(any(map(str.isalpha, text)) for text in texts):
            best, shares["account"] = "account", 0.5
        if best and shares[best] > found.get(best, (0.0, ""))[0]:
            found[best] = (shares[best], use.title)
    return {field: title for field, (_, title) in found.items()}


def _share(cells: Sequence[str], fits: Callable[[str], bool]) -> float:
    return sum(map(fits, cells)) / len(cells)


def _days(cells: Sequence[str], zone: tzinfo) -> Callable[[str], bool]:
    column = DayColumn("", zone)
    for number, cell in enumerate(cells):
        column.add(number, cell)
    column.decide("dmy", None)

    def fits(cell: str) -> bool:
        try:
            column.read(cell)
        except ValueError:
            return False
        return not cell.isdecimal()

    return fits


def _amounts(cells: Sequence[str]) -> Callable[[str], bool]:
    column = AmountColumn("", None)
    for number, cell in enumerate(cells):
        column.add(number, cell)

    def fits(cell: str) -> bool:
        try:
            column.read(cell)
        except ValueError:
            return False
        return True

    return fits
