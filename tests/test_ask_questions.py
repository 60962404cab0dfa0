"""Questions about the numbers: a table of cases in tests/cases, and what holds for any text."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from bot.cli import cli
from handlers.ask.org import Member, Org, OrgError, Unit
from handlers.ask.read import looks_like_a_question, read
from handlers.ask.reading import Question
from handlers.numbers.periods import FiscalCalendar
from handlers.numbers.spans import Span

CASES = Path(__file__).parent / "cases"
SHARED = Path(__file__).parents[2] / "shared" / "data"
"""Examples that the company keeps beside this repository, where it is worked on."""
ORGS = {
    "a": (Org.from_csv((CASES / "ask_org_a.csv").read_text("utf-8")), FiscalCalendar(1)),
    "b": (Org.from_csv((CASES / "ask_org_b.csv").read_text("utf-8")), FiscalCalendar(2)),
}
TODAY = date(2026, 11, 18)


def ask(text: str, who: str | None = "Dana Reyes", org: str = "a", today: date = TODAY, **more: Any) -> Question:
    index, fiscal = ORGS[org]
    return read(text, asker=who, org=index, today=today, fiscal=fiscal, **more)


def _cases(file: Path) -> list[Any]:
    if not file.is_file():
        return []
    return [
        pytest.param(case, id=f"{case['as']}: {case['text']}")
        for case in map(json.loads, file.read_text("utf-8").splitlines())
    ]


@pytest.mark.parametrize("case", _cases(CASES / "ask_lines.jsonl"))
def test_line(case: dict[str, Any]) -> None:
    _check(case)


@pytest.mark.parametrize("case", _cases(CASES / "ask_mended.jsonl"))
def test_line_once_taken_wrongly(case: dict[str, Any]) -> None:
    _check(case)


@pytest.mark.skipif(not SHARED.is_dir(), reason="no shared examples beside this repository (../shared/data)")
@pytest.mark.parametrize("case", _cases(SHARED / "ask_examples.jsonl"))
def test_shared_example(case: dict[str, Any]) -> None:
    _check(case)


def _check(case: dict[str, Any]) -> None:
    question = ask(case["text"], case["as"], case.get("org", "a"), date.fromisoformat(case["now"][:10]))
    data = question.as_data()
    data.update(data["period"] or {})
    for field, expected in case["expect"].items():
        got = data.get(field)
        if field in ("scope", "against_scope") and expected is not None:
            got = {name: (got or {}).get(name) for name in expected}
        assert got == expected, field
    assert question.sure is not case.get("unsure", not question.sure)
    assert (question.refused is not None) is case.get("refused", False)


# ---------------------------------------------------------------- what the table's fields cannot say


def test_two_of_one_first_name_are_asked_about_and_one_in_the_leaders_own_unit_is_not() -> None:
    question = ask("how is Dana doing", "Raj Patel", "b")
    assert not question.sure
    assert [reading.scope.name for reading in question.other_readings if reading.scope] == ["Dana Kowalski"]
    own = ask("how is Dana doing", "Tom Becker", "b")
    assert own.sure
    assert own.scope is not None
    assert own.scope.name == "Dana Kowalski"


def test_two_of_one_full_name_differ_by_their_key() -> None:
    org = Org(
        [Unit("u1", "Acme Sales", "company")],
        [Member("p1", "Ann Lee", "u1"), Member("p2", "Ann Lee", "u1"), Member("p3", "Bo Berg", "u1")],
    )
    question = read("Ann Lee's attainment", asker=org.members["p3"], org=org, today=TODAY)
    readings = (question, *question.other_readings)
    assert [reading.scope.key for reading in readings if reading.scope] == ["p1", "p2"]
    assert not question.sure


def test_a_rep_is_refused_who_is_behind_and_told_what_to_ask() -> None:
    question = ask("who's behind", "Sam Okafor")
    assert question.intent == "behind"
    assert question.refused is not None
    assert "your own number" in question.refused
    assert ask("am i behind", "Sam Okafor").refused is None
    assert ask("who's behind", "Tessa Bloom").refused is None


@pytest.mark.parametrize(
    "text",
    [
        *(
            "call Acme",
            "called Acme, no answer",
            "met with Globex about the quote",
            "lost Globex, price",
            "won Initech $40k",
        ),
        *(
            "Acme slipped to January",
            "/deal Acme negotiation $60k closes 15 Dec",
            "3 calls Acme",
            "lunch with Priya",
            "log 5 calls",
        ),
        *(
            "thanks Dana",
            "hi Sam",
            "good morning",
            "how are you",
            "what's for lunch",
            "see you tomorrow",
            "ok",
            "",
            "👍",
            "lol",
        ),
        *(
            "Dana is on holiday this week",
            "meeting with Sam tomorrow at 3pm",
            "remind me to call Priya next week",
            "undo",
        ),
        *(
            "can you book a room for the quarterly review",
            "happy birthday West team",
            "demo with Hooli closing call friday",
        ),
        *("email Globex the proposal", "is the office open on Monday", "Sam won the lottery", "who ate my lunch"),
    ],
)
def test_small_talk_and_lines_of_other_commands_are_no_question(text: str) -> None:
    assert not looks_like_a_question(ask(text))


@pytest.mark.parametrize(
    "text", ["quota", "how is East doing", "who's on top", "stuck deals", "win rate", "my pipeline"]
)
def test_plain_words_about_the_numbers_are_a_question(text: str) -> None:
    assert looks_like_a_question(ask(text))


@pytest.mark.parametrize("text", ["east", "last month", "and Dana?"])
def test_a_fragment_is_answered_where_asked_for_and_left_alone_in_a_chat(text: str) -> None:
    question = ask(text)
    assert question.intent == "status"
    assert not looks_like_a_question(question)


def test_a_fragment_keeps_what_the_question_before_said() -> None:
    first = ask("win rate of West in Q2 by product", "Mara Leitner")
    then = ask("and East?", "Mara Leitner", previous=first)
    assert (then.intent, then.period, then.by) == ("win_rate", first.period, "product")
    assert then.scope is not None
    assert then.scope.name == "East"
    later = ask("and last month?", "Mara Leitner", previous=then)
    assert later.scope == then.scope
    assert later.period == Span(date(2026, 10, 1), date(2026, 10, 31))


def test_a_name_that_nobody_has_is_not_answered_as_if_it_were_understood() -> None:
    question = ask("how is Zoltan doing this month", "Tessa Bloom")
    assert not question.sure
    assert question.not_understood == ("Zoltan",)


def test_a_first_name_is_no_other_first_name_mistyped() -> None:
    assert ask("how is Diana doing", "Tessa Bloom").not_understood == ("Diana",)
    mended = ask("how is Dnaa doing", "Tessa Bloom")
    assert mended.scope is not None
    assert mended.scope.name == "Dana Reyes"


def test_a_company_counts_by_its_own_kinds() -> None:
    question = ask("tastings this week", measures=("tasting",))
    assert (question.intent, question.measure) == ("activity", "tasting")
    assert ask("tastings this week").intent == "unknown"


@pytest.mark.parametrize(
    ("today", "text", "first", "last"),
    [
        (date(2026, 1, 1), "last month", "2025-12-01", "2025-12-31"),
        (date(2026, 1, 1), "last week", "2025-12-22", "2025-12-28"),
        (date(2026, 1, 1), "Q4", "2025-10-01", "2025-12-31"),
        (date(2026, 1, 1), "quota december", "2025-12-01", "2025-12-31"),
        (date(2028, 2, 29), "this month", "2028-02-01", "2028-02-29"),
        (date(2028, 2, 29), "last 30 days", "2028-01-31", "2028-02-29"),
        (date(2026, 3, 31), "last month", "2026-02-01", "2026-02-28"),
        (date(2026, 11, 18), "since last friday", "2026-11-13", "2026-11-18"),
        (date(2026, 11, 18), "week of 2 Nov", "2026-11-02", "2026-11-08"),
        (date(2026, 11, 18), "week 46", "2026-11-09", "2026-11-15"),
        (date(2026, 11, 18), "the quarter before last", "2026-04-01", "2026-06-30"),
        (date(2026, 11, 18), "quota Q3'25", "2025-07-01", "2025-09-30"),
        (date(2026, 11, 18), "quota FY25 Q2", "2025-04-01", "2025-06-30"),
        (date(2026, 11, 18), "quota last year's Q3", "2025-07-01", "2025-09-30"),
        (date(2026, 11, 18), "quota month-to-date", "2026-11-01", "2026-11-18"),
        (date(2026, 11, 18), "quota 1/10/2026 - 5/10/2026", "2026-01-10", "2026-05-10"),
        (date(2026, 11, 18), "quota for nov and forecast", "2026-11-01", "2026-11-30"),
        (date(2026, 11, 18), "forecast october", "2027-10-01", "2027-10-31"),
        (date(2026, 11, 18), "coverage H1", "2027-01-01", "2027-06-30"),
        (date(2026, 11, 18), "deals closing in november", "2026-11-01", "2026-11-30"),
    ],
)
def test_period(today: date, text: str, first: str, last: str) -> None:
    assert ask(text, today=today).period == Span(date.fromisoformat(first), date.fromisoformat(last))


def test_numeric_days_follow_the_persons_order() -> None:
    period = ask("quota from 1/10 to 5/10", date_order="dmy").period
    assert period == Span(date(2026, 10, 1), date(2026, 10, 5))


@pytest.mark.parametrize(
    ("text", "period", "against"),
    [
        ("this month vs last month", ("2026-11-01", "2026-11-30"), ("2026-10-01", "2026-10-31")),
        ("ytd vs last year", ("2026-01-01", "2026-11-18"), ("2025-01-01", "2025-11-18")),
        ("this year vs last year", ("2026-01-01", "2026-12-31"), ("2025-01-01", "2025-12-31")),
        ("q3 vs last year", ("2026-07-01", "2026-09-30"), ("2025-07-01", "2025-09-30")),
        ("this quarter vs the previous one", ("2026-10-01", "2026-12-31"), ("2026-07-01", "2026-09-30")),
        ("october against september", ("2026-10-01", "2026-10-31"), ("2026-09-01", "2026-09-30")),
        ("are we up on last quarter", ("2026-10-01", "2026-12-31"), ("2026-07-01", "2026-09-30")),
    ],
)
def test_two_periods(text: str, period: tuple[str, str], against: tuple[str, str]) -> None:
    question = ask(text)
    assert question.intent == "compare"
    assert question.period == Span(*map(date.fromisoformat, period))
    assert question.against == Span(*map(date.fromisoformat, against))


def test_somebody_outside_the_org_asks_about_the_company() -> None:
    question = ask("quota", None)
    assert question.scope is not None
    assert question.scope.name == "Northwind"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "first line"),
        ("name,kind\nEast,team\n", "first line"),
        ("kind,name,leader,parent\nsquad,East,,\n", "Line 2"),
        ("kind,name,leader,parent\nperson,Ann,,East\n", "East"),
    ],
)
def test_an_org_file_that_cannot_be_used_says_where(text: str, says: str) -> None:
    with pytest.raises(OrgError, match=says):
        Org.from_csv(text)


# ---------------------------------------------------------------- pacer parse ask

runner = CliRunner()
ORG_A = str(CASES / "ask_org_a.csv")


def test_parse_ask_prints_an_object_a_line() -> None:
    options = ["--now", "2026-11-18T10:00", "--as", "Ines Duarte", "--org", ORG_A, "--fiscal-start", "Feb"]
    ran = runner.invoke(cli, ["parse", "ask", "-", *options], input="q3\n\nwhat's for lunch\ncompare Q1 and Q2\n")
    assert ran.exit_code == 0, ran.output
    first, empty, lunch, pair = map(json.loads, ran.output.splitlines())
    assert first["period"] == {"start": "2026-08-01", "end": "2026-10-31"}
    assert empty["intent"] == lunch["intent"] == "unknown"
    assert pair["against"] == {"start": "2026-05-01", "end": "2026-07-31"}
    assert pair["scope"] == {"kind": "region", "name": "EMEA"}


def test_parse_ask_takes_the_day_of_the_persons_zone() -> None:
    options = ["--now", "2026-11-18T23:30+00:00", "--tz", "Asia/Tokyo", "--as", "Dana Reyes", "--org", ORG_A]
    data = json.loads(runner.invoke(cli, ["parse", "ask", "bookings today", *options]).output)
    assert data["period"]["start"] == "2026-11-19"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--as", "Nobody Here", "--org", ORG_A], "Nobody Here"),
        (["--fiscal-start", "13"], "no month"),
        (["--tz", "Mars/Base"], "no time zone"),
        (["--org", "missing.csv"], "cannot be read"),
    ],
)
def test_parse_ask_says_what_is_wrong_with_an_option(options: list[str], says: str) -> None:
    ran = runner.invoke(cli, ["parse", "ask", "quota", *options])
    assert ran.exit_code == 1
    assert says in ran.output


# ---------------------------------------------------------------- what holds for any text

_WORDS = sorted(
    {word for case in _cases(CASES / "ask_lines.jsonl") for word in case.values[0]["text"].split()}
    | {
        "since",
        "between",
        "vs",
        "last",
        "Q3",
        "week",
        "of",
        "compare",
        "2025",
        "-",
        "31",
        "feb",
        "top",
        "by",
        "'s",
        "may",
    }
)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=80), st.lists(st.sampled_from(_WORDS), max_size=12).map(" ".join)))
def test_any_text_is_read_and_a_doubt_has_a_cause(text: str) -> None:
    for org, who in (("a", "Dana Reyes"), ("b", "Raj Patel")):
        question = ask(text, who, org)
        assert 0 <= question.confidence <= 1
        assert (question.period is None) is (question.intent == "unknown")
        if question.sure:
            assert not question.other_readings
            assert not question.not_understood
        for other in question.other_readings:
            assert other.as_data() != {**question.as_data(), "sure": True}
        json.dumps(question.as_data())
