"""`pacer import`: its options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.command_line.common import Config, database_of, fail, settings_of


def import_file(
    path: Annotated[str | None, typer.Argument(help="A CSV, XLSX or YAML file; with --undo an import's id.")] = None,
    kind: Annotated[
        str | None, typer.Option("--kind", help="people, accounts, targets, deals, revenue, cost or rates.")
    ] = None,
    mapping: Annotated[
        list[str] | None, typer.Option("--map", help='What a column is: "Column=field", "Column=-" for nothing.')
    ] = None,
    date_order: Annotated[str | None, typer.Option("--date-order", help="How 3/4/2026 is read: mdy or dmy.")] = None,
    sheet: Annotated[str | None, typer.Option("--sheet", help="Of an XLSX file, where it has several.")] = None,
    source: Annotated[str, typer.Option("--source", help="The system whose ids the file holds.")] = "import",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the difference, and write nothing.")] = False,
    all_or_nothing: Annotated[
        bool, typer.Option("--all-or-nothing", help="Write nothing if a row must be left out.")
    ] = False,
    errors: Annotated[Path | None, typer.Option("--errors", help="A CSV for rows that are left out.")] = None,
    undo: Annotated[bool, typer.Option("--undo", help="Roll the last import back, or the one of that id.")] = False,
    config: Config = None,
) -> None:
    """People, accounts, targets, deals, revenue or cost from a table, a commission plan from YAML. The same file again
    changes nothing."""
    from bot.importing import Options, Stopped, roll_back
    from bot.importing import run as bring_in
    from bot.importing_plan import PlanRefused
    from bot.importing_plan import run as bring_in_plan
    from handlers.imports.plan_apply import is_plan_file
    from handlers.imports.text import Refused

    if path is None and not undo:
        fail("Say which file, for example: pacer import deals.csv --dry-run")
    settings = settings_of(config)
    with database_of(settings) as database:
        try:
            if undo:
                roll_back(database, settings.company, path, typer.echo)
            elif path is not None and is_plan_file(path):
                bring_in_plan(database, settings.company, Path(path), typer.echo, dry_run=dry_run)
            else:
                assert path is not None
                options = Options(
                    path=Path(path),
                    kind=kind,
                    mapping=mapping or (),
                    date_order=date_order,
                    sheet=sheet,
                    source=source,
                    dry_run=dry_run,
                    all_or_nothing=all_or_nothing,
                    errors=errors,
                )
                bring_in(database, settings.company, options, typer.echo)
        except (Refused, Stopped, PlanRefused) as error:
            fail(str(error))
