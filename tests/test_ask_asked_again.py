"""Ways to ask that a second examination found wanting, a table for each kind. Rows hold several of a kind each, so that
no single sentence is what is mended."""

from __future__ import annotations

import pytest

from tests.test_ask_patterns import Q4, ask, days, meaning


@pytest.mark.parametrize(
    ("text", "said"),
    [
        # To hit one's number is to hit quota, and no place in a ranking.
        ("am i going to hit my number", "forecast projected East"),
        ("are we gonna hit the number", "forecast projected East"),
        ("is West going to make its number", "forecast projected West"),
        ("is Sam going to make his number?", "forecast projected Sam Okafor"),
        ("are we making our number", "status East"),
        ("are we number one", "ranking attainment East best"),
        ("is Sam number 2", "ranking attainment Sam Okafor best"),
        # What a period is closed at is a sum, what is closed in it are deals.
        ("what will East close the quarter at", "forecast projected East"),
        ("what number will we end the quarter with", "forecast projected East"),
        ("what could we land at", "forecast projected East"),
        ("what do you think we will close the quarter at", "forecast projected East"),
        ("who do you think will miss quota", "behind East"),
        ("what will we close this quarter", "deals closing East"),
        ("what deals will dana close", "deals closing Dana Reyes"),
        # Pipeline beside the gap.
        ("how much pipe do we have vs the gap", "coverage East"),
        ("how much pipeline does Sam have compared to his gap", "coverage Sam Okafor"),
        ("how much pipeline do we have against our gap this quarter", "coverage East"),
        ("gap vs pipeline", "coverage East"),
        ("is my pipeline big enough to hit quota", "coverage East"),
        ("how much pipeline do we have", "deals open East"),
        # So much a week, wherever it stands.
        ("how much per week do I need to close to hit quota", "needed week East"),
        ("how much each week do we need to close", "needed week East"),
        ("how much a week do we have to close", "needed week East"),
        ("how much per day do I need to close to hit quota", "needed day East"),
        ("how much do I need to close to hit quota", "needed East"),
        # What drives the gap; words run together and apart.
        ("what's Sam's biggest gap driver", "why Sam Okafor"),
        ("main drivers of our shortfall", "why East"),
        ("win rate company wide", "win_rate Northwind"),
        ("are wee on trak", "status East"),
    ],
)
def test_said(text: str, said: str) -> None:
    question = ask(text)
    assert meaning(question) == said
    assert days(question) == Q4
    assert question.sure


@pytest.mark.parametrize(
    "asked", ["could you please tell me {}?", "can you let me know {}", "would you mind telling me {}"]
)
@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("how my team did last week", "status East 2026-11-09 2026-11-15"),
        ("how well Dana did in October", "status Dana Reyes 2026-10-01 2026-10-31"),
        ("how West did in the week of November 2", "status West 2026-11-02 2026-11-08"),
    ],
)
def test_politely_asked_of_what_is_over(asked: str, how: str, said: str) -> None:
    question = ask(asked.format(how))
    assert f"{meaning(question)} {days(question)}" == said
    assert question.sure


@pytest.mark.parametrize("text", ["that's how we did it", "what do you think", "what do you think about our pipeline"])
def test_what_is_told_or_asks_for_an_opinion_asks_for_no_number(text: str) -> None:
    assert ask(text).intent == "unknown"


