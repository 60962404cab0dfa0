"""Lists of deals as they are asked for: which, how much, what is stuck, and who may see whose."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from storage import accounts, activities, credits, deals, targets
from storage.activities import Activity
from storage.database import Transaction
from tests.test_quota_conversations import YEAR, Team, team

__all__ = ["team"]

DECEMBER = date(2026, 12, 15)


def put(
    team: Team,
    deal: str,
    *,
    owner: str = "rae",
    stage: str = "proposal",
    amount: int | None = 1_000_000,
    currency: str = "USD",
    closes: date | None = DECEMBER,
    shares: dict[str, int] | None = None,
    account: str = "",
    days_ago: int = 0,
    claimed: bool = False,
    reason: str | None = None,
) -> None:
    """A deal, put into its stage so many days ago."""

    def write(tx: Transaction) -> None:
        given = [deals.Share(team.ids[name], part) for name, part in (shares or {owner: deals.WHOLE}).items()]
        known = accounts.named(tx, account) if account else None
        made = deals.Deal(
            id=deal,
            name=deal,
            account=known.id if known else None,
            stage=stage,
            owner=team.ids[owner],
            created_on=YEAR,
            closes_on=closes,
            amount_minor=amount,
            currency=currency,
            claimed=claimed,
            loss_reason=reason,
        )
        deals.add(tx, made, given, at=team.chat.now - timedelta(days=days_ago), by=None)

    team.chat.database.submit(write).result()


def call(team: Team, owner: str, account: str, days_ago: int) -> None:
    """They called the account so many days ago."""

    def write(tx: Transaction) -> None:
        known = accounts.named(tx, account)
        assert known is not None
        day = (team.chat.now - timedelta(days=days_ago)).date()
        done = Activity(
            entry=f"call-{owner}-{days_ago}",
            line=f"call-{owner}-{days_ago}",
            person=team.ids[owner],
            kind="call",
            count=1,
            account=known.id,
            account_name=known.name,
            account_text=known.name,
            contacts=(),
            day=day,
            time=None,
            zone="UTC",
            planned=False,
            minutes=None,
            amount_minor=None,
            currency=None,
            outcome=None,
            tags=(),
            note=None,
            next_text=None,
            next_day=None,
            next_time=None,
            said="call",
        )
        activities.record(tx, [done], author=team.ids[owner], at=team.chat.now)

    team.chat.database.submit(write).result()


def test_my_open_deals(team: Team) -> None:
    """$10,000 + $40,000 + one without an amount; the largest first, what is overdue said."""
    put(team, "Small")
    put(team, "Large", amount=4_000_000, closes=date(2026, 11, 2))
    put(team, "Bare", amount=None, closes=None)
    heard = team.chat.rep("/quota my open deals").says(
        "You: 3 open deals, $50,000.",
        "1 of them without an amount",
        "1 of them past the close date",
        "Data as of today",
    )
    heard.shows("Large | proposal | $40,000 | Mon, Nov 2, overdue", "Bare | proposal | no amount | no date")
    assert heard.text.index("Large") < heard.text.index("Small") < heard.text.index("Bare")


def test_a_deal_counts_once_in_a_unit_and_by_share_for_a_person(team: Team) -> None:
    """$100,000 of which Rae has 60 % and Sam 40 %: $100,000 in East, $40,000 for Sam."""
    put(team, "Split", amount=10_000_000, shares={"rae": 600_000, "sam": 400_000})
    team.chat.manager("/quota open deals in East").says("East: 1 open deal, $100,000.").lacks("%")
    team.chat.manager("/quota open deals of Sam").says("Sam Okafor: 1 open deal, $40,000.", "$40,000 (40 %)")


def test_other_currencies_are_at_the_plans_rate_and_a_missing_rate_is_named(team: Team) -> None:
    """€10,000 at 1.1 is $11,000; CHF 10,000 has no rate, so the sum is $10,000 + $11,000."""
    put(team, "Dollars")
    put(team, "Euros", currency="EUR")
    put(team, "Francs", currency="CHF")
    team.chat.database.submit(lambda tx: targets.put_rate(tx, 2026, "EUR", Decimal("1.1"), at=team.chat.now)).result()
    team.chat.rep("/quota my open deals").says(
        "3 open deals, $21,000", "1 in CHF, in no sum: the plan has no rate from CHF to USD", "Euros, proposal, $11,000"
    )


def test_which_close_this_month(team: Team) -> None:
    put(team, "Soon", closes=date(2026, 11, 27))
    put(team, "Late", closes=date(2026, 11, 3))
    put(team, "Later", closes=DECEMBER)
    put(team, "Done", closes=date(2026, 11, 4), stage="lost")
    team.chat.manager("which deals close this month in East").says(
        "East: 2 open deals close, $20,000, November 2026", "Late, proposal, $10,000, Tue, Nov 3, overdue, Rae Quinn"
    ).lacks("Later", "Done")


def test_what_is_stuck(team: Team) -> None:
    """Past its date, 31 days in its stage (30 is the limit), or 22 days quiet (21 is); a call yesterday is no quiet."""
    put(team, "Overdue", closes=date(2026, 11, 2), days_ago=5)
    put(team, "Standing", days_ago=31, account="Acme Corporation")
    put(team, "Called", days_ago=25, account="Initech")
    put(team, "Quiet", days_ago=22)
    put(team, "Fine", days_ago=21)
    call(team, "rae", "Initech", 1)
    call(team, "rae", "Acme Corporation", 2)
    call(team, "sam", "Green-Plus", 2)
    team.chat.manager("stuck deals").says(
        "East: 3 stuck deals, $30,000.",
        "more than 30 days in its stage",
        "Overdue, overdue since Nov 2, $10,000",
        "Acme Corporation, 31 days in proposal, $10,000",
        "Quiet, 22 days in proposal, quiet for 22 days",
    ).lacks("Fine", "Initech", "5 days", "31 days in proposal, quiet")


def test_still_right_is_no_quiet(team: Team) -> None:
    put(team, "Quiet", days_ago=25)
    team.chat.rep("/quota my stuck deals").says("1 stuck deal")
    team.chat.database.submit(lambda tx: deals.still_right(tx, "Quiet", at=team.chat.now, by=team.ids["rae"])).result()
    team.chat.rep("/quota my stuck deals").says("You: no stuck deal.")


def test_won_deals_add_up_to_what_is_credited(team: Team) -> None:
    """Rae's $90,000 and $30,000 of this quarter, as “quota” says; the claimed one apart, and one of no value."""
    put(team, "Said", stage="won", amount=5_000_000, closes=date(2026, 11, 12), claimed=True)
    put(team, "Free", stage="won", amount=None, closes=date(2026, 11, 12))
    team.chat.rep("/quota").says("$120,000 of")
    team.chat.rep("/quota my won deals this quarter").says(
        "You: 3 won deals, $120,000, Q4 2026",
        "+ $50,000 claimed (1 deal), in no sum until confirmed: Said.",
        "Free, no amount",
    )
    team.chat.manager("/quota won deals this quarter").says("East: 4 won deals, $450,000")


