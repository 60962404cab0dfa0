"""`pacer export activities`: CSV that no spreadsheet takes for formulas, also with the CRMs' column names."""

from __future__ import annotations

import csv
import io

import pytest

from handlers.language.formulas import safe
from handlers.log.export import STYLES, write
from storage import activities
from storage.database import Transaction
from tests.chat import Chat


def exported(chat: Chat, style: str) -> list[dict[str, str]]:
    file = io.StringIO()
    with chat.database.engine.connect() as connection:
        write(activities.export(Transaction(connection)), style, file)
    return list(csv.DictReader(io.StringIO(file.getvalue())))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "  =", "\u00a0="])
def test_no_cell_is_a_formula(start: str) -> None:
    assert safe(f"{start}HYPERLINK(1)").startswith("'")
    assert safe("a=b") == "a=b"


def test_our_own_columns_hold_everything(chat: Chat) -> None:
    heard = chat.rep("/log 30 min call with Jane Doe at Initech yesterday 3pm, connected, $50k #hot -> send NDA friday")
    heard.press("Edit").fill(note="=1+1")
    (row,) = exported(chat, "pacer")
    assert row["person"] == "Rae Quinn"
    assert (row["kind"], row["count"], row["account"], row["contacts"]) == ("call", "1", "Initech", "Jane Doe")
    assert (row["date"], row["time"], row["zone"], row["minutes"]) == (
        "2026-11-17",
        "15:00",
        "America/New_York",
        "30",
    )
    assert (row["amount"], row["currency"], row["outcome"], row["tags"]) == ("50000.00", "USD", "connected", "hot")
    assert (row["next_step"], row["next_date"], row["note"]) == ("send NDA", "2026-11-20", "'=1+1")


def test_what_was_undone_or_replaced_is_not_exported(chat: Chat) -> None:
    chat.rep("/log call Initech").press("Undo")
    chat.rep("/log email Initech").press("Edit").fill(kind="meeting")
    assert [(row["kind"], row["version"]) for row in exported(chat, "pacer")] == [("meeting", "2")]


def test_the_columns_of_a_salesforce_task(chat: Chat) -> None:
    chat.rep("/log 30 min call with Jane Doe at Initech yesterday 3pm, voicemail")
    (row,) = exported(chat, "salesforce")
    assert row["Subject"] == "Call: Initech"
    assert (row["ActivityDate"], row["Status"], row["TaskSubtype"]) == ("2026-11-17", "Completed", "Call")
    assert (row["CallDurationInSeconds"], row["CallDisposition"]) == ("1800", "voicemail")


def test_the_columns_of_a_hubspot_engagement(chat: Chat) -> None:
    chat.rep("/log 30 min call with Jane Doe at Initech yesterday 3pm")
    (row,) = exported(chat, "hubspot")
    assert (row["hs_engagement_type"], row["hs_timestamp"]) == ("CALL", "2026-11-17T20:00:00Z")
    assert row["hs_call_duration"] == "1800000"


@pytest.mark.parametrize("style", STYLES)
def test_every_style_has_a_header_even_without_rows(chat: Chat, style: str) -> None:
    file = io.StringIO()
    assert write([], style, file) == 0
    assert file.getvalue().strip() == ",".join(STYLES[style])
