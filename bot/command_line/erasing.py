"""`pacer erase`: everything about somebody who has left, by whoever has this machine's command line."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.command_line.common import Config, database_of, fail, settings_of

if TYPE_CHECKING:
    from handlers.conversation.company import Company
    from handlers.conversation.reply import Reply
    from handlers.conversation.request import Message
    from storage.database import Database, Transaction

_OPEN = ("waiting", "running")


def erase(
    person: Annotated[str, typer.Option("--person", help="Name or e-mail address of somebody who has left.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for the name once more.")] = False,
    config: Config = None,
) -> None:
    """Erase what is kept about somebody who has left; amounts stay. Broken off, it goes on when it is said again."""
    from handlers.conversation.errors import UserError
    from handlers.privacy.erase import GOES, NO_WAY_BACK, STAYS, erasable

    settings = settings_of(config)
    with database_of(settings) as database:
        try:
            who = asyncio.run(database.read(lambda tx: erasable(tx, person)))
        except UserError as error:
            fail(error.sentence)
        if not yes:
            typer.echo(f"{GOES}\n{STAYS}\n{NO_WAY_BACK}")
            typed = typer.prompt(f"Type “{who.name}” to erase it for good", default="", show_default=False)
            if typed.split() != who.name.split():
                fail("That is not the name, so nothing was erased.")
        asyncio.run(_run(database, settings.company, who.id))
    typer.echo("Done: amounts, deals and dates stand as before, without the person. Backups age out: docs/privacy.md.")


async def _run(database: Database, company: Company, person: str) -> None:
    from bot.reception import utc_now
    from handlers.privacy.job import JOB, KIND, wanted
    from scheduled.jobs import Runner, data_of
    from storage import erasure, jobs

    def ask(tx: Transaction) -> str:
        open_one = erasure.open_job(tx, KIND, person)
        if open_one is not None:
            return open_one
        one = wanted(person, secrets.token_hex(8))
        jobs.put(tx, kind=one.kind, key=one.key, person=None, data=data_of(one, None), at=utc_now())
        return one.key

    key = await database.write(ask)
    runner = Runner(database, company, (JOB,), (), out=_Silent(), clock=utc_now, owner=secrets.token_hex(8))
    try:
        # One that another process began is waited for: when it dies, its lease runs out.
        while (job := await database.read(lambda tx: jobs.get(tx, key))) is not None and job.state in _OPEN:
            await runner.tick()
            await runner.idle()
            await asyncio.sleep(0.2)
    finally:
        await runner.stop()
    if job is None or job.state != "done":
        fail(f"It ended before it was done: {job.error if job else 'the job is gone'}. Say it again.")


class _Silent:
    """Stands for the chat: what it says stands in the terminal. Implements scheduled.jobs.Out."""

    def say(self, tx: Transaction, job: str, place: Any, person: str | None, reply: Reply, now: datetime) -> list[str]:
        """See Out."""
        return []

    def message(self, tx: Transaction, message: Message, now: datetime) -> list[str]:
        """See Out."""
        return []

    def kick(self, keys: Sequence[str]) -> None:
        """See Out."""
