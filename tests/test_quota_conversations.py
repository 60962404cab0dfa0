"""`/quota` as it is talked about: figures worked by hand beside each answer, and who may see which."""

from __future__ import annotations

from datetime import date

import pytest

from storage import deals, people, targets, units
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


def _moves(team: Team, name: str, unit: str, since: date) -> None:
    def move(tx: Transaction) -> None:
        there = units.named(tx, unit)
        assert there is not None
        units.join(tx, there, team.ids[name], since=since)

    team.chat.database.submit(move).result()


def test_a_time_in_which_a_team_was_small_gives_nobodys_target_away(team: Team) -> None:
    """Three have targets today; on the days before Sam came there were two, so no span with such a day is theirs to
    see. All of East less what is seen would be that time too."""
    _moves(team, "sam", "West", date(2026, 1, 1))
    _moves(team, "sam", "East", date(2026, 10, 12))
    team.chat.rep("how is East doing in November").says("of $250,000")
    team.chat.rep("how is East doing this month").press("Period before").says("give a colleague's away").lacks("$")
    for asked in ("how is East doing in September", "how is East doing this quarter", "how is East doing this year"):
        team.chat.rep(asked).says("give a colleague's away").lacks("$")
    team.chat.rep("/quota compare East this month with September").says("give a colleague's away").lacks("$")
    team.chat.rep("/quota status of East by month 2026-09-01 to 2026-11-30").says("give a colleague's away").lacks("$")
    team.chat.rep("export East this quarter").says("give a colleague's away").lacks("xlsx")
    team.chat.manager("how is East doing in September").says("East: $50,000 of $200,000")


def test_the_company_less_a_team_gives_nobodys_target_away(team: Team) -> None:
    """One person sells in West: the company's sum less East's would be theirs; with two of them it is nobody's."""

    def hire(tx: Transaction) -> None:
        west = units.named(tx, "West")
        assert west is not None
        for name in ("Wim Bos", "Wei Lin"):
            one = people.add(tx, name=name, at=team.chat.now, imported=True)
            team.ids[name] = one.id
            of_wim = targets.Target(person=one.id, unit=None, measure="bookings", fiscal_year=2026, amount=60_000_000)
            targets.put(tx, of_wim, by=None, at=team.chat.now)
        units.join(tx, west, team.ids["Wim Bos"], since=YEAR)

    team.chat.database.submit(hire).result()
    team.chat.rep("how is Testing & Co doing").says("adds to East", "give theirs away").lacks("$")
    team.chat.rep("how is East doing").says("of $750,000")
    team.chat.leader("how is Testing & Co doing").says("of $900,000")
    _moves(team, "Wei Lin", "West", YEAR)
    team.chat.rep("how is Testing & Co doing").says("of $1,050,000")


def test_peers_see_no_part_of_a_win_rate_and_no_names_of_deals(team: Team) -> None:
    team.open("dana", date(2026, 11, 5), 17_000_000, "lost", "Umbrella")
    team.open("dana", date(2026, 12, 20), None, "proposal", "Globex")
    team.chat.rep("win rate of East by rep").says("75 %", "shown to those who lead East").lacks("Dana").lacks("Rae")
    team.chat.manager("win rate of East by rep").says("Dana Reyes 50 %", "Rae Quinn 100 %")
    team.chat.rep("forecast for East").says("Left out: 1 open deal").lacks("Globex")
    team.chat.manager("forecast for East").says("Globex: no amount")


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
