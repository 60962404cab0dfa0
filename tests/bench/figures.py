"""The board of 500 reps over a million deals, beside DuckDB (2 threads) over the same rows, and one rep's `/quota`.

    python -m tests.bench.figures [--deals N] [--rounds N]

Both sides give the same board: what is credited to each rep in the span, the target, the attainment and the place, held
together by the bench before anything is timed. Ours comes from SQLite through `handlers.figures`, with the plan read
before, as DuckDB has its targets in a table; what reading the plan for everybody takes is printed beside it. The rep's
status is the whole handler: the question read, the plan, the figures, the reply and its buttons.

DuckDB is no dependency of Pacer: `make bench` installs it beside.
"""

from __future__ import annotations

import argparse
import csv
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from handlers.conversation.company import Company
from handlers.conversation.request import Actor, Address, Basis, Incoming, Profile, Request, Said
from handlers.figures.plan import Plan, load
from handlers.figures.standing import board
from handlers.language.names import NameIndex
from handlers.numbers.ranking import ranked
from handlers.numbers.spans import Span
from handlers.quota.command import COMMAND
from storage import migrate
from storage.database import Database, Transaction, open_database

REPS, TEAM = 500, 20
YEAR = Span(date(2026, 1, 1), date(2026, 12, 31))
QUARTER = Span(date(2026, 10, 1), date(2026, 12, 31))
TODAY = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)
COMPANY = Company(name="Bench", zone="America/New_York")
Placed = list[tuple[str, int, int, int]]
"""Rep, credited, target, place."""


def _pick(salt: int, of: int) -> str:
    """A whole number under `of` that looks like chance, the same in every run and independent of other salts'."""
    first, second = 1_103_515_245 + salt * 12_347_689, 1_664_525 + salt * 1_013_904_223 % 2_000_000_011
    return f"((n * {first} % 2147483647) * {second} % 2147483647 / 31 % {of})"


def _statements(deals: int) -> list[str]:
    """A year of deals: 70 % won, 22 % lost, 8 % open; a tenth are split 60 : 40 with a colleague, as imports do it."""
    numbers = f"WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {deals})"
    won = (
        "INSERT INTO credits SELECT printf('c%08d{part}', substr(d.id, 2)), d.id, {person}, 'revenue', d.closes_on, "
        "d.closes_on, {amount}, NULL, d.changed_at, NULL FROM deals d {join} WHERE d.stage = 'won' {where}"
    )
    share = "JOIN deal_shares s ON s.deal = d.id AND s.millionths = {millionths}"
    first = "(d.amount_minor * 600000 + 500000) / 1000000"
    return [
        f"""CREATE TEMPORARY TABLE chance AS {numbers} SELECT n, printf('d%08d', n) AS id, {_pick(1, 100)} AS fate,
            {_pick(2, 321)} AS day, {_pick(3, 120)} AS later, {_pick(4, REPS)} AS rep, {_pick(5, 3)} AS stage,
            {_pick(6, 900000)} AS amount, {_pick(7, 10)} = 0 AS split FROM numbers""",
        """INSERT INTO deals (id, source, external_id, name, owner, type, product, stage, amount_minor, currency,
            created_on, closes_on, claimed, stage_since, changed_at)
            SELECT id, 'crm', printf('x%08d', n), 'Deal ' || n, printf('rep%03d', rep), 'new', 'Platform',
            CASE WHEN fate < 70 THEN 'won' WHEN fate < 92 THEN 'lost' ELSE
            CASE stage WHEN 0 THEN 'qualified' WHEN 1 THEN 'proposal' ELSE 'negotiation' END END,
            100000 + amount, 'USD', '2025-12-01', CASE WHEN fate < 92 THEN date('2026-01-01', '+' || day || ' days')
            ELSE date('2026-11-18', '+' || later || ' days') END, 0,
            '2026-11-17 08:00:00.000000', '2026-11-17 08:00:00.000000' FROM chance""",
        """INSERT INTO deal_shares SELECT printf('s%08da', n), id, printf('rep%03d', rep), 'revenue', 600000, NULL
            FROM chance WHERE split""",
        f"""INSERT INTO deal_shares SELECT printf('s%08db', n), id, printf('rep%03d', (rep + 1) % {REPS}), 'revenue',
            400000, NULL FROM chance WHERE split""",
        "CREATE INDEX IF NOT EXISTS ix_deal_shares_deal ON deal_shares (deal)",
        won.format(
            part="",
            person="d.owner",
            amount="d.amount_minor",
            join="",
            where="AND NOT EXISTS (SELECT 1 FROM deal_shares s WHERE s.deal = d.id)",
        ),
        won.format(part="a", person="s.person", amount=first, join=share.format(millionths=600000), where=""),
        won.format(
            part="b",
            person="s.person",
            amount=f"d.amount_minor - {first}",
            join=share.format(millionths=400000),
            where="",
        ),
        """INSERT INTO open_shares SELECT s.person, d.id, s.millionths, d.closes_on
           FROM deals d JOIN deal_shares s ON s.deal = d.id
           WHERE d.stage NOT IN ('won', 'lost')""",
        """INSERT INTO open_shares SELECT owner, id, 1000000, closes_on FROM deals d
           WHERE d.stage NOT IN ('won', 'lost')
           AND NOT EXISTS (SELECT 1 FROM deal_shares s WHERE s.deal = d.id)""",
        """INSERT INTO credit_months (kind, person, month, amount_minor, deals)
           SELECT kind, person, date(day, 'start of month') AS month, sum(amount_minor), count(*)
           FROM credits GROUP BY 1, 2, 3""",
    ]


