"""A commission plan's file: read, all its mistakes told, imported as a version, rolled back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from bot.cli import cli
from bot.importing import roll_back
from bot.importing_plan import PlanRefused, run
from bot.playground.demo_plan import COMMISSION
from handlers.conversation.company import Company
from handlers.figures.commission_plan import Band, CommissionPlan
from handlers.imports.plan_apply import all_problems, apply_plan
from handlers.imports.plan_file import Plan, Problems, read_plan
from handlers.numbers.periods import Length
from storage import commission, imports, people, units
from storage.database import Database, Transaction, open_database

NOW = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)
COMPANY = Company(name="Testing & Co", currency="USD", zone="America/New_York")
EXAMPLE = Path(__file__).parents[1] / "docs" / "commission-plan.yaml"
PLAN = """
name: Reps 2026
for:
  roles: [rep]
  units: [East]
  people: [sam@test.example]
measure: margin
period: month
tiers:
  - from: 0
    rate: 3 %
  - from: 300,000
    rate: 1.5 x base
  - from: 1.2m
    rate: 7.25%
method: Retroactive
base_rate: 5 %
cap: 60k
OTE: 150 000
from: 2026-01-01
to: 2026-12-31
"""


def good(text: str) -> CommissionPlan:
    read = read_plan(text.encode(), "plan.yaml")
    assert isinstance(read, Plan), read
    return read.plan


def wrong(text: str | bytes) -> list[str]:
    read = read_plan(text if isinstance(text, bytes) else text.encode(), "plan.yaml")
    assert isinstance(read, Problems), read
    return [str(problem) for problem in read.problems]


# ---------------------------------------------------------------- reading


def test_every_line_of_a_plan_is_read() -> None:
    assert good(PLAN) == CommissionPlan(
        name="Reps 2026",
        bands=(
            Band(Decimal(0), Decimal("0.03")),
            Band(Decimal(300_000), Decimal("1.5"), of_base=True),
            Band(Decimal(1_200_000), Decimal("0.0725")),
        ),
        roles=("rep",),
        units=("East",),
        people=("sam@test.example",),
        measure="margin",
        period=Length.MONTH,
        retroactive=True,
        base=Decimal("0.05"),
        cap=Decimal(60_000),
        ote=Decimal(150_000),
        since=date(2026, 1, 1),
        until=date(2026, 12, 31),
    )


def test_little_is_required() -> None:
    """Bookings by quarter, marginal, from the base rate alone; and shares of the target for tiers."""
    plan = good("name: Flat\nfor: {roles: reps}\nbase rate: 5 %")
    assert (plan.measure, plan.period, plan.retroactive, plan.rule("USD")) == (
        "bookings",
        "quarter",
        False,
        "5 % on everything",
    )
    shares = good("name: A\nfor: {roles: rep}\ntiers: [{from: 0, rate: 3%}, {from: 80 % of target, rate: 5%}]")
    assert shares.of_target
    assert shares.rule("USD").startswith("3 % up to 80 % of the target, 5 % from 80 % of the target on; each rate")


def test_a_plan_comes_out_of_the_rows_as_it_went_in() -> None:
    plan = good(PLAN)
    assert CommissionPlan.of_data(plan.as_data()) == plan
    assert good(PLAN.replace("3 %", "3.00 %").replace("60k", "60,000")).as_data() == plan.as_data()


def test_all_mistakes_are_told_at_once_with_their_lines() -> None:
    said = wrong(
        "name:\n"
        "for: {roles: [rep, boss], unit: East, people: [dana]}\n"
        "mesure: margin\n"
        "period: fortnight\n"
        "tiers:\n"
        "  - from: 10\n"
        "    rate: 0.05\n"
        "  - from: 5 %\n"
        "    rate: 500 %\n"
        "  - rate: 2x\n"
        "cap: $60,000\n"
        "from: 2026-13-01\n"
        "to: 31/12/2026\n"
        "to: 2026-12-31\n"
    )
    expected = [
        ("Line 1, name", "nothing stands here"),
        ("Line 2, for", "“unit”", "Do you mean units?"),
        ("Line 2, for, people", "e-mail address", "“dana”"),
        ("Line 2, for, roles", "rep, manager or leader", "“boss”"),
        ("Line 3", "“mesure”", "Do you mean measure?"),
        ("Line 4, period", "month, quarter, half or year", "“fortnight”"),
        ("Line 6, tiers", "tiers begin at amounts", "all at shares"),
        ("Line 6, tiers, from", "first tier begins at 0"),
        ("Line 7, tiers, rate", "such as 5 %", "“0.05”"),
        ("Line 9, tiers, rate", "“500 %”"),
        ("Line 10, tiers, from", "missing"),
        ("Line 10, tiers, rate", "no base rate"),
        ("Line 11, cap", "such as 60000", "“$60,000”"),
        ("Line 12, from", "2026-01-01", "“2026-13-01”"),
        ("Line 13, to", "“31/12/2026”"),
        ("Line 14, to", "twice, first in line 13"),
    ]
    for pieces in expected:
        assert any(one.startswith(pieces[0]) and all(piece in one for piece in pieces) for one in said), pieces
    assert len(said) == len(expected), said


@pytest.mark.parametrize(
    ("content", "piece"),
    [
        (b"", "empty"),
        (b"- a", "Line 1: Expected lines such as"),
        (b"name: A\nperiod: a: b", "Line 2: A colon stands where none can"),
        (b"name: A\n\tcap: 3", "Line 2: A tab stands here"),
        (b"name: A\nfor: *x", "Line 2: An alias (*)"),
        (b"name: A\n---\nname: B", "Line 2: A second document"),
        (b"name: \xff", "Line 1: This is not UTF-8 text"),
        (b"[" * 20_000, "nested too deeply"),
        (b"#" * 70_000, "larger than 64 KB"),
        (b"name: A\nfor: {roles: rep}", "tiers: This is missing"),
        (b"name: A\nbase rate: 5 %", "for: This is missing"),
        (b"name: A\nfor: {roles: []}\nbase rate: 5 %", "Line 2, for, roles: Expected a list of 1 to"),
        (
            b"name: A\nfor: {roles: rep}\nbase rate: 5 %\nvariable pay: 60000",
            "Line 4, variable pay: There is a base rate",
        ),
        (
            b"name: A\nfor: {roles: rep}\nvariable pay: 60000\note: 50000",
            "Line 3, variable pay: This is more than the OTE",
        ),
        (
            b"name: A\nfor: {roles: rep}\nbase rate: 5 %\nfrom: 2026-02-01\nto: 2026-01-01",
            "Line 5, to: 2026-01-01 is before",
        ),
        (
            b"name: A\nfor: {roles: rep}\ntiers:\n- {from: 0, rate: 1%}\n- {from: 0.00, rate: 2%}",
            "Line 5, tiers, from: A tier begins above",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_mistake(content: bytes, piece: str) -> None:
    said = wrong(content)
    assert len(said) == 1, said
    assert piece in said[0]


@given(
    st.lists(
        st.sampled_from(
            [
                "name: A",
                "for: {roles: rep}",
                "tiers:",
                " - from: 0",
                "   rate: 5 %",
                "{",
                "? ",
                "&a [*a]",
                "cap: 5",
                "\t",
            ]
        )
    )
)
@settings(max_examples=150, deadline=None)
def test_nothing_breaks_the_reader(lines: Sequence[str]) -> None:
    """A plan or at least one problem, whatever is in the file."""
    read = read_plan("\n".join(lines).encode(), "plan.yaml")
    assert isinstance(read, Plan) or read.problems


# ---------------------------------------------------------------- importing


@pytest.fixture
def staffed(database: Database) -> Database:
    def fill(tx: Transaction) -> None:
        east = units.add(tx, "East", kind="team", parent=None, at=NOW)
        for name in ("Dana", "Sam"):
            one = people.add(tx, name=name, email=f"{name.lower()}@test.example", at=NOW, imported=True)
            people.give_role(tx, one, "rep", date(2026, 1, 1))
            units.join(tx, east, one.id, since=date(2026, 1, 1))

    database.submit(fill).result()
    return database


def bring(database: Database, path: Path, text: str, **more: Any) -> list[str]:
    path.write_text(text, "utf-8")
    said: list[str] = []
    run(database, COMPANY, path, said.append, dry_run=more.get("dry_run", False), now=NOW)
    return said


def held(database: Database) -> list[CommissionPlan]:
    return [CommissionPlan.of_data(one.definition) for one in database.submit(commission.standing).result()]


def test_versions_come_and_go(staffed: Database, tmp_path: Path) -> None:
    """Shown, kept, the same again, another version, and both rolled back one after the other."""
    path = tmp_path / "plan.yaml"
    dry = bring(staffed, path, PLAN, dry_run=True)
    assert dry[0] == "Commission plan “Reps 2026”: new."
    assert "It is for 2 people now: Dana, Sam." in dry
    assert dry[-1] == "Nothing was written: this was a dry run."
    assert held(staffed) == []
    assert "Roll it back" in bring(staffed, path, PLAN)[-1]
    again = bring(staffed, path, PLAN)
    assert "the same already" in again[0]
    assert "Roll it back" not in again[-1]
    changed = bring(staffed, path, PLAN.replace("cap: 60k", "cap: 50k"))
    assert changed[0] == "Commission plan “Reps 2026”: changes what holds."
    assert any("at most $60,000 a month → " in line and line.endswith("at most $50,000 a month") for line in changed)
    assert [plan.cap for plan in held(staffed)] == [Decimal(50_000)]
    said: list[str] = []
    roll_back(staffed, COMPANY, None, said.append)
    assert [plan.cap for plan in held(staffed)] == [Decimal(60_000)]
    roll_back(staffed, COMPANY, None, said.append)
    assert held(staffed) == []
    assert "1 commission plan put back." in said


def test_an_older_import_rolled_back_leaves_the_newer_plan(staffed: Database, tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    bring(staffed, path, PLAN)
    second = bring(staffed, path, PLAN.replace("cap: 60k", "cap: 50k"))[-1].split()[-1]
    bring(staffed, path, PLAN.replace("cap: 60k", "cap: 40k"))
    said: list[str] = []
    roll_back(staffed, COMPANY, second, said.append)
    assert [plan.cap for plan in held(staffed)] == [Decimal(40_000)]
    assert any("changed by others since" in line for line in said)


def test_names_that_nobody_knows_are_told_with_the_other_mistakes(staffed: Database, tmp_path: Path) -> None:
    text = PLAN.replace("units: [East]", "units: [Esat, North]").replace("sam@", "tom@").replace("60k", "lots")
    with pytest.raises(PlanRefused) as refused:
        bring(staffed, tmp_path / "plan.yaml", text)
    said = str(refused.value)
    assert said.startswith("plan.yaml has 4 mistakes, so nothing was imported:\n")
    assert "Line 5, for, units: No unit is called “Esat”. Do you mean East?" in said
    assert "Line 5, for, units: No unit is called “North”." in said
    assert "Line 6, for, people: Nobody has the address tom@test.example." in said
    assert "Line 18, cap: " in said
    assert held(staffed) == []


def test_who_would_have_two_plans_is_said(staffed: Database, tmp_path: Path) -> None:
    bring(staffed, tmp_path / "plan.yaml", PLAN.replace("  people: [sam@test.example]\n", ""))
    said = bring(
        staffed, tmp_path / "other.yaml", "name: Other\nfor: {people: [sam@test.example], roles: [rep]}\nbase rate: 1 %"
    )
    assert "It is for 1 person now: Sam." in said
    assert any(line.startswith("1 person has another plan at the same time: Dana.") for line in said)


def test_a_plan_may_be_a_part_of_another_import(staffed: Database) -> None:
    """The interface that an import in a chat calls: whoever began it keeps the journal."""
    read = read_plan(PLAN.encode(), "plan.yaml")
    assert isinstance(read, Plan)

    def work(tx: Transaction) -> tuple[bool, bool, int]:
        assert all_problems(tx, read) == []
        who = imports.begin(tx, kind="commission", name="plan.yaml", digest="", settings={}, by="ada", at=NOW)
        first = apply_plan(tx, read, by="ada", at=NOW, import_id=who)
        return first, apply_plan(tx, read, by="ada", at=NOW, import_id=who), len(imports.last_entries(tx, who, 10))

    assert staffed.submit(work).result() == (True, False, 1)


def test_the_documented_example_imports(tmp_path: Path) -> None:
    """As an operator does it, with the file that docs/ holds; and the demo company's plan is the same."""
    config = tmp_path / "app.yaml"
    config.write_text(f"playground:\n  database: sqlite:///{tmp_path}/pacer.db\n", "utf-8")

    def pacer(*words: str) -> Any:
        return CliRunner().invoke(cli, ["import", *words, "--config", str(config)])

    done = pacer(str(EXAMPLE), "--dry-run")
    assert done.exit_code == 0, done.output
    assert "Commission plan “Reps”: new." in done.output
    assert "at most $60,000 a quarter" in done.output
    assert pacer(str(EXAMPLE)).exit_code == 0
    assert "the same already" in pacer(str(EXAMPLE)).output
    database = open_database(f"sqlite:///{tmp_path}/pacer.db")
    (plan,) = held(database)
    assert (plan.bands, plan.base, plan.cap, plan.ote, plan.roles) == (
        COMMISSION.bands,
        COMMISSION.base,
        COMMISSION.cap,
        COMMISSION.ote,
        COMMISSION.roles,
    )
    database.close()
    assert "1 commission plan ended." in pacer("--undo").output
    broken = tmp_path / "broken.yml"
    broken.write_text("name: A\nfor: {roles: rep}\ncap: x\n", "utf-8")
    refused = pacer(str(broken))
    assert refused.exit_code == 1
    assert "broken.yml has 2 mistakes" in refused.output
    assert pacer(str(tmp_path / "none.yaml")).exit_code == 1


def test_the_page_shows_what_is_printed(tmp_path: Path) -> None:
    """docs/commission.md quotes the example's rule."""
    page = (EXAMPLE.parent / "commission.md").read_text("utf-8")
    assert good(EXAMPLE.read_text("utf-8")).rule("USD") in page
