"""Conversations about `/leaderboard`: places for everybody, figures for who may see them, and one's own always."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest

from bot.charts import pictures
from handlers.conversation.reply import Chart
from storage import activities, targets
from storage.database import Transaction
from storage.tables import ledger, new_id
from tests.chat import Chat, Heard
from tests.quota_team import Team, east_of


@pytest.fixture
def team(chat: Chat) -> Team:
    return east_of(chat)


def chart(heard: Heard) -> Chart:
    """The board's picture."""
    return next(part for part in heard.reply.parts if isinstance(part, Chart))


def log(team: Team, name: str, count: int, day: date) -> None:
    entry, who = new_id(), team.ids[name]

    def write(tx: Transaction) -> None:
        one = activities.Activity(
            entry=entry, line=entry, person=who, kind="call", count=count, account=None, account_name=None,
            account_text=None, contacts=(), day=day, time=None, zone="America/New_York", planned=False, minutes=None,
            amount_minor=None, currency=None, outcome=None, tags=(), note=None, next_text=None, next_day=None,
            next_time=None, said="calls",
        )  # fmt: skip
        activities.record(tx, [one], author=who, at=team.chat.now)

    team.chat.database.submit(write).result()


def test_peers_see_places_and_their_own_figures(team: Team) -> None:
    board = team.chat.rep("/leaderboard")
    board.says("East, by attainment, Q4 2026", "1. Dana Reyes; 2. Rae Quinn; 3. Sam Okafor")
    board.says("Your place: 2 of 3, with $120,000 and 40 % of target.").never("$330,000", "110 %", "<@")
    assert not any(isinstance(part, Chart) for part in board.reply.parts)


def test_who_leads_sees_the_figures(team: Team) -> None:
    for who in (team.chat.manager, team.chat.leader, team.chat.admin):
        board = who("/leaderboard East").says("1. Dana Reyes $330,000 110 %; 2. Rae Quinn $120,000 40 %")
        board.lacks("Your place")
        assert chart(board).rows[0].target == 300_000
        assert "Dana Reyes $330,000 110 %" in chart(board).alt


def test_a_board_is_in_whole_units_and_the_answer_to_a_question_to_the_cent(team: Team) -> None:
    """Sam: $12,345.65 of $150,000 is 8.23 %."""
    team.win("sam", date(2026, 11, 5), 1_234_565, "odd")
    board = team.chat.manager("/leaderboard").says("3. Sam Okafor $12,346 8 %").shows("$12,346 | 8 %")
    assert "Sam Okafor $12,346 8 %" in chart(board).alt
    assert chart(board).rows[2].shown == "$12,346 (8 %)"
    team.chat.manager("top reps in East").says("Sam Okafor $12,345.65 8.2 %")


def test_the_picture_says_its_title_and_words_no_second_time(team: Team) -> None:
    drawn = chart(team.chat.manager("/leaderboard").shows("East, by attainment, Q4 2026"))
    assert (drawn.said_above, drawn.title) == (True, "East, by attainment, Q4 2026 (1 Oct – 31 Dec 2026)")


def test_the_picture_is_drawn(team: Team) -> None:
    drawn = asyncio.run(pictures.picture(chart(team.chat.manager("/leaderboard"))))
    assert drawn is not None
    assert drawn.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("asked", "question"),
    [
        ("/leaderboard", "rank the reps of East"),
        ("/leaderboard this month", "top reps this month"),
        ("/leaderboard East", "ranking East"),
        ("/leaderboard bookings last quarter", "top reps by bookings last quarter"),
    ],
)
def test_the_same_numbers_as_a_plain_question(team: Team, asked: str, question: str) -> None:
    board, answer = team.chat.manager(asked).text, team.chat.manager(question).text
    places = board.partition(". 1.")[2]
    assert "Dana Reyes" in places or "Rae Quinn" in places
    assert places == answer.partition(". 1.")[2]


def test_ties_share_a_place(team: Team) -> None:
    team.win("sam", date(2026, 11, 3), 16_500_000, "d9")
    board = team.chat.manager("/leaderboard")
    board.says("1. Dana Reyes $330,000 110 %; 1. Sam Okafor $165,000 110 %; 3. Rae Quinn")


