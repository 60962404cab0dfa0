"""`/target` as it is talked about: who sees, sets, adjusts, answers and is asked; figures worked by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest

from handlers.conversation.access import AdjustmentOf, Allowed, TargetOf, may
from handlers.conversation.reply import Buttons
from handlers.conversation.request import Actor
from storage import credits, deals, people, staff, targets, units
from storage.database import Transaction
from storage.tables import absences, new_id
from tests.chat import Chat, Heard, Speaker

YEAR = date(2026, 1, 1)
"""Today is Wednesday, 18 November 2026."""


@dataclass
class Plan:
    """Rae ($1,200,000 for 2026) and Dana sell in East, which Max leads; Lee leads the company."""

    chat: Chat
    ids: dict[str, str]

    def told(self, who: Speaker, piece: str) -> Heard:
        """The latest message that says this, as if it had just come: its buttons can be pressed."""
        shown = next(one for one in reversed(self.chat.shown(who)) if piece in one.text)
        return _Told(who, shown)  # type: ignore[return-value]

    def set_for_rae(self, amount: str = "$1.5M", **fields: str) -> Heard:
        return self.chat.manager("/target set Rae").fill(who="Rae", amount=amount, **fields)

    def months(self, name: str) -> dict[str, int]:
        """The month targets by SQL-free reading: what `/target` shows in its table."""
        table = next(part for part in self.chat.admin(f"/target {name}").reply.parts if hasattr(part, "columns"))
        return {row[0].split()[0]: int(row[1].strip("$").replace(",", "")) for row in table.rows}


class _Told:
    def __init__(self, who: Speaker, shown: object) -> None:
        self._who, self._shown = who, shown

    def press(self, label: str) -> Heard:
        parts = self._shown.reply.parts  # type: ignore[attr-defined]
        buttons = [one for part in parts if isinstance(part, Buttons) for one in part.buttons]
        token = next(one.token for one in buttons if one.label == label)
        return self._who.press(self._shown.id, token)  # type: ignore[attr-defined]


@pytest.fixture
def plan(chat: Chat) -> Plan:
    def fill(tx: Transaction) -> dict[str, str]:
        ids = {one.name.split()[0].lower(): one.id for one in people.everybody(tx) if one.name != "Nia Vail"}
        dana = people.add(tx, name="Dana Reyes", email="dana@test.example", at=chat.now, imported=True)
        ids["dana"] = dana.id
        company = units.add(tx, "Testing & Co", kind="company", parent=None, at=chat.now)
        east = units.add(tx, "East", kind="team", parent=company, at=chat.now)
        ids["east"], ids["company"] = east.id, company.id
        for name in ("rae", "dana"):
            units.join(tx, east, ids[name], since=YEAR)
        units.join(tx, east, ids["max"], since=YEAR, leads=True)
        units.join(tx, company, ids["lee"], since=YEAR, leads=True)
        target = targets.Target(person=ids["rae"], unit=None, measure="bookings", fiscal_year=2026, amount=120_000_000)
        targets.put(tx, target, by=None, at=chat.now)
        return ids

    return Plan(chat, chat.database.submit(fill).result())


# ---------------------------------------------------------------- seeing


def test_a_rep_sees_their_targets_by_month_and_what_the_job_asks_for(plan: Plan) -> None:
    seen = plan.chat.rep("/target").says(
        "Your targets for 2026", "Bookings: $1,200,000", "Set by import, today.", "40 calls and 8 meetings a week"
    )
    seen.shows("January 2026 | $100,000", "December 2026 | $100,000")
    assert seen.buttons == ["2027"], "nobody sets their own"
    seen.press("2027").says("You have no target for 2027 yet")
    plan.chat.rep("plan").says("Your targets for 2026")
    plan.chat.rep("target 2027").says("no target for 2027")


def test_a_manager_sees_the_units_plan_and_its_over_assignment(plan: Plan) -> None:
    """$1,200,000 carried by Rae and nothing by Dana; against $1,000,000 of East's own that is 20 % over."""
    plan.chat.manager("/target").says("East, bookings, 2026", "Target: none of its own", "Its people carry: $1,200,000")
    plan.chat.leader("/target set").fill(who="East", amount="1M").says("Set: East's bookings target for 2026")
    seen = plan.chat.manager("/target").says(
        "Target: $1,000,000.", "Its people carry: $1,200,000", "Over-assignment: 20 %"
    )
    seen.shows("Rae Quinn | $1,200,000 | $300,000 | $300,000 | $300,000 | $300,000", "Dana Reyes | none set")
    plan.chat.leader("/target").says("Testing & Co, bookings, 2026").shows("East | $1,000,000 | $250,000")
    plan.chat.admin("/target").says("Testing & Co, bookings, 2026")