@pytest.mark.parametrize(
    ("text", "first", "then"),
    [
        ("team meetings first two weeks of november", "2026-11-01 2026-11-14", "2026-11-02 2026-11-15"),
        ("bookings in the first week of november", "2026-11-01 2026-11-07", "2026-11-02 2026-11-08"),
        ("how did we do in the last week of october", "2026-10-25 2026-10-31", "2026-10-19 2026-10-25"),
        ("top 2 reps in the 2nd week of november", "2026-11-08 2026-11-14", "2026-11-09 2026-11-15"),
        ("bookings the first 3 weeks of q4", "2026-10-01 2026-10-21", "2026-10-05 2026-10-25"),
        ("bookings in the first two weeks", "2026-11-01 2026-11-14", "2026-11-02 2026-11-15"),
    ],
)
def test_the_first_weeks_of_a_period_are_its_days_or_the_calendars_weeks(text: str, first: str, then: str) -> None:
    question = ask(text)
    assert days(question) == first
    assert question.limit == (2 if "top 2" in text else None)
    assert days(question.other_readings[0]) == then
    assert not question.sure


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("bookings in the first half of november", "2026-11-01 2026-11-15"),
        ("bookings second half of october", "2026-10-16 2026-10-31"),
        ("how did we do in the first half of the quarter", "2026-10-01 2026-11-15"),
        ("bookings first ten days of october", "2026-10-01 2026-10-10"),
        ("bookings in the first month of the quarter", "2026-10-01 2026-10-31"),
        ("last month of q3 bookings", "2026-09-01 2026-09-30"),
        ("bookings last two quarters of 2025", "2025-07-01 2025-12-31"),
        ("bookings first half of 2026", "2026-01-01 2026-06-30"),
        # A month that begins on a Monday: both ways to count weeks are one.
        ("bookings in the first two weeks of june", "2026-06-01 2026-06-14"),
    ],
)
def test_part_of_a_period(text: str, period: str) -> None:
    question = ask(text)
    assert days(question) == period
    assert question.limit is None
    assert question.sure


@pytest.mark.parametrize(
    "text", ["how is december looking", "how's december shaping up", "are we on track for december"]
)
def test_a_month_about_to_begin_that_is_spoken_of_as_now_is_asked_back(text: str) -> None:
    question = ask(text)
    assert days(question) == "2025-12-01 2025-12-31"
    assert "2026-12-01 2026-12-31" in map(days, question.other_readings)
    assert not question.sure


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("how did december look", "2025-12-01 2025-12-31"),
        ("how is october looking", "2026-10-01 2026-10-31"),
        ("how is november looking", "2026-11-01 2026-11-30"),
        ("how is next december looking", "2026-12-01 2026-12-31"),
        ("december bookings", "2025-12-01 2025-12-31"),
    ],
)
def test_a_month_that_is_over_or_runs_is_not_asked_back(text: str, period: str) -> None:
    question = ask(text)
    assert days(question) == period
    assert question.sure


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        # Several things named are more than one answer.
        ("East: attainment, pace, forecast", ["status East", "forecast projected East"]),
        ("quota and commission", ["status East", "commission East"]),
        ("forecast, pipeline and coverage", ["forecast projected East", "deals open East", "coverage East"]),
        ("quota, calls", ["status East", "activity East call"]),
        ("meetings and pipeline created", ["activity East meeting", "status East pipeline_created"]),
        ("win rate and calls for Sam", ["win_rate Sam Okafor", "activity Sam Okafor call"]),
        # The target of a week, or what a week must bring.
        ("weekly target", ["needed week East", "status East"]),
        ("daily number", ["needed day East", "status East"]),
        # Who holds the team back, or who is behind.
        ("who's dragging", ["why East", "behind East"]),
        # What may yet be lost is in no list of lost deals.
        ("which deals are we going to lose", ["deals stuck East", "deals lost East"]),
        ("which deals might we lose", ["deals lost East", "deals stuck East"]),
    ],
)
def test_what_may_be_meant_otherwise_is_asked_back(text: str, readings: list[str]) -> None:
    question = ask(text)
    assert not question.sure
    assert [meaning(one) for one in (question, *question.other_readings)][: len(readings)] == readings


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("attainment and gap", "status East"),
        ("weekly need", "needed week East"),
        ("what's the daily number to get to plan", "needed day East"),
        ("who's dragging us down", "why East"),
        ("which reps are dragging", "behind East by-rep"),
        ("which deals did we lose", "deals lost East"),
        ("could you show me the deals we lost", "deals lost East"),
        ("any deals in today", "deals won East"),
        ("what came in today", "deals won East"),
        ("deals in west", "deals open West"),
        ("wo is behind", "behind East"),
        ("wo has missed quota", "behind East"),
        ("wo stehen wir", "status East"),
        ("wo ist dana", "status Dana Reyes"),
    ],
)
def test_what_is_clear_beside_them_is_answered(text: str, said: str) -> None:
    question = ask(text)
    assert meaning(question) == said
    assert question.sure
