"""`pacer deliveries`: its options."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.command_line.common import Config, database_of, fail, settings_of


def deliveries(
    person: Annotated[
        str | None,
        typer.Option("--person", help="Whose: a name or e-mail address. Without it: how many in each state."),
    ] = None,
    days: Annotated[int, typer.Option("--days", min=1, max=400, help="How many days back.")] = 14,
    config: Config = None,
) -> None:
    """Say what was to be said unasked to somebody, when, and what became of it."""
    from bot.deliveries import NobodyMeant, report
    from bot.reception import utc_now

    settings = settings_of(config)
    with database_of(settings) as database:
        try:
            for line in report(database, settings.company, person=person, days=days, now=utc_now()):
                typer.echo(line)
        except NobodyMeant as mistake:
            fail(str(mistake))
