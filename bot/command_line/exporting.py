"""`pacer export`: its options."""

from __future__ import annotations

import io
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.command_line.common import Config, Now, database_of, fail, instant, settings_of

if TYPE_CHECKING:
    from handlers.export.wanted import What
    from storage.database import Database

cli = typer.Typer(no_args_is_help=True, help="Write rows to a file.")


Whose = Annotated[str, typer.Argument(help='Whose and when, as you would say it: "East last quarter".')]
Viewer = Annotated[str | None, typer.Option("--as", help="E-mail: what that person may see. Else all of it.")]
Kind = Annotated[str, typer.Option("--format", help="csv or xlsx; else what the file's name ends in.")]
Out = Annotated[Path | None, typer.Option("--out", "-o", help="The file; standard output by default, for one CSV.")]


@cli.command("figures")
def export_figures(
    whose: Whose = "", who: Viewer = None, kind: Kind = "", to: Out = None, now: Now = None, config: Config = None
) -> None:
    """Target, won, pace, gap and forecast: a row a unit and person, and a row a person and month."""
    _export_seen("figures", whose, who, kind, to, now, config)


@cli.command("deals")
def export_deals(
    whose: Whose = "", who: Viewer = None, kind: Kind = "", to: Out = None, now: Now = None, config: Config = None
) -> None:
    """The deals behind the figures, with their shares."""
    _export_seen("deals", whose, who, kind, to, now, config)


@cli.command("leaderboard")
def export_leaderboard(
    whose: Whose = "", who: Viewer = None, kind: Kind = "", to: Out = None, now: Now = None, config: Config = None
) -> None:
    """Ranks, with the amounts where they may be seen."""
    _export_seen("leaderboard", whose, who, kind, to, now, config)


def _export_seen(
    what: What, whose: str, who: str | None, kind: str, to: Path | None, now: str | None, config: Path | None
) -> None:
    from bot import exporting
    from bot.reception import utc_now

    kind = kind or (to.suffix.lower().lstrip(".") if to else "csv")
    if kind not in ("csv", "xlsx"):
        fail("--format is csv or xlsx.")
    settings = settings_of(config)
    moment = instant(now, settings.company.zone) if now else utc_now()
    with database_of(settings) as database:
        try:
            exporting.run(
                database,
                settings.company,
                what=what,
                words=whose,
                email=who,
                format="xlsx" if kind == "xlsx" else "csv",
                to=to,
                out=sys.stdout,
                say=lambda sentence: typer.echo(sentence, err=True),
                now=moment,
            )
        except exporting.NotExported as error:
            fail(str(error))


@cli.command("activities")
def export_activities(
    whose: Whose = "",
    to: Annotated[Path | None, typer.Option("--to", "--out", "-o", help="A file; standard output by default.")] = None,
    style: Annotated[
        str, typer.Option("--as", help="Column names: pacer, salesforce or hubspot. Or an e-mail, as with the others.")
    ] = "pacer",
    kind: Kind = "",
    since: Annotated[str | None, typer.Option(help="From this day on, e.g. 2026-10-01.")] = None,
    until: Annotated[str | None, typer.Option(help="Up to this day.")] = None,
    config: Config = None,
) -> None:
    """All activities that stand, as CSV that no spreadsheet takes for formulas; or those that somebody may see."""
    if "@" in style or whose or kind == "xlsx" or (to is not None and to.suffix.lower() == ".xlsx"):
        if since or until:
            fail('Say the days in words here, for example: pacer export activities "October 2026"')
        if "@" not in style and style != "pacer":
            fail(f"--as {style} is a CSV of all activities: leave out the words, and --format.")
        _export_seen("activities", whose, style if "@" in style else None, kind, to, None, config)
        return
    from handlers.log.export import STYLES

    if style not in STYLES:
        fail(f"--as is one of {', '.join(STYLES)}.")
    settings = settings_of(config)
    first, last = _day(since), _day(until)
    with database_of(settings) as database:
        number = _write_all(database, to, style, first, last)
    typer.echo(f"{number:,} activities" + (f" are in {to}." if to else "."), err=True)


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        fail(f"“{text}” is no date. Write it like 2026-10-01.")


def _write_all(database: Database, to: Path | None, style: str, first: date | None, last: date | None) -> int:
    from bot.exporting import whole
    from handlers.log.export import write
    from storage import activities
    from storage.database import Transaction

    with database.engine.connect() as connection:
        rows = activities.export(Transaction(connection), first, last)
        if to is None:
            return write(rows, style, sys.stdout)
        with whole(to) as file:
            text = io.TextIOWrapper(file, "utf-8", newline="")
            number = write(rows, style, text)
            text.flush()
            text.detach()
        return number
