"""Ways to ask, by what once went wrong with their kind: negation, orders, periods in words, typing errors, asides."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from handlers.ask.org import Org
from handlers.ask.read import read
from handlers.ask.reading import Question
from handlers.numbers.periods import FiscalCalendar

ORG = Org.from_csv((Path(__file__).parent / "cases" / "ask_org_a.csv").read_text("utf-8"))
TODAY = date(2026, 11, 18)
Q4 = "2026-10-01 2026-12-31"


def ask(text: str, who: str = "Tessa Bloom", today: date = TODAY, starts_in: int = 1) -> Question:
    return read(text, asker=who, org=ORG, today=today, fiscal=FiscalCalendar(starts_in))


def meaning(question: Question) -> str:
    """The intent and detail, whose, and what differs from the plain: `ranking attainment East worst 3`."""
    scope, other = question.scope, question.against_scope
    said = [question.intent, question.detail, (scope.name or "me") if scope else None]
    said += [f"/{other.name or 'me'}" if other else None, f"by-{question.by}" if question.by else None]
    said += [question.order, str(question.limit) if question.limit else None]
    said += [question.measure if question.measure != "bookings" else None]
    return " ".join(part for part in said if part)


def days(question: Question) -> str:
    return "" if question.period is None else f"{question.period.first} {question.period.last}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        # Who is not on pace is who is behind, and nobody who is not behind is listed as such.
        ("which people haven't made their plan", "behind East by-rep"),
        ("reps who aren't hitting quota", "behind East by-rep"),
        ("show me who never reaches target", "behind East"),
        ("is everyone hitting their number", "behind East"),
        ("did everybody make quota", "behind East"),
        ("are all my reps on track", "behind East by-rep"),
        ("anybody not on pace", "behind East"),
        ("who has yet to make quota", "behind East"),
        ("who didn't miss quota", "ranking attainment East best"),
        ("which reps have not missed target", "ranking attainment East by-rep best"),
        ("who is not lagging", "ranking attainment East best"),
        ("which reps aren't struggling", "ranking attainment East by-rep best"),
        ("deals that are not stalled", "deals open East"),
        ("which opportunities are not at risk", "deals open East"),
        ("why is nobody on pace", "why East"),
        ("am i not on track", "status East"),
        ("are we on pace or not", "status East"),
        # In other words.
        ("how come sam is so far behind", "why Sam Okafor"),
        ("what's wrong with east", "why East"),
        ("y are we under plan", "why East"),
        ("who is dead last", "ranking attainment East worst"),
        ("who is doing poorly", "ranking attainment East worst"),
        ("which product sells the most", "ranking amount East by-product best"),
        ("our worst month", "ranking attainment East by-month worst"),
        ("top 2 products", "ranking attainment East by-product best 2"),
        ("what do we need per selling day", "needed day East"),
        ("is sam or dana better", "compare Sam Okafor /Dana Reyes"),
        ("dana or sam, who leads", "compare Dana Reyes /Sam Okafor"),
        ("did west beat us", "compare West /East"),
        ("did west beat east", "compare West /East"),
        ("how are sam and dana doing", "compare Sam Okafor /Dana Reyes"),
        ("difference between east and west", "compare East /West"),
        ("are the reps calling enough", "activity East call"),
        ("calls against expectation", "activity East call"),
        ("who closed what this quarter", "deals won East"),
        ("what is still missing", "status East"),
        ("how does it look", "status East"),
        ("how are my ppl doing", "ranking attainment East by-rep best"),
        ("best case", "forecast projected East"),
        ("where will we be eom", "forecast projected East"),
        ("victor's reps", "status West"),
        ("team victor", "status West"),
        ("who already made quota", "ranking attainment East best"),
        ("did anybody hit target in october", "ranking attainment East best"),
        ("who is over 100%", "ranking attainment East best"),
        ("how many deals did we close in october", "deals won East"),
        ("are we growing", "compare East"),
        ("any reps in trouble", "behind East by-rep"),
        ("compare my reps", "ranking attainment East by-rep best"),
    ],
)
def test_said(text: str, said: str) -> None:
    question = ask(text)
    assert meaning(question) == said
    assert question.sure


@pytest.mark.parametrize(
    "text",
    [
        *("tell dana she is behind", "remind sam about his quota", "congratulate the team on q3"),
        *("who is dana", "who's on my team", "how many reps are in west", "what team is priya on"),
        *("how do i close more deals", "how can we improve our win rate", "any tips for a better forecast"),
        *("post the leaderboard to the channel", "send dana her numbers every friday", "turn off the ranking"),
        *("set sam's quota to 400k", "what does coverage mean", "how is attainment calculated"),
        *("how many days are left in the quarter", "is dana on vacation", "when does the quarter end"),
    ],
)
def test_words_of_ours_that_ask_for_no_number(text: str) -> None:
    assert ask(text).intent == "unknown"


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("may bookings", "2026-05-01 2026-05-31"),
        ("may we see the numbers", Q4),
        ("same week last year", "2025-11-17 2025-11-23"),
        ("three months ago", "2026-08-01 2026-08-31"),
        ("dana 2 quarters ago", "2026-04-01 2026-06-30"),
        ("deals closing by tuesday", "2026-11-18 2026-11-24"),
        ("what closes before december", "2026-11-18 2026-11-30"),
        ("where did we end up in q2", "2026-04-01 2026-06-30"),
        ("how did h1 finish last year", "2025-01-01 2025-06-30"),
        ("how did the month end", "2026-10-01 2026-10-31"),
        ("how did this month go", "2026-11-01 2026-11-30"),
        ("Q3/25 numbers", "2025-07-01 2025-09-30"),
        ("from march til june", "2026-03-01 2026-06-30"),
        ("quota this q", Q4),
        ("quota q1 ly", "2025-01-01 2025-03-31"),
        ("east h1", "2026-01-01 2026-06-30"),
        ("januarys revenue", "2026-01-01 2026-01-31"),
        ("feb-apr bookings", "2026-02-01 2026-04-30"),
        ("bookings the day before yesterday", "2026-11-16 2026-11-16"),
        ("since the start of the quarter", "2026-10-01 2026-11-18"),
        ("ytd last year", "2025-01-01 2025-11-18"),
        ("my annual quota", "2026-01-01 2026-12-31"),
        ("bookings calendar year 2025", "2025-01-01 2025-12-31"),
        ("last weekend's bookings", "2026-11-14 2026-11-15"),
    ],
)
def test_period(text: str, period: str) -> None:
    question = ask(text)
    assert days(question) == period
    assert question.sure
    assert question.intent in ("status", "deals")


def test_a_year_that_has_just_begun_is_not_the_one_that_ended() -> None:
    question = ask("how did the year go", today=date(2026, 10, 2), starts_in=10)
    assert days(question) == "2025-10-01 2026-09-30"
    assert days(ask("how is the year going", today=date(2026, 10, 2), starts_in=10)) == "2026-10-01 2027-09-30"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        *(
            ("btm 2 reps", "ranking attainment East by-rep worst 2"),
            ("tpo 5 reps", "ranking attainment East by-rep best 5"),
        ),
        *(("top10 reps", "ranking attainment East by-rep best 10"), ("top-3", "ranking attainment East best 3")),
        *(("trgt", "status East"), ("frcst", "forecast projected East"), ("forcst", "forecast projected East")),
        *(("cals this weak", "activity East call"), ("wohs behind", "behind East")),
        *(("wuota", "status East"), ("dannaa", "status Dana Reyes"), ("samm this month", "status Sam Okafor")),
        *(("viktors team", "status West"), ("umsatz west", "status West revenue"), ("compair q1 n q2", "compare East")),
        *(("winrte", "win_rate East"), ("stuk dael", "deals stuck East"), ("pipeln coverge", "coverage East")),
    ],
)
def test_mistyped(text: str, said: str) -> None:
    question = ask(text)
    assert meaning(question) == said
    assert question.sure


@pytest.mark.parametrize(
    "text",
    [
        "Dear Pacer, I would be very interested to know how Dana is doing, if that is possible",
        "hi, quick question - how is dana doing?",
        "prep for the review: how is dana doing",
        "after the standup i meet dana, how is she doing",
        "Could you please tell me how Dana is doing right now",
        "good morning team, how is dana doing roughly",
        "my boss wants to know how dana is doing, thanks in advance",
        "sorry to bother you, how is dana doing at the moment",
    ],
)
def test_what_stands_around_a_question_changes_nothing(text: str) -> None:
    question = ask(text)
    assert meaning(question) == "status Dana Reyes"
    assert days(question) == Q4
    assert question.sure


@pytest.mark.parametrize(
    "text",
    [
        "how is dana doing with blockchain",
        "quota for zebras?",
        "stuck deals purple",
        "everyone but dana",
        "weekly bookings",
    ],
)
def test_what_is_unsure_offers_other_readings_and_never_itself(text: str) -> None:
    question = ask(text)
    assert not question.sure
    assert len(question.other_readings) >= 2
    assert question not in question.other_readings
    assert len(set(question.other_readings)) == len(question.other_readings)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("which deals will be closed in the next week", "deals closing"),
        ("deals won next month", "deals closing"),
        ("did we close any deals yesterday", "deals won"),
        ("deals won this month", "deals won"),
        ("deals closing this month", "deals closing"),
    ],
)
def test_nothing_is_won_in_days_to_come(text: str, said: str) -> None:
    assert meaning(ask(text)).startswith(said)