@pytest.mark.parametrize(
    ("who", "whose", "seen"),
    [
        ("rep", "Rae", True),
        ("rep", "Dana", False),
        ("rep", "East", False),
        ("manager", "Rae", True),
        ("manager", "East", True),
        ("manager", "Testing & Co", False),
        ("leader", "Rae", True),
        ("leader", "Testing & Co", True),
        ("admin", "Rae", True),
        ("newcomer", "Rae", False),
    ],
)
def test_who_sees_whose(plan: Plan, who: str, whose: str, seen: bool) -> None:
    heard = getattr(plan.chat, who)(f"/target {whose}")
    (heard.says if seen else heard.never)("1,200,000")


def test_a_former_managers_buttons_show_and_change_nothing_any_more(plan: Plan) -> None:
    seen = plan.chat.manager("/target Rae")
    confirming = plan.chat.manager("set Rae's target to $1.5M for 2026")
    adjusted = plan.chat.manager("/target adjust Rae").fill(who="Rae", amount="10k", reason="new territory")

    def moved(tx: Transaction) -> None:
        staff.manage(tx, plan.ids["rae"], plan.ids["lee"], since=plan.chat.now.date())
        units.lead(tx, [], plan.ids["max"], since=plan.chat.now.date())

    plan.chat.database.submit(moved).result()
    for heard, label in (
        (seen, "Set"),
        (seen, "Adjust"),
        (seen, "Ask for input"),
        (seen, "2027"),
        (confirming, "Set it"),
        (confirming, "Change it first"),
        (adjusted, "Withdraw"),
    ):
        now = heard.press(label)
        assert now.back.form is None, label
        now.never("1,200,000", "1,210,000", "100,000")
    plan.chat.admin("/target Rae").says("+$10,000")


# ---------------------------------------------------------------- setting


def test_setting_tells_the_person_with_before_and_after_and_they_accept(plan: Plan) -> None:
    plan.set_for_rae(reason="a larger territory").says(
        "Set: Rae Quinn's bookings target for 2026", "Before: $1,200,000", "Now: $1,500,000", "I have told them"
    )
    told = "\n".join(plan.chat.rep.inbox())
    assert "Max Stone set your bookings target for 2026. Before: $1,200,000. Now: $1,500,000." in told
    assert "Reason: a larger territory." in told
    message = plan.told(plan.chat.rep, "set your")
    message.press("Accept").says("You accepted the bookings target of $1,500,000", "Max Stone")
    assert "Rae Quinn accepts the bookings target of $1,500,000 for 2026." in plan.chat.manager.inbox()
    message.press("Accept").says("answered that already")
    plan.chat.rep("/target").says("Set by Max Stone, today: a larger territory. Accepted.")


def test_an_objection_reaches_who_set_it_with_its_reason(plan: Plan) -> None:
    plan.set_for_rae()
    plan.told(plan.chat.rep, "set your").press("Object").fill(comment="two of my accounts went to West").says(
        "You objected", "I have told Max Stone"
    )
    assert "Why: two of my accounts went to West" in plan.chat.manager.inbox()[-1]
    plan.chat.manager("/target Rae").says("Objected: two of my accounts went to West.")
    plan.set_for_rae("1.3M")
    plan.chat.rep("/target").says("Bookings: $1,300,000").lacks("Objected")


def test_an_answer_to_a_target_that_was_set_anew_says_so(plan: Plan) -> None:
    plan.set_for_rae()
    first = plan.told(plan.chat.rep, "$1,500,000")
    plan.set_for_rae("1.3M")
    first.press("Accept").says("set anew meanwhile")


def test_quarters_and_months_add_up_to_the_year(plan: Plan) -> None:
    """20 % of $1,200,000 = $240,000 in Q1, a third of it a month; 25 %, 25 %, 30 %."""
    plan.set_for_rae("1,200,000", spread="20 25 25 30").says("Spread: 20 25 25 30 %")
    months = plan.months("Rae")
    assert (months["January"], months["April"], months["December"]) == (80_000, 100_000, 120_000)
    assert sum(months.values()) == 1_200_000
    twelve = "10 20 30 40 50 60 70 80 90 100 110 120"
    plan.set_for_rae("780", spread=twelve)
    assert list(plan.months("Rae").values()) == [int(one) for one in twelve.split()]
    form = plan.chat.manager("/target Rae").press("Set")
    form.fill(spread="20 25 25 31").problem("spread", "must add up to 100; these add up to 101")
    form.fill(spread="1 2 3").problem("spread", "That is 3 figures")
    form.fill(amount="779", spread=twelve).problem("spread", "do not add up to the year's amount")


