"""`/quota` on every measure of the glossary, and its cuts: figures worked by hand, to the cent."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from storage import credits, deals, imports, targets, units
from storage.database import Transaction
from storage.tables import ledger, new_id
from tests.chat import Chat
from tests.quota_team import Team, east_of


@pytest.fixture
def team(chat: Chat) -> Team:
    return east_of(chat)


def _target(team: Team, who: str, measure: str, amount: int) -> None:
    def write(tx: Transaction) -> None:
        target = targets.Target(person=team.ids[who], unit=None, measure=measure, fiscal_year=2026, amount=amount)
        targets.put(tx, target, by=None, at=team.chat.now)

    team.chat.database.submit(write).result()


def _book(team: Team, *rows: tuple[str, str | None, date, int, str]) -> None:
    """Rows of the ledger: kind, whose, day, minor units, product; imported on Monday at nine."""

    def write(tx: Transaction) -> None:
        for kind, who, day, amount, product in rows:
            values = {"id": new_id(), "kind": kind, "source": "books", "external_id": new_id(), "product": product}
            amounts = {"entered_minor": amount, "entered_currency": "USD", "amount_minor": amount}
            tx.execute(ledger.insert(), {**values, **amounts, "person": team.ids[who] if who else None, "day": day})
        at = datetime(2026, 11, 16, 14, 0, tzinfo=UTC)
        done = imports.begin(tx, kind="revenue", name="q4.csv", digest="d", settings={}, by=None, at=at)
        imports.settle(tx, done, "applied", at=at, report={})

    team.chat.database.submit(write).result()


@pytest.fixture
def books(team: Team) -> Team:
    """Rae: 100,000.01 − 30,000.02 in Q4, 40,000 in Q3, 20,000 in Q2; Dana: 50,000 in Q4. Rae's margin target is 840,000
    a year, so 210,000 a quarter."""
    _target(team, "rae", "margin", 84_000_000)
    _book(
        team,
        ("revenue", "rae", date(2026, 10, 5), 10_000_001, "Platform"),
        ("cost", "rae", date(2026, 10, 6), 3_000_002, "Platform"),
        ("revenue", "rae", date(2026, 7, 1), 4_000_000, "Platform"),
        ("revenue", "rae", date(2026, 6, 30), 2_000_000, "Platform"),
        ("revenue", "dana", date(2026, 11, 3), 5_000_000, "Support"),
        ("cost", None, date(2026, 11, 4), 100_050, ""),
    )
    return team


def test_margin_is_revenue_less_cost(books: Team) -> None:
    books.chat.rep("my margin").says(
        "You, margin: $69,999.99 of $210,000, 33 %", "Revenue and cost as of Mon, Nov 16"
    ).lacks("Weighted", "deals")


def test_a_team_on_margin(books: Team) -> None:
    """$69,999.99 + $50,000; Dana carries no margin target."""
    books.chat.manager("how is East doing on margin").says("East, margin: $119,999.99 of $210,000, 57 %")


def test_what_stands_under_nobodys_name_is_said(books: Team) -> None:
    books.chat.leader("quota margin this year").says("$1,000.50 stands under nobody's name").lacks("$178,999.49")


def test_ranked_by_margin(books: Team) -> None:
    books.chat.manager("top 5 by margin").says("1. Rae Quinn $69,999.99 33 %", "2. Dana Reyes $50,000 no target set")


def test_two_quarters_of_margin(books: Team) -> None:
    books.chat.rep("compare margin Q2 and Q3").says("You, margin: $20,000 in Q2 2026", "$40,000 in Q3 2026")


def test_revenue_by_month(books: Team) -> None:
    books.chat.rep("my revenue by month").says("Oct 2026", "$100,000.01", "Nov 2026").shows("All | – | $100,000.01")


def test_margin_by_product(books: Team) -> None:
    books.chat.manager("margin by product").says("Platform $69,999.99 58 %", "Support $50,000 42 %", "All $119,999.99")


def test_margin_has_no_coverage(books: Team) -> None:
    books.chat.rep("pipeline coverage for margin").says("nothing is open that could fill it").lacks("$")


def test_bookings_by_month(team: Team) -> None:
    """Rae's quarter: October $90,000 and November $30,000 of $100,000 each; December has only its target."""
    heard = team.chat.rep("/quota").press("By month")
    heard.shows(
        "Oct 2026 | $100,000 | $90,000 | 90 %",
        "Nov 2026 | $100,000 | $30,000 | 30 %",
        "Dec 2026 | $100,000 | – | –",
        "All | $300,000 | $120,000 | 40 %",
    )


def test_year_to_date_and_the_full_years(team: Team) -> None:
    """Ten months of $100,000 and 12 of November's 19 working days: $1,063,157.89; won 90 + 30 + 50 thousand."""
    team.chat.rep("/quota ytd").says("$170,000 of $1,063,157.89 to date, 16 %", "Target for 2026", "$1,200,000")


