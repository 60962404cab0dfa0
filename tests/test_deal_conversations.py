"""`/deal` as people use it, on both databases; the clock stands at Wed 18 Nov 2026, 10:00, with the month first."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from storage import accounts, deals, people, targets, units
from storage.database import Transaction
from tests.chat import NOW, Chat, Speaker

ACME = "/deal Acme negotiation $60k closes 15 Dec"


def kept(chat: Chat) -> list[tuple[str, str, int | None, str | None]]:
    """Account, stage, amount and close of what stands."""
    rows = chat.rows(
        "SELECT accounts.name, stage, amount_minor, closes_on FROM deals JOIN accounts ON accounts.id = deals.account "
        "WHERE voided_at IS NULL ORDER BY deals.id"
    )
    return [
        (row["name"], row["stage"], row["amount_minor"], str(row["closes_on"]) if row["closes_on"] else None)
        for row in rows
    ]


def credited(chat: Chat) -> int:
    rows = chat.rows("SELECT amount_minor FROM credits WHERE voided_at IS NULL")
    return sum(row["amount_minor"] for row in rows)


def changes(chat: Chat) -> list[dict[str, Any]]:
    return chat.rows("SELECT reason, said, undone_at FROM deal_changes ORDER BY at, id")


# ---------------------------------------------------------------- how it stands


def test_a_line_adds_a_deal_of_ones_own(chat: Chat) -> None:
    heard = chat.rep(ACME).says("New deal: Acme Corporation, negotiation, $60,000, closes Tue, Dec 15.")
    assert heard.buttons == ["Undo", "Edit"]
    assert kept(chat) == [("Acme Corporation", "negotiation", 6_000_000, "2026-12-15")]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("Acme moved to won", "Won: Acme Corporation, $60,000, today"),
        ("deal Acme proposal", "Stage: negotiation → proposal"),
        ("/pacer deal Acme is now 80k", "Amount: $60,000 → $80,000"),
        ("Acme is now €70k", "Amount: $60,000 → €70,000"),
        ("Acme pulled in to 1 December", "Closes: Tue, Dec 15 → Tue, Dec 1"),
        ("@Pacer /deal Acme renewal product GTX Pro", "Type: new → renewal"),
    ],
)
def test_the_accounts_open_deal_changes_and_the_reply_says_from_what_to_what(chat: Chat, typed: str, told: str) -> None:
    chat.rep(ACME)
    heard = chat.rep(typed)
    if "renewal" in typed:
        heard = heard.says("Which deal with Acme Corporation").press("negotiation, $60,000, closes Tue, Dec 15")
    heard.says(told)
    assert len(kept(chat)) == 1


def test_said_again_nothing_changes(chat: Chat) -> None:
    chat.rep(ACME)
    chat.rep(ACME).says("Nothing to change: Acme Corporation, negotiation, $60,000, closes Tue, Dec 15.")
    assert len(changes(chat)) == 1


def test_what_was_not_understood_is_said_and_names_a_new_deal(chat: Chat) -> None:
    chat.rep("/deal Acme Phase 2 rollout proposal 60k").says("New deal: Acme Corporation (Phase 2 rollout)")
    chat.rep("/deal Acme gobbledygook 70k").says("Amount: $60,000 → $70,000", "I did not understand “gobbledygook”")


def test_an_amount_without_a_currency_keeps_the_deals(chat: Chat) -> None:
    chat.rep("/deal Acme proposal €50k")
    chat.rep("Acme is now 60k").says("Amount: €50,000 → €60,000")


def test_an_account_alone_shows_its_deals(chat: Chat) -> None:
    chat.rep("/deal Acme").says("I know no deal with Acme Corporation yet")
    chat.rep(ACME)
    shown = chat.rep("deal Acme").says("Acme Corporation: negotiation, $60,000, closes Tue, Dec 15.")
    assert shown.buttons == ["Won", "Lost", "Edit", "New deal"]
    shown.press("Won").says("Won: Acme Corporation, $60,000, today")


def test_nothing_that_is_not_a_deal_is_taken_for_one(chat: Chat) -> None:
    chat.rep("call Acme").says("Logged: call with Acme Corporation")
    chat.rep("sent proposal to Acme $60k").says("Logged: proposal")
    chat.rep("met Initech, won the deal").says("Logged: meeting with Initech")
    chat.rep("who won Acme?").never("Won:")
    assert kept(chat) == []


def test_two_accounts_in_a_line_are_refused_whole(chat: Chat) -> None:
    chat.rep("/deal won Acme and Initech").says("several accounts", "won Acme and Initech")
    chat.rep("/deal everything is fine").says("no account", "everything is fine")
    assert kept(chat) == []


# ---------------------------------------------------------------- what is not clear is asked


def test_which_of_several_open_deals(chat: Chat) -> None:
    chat.rep(ACME)
    chat.rep("/deal new deal with Acme, Phase 2 20k")
    asked = chat.rep("Acme moved to proposal").says("Which deal with Acme Corporation do you mean")
    assert asked.buttons == [
        "Phase 2: prospecting, $20,000",
        "negotiation, $60,000, closes Tue, Dec 15",
        "A new deal",
        "Never mind",
    ]
    asked.press("Phase 2: prospecting, $20,000").says("Changed: Acme Corporation (Phase 2), proposal")
    chat.rep("/deal Acme phase 2 negotiation").says("Stage: proposal → negotiation").never("did not understand")
    assert [row[1] for row in kept(chat)] == ["negotiation", "negotiation"]


def test_which_account(chat: Chat) -> None:
    chat.rep("/deal woodgrove 20k").says("Woodgrove Bank or Woodgrove Leasing")
    chat.rep("the bank").says("New deal: Woodgrove Bank, prospecting, $20,000")


def test_an_unknown_account_is_created_with_the_deal_or_not_at_all(chat: Chat) -> None:
    chat.rep("/deal Stark Industries proposal 45k").says("no account called Stark Industries").press("Never mind")
    assert kept(chat) == []
    chat.rep("/deal Stark Industries proposal 45k").press("Create Stark Industries").says("New deal: Stark Industries")
    chat.rep("Stark Industries is now 50k").says("Amount: $45,000 → $50,000")


def test_a_day_that_does_not_exist(chat: Chat) -> None:
    chat.rep("/deal Acme 20k closes 31 feb").says("“31 feb” is no date").press("Yes, Sun, Feb 28, 2027").says("Feb 28")


def test_a_doubtful_win_is_asked_for(chat: Chat) -> None:
    chat.rep(ACME)
    asked = chat.rep("/deal Acme not won yet").says("Is Acme Corporation won already?")
    assert kept(chat)[0][1] == "negotiation"
    asked.press("Never mind").says("Dropped")


def test_a_question_goes_on_once(chat: Chat) -> None:
    chat.rep(ACME)
    asked = chat.rep("lost Acme")
    asked.press("Price").says("Lost: Acme Corporation")
    asked.press("A competitor").says("done already")
    assert len(changes(chat)) == 2


# ---------------------------------------------------------------- slips and losses have a reason


def test_a_slip_needs_a_reason(chat: Chat) -> None:
    chat.rep(ACME)
    asked = chat.rep("Acme slipped to January").says("from Tue, Dec 15 to Sun, Jan 31, 2027. Why?")
    assert kept(chat)[0][3] == "2026-12-15"
    asked.press("Their budget").says("Closes: Tue, Dec 15 → Sun, Jan 31, 2027.", "Reason: Their budget.")
    assert changes(chat)[-1]["reason"] == "Their budget"


def test_a_reason_in_ones_own_words_by_message_or_in_the_line(chat: Chat) -> None:
    chat.rep(ACME)
    chat.rep("/deal Acme closes January").says("Why?")
    chat.rep("waiting for their new CFO").says("Reason: waiting for their new CFO.")
    chat.rep("Acme pushed out a month, reorg").says("Sun, Jan 31, 2027 → Sun, Feb 28, 2027", "Reason: reorg.")


def test_a_line_of_its_own_is_no_reason(chat: Chat) -> None:
    chat.rep(ACME)
    chat.rep("lost Acme").says("Why was Acme Corporation lost?")
    chat.rep("call Initech").says("Logged: call with Initech", "“lost Acme” still waits for a reason.")
    chat.rep("note about Max: the raise").says("only for you: the raise", "“lost Acme” still waits for a reason.")
    assert kept(chat)[0][1] == "negotiation"
    chat.rep("their budget").says("Lost: Acme Corporation").lacks("still waits")


def test_within_the_month_and_earlier_is_no_slip(chat: Chat) -> None:
    chat.rep(ACME)
    chat.rep("Acme closes 20 Dec").says("Changed: Acme Corporation")
    chat.rep("Acme pulled in to 30 Nov").says("Changed: Acme Corporation")


def test_a_slip_without_a_date_is_asked_when(chat: Chat) -> None:
    chat.rep(ACME)
    asked = chat.rep("Acme slipped").says("When does Acme Corporation close now?")
    assert asked.buttons == ["Sun, Jan 31, 2027", "Sun, Feb 28, 2027", "Wed, Mar 31, 2027", "Never mind"]
    chat.rep("15 January").says("Why?").press("No reason given").says("Closes: Tue, Dec 15 → Fri, Jan 15, 2027.")


def test_a_loss_keeps_its_reason(chat: Chat) -> None:
    chat.rep(ACME)
    chat.rep("lost Acme, price").says(
        "Lost: Acme Corporation, $60,000, today", "Stage: negotiation → lost", "Reason: price"
    )
    assert chat.rows("SELECT loss_reason FROM deals") == [{"loss_reason": "price"}]
    chat.rep("reopen Acme").says("Stage: lost → negotiation")
    assert chat.rows("SELECT loss_reason, closes_on FROM deals") == [{"loss_reason": None, "closes_on": None}]


def test_a_loss_of_what_nobody_knew_is_added_only_when_meant(chat: Chat) -> None:
    chat.rep("lost Initech, price").says("no open deal with Initech").press("Add it as lost").says("Lost: Initech")
    assert [row[:2] for row in kept(chat)] == [("Initech", "lost")]


# ---------------------------------------------------------------- wins


def test_a_win_said_by_its_owner_is_claimed_and_counts_once_a_manager_says_so(chat: Chat) -> None:
    chat.rep(ACME)
    chat.rep("Acme won yesterday").says("Won: Acme Corporation, $60,000, yesterday, claimed", "It is claimed")
    assert credited(chat) == 0
    listed = chat.manager("deals").says("1 claimed win to confirm: Acme Corporation (Rae Quinn)")
    listed.press("Confirm").says("Confirmed: Acme Corporation, $60,000, yesterday.").never("claimed")
    assert credited(chat) == 6_000_000
    listed.press("Confirm").says("counts already")
    assert credited(chat) == 6_000_000


def test_what_is_confirmed_is_what_was_seen(chat: Chat) -> None:
    """A claimed win is still its owner's to change, so *Confirm* is for the amount and day that stood beside it."""
    chat.rep(ACME)
    chat.rep("Acme won yesterday")
    listed = chat.manager("deals")
    chat.rep("Acme is now 600k")
    again = listed.press("Confirm").says("was changed since you saw it", "$600,000", "Nothing is confirmed yet")
    assert credited(chat) == 0
    again.press("Confirm").says("Confirmed: Acme Corporation, $600,000, yesterday.")
    assert credited(chat) == 60_000_000


