"""An open deal that was said in chat and that an import brings: one deal where it surely is one, else a doubt."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from storage import accounts, deals, people
from storage.database import Database, Transaction
from tests.test_import_apply import HEAD, NOW, back, bring, counted, staff, standing, written

TODAY = date(2026, 11, 18)


def say(database: Database, *said: dict[str, Any], account: str = "Initech", owner: str = "dana@example.com") -> None:
    """Open deals of the chat."""

    def write(tx: Transaction) -> None:
        who = people.by_email(tx, owner)
        assert who is not None
        place = accounts.named(tx, account) or accounts.add(tx, account, by=who.id, at=NOW)
        for one in said:
            known = {"stage": "negotiation", "currency": "USD", "created_on": TODAY, "closes_on": date(2026, 12, 15)}
            deal = deals.Deal(**{**known, "account": place.id, "owner": who.id, **one})
            deals.add(tx, deal, [], at=NOW, by=who.id, said="as said")

    database.submit(write).result()


def held(database: Database) -> dict[str, deals.Deal]:
    """All living deals by their id in the file, else by their own."""

    def read(tx: Transaction) -> dict[str, deals.Deal]:
        everybody = [one.id for one in people.everybody(tx)]
        stages = ("prospecting", "qualified", "proposal", "negotiation", "won", "lost")
        return {one.deal.external_id or one.deal.id: one.deal for one in deals.owned(tx, everybody, stages=stages)}

    return database.submit(read).result()


def file(folder: Path, *rows: tuple[str, str, object, str], closes: str = "2026-12-20") -> Path:
    """Id, name, amount, stage."""
    rest = (closes, "2026-10-02")
    each = [(one, name, "Initech", "Dana Ortiz", amount, stage, *rest) for one, name, amount, stage in rows]
    return written(folder / "deals.csv", [HEAD, *each])


@pytest.fixture
def folder(database: Database, tmp_path: Path) -> Path:
    bring(database, staff(tmp_path))
    return tmp_path


def test_it_is_one_deal_with_the_files_values_and_the_chats_history(database: Database, folder: Path) -> None:
    say(database, {"id": "mine", "amount_minor": 60_000_00, "type": "renewal"})
    before = standing(database)
    said = bring(database, file(folder, ("A", "Initech platform", 55_000, "Proposal")))
    assert counted(said).startswith("0 rows made, 1 changed")
    assert any("said in chat, which are this file's now: 1" in line for line in said)
    (deal,) = held(database).values()
    assert (deal.id, deal.external_id, deal.stage, deal.amount_minor) == ("mine", "A", "proposal", 55_000_00)
    assert deal.type == "renewal", "the file has no column for it"
    changes = database.submit(lambda tx: deals.history(tx, "mine")).result()
    assert changes[-1].said == "as said"
    assert "0 rows made, 0 changed" in counted(bring(database, folder / "deals.csv"))
    back(database)
    assert standing(database) == before


def test_each_finds_its_own(database: Database, folder: Path) -> None:
    """By the same amount, by the same name, and by what is near when no other is."""
    say(
        database,
        {"id": "exact", "amount_minor": 20_000_00},
        {"id": "named", "amount_minor": 1_000_00, "name": "Phase 2"},
        {"id": "near", "amount_minor": 90_000_00},
    )
    rows = (("A", "Big", 100_000, "Proposal"), ("B", "Small", 20_000, "Proposal"), ("C", "phase 2", 400, "Proposal"))
    assert counted(bring(database, file(folder, *rows))).startswith("0 rows made, 3 changed")
    assert {key: deal.id for key, deal in held(database).items()} == {"A": "near", "B": "exact", "C": "named"}


@pytest.mark.parametrize(
    ("said", "rows"),
    [
        ([{"id": "far", "amount_minor": 60_000_00}], [("A", "One", 5_000, "Proposal")]),
        ([{"id": "one"}, {"id": "two"}], [("A", "One", 5_000, "Proposal")]),
        ([{"id": "one"}], [("A", "One", 5_000, "Proposal"), ("B", "Two", 6_000, "Proposal")]),
        ([{"id": "one", "amount_minor": 5_000_00}], [("A", "1", 5_000, "Proposal"), ("B", "2", 5_000, "Proposal")]),
        (
            [{"id": "a", "amount_minor": 5_000_00}, {"id": "b", "amount_minor": 5_000_00}],
            [("A", "1", 5_000, "Proposal")],
        ),
    ],
    ids=["amounts far apart", "two without an amount", "two rows", "two rows alike", "two alike"],
)
def test_in_doubt_nothing_is_joined_and_it_is_said(
    database: Database, folder: Path, said: list[dict[str, Any]], rows: list[tuple[str, str, object, str]]
) -> None:
    say(database, *said)
    heard = bring(database, file(folder, *rows))
    assert counted(heard).startswith(f"{len(rows)} row{'s' if len(rows) > 1 else ''} made, 0 changed")
    assert set(held(database)) == {*(row[0] for row in rows), *(one["id"] for one in said)}
    assert any(line.startswith("- Row 2: ") and "said in chat" in line and "negotiation" in line for line in heard)


def test_another_owners_or_accounts_deal_is_another_deal(database: Database, folder: Path) -> None:
    say(database, {"id": "lees", "amount_minor": 5_000_00}, owner="lee@example.com")
    say(database, {"id": "elsewhere", "amount_minor": 5_000_00}, account="Globex")
    heard = bring(database, file(folder, ("A", "One", 5_000, "Proposal")))
    assert counted(heard).startswith("1 row made, 0 changed")
    assert not any("said in chat" in line for line in heard)


@pytest.mark.parametrize(
    ("stage", "closed", "joined"),
    [("Closed Won", "2026-11-17", True), ("Closed Lost", "2026-11-17", True), ("Closed Won", "2026-03-02", False)],
)
def test_what_was_open_in_chat_may_be_closed_in_the_file(
    database: Database, folder: Path, stage: str, closed: str, joined: bool
) -> None:
    """But a deal that closed long before the chat's began is another one."""
    say(database, {"id": "mine", "amount_minor": 60_000_00})
    bring(database, file(folder, ("A", "One", 60_000, stage), closes=closed))
    assert (held(database)["A"].id == "mine") is joined
    assert len(held(database)) == (1 if joined else 2)
