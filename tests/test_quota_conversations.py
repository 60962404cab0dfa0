"""`/quota` as it is talked about: figures worked by hand beside each answer, and who may see which."""

from __future__ import annotations

from datetime import date

import pytest

from storage import deals, units
from storage.database import Transaction
from tests.chat import Chat
from tests.quota_team import YEAR, Team, east_of


@pytest.fixture
def team(chat: Chat) -> Team:
    return east_of(chat)


def test_my_number(team: Team) -> None:
    """$120,000 of a quarter's $300,000 = 40 %; the gap of $180,000 over the 30 working days left is $6,000.

    Expected by now: October's $100,000 + 11/19 of November's; 120,000 ÷ 157,894.74 = 76 %."""
    team.chat.rep("/quota").says(
        "$120,000 of $300,000, 40 %",
        "Q4 2026",
        "Behind: pace 76 %",
        "$180,000 to go",
        "$6,000 a working day, 30 working days left",
    )


def test_the_weighted_forecast_names_what_it_leaves_out(team: Team) -> None:
    """$120,000 won + 75 % of $80,000 = $180,000; one deal has no amount, one no date."""
    team.open("rae", date(2026, 12, 15), 8_000_000, "negotiation", "Initech renewal")
    team.open("rae", date(2026, 12, 20), None, "proposal", "Globex")
    team.open("rae", None, 1_000_000, "proposal", "Umbrella")
    team.open("rae", date(2027, 2, 1), 9_000_000, "proposal", "Later")
    team.chat.rep("/quota forecast").says("$180,000", "Globex: no amount", "Umbrella: no close date").lacks("Later")


def test_a_share_of_anothers_deal_is_in_my_forecast(team: Team) -> None:
    """Rae owns $100,000 in negotiation, Sam has 40 % of it: $30,000 for Sam, $45,000 besides Rae's $120,000 won."""

    def write(tx: Transaction) -> None:
        rae, sam = team.ids["rae"], team.ids["sam"]
        made = deals.Deal(
            id="split",
            stage="negotiation",
            owner=rae,
            created_on=YEAR,
            closes_on=date(2026, 12, 15),
            amount_minor=10_000_000,
        )
        deals.add(tx, made, [deals.Share(rae, 600_000), deals.Share(sam, 400_000)], at=team.chat.now, by=None)

    team.chat.database.submit(write).result()
    team.chat.rep("/quota forecast").says("weighted forecast $165,000")
    team.chat.manager("/quota forecast for Sam").says("weighted forecast $30,000")


def test_needed_per_day(team: Team) -> None:
    team.chat.rep("what do I need per day").says("$6,000 a working day", "30 working days left, today included")


def test_a_team(team: Team) -> None:
    """East: Rae's 120,000 + Dana's 330,000 of 300,000 + 300,000 + 150,000 = 60 %."""
    team.chat.manager("how is East doing?").says("East: $450,000 of $750,000, 60 %")


def test_a_leader_asks_for_the_company_and_a_person(team: Team) -> None:
    team.chat.leader("quota").says("$450,000 of $750,000")
    team.chat.leader("how is Dana doing this quarter").says("Dana Reyes: $330,000 of $300,000, 110 %", "$30,000 above")


def test_an_earlier_quarter_is_over(team: Team) -> None:
    """Q3: $50,000 of $300,000, ended, and nothing is needed or projected any more."""
    team.chat.rep("/quota last quarter").says("$50,000 of $300,000", "Ended, short by $250,000").lacks("Projected")


def test_who_is_behind(team: Team) -> None:
    """Rae (pace 120,000 of about 160,000) and Sam (nothing) are; Dana is ahead. The larger shortfall comes first."""
    heard = team.chat.manager("who is behind").says("2 of 3 in East behind", "Sam Okafor", "Rae Quinn").lacks("Dana")
    assert heard.text.index("Rae Quinn") < heard.text.index("Sam Okafor")


def test_a_rep_may_not_ask_who_is_behind(team: Team) -> None:
    team.chat.rep("who is behind").lacks("Sam").lacks("$")


def test_a_ranking_shows_peers_no_amounts(team: Team) -> None:
    """Ranks are everybody's; what gives a target away is the manager's (GLOSSARY: Peers)."""
    team.chat.rep("top reps this quarter").says("1. Dana Reyes", "2. Rae Quinn").lacks("$").lacks("%")
    team.chat.manager("top reps this quarter").says("Dana Reyes $330,000 110 %")


def test_a_peers_number_is_refused(team: Team) -> None:
    team.chat.rep("how is Dana doing").says("theirs and their manager's").lacks("$")


