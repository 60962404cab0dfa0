"""`pacer run`, `migrate` and `doctor`: what keeps a bot running."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, NoReturn, Protocol

import typer

from bot.command_line.common import Config, Demo, database_url, fail, sentences, settings_of, with_demo

if TYPE_CHECKING:
    from bot.config import Settings


Serve = Annotated[bool, typer.Option("--serve", help="Only answer people; another process works.")]
Work = Annotated[bool, typer.Option("--work", help="Only plan, deliver and run jobs; another process answers.")]


def run(config: Config = None, serve: Serve = False, work: Work = False, demo: Demo = None) -> None:
    """Run the bot: for the installs of app.yaml, or as the playground where there are none.

    Any number of processes may share one PostgreSQL, each with --serve, with --work or with neither, which is both.
    """
    from bot import logs
    from bot.app import application
    from bot.roles import chosen, why_not

    settings = with_demo(settings_of(config), demo)
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
        said = "Pacer is listening at {}" if roles.serves else "Pacer works, and its health is at {}"
        whole = asyncio.run(_serve(app, said if settings.installs else "The playground is open at {}"))
        if not whole:
            # A thread is still at something, and would keep the process for as long.
            _end(1)


def _warn_of_unsigned(settings: Settings) -> None:
    import structlog

    from bot.teams.doctor import unsigned

    structlog.get_logger(__name__).warning(unsigned(settings))


class _Runs(Protocol):
    async def start(self) -> str: ...
    async def leave(self) -> None: ...
    async def stop(self) -> bool: ...


async def _serve(app: _Runs, said: str) -> bool:
    """Until somebody asks it to stop; once it runs it says `said`, with its address. Whether what was begun came to its
    end in time."""
    from bot.process import tune

    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    by: list[signal.Signals] = []

    def ask(name: signal.Signals) -> None:
        if by:
            typer.echo("Stopped at once. What was begun is gone on with by another process, or at the next start.")
            _end(128 + name)
        by.append(name)
        asked.set()

    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, ask, name)
    try:
        address = await app.start()
        tune()
        typer.echo(f"{said.format(address)} (Ctrl+C ends it)")
        await asked.wait()
        if by == [signal.SIGTERM]:
            # From who looks after processes: perhaps behind a proxy.
            await app.leave()
    finally:
        whole = await app.stop()
    return whole


def _end(code: int) -> NoReturn:
    """Now, whatever threads are still at."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


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
