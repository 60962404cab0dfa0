"""A sheet as CSV: UTF-8 with the mark by which Excel knows it, plain numbers, ISO days, and no cell a formula."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TextIO

from handlers.export.sheet import Cell, Column, Sheet
from handlers.language.formulas import safe

MARK = "\ufeff"


def write(sheet: Sheet, to: TextIO, *, mark: bool = True) -> int:
    """Write the sheet, header first; how many rows. `to` is text as UTF-8, opened with newline=""; the mark is for
    files, and in the way of other programs."""
    if mark:
        to.write(MARK)
    writer = csv.writer(to)
    writer.writerow([safe(title(column, sheet.currency)) for column in sheet.columns])
    number = 0
    for row in sheet.rows:
        writer.writerow([_cell(cell) for cell in row])
        number += 1
    return number


def title(column: Column, currency: str) -> str:
    """What a number is counted in stands in the header, as no cell can say it."""
    match column.kind:
        case "money":
            return f"{column.title} ({currency})"
        case "share":
            return f"{column.title} (%)"
        case _:
            return column.title


def _cell(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case str():
            return safe(cell)
        case Fraction():
            return f"{float(cell * 100):.2f}"
        case date():
            return cell.isoformat()
        case int() | Decimal():
            # A number keeps its minus sign: `safe` is for what people wrote.
            return str(cell)