def test_ramp_is_shown_as_what_is_carried(plan: Plan) -> None:
    """Rae's first day here is 1 January: 50 %, 50 %, 75 %, 75 %, then all: $1,050,000 of $1,200,000."""
    plan.set_for_rae("1.2M", ramped="yes").says("With start, ramp and adjustments: $1,050,000")
    plan.chat.rep("/target").says("Bookings: $1,050,000 (full year $1,200,000, ramped)")


def test_other_measures_have_columns_of_their_own(plan: Plan) -> None:
    plan.set_for_rae("480", measure="call").says("Set: Rae Quinn's calls target for 2026", "Now: 480")
    plan.chat.rep("/target").shows("Month | Bookings | Calls", "March 2026 | $100,000 | 40")
    plan.chat.manager("/target").press("Calls").says("East, calls, 2026", "Its people carry: 480")
    plan.chat.manager("/target East calls").says("East, calls, 2026")
    plan.set_for_rae("96", measure="meetings_booked").says("Set: Rae Quinn's meetings booked target for 2026")


def test_what_is_wrong_stands_beside_its_field(plan: Plan) -> None:
    form = plan.chat.manager("/target set")
    form.fill(who="Zork", amount="1M").problem("who", "no person or unit called “Zork”")
    form.fill(who="Rae", amount="lots").problem("amount", "cannot read “lots”")
    form.fill(who="Rae", amount="1M EUR").problem("amount", "no rate for EUR")
    assert plan.chat.rows("SELECT id FROM targets WHERE replaced_at IS NOT NULL") == []


def test_the_same_again_changes_nothing_and_zero_is_a_target(plan: Plan) -> None:
    plan.set_for_rae("1.2M").says("That is Rae Quinn's target already")
    plan.set_for_rae("0").says("Now: $0")
    assert len(plan.chat.rows("SELECT id FROM targets")) == 2


# ---------------------------------------------------------------- in words


def test_a_sentence_is_confirmed_before_anything_is_set(plan: Plan) -> None:
    asked = plan.chat.manager("set Rae's target to $1.5M for 2026")
    asked.says("Set Rae Quinn's bookings target for 2026 to $1.5M?", "Nothing is changed yet")
    assert len(plan.chat.rows("SELECT id FROM targets")) == 1
    asked.press("Set it").says("Now: $1,500,000")
    asked.press("Set it").says("done already")


def test_an_adjustment_in_words(plan: Plan) -> None:
    """$50,000 from July on $1,200,000: $8,333.33 on each of six months, to the cent."""
    asked = plan.chat.manager("raise Rae's target by 50k from July because of the new territory")
    asked.says("Raise Rae Quinn's bookings target by 50k, spread from July 2026 on, because of the new territory?")
    asked.press("Adjust it").says("Before: $1,200,000", "Now: $1,250,000", "Change: +$50,000 from July 2026")
    told = "\n".join(plan.chat.rep.inbox())
    assert "Max Stone adjusted your bookings target for 2026. Before: $1,200,000. Now: $1,250,000." in told
    plan.told(plan.chat.rep, "adjusted your").press("Accept").says("You accepted the adjustment")
    plan.chat.rep("/target").says("+$50,000 from July 2026: the new territory. By Max Stone, today. Accepted.")
    rows = plan.chat.rows("SELECT amount, from_month, answer FROM adjustments")
    assert [(row["amount"], str(row["from_month"]), row["answer"]) for row in rows] == [
        (5_000_000, "2026-07-01", "accepted")
    ]


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ("set Rae's target", {"who": "Rae Quinn"}),
        ("lower Dana's calls quota by 20", {"who": "Dana Reyes", "measure": "call", "how": "less", "amount": "20"}),
        ("raise Rae's target by 50k from Q3", {"who": "Rae Quinn", "from": "2026-07-01", "reason": ""}),
        ("please set a target of 900k for Dana for next year", {}),
        ("ask Dana for input on her 2027 target", {"who": "Dana Reyes", "year": "2027"}),
    ],
)
def test_what_is_missing_is_asked_in_the_form(plan: Plan, said: str, fields: dict[str, str]) -> None:
    heard = plan.chat.manager(said)
    if heard.back.form is None:
        heard.says("Set Dana Reyes's bookings target for 2027 to 900k?")
        return
    shown = {field.name: field.value for field in heard.form.fields}
    assert shown | fields == shown


