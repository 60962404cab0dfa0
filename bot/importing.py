"""`pacer import`: a file is read, shown, applied and reported; `--undo` rolls an import back."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, cast, get_args
from zoneinfo import ZoneInfo

from handlers.conversation.company import Company
from handlers.imports import undo
from handlers.imports.apply import SOURCE, Application, known, notes
from handlers.imports.dates import Order
from handlers.imports.errors_file import ErrorsFile
from handlers.imports.fields import Kind
from handlers.imports.file import open_table
from handlers.imports.reading import Reading, read_file
from handlers.imports.rows import BadRow, RowError
from handlers.numbers.money import written
from handlers.numbers.periods import day_in
from storage import imports
from storage.database import Database, Transaction

Say = Callable[[str], None]
KINDS: Final[tuple[str, ...]] = get_args(Kind)
_SHOWN: Final = 10
_TOLD: Final = ("deals", "ledger", "targets", "people")


class Stopped(Exception):
    """Nothing was written; its text is the sentence that says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """As given on the command line."""

    path: Path
    kind: str | None = None
    mapping: Sequence[str] = ()
    date_order: str | None = None
    sheet: str | None = None
    source: str = SOURCE
    dry_run: bool = False
    all_or_nothing: bool = False
    errors: Path | None = None


class _NotKept(Exception):
    """Ends a dry run's transaction, so that it is rolled back."""


@dataclass(slots=True)
class _Dry:
    application: Application
    changes: list[str] = field(default_factory=list)


def run(database: Database, company: Company, options: Options, say: Say, *, now: datetime | None = None) -> None:
    """The whole command. Raises Stopped and Refused with a sentence; then nothing was written."""
    now = now or datetime.now(UTC)
    reading = _read(database, company, options, now)
    _show(reading, options.path, say)
    if reading.questions:
        asked = "\n".join(f"- {question.sentence}" for question in reading.questions)
        raise Stopped(f"Before anything is imported:\n{asked}")
    applied = Application(
        reading=reading,
        company=company,
        now=now,
        name=options.path.name,
        digest=_digest(options.path),
        source=options.source,
    )
    if options.dry_run or options.all_or_nothing:
        dry = _dry_run(database, applied, _SHOWN)
        wrong = dry.application.report()["bad"]
        if options.dry_run or wrong:
            _tell(dry.application, say, would=True, changes=dry.changes)
            _write_errors(dry.application, options, say)
            if options.dry_run:
                say("Nothing was written: this was a dry run.")
                return
            raise Stopped(f"Nothing was imported: {_rows(wrong)} would be left out, and it is to be all or nothing.")
    _apply(database, applied, say)
    _tell(applied, say, would=False)
    _write_errors(applied, options, say)
    if applied.tally.made or applied.tally.changed or applied.tally.notes:
        say(f"Roll it back with: pacer import --undo {applied.id}")


def roll_back(database: Database, company: Company, identifier: str | None, say: Say) -> None:
    """The last import, or that one. Raises Stopped."""

    def find(tx: Transaction) -> imports.Import | None:
        return imports.get(tx, identifier) if identifier else imports.latest(tx)

    found = database.submit(find).result()
    if found is None:
        raise Stopped(f"There is no import {identifier}." if identifier else "There is no import to roll back.")
    if found.state == "rolled back":
        raise Stopped(f"{found.name} was rolled back before.")
    now = datetime.now(UTC)
    counts: undo.Counts = undo.Counts()
    while (done := database.submit(lambda tx: undo.step(tx, company, found.id, now=now)).result()) is not None:
        counts.update(done)
    at = found.at.astimezone(ZoneInfo(company.zone))
    say(f"Rolled back: {found.name} ({found.kind}), imported on {at:%-d %b %Y at %H:%M}.")
    for sentence in undo.sentences(counts) or ["It had changed nothing."]:
        say(sentence)


# ---------------------------------------------------------------- reading


def _read(database: Database, company: Company, options: Options, now: datetime) -> Reading:
    if options.kind is not None and options.kind not in KINDS:
        raise Stopped(f"--kind is one of {', '.join(KINDS)}.")
    if options.date_order not in (None, *get_args(Order)):
        raise Stopped(f"--date-order is {' or '.join(get_args(Order))}.")
    there = database.submit(known).result()
    return read_file(
        options.path,
        currency=company.currency,
        zone=ZoneInfo(company.zone),
        today=day_in(company.zone, now),
        kind=cast("Kind | None", options.kind),
        mapping=list(options.mapping),
        date_order=cast("Order | None", options.date_order),
        sheet=options.sheet,
        stages={stage: company.stage_words.get(stage, ()) for stage in company.stages},
        known_people=there["known_people"],
        known_accounts=there["known_accounts"],
    )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# ---------------------------------------------------------------- applying


