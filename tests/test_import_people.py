"""A file of people as an HR system gives it: regions above teams, titles, leavers, transfers from their day."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from handlers.figures.plan import load
from handlers.figures.standing import Subject, figures
from handlers.numbers.spans import Span
from storage import people, units
from storage.database import Database, Transaction
from tests.test_import_apply import COMPANY, HEAD, NOW, TODAY, back, bring, everything, written

QUARTER = Span(date(2026, 7, 1), date(2026, 9, 30))
STAFF = (
    ("Employee Name", "Work Email", "Manager", "Team", "Region", "Job Title", "Hire Date", "Termination Date"),
    ("Vera Top", "vera@x.example", "", "", "", "VP Sales", "2019-01-01", ""),
    ("Lea Lead", "lea@x.example", "Vera Top", "", "EMEA", "Regional Director", "2020-01-01", ""),
    ("Max Boss", "max@x.example", "Lea Lead", "DACH", "EMEA", "Sales Manager", "2020-01-01", ""),
    ("Una Boss", "una@x.example", "Lea Lead", "UKI", "EMEA", "Sales Manager", "2020-01-01", ""),
    ("Rita Rep", "rita@x.example", "Max Boss", "DACH", "EMEA", "Account Executive", "2021-01-01", ""),
    ("Gone Guy", "gone@x.example", "Max Boss", "DACH", "EMEA", "Account Executive", "2021-01-01", "2026-08-14"),
)
DEALS = (
    HEAD,
    ("1", "A", "Acme", "Max Boss", "100.00", "Closed Won", "2026-07-10", "2026-01-10"),
    ("2", "B", "Bolt", "Rita Rep", "20.00", "Closed Won", "2026-08-20", "2026-01-10"),
    ("3", "C", "Core", "Gone Guy", "3.00", "Closed Won", "2026-07-12", "2026-01-10"),
    ("4", "D", "Dorn", "Lea Lead", "0.40", "Closed Won", "2026-09-12", "2026-01-10"),
    ("5", "E", "Edda", "Vera Top", "0.05", "Closed Won", "2026-09-30", "2026-01-10"),
)
TRANSFER = (
    ("Employee Name", "Work Email", "Manager", "Team", "Region", "Job Title", "Effective Date"),
    ("Rita Rep", "rita@x.example", "Una Boss", "UKI", "EMEA", "Account Executive", "2026-08-17"),
)


def credited(database: Database) -> dict[str, int]:
    """Cents won in the quarter, by unit."""

    def read(tx: Transaction) -> dict[str, int]:
        plan = load(tx, COMPANY, QUARTER)
        return {
            unit.name: figures(tx, COMPANY, plan, Subject(unit.name, unit=unit.id), QUARTER, TODAY).status.credited
            for unit in plan.units.values()
        }

    return database.submit(read).result()


def manager_on(database: Database, name: str, day: date) -> list[str]:
    def read(tx: Transaction) -> list[str]:
        who = {one.name: one.id for one in people.everybody(tx, leavers=True)}
        named = {identifier: each for each, identifier in who.items()}
        return [named[one] for one in people.managers_of(tx, who[name], day)]

    return database.submit(read).result()


def test_regions_stand_above_teams_and_who_leads_counts_there(database: Database, tmp_path: Path) -> None:
    said = bring(database, written(tmp_path / "people.csv", STAFF))
    bring(database, written(tmp_path / "deals.csv", DEALS))
    assert credited(database) == {"Acme": 123_45, "EMEA": 123_40, "DACH": 123_00, "UKI": 0}
    tree = {one.name: one for one in database.submit(units.everything).result()}
    assert (tree["DACH"].kind, tree["DACH"].parent) == ("team", tree["EMEA"].id)
    assert (tree["EMEA"].kind, tree["EMEA"].parent) == ("region", tree["Acme"].id)
    assert any("Leaders without a unit and without a manager, who lead Acme: 1." in line for line in said)


def test_a_leaver_was_managed_until_they_left(database: Database, tmp_path: Path) -> None:
    bring(database, written(tmp_path / "people.csv", STAFF))
    assert manager_on(database, "Gone Guy", date(2026, 8, 14)) == ["Max Boss"]
    assert manager_on(database, "Gone Guy", date(2026, 8, 15)) == []


def left(database: Database) -> dict[str, date]:
    """The day from which on each leaver is gone."""

    def read(tx: Transaction) -> dict[str, date]:
        rows = tx.execute(sa.text("SELECT name, left_at FROM people WHERE left_at IS NOT NULL")).all()
        return {row[0]: date.fromisoformat(str(row[1])[:10]) for row in rows}

    return database.submit(read).result()


@pytest.mark.parametrize("title", ["Last working day", "Separation date", "Date of leaving"])
def test_an_hr_systems_words_for_the_last_day(database: Database, tmp_path: Path, title: str) -> None:
    rows = [("Name", "Team", title), ("Rita Rep", "DACH", ""), ("Gone Guy", "DACH", "2026-08-14")]
    bring(database, written(tmp_path / "people.csv", rows))
    assert left(database) == {"Gone Guy": date(2026, 8, 15)}


def test_a_status_without_a_day_ends_somebody_once(database: Database, tmp_path: Path) -> None:
    """From the row's own day on, else from the day of the import; the same file later moves nothing."""
    head = ("Name", "Team", "Employment Status", "Effective Date")
    rows = [
        head,
        ("Rita Rep", "DACH", "Active", ""),
        ("Gone Guy", "DACH", "Terminated", "2026-08-15"),
        ("Ida Idle", "DACH", "No longer employed", ""),
        ("Nora Next", "DACH", "Resigned (notice period)", ""),
    ]
    said = bring(database, written(tmp_path / "people.csv", rows))
    assert any("People without a last day who are gone by their status: 2." in line for line in said)
    assert left(database) == {"Gone Guy": date(2026, 8, 15), "Ida Idle": TODAY}
    assert manager_on(database, "Gone Guy", date(2026, 8, 16)) == []
    again = bring(database, tmp_path / "people.csv", now=NOW + timedelta(days=9))
    assert any("4 the same already" in line for line in again)
    assert left(database) == {"Gone Guy": date(2026, 8, 15), "Ida Idle": TODAY}
    rows[2] = ("Gone Guy", "DACH", "Active", "")
    back_again = bring(database, written(tmp_path / "people.csv", rows))
    assert any("People who have left, and are here by their status: 1." in line for line in back_again)
    assert left(database) == {"Gone Guy": date(2026, 8, 15), "Ida Idle": TODAY}