def test_by_bookings_margin_improvement_and_activity(team: Team) -> None:
    team.chat.manager("/leaderboard bookings").says("by bookings", "1. Dana Reyes $330,000")
    team.chat.manager("/leaderboard margin").says("nobody with a target or a deal")
    none = "No win yet in East this week (16 – 22 Nov 2026), so nobody is first."
    for asked in ("/leaderboard this week", "/leaderboard most improved this week", "top reps this week"):
        team.chat.manager(asked).says(none).lacks("1. ")
    team.chat.manager("/leaderboard margin this week").says("nobody with a target or a deal")
    team.chat.manager("/leaderboard activity this week").says("has logged anything this week (16 – 22 Nov 2026).")
    log(team, "rae", 12, date(2026, 11, 17))
    log(team, "sam", 3, date(2026, 11, 16))
    log(team, "sam", 30, date(2026, 11, 1))
    team.chat.manager("/leaderboard activity this week").says("by activities", "1. Rae Quinn 12; 2. Sam Okafor 3")
    team.chat.rep("/leaderboard activity this week").says("1. Rae Quinn; 2. Sam", "with 12 activities.").never(
        "Okafor 3"
    )
    team.chat.manager("/leaderboard activities this month").says("1. Sam Okafor 33; 2. Rae Quinn 12")
    log(team, "rae", 1, date(2026, 11, 12))
    team.chat.rep("/leaderboard activity last week").says("Your place: 1 of 1, with 1 activity.")


def test_only_who_rose_has_a_place_among_the_most_improved(team: Team) -> None:
    """A month's target is $100,000 for Rae and Dana, $50,000 for Sam. Up to the 18th Rae had nothing in October and
    $30,000 in November, Dana $20,000 and $330,000, Sam $25,000 and $10,000."""
    team.win("dana", date(2026, 10, 18), 2_000_000, "o1")
    team.win("dana", date(2026, 10, 19), 90_000_000, "o2")
    team.win("sam", date(2026, 10, 1), 2_500_000, "o3")
    team.win("sam", date(2026, 11, 17), 1_000_000, "n1")
    compared = "Change in points of the month's whole target: 1 – 18 Nov 2026 against 1 – 18 Oct 2026."
    better = team.chat.manager("/leaderboard most improved this month")
    better.says("East: most improved, this month against last. 1. Dana Reyes 330 % +310 points; 2. Rae Quinn 30 % +30 ")
    better.says("+30 points. No rise: Sam Okafor.", compared).never("20 %", "−", "3.", "$")
    better.shows("Rep | Attained | Change").lacks("Your place")
    assert [(row.label, row.value, row.shown) for row in chart(better).rows] == [
        ("Dana Reyes", 310, "+310 points"),
        ("Rae Quinn", 30, "+30 points"),
    ]
    # The same per cent as on the board that goes by it.
    team.chat.manager("/leaderboard this month").says("Dana Reyes $330,000 330 %", "Rae Quinn $30,000 30 %")
    team.chat.manager("who improved most this month").says("1. Dana Reyes 330 % +310 points", "No rise: Sam Okafor.")
    mine = team.chat.rep("/leaderboard most improved this month").says(
        "1. Dana Reyes; 2. Rae Quinn. Your place: 2 of 2"
    )
    mine.says("2 of 2 who rose, with 30 % of target and +30 points. No rise: Sam Okafor.").never("330", "310")
    # Without a rise of one's own: no place, and no number.
    team.win("rae", date(2026, 10, 2), 4_000_000, "o4")
    mine = team.chat.rep("/leaderboard most improved this month").says("You have no place on it: no rise yet.")
    mine.says("1. Dana Reyes. You", "No rise: Sam Okafor.").never("Rae Quinn", "−", "10 points")


def test_a_week_that_is_over_is_named_and_nobody_who_fell_is_first(team: Team) -> None:
    """Of last week's wins Dana's alone counts, and the week before she had won more."""
    team.win("dana", date(2026, 11, 4), 50_000_000, "n0")
    gone = "No rise in East, last week against the week before, so nobody is first."
    dates = "Change in points of the week's whole target: 9 – 15 Nov 2026 against 2 – 8 Nov 2026."
    team.chat.manager("/leaderboard most improved last week").says(f"{gone} {dates}").lacks("1. ")
    team.win("sam", date(2026, 11, 13), 5_000_000, "n1")
    board = team.chat.manager("/leaderboard most improved last week")
    board.says("East: most improved, last week against the week before. 1. Sam Okafor ")
    board.says("No rise: Dana Reyes, Rae Quinn.", "9 – 15 Nov 2026 against 2 – 8 Nov 2026.")
    team.chat.manager("/leaderboard most improved Q2").says(
        "No win in East in Q2 2026 (1 Apr – 30 Jun 2026), so nobody"
    )