def test_nobody_confirms_a_win_that_they_have_a_share_of(chat: Chat) -> None:
    def share(tx: Transaction) -> None:
        ids = {one.name.split()[0]: one.id for one in people.everybody(tx)}
        acme = accounts.named(tx, "Acme Corporation")
        assert acme is not None
        won = deals.Deal(
            id="shared", account=acme.id, stage="won", owner=ids["Rae"], created_on=date(2026, 11, 2),
            closes_on=date(2026, 11, 10), amount_minor=10_000_000, currency="USD", claimed=True,
        )  # fmt: skip
        halves = [deals.Share(ids["Rae"], 600_000), deals.Share(ids["Max"], 400_000)]
        deals.add(tx, won, halves, at=chat.now, by=None)

    chat.database.submit(share).result()
    chat.manager("deals").press("Confirm").says("not by the owner nor by who has a share of it")
    chat.manager("Acme won").never("Confirmed")
    assert credited(chat) == 0
    chat.admin("Acme won").says("Confirmed: Acme Corporation")
    chat.manager("Acme is now 900k").says("nobody changes their own credit")
    assert credited(chat) == 10_000_000


def test_a_manager_who_says_it_confirms_it(chat: Chat) -> None:
    chat.rep(ACME)
    chat.rep("won Acme")
    chat.manager("Acme won").says("Confirmed: Acme Corporation")
    assert credited(chat) == 6_000_000
    chat.manager("undo").says("Undone: Acme Corporation is again", "claimed")
    assert credited(chat) == 0


