"""Sheets as an XLSX file (ECMA-376): text as text, amounts as numbers to the cent, days as days. There is no formula.

Written by ourselves, row by row: what is needed of the format is this page, and nothing of a sheet is held in memory
but its compressed rows.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import chain, islice
from typing import IO, Final
from xml.sax.saxutils import escape, quoteattr

from babel.numbers import get_currency_symbol

from handlers.export.sheet import Cell, Column, Kind, Sheet
from handlers.language.formulas import safe
from handlers.numbers.money import ENGLISH, precision

ROWS: Final = 1_000_000
"""Of one sheet; what is more goes on in the next. The format takes 1,048,576."""
TEXT: Final = 32_767
"""Characters that a cell takes."""
NAME: Final = 31
"""Characters of a sheet's name."""

_EPOCH = date(1899, 12, 30)
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_STYLES: Final[dict[Kind | str, int]] = {
    "plain": 0, "head": 1, "money": 2, "amount": 3, "share": 4, "day": 5, "count": 6, "text": 7, "risky": 8
}  # fmt: skip
"""Place of each style in `cellXfs`."""
_UNSENT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
"""What XML cannot hold; the format has an escape for it, and for what would be read as one."""
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")


def write(sheets: Iterable[Sheet], to: IO[bytes]) -> list[int]:
    """Write them as one workbook; how many rows each has. There must be one at least."""
    numbers: list[int] = []
    names: list[str] = []
    currency = ""
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for sheet in sheets:
            currency = sheet.currency
            rows, written = iter(sheet.rows), 0
            while True:
                names.append(_name(sheet.name, names))
                # Zip64 from the start: how long a sheet gets is not known before.
                with archive.open(f"xl/worksheets/sheet{len(names)}.xml", "w", force_zip64=True) as part:
                    written += _sheet(sheet.columns, islice(rows, ROWS), part)
                more = next(rows, None)
                if more is None:
                    break
                rows = chain((more,), rows)
            numbers.append(written)
        for path, content in _frame(names, currency):
            archive.writestr(path, _HEAD + content)
    return numbers


def _sheet(columns: tuple[Column, ...], rows: Iterator[tuple[Cell, ...]], part: IO[bytes]) -> int:
    widths = "".join(
        f'<col min="{at}" max="{at}" width="{column.wide}" customWidth="1"/>' for at, column in enumerate(columns, 1)
    )
    # The header stays in sight.
    pane = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    part.write(
        (
            f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">{pane}</sheetView>'
            f"</sheetViews><cols>{widths}</cols><sheetData>"
        ).encode()
    )
    letters = [_letters(at) for at in range(len(columns))]
    head = "".join(_text(f"{letter}1", column.title, "head") for letter, column in zip(letters, columns, strict=True))
    part.write(f'<row r="1">{head}</row>'.encode())
    number = 0
    for number, row in enumerate(rows, 1):
        cells = "".join(
            _cell(f"{letter}{number + 1}", cell, column.kind)
            for letter, cell, column in zip(letters, row, columns, strict=True)
        )
        part.write(f'<row r="{number + 1}">{cells}</row>'.encode())
    part.write(b"</sheetData></worksheet>")
    return number


def _cell(place: str, cell: Cell, kind: Kind) -> str:
    match cell:
        case None | "":
            return ""
        case str():
            # The second look is what Excel gives to text that was typed with an apostrophe: it stays text when edited.
            return _text(place, cell, "text" if safe(cell) == cell else "risky")
        case date():
            return _number(place, str((cell - _EPOCH).days), "day")
        case Fraction():
            return _number(place, repr(float(cell)), kind)
        case int() | Decimal():
            return _number(place, format(cell, "f") if isinstance(cell, Decimal) else str(cell), kind)


def _number(place: str, number: str, style: str) -> str:
    return f'<c r="{place}" s="{_STYLES[style]}"><v>{number}</v></c>'


def _text(place: str, text: str, style: str) -> str:
    return (
        f'<c r="{place}" s="{_STYLES[style]}" t="inlineStr"><is><t xml:space="preserve">{_escaped(text)}</t></is></c>'
    )