def _dry_run(database: Database, plan: Application, shown: int) -> _Dry:
    """All of it in one transaction that is rolled back."""
    kept: list[_Dry] = []

    def work(tx: Transaction) -> None:
        trial = Application(plan.reading, plan.company, plan.now, plan.name, plan.digest, source=plan.source)
        trial.id = trial.begin(tx)
        for piece in trial.works():
            trial.add(piece(tx))
        kept[:] = [_Dry(trial, _changes(tx, trial, shown))]
        raise _NotKept

    with suppress(_NotKept):
        database.submit(work).result()
    return kept[0]


def _changes(tx: Transaction, trial: Application, shown: int) -> list[str]:
    """The first rows that would be changed, and how."""
    lines = []
    for entry in imports.changed_rows(tx, trial.id, _TOLD, shown):
        told = [
            f"{name.removesuffix('_minor')} {_value(name, old, trial)} → {_value(name, new, trial)}"
            for name, (old, new) in (entry.changed or {}).items()
            if name not in ("changed_at", "stage_since", "replaced_at")
        ]
        if told:
            name = imports.name_of(tx, entry.table, entry.row)
            lines.append(f"{name or entry.table}: {', '.join(told)}")
    return lines


def _value(name: str, value: Any, trial: Application) -> str:
    if value is None:
        return "nothing"
    return written(value, trial.company.currency) if name.endswith("_minor") else str(value)


def _apply(database: Database, applied: Application, say: Say) -> None:
    applied.id = database.submit(applied.begin).result()
    try:
        with _bar(applied) as moved:
            for piece in applied.works():
                applied.add(database.submit(piece).result())
                moved(applied.read)
    except BaseException:
        say("It stopped on the way. The same file again goes on from there, and --undo takes back what is in.")
        with suppress(Exception):
            database.submit(
                lambda tx: imports.settle(tx, applied.id, "failed", at=datetime.now(UTC), report=None)
            ).result()
        raise
    database.submit(lambda tx: applied.finish(tx, datetime.now(UTC))).result()


@contextmanager
def _bar(applied: Application) -> Iterator[Callable[[int], None]]:
    """A progress bar where somebody looks."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(applied.name, total=applied.reading.expected)
        yield lambda read: progress.update(task, completed=read)


# ---------------------------------------------------------------- telling


def _show(reading: Reading, path: Path, say: Say) -> None:
    say(f"{path.name}: {reading.kind}. {reading.columns.why}".rstrip())
    say(f"Read as {reading.described}, header in row {reading.header_row}, {_rows(reading.expected)}.")
    width = max((len(use.title) for use in reading.columns.used), default=0)
    for use in reading.columns.used:
        value = f" (always {use.constant})" if use.column < 0 else ""
        say(f"  {use.title:<{width}}  → {use.field}{value}")
    if unused := [use.title for use in reading.columns.unused if use.title]:
        say(f"  Not used: {', '.join(unused)}")


def _tell(done: Application, say: Say, *, would: bool, changes: Sequence[str] = ()) -> None:
    report, tally = done.report(), done.tally
    will = "would be " if would else ""
    say(
        f"{_rows(tally.made)} {will}made, {tally.changed:,} {will}changed, {tally.same:,} the same already, "
        f"{report['bad']:,} left out."
    )
    for line in changes:
        say(f"  {line}")
    read = done.reading.report()
    for sentence in (*read.notes, *(odd.sentence for odd in read.odd), *notes(tally), *tally.doubts[:_SHOWN]):
        say(f"- {sentence}")
    if len(tally.doubts) > _SHOWN:
        say(f"- {len(tally.doubts) - _SHOWN:,} further doubts of that kind.")
    for error in (*read.errors, *tally.left_out)[:_SHOWN]:
        where = f", {error.column}" if error.column else ""
        say(f"  Row {error.row}{where}: {error.reason}")
    if report["bad"] > _SHOWN:
        say("  And so on; --errors FILE writes them all with their reasons.")


def _write_errors(done: Application, options: Options, say: Say) -> None:
    """Every row that was left out, with its cells and the reasons, if a file was asked for."""
    if options.errors is None:
        return
    late: dict[int, list[RowError]] = {}
    for error in done.tally.left_out:
        late.setdefault(error.row, []).append(error)
    bad = {row.row: row for row in done.reading.rows() if isinstance(row, BadRow)}
    for number, cells in open_table(options.path, sheet_name=options.sheet).rows() if late else ():
        if number in late:
            bad[number] = BadRow(number, tuple(cells), tuple(late[number]))
    if not bad:
        say("No row was left out, so there is no file of errors.")
        return
    half = options.errors.with_name(f".{options.errors.name}.{os.getpid()}")
    try:
        with half.open("w", encoding="utf-8", newline="") as file:
            errors = ErrorsFile(file, done.reading.titles)
            for number in sorted(bad):
                errors.add(bad[number])
        half.replace(options.errors)
    finally:
        with suppress(OSError):
            half.unlink()
    say(f"{_rows(len(bad))} and the reasons are in {options.errors}. Mend them there, and import that file.")


def _rows(count: int) -> str:
    return f"{count:,} row" if count == 1 else f"{count:,} rows"
