"""Real processes under load, killed with SIGKILL at random moments, hundreds of times (FAULT 13).

    python -m tests.chaos.run [--kills 500] [--database sqlite|postgres|URL] [--processes N] [--seed N]

Turns come in all the while over the real front door (signed Slack requests to `pacer run`), rounds are planned and
said unasked, exports run as jobs; a Slack at the far end counts what it is given. Then the rows, the people and that
Slack must agree: what was acknowledged is stored, nothing is there twice, every row of the outbox has its end.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
import structlog

from bot.reception import utc_now
from bot.slack.install import SlackInstall
from storage import outbox
from storage.database import Database, Transaction, open_database
from storage.migrate import migrate
from storage.tables import jobs, notices
from storage.tables import outbox as rows
from tests.chaos.account import Account, account
from tests.chaos.company import found, no_more
from tests.chaos.people import CHANNEL, Front, Talk
from tests.chaos.rounds import begin
from tests.chaos.server import opened
from tests.fakes.ports import own_port

log = structlog.get_logger(__name__)

ACME = SlackInstall("acme", "T1", bot_token="xoxb-acme", signing_secret="secret-acme")
SETTINGS = """
company: {{name: Demo}}
admins: [u100@example.com]
domains: [example.com]
database: "{database}"
http: {{port: {port}}}
installs:
  - {{name: acme, team: T1, bot_token: "${{SLACK_BOT_TOKEN}}", signing_secret: "${{SLACK_SIGNING_SECRET}}"}}
