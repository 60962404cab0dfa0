"""Commission as it is asked for: the estimate with its rule and figures, what a deal is worth, and who may see whose.

The quarter's target is $300,000 (a year's 1.2 million); a plan by its share pays 5 % up to it and 8 % above.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest

from handlers.figures.booking import book_for
from handlers.imports.plan_file import Plan, read_plan
from storage import accounts, commission, deals, people, targets, units
from storage.database import Transaction
from tests.chat import COMPANY, Chat, Speaker

YEAR = date(2026, 1, 1)
REPS = """
name: Reps 2026
for: {roles: [rep]}
tiers: [{from: 0 %, rate: 5 %}, {from: 100 %, rate: 8 %}]
"""


@dataclass
class Team:
    """East: Rae, Dana and Sam sell, Max leads; Lee leads the company. Rae has won $250,000 this quarter."""

    chat: Chat
    ids: dict[str, str]

    def plan(self, text: str) -> None:
        """Put a plan into force."""
        read = read_plan(text.encode(), "plan.yaml")
        assert isinstance(read, Plan), read
        self.chat.database.submit(
            lambda tx: commission.put(tx, read.plan.name, read.plan.as_data(), by=None, at=self.chat.now)
        ).result()

    def aim(self, name: str, amount: int) -> None:
        """A year's target, in dollars."""
        wanted = targets.Target(
            person=self.ids[name], unit=None, measure="bookings", fiscal_year=2026, amount=amount * 100
        )
        self.chat.database.submit(lambda tx: targets.put(tx, wanted, by=None, at=self.chat.now)).result()

    def deal(
        self,
        account: str,
        amount: int | None,
        *,
        stage: str = "negotiation",
        closes: date | None = date(2026, 12, 15),
        name: str = "",
        currency: str = "USD",
        shares: tuple[tuple[str, int], ...] = (("rae", 100),),
        claimed: bool = False,
    ) -> None:
        """A deal in units of its currency; shares in percent, the first is the owner's."""

        def write(tx: Transaction) -> None:
            made = deals.Deal(
                id=f"{account} {name} {amount}",
                name=name,
                account=accounts.add(tx, account, by=None, at=self.chat.now).id,
                owner=self.ids[shares[0][0]],
                stage=stage,
                created_on=YEAR,
                closes_on=closes,
                amount_minor=None if amount is None else amount * 100,
                currency=currency,
                claimed=claimed,
            )
            held = [deals.Share(self.ids[who], part * deals.WHOLE // 100) for who, part in shares]
            deals.add(tx, made, held, at=self.chat.now, by=None)
            book_for(tx, COMPANY, made, now=self.chat.now)

        self.chat.database.submit(write).result()


@pytest.fixture
def team(chat: Chat) -> Team:
    def fill(tx: Transaction) -> dict[str, str]:
        ids = {one.name.split()[0].lower(): one.id for one in people.everybody(tx)}
        for name in ("Dana Reyes", "Sam Okafor"):
            one = people.add(tx, name=name, email=f"{name.split()[0].lower()}@test.example", at=chat.now, imported=True)
            people.give_role(tx, one, "rep", YEAR)
            ids[name.split()[0].lower()] = one.id
        company = units.add(tx, "Testing & Co", kind="company", parent=None, at=chat.now)
        east = units.add(tx, "East", kind="team", parent=company, at=chat.now)
        for name in ("rae", "dana", "sam"):
            units.join(tx, east, ids[name], since=YEAR)
        units.join(tx, east, ids["max"], since=YEAR, leads=True)
        units.join(tx, company, ids["lee"], since=YEAR, leads=True)
        targets.put_rate(tx, 2026, "EUR", Decimal("1.10"), at=chat.now)
        return ids

    made = Team(chat, chat.database.submit(fill).result())
    made.aim("rae", 1_200_000)
    made.aim("dana", 1_200_000)
    made.deal("Initech", 250_000, stage="won", closes=date(2026, 11, 2))
    return made


def test_my_commission(team: Team) -> None:
    """5 % × $250,000; with $80,000 at 75 % = $310,000: 5 % × 300,000 + 8 % × 10,000 = 15,800."""
    team.plan(REPS)
    team.deal("Acme Corporation", 80_000)
    team.deal("Green-Plus", 40_000, stage="won", closes=date(2026, 11, 12), claimed=True)
    heard = team.chat.rep("/quota commission").says(
        "You: an estimated $12,500 of commission, Q4 2026 (1 Oct – 31 Dec 2026).",
        "Plan “Reps 2026”, on bookings by quarter: 5 % up to 100 % of the target, 8 % from 100 % of the target on",
        "Counted: $250,000 of bookings, 83 % of the target of $300,000.",
        "That is $250,000 × 5 % (up to $300,000 (100 %), base rate) = $12,500.",
        "Another $50,000 reaches 8 %.",
        "If the open deals come in as weighted: $15,800 on $310,000.",
        "+ $40,000 claimed, not counted until confirmed.",
        "Data as of",
        "An estimate, not a statement of pay.",
    )
    heard.shows("Band | Sales | Rate | Commission", "up to $300,000 (100 %) | $250,000 | 5 %, base rate | $12,500")
    heard.press("Period before").says("You: an estimated $0 of commission, Q3 2026").lacks("weighted")


def test_two_people_side_by_side(team: Team) -> None:
    """Both of those who may be seen; Rae sees her own alone."""
    team.plan(REPS)
    team.deal("Globex", 100_000, stage="won", closes=date(2026, 11, 3), shares=(("dana", 100),))
    team.chat.manager("commission Rae vs Dana").says(
        "Rae Quinn: an estimated $12,500 of commission", "Dana Reyes: an estimated $5,000 of commission"
    )
    assert "$5,000" not in team.chat.rep("commission Rae vs Dana").text


def test_an_ote_that_no_plan_names(team: Team) -> None:
    team.plan(REPS)
    team.chat.rep("what's my OTE").says("No OTE is named in “Reps 2026”", "$12,500")
    team.plan(f"{REPS}ote: 120k")
    team.chat.rep("what's my OTE").says("OTE: $120,000 a year").lacks("No OTE")


def test_bands_and_a_cap(team: Team) -> None:
    """$450,000: 5 % × 300,000 = 15,000 and 8 % × 150,000 = 12,000; capped at $20,000."""
    team.plan(REPS + "cap: 20000\n")
    team.deal("Woodgrove Bank", 200_000, stage="won", closes=date(2026, 11, 3))
    team.chat.rep("what will I earn this quarter").says(
        "an estimated $20,000 of commission",
        "$150,000 × 8 % (from $300,000 (100 %) on, accelerator) = $12,000",
        "The cap of $20,000 takes $7,000 off.",
        "at most $20,000 a quarter",
    ).shows("Cap: $20,000; without it $27,000")


def test_the_periods_are_the_plans(team: Team) -> None:
    """A year of quarters and their sum: $2,000 for Q2's $40,000 and $12,500; a month is answered with its quarter."""
    team.plan(REPS)
    team.deal("Woodgrove Bank", 40_000, stage="won", closes=date(2026, 5, 4))
    team.chat.rep("my commission this year").says(
        "You: an estimated $14,500 of commission, 2026 (1 Jan – 31 Dec 2026).",
        "Q1 2026 (1 Jan – 31 Mar 2026): $0 on $0",
        "Q2 2026 (1 Apr – 30 Jun 2026): $2,000 on $40,000",
        "Q4 2026 (1 Oct – 31 Dec 2026): $12,500 on $250,000",
    )
    team.chat.rep("my commission last month").says("Q4 2026", "The plan pays by quarter, so this is the quarter")
    team.chat.rep("my commission vs Q2").says(
        "You: an estimated $12,500 of commission, $10,500 more.",
        "Q4 2026 (1 Oct – 31 Dec 2026): on $250,000 so far.",
        "Q2 2026 (1 Apr – 30 Jun 2026): $2,000 on $40,000.",
    )
    team.plan("name: Reps 2026\nfor: {roles: [rep]}\nperiod: month\nbase rate: 10 %")
    team.chat.rep("/quota commission").says("$25,000 of commission, November 2026 (1 – 30 Nov 2026)")
    team.chat.rep("my commission last month").says("$0 of commission, October 2026").lacks("pays by")
    team.chat.rep("commission since 2019").says("more than two years' worth")


def test_what_a_deal_is_worth(team: Team) -> None:
    """At half of $120,000 Rae reaches $310,000: 15,800 − 12,500 = 3,300; Sam's half is nobody else's to see."""
    team.plan(REPS)
    team.deal("Acme Corporation", 120_000, shares=(("rae", 50), ("sam", 50)))
    for question in (
        "what is Acme worth to me",
        "what would I earn if Acme closes",
        "/quota what's the Acme deal worth",
        "how much commission would I get for Acme",
        "what do I get if I win acme corporation",
        "what do we get if we win Acme",
    ):
        team.chat.rep(question).says(
            "Acme Corporation, $120,000, closes Tue, Dec 15: worth an estimated $3,300 of commission to you, Q4 2026",
            "With it $15,800, without it $12,500.",
            "Your share is 50 % of it: $60,000.",
            "$10,000 × 8 % (from $300,000 (100 %) on, accelerator) = $800",
        )


def test_a_deal_in_another_currency_and_one_without_a_rate(team: Team) -> None:
    """€20,000 × 1.10 = $22,000, at 5 %."""
    team.plan(REPS)
    team.deal("Acme Corporation", 20_000, currency="EUR")
    team.deal("Green-Plus", 20_000, currency="GBP")
    team.chat.rep("what is Acme worth to me").says(
        "worth an estimated $1,100", "€20,000 is $22,000 at the plan's rate for 2026."
    )
    team.chat.rep("what is green-plus worth to me").says("no rate from GBP to USD for 2026").lacks("worth an")


def test_this_deal_is_chosen(team: Team) -> None:
    """Several could be meant: a choice, that can be used again; overdue, undated, claimed and won ones say so."""
    team.plan(REPS)
    team.deal("Acme Corporation", 20_000, name="Phase 1")
    team.deal("Acme Corporation", 40_000, name="Phase 2", closes=date(2026, 11, 2))
    team.deal("Green-Plus", None)
    team.deal("Woodgrove Bank", 10_000, stage="won", closes=date(2026, 11, 12), claimed=True)
    heard = team.chat.rep("what is this deal worth").says("Which deal do you mean?", "Phase 1", "Green-Plus")
    assert sum(", c" in label for label in heard.buttons) == 4
    heard = team.chat.rep("what is Acme worth to me").lacks("Green-Plus")
    heard.press("Acme Corporation (Phase 2), $40,000, closes Mon, Nov 2").says(
        "worth an estimated $2,000", "Its close date is over, so it is taken to close in this period."
    )
    heard.press("Acme Corporation (Phase 1), $20,000, closes Tue, Dec 15").says("worth an estimated $1,000")
    team.chat.rep("what is green-plus worth to me").says("no amount is known yet")
    team.chat.rep("what is Woodgrove Bank worth to me").says("worth an estimated $500", "It is claimed")
    team.chat.rep("what is Initech worth to me").says("worth an estimated $12,500", "won and counted already")
    team.chat.rep("what is Woodgrove Leasing worth to me").says("You have no open deal with Woodgrove Leasing")
    team.chat.rep("what is Contoso worth to me").says("I know no deal by “Contoso”", "Which deal do you mean?")


def test_an_account_that_is_called_like_a_month_is_not_asked_about(team: Team) -> None:
    team.plan(REPS)
    team.deal("October Labs", 20_000)
    team.chat.rep("my commission in October").says("You: an estimated $12,500 of commission, Q4 2026")
    team.chat.rep("what is October Labs worth to me").says("October Labs, $20,000", "worth an estimated $1,000")


def test_a_deals_card_has_the_button(team: Team) -> None:
    team.chat.rep("/deal Acme negotiation $60k closes 15 Dec").lacks("worth")
    assert "Worth to me" not in team.chat.rep("/deal Acme").buttons
    team.plan(REPS)
    team.chat.rep("/deal Acme").press("Worth to me").says("worth an estimated $3,300 of commission to you")
    team.chat.rep("/deal Acme $40k").press("Worth to me").says("worth an estimated $2,000")
    assert "Worth to me" not in team.chat.manager("/deal Acme").buttons


def test_who_may_see_whose(team: Team) -> None:
    """Oneself, the manager, the leader and admins; never a peer, not even in a team's sum."""
    team.plan(REPS)
    team.deal("Acme Corporation", 20_000)
    asks: list[Speaker] = [team.chat.manager, team.chat.leader, team.chat.admin]
    for speaker in asks:
        speaker("Rae's commission").says("Rae Quinn: an estimated $12,500")
        speaker("what is Acme worth to Rae").says("worth an estimated $1,000 of commission to Rae Quinn")
    for question in ("Dana's commission", "commission for East", "what is Acme worth to Dana", "commission by rep"):
        team.chat.rep(question).lacks("Dana Reyes:", "East:", "to Dana Reyes")
    team.chat.rep("Dana's commission").says("theirs and their manager's")
    team.chat.rep("commission for East").never("$")
    team.aim("sam", 600_000)
    team.chat.rep("commission for East").says("What others earn is theirs").never("$")
    heard = team.chat.manager("commission for East").says("East: an estimated $12,500", "Rae Quinn $12,500 on $250,000")
    heard.says("Sam Okafor $0 on $0")
    team.plan("name: Max\nfor: {people: [max@test.example]}\nbase rate: 1 %\note: 200k")
    team.chat.manager("/quota commission").says("You: an estimated $0 of commission", "OTE: $200,000 a year.")
    team.chat.manager("/quota commission by rep").says("East: an estimated $12,500")
    team.chat.leader("/quota commission").says("Testing & Co: an estimated $12,500", "No commission plan is for you")


def test_why_there_is_no_estimate(team: Team) -> None:
    """No plan, no target, target 0, two plans, a plan on margin: each said with what to do."""
    team.deal("Acme Corporation", 20_000)
    team.chat.rep("/quota commission").says("You: no commission plan holds", "An admin brings one in").lacks("$")
    team.chat.rep("what is Acme worth to me").says("You: no commission plan holds")
    team.plan(REPS)
    team.chat.manager("Sam's commission").says(
        "Sam Okafor: no estimate, Q4 2026", "no target for bookings is set", "An admin can set one"
    )
    team.aim("sam", 0)
    team.chat.manager("Sam's commission").says("the target is 0")
    team.plan("name: East\nfor: {units: [East]}\nbase rate: 1 %")
    team.chat.rep("/quota commission").says(
        "You: the plans “East” and “Reps 2026” hold at once", "or name you by e-mail"
    )
    team.plan("name: Raes\nfor: {people: [rae@test.example]}\nmeasure: margin\nbase rate: 10 %")
    team.chat.rep("/quota commission").says("You: an estimated $0 of commission", "Plan “Raes”, on margin")
    team.chat.rep("what is Acme worth to me").says("pays on margin, which is known once it is recorded")
