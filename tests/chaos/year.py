"""A year of everything that is said unasked, of check-ins and of wins, by a clock that is moved, from processes that
come and go.

    python -m tests.chaos.year [--database sqlite|postgres|URL] [--since DATE] [--until DATE] [--seed N]

Every topic of handlers.TOPICS that has a schedule, to people in 12 zones (five with half or quarter hours, two of whose
clocks change by such), with the holidays of ten countries and leave, by two processes that are stopped and started at
random (year_world.py). Check-ins are whole: people answer in time, late or never, and managers change
(year_checkins.py). Deals are told, imported, confirmed, corrected and taken back, and reach milestones (year_wins.py).
Then all of it is accounted for, by what people and channels read (year_account.py, year_answers.py,
year_milestones.py).
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time as clock
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path

from scheduled.planning import Planner
from storage.database import open_database
from storage.migrate import migrate
from tests.chaos import year_account, year_answers
from tests.chaos.year_account import Year
from tests.chaos.year_answers import Answers
from tests.chaos.year_checkins import Checkins
from tests.chaos.year_talk import Talk
from tests.chaos.year_wins import Deals
from tests.chaos.year_world import ALL, COMPANY, INSTALL, World


@dataclass
class Account:
    """All that came of it."""

    year: Year
    answers: Answers
    deals: Deals
    turns: int
    seconds: float
    wrong: list[str] = field(default_factory=list)

    def told(self, of: str) -> str:
        """For a page or a terminal."""
        deals, milestones = self.deals, self.deals.milestones
        reached = Counter[str]()
        for one, times in milestones.reached.items():
            reached[one[0]] += times
        kinds = ", ".join(f"{reached[kind]} {kind}" for kind in ("first", "best", "streak", "team", "quota"))
        return (
            f"{of}, {self.year.told()}\n{self.answers.told()}\n"
            f"  {len({one.account for one in deals.wins if one.day}):,} deals won, {deals.claimed:,} told in chat, the "
            f"others in {deals.imports:,} imports: {milestones.posts:,} announcements with {milestones.edits:,} edits; "
            f"{deals.corrected} corrected, {deals.reversed} taken back, {deals.restored} of them restored;\n"
            f"  milestones, each said once and as counted by hand: {kinds}; {milestones.asked} were asked of their own "
            f"target; no target's figure in any message;\n"
            f"  {self.turns:,} turns, {self.seconds:.0f} s; {len(self.wrong)} wrong"
        )


async def simulate(url: str, since: date, until: date, folder: Path, seed: int = 20261122) -> Account:
    """Run it on a database that has its tables and no rows, and account for it; files go into the folder."""
    began = clock.perf_counter()
    world = World(url, since, seed)
    database = world.database
    try:
        await database.write(lambda tx: world.settle(tx, (until - since).days))
        # From the beginning on there is a schedule: a process that starts later only finds it.
        planner = Planner(database, COMPANY, ALL, clock=lambda: world.now, owner="before")
        await database.write(planner.declare)
        end = datetime.combine(until, time(0), UTC)
        talk = Talk(world, INSTALL)
        checkins, deals = Checkins(world, talk), Deals(world, talk, folder, end)
        await database.write(deals.settle)
        await asyncio.to_thread(deals.begin)
        world.doing += [checkins, deals]
        await world.live(end)
        ended = await database.read(year_account.ends)
        marked = await database.read(year_answers.late_ones)
    finally:
        world.close()
    year = Year(since, until, starts=world.starts)
    year_account.account(world, year, ended)
    answers = year_answers.account(world, checkins, marked, ended)
    deals.milestones.finish()
    wrong = [*year.wrong, *answers.wrong, *deals.milestones.wrong]
    return Account(year, answers, deals, talk.turns, clock.perf_counter() - began, wrong)


def main() -> int:
    """Run it, tell what came of it; 1 where something is wrong."""
    from tests.chaos.server import opened

    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    arguments.add_argument("--database", default="sqlite", help="sqlite, postgres, or an empty database's URL")
    arguments.add_argument("--since", type=date.fromisoformat, default=date(2026, 1, 1))
    arguments.add_argument("--until", type=date.fromisoformat, default=date(2027, 1, 1))
    arguments.add_argument("--seed", type=int, default=20261122)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder, opened(given.database, Path(folder)) as url:
        database = open_database(url)
        migrate(database)
        database.close()
        found = asyncio.run(simulate(url, given.since, given.until, Path(folder), given.seed))
    print(found.told("SQLite" if url.startswith("sqlite") else "PostgreSQL"))
    for line in found.wrong[:40]:
        print(f"WRONG: {line}")
    return 1 if found.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