def test_a_win_of_a_day_that_has_come_further_east_is_confirmed(chat: Chat) -> None:
    def move(tx: Transaction) -> None:
        for table in ("people", "identities"):
            tx.connection.exec_driver_sql(f"UPDATE {table} SET zone = 'Asia/Tokyo' WHERE email = 'rae@test.example'")

    chat.database.submit(move).result()
    chat.later(hours=3)
    chat.rep(ACME)
    chat.rep("won Acme").says("Won: Acme Corporation")
    assert chat.rows("SELECT closes_on FROM deals")[0]["closes_on"] in ("2026-11-19", date(2026, 11, 19))
    chat.manager("Acme won").says("Confirmed: Acme Corporation")
    assert credited(chat) == 6_000_000


def test_a_win_that_counts_is_not_its_owners_to_change(chat: Chat) -> None:
    chat.rep(ACME)
    chat.manager("Acme won").says("Won: Acme Corporation, $60,000, today.")
    for typed in ("Acme is now 90k", "/deal reopen Acme", "undo"):
        chat.rep(typed).never("Changed", "Undone")
    chat.rep("Acme is now 90k").says("nobody changes their own credit")
    chat.manager("Acme is now 90k").says("Amount: $60,000 → $90,000")
    assert credited(chat) == 9_000_000