def make(folder: Path, deals: int) -> Database:
    """A database file with the plan of 500 reps in 25 teams, and their deals."""
    database = open_database(f"sqlite:///{folder}/bench.db")
    migrate.migrate(database)
    database.engine.dispose()
    raw = sqlite3.connect(folder / "bench.db")
    # Nobody minds if this file is lost while it is made.
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-500000", "temp_store=MEMORY"):
        raw.execute(f"PRAGMA {pragma}")
    at = "2026-01-01 00:00:00.000000"
    raw.execute("INSERT INTO units VALUES ('top', 'Bench', 'bench', 'company', NULL, ?)", (at,))
    for team in range(REPS // TEAM):
        row = (f"team{team:02}", f"Team {team}", f"team {team}", at)
        raw.execute("INSERT INTO units VALUES (?, ?, ?, 'team', 'top', ?)", row)
    for number in range(REPS):
        rep, name = f"rep{number:03}", f"Rep{number} Field{number}"
        raw.execute(
            "INSERT INTO people (id, name, email, imported, created_at) VALUES (?, ?, ?, 1, ?)",
            (rep, name, f"{rep}@bench.example", at),
        )
        raw.execute(
            "INSERT INTO memberships (id, unit, person, leads, valid_from) VALUES (?, ?, ?, 0, '2026-01-01')",
            (f"m{number}", f"team{number // TEAM:02}", rep),
        )
        raw.execute(
            "INSERT INTO targets (id, person, measure, fiscal_year, amount, ramped, set_at) "
            "VALUES (?, ?, 'bookings', 2026, ?, 0, ?)",
            (f"t{number}", rep, (deals // REPS) * 100 * (3000 + number * 7), at),
        )
    # An index is made quicker from rows that are there than kept while they come.
    made = raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL").fetchall()
    made = [one for one in made if any(f" {table} " in f"{one[1]} " for table in ("deals", "credits", "deal_shares"))]
    for name, _ in made:
        raw.execute(f"DROP INDEX {name}")
    for statement in _statements(deals):
        raw.execute(statement)
    for name, statement in made:
        raw.execute(f"DROP INDEX IF EXISTS {name}")
        raw.execute(statement)
    raw.commit()
    raw.close()
    return database


def ours(tx: Transaction, plan: Plan, span: Span) -> Placed:
    lines = board(tx, COMPANY, plan, "top", span)
    places = ranked([(at, line.order) for at, line in enumerate(lines)])
    return [
        (lines[one.key].subject.person or "", lines[one.key].credited, lines[one.key].target or 0, one.rank or 0)
        for one in places
    ]


def duck(folder: Path, plan: Plan, span: Span) -> Callable[[], Placed] | None:
    """The same board from DuckDB: its best way, one statement over its own table of credits."""
    try:
        import duckdb  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        return None
    raw = sqlite3.connect(folder / "bench.db")
    with (folder / "credits.csv").open("w", newline="") as file:
        query = "SELECT person, kind, day, amount_minor FROM credits WHERE voided_at IS NULL"
        csv.writer(file).writerows(raw.execute(query))
    raw.close()
    connection: Any = duckdb.connect(str(folder / "bench.duckdb"))
    connection.execute("SET threads = 2")
    connection.execute("CREATE TABLE credits (person VARCHAR, kind VARCHAR, day DATE, amount BIGINT)")
    connection.execute(f"COPY credits FROM '{folder / 'credits.csv'}'")
    connection.execute("CREATE TABLE targets (person VARCHAR, month DATE, amount BIGINT)")
    rows = [(one, first, amount) for one in plan.carriers() for first, amount in plan.person_months(one).items()]
    with (folder / "targets.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    connection.execute(f"COPY targets FROM '{folder / 'targets.csv'}'")
    statement = """
        WITH won AS (SELECT person, sum(amount) AS credited FROM credits
                     WHERE kind = 'revenue' AND day BETWEEN ? AND ? GROUP BY person),
             asked AS (SELECT person, sum(amount) AS target FROM targets WHERE month BETWEEN ? AND ? GROUP BY person)
        SELECT person, coalesce(credited, 0), target,
               rank() OVER (ORDER BY coalesce(credited, 0)::DOUBLE / target DESC)
        FROM asked LEFT JOIN won USING (person) ORDER BY 4
    """
    days = (span.first, span.last, span.first, span.last)

    def run() -> Placed:
        found = connection.execute(statement, days).fetchall()
        return [(person, int(credited), int(target), rank) for person, credited, target, rank in found]

    return run


def request() -> Request:
    """A rep types `/quota`."""
    now = TODAY.astimezone(ZoneInfo(COMPANY.zone))
    return Request(
        incoming=Incoming(
            install="main",
            key="k",
            profile=Profile("U1"),
            what=Said("", "quota"),
            place="direct",
            reply_to=Address("D1"),
        ),
        actor=Actor("rep007", "Rep7 Field7", "rep007@bench.example", frozenset({"rep"})),
        company=COMPANY,
        basis=Basis(now, "mdy", NameIndex([]), 0),
        now=TODAY,
    )


def timed(work: Callable[[], object], rounds: int, clock: Callable[[], float] = time.perf_counter) -> list[float]:
    """Milliseconds of each round."""
    found = []
    for _ in range(rounds):
        started = clock()
        work()
        found.append((clock() - started) * 1000)
    return found


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--deals", type=int, default=1_000_000)
    options.add_argument("--rounds", type=int, default=30)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        started = time.perf_counter()
        database = make(folder, given.deals)
        print(f"{given.deals:,} deals of {REPS} reps made in {time.perf_counter() - started:.0f} s")
        with database.engine.connect() as connection:
            tx = Transaction(connection)
            for words, span in (("quarter", QUARTER), ("year", YEAR)):
                _board(tx, folder / words, database, span, words, given.rounds)
            _status(tx, given.rounds)
            connection.rollback()
        database.close()


def _board(tx: Transaction, folder: Path, database: Database, span: Span, words: str, rounds: int) -> None:
    plan = load(tx, COMPANY, span)
    mine = ours(tx, plan, span)
    folder.mkdir()
    (folder / "bench.db").symlink_to(str(database.url.database))
    theirs = duck(folder, plan, span)
    took: dict[str, list[float]] = {"ours": [], "duckdb": [], "plan": []}
    if theirs is not None:
        assert sorted(mine) == sorted(theirs()), "the two boards differ"
    for _ in range(rounds):
        took["ours"] += timed(lambda: ours(tx, plan, span), 1)
        if theirs is not None:
            took["duckdb"] += timed(theirs, 1)
    took["plan"] = timed(lambda: load(tx, COMPANY, span), 5)
    middle = {name: statistics.median(each) for name, each in took.items() if each}
    said = f"board of the {words}: {middle['ours']:.1f} ms (the plan read: {middle['plan']:.1f} ms)"
    if theirs is None:
        print(f"{said}; DuckDB is not installed here, so nothing stands beside it")
    else:
        print(f"{said}; DuckDB {middle['duckdb']:.1f} ms; ratio {middle['ours'] / middle['duckdb']:.2f}, same amounts")


def _status(tx: Transaction, rounds: int) -> None:
    asked = request()

    def answer() -> None:
        # As a turn's savepoint is set, by the driver itself (storage/database.py).
        tx.driver.execute("SAVEPOINT turn")
        reply = COMMAND.handle(asked, tx).reply
        assert reply is not None
        assert reply.text.startswith("You: $"), reply.text
        tx.driver.execute("ROLLBACK TO turn")
        tx.driver.execute("RELEASE turn")

    tx.driver.execute("BEGIN IMMEDIATE")
    timed(answer, 3)
    took = sorted(timed(answer, max(rounds, 20)))
    busy = statistics.median(timed(answer, max(rounds, 20), time.thread_time))
    tx.driver.execute("ROLLBACK")
    print(
        f"one rep's status, the whole handler: {statistics.median(took):.1f} ms, "
        f"p90 {took[len(took) * 9 // 10]:.1f} ms; of processor time {busy:.1f} ms"
    )


if __name__ == "__main__":
    main()