def test_a_strange_units_number_is_refused(team: Team) -> None:
    team.chat.rep("how is West doing").says("West is not a unit of yours").lacks("$")


def test_a_small_team_gives_nobodys_target_away(team: Team) -> None:
    """With two targets in it, the sum less one's own is the other's."""

    def move(tx: Transaction) -> None:
        west = units.named(tx, "West")
        assert west is not None
        units.join(tx, west, team.ids["sam"], since=date(2026, 11, 1))

    team.chat.rep("how is East doing").says("$450,000 of $750,000")
    team.chat.database.submit(move).result()
    team.chat.rep("how is East doing").says("would give a colleague's away").lacks("$")


def test_no_target_no_share(team: Team) -> None:
    """An admin carries none: said, never 0 % (GLOSSARY: attainment)."""
    team.chat.admin("/quota me").lacks("0 %")


def test_coverage_names_its_divisor(team: Team) -> None:
    """$360,000 open over a gap of $180,000 is 2 times."""
    team.open("rae", date(2026, 12, 15), 36_000_000, "proposal", "Initech renewal")
    team.chat.rep("my pipeline coverage").says("2 times the gap", "$360,000", "the gap is $180,000")


def test_buttons_go_on_from_the_answer(team: Team) -> None:
    heard = team.chat.manager("how is East doing?")
    heard.press("By rep").says("1. Dana Reyes", "2. Rae Quinn")


def test_two_quarters(team: Team) -> None:
    """Q4 so far $120,000 beside Q3 at the same point (18 August): $0 of its $50,000, won on 30 September."""
    team.chat.rep("/quota compare this quarter with last quarter").says(
        "$120,000 in Q4 2026", "$0 at the same point of Q3 2026", "All of it was $50,000"
    )


def test_two_people_side_by_side(team: Team) -> None:
    team.chat.manager("/quota compare Rae and Dana").says("Rae Quinn $120,000 40 %", "Dana Reyes $330,000 110 %")


def test_win_rate(team: Team) -> None:
    """Rae this year: 3 won (9 + 3 + 5 = 17 of 10,000s), 1 lost of $170,000: 75 % by count, 50 % by value."""
    team.open("rae", date(2026, 11, 5), 17_000_000, "lost", "Umbrella")
    team.chat.rep("/quota my win rate this year").says("win rate 75 % (3 of 4 deals), 50 % by value")


def test_why_behind(team: Team) -> None:
    """East expects 750,000 × (1/3 + 1/3 × 11/19) = 394,737 and has 450,000; Rae alone is 157,895 − 120,000 short."""
    team.open("rae", date(2026, 11, 2), 8_000_000, "negotiation", "Initech renewal")
    team.open("rae", date(2026, 11, 5), 17_000_000, "lost", "Umbrella")
    team.chat.manager("why is East behind").says("not behind, $55,263 more than expected", "Rae Quinn short by $37,895")
    team.chat.leader("why is Rae behind").says(
        "$37,895 less than expected", "Initech renewal", "Lost: 1 deal, $170,000: Umbrella"
    )
    team.chat.rep("why is East behind").lacks("Rae Quinn short", "Sam")


def test_what_was_logged(team: Team) -> None:
    """Activity is this week's by default; a kind that is named stands alone, beside what is expected by now: 40 a week
    are 16 for Monday and Tuesday."""
    team.chat.rep("/log 3 calls; email Initech")
    team.chat.rep("what calls did I make").says(
        "You: 3 calls logged, week of 16 – 22 Nov 2026", "Calls: 16 expected by now of 40, 13 short"
    )
    team.chat.manager("activity of Rae this week").says("Rae Quinn: 3 calls and 1 email logged")
    team.chat.rep("activity of Dana this week").says("theirs and their manager's")


def test_the_chart_says_its_figures(team: Team) -> None:
    """Text first: a picture without its figures in words would say nothing to whoever cannot see it."""
    heard = team.chat.manager("how is East doing?")
    heard.press("Chart").says("Rae Quinn $120,000 of $300,000", "Dana Reyes $330,000 of $300,000", "Sam Okafor $0")
    team.chat.rep("how is East doing").press("Chart").says("Oct $90,000 of $250,000").lacks("Dana", "Sam")
    team.chat.rep("/quota").press("Chart").says("Oct $90,000 of $100,000", "Nov $30,000 of $100,000.")


@pytest.mark.parametrize("line", ["call Acme", "emailed Initech the quote", "12 dials before lunch", "thanks"])
def test_lines_that_are_no_questions_stay_what_they_are(team: Team, line: str) -> None:
    team.chat.rep(line).lacks("target")