"""
LEASES = timedelta(minutes=3)
"""The last clock is that far ahead, so that nobody waits for the leases of the dead."""
FAR_END = 0.25
"""Seconds that Slack takes to answer at most."""
PATIENCE = 600.0
"""Seconds in which everything has its end, or never."""


class Victims:
    """The processes, by the port that each listens on."""

    def __init__(self, folder: Path, database: str, ports: list[int], behind: float, weekday: int) -> None:
        self.ports = ports
        self.kills = 0
        self.log = folder / "log"
        self.behind = behind
        self._weekday = weekday
        self._living: dict[int, int] = {}
        self._configs = {}
        for port in ports:
            config = self._configs[port] = folder / f"{port}" / "app.yaml"
            config.parent.mkdir()
            config.write_text(SETTINGS.format(database=database, port=port))
        self._nursery: asyncio.subprocess.Process | None = None

    async def open(self, slack_url: str) -> None:
        """The program that forks them."""
        given = {
            "SLACK_API_URL": slack_url,
            "SLACK_BOT_TOKEN": ACME.bot_token,
            "SLACK_SIGNING_SECRET": ACME.signing_secret,
            "PACER_KEY": "a key for tests, long enough",
        }
        self._nursery = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.chaos.victims"),
            cwd=Path(__file__).parents[2],
            env=os.environ | given,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )

    async def start(self, port: int) -> None:
        """One of them; it does not listen yet."""
        assert self._nursery is not None
        assert self._nursery.stdin is not None
        assert self._nursery.stdout is not None
        how = {"config": str(self._configs[port]), "behind": self.behind, "weekday": self._weekday}
        self._nursery.stdin.write(json.dumps(how | {"log": str(self.log)}).encode() + b"\n")
        self._living[port] = int(await self._nursery.stdout.readline())

    async def kill(self, port: int) -> None:
        """kill -9, until it is gone."""
        child = self._living.pop(port)
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
            self.kills += 1
            while True:
                os.kill(child, 0)
                await asyncio.sleep(0.005)

    async def listening(self, port: int, patience: float = 60.0) -> None:
        """Until it takes requests."""
        async with asyncio.timeout(patience):
            while True:
                with suppress(OSError):
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.close()
                    return
                os.kill(self._living[port], 0)
                await asyncio.sleep(0.02)

    async def close(self) -> None:
        """End them all."""
        for port in list(self._living):
            await self.kill(port)
        if self._nursery is not None and self._nursery.stdin is not None:
            self._nursery.stdin.close()
            await self._nursery.wait()


async def _kill_again_and_again(victims: Victims, kills: int, chance: random.Random, life: float) -> None:
    """One after another, at random moments, its start included; now and then all at once."""
    while victims.kills < kills:
        await asyncio.sleep(chance.uniform(0, 2 * life / len(victims.ports)))
        if victims.kills % 50 == 0:
            log.info("chaos", kills=victims.kills, of=kills)
        which = list(victims.ports) if chance.random() < 0.05 else [chance.choice(victims.ports)]
        for port in which:
            await victims.kill(port)
        for port in which:
            await victims.start(port)
        if chance.random() < 0.7:
            # Else a slow machine would see starts and nothing else.
            await victims.listening(which[0])


def _open(tx: Transaction) -> int:
    """How much has no end yet."""
    of_outbox = sa.select(sa.func.count()).where(rows.c.state.not_in(outbox.FINAL_STATES))
    of_jobs = sa.select(sa.func.count()).where(jobs.c.state.in_(("waiting", "running")))
    of_notices = sa.select(sa.func.count()).where(notices.c.settled_at.is_(None))
    return sum(int(tx.execute(query).scalar_one()) for query in (of_outbox, of_jobs, of_notices))


async def chaos(
    database_url: str, folder: Path, *, kills: int, processes: int, people: int, pause: float, life: float, seed: int
) -> Account:
    """The run. `pause`: seconds between two things that somebody says; `life`: that a process lives, on average."""
    chance = random.Random(seed)
    database = open_database(database_url)
    migrate(database)
    users = [f"U{100 + number}" for number in range(people)]
    start = begin(utc_now().date())
    behind = (utc_now() - start).total_seconds()
    await found(database, users, start - timedelta(days=1))
    victims = Victims(folder, database_url, [own_port() for _ in range(processes)], behind, start.weekday())
    async with Front(ACME) as slack:
        slack.ports = tuple(victims.ports)
        for user in users:
            slack.add_user(user, name=f"Person {user}", email=f"{user.casefold()}@example.com", tz="UTC")
            slack.direct(user)
        slack.join(CHANNEL, "bot", *users)
        for method in ("chat.postMessage", "chat.postEphemeral"):
            slack.inject(method, slow=FAR_END / 2, do=True, times=1_000_000_000)
        try:
            await victims.open(slack.url)
            for port in victims.ports:
                await victims.start(port)
            began = time.monotonic()
            talk = Talk(slack, chance)
            talking = [asyncio.create_task(talk.live(user, pause)) for user in users[1:]]
            talking.append(asyncio.create_task(talk.exporting(users[0], kills / 20)))
            await _kill_again_and_again(victims, kills - processes, chance, life)
            for port in victims.ports:
                await victims.kill(port)
            seconds = time.monotonic() - began
            talk.over.set()
            victims.behind -= LEASES.total_seconds()
            now = utc_now() - timedelta(seconds=victims.behind)
            # Else another round would come each minute, and there would never be an end.
            await database.write(lambda tx: no_more(tx, weekday=start.weekday(), since=now))
            for port in victims.ports:
                await victims.start(port)
            await asyncio.wait_for(asyncio.gather(*talking), PATIENCE)
            await _ended(database)
            told = await database.read(
                lambda tx: account(tx, talk, kills=victims.kills, seconds=seconds, people=people)
            )
            slack.violations = []
        finally:
            await victims.close()
            database.close()
    return told


async def _ended(database: Database) -> None:
    """Until nothing is open and nothing new comes."""
    quiet = 0
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            while quiet < 4:
                quiet = 0 if await database.read(_open) else quiet + 1
                await asyncio.sleep(0.25)


def main() -> int:
    """Run it, tell what came of it; 1 where a promise is broken."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("--kills", type=int, default=500)
    arguments.add_argument("--database", default="sqlite", help="sqlite, postgres, or an empty database's URL")
    arguments.add_argument("--processes", type=int, help="1 on SQLite, 4 on PostgreSQL")
    arguments.add_argument("--people", type=int, default=60)
    arguments.add_argument("--pause", type=float, default=10.0, help="seconds between two things that somebody says")
    arguments.add_argument("--life", type=float, help="seconds that a process lives, on average")
    arguments.add_argument("--seed", type=int, default=13)
    arguments.add_argument("--keep", action="store_true", help="leave the database and the log for a look")
    given = arguments.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="pacer-chaos-"))
    try:
        with opened(given.database, folder) as url:
            alone = url.startswith("sqlite")
            processes = given.processes or (1 if alone else 4)
            told = asyncio.run(
                chaos(
                    url,
                    folder,
                    kills=given.kills,
                    processes=processes,
                    people=given.people,
                    pause=given.pause,
                    life=given.life or (1.2 if alone else 5.0),
                    seed=given.seed,
                )
            )
    finally:
        if given.keep:
            print(f"left in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    print(told.told(f"{'SQLite' if alone else 'PostgreSQL'}, {processes} process{'es' if processes > 1 else ''}"))
    for line in told.wrong:
        print(f"WRONG: {line}")
    return 1 if told.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