def test_a_win_taken_back_later_is_a_row_of_its_own(team: Team) -> None:
    def back(tx: Transaction) -> None:
        (kept,) = credits.of_deal(tx, "d0")
        credits.write(
            tx,
            "d0",
            [credits.Credit(team.ids["rae"], "revenue", date(2026, 11, 3), -5_000_000, kept.id, date(2026, 9, 30))],
            at=team.chat.now,
        )

    team.chat.database.submit(back).result()
    team.chat.rep("/quota my won deals this quarter").says("$70,000", "-$50,000, taken back")


def test_lost_deals_say_why(team: Team) -> None:
    put(team, "Gone", stage="lost", amount=8_000_000, closes=date(2026, 8, 3), reason="price")
    team.chat.manager("lost deals last quarter").says(
        "East: 1 lost deal, $80,000, Q3 2026", "Gone, price, $80,000, Mon, Aug 3, Rae Quinn"
    )


def test_the_list_ends_and_says_how_many_more(team: Team) -> None:
    for number in range(18):
        put(team, f"Deal {number:02}", amount=(number + 1) * 100_000)
    heard = team.chat.rep("/quota my open deals").says("18 open deals, $171,000", "And 3 more deals.")
    heard.says("Deal 17", "Deal 03").lacks("Deal 02")
    team.chat.rep("/quota my top 2 open deals").says("Deal 17", "Deal 16", "And 16 more deals.").lacks("Deal 15")


