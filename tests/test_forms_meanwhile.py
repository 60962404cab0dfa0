"""A form that stood open writes what its sender changed, and undoes nothing of what others did meanwhile."""

from __future__ import annotations

from tests.chat import Chat
from tests.quota_team import east_of


def test_a_deal(chat: Chat) -> None:
    east_of(chat)
    said = chat.rep("/deal Acme negotiation 60k")
    first, second, third = (said.press("Edit") for _ in range(3))
    chat.manager("/deal Acme 90k")
    first.fill().says("Nothing to change: Acme Corporation, negotiation, $90,000")
    second.fill(type="renewal").says("negotiation, $90,000", "Type: new → renewal.").lacks("Amount")
    asked = third.fill(amount="70k", product="Suite")
    asked.problem("amount", "While the form was open, somebody put “$90,000” here. Send it again")
    chat.rep("/deal Acme").says("$90,000").lacks("Suite")
    third.fill(amount="70k", product="Suite").says("Amount: $90,000 → $70,000.", "Suite", "renewal")


def test_an_action_item(chat: Chat) -> None:
    east_of(chat)
    chat.manager("one-to-one with Rae").press("Action item").fill(text="Send NDA", owner="them", due="2026-11-25")
    first, second, third = (chat.rep("/todo list").press("Change") for _ in range(3))
    open_items = chat.manager("one-to-one with Rae").press("Open items")
    theirs, late = open_items.press("Change"), open_items.press("Change")
    theirs.fill(text="Send NDA to Globex").says("Changed: Rae Quinn: Send NDA to Globex, due Wed, Nov 25.")
    first.fill().says("Nothing was different: Send NDA to Globex, due Wed, Nov 25.")
    second.fill(due="2026-11-27").says("Changed: Send NDA to Globex, due Fri, Nov 27.")
    late.fill(due="2026-11-30").problem("due", "somebody put “Fri, Nov 27” here")
    chat.rep("/todo list").press("Done")
    third.fill(due="2026-12-01").says("It is done already: Send NDA to Globex.")


def test_a_person(chat: Chat) -> None:
    east_of(chat)
    first, second, third = (chat.admin("people Rae").press("Change") for _ in range(3))
    first.fill(manager="Lee", zone="Europe/Berlin").says("Changed")
    second.fill(country="DE").says("country DE").lacks("manager nobody", "manager Max", "zone")
    third.fill(manager="").problem("manager", "somebody put “Lee Park” here")
    chat.admin("people Rae").says("Lee Park", "Europe/Berlin")


def test_a_target(chat: Chat) -> None:
    east_of(chat)
    chat.manager("/target set Rae").fill(amount="1.2M", spread="20 25 25 30").says("Now: $1,200,000")
    first, second, third, fourth = (chat.manager("/target Rae").press("Set") for _ in range(4))
    chat.leader("/target set Rae").fill(amount="1.5M", ramped="yes").says("Now: $1,500,000", "Spread: 20 25 25 30 %")
    first.fill().says("That is Rae Quinn's target already", "$1,500,000, ramped")
    second.fill(spread="even", reason="no summer").says("Now: $1,500,000", "ramp").lacks("Spread")
    third.fill(amount="1,500,000").says("That is Rae Quinn's target already")
    asked = fourth.fill(amount="1.3M")
    asked.problem("amount", "While the form was open, somebody put “$1,500,000” here. Send it again")
    chat.manager("/target Rae").says("$1,500,000")
    fourth.fill(amount="1.3M").says("Before: $1,500,000", "Now: $1,300,000", "ramp").lacks("Spread")


def test_a_target_said_in_words(chat: Chat) -> None:
    """Words say an amount: how it is spread is left alone, on the button and in the form that they open."""
    east_of(chat)
    asked = chat.manager("set Rae's target to $1.3M for 2026")
    form = asked.press("Change it first")
    shown = {field.name: field.value for field in form.form.fields}
    assert (shown["who"], shown["amount"]) == ("Rae Quinn", "$1.3M")
    chat.leader("/target set").fill(who="Rae", amount="1M", spread="20 25 25 30").says("Now: $1,000,000")
    asked.press("Set it").says("Before: $1,000,000", "Now: $1,300,000", "Spread: 20 25 25 30 %")
    chat.leader("/target set").fill(who="Rae", amount="900k").says("Now: $900,000", "Spread: 20 25 25 30 %")
    form.fill().problem("amount", "somebody put “$900,000” here")
    form.fill().says("Before: $900,000", "Now: $1,300,000", "Spread: 20 25 25 30 %")


def test_an_adjustment(chat: Chat) -> None:
    """Two people see to the same thing: the second one hears of the first before anything is added to it."""
    east_of(chat)
    chat.manager("/target set Rae").fill(amount="1.2M")
    mine, theirs = chat.manager("/target Rae").press("Adjust"), chat.leader("/target Rae").press("Adjust")
    assert mine.form.intro == "Bookings target for 2026: $1,200,000."
    theirs.fill(amount="50k", reason="new territory").says("Now: $1,250,000")
    asked = mine.fill(amount="50k", reason="new territory")
    asked.problem("amount", "somebody changed the target. Bookings target for 2026: $1,250,000. Send it again")
    chat.manager("/target Rae").says("$1,250,000")
    mine.fill(how="to", amount="1.26M", reason="new territory").says("Before: $1,250,000", "Change: +$10,000")