def test_ones_own_win_is_confirmed_by_somebody_else(chat: Chat) -> None:
    chat.manager("/deal Initech won 10k").says("It is claimed").never("Confirm")
    chat.manager("Initech won 10k").says("Nothing to change")
    assert credited(chat) == 0
    chat.admin("Initech won").says("Confirmed: Initech")
    assert credited(chat) == 1_000_000


def test_the_words_of_a_form_hold_days_as_people_read_them(chat: Chat) -> None:
    chat.rep("/deal").fill(account="Initech", amount="$10k", closes="2026-11-23", stage="proposal").says("Initech")
    chat.rep("undo").shows("Your words were: Initech", "Mon, Nov 23").never("2026-11-23")
    chat.rep("undo").says("undone already", "Mon, Nov 23").lacks("2026-11-23")


def test_a_win_undone_counts_no_more(chat: Chat) -> None:
    chat.rep(ACME)
    won = chat.manager("Acme won")
    won.press("Undo").says("Undone: Acme Corporation is again negotiation, $60,000, closes Tue, Dec 15.")
    won.press("Undo").says("done already")
    assert credited(chat) == 0
    assert kept(chat) == [("Acme Corporation", "negotiation", 6_000_000, "2026-12-15")]


def test_a_win_lost_after_all_is_asked_for(chat: Chat) -> None:
    chat.rep(ACME)
    chat.manager("Acme won")
    asked = chat.manager("lost Acme, they cancelled").says("no open deal", "won today")
    asked.press("$60,000, won today").says("Lost: Acme Corporation", "Reason: they cancelled")
    assert credited(chat) == 0


def test_a_missing_rate_keeps_the_win_claimed_and_is_named(chat: Chat) -> None:
    chat.rep("/deal Acme proposal 50,000 GBP")
    chat.manager("Acme won").says("no rate from GBP to USD for 2026", "claimed")
    chat.manager("deals").press("Confirm").says("no rate from GBP to USD for 2026, so this win cannot be counted")
    chat.database.submit(lambda tx: targets.put_rate(tx, 2026, "GBP", Decimal("1.25"), at=NOW)).result()
    chat.manager("deals").press("Confirm").says("Confirmed")
    assert credited(chat) == 6_250_000


def test_a_win_is_not_ahead(chat: Chat) -> None:
    chat.rep("/deal Acme won 60k 2026-12-24").says("has not", "Dec 24")
    assert kept(chat) == []


# ---------------------------------------------------------------- undo and edit


