"""What is said of a file that was read, and of what came of it; for the command line and for chat."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from handlers.conversation.wording import listed as and_
from handlers.imports.apply import Application, notes
from handlers.imports.reading import Reading, Report
from handlers.numbers.money import written
from storage import imports
from storage.database import Transaction

SHOWN: Final = 10
_TOLD: Final = ("deals", "ledger", "targets", "people", "rates")
_NOT_TOLD: Final = ("changed_at", "stage_since", "replaced_at", "set_at")
_OPTION: Final = re.compile(r"(?<!\w)--[a-z]")


def rows(count: int) -> str:
    """`1 row`, `4,812 rows`."""
    return f"{count:,} row" if count == 1 else f"{count:,} rows"


def counts(done: Application, *, would: bool) -> str:
    """The sentence with the numbers."""
    tally, will = done.tally, "would be " if would else ""
    return (
        f"{rows(tally.made)} {will}made, {tally.changed:,} {will}changed, {tally.same:,} the same already, "
        f"{done.left_out:,} left out."
    )


def remarks(done: Application, *, odd: bool = True) -> list[str]:
    """What was noticed, as sentences: how it was read, what looked odd, what was done beside, what is in doubt."""
    read, tally = done.reading.report(), done.tally
    doubts = tally.doubts[:SHOWN]
    if len(tally.doubts) > SHOWN:
        doubts.append(f"{len(tally.doubts) - SHOWN:,} further doubts of that kind.")
    looked = [one.sentence for one in read.odd] if odd else []
    return [*read.notes, *_aside(read), *looked, *notes(tally), *doubts]


def _aside(read: Report) -> list[str]:
    """What was taken for no row of the table: a person may know better."""
    if not read.totals:
        return []
    more = [f"{read.totals - len(read.aside):,} more"] if read.totals > len(read.aside) else []
    which = f"{'Row' if read.totals == 1 else 'Rows'} {and_([*map(str, read.aside), *more])}"
    taken = "a line" if read.totals == 1 else "lines"
    return [f"{which} left aside, as {taken} with totals, a repeated header or words under the table."]


def left_out(done: Application) -> list[str]:
    """The first rows that are left out, each once with its reasons."""
    said: dict[int, dict[str, list[str]]] = {}
    for error in sorted((*done.reading.report().errors, *done.tally.left_out), key=lambda error: error.row):
        columns = said.setdefault(error.row, {}).setdefault(error.reason, [])
        if error.column and error.column not in columns:
            columns.append(error.column)
    return [_said(row, reasons) for row, reasons in list(said.items())[:SHOWN]]


def _said(row: int, reasons: dict[str, list[str]]) -> str:
    """Reasons with the columns that they are about."""
    told = [f"{' and '.join(columns)}: {reason}" if columns else reason for reason, columns in reasons.items()]
    return f"Row {row}{',' if next(iter(reasons.values())) else ':'} {' '.join(told)}"


def changes(tx: Transaction, done: Application) -> list[str]:
    """The first rows that are changed, and how, from the journal of an import."""
    lines = []
    for entry in imports.changed_rows(tx, done.id, _TOLD, SHOWN):
        told = [
            f"{name.removesuffix('_minor')} {_value(name, old, done)} → {_value(name, new, done)}"
            for name, (old, new) in (entry.changed or {}).items()
            if name not in _NOT_TOLD
        ]
        if told:
            name = entry.row if entry.table == "rates" else imports.name_of(tx, entry.table, entry.row)
            lines.append(f"{name or entry.table}: {', '.join(told)}")
    return lines


def _value(name: str, value: Any, done: Application) -> str:
    if value is None:
        return "nothing"
    return written(value, done.company.currency) if name.endswith("_minor") else str(value)


def unused(reading: Reading) -> list[str]:
    """Titles of the columns that are not used."""
    return [use.title for use in reading.columns.unused if use.title]


def without_options(text: str) -> str:
    """The sentences without those that name an option of the command line, for chat."""
    kept = []
    for sentence in re.split(r"(?<=[.?]) +", text):
        parts = sentence.split("; ")
        whole = [part for part in parts if not _OPTION.search(part)]
        if whole:
            joined = "; ".join(whole)
            kept.append(joined if joined.endswith((".", "?")) else f"{joined}.")
    return " ".join(kept)


def listed(lines: Sequence[str]) -> str:
    """Lines under one another, each with a dash."""
    return "\n".join(f"– {line}" for line in lines)
