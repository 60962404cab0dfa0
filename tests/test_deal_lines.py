"""Lines about deals and what they say: the table in tests/cases/deal_lines.jsonl, and what holds for any text."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from handlers.deals.parse import parse
from handlers.deals.stages import Pipeline
from handlers.language.names import NameIndex

CASES = Path(__file__).parent / "cases"
NOW = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)
NAMES = NameIndex(["Acme", "Globex", "Initech", "Woodgrove Bank", "Woodgrove Leasing"])
LINES = [json.loads(line) for line in (CASES / "deal_lines.jsonl").read_text(encoding="utf-8").splitlines()]
NOTHING = {
    **dict.fromkeys(("account", "stage", "amount", "currency", "closes", "no_date")),
    **dict.fromkeys(("type", "product", "reason", "left")),
    **dict.fromkeys(("slipped", "reopened", "fresh", "doubtful", "sure"), False),
    "choices": [],
    "later": [0, 0],
}
"""What a line does not say it must not be taken to say."""


@pytest.mark.parametrize("case", LINES, ids=lambda case: case["text"])
def test_line(case: dict[str, Any]) -> None:
    read = parse(
        case["text"],
        now=NOW,
        names=NAMES,
        date_order=case.get("date_order", "mdy"),
        fiscal_start=case.get("fiscal_start", 1),
    ).as_data()
    expect = {**NOTHING, **case["expect"]}
    if "account_text" not in expect:
        read.pop("account_text")
    assert read == expect


@pytest.mark.parametrize("table", ["log_lines", "log_styles", "log_companies"])
def test_no_activity_is_taken_for_a_deal(table: str) -> None:
    """Only what `/log` itself hands on as a win, and a lone “Acme lost”, is surely a deal."""
    file = CASES / f"{table}_accounts.txt"
    known = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    taken = []
    for line in (CASES / f"{table}.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        names = NameIndex(case.get("accounts", known))
        now = datetime.fromisoformat(case["now"]).replace(tzinfo=UTC)
        read = parse(case["text"], now=now, names=names, date_order=case.get("date_order", "mdy"))
        if read.sure and not case.get("win"):
            taken.append(case["text"])
    assert taken in ([], ["Acme lost"])


def test_another_companys_deal_is_not_taken_for_a_known_ones() -> None:
    read = parse("Acme West won 60k", now=NOW, names=NameIndex(["Acme East"]))
    assert (read.account, read.account_text, read.sure) == (None, "Acme West", False)


def test_a_company_has_its_own_stages() -> None:
    pipeline = Pipeline.build(["lead", "pilot", "board review", "won", "lost"], {"pilot": ["trial"]})
    said = {
        text: parse(text, now=NOW, names=NAMES, pipeline=pipeline).stage
        for text in ("Acme moved to trial", "Acme board review 20k", "Acme moved to proposal", "Acme won")
    }
    assert said == {
        "Acme moved to trial": "pilot",
        "Acme board review 20k": "board review",
        "Acme moved to proposal": None,
        "Acme won": "won",
    }


WORDS = st.sampled_from(
    [word for case in LINES for word in case["text"].split()]
    + [",", "-", "from", "to", "31", "?", "€", "q1", "fy27", "end"]
)


@example("LOSS. CLOSE")
@example("-")
@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=200), st.lists(WORDS, max_size=20).map(" ".join)))
def test_any_text_is_read(text: str) -> None:
    """It never raises; what is sure names an account and says something, and is no question."""
    read = parse(text, now=NOW, names=NAMES)
    assert json.loads(json.dumps(read.as_data())) == read.as_data()
    if read.sure:
        assert read.account or read.choices
        assert not read.says_nothing
        assert not read.left
        assert not text.rstrip().endswith("?")