def test_undo_takes_back_exactly_that_change(chat: Chat) -> None:
    chat.rep(ACME)
    moved = chat.rep("Acme moved to proposal")
    chat.rep("Acme is now 80k")
    moved.press("Undo").says("Undone: Acme Corporation is again negotiation, $80,000")
    chat.rep("undo").says("again negotiation, $60,000")
    chat.rep("undo").says("undone already")


def test_undo_is_refused_when_the_same_was_changed_since(chat: Chat) -> None:
    chat.rep(ACME)
    mine = chat.rep("Acme is now 80k")
    chat.manager("Acme is now 90k")
    mine.press("Undo").says("was changed since, by Max Stone")
    assert kept(chat)[0][2] == 9_000_000


def test_undo_of_a_new_deal_removes_it(chat: Chat) -> None:
    made = chat.rep(ACME)
    made.press("Undo").says("That deal is gone")
    assert kept(chat) == []
    made.press("Edit").says("taken back meanwhile")


def test_undo_takes_back_whichever_was_last(chat: Chat) -> None:
    chat.rep(ACME)
    chat.later(minutes=1)
    chat.rep("call Initech")
    chat.rep("undo").says("Undone: call with Initech")
    chat.later(minutes=1)
    chat.rep("Acme is now 80k")
    chat.rep("oops").says("again negotiation, $60,000")


def test_undo_has_a_set_time(chat: Chat) -> None:
    chat.rep(ACME)
    chat.later(minutes=61)
    chat.rep("undo").says("more than 60 minutes")


def test_edit_opens_the_form_filled_and_asks_for_reasons(chat: Chat) -> None:
    opened = chat.rep(ACME).press("Edit")
    assert {field.name: field.value for field in opened.form.fields} == {
        "stage": "negotiation",
        "amount": "60000 USD",
        "closes": "2026-12-15",
        "type": "new",
        "product": "",
        "name": "",
        "reason": "",
    }
    opened.fill(closes="2027-01-20").problem("reason", "moves into a later month")
    opened.fill(stage="lost", closes="2026-11-18").problem("reason", "was lost")
    opened.fill(amount="lots").problem("amount", "cannot read “lots”")
    opened.fill(amount="70k", closes="2027-01-20", reason="budget").says("Amount: $60,000 → $70,000", "Reason: budget")
    assert kept(chat) == [("Acme Corporation", "negotiation", 7_000_000, "2027-01-20")]


def test_without_words_a_form_opens(chat: Chat) -> None:
    opened = chat.rep("/deal")
    opened.fill().problem("account", "which account")
    opened.fill(account="woodgrove").problem("account", "Woodgrove Bank or Woodgrove Leasing")
    opened.fill(account="acme", stage="proposal", amount="25k", name="Pilot").says(
        "New deal: Acme Corporation (Pilot), proposal, $25,000"
    )


# ---------------------------------------------------------------- whose it is


def test_who_may_change_a_deal(chat: Chat) -> None:
    """Its owner, everybody above the owner, admins; nobody else, and they read why."""

    def arrange(tx: Transaction) -> None:
        staff = {person.name: person for person in people.everybody(tx)}
        since = NOW.date() - timedelta(days=10)
        company = units.add(tx, "Testing", kind="company", parent=None, at=NOW)
        east = units.add(tx, "East", kind="team", parent=company, at=NOW)
        units.join(tx, east, staff["Rae Quinn"].id, since=since)
        units.join(tx, company, staff["Lee Park"].id, since=since, leads=True)

    chat.rep(ACME)
    chat.leader("lost Acme, price").says("1 open deal already, of Rae Quinn. That deal is not yours")
    chat.newcomer("Acme slipped to January").says("That deal is not yours")
    chat.newcomer("/deal Acme").says("1 open deal of Rae Quinn").never("60,000")
    chat.newcomer("/deal Acme proposal 5k").says("Shall I add a new deal, of yours?").press("A new deal of mine")
    assert [row[2] for row in kept(chat)] == [6_000_000, 500_000]
    chat.database.submit(arrange).result()
    for amount, speaker in ((61, chat.rep), (62, chat.manager), (63, chat.leader)):
        speaker(f"Acme is now {amount}k").says(f"→ ${amount},000")
    chat.admin("/deal Acme 64k").says("Which deal with Acme Corporation").press(
        "negotiation, $63,000, closes Tue, Dec 15"
    ).says("→ $64,000")