def test_a_colleagues_deals_are_not_a_peers_to_see(team: Team) -> None:
    """The unit's sum is; whose it is and what makes it is for who leads (GLOSSARY: Peers)."""
    put(team, "Theirs", owner="dana", amount=7_000_000)
    put(team, "Mine")
    team.chat.rep("/quota open deals in East").says(
        "East: 2 open deals, $80,000", "shown to those who lead East", "Mine"
    ).never("Theirs", "Dana", "$70,000")
    team.chat.rep("/quota open deals in East by rep").never("Dana", "$70,000")
    team.chat.rep("open deals of Dana").says("theirs and their manager's").never("Theirs")
    team.chat.rep("/quota won deals in East this quarter").says("$450,000").never("$330,000", "Dana")


@pytest.mark.parametrize(
    ("by", "row"),
    [("stage", "proposal | 2 | $80,000"), ("rep", "Dana Reyes | 1 | $70,000"), ("month", "Dec 2026 | 1 | $10,000")],
)
def test_cut(team: Team, by: str, row: str) -> None:
    put(team, "Theirs", owner="dana", amount=7_000_000, closes=date(2027, 1, 20))
    put(team, "Mine")
    put(team, "Late stage", stage="negotiation", amount=3_000_000, closes=date(2027, 1, 21))
    team.chat.manager(f"/quota open deals in East by {by}").says("3 open deals, $110,000").shows(row)


def test_the_buttons_cut_the_same_list(team: Team) -> None:
    put(team, "Theirs", owner="dana", amount=7_000_000, closes=date(2026, 11, 27))
    put(team, "Mine")
    heard = team.chat.manager("which deals close this month in East")
    heard.press("By rep").says("1 open deal closes, $70,000, November 2026", "Dana Reyes 1, $70,000")
    team.chat.manager("stuck deals").says("no stuck deal")
    assert team.chat.manager("stuck deals").buttons == [
        one for one in team.chat.manager("stuck deals").buttons if not one.startswith("By")
    ]


def test_why_names_the_deals_and_the_activity(team: Team) -> None:
    """Slipped out of the quarter with its reason, overdue, stuck, lost; what is open; and calls against expectation."""
    put(team, "Slid", amount=9_000_000, closes=date(2026, 12, 1))
    put(team, "Late", amount=8_000_000, closes=date(2026, 11, 2))
    put(team, "Standing", amount=2_000_000, days_ago=40)
    put(team, "Gone", stage="lost", amount=17_000_000, closes=date(2026, 11, 5), reason="price")
    put(team, "Dana's", owner="dana", stage="lost", amount=1_000_000, closes=date(2026, 11, 5))

    def slip(tx: Transaction) -> None:
        named = deals.get(tx, "Slid")
        assert named is not None
        later = replace(named.deal, closes_on=date(2027, 1, 20))
        deals.change(tx, named.deal, later, at=team.chat.now, by=team.ids["rae"], reason="budget")

    team.chat.database.submit(slip).result()
    call(team, "rae", "Initech", 2)
    heard = team.chat.leader("why is Rae behind").says(
        "Rae Quinn: $37,895 less than expected by now, Q4 2026",
        "Slipped to later: 1 deal, $90,000: Slid (budget).",
        "Overdue and still open: 1 deal, $80,000: Late.",
        "Stuck: 1 deal, $20,000: Standing (40 days in proposal, quiet for 40 days).",
        "Lost: 1 deal, $170,000: Gone (price).",
        "To the target $180,000 are missing; open deals that close in time: $20,000, weighted $10,000.",
    )
    heard.press("Stuck deals").says("2 stuck deals, $100,000")
    team.chat.manager("why is East behind").says(
        "Rae Quinn short by $37,895", "Lost: 2 deals, $180,000: Gone (price), Dana's."
    )
    team.chat.rep("why is East behind").says("Lost: 2 deals, $180,000.").never("Dana", "Gone", "Rae Quinn short")


def test_why_says_what_was_logged_against_what_is_expected(team: Team) -> None:
    """40 calls and 8 meetings a week; 32 of the quarter's days are over: 256 and 51 (51.2 rounded)."""
    call(team, "rae", "Initech", 2)
    team.chat.rep("why am I behind").says("Logged less than expected by now: 1 of 256 calls and 0 of 51 meetings.")