@pytest.mark.parametrize(
    "said",
    [
        "log call Acme set the target date",
        "what is my target",
        "how is East doing against target",
        "set up a meeting with Acme on target pricing tomorrow",
        "raise an issue with Acme about the quota",
        "make a call to Acme about their target",
    ],
)
def test_other_sentences_are_not_about_setting(plan: Plan, said: str) -> None:
    heard = plan.chat.manager(said)
    assert heard.back.form is None
    assert "Nothing is changed yet" not in heard.text
    assert len(plan.chat.rows("SELECT id FROM targets")) == 1


# ---------------------------------------------------------------- adjusting


def test_adjusting_needs_a_reason_a_target_and_a_rest(plan: Plan) -> None:
    form = plan.chat.manager("/target Rae").press("Adjust")
    form.fill(amount="10k").problem("reason", "needs a reason")
    form.fill(amount="2M", how="less", reason="x").problem("amount", "cannot fall below 0")
    form.fill(amount="1.2M", how="to", reason="x").problem("amount", "changes nothing")
    plan.chat.manager("/target adjust").fill(who="Dana", amount="1k", reason="x").says("Dana Reyes has no target")
    assert plan.chat.rows("SELECT id FROM adjustments") == []


def test_to_a_new_total_is_the_difference(plan: Plan) -> None:
    form = plan.chat.manager("/target Rae").press("Adjust")
    form.fill(amount="1.1M", how="to", reason="lost Globex", **{"from": "2026-12-01"}).says(
        "-$100,000 from December 2026"
    )
    assert plan.months("Rae")["December"] == 0


def test_an_adjustment_is_withdrawn_by_its_author_or_an_admin_and_nothing_is_lost(plan: Plan) -> None:
    form = plan.chat.manager("/target Rae").press("Adjust")
    made = form.fill(amount="10k", reason="x")
    plan.chat.leader("/target Rae").lacks("zzz").shows("+$10,000")
    assert "Withdraw" not in plan.chat.leader("/target Rae").buttons
    assert "Withdraw" in plan.chat.admin("/target Rae").buttons
    made.press("Withdraw").says("Withdrawn: +$10,000", "Bookings: $1,200,000")
    assert "Max Stone withdrew the adjustment of your bookings target" in plan.chat.rep.inbox()[-1]
    (row,) = plan.chat.rows("SELECT amount, withdrawn_at FROM adjustments")
    assert row["amount"] == 1_000_000
    assert row["withdrawn_at"] is not None
    made.press("Withdraw").says("is withdrawn, so nothing was changed")


def test_relief_for_a_long_absence_is_offered_with_its_figure(plan: Plan) -> None:
    """July 2026 away: its 22 working days (3 July is the holiday's day off) are all of July's $100,000."""

    def away(tx: Transaction) -> None:
        row = {"id": new_id(), "person": plan.ids["rae"], "created_at": plan.chat.now}
        tx.execute(absences.insert(), {**row, "first": date(2026, 7, 1), "last": date(2026, 7, 31)})

    plan.chat.database.submit(away).result()
    form = plan.chat.manager("/target Rae").press("Adjust").form
    away_then = "Away 1 – 31 Jul 2026, 22 working days: relief would be $100,000 less."
    assert form.intro == f"Bookings target for 2026: $1,200,000. {away_then}"


# ---------------------------------------------------------------- own input


def test_a_rep_is_asked_first_and_the_answer_fills_the_form(plan: Plan) -> None:
    def win(tx: Transaction) -> None:
        won = deals.Deal(
            id="w", stage="won", owner=plan.ids["rae"], created_on=YEAR, closes_on=YEAR, amount_minor=80_000_000
        )
        deals.add(tx, won, [deals.Share(plan.ids["rae"])], at=plan.chat.now, by=None)
        credits.write(tx, "w", [credits.Credit(plan.ids["rae"], "revenue", YEAR, 80_000_000)], at=plan.chat.now)

    plan.chat.database.submit(win).result()
    form = plan.chat.manager("/target Rae 2027").press("Ask for input")
    form.fill(amount="1.4M").says("Asked: Rae Quinn, about the bookings target for 2027")
    asked = plan.chat.rep.inbox()[-1]
    for piece in (
        "Max Stone asks",
        "Thought of: $1,400,000",
        "Won in 2026 so far: $800,000",
        "Target for 2026: $1,200,000",
    ):
        assert piece in asked
    question = plan.told(plan.chat.rep, "Max Stone asks")
    given = question.press("Give my figure").fill(amount="1.1M", comment="Globex is gone")
    given.says("Sent to Max Stone: $1,100,000")
    assert (
        "Rae Quinn would set $1,100,000 as their bookings target for 2027. Globex is gone" in plan.chat.manager.inbox()
    )
    form = plan.told(plan.chat.manager, "would set").press("Set the target")
    shown = {field.name: field.value for field in form.form.fields}
    assert (shown["who"], shown["year"], shown["amount"]) == ("Rae Quinn", "2027", "1,100,000")
    form.fill().says("Now: $1,100,000").lacks("was not asked")
    question.press("Give my figure").says("That question is settled")