def test_a_transfer_holds_from_its_day_and_is_rolled_back(database: Database, tmp_path: Path) -> None:
    bring(database, written(tmp_path / "people.csv", STAFF))
    bring(database, written(tmp_path / "deals.csv", DEALS))
    before = everything(database)
    bring(database, written(tmp_path / "transfer.csv", TRANSFER))
    assert credited(database) == {"Acme": 123_45, "EMEA": 123_40, "DACH": 103_00, "UKI": 20_00}
    assert manager_on(database, "Rita Rep", date(2026, 8, 16)) == ["Max Boss"]
    assert manager_on(database, "Rita Rep", date(2026, 8, 17)) == ["Una Boss"]
    said = back(database)
    assert everything(database) == before
    assert "It had changed nothing." not in said


def test_a_title_that_nobody_knows_is_named(database: Database, tmp_path: Path) -> None:
    rows = [("Name", "Email", "Team", "Job Title"), ("Zed Wiz", "zed@x.example", "East", "Growth {Ninja}")]
    said = bring(database, written(tmp_path / "people.csv", rows))
    assert any(
        "“Growth {Ninja}” is no role that I know, so whoever has it is a rep until they have reports: 1." in line
        for line in said
    )


def test_a_region_alone_is_the_unit(database: Database, tmp_path: Path) -> None:
    rows = [("Name", "Email", "Region"), ("Zed Wiz", "zed@x.example", "North")]
    bring(database, written(tmp_path / "people.csv", rows))
    (north,) = [one for one in database.submit(units.everything).result() if one.name == "North"]
    assert north.kind == "region"
    assert database.submit(lambda tx: [one.unit for one in units.memberships_of(tx)]).result() == [north.id]


def test_a_team_that_was_there_moves_below_its_region(database: Database, tmp_path: Path) -> None:
    bring(database, written(tmp_path / "a.csv", [("Name", "Email", "Team"), ("Zed Wiz", "zed@x.example", "East")]))
    before = everything(database)
    rows = [("Name", "Email", "Team", "Region"), ("Zed Wiz", "zed@x.example", "East", "Americas")]
    bring(database, written(tmp_path / "b.csv", rows))
    tree = {one.name: one for one in database.submit(units.everything).result()}
    assert tree["East"].parent == tree["Americas"].id
    back(database)
    assert everything(database) == before