def _escaped(text: str) -> str:
    text = _LOOKS_ESCAPED.sub("_x005F_", text[:TEXT])
    return escape(_UNSENT.sub(lambda found: f"_x{ord(found[0]):04X}_", text)).replace("\r", "_x000D_")


def _letters(at: int) -> str:
    """0 -> A, 25 -> Z, 26 -> AA."""
    first, last = divmod(at, 26)
    return (_letters(first - 1) if first else "") + chr(ord("A") + last)


def _name(wanted: str, taken: list[str]) -> str:
    """A sheet's name that the format takes and that none of the others has."""
    base = _FORBIDDEN.sub(" ", wanted).strip("' ")[:NAME] or "Sheet"
    name, number = base, 1
    while name.casefold() in {one.casefold() for one in taken}:
        number += 1
        name = f"{base[: NAME - len(str(number)) - 1]} {number}"
    return name


def _frame(names: list[str], currency: str) -> Iterator[tuple[str, str]]:
    """The other parts of the package."""
    numbered = list(enumerate(names, 1))
    parts = [("/xl/workbook.xml", "sheet.main"), ("/xl/styles.xml", "styles")]
    parts += [(f"/xl/worksheets/sheet{number}.xml", "worksheet") for number, _ in numbered]
    types = "".join(f'<Override PartName="{path}" ContentType="{_SHEET_TYPE}.{kind}+xml"/>' for path, kind in parts)
    yield (
        "[Content_Types].xml",
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{types}</Types>',
    )
    yield "_rels/.rels", _related([("rId1", "officeDocument", "xl/workbook.xml")])
    listed = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{number}" r:id="rId{number}"/>' for number, name in numbered
    )
    yield (
        "xl/workbook.xml",
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>',
    )
    related = [(f"rId{number}", "worksheet", f"worksheets/sheet{number}.xml") for number, _ in numbered]
    yield "xl/_rels/workbook.xml.rels", _related([*related, (f"rId{len(names) + 1}", "styles", "styles.xml")])
    yield "xl/styles.xml", _styles(currency)


def _related(parts: Iterable[tuple[str, str, str]]) -> str:
    each = "".join(
        f'<Relationship Id="{number}" Type="{_OFFICE}/{kind}" Target="{path}"/>' for number, kind, path in parts
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{each}</Relationships>'


def _styles(currency: str) -> str:
    formats = {164: _money(currency), 165: "#,##0.00", 166: "0.0%", 167: "yyyy\\-mm\\-dd", 168: "#,##0"}
    made = "".join(f'<numFmt numFmtId="{number}" formatCode={quoteattr(code)}/>' for number, code in formats.items())
    plain, bold = 'fontId="0"', 'fontId="1" applyFont="1"'
    looks = [(0, plain), (0, bold), *((number, f'{plain} applyNumberFormat="1"') for number in formats)]
    looks += [(49, f'{plain} applyNumberFormat="1"'), (49, f'{plain} applyNumberFormat="1" quotePrefix="1"')]
    cells = "".join(f'<xf numFmtId="{number}" fillId="0" borderId="0" xfId="0" {look}/>' for number, look in looks)
    font = '<sz val="11"/><name val="Calibri"/>'
    return (
        f'<styleSheet xmlns="{_MAIN}"><numFmts count="{len(formats)}">{made}</numFmts>'
        f'<fonts count="2"><font>{font}</font><font><b/>{font}</font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/>'
        '</fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        f'<cellXfs count="{len(looks)}">{cells}</cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    )


def _money(currency: str) -> str:
    """`"$"#,##0.00`, with as many digits after the point as the currency has."""
    digits = precision(currency) if currency else 2
    sign = get_currency_symbol(currency, ENGLISH).replace('"', "") if currency else ""
    space = " " if len(sign) > 1 and sign.isalpha() else ""
    return f'"{sign}{space}"#,##0' + (f".{'0' * digits}" if digits else "")
