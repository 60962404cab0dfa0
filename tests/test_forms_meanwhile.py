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
    asked.problem("amount", "While the form was open, somebody put “90000 USD” here. Send it again")
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
    late.fill(due="2026-11-30").problem("due", "somebody put “2026-11-27” here")
    chat.rep("/todo list").press("Done")
    third.fill(due="2026-12-01").problem("due", "“2026-11-27”")
    third.fill(due="2026-12-01").says("It is done already: Send NDA to Globex.")


def test_a_person(chat: Chat) -> None:
    east_of(chat)
    first, second, third = (chat.admin("people Rae").press("Change") for _ in range(3))
    first.fill(manager="Lee", zone="Europe/Berlin").says("Changed")
    second.fill(country="DE").says("country DE").lacks("manager nobody", "manager Max", "zone")
    third.fill(manager="").problem("manager", "somebody put “Lee Park” here")
    chat.admin("people Rae").says("Lee Park", "Europe/Berlin")
