"""What a manager makes of a claimed win is told to its owner, once, when they may be written to; on SQLite."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.chat import COMPANY, Chat, Speaker
from tests.test_wins import ELDER, bring, company, hear, latest, opened

CONFIRMED = "Max Stone confirmed your win of Acme Corporation, $50,000. It counts from now on."
GONE = "The win of Acme Corporation, $50,000, was taken back by Max Stone, and is in no number any more."
AGAIN = (
    "Max Stone took back the confirmation of your win of Acme Corporation, $50,000. It is claimed again: it counts "
    "once a manager, an admin or an import confirms it."
)


@pytest.fixture
def chat(database_url: str) -> Iterator[Chat]:
    talking = opened(database_url, company(milestones=()))
    yield talking
    talking.close()


def new(chat: Chat, who: Speaker, before: list[str]) -> list[str]:
    hear(chat)
    return who.inbox()[len(before) :]


def test_its_owner_reads_that_the_manager_confirmed_it_and_why_and_how_to_stop_it(chat: Chat) -> None:
    chat.rep("/win Acme $50k")
    before = chat.rep.inbox()
    chat.manager("/deal Acme won").says("Confirmed")
    assert new(chat, chat.rep, before) == [CONFIRMED]
    why = latest(chat, chat.rep).press("Why this?").says("You got this because you won, helped, or manage who did.")
    assert {"Snooze a week", "Turn off", "Settings"} <= set(why.buttons)
    assert new(chat, chat.manager, chat.manager.inbox()) == []


def test_it_waits_for_the_morning_and_says_what_is_so_then(chat: Chat) -> None:
    chat.rep("/win Acme $50k")
    chat.later(hours=12.5)
    before = chat.rep.inbox()
    confirmed = chat.manager("/deal Acme won")
    assert new(chat, chat.rep, before) == [], "at night"
    confirmed.press("Undo").says("claimed")
    chat.later(minutes=1)
    chat.admin("Acme is now 60k").says("Confirmed")
    chat.later(hours=12)
    assert new(chat, chat.rep, before) == [
        "Ada Wu confirmed your win of Acme Corporation, $60,000, which was $50,000 so far. It counts from now on."
    ]


def test_a_confirmation_that_is_undone_is_told_to_who_read_of_it(chat: Chat) -> None:
    chat.rep("/win Acme $50k")
    before = chat.rep.inbox()
    confirmed = chat.manager("/deal Acme won")
    hear(chat)
    confirmed.press("Undo")
    assert new(chat, chat.rep, before) == [CONFIRMED, AGAIN]


def test_who_turned_it_off_reads_nothing_nor_does_who_confirms_their_own(chat: Chat) -> None:
    chat.rep("/win Acme $50k")
    chat.rep("turn off wins").says("Turned off")
    before = chat.rep.inbox()
    chat.manager("/deal Acme won").says("Confirmed")
    chat.admin("/win Initech $20k")
    own = chat.admin.inbox()
    chat.admin("/deal Initech is now 21k")
    assert new(chat, chat.rep, before) == []
    assert not [one for one in new(chat, chat.admin, own) if "confirmed your win" in one]


@pytest.mark.parametrize("routes", [True, False])
def test_that_it_is_not_won_is_told_also_where_nobody_else_has_read_of_it(database_url: str, routes: bool) -> None:
    chat = opened(database_url, company(milestones=()) if routes else COMPANY)
    try:
        chat.rep("/win Acme $50k")
        if routes:
            latest(chat, chat.rep).press("Not now")
        before = chat.rep.inbox()
        chat.manager("/deal lost Acme, price").press("$50,000, won today, claimed").says("Lost")
        assert new(chat, chat.rep, before) == [GONE]
        assert not [one for one in chat.manager.inbox() if one == GONE]
    finally:
        chat.close()


def test_a_win_that_stands_in_its_channel_is_said_to_be_gone_once(chat: Chat) -> None:
    chat.rep("/win Acme $50k")
    latest(chat, chat.rep).press("Announce")
    before = chat.rep.inbox()
    chat.manager("/deal lost Acme, price").press("$50,000, won today, claimed")
    assert new(chat, chat.rep, before) == [f"{GONE} The announcement says so too."]


def test_an_import_that_confirms_it_says_no_more_than_it_did(chat: Chat) -> None:
    bring(chat, ELDER)
    chat.rep("/win Acme $50k")
    latest(chat, chat.rep).press("Not now")
    before = chat.rep.inbox()
    bring(chat, ELDER, "D-1,Acme Corporation,Rae Quinn,50000,Closed Won,2026-11-18\n")
    assert new(chat, chat.rep, before) == []
