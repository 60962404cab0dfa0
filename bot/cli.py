"""`pacer`: the command line, joined here from `bot/command_line/`, a file a subject.

Slow imports stand inside the commands, so that each starts as fast as it can.
"""

from __future__ import annotations

from typing import Annotated

import typer

from bot.command_line import deliveries, erasing, exporting, importing, manifests, parsing, running, talking

cli = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Pacer, the sales team's running mate in Slack and Microsoft Teams.",
)
for command in (running.run, running.migrate, running.doctor, talking.say, talking.chat):
    cli.command()(command)
cli.command("import")(importing.import_file)
cli.command()(deliveries.deliveries)
cli.command()(erasing.erase)
cli.add_typer(parsing.cli, name="parse")
cli.add_typer(exporting.cli, name="export")
cli.add_typer(manifests.cli, name="manifest")


def _say_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"pacer {version('pacer')}")
        raise typer.Exit


@cli.callback()
def about(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_say_version, is_eager=True)
    ] = False,
) -> None:
    """Pacer, the sales team's running mate in Slack and Microsoft Teams."""


def main() -> None:
    """The entry point."""
    cli()