def test_a_deal_that_changed_hands_is_no_longer_ones_own(chat: Chat) -> None:
    heard = chat.rep(ACME)

    def hand_over(tx: Transaction) -> None:
        (lee,) = (person for person in people.everybody(tx) if person.name == "Lee Park")
        (row,) = deals.of_account(tx, str(chat.rows("SELECT account FROM deals")[0]["account"]))
        deals.change(tx, row.deal, _owned(row.deal, lee.id), at=NOW, by=None)

    chat.database.submit(hand_over).result()
    for label in ("Undo", "Edit"):
        heard.press(label).says("That deal is not yours")


def _owned(deal: deals.Deal, owner: str) -> deals.Deal:
    return replace(deal, owner=owner)


def test_a_newcomers_deals_come_along_when_they_are_linked(chat: Chat) -> None:
    chat.newcomer("/deal Initech won 10k")
    chat.newcomer("/deal Acme proposal 5k")
    chat.admin("Initech won").says("Confirmed")
    chat.admin("people").press("Link to a person").press("Nia Vail").says("is Nia Vail")
    chat.newcomer("deals").says("Your open deals: 1, $5,000 together.")
    sums = chat.rows(
        "SELECT people.name, credit_months.amount_minor, credit_months.deals FROM credit_months "
        "JOIN people ON people.id = credit_months.person"
    )
    assert sums == [{"name": "Nia Vail", "amount_minor": 1_000_000, "deals": 1}]
    assert chat.rows("SELECT people.name FROM credits JOIN people ON people.id = credits.person") == [
        {"name": "Nia Vail"}
    ]


# ---------------------------------------------------------------- my deals


def fill(speaker: Speaker) -> None:
    speaker("/deal Acme negotiation $60k closes 25 Nov")
    speaker("/deal Initech proposal €20k")
    speaker("/deal Green-Plus proposal 15k closes March")


def test_my_deals_and_what_needs_a_look(chat: Chat) -> None:
    chat.rep("deals").says("You have no open deals")
    fill(chat.rep)
    heard = chat.rep("/deal list").says(
        "Your open deals: 3, $75,000 and €20,000 together.",
        "Closing in the next 14 days: Acme Corporation: negotiation, $60,000, closes Wed, Nov 25.",
    )
    heard.shows("Initech | proposal | €20,000 | –").never("No change", "Past")


def test_a_list_stays_when_one_of_its_deals_is_changed(chat: Chat) -> None:
    fill(chat.rep)
    for words in ("/deal list", "/deal Acme"):
        listed = chat.rep(words)
        listed.press("Edit").fill(amount="61,000").says("Acme Corporation")
        assert listed.text in chat.rep.inbox(), words


def test_overdue_and_stuck_deals_have_buttons(chat: Chat) -> None:
    fill(chat.rep)
    chat.later(days=31)
    heard = chat.rep("my deals").says("Past their close date: Acme", "No change for 30 days: Green-Plus", "Initech")
    heard.press("Still right").says("Noted: Green-Plus stands as it is")
    chat.rep("my deals").says("No change for 30 days: Initech").never("No change for 30 days: Green-Plus")
    heard.press("Lost").says("Why was Acme Corporation lost?").press("Price").says("Lost: Acme Corporation")


def test_a_manager_without_deals_sees_those_of_the_reports(chat: Chat) -> None:
    fill(chat.rep)
    chat.manager("deals").says("Your reports' open deals: 3", "Acme Corporation (Rae Quinn)")
    chat.leader("deals").says("You have no open deals")


@pytest.mark.parametrize(("name", "called"), [("Spring fleet", "Spring fleet"), ("", "a deal without an account")])
def test_a_deal_without_an_account_is_closed_from_the_list(chat: Chat, name: str, called: str) -> None:
    def bring(tx: Transaction) -> None:
        rae = people.by_email(tx, "rae@test.example")
        assert rae is not None
        without = deals.Deal(
            id="alone", name=name, account=None, owner=rae.id, stage="proposal",
            amount_minor=90_000_00, currency="USD", created_on=chat.now.date(), closes_on=chat.now.date(),
        )  # fmt: skip
        deals.add(tx, without, [], at=chat.now, by=None)

    chat.database.submit(bring).result()
    chat.rep("/deal list").says(called).press("Won").says(called, "$90,000").lacks("None")
