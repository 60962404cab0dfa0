"""A Monday planned for 50,000 people in 24 zones: every topic that there is, by the planner as it runs.

    python -m tests.bench.planning [--people N …] [--postgres URL]

Printed for each number of people, in a process of its own: seconds from the first look to the last notice, once where
the whole day is due at one look (a start after a stand-still), once hour by hour as it comes up (the time of all looks
together, those that find nothing included, and of the longest); and the peak of memory, which must not grow with the
people. SQLite with synchronous=FULL, or a PostgreSQL of yours.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
import structlog

from handlers import TOPICS
from handlers.conversation.company import Company
from scheduled.planning import Planner
from storage.database import Database, Transaction, open_database
from storage.tables import identities, memberships, metadata, new_id, notices, people, slots_planned, units

AIM = 10.0
TEAM = 10
ZONES = (
    *("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/St_Johns"),
    *("America/Sao_Paulo", "America/Bogota", "America/Mexico_City", "Europe/London", "Europe/Berlin", "Europe/Paris"),
    *("Europe/Athens", "Africa/Cairo", "Africa/Lagos", "Asia/Dubai", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Tokyo"),
    *("Asia/Singapore", "Asia/Shanghai", "Australia/Sydney", "Australia/Adelaide", "Pacific/Auckland", "Asia/Karachi"),
)
MONDAY = date(2026, 11, 16)
BEFORE = datetime(2026, 11, 15, 6, 0, tzinfo=UTC)
"""Before it begins anywhere."""
AFTER = datetime(2026, 11, 16, 22, 0, tzinfo=UTC)
"""When its morning has come everywhere, and is over nowhere for good."""


def settle(tx: Transaction, first: int, last: int) -> None:
    """People in teams of ten, each led by its first; met on one platform, which gives their zone."""
    rows: dict[sa.Table, list[dict[str, object]]] = {people: [], identities: [], units: [], memberships: []}
    unit = ""
    for number in range(first, last):
        if number % TEAM == 0:
            unit = new_id()
            name = f"Team {number // TEAM}"
            rows[units].append(
                {"id": unit, "name": name, "key": name.casefold(), "kind": "team", "parent": None, "created_at": BEFORE}
            )
        person, zone = new_id(), ZONES[number % len(ZONES)]
        rows[people].append({"id": person, "name": f"Person {number}", "created_at": BEFORE})
        rows[identities].append(
            {"id": new_id(), "install": "acme", "external_id": f"U{number}", "person": person, "zone": zone}
            | {"created_at": BEFORE}
        )
        rows[memberships].append(
            {"id": new_id(), "person": person, "unit": unit, "valid_from": date(2026, 1, 1)}
            | {"leads": number % TEAM == 0}
        )
    for table, made in rows.items():
        if made:
            tx.execute(table.insert(), made)


def clear(tx: Transaction) -> None:
    """As before the day."""
    for table in (notices, slots_planned):
        tx.execute(table.delete())


def count(tx: Transaction) -> int:
    return int(tx.execute(sa.select(sa.func.count()).select_from(notices)).scalar_one())


async def plan(database: Database, moments: list[datetime]) -> tuple[float, float, int]:
    """Seconds of all looks and of the longest, and how many notices there are then."""
    clock = [BEFORE]
    planner = Planner(database, Company(zone="UTC", country="US"), TOPICS, clock=lambda: clock[0], owner="bench")
    await database.write(clear)
    await database.write(planner.declare)
    took = []
    for moment in moments:
        clock[0] = moment
        begun = time.perf_counter()
        await planner.tick()
        took.append(time.perf_counter() - begun)
    return sum(took), max(took), await database.read(count)


def peak() -> float:
    """MB, of this process until now."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def measure(many: int, postgres: str | None) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(postgres or f"sqlite:///{folder}/bench.db")
        if postgres:
            metadata.drop_all(database.engine)
        metadata.create_all(database.engine)
        for first in range(0, many, 1000):
            await database.write(lambda tx, first=first: settle(tx, first, min(first + 1000, many)))  # type: ignore[misc]
        before = peak()
        processor = time.process_time()
        at_once, _, planned = await plan(database, [AFTER])
        processor = time.process_time() - processor
        hours = int((AFTER - BEFORE) / timedelta(hours=1))
        by_hour, longest, again = await plan(database, [BEFORE + timedelta(hours=1) * n for n in range(1, hours + 1)])
        print(
            f"{many:,} people, {len(ZONES)} zones, {len(TOPICS)} topics\n"
            f"  at one look: {planned:,} notices in {at_once:.1f} s (aim {AIM:.0f}), "
            f"{processor:.1f} s of processor time\n"
            f"  hour by hour: {again:,} notices in {by_hour:.1f} s, {hours} looks, "
            f"the longest {longest:.2f} s\n"
            f"  peak memory {before:.0f} MB before, {peak():.0f} MB after",
            flush=True,
        )
        database.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, nargs="+", default=[10_000, 50_000])
    parser.add_argument(
        "--postgres", metavar="URL", help="an empty database for the bench alone; its tables are dropped"
    )
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        asyncio.run(measure(given.one, given.postgres))
        return
    for many in given.people:
        # A process each, so that the peak is its own.
        more = ["--postgres", given.postgres] if given.postgres else []
        subprocess.run(
            [sys.executable, "-m", "tests.bench.planning", "--one", str(many), *more],
            check=True,
            cwd=Path(__file__).parents[2],
        )


if __name__ == "__main__":
    main()
