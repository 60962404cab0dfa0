"""A file is applied: the sums are the file's, the same file again changes nothing, a roll-back restores what was."""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from bot.cli import cli
from bot.importing import Options, Stopped, roll_back, run
from handlers.conversation.company import Company
from handlers.figures.plan import load
from handlers.imports.apply import Application
from handlers.imports.applying import Tally
from handlers.numbers.spans import Span
from storage import accounts, credits, deals, imports, people, targets, units
from storage.database import Database, Transaction, open_database
from storage.tables import deals as deal_table
from storage.tables import import_changes, ledger, metadata

NOW = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)
TODAY = NOW.date()
COMPANY = Company(name="Acme", currency="USD", zone="America/New_York")
QUARTERS = [(date(2026, month, 1), date(2026, month + 3, 1) - timedelta(days=1)) for month in (1, 4, 7)] + [
    (date(2026, 10, 1), date(2026, 12, 31))
]
HEAD = ("Opportunity ID", "Opportunity Name", "Account Name", "Owner", "Amount", "Stage", "Close Date", "Created Date")


def written(path: Path, rows: Iterable[Sequence[object]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def staff(folder: Path) -> Path:
    return written(
        folder / "people.csv",
        [
            ("Name", "Email", "Manager", "Team", "Role"),
            ("Dana Ortiz", "dana@example.com", "Morgan Lee", "East", "rep"),
            ("Lee Chan", "lee@example.com", "Morgan Lee", "West", "rep"),
            ("Morgan Lee", "morgan@example.com", "", "East", "manager"),
        ],
    )


def bring(database: Database, path: Path, *, now: datetime = NOW, **options: Any) -> list[str]:
    said: list[str] = []
    run(database, COMPANY, Options(path=path, **options), said.append, now=now)
    return said


def back(database: Database, identifier: str | None = None) -> list[str]:
    said: list[str] = []
    roll_back(database, COMPANY, identifier, said.append)
    return said


def counted(said: Sequence[str]) -> str:
    return next(line for line in said if "left out." in line)


def everything(database: Database) -> dict[str, list[Any]]:
    """Every row of every table, but for the imports' own."""
    leave = {"imports", "import_changes"}

    def read(tx: Transaction) -> dict[str, list[Any]]:
        return {
            name: sorted((tuple(row) for row in tx.execute(sa.select(table))), key=repr)
            for name, table in metadata.tables.items()
            if name not in leave
        }

    return database.submit(read).result()


def standing(database: Database) -> dict[str, list[Any]]:
    """What holds: without what was voided or replaced, the notes of when it changed, and buttons of what was told."""
    ended = ("voided_at", "replaced_at", "undone_at")

    def read(tx: Transaction) -> dict[str, list[Any]]:
        found = {}
        for name, table in metadata.tables.items():
            if name in {"imports", "import_changes", "counters", "tokens"}:
                continue
            query = sa.select(table)
            for column in ended:
                if column in table.c:
                    query = query.where(table.c[column].is_(None))
            if name == "credit_months":
                query = query.where(table.c.deals != 0)
            found[name] = sorted((tuple(row) for row in tx.execute(query)), key=repr)
        return found

    return database.submit(read).result()


def won(database: Database, first: date, last: date) -> dict[str, int]:
    """Minor units by person's name."""

    def read(tx: Transaction) -> dict[str, int]:
        names = {one.id: one.name for one in people.everybody(tx)}
        return {names[who]: amount for who, amount in credits.by_person(tx, first, last).items() if amount}

    return database.submit(read).result()


def one_deal(database: Database, name: str) -> Any:
    return database.submit(lambda tx: tx.execute(sa.select(deal_table).where(deal_table.c.name == name)).one()).result()


def many(folder: Path, number: int = 450) -> tuple[Path, list[tuple[str, str, Decimal, str, date]]]:
    """A file of some chunks, and what stands in it."""
    chance = random.Random(11)
    facts = []
    rows: list[Sequence[object]] = [HEAD]
    for at in range(number):
        owner = chance.choice(("Dana Ortiz", "Lee Chan"))
        amount = Decimal(chance.randrange(0, 9_000_000)) / 100
        stage = chance.choice(("Closed Won", "Closed Won", "Closed Lost", "Negotiation", "Prospecting"))
        day = date(2026, 1, 1) + timedelta(days=chance.randrange(320))
        facts.append((f"D{at}", owner, amount, stage, day))
        rows.append((f"D{at}", f"Deal {at}", f"Account {at % 37}", owner, f"${amount:,.2f}", stage, day, "2026-01-01"))
    return written(folder / "deals.csv", rows), facts


def test_won_totals_are_the_files(database: Database, tmp_path: Path) -> None:
    bring(database, staff(tmp_path))
    path, facts = many(tmp_path)
    assert counted(bring(database, path)) == "450 rows made, 0 changed, 0 the same already, 0 left out."
    for first, last in QUARTERS:
        wanted: dict[str, int] = defaultdict(int)
        for _, owner, amount, stage, day in facts:
            if stage == "Closed Won" and first <= day <= last:
                wanted[owner] += int(amount * 100)
        assert won(database, first, last) == {name: amount for name, amount in wanted.items() if amount}


def test_the_same_files_again_change_nothing(database: Database, tmp_path: Path) -> None:
    path, _ = many(tmp_path, 60)
    goals = written(
        tmp_path / "targets.csv",
        [("Rep", "Measure", "Year", "Target"), ("Dana Ortiz", "bookings", 2026, 120000), ("East", "bookings", 2026, 9)],
    )
    invoices = written(
        tmp_path / "revenue.csv", [("Invoice Amount", "Invoice Date", "Account"), (100.5, "2026-01-05", "Account 1")]
    )
    unnamed = written(
        tmp_path / "without_ids.csv",
        [HEAD[1:], *[("Two alike", "Initech", "Dana Ortiz", 10, "Closed Won", "2026-03-02", "2026-03-01")] * 2],
    )
    files = [(staff(tmp_path), "people"), (path, "deals"), (goals, "targets"), (invoices, "revenue")]
    files.append((unnamed, "deals"))
    for file, kind in files:
        bring(database, file, kind=kind)
    before = everything(database)
    later = NOW + timedelta(days=40)
    for file, kind in files:
        assert "0 rows made, 0 changed" in counted(bring(database, file, kind=kind, now=later))
    assert everything(database) == before
    assert won(database, date(2026, 3, 2), date(2026, 3, 2))["Dana Ortiz"] >= 2000


UNNAMED = ("Account", "Owner", "Amount", "Close Date", "Stage", "Product")


def unnamed(seed: int) -> list[tuple[Any, ...]]:
    """Rows without id, name and day of creation, of which many share an account."""
    sure = random.Random(seed)
    owners, day = ("Dana Ortiz", "Lee Chan", "Somebody Else"), date(2026, 1, 5)
    return [
        (
            f"Account {sure.randrange(6)}",
            sure.choice(owners),
            f"{sure.randrange(1, 400) * 25}.00",
            (day + timedelta(sure.randrange(300))).isoformat(),
            sure.choice(("Closed Won", "Closed Won", "Closed Lost", "Proposal")),
            sure.choice(("Pump", "Valve", "")),
        )
        for _ in range(120)
    ]


@pytest.mark.parametrize("seed", range(3))
def test_without_ids_a_file_sorted_otherwise_is_the_same_deals(database: Database, tmp_path: Path, seed: int) -> None:
    bring(database, staff(tmp_path))
    rows = unnamed(seed)
    bring(database, written(tmp_path / "deals.csv", [UNNAMED, *rows]))
    before = everything(database)
    random.Random(seed).shuffle(rows)
    again = written(tmp_path / "again.csv", [UNNAMED, *rows])
    assert "0 rows made, 0 changed, 120 the same already" in counted(bring(database, again))
    assert everything(database) == before


def test_without_ids_only_the_row_that_changed_is_changed_wherever_it_stands(
    database: Database, tmp_path: Path
) -> None:
    bring(database, staff(tmp_path))
    rows = unnamed(7)
    bring(database, written(tmp_path / "deals.csv", [UNNAMED, *rows]))
    was = won(database, date(2026, 1, 1), date(2026, 12, 31))
    at = next(at for at, row in enumerate(rows) if row[1] == "Dana Ortiz" and row[4] == "Closed Won")
    account, owner, amount, *rest = rows[at]
    rows[at] = (account, owner, f"{float(amount) + 10_000:.2f}", *rest)
    new = (account, "Lee Chan", "77.00", "2026-11-02", "Closed Won", "")
    random.Random(1).shuffle(rows)
    again = written(tmp_path / "again.csv", [UNNAMED, new, *rows])
    assert "1 row made, 1 changed, 119 the same already" in counted(bring(database, again))
    now = won(database, date(2026, 1, 1), date(2026, 12, 31))
    assert now == {**was, "Dana Ortiz": was["Dana Ortiz"] + 1_000_000, "Lee Chan": was["Lee Chan"] + 7_700}
    # One row is gone from the export: the others are what they were, and nothing moves.
    before = everything(database)
    del rows[3]
    fewer = written(tmp_path / "fewer.csv", [UNNAMED, *rows])
    assert "0 rows made, 0 changed, 119 the same already" in counted(bring(database, fewer))
    assert everything(database) == before


def test_rolled_back_nothing_of_it_counts(database: Database, tmp_path: Path) -> None:
    bring(database, staff(tmp_path))
    before = standing(database)
    path, _ = many(tmp_path)
    bring(database, path)
    assert standing(database) != before
    said = back(database)
    assert "450 deals voided." in said
    assert "37 accounts removed." in said
    assert standing(database) == before
    # The same file may come again, and counts as it did.
    assert counted(bring(database, path)).startswith("450 rows made, 0 changed")
    assert sum(won(database, date(2026, 1, 1), date(2026, 12, 31)).values()) > 0


def test_rolled_back_what_it_changed_is_as_before(database: Database, tmp_path: Path) -> None:
    """Amounts, win dates, owners and splits move, in closed months and in the open one; targets and teams too."""
    head = (*HEAD, "Splits")
    bring(database, staff(tmp_path))
    old = [
        ("1", "In March", "Initech", "Dana Ortiz", 100, "Closed Won", "2026-03-02", "2026-01-02", ""),
        ("2", "This month", "Initech", "Dana Ortiz", 200, "Closed Won", "2026-11-02", "2026-01-02", ""),
        ("3", "Open", "Globex", "Lee Chan", 300, "Proposal", "2026-12-02", "2026-01-02", ""),
    ]
    new = [
        ("1", "In March", "Initech", "Lee Chan", 150, "Closed Won", "2026-04-02", "2026-01-02", ""),
        (
            "2",
            "This month",
            "Umbrella",
            "Dana Ortiz",
            250,
            "Closed Won",
            "2026-11-03",
            "2026-01-02",
            "Dana Ortiz 60%; Lee Chan 40%",
        ),
        ("3", "Open", "Globex", "Lee Chan", 300, "Closed Won", "2026-11-12", "2026-01-02", ""),
    ]
    bring(database, written(tmp_path / "deals.csv", [head, *old]))
    goals = tmp_path / "targets.csv"
    bring(database, written(goals, [("Rep", "Year", "Target"), ("Dana Ortiz", 2026, 1200)]), kind="targets")
    before = standing(database)
    bring(database, written(tmp_path / "deals.csv", [head, *new]))
    november = won(database, date(2026, 11, 1), date(2026, 11, 30))
    # March was closed with 100.00 for Dana: taken back now, and Lee's 150.00 counts now.
    assert november == {"Dana Ortiz": 15000 - 10000, "Lee Chan": 10000 + 15000 + 30000}
    bring(database, written(goals, [("Rep", "Year", "Target"), ("Dana Ortiz", 2026, 2400)]), kind="targets")
    moved = staff(tmp_path)
    moved.write_text(moved.read_text().replace("Lee,East,rep", "Lee,West,rep"))
    bring(database, moved)
    for _ in range(3):
        back(database)

    def plain(rows: dict[str, list[Any]]) -> dict[str, list[Any]]:
        return {table: found for table, found in rows.items() if table != "deal_changes"}

    assert plain(standing(database)) == plain(before)
    assert standing(database)["deal_changes"] == before["deal_changes"]


def test_a_win_of_the_chat_is_confirmed_and_not_doubled(database: Database, tmp_path: Path) -> None:
    bring(database, staff(tmp_path))

    def claim(tx: Transaction) -> None:
        dana = people.by_email(tx, "dana@example.com")
        assert dana is not None
        account = accounts.add(tx, "Initech", by=dana.id, at=NOW)
        globex = accounts.add(tx, "Globex", by=dana.id, at=NOW)
        for identifier, where, day, amount in (
            ("near", account.id, date(2026, 10, 20), 99_00),
            ("one", globex.id, date(2026, 10, 1), 5_00),
            ("other", globex.id, date(2026, 10, 9), 6_00),
        ):
            deals.add(
                tx,
                deals.Deal(
                    id=identifier,
                    account=where,
                    owner=dana.id,
                    stage="won",
                    amount_minor=amount,
                    currency="USD",
                    created_on=TODAY,
                    closes_on=day,
                    claimed=True,
                ),
                [],
                at=NOW,
                by=dana.id,
            )

    database.submit(claim).result()
    before = standing(database)
    rows = [
        ("A", "Sure", "Initech", "Dana Ortiz", 100, "Closed Won", "2026-11-10", "2026-01-02"),
        ("B", "Unsure", "Globex", "Dana Ortiz", 7, "Closed Won", "2026-10-05", "2026-01-02"),
        ("C", "Too long ago", "Initech", "Dana Ortiz", 1, "Closed Won", "2026-08-10", "2026-01-02"),
    ]
    said = bring(database, written(tmp_path / "deals.csv", [HEAD, *rows]))
    assert counted(said).startswith("2 rows made, 1 changed")
    sure = one_deal(database, "Sure")
    assert (sure.id, sure.claimed, sure.external_id) == ("near", False, "A")
    assert any(line.startswith("- Row 3: 2 wins at Globex were said in chat") for line in said)
    assert won(database, date(2026, 10, 1), date(2026, 11, 30)) == {"Dana Ortiz": 107_00}
    assert "0 rows made, 0 changed" in counted(bring(database, tmp_path / "deals.csv"))
    back(database)
    assert standing(database) == before


def test_what_somebody_changed_since_stands(database: Database, tmp_path: Path) -> None:
    bring(database, staff(tmp_path))
    rows = [("A", "Big", "Initech", "Dana Ortiz", 100, "Proposal", "2026-12-10", "2026-01-02")]
    bring(database, written(tmp_path / "deals.csv", [HEAD, *rows]))
    rows = [("A", "Big", "Initech", "Dana Ortiz", 200, "Closed Won", "2026-11-10", "2026-01-02")]
    bring(database, written(tmp_path / "deals.csv", [HEAD, *rows]))

    def edit(tx: Transaction) -> None:
        known = deals.get(tx, one.id)
        assert known is not None
        after = replace(known.deal, amount_minor=777_00)
        deals.change(tx, known.deal, after, at=NOW + timedelta(hours=1), by=known.deal.owner)

    one = one_deal(database, "Big")
    database.submit(edit).result()
    assert "1 deal changed by others since: that change stands." in back(database)
    one = one_deal(database, "Big")
    assert (one.amount_minor, one.stage) == (777_00, "proposal")
    assert won(database, date(2026, 1, 1), date(2026, 12, 31)) == {}


def test_accounts_that_are_used_by_now_are_kept(database: Database, tmp_path: Path) -> None:
    bring(database, staff(tmp_path))
    names = [("Account Name", "Industry"), ("Initech", "Software"), ("Globex", "Energy")]
    bring(database, written(tmp_path / "accounts.csv", names), kind="accounts")

    def meet(tx: Transaction) -> None:
        account = accounts.named(tx, "Globex")
        assert account is not None
        accounts.remember_contacts(tx, account.id, ["Jane Doe"], NOW)

    database.submit(meet).result()
    said = back(database)
    assert "1 account removed." in said
    assert "1 account kept, since other rows refer to them by now." in said
    assert database.submit(lambda tx: accounts.named(tx, "Globex")).result() is not None


def test_month_targets_come_out_to_the_cent(database: Database, tmp_path: Path) -> None:
    bring(database, staff(tmp_path))
    months = [10000.01, 20000, 0, 333.33, 5, 6, 7, 8, 9, 10, 11, 99999.99]
    names = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    path = tmp_path / "targets.csv"
    bring(
        database, written(path, [("Rep", *[f"{name} 2026" for name in names]), ("Lee Chan", *months)]), kind="targets"
    )
    wanted = {date(2026, at + 1, 1): round(amount * 100) for at, amount in enumerate(months)}

    def of_lee(tx: Transaction) -> dict[date, int]:
        lee = people.by_email(tx, "lee@example.com")
        assert lee is not None
        return load(tx, COMPANY, Span(date(2026, 1, 1), date(2026, 12, 31))).person_months(lee.id)

    assert database.submit(of_lee).result() == wanted
    # A file with one month leaves the others.
    bring(database, written(path, [("Rep", "May 2026"), ("Lee Chan", 50)]), kind="targets")
    assert database.submit(of_lee).result() == {**wanted, date(2026, 5, 1): 50_00}
    said = bring(database, written(path, [("Rep", "May 2026"), ("Who Else", 50)]), kind="targets")
    assert "  Row 2: No person and no unit is called “Who Else”. Import people first." in said


def test_targets_of_every_measure(database: Database, tmp_path: Path) -> None:
    """Money in minor units, counts as they are; kinds of the company's own by any word for them."""
    company = Company(
        name="Acme", currency="USD", zone="America/New_York", kinds={"site_visit": ("inspection",), "call": ("dials",)}
    )
    bring(database, staff(tmp_path))
    given = {
        "Pipeline created": ("pipeline_created", 900_000),
        "Overlay": ("overlay", 50_000),
        "Meetings booked": ("meetings_booked", 120),
        "Site visits": ("site_visit", 24),
        "Dials": ("call", 2_000),
        "emails": ("email", 600),
    }
    head = ("Rep", "Measure", "Fiscal year", "Target")
    rows = [("Lee Chan", said, "2026", number) for said, (_, number) in given.items()]
    path = written(tmp_path / "targets.csv", [head, *rows, ("Lee Chan", "Hugs", "2026", 4)])
    said: list[str] = []
    run(database, company, Options(path=path, kind="targets"), said.append, now=NOW)
    assert any("“hugs” is no measure and no kind of activity." in line for line in said)

    def kept(tx: Transaction) -> dict[str, int]:
        return {measure: targets.of_year(tx, 2026, measure)[0].amount for measure, _ in given.values()}

    money = {"pipeline_created": 90_000_000, "overlay": 5_000_000}
    assert database.submit(kept).result() == dict(given.values()) | money


def test_revenue_in_another_currency_needs_the_plans_rate(database: Database, tmp_path: Path) -> None:
    bring(database, staff(tmp_path))
    path = written(
        tmp_path / "revenue.csv",
        [("Id", "Amount", "Currency", "Date", "Owner"), ("R1", 100, "EUR", "2026-02-03", "Dana Ortiz")],
    )
    assert counted(bring(database, path, kind="revenue")).endswith("1 left out.")
    database.submit(lambda tx: targets.put_rate(tx, 2026, "EUR", Decimal("1.1"), at=NOW)).result()
    bring(database, path, kind="revenue")
    row = database.submit(lambda tx: tx.execute(sa.select(ledger)).one()).result()
    assert (row.entered_minor, row.entered_currency, row.amount_minor, row.day) == (
        100_00,
        "EUR",
        110_00,
        date(2026, 2, 3),
    )
    back(database)
    row = database.submit(lambda tx: tx.execute(sa.select(ledger)).one()).result()
    assert row.voided_at is not None


def test_a_win_without_a_rate_counts_when_the_rate_is_there(database: Database, tmp_path: Path) -> None:
    bring(database, staff(tmp_path))
    row = ("A", "Far", "Initech", "Dana Ortiz", "€100.00", "Closed Won", "2026-05-10", "2026-01-02")
    path = written(tmp_path / "deals.csv", [HEAD, row])
    assert any("Wins in EUR of 2026 that count in no sum: 1." in line for line in bring(database, path))
    database.submit(lambda tx: targets.put_rate(tx, 2026, "EUR", Decimal(2), at=NOW)).result()
    bring(database, path)
    assert won(database, date(2026, 5, 1), date(2026, 5, 31)) == {"Dana Ortiz": 200_00}


def test_a_dry_run_and_all_or_nothing_write_nothing(database: Database, tmp_path: Path) -> None:
    bring(database, staff(tmp_path))
    before = everything(database)
    rows = [("A", "Good", "Initech", "Dana Ortiz", 1, "Closed Won", "2026-05-10", "2026-01-02")]
    rows.append(("B", "Bad", "Initech", "Dana Ortiz", "abc", "Closed Won", "2026-05-10", "2026-01-02"))  # type: ignore[arg-type]
    path = written(tmp_path / "deals.csv", [HEAD, *rows])
    assert "1 row would be made, 0 would be changed" in counted(bring(database, path, dry_run=True))
    errors = tmp_path / "errors.csv"
    with pytest.raises(Stopped, match="1 row would be left out"):
        bring(database, path, all_or_nothing=True, errors=errors)
    assert everything(database) == before
    (bad,) = csv.DictReader(errors.open(encoding="utf-8-sig"))
    assert (bad["Opportunity ID"], bad["Amount"], bad["Row in the file"]) == ("B", "abc", "3")
    assert database.submit(lambda tx: tx.execute(sa.select(import_changes.c.row)).first()).result() is not None
    assert database.submit(imports.latest).result().name == "people.csv"  # type: ignore[union-attr]


def test_the_report_names_lines_that_are_no_rows_and_the_options_that_mended_rows_want(
    database: Database, tmp_path: Path
) -> None:
    """A lone amount under the table is none of its rows; nor does it vanish unsaid."""
    path, errors = tmp_path / "deals.csv", tmp_path / "left out.csv"
    lines = (
        "Deal,Kunde,Who,Amount,Stage,Close Date",
        "A,Initech,Dana,abc,Won,3/4/2026",
        "B,Initech,Dana,7,Won,3/5/2026",
    )
    path.write_text("\n".join((*lines, "Total,,,7,,", ",,,500,,")), encoding="utf-8")
    given = {"kind": "deals", "mapping": ("Who=owner",), "date_order": "mdy", "source": "old crm"}
    said = bring(database, path, errors=errors, **given)
    assert "- Rows 4 and 5 left aside, as lines with totals, a repeated header or words under the table." in said
    (told,) = (line for line in said if "Mend them there" in line)
    options = "--kind deals --map Who=owner --date-order mdy --source 'old crm'"
    assert told.startswith(f"1 row and the reasons are in {errors}. Mend them there, and import that file")
    assert told.endswith(f" with the same options: {options}.")


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-8"])
def test_rows_that_were_left_out_come_back_as_the_file_is_written(
    database: Database, tmp_path: Path, encoding: str
) -> None:
    """Separator and encoding, so that the same program opens both."""
    bring(database, staff(tmp_path))
    path, errors = tmp_path / "deals.csv", tmp_path / "left.csv"
    text = (
        "Deal ID;Account;Owner;Amount;Close Date;Stage\nA;Köln;Dana Ortiz;1.000,00 €;16.02.2026;Won\n"
        "B;Köln;Zoë;12,5x;16.02.2026;Won\n"
    )
    path.write_bytes(text.encode(encoding))
    bring(database, path, errors=errors)
    written_as = "utf-8-sig" if encoding == "utf-8" else encoding
    left = errors.read_bytes().decode(written_as)
    (bad,) = csv.DictReader(left.splitlines(), delimiter=";")
    assert (bad["Deal ID"], bad["Account"], bad["Row in the file"]) == ("B", "Köln", "3")
    assert bad["Why it was left out"].startswith("Amount: “12,5x” is no amount")
    errors.write_bytes(left.replace("12,5x", "12,50").encode(written_as))
    assert "1 row made" in counted(bring(database, errors))
    query = sa.select(deal_table.c.owner_text).where(deal_table.c.external_id == "B")
    assert database.submit(lambda tx: tx.execute(query).scalar_one()).result() == "Zoë"


def test_turns_go_on_between_the_pieces(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another writer gets in while a file of several pieces is applied, and sees what is there by then."""
    bring(database, staff(tmp_path))
    path, _ = many(tmp_path)
    seen: list[int] = []
    original = deals.shares_of

    def between(tx: Transaction, *given: Any) -> Any:
        count = sa.select(sa.func.count()).select_from(deal_table)
        database.submit(lambda other: seen.append(other.execute(count).scalar_one()))
        return original(tx, *given)

    monkeypatch.setattr("storage.deals.shares_of", between)
    bring(database, path)
    assert any(0 < number < 450 for number in seen)


def test_one_that_stopped_goes_on_and_can_be_rolled_back(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(database, staff(tmp_path))
    before = standing(database)
    path, _ = many(tmp_path)
    add = Application.add

    def stop_after_the_second(self: Application, done: Tally) -> None:
        add(self, done)
        if self.tally.made >= 400:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Application, "add", stop_after_the_second)
        with pytest.raises(KeyboardInterrupt):
            bring(database, path)
    stopped = database.submit(imports.latest).result()
    assert stopped is not None
    assert stopped.state == "failed"
    assert counted(bring(database, path)) == "50 rows made, 0 changed, 400 the same already, 0 left out."
    assert "50 deals voided." in back(database)
    assert "400 deals voided." in back(database, stopped.id)
    assert standing(database) == before
    with pytest.raises(Stopped, match="rolled back before"):
        back(database, stopped.id)


def test_a_person_who_stands_twice_in_a_file(database: Database, tmp_path: Path) -> None:
    head = ("Name", "Email", "Team", "Country")
    rows = [("Sam Roe", "sam@example.com", "East", "DE"), ("Sam Roe", "SAM@example.com", "East", "FR")]
    before = standing(database)
    said = bring(database, written(tmp_path / "people.csv", [head, *rows]))
    assert counted(said).startswith("1 row made, 1 changed")
    assert "1 person removed." in back(database)
    assert standing(database) == before


def test_leavers_and_movers(database: Database, tmp_path: Path) -> None:
    bring(database, staff(tmp_path))
    path = written(
        tmp_path / "people.csv",
        [
            ("Name", "Email", "Manager", "Team", "End date"),
            ("Dana Ortiz", "dana@example.com", "Lee Chan", "West", ""),
            ("Lee Chan", "lee@example.com", "Morgan Lee", "West", "2026-10-31"),
        ],
    )
    assert counted(bring(database, path)).startswith("0 rows made, 2 changed")

    def look(tx: Transaction) -> tuple[list[tuple[str, date, date | None]], bool, list[str], list[str]]:
        dana, lee = people.by_email(tx, "dana@example.com"), people.by_email(tx, "lee@example.com")
        assert dana is not None
        assert lee is not None
        names = {unit.id: unit.name for unit in units.everything(tx)}
        of_dana = [(names[one.unit], one.since, one.until) for one in units.memberships_of(tx, persons=[dana.id])]
        return of_dana, lee.left, people.managers_of(tx, lee.id, TODAY), people.managers_of(tx, dana.id, TODAY)

    of_dana, lee_left, above_lee, above_dana = database.submit(look).result()
    assert of_dana == [("East", date(2000, 1, 1), TODAY), ("West", TODAY, None)]
    assert lee_left
    assert above_lee == []
    assert len(above_dana) == 1
    assert "0 rows made, 0 changed" in counted(bring(database, path))


def test_the_command_on_real_files(tmp_path: Path) -> None:
    config = tmp_path / "app.yaml"
    config.write_text(f"playground:\n  database: sqlite:///{tmp_path}/p.db\n")

    def pacer(*words: str) -> str:
        done = CliRunner().invoke(cli, ["import", *words, "--config", str(config)])
        return f"{done.exit_code}: {done.output}"

    path, facts = many(tmp_path, 30)
    assert "3 rows made" in pacer(str(staff(tmp_path)))
    assert "30 rows would be made" in pacer(str(path), "--dry-run")
    assert "30 rows made" in pacer(str(path))
    assert "30 the same already" in pacer(str(path))
    database = open_database(f"sqlite:///{tmp_path}/p.db")
    total = sum(int(amount * 100) for _, _, amount, stage, _ in facts if stage == "Closed Won")
    assert sum(won(database, date(2026, 1, 1), date(2026, 12, 31)).values()) == total
    assert "30 deals voided." in pacer("--undo")
    assert won(database, date(2026, 1, 1), date(2026, 12, 31)) == {}
    database.close()
    unclear = written(
        tmp_path / "unclear.csv", [HEAD, ("1", "x", "Initech", "", 5, "Closed Won", "3/4/2026", "5/6/2026")]
    )
    asked = pacer(str(unclear))
    assert asked.startswith("1: ")
    assert "--date-order" in asked
    assert pacer(str(tmp_path / "missing.csv")).startswith("1: No such file")
    assert pacer().startswith("1: Say which file")