def test_a_board_of_margin_says_by_which_date_it_counts(team: Team) -> None:
    """Dana's deal was won in November, its margin recognised in October: nothing of it stands under November's."""
    day, dana = date(2026, 10, 30), team.ids["dana"]

    def write(tx: Transaction) -> None:
        said = {"id": new_id(), "kind": "revenue", "source": "books", "external_id": "L1", "product": ""}
        amounts = {"entered_minor": 9_000_000, "entered_currency": "USD", "amount_minor": 9_000_000}
        tx.execute(ledger.insert(), {**said, **amounts, "person": dana, "day": day})

    team.chat.database.submit(write).result()
    said = "Margin is revenue less cost, by the day it was recognised; bookings count on the day a deal is won."
    for asked in ("/leaderboard margin last month", "top reps by margin last month"):
        team.chat.manager(asked).says("1. Dana Reyes $90,000", said).shows(said)
    team.chat.manager("/leaderboard bookings").lacks("recognised")


def test_by_kudos_given_in_public(team: Team) -> None:
    team.chat.rep("/leaderboard kudos").says("Nobody in East has given public kudos")
    team.chat.rep("/kudos Max and Dana for the demo #own-it")
    team.chat.rep("/kudos privately Sam for the talk #own-it")
    team.chat.manager("/kudos Rae for the deal #own-it")
    said = "1. Rae Quinn 2; 2. Max Stone 1"
    team.chat.rep("/leaderboard kudos this month").says("by kudos given", said, "Your place: 1 of 2")
    team.chat.rep("undo").says("Taken back")
    team.chat.manager("/leaderboard kudos").says("1. Rae Quinn 2", "Your place: 2 of 2").shows("Who | Kudos given")


def test_buttons_lead_to_other_times_and_orders(team: Team) -> None:
    board = team.chat.rep("/leaderboard")
    assert board.buttons[:3] == ["This week", "This month", "Leave me off"]
    board.press("This month").says("East, by attainment, November 2026")
    board.press("Bookings").says("by bookings, Q4 2026")
    board.press("Kudos given").says("Nobody in East has given public kudos")


def test_who_does_not_want_to_be_on_boards_is_not(team: Team) -> None:
    team.chat.rep("/leaderboard off").says("You are on nobody else's leaderboard any more.")
    team.chat.rep("/leaderboard").says("2. Rae Quinn", "Your place: 2 of 3", "Your place is shown to you alone.")
    for asked in ("/leaderboard", "top reps this quarter"):
        team.chat.manager(asked).says("1. Dana Reyes", "2. Sam Okafor", "1 person is not on it").never("Rae Quinn")
    team.chat.rep("/leaderboard").press("Put me on").says("You are on leaderboards again.")
    team.chat.manager("/leaderboard").says("2. Rae Quinn").lacks("not on it")


def test_only_who_can_be_on_a_board_is_asked_to_leave_it(team: Team) -> None:
    """Max and Lee lead and sell nothing, Ada is in no team; Rae is in East. Max gives kudos, and is on that board."""
    for who, asked in (
        (team.chat.manager, "/leaderboard"),
        (team.chat.manager, "/leaderboard most improved"),
        (team.chat.leader, "/leaderboard"),
        (team.chat.admin, "/leaderboard"),
        (team.chat.admin, "/leaderboard kudos"),
        (team.chat.rep, "/leaderboard West"),
        (team.chat.rep, "/leaderboard teams"),
    ):
        assert "Leave me off" not in who(asked).buttons, asked
    for who, asked in (
        (team.chat.rep, "/leaderboard this week"),
        (team.chat.rep, "/leaderboard Testing & Co"),
        (team.chat.manager, "/leaderboard kudos"),
    ):
        assert "Leave me off" in who(asked).buttons, asked
    team.chat.manager("/leaderboard kudos").press("Leave me off").says("You are on nobody else's")
    assert "Put me on" in team.chat.manager("/leaderboard kudos").buttons
    assert "Put me on" not in team.chat.manager("/leaderboard").lacks("nobody else's").buttons


def test_ones_own_place_is_shown_below_the_first(team: Team) -> None:
    team.chat.rep("/leaderboard top 1").says("1. Dana Reyes. Your place: 2 of 3, with $120,000 and 40 % of target.")
    team.chat.rep("top 1 rep this quarter").says("Your place: 2 of 3.")


def test_somebody_without_a_target_is_unranked(team: Team) -> None:
    def write(tx: Transaction) -> None:
        none = targets.Target(person=team.ids["sam"], unit=None, measure="bookings", fiscal_year=2026, amount=0)
        targets.put(tx, none, by=None, at=team.chat.now)

    team.chat.database.submit(write).result()
    team.chat.manager("/leaderboard bookings").says("Sam Okafor $0 target 0")
    team.chat.manager("/leaderboard attainment this year").says("target 0")


def test_what_cannot_be_read_is_said(team: Team) -> None:
    team.chat.rep("/leaderboard of bananas").says("I could not read “of bananas” as a leaderboard.", "this month")


def test_of_a_company_without_units(chat: Chat) -> None:
    chat.rep("/leaderboard").says("has nobody with a target or a deal")
