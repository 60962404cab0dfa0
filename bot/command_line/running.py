"""`pacer run`, `migrate` and `doctor`: what keeps a bot running."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from bot.command_line.common import Config, database_url, fail, sentences, settings_of

if TYPE_CHECKING:
    from bot.config import Settings


Serve = Annotated[bool, typer.Option("--serve", help="Only answer people; another process works.")]
Work = Annotated[bool, typer.Option("--work", help="Only plan, deliver and run jobs; another process answers.")]


def run(config: Config = None, serve: Serve = False, work: Work = False) -> None:
    """Run the bot: for the installs of app.yaml, or as the playground where there are none.

    Any number of processes may share one PostgreSQL, each with --serve, with --work or with neither, which is both.
    """
    from bot import logs
    from bot.app import application
    from bot.roles import chosen, why_not

    settings = settings_of(config)
    roles = chosen(serve=serve, work=work)
    if sentence := why_not(settings, roles):
        fail(sentence)
    if not settings.installs and (refusal := settings.playground_refusal()):
        fail(refusal)
    logs.set_up(settings.logs, secrets=_secrets(settings))
    if settings.teams_unsigned_local:
        _warn_of_unsigned(settings)
    with sentences():
        app = application(settings, roles)
        asyncio.run(_serve(app.start, app.stop, playground=not settings.installs))


def _warn_of_unsigned(settings: Settings) -> None:
    import structlog

    from bot.teams.doctor import unsigned

    structlog.get_logger(__name__).warning(unsigned(settings))


async def _serve(start: Callable[[], Awaitable[str]], stop: Callable[[], Awaitable[None]], *, playground: bool) -> None:
    from bot.process import tune

    done = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, done.set)
    try:
        address = await start()
        tune()
        what = "The playground is open" if playground else "Pacer is listening"
        typer.echo(f"{what} at {address} (Ctrl+C ends it)")
        await done.wait()
    finally:
        await stop()


def migrate(config: Config = None) -> None:
    """Bring the database's schema up to this version."""
    from storage.database import open_database
    from storage.migrate import migrate as bring_up

    settings = settings_of(config)
    with sentences():
        database = open_database(database_url(settings))
        typer.echo(str(bring_up(database)))
        database.close()


def doctor(config: Config = None) -> None:
    """Say what is configured, what is reachable, what is missing and how to get it."""
    from bot.doctor import main as examine

    raise typer.Exit(examine(config))


def _secrets(settings: Settings) -> Iterator[str]:
    yield settings.key
    for workspace in settings.slack:
        yield from (workspace.bot_token, workspace.signing_secret, workspace.app_token)
    yield from (tenant.app_password for tenant in settings.teams)
