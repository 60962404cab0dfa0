"""`/log` lines and what they say: tables of cases in tests/cases, and properties that hold for any text."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.language.names import NameIndex
from handlers.log.parse import OUTCOMES, Understood, Vocabulary, parse

CASES = Path(__file__).parent / "cases"
TABLES = ("log_lines", "log_styles", "log_companies")
SHARED = Path(__file__).parents[2] / "shared" / "data"
"""Examples that the company keeps beside this repository, where it is worked on."""
NOW = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)


def _accounts(table: str, folder: Path = CASES) -> list[str]:
    file = folder / f"{table}_accounts.txt"
    return file.read_text(encoding="utf-8").splitlines() if file.is_file() else []


def _cases(table: str, folder: Path = CASES) -> list[Any]:
    """A line's own `accounts` are the only ones it is read with; the others have their table's."""
    if not (folder / f"{table}.jsonl").is_file():
        return []
    names = NameIndex(_accounts(table, folder))
    cases = [json.loads(line) for line in (folder / f"{table}.jsonl").read_text(encoding="utf-8").splitlines()]
    return [
        pytest.param(NameIndex(case["accounts"]) if "accounts" in case else names, case, id=case["text"])
        for case in cases
    ]


def _said(activity: dict[str, Any], key: str) -> Any:
    if key.startswith("next_"):
        return (activity["next"] or {}).get(key.removeprefix("next_"))
    return activity[key]


@pytest.mark.parametrize(("names", "case"), [case for table in TABLES for case in _cases(table)])
def test_line(names: NameIndex, case: dict[str, Any]) -> None:
    _check(names, case)


@pytest.mark.skipif(not SHARED.is_dir(), reason="no shared examples beside this repository (../shared/data)")
@pytest.mark.parametrize(("names", "case"), _cases("log_examples", SHARED))
def test_shared_example(names: NameIndex, case: dict[str, Any]) -> None:
    _check(names, case)


def _check(names: NameIndex, case: dict[str, Any]) -> None:
    now = datetime.fromisoformat(case["now"]).replace(tzinfo=UTC)
    order, currency = case.get("date_order", "mdy"), case.get("currency", "USD")
    read = parse(case["text"], now=now, names=names, date_order=order, currency=currency)
    data = read.as_data()
    expected = case["all"] if "all" in case else [case["expect"]]
    for expect, activity in zip(expected, data["activities"], strict=False):
        assert {key: _said(activity, key) for key in expect} == expect
    assert len(data["activities"]) == case.get("activities", 1)
    assert data["choices"] == case.get("choices", [])
    assert data["needs"] == case.get("needs", ["account"] if case.get("choices") else [])
    assert read.win == case.get("win", False)


NAMES = NameIndex(_accounts("log_lines") + _accounts("log_styles"))
WORDS = st.sampled_from(
    [
        *(
            "call",
            "called",
            "met",
            "email",
            "and",
            ";",
            ",",
            "next:",
            "->",
            "follow up",
            "yesterday",
            "monday",
            "11/12",
        ),
        *(
            "3pm",
            "at",
            "with",
            "from",
            "Jane",
            "Vantor",
            "Kestrel",
            "$50k",
            "30m",
            "1h15",
            "12",
            "a dozen",
            "#hot",
            "-",
        ),
        *("won", "no answer", "the 12th", "in 2 weeks", "half an hour", "Zoomit", "@", "(", ")", "next", "9 Nov", "."),
    ]
)
TEXTS = st.one_of(st.text(max_size=200), st.lists(WORDS, max_size=30).map(" ".join))
ZONES = st.sampled_from(["UTC", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "Europe/London"])
NOWS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1))  # noqa: DTZ001


@settings(max_examples=150, deadline=None)
@given(TEXTS, NOWS, ZONES, st.sampled_from(["mdy", "dmy"]))
def test_any_text_is_read_without_an_error_and_survives_as_data(
    text: str, now: datetime, zone: str, order: Any
) -> None:
    read = parse(text, now=now.replace(tzinfo=ZoneInfo(zone)), names=NAMES, date_order=order)
    assert read.text == text
    assert 1 <= len(read.activities) <= 300
    assert msgspec.convert(msgspec.to_builtins(read), Understood) == read
    json.dumps(read.as_data())
    for entry in read.activities:
        assert entry.count >= 1
        assert entry.outcome is None or entry.outcome in OUTCOMES
        assert entry.account is None or entry.account in NAMES
        assert all(choice in NAMES for choice in entry.choices)
        assert not (entry.account and entry.choices)
        assert entry.minutes is None or 0 < entry.minutes <= 24 * 60
        assert entry.amount is None or 0 < entry.amount < 10**13
        if entry.date > now.date():
            assert entry.planned
        if entry.date < now.date():
            assert not entry.planned


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "\0", "\0" * 2000, "\u202ecall Vantor\u202c", "😀" * 500, "9" * 2000, "a" * 2000, "call " * 1000),
        *("; " * 1000, "and " * 1000, "-> " * 600, "next: " * 400, "#a" * 900, "(" * 2000, "1/1/1/" * 300, "'" * 2000),
        *(
            "with " * 500,
            "$" * 2000,
            "½" * 2000,
            "İstanbul'lu ı " * 100,
            "call Vantor\r\n\r\nemail Zentrix",
            "٣ calls",
            "²",
        ),
    ],
)
def test_hostile_text_is_read(text: str) -> None:
    read = parse(text, now=NOW, names=NAMES)
    assert len(read.activities) <= 300
    read.as_data()


def test_a_chain_of_thousands_of_shops_asks_for_one_of_ten() -> None:
    names = NameIndex(f"Vexmart Shop {number}" for number in range(3000))
    assert len(parse("call Vexmart", now=NOW, names=names).choices) == 10
    assert parse("call Vexmart 17", now=NOW, names=names).activities[0].account == "Vexmart Shop 17"
    names.remove("Vexmart Shop 0")
    names.add("Vexmart Shop A")
    assert parse("call Vexmart", now=NOW, names=names).choices[0] == "Vexmart Shop 1"
    assert len(parse("Vexmart West & " * 130, now=NOW, names=names).activities) <= 300


def test_the_company_s_own_words() -> None:
    vocabulary = Vocabulary.build({"call": ["buzz", "hollered at"], "sample drop": ["samples", "dropped samples"]})
    assert vocabulary.kinds == ("call", "email", "meeting", "demo", "visit", "proposal", "message", "sample drop")
    for text, kind in (
        ("buzz Vantor", "call"),
        ("hollered at Vantor", "call"),
        ("dropped samples at Vantor", "sample drop"),
        ("3 sample drops", "sample drop"),
        ("emailed Vantor", "email"),
    ):
        assert parse(text, now=NOW, names=NAMES, vocabulary=vocabulary).activities[0].kind == kind


def test_planned_follows_the_person_s_own_clock() -> None:
    late = datetime(2026, 11, 18, 23, 30, tzinfo=ZoneInfo("America/New_York"))
    assert parse("call Vantor 11pm", now=late, names=NAMES).activities[0].planned is False
    assert parse("call Vantor 11:45pm", now=late, names=NAMES).activities[0].planned is True
    assert parse("call Vantor tomorrow", now=late, names=NAMES).activities[0].date == late.date() + timedelta(1)


def test_a_won_deal_is_no_activity() -> None:
    read = parse("Vantor won $50k", now=NOW, names=NAMES, currency="CAD")
    assert read.win
    assert read.needs == ()
    (said,) = read.activities
    assert (said.account, said.amount, said.currency) == ("Vantor", Decimal(50000), "CAD")


def test_both_readings_of_an_unlikely_date_are_offered() -> None:
    (entry,) = parse("met Vantor 11/12", now=NOW, names=NAMES, date_order="dmy").activities
    assert [day.isoformat() for day in entry.date_choices] == ["2025-12-11", "2026-11-12"]
    assert entry.needs == ("date",)


def test_an_alias_leads_to_the_account() -> None:
    names = NameIndex(["International Business Machines"])
    names.add("International Business Machines", ["IBM", "Big Blue"])
    for text in ("call IBM", "met big blue yesterday", "emailed Jane at ibm"):
        assert parse(text, now=NOW, names=names).activities[0].account == "International Business Machines"


def test_the_next_step_has_its_own_day_and_time() -> None:
    (entry,) = parse("call Vantor yesterday, next: pricing call thursday 4pm", now=NOW, names=NAMES).activities
    assert entry.next is not None
    assert (entry.next.text, str(entry.next.date), str(entry.next.time)) == ("pricing call", "2026-11-19", "16:00:00")
