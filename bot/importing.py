"""`pacer import`: a file is read, shown, applied and reported; `--undo` rolls an import back."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final, cast, get_args
from zoneinfo import ZoneInfo

from bot.work import tell_outside
from handlers.conversation.company import Company
from handlers.imports import undo
from handlers.imports.apply import SOURCE, Application, Work
from handlers.imports.applying import Tally
from handlers.imports.asked import Around, Asked, around, digest_of, read
from handlers.imports.dates import Order
from handlers.imports.errors_file import write_left_out
from handlers.imports.fields import Kind
from handlers.imports.reading import Reading
from handlers.imports.rehearse import rehearse
from handlers.imports.telling import SHOWN, counts, left_out, remarks, rows, unused
from storage import imports
from storage.database import Database, Transaction
from storage.jobs import run_piece

Say = Callable[[str], None]
KINDS: Final[tuple[str, ...]] = get_args(Kind)


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


def run(database: Database, company: Company, options: Options, say: Say, *, now: datetime | None = None) -> None:
    """The whole command. Raises Stopped and Refused with a sentence; then nothing was written."""
    now = now or datetime.now(UTC)
    reading, there = _read(database, company, options, now)
    _show(reading, options.path, say)
    if reading.questions:
        asked = "\n".join(f"- {question.sentence}" for question in reading.questions)
        raise Stopped(f"Before anything is imported:\n{asked}")
    applied = Application(
        reading=reading,
        company=company,
        now=now,
        name=options.path.name,
        digest=digest_of(options.path),
        source=options.source,
        announces=there.announces(reading.kind),
    )
    if options.dry_run or options.all_or_nothing:
        dry = rehearse(database, applied)
        wrong = dry.application.left_out
        if options.dry_run or wrong:
            _tell(dry.application, say, would=True, changes=dry.changes)
            _write_errors(dry.application, options, say)
            if options.dry_run:
                say("Nothing was written: this was a dry run.")
                return
            raise Stopped(f"Nothing was imported: {rows(wrong)} would be left out, and it is to be all or nothing.")
    _apply(database, applied, say)
    _tell(applied, say, would=False)
    _write_errors(applied, options, say)
    if applied.tally.made or applied.tally.changed or applied.tally.notes:
        say(f"Roll it back with: pacer import --undo {applied.id}")


def roll_back(
    database: Database, company: Company, identifier: str | None, say: Say, *, now: datetime | None = None
) -> None:
    """The last import, or that one. Raises Stopped."""

    def find(tx: Transaction) -> imports.Import | None:
        return imports.get(tx, identifier) if identifier else imports.latest(tx)

    found = database.submit(find).result()
    if found is None:
        raise Stopped(f"There is no import {identifier}." if identifier else "There is no import to roll back.")
    if found.state == "rolled back":
        raise Stopped(f"{found.name} was rolled back before.")
    moment = now or datetime.now(UTC)
    counts: undo.Counts = undo.Counts()

    def piece(tx: Transaction) -> undo.Counts | None:
        facts: list[object] = []
        done = undo.step(tx, company, found.id, now=moment, facts=facts)
        tell_outside(tx, company, facts, moment)
        return done

    while (done := run_piece(database, piece)) is not None:
        counts.update(done)
    at = found.at.astimezone(ZoneInfo(company.zone))
    say(f"Rolled back: {found.name} ({found.kind}), imported on {at:%-d %b %Y at %H:%M}.")
    for sentence in undo.sentences(counts) or ["It had changed nothing."]:
        say(sentence)


# ---------------------------------------------------------------- reading


def _read(database: Database, company: Company, options: Options, now: datetime) -> tuple[Reading, Around]:
    if options.kind is not None and options.kind not in KINDS:
        raise Stopped(f"--kind is one of {', '.join(KINDS)}.")
    if options.date_order not in (None, *get_args(Order)):
        raise Stopped(f"--date-order is {' or '.join(get_args(Order))}.")
    asked = Asked(
        kind=cast("Kind | None", options.kind),
        mapping=tuple(options.mapping),
        date_order=cast("Order | None", options.date_order),
        sheet=options.sheet,
        source=options.source,
    )
    there = database.submit(around).result()
    return read(options.path, asked, there, name=options.path.name, company=company, now=now), there


# ---------------------------------------------------------------- applying


def _apply(database: Database, applied: Application, say: Say) -> None:
    applied.id = run_piece(database, applied.begin)

    def told(tx: Transaction, piece: Work) -> Tally:
        done = piece(tx)
        tell_outside(tx, applied.company, done.facts, applied.now)
        return done

    try:
        with _bar(applied) as moved:
            for piece in applied.works():
                applied.add(run_piece(database, partial(told, piece=piece)))
                moved(applied.read)
    except BaseException:
        say("It stopped on the way. The same file again goes on from there, and --undo takes back what is in.")
        with suppress(Exception):
            run_piece(database, lambda tx: imports.settle(tx, applied.id, "failed", at=datetime.now(UTC), report=None))
        raise
    run_piece(database, lambda tx: applied.finish(tx, datetime.now(UTC)))


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
    say(f"Read as {reading.described}, header in row {reading.header_row}, {rows(reading.expected)}.")
    width = max((len(use.title) for use in reading.columns.used), default=0)
    for use in reading.columns.used:
        value = f" (always {use.constant})" if use.column < 0 else ""
        say(f"  {use.title:<{width}}  → {use.field}{value}")
    if others := unused(reading):
        say(f"  Not used: {', '.join(others)}")


def _tell(done: Application, say: Say, *, would: bool, changes: Sequence[str] = ()) -> None:
    say(counts(done, would=would))
    for line in changes:
        say(f"  {line}")
    for sentence in remarks(done):
        say(f"- {sentence}")
    for line in left_out(done):
        say(f"  {line}")
    if done.left_out > SHOWN:
        say("  And so on; --errors FILE writes them all with their reasons.")


def _write_errors(done: Application, options: Options, say: Say) -> None:
    """Every row that was left out, with its cells and the reasons, if a file was asked for."""
    if options.errors is None:
        return
    half = options.errors.with_name(f".{options.errors.name}.{os.getpid()}")
    try:
        with half.open("wb") as file:
            number = write_left_out(done.reading, done.tally.left_out, file)
        if not number:
            say("No row was left out, so there is no file of errors.")
            return
        half.replace(options.errors)
    finally:
        with suppress(OSError):
            half.unlink()
    again = _again(options)
    how = f" with the same options: {again}" if again else ""
    say(f"{rows(number)} and the reasons are in {options.errors}. Mend them there, and import that file{how}.")


def _again(options: Options) -> str:
    """What was said of the file and holds for its rows that were left out too; they are a CSV, so of no sheet."""
    said = [
        *(["--kind", options.kind] if options.kind else []),
        *(word for one in options.mapping for word in ("--map", one)),
        *(["--date-order", options.date_order] if options.date_order else []),
        *(["--source", options.source] if options.source != SOURCE else []),
    ]
    return shlex.join(said)