def test_so_far_runs_to_today(team: Team) -> None:
    """$100,000 + $100,000 × 12/19."""
    heard = team.chat.rep("my quota so far this quarter").says("$120,000 of $163,157.89 to date, 74 %")
    heard.says("1 Oct – 18 Nov 2026", "Short by $43,157.89 to date", "$300,000").lacks("a working day", "Projected")


def test_pipeline_created_by_share(team: Team) -> None:
    """A deal of $100,000.01 made in November, 60 : 40 for Rae and Sam: the odd cent is the first one's. Besides
    it Rae's $30,000 and Dana's $330,000 were made in November."""

    def write(tx: Transaction) -> None:
        rae, sam = team.ids["rae"], team.ids["sam"]
        made = deals.Deal(id="n", stage="lost", owner=sam, created_on=date(2026, 11, 3), amount_minor=10_000_001)
        deals.add(tx, made, [deals.Share(rae, 600_000), deals.Share(sam, 400_000)], at=team.chat.now, by=None)

    team.chat.database.submit(write).result()
    team.chat.rep("pipeline I created this month").says("You, pipeline created: $90,000.01")
    team.chat.manager("pipeline created by East this month").says("East, pipeline created: $460,000.01")


def test_overlay_counts_only_where_it_is_a_target(team: Team) -> None:
    """Dana's win of $330,000 has Sam ($100,000) and Rae ($20,000) as overlay. Sam alone has a target for it, of
    $420,000 a quarter; his own revenue counts beside."""

    def write(tx: Transaction) -> None:
        given = [("sam", "overlay", 10_000_000), ("rae", "overlay", 2_000_000), ("sam", "revenue", 1_000_000)]
        made = [credits.Credit(team.ids[who], kind, date(2026, 11, 10), amount) for who, kind, amount in given]
        credits.write(tx, "d3", made, at=team.chat.now)

    team.chat.database.submit(write).result()
    _target(team, "sam", "overlay", 168_000_000)
    team.chat.rep("my overlay").says("You, overlay: $0, no target set")
    team.chat.manager("how is Sam doing on overlay").says("Sam Okafor, overlay: $110,000 of $420,000, 26 %")
    team.chat.manager("how is East doing on overlay").says("East, overlay: $110,000 of $420,000")
    team.chat.manager("how is East doing").says("East: $460,000 of $750,000")


def test_meetings_booked(team: Team) -> None:
    """On the day on which they were booked, whenever they take place."""
    team.chat.rep("/log meeting booked with Initech for 4 Dec")
    team.chat.rep("/quota meetings booked today").says("You, meetings booked: 1")
    team.chat.rep("/quota meetings booked in October").says("You, meetings booked: 0")


def test_an_activity_with_a_target(team: Team) -> None:
    """1,200 calls a year, 100 a month."""
    _target(team, "rae", "call", 1_200)
    team.chat.rep("/log 25 calls")
    team.chat.rep("my calls this month").says("You, calls: 25 of 100, 25 %", "75 to go", "Counted as logged")


def test_who_is_behind_on_what_the_job_expects(team: Team) -> None:
    """16 calls by now; Rae, the only one with a role, has 3."""
    team.chat.rep("/log 3 calls")
    team.chat.manager("who is behind on calls this week").says(
        "1 of 1 in East behind on calls", "Rae Quinn 3 of 16 expected by now, 13 short"
    )
    team.chat.rep("/log 13 calls")
    team.chat.manager("who is behind on calls this week").says("Nobody in East is behind on calls")
    team.chat.manager("calls by rep this week").says("Rae Quinn 16 of 16 expected by now", "Dana Reyes 0")


def test_what_peers_logged_is_theirs(team: Team) -> None:
    team.chat.rep("calls by rep in East this week").lacks("Dana", "Sam").says("theirs and their managers'")


def test_a_win_of_last_month_stays_where_it_was_won(team: Team) -> None:
    """Rae moves to West on 1 November; October's $90,000 are East's, November's $30,000 West's, and the reversal of an
    October win in November is East's too."""

    def write(tx: Transaction) -> None:
        west = units.named(tx, "West")
        assert west is not None
        units.join(tx, west, team.ids["rae"], since=date(2026, 11, 1))
        back = credits.Credit(team.ids["rae"], "revenue", date(2026, 11, 9), -1_000_000, won_on=date(2026, 10, 20))
        credits.write(tx, "d1", [back], at=team.chat.now)

    team.chat.database.submit(write).result()
    team.chat.leader("how is East doing").says("East: $410,000 of")
    team.chat.leader("how is West doing").says("West: $30,000 of")
    team.chat.leader("how is East doing this month").says("East: $320,000")
