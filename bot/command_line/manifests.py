"""`pacer manifest`: what a platform must be told of this bot."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.command_line.common import Config, fail, sentences, settings_of

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.teams.install import TeamsInstall

cli = typer.Typer(no_args_is_help=True, help="Make what a platform must be told of this bot.")


@cli.command("slack")
def manifest_slack(
    url: Annotated[
        str | None, typer.Option("--url", help="Where Slack reaches this bot, e.g. https://pacer.example.com.")
    ] = None,
    config: Config = None,
) -> None:
    """The Slack app's manifest, made from the commands and app.yaml."""
    from bot.slack.manifest import EXAMPLE_URL, manifest
    from bot.slack.receive import PATH
    from handlers import COMMANDS

    settings = settings_of(config)
    address = EXAMPLE_URL if url is None else url.rstrip("/").removesuffix(PATH) + PATH
    data: dict[str, Any] = manifest(COMMANDS, settings.company, settings.slack, address)
    typer.echo(json.dumps(data, indent=2, ensure_ascii=False))


@cli.command("teams")
def manifest_teams(
    name: Annotated[
        str | None, typer.Option("--install", help="Which Teams install of app.yaml, where there are several.")
    ] = None,
    to: Annotated[Path, typer.Option("--out", help="The package to write.")] = Path("pacer-teams.zip"),
    as_json: Annotated[bool, typer.Option("--json", help="Print the manifest, and write no package.")] = False,
    config: Config = None,
) -> None:
    """The Teams app's package, made from the commands and app.yaml: what an admin uploads."""
    from importlib.metadata import version

    from bot.teams.manifest import manifest, package
    from handlers import COMMANDS

    settings = settings_of(config)
    install = _teams_install(settings, name)
    data = manifest(COMMANDS, settings.company, install, version("pacer"))
    if as_json:
        typer.echo(json.dumps(data, indent=2, ensure_ascii=False))
        return
    with sentences():
        to.write_bytes(package(data))
    typer.echo(f"{to} holds the app of {install.name}, version {data['version']}. docs/teams.md says where to put it.")


def _teams_install(settings: Settings, name: str | None) -> TeamsInstall:
    listed = {install.name: install for install in settings.teams}
    if not listed:
        fail(
            f"{settings.path} lists no Teams install, and the package needs the bot's app id. docs/teams.md says how "
            "to register the bot and what to write under installs."
        )
    if name is None and len(listed) > 1:
        fail(f"There are several Teams installs. Choose one with --install: {', '.join(listed)}.")
    if name is not None and name not in listed:
        fail(f"“{name}” is no Teams install of {settings.path}. It lists {', '.join(listed)}.")
    return listed[name or next(iter(listed))]
