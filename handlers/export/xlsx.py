"""Sheets as an XLSX file: text as text, amounts as numbers to the cent, days as days. There is no formula.

Written row by row: the library keeps what is done of a sheet in a file of its own until the end, not in memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import chain, islice
from tempfile import TemporaryDirectory
from typing import IO, Any, Final

import xlsxwriter
from babel.numbers import get_currency_symbol
from xlsxwriter.exceptions import FileCreateError

from handlers.export.sheet import Cell, Column, Sheet
from handlers.language.formulas import safe
from handlers.numbers.money import ENGLISH, precision

ROWS: Final = 1_000_000
"""Of one sheet; what is more goes on in the next. The format takes 1,048,576."""
NAME: Final = 31
"""Characters of a sheet's name."""

_AS_TEXT: Final = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")


def write(sheets: Iterable[Sheet], to: IO[bytes]) -> list[int]:
    """Write them as one workbook; how many rows each has. There must be one at least. Raises OSError."""
    numbers: list[int] = []
    names: list[str] = []
    with TemporaryDirectory(prefix="pacer-export-") as aside:
        book = xlsxwriter.Workbook(to, {"constant_memory": True, "tmpdir": aside, "use_zip64": True, **_AS_TEXT})
        try:
            for sheet in sheets:
                styles = _styles(book, sheet.currency)
                rows, written = iter(sheet.rows), 0
                while True:
                    names.append(_name(sheet.name, names))
                    written += _sheet(book.add_worksheet(names[-1]), styles, sheet.columns, islice(rows, ROWS))
                    more = next(rows, None)
                    if more is None:
                        break
                    rows = chain((more,), rows)
                numbers.append(written)
        finally:
            _close(book)
    return numbers


def _sheet(part: Any, styles: dict[str, Any], columns: tuple[Column, ...], rows: Iterator[tuple[Cell, ...]]) -> int:
    part.freeze_panes(1, 0)
    for at, column in enumerate(columns):
        part.set_column(at, at, column.wide)
        part.write_string(0, at, column.title, styles["head"])
    number = 0
    for number, row in enumerate(rows, 1):
        for at, (cell, column) in enumerate(zip(row, columns, strict=True)):
            match cell:
                case None | "":
                    pass
                case str():
                    part.write_string(number, at, _unread(cell), styles["text" if safe(cell) == cell else "risky"])
                case date():
                    part.write_datetime(number, at, cell, styles["day"])
                case int() if column.kind == "amount":
                    # A count among amounts.
                    part.write_number(number, at, cell, styles["count"])
                case _:
                    part.write_number(number, at, cell, styles[column.kind])
    return number


def _unread(text: str) -> str:
    """XlsxWriter takes `<r>…</r>` for text that was formatted by itself, and writes it into the XML as it stands: a
    deal's name could bring a formula that way. With a blank before it, it is text like any other."""
    return f" {text}" if text.startswith("<r>") else text


def _styles(book: Any, currency: str) -> dict[str, Any]:
    """By the kind of a column, and for what is no number."""
    text: dict[str, object] = {"num_format": "@"}
    looks: dict[str, dict[str, object]] = {
        "head": {"bold": True},
        "money": {"num_format": _money(currency)},
        "amount": {"num_format": "#,##0.00"},
        "share": {"num_format": "0.0%"},
        "day": {"num_format": "yyyy\\-mm\\-dd"},
        "count": {"num_format": "#,##0"},
        "text": text,
        # What Excel gives to text that was typed with an apostrophe: it stays text when it is edited.
        "risky": {**text, "quote_prefix": True},
    }
    return {name: book.add_format(look) for name, look in looks.items()}


def _close(book: Any) -> None:
    """This writes the file. The library's name for what is wrong with a disk is no OSError."""
    try:
        book.close()
    except FileCreateError as error:
        raise error.args[0] from None


def _name(wanted: str, taken: list[str]) -> str:
    """A sheet's name that the format takes and that none of the others has."""
    base = _FORBIDDEN.sub(" ", wanted).strip("' ")[:NAME] or "Sheet"
    name, number = base, 1
    while name.casefold() in {one.casefold() for one in taken}:
        number += 1
        name = f"{base[: NAME - len(str(number)) - 1]} {number}"
    return name


def _money(currency: str) -> str:
    """`"$"#,##0.00`, with as many digits after the point as the currency has."""
    digits = precision(currency) if currency else 2
    sign = get_currency_symbol(currency, ENGLISH).replace('"', "") if currency else ""
    space = " " if len(sign) > 1 and sign.isalpha() else ""
    return f'"{sign}{space}"#,##0' + (f".{'0' * digits}" if digits else "")