def test_setting_unasked_is_said_once_and_forbidden_never(plan: Plan) -> None:
    form = plan.chat.manager("/target set")
    form.fill(who="Dana", amount="900k").says("Dana Reyes was not asked for an own figure first")
    plan.chat.manager("/target set").fill(who="Dana", amount="950k").lacks("was not asked")


def test_what_waits_stands_on_the_persons_own_page(plan: Plan) -> None:
    plan.set_for_rae()
    plan.chat.manager("/target Rae 2027").press("Ask for input").fill()
    page = str(plan.chat.rep.home().home)
    assert "Your bookings target for 2026 was set to $1,500,000." in page
    assert "Max Stone asks what you would set as your bookings target for 2027." in page
    plan.told(plan.chat.rep, "set your").press("Accept")
    assert "was set to" not in str(plan.chat.rep.home().home)


# ---------------------------------------------------------------- access


@pytest.mark.parametrize(
    ("who", "whose", "allowed"),
    [
        ("rep", "Rae", False),
        ("rep", "Dana", False),
        ("rep", "East", False),
        ("manager", "Rae", True),
        ("manager", "East", False),
        ("manager", "Max", False),
        ("leader", "Rae", True),
        ("leader", "East", True),
        ("leader", "Testing & Co", False),
        ("admin", "Rae", True),
        ("admin", "East", True),
        ("admin", "Testing & Co", True),
        ("admin", "Ada", False),
        ("newcomer", "Rae", False),
    ],
)
def test_who_sets_whose_target(plan: Plan, who: str, whose: str, allowed: bool) -> None:
    before = len(plan.chat.rows("SELECT id FROM targets"))
    heard = getattr(plan.chat, who)("/target set").fill(who=whose, amount="777k")
    (heard.says if allowed else heard.never)("Now: $777,000")
    if not allowed:
        heard.says("nobody sets their own")
    assert len(plan.chat.rows("SELECT id FROM targets")) == before + allowed


def test_in_words_nobody_sets_their_own(plan: Plan) -> None:
    plan.chat.rep("set my target to 10k").says("nobody sets their own")
    plan.chat.manager("raise my target by 10k from July because I can").says("nobody sets their own")


def actor(name: str, *roles: str) -> Actor:
    return Actor(name, name, "", frozenset(roles))


RAE = TargetOf(frozenset({"rae"}), frozenset({"max", "lee"}))
OF_MAX = AdjustmentOf("max", frozenset({"rae"}))


@pytest.mark.parametrize(
    ("who", "action", "subject", "allowed"),
    [
        (actor("max", "manager"), "set a target", RAE, True),
        (actor("lee", "leader"), "set a target", RAE, True),
        (actor("ada", "admin"), "set a target", RAE, True),
        (actor("rae", "rep"), "set a target", RAE, False),
        (actor("rae", "rep", "admin"), "set a target", RAE, False),
        (actor("sam", "rep"), "set a target", RAE, False),
        (actor("max", "manager"), "withdraw an adjustment", OF_MAX, True),
        (actor("lee", "leader"), "withdraw an adjustment", OF_MAX, False),
        (actor("ada", "admin"), "withdraw an adjustment", OF_MAX, True),
        (actor("rae", "rep", "admin"), "withdraw an adjustment", OF_MAX, False),
        (actor("rae", "rep"), "answer for a target", frozenset({"rae"}), True),
        (actor("ada", "admin"), "answer for a target", frozenset({"rae"}), False),
        (actor("ada", "admin"), "change people", None, True),
        (actor("max", "manager", "leader"), "change people", None, False),
    ],
)
def test_the_rules(who: Actor, action: str, subject: object, allowed: bool) -> None:
    assert isinstance(may(who, action, subject), Allowed) == allowed
