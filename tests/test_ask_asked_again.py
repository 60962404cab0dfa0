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


def test_how_something_was_done_is_told_and_not_asked() -> None:
    assert ask("that's how we did it").intent == "unknown"
