"""What several commands need: the options that they share, the settings, and mistakes said in sentences."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn
from zoneinfo import ZoneInfo

import typer

if TYPE_CHECKING:
    from bot.config import Settings
    from storage.database import Database

Config = Annotated[Path | None, typer.Option("--config", help="Another app.yaml.")]
Now = Annotated[str | None, typer.Option("--now", help="Set the clock, e.g. 2026-11-18T10:00.")]

Demo = Annotated[
    str | None,
    typer.Option("--demo", help="Of the playground: small (ten people) or large (thirty, and a year behind them)."),
]


def fail(sentence: str) -> NoReturn:
    """Say what is wrong on standard error, and end with 1."""
    typer.echo(sentence, err=True)
    raise typer.Exit(1)


def settings_of(config: Path | None) -> Settings:
    """Those of app.yaml and the environment; their mistakes end the command."""
    from bot.config import ConfigError, load

    try:
        return load(config, os.environ)
    except ConfigError as error:
        fail(f"{error}\n\nPlease mend {'it' if len(error.mistakes) == 1 else 'these'}, then try again.")


def with_demo(settings: Settings, demo: str | None) -> Settings:
    """With that company in the playground; as the settings say where none is named."""
    from dataclasses import replace

    if demo not in (None, "small", "large"):
        fail(f"There is no demo company “{demo}”: small has ten people, large has thirty.")
    return replace(settings, playground=settings.playground.playing(demo)) if demo else settings


def database_url(settings: Settings) -> str:
    """The company's, or the playground's where there is no install."""
    return settings.database_url if settings.installs else settings.playground.database_url


@contextmanager
def database_of(settings: Settings) -> Iterator[Database]:
    """The database, brought up to this version; what keeps it from that ends the command with a sentence."""
    from storage.database import open_database
    from storage.migrate import migrate

    with sentences():
        database = open_database(database_url(settings))
        try:
            migrate(database)
            yield database
        finally:
            database.close()


@contextmanager
def sentences() -> Iterator[None]:
    """What keeps Pacer from working is said, without a traceback."""
    from storage.database import StorageError
    from storage.migrate import NotReady

    try:
        yield
    except (NotReady, StorageError) as error:
        fail(str(error))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            fail(
                "The port is taken, perhaps by another Pacer: the address is in use. Choose another one in app.yaml, "
                "for example playground: {port: 3979}, or http: {port: 8081} with a platform."
            )
        fail(f"{error.strerror or error}: {error.filename or ''}".rstrip(": ") + ".")


def instant(now: str, zone: str) -> datetime:
    """The moment that `--now` names, aware; without an offset it is one of `zone`."""
    try:
        moment = datetime.fromisoformat(now)
    except ValueError:
        fail(f"“{now}” is no time. Write it like 2026-11-18T10:00.")
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))


def lines_of(text: str) -> Iterator[str]:
    """The one that was given; for `-`, those of standard input as they come."""
    if text != "-":
        yield text
        return
    for line in sys.stdin.buffer:
        yield line.decode("utf-8", "replace").rstrip("\r\n")
