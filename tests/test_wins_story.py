"""Words about a win that are not lost: whose story it is, and what the form that edits it changes; on SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from storage import tables
from storage.database import Transaction
from tests.chat import Chat
from tests.test_wins import ELDER, bookings, bring, channel, company, hear, latest, opened

LONG = "they chose us for our long onboarding"


@pytest.fixture
def chat(database_url: str) -> Iterator[Chat]:
    talking = opened(database_url, company(milestones=()))
    yield talking
    talking.close()


def story(chat: Chat) -> str:
    (row,) = chat.rows("SELECT story FROM wins")
    return str(row["story"])


@pytest.mark.parametrize("decide", ["Keep it private", "Not now"])
def test_who_decides_who_hears_of_a_win_does_not_own_its_story(chat: Chat, decide: str) -> None:
    chat.rep(f"/win Acme $50k, {LONG}")
    chat.manager("/win Acme")
    latest(chat, chat.manager).press(decide)
    chat.manager("/win Acme, my words replace the words of the owner")
    assert story(chat) == LONG
    offered = [one for one in chat.shown(chat.manager) if "Shall yours stand behind it" in one.text]
    assert len(offered) == 1
    chat.rep("/win Acme – told anew by me")
    assert story(chat) == "told anew by me", "its owner says so, whoever decided"
    chat.manager("/win Acme")
    latest(chat, chat.manager).press("Announce").says("Announced")
    assert "“told anew by me”" in channel(chat)[0]


def test_won_again_by_somebody_elses_word_it_keeps_its_owners_story(chat: Chat) -> None:
    chat.rep(f"/win Acme $50k, {LONG}")
    chat.rep("/deal lost Acme, price").press("$50,000, won today, claimed")
    chat.manager("/win Acme $50k, as I remember it").press("Yes, won after all")
    assert story(chat) == LONG
    chat.manager("/win Acme, and once more as I remember it")
    assert story(chat) == LONG


def test_who_mends_anothers_story_by_form_does_not_take_it_over(chat: Chat) -> None:
    chat.rep(f"/win Acme $50k, {LONG}")
    chat.manager("/win Acme")
    latest(chat, chat.manager).press("Edit").fill(story=f"{LONG}.")
    chat.manager("/win Acme, my words")
    assert story(chat) == f"{LONG}."
    latest(chat, chat.rep).press("Edit").fill(story="")
    chat.manager("/win Acme, my words")
    assert story(chat) == "my words", "nobody's stood there"
    chat.manager("/win Acme, my other words")
    assert story(chat) == "my other words"


# ---------------------------------------------------------------- the form that edits it


def leave(chat: Chat, name: str) -> None:
    def left(tx: Transaction) -> None:
        gone = tables.people.update().where(tables.people.c.name == name)
        tx.execute(gone, {"left_at": chat.now - timedelta(days=1)})

    chat.database.submit(left).result()


def test_a_helper_who_has_left_keeps_nobody_from_telling_how_it_went(chat: Chat) -> None:
    chat.rep("/win Acme $50k with @lee")
    leave(chat, "Lee Park")
    edit = latest(chat, chat.rep).press("Edit")
    edit.fill(story="A good one").says("“A good one”", "With: Lee Park")
    latest(chat, chat.rep).press("Edit").fill(helpers="Lee Park, Max").says("With: Lee Park and Max Stone")
    edit = latest(chat, chat.rep).press("Edit")
    edit.fill(helpers="Max, Ada").says("With: Max Stone and Ada Wu").lacks("Lee Park")
    latest(chat, chat.rep).press("Edit").fill(helpers="Lee Park").problem("helpers", "“Lee Park”")


def test_story_and_reader_changed_at_once_reach_who_read_it_privately(chat: Chat) -> None:
    chat.rep("/win Acme $50k, as it was told first")
    latest(chat, chat.rep).press("Keep it private")
    hear(chat)
    latest(chat, chat.manager).says("“as it was told first”")
    latest(chat, chat.rep).press("Edit").fill(story="as it is told now", who="public").says("Shall I announce it")
    latest(chat, chat.manager).says("“as it is told now”").lacks("told first")
    assert channel(chat) == []


@pytest.mark.parametrize(("who", "next_one"), [("private", "is kept private"), ("none", "is told to nobody")])
def test_a_choice_that_comes_after_an_import_announced_it_is_answered_and_kept(
    chat: Chat, who: str, next_one: str
) -> None:
    bring(chat, ELDER)
    chat.rep("/win Acme $50k")
    early, late = latest(chat, chat.rep).press("Edit"), latest(chat, chat.rep).press("Edit")
    bring(chat, ELDER, "D-1,Acme Corporation,Rae Quinn,50000,Closed Won,2026-11-18\n")
    assert len(channel(chat)) == 1
    early.fill(who=who).says(
        "Acme Corporation was announced in wins while the form was open, and stands there.",
        f"Your choice holds from your next win on: that one {next_one}.",
    ).lacks("like that already", "corrected")
    late.fill(who=who, story="A long road").says("and stands there.", "What else you changed is corrected there.")
    assert ["“A long road”" in one for one in channel(chat)] == [True]
    assert [row["wins"] for row in chat.rows("SELECT wins FROM preferences")] == [who]
    chat.rep("won Initech 20k")
    assert len(channel(chat)) == 1
    assert ("Kept private, as you chose" in latest(chat, chat.rep).text) == (who == "private")


# ---------------------------------------------------------------- where wins are announced nowhere


def test_without_a_channel_words_and_helpers_are_kept_and_nothing_is_sent(database_url: str) -> None:
    chat = opened(database_url, company(routes=()))
    try:
        bookings(chat, rae=4_00)
        chat.rep(f"/win Acme $50k with @lee, {LONG}").says("Won: Acme Corporation, $50,000")
        latest(chat, chat.rep).says("Won: Acme Corporation")
        chat.rep("/win Acme with @max")
        assert chat.rows("SELECT key FROM outbox WHERE topic = 'win'") == []
        chat.manager("/deal Acme won").says("Confirmed")
        chat.rep("Acme is now 60k")
        hear(chat)
        assert story(chat) == LONG
        assert len(chat.rows("SELECT person FROM win_helpers")) == 2
        assert chat.rows("SELECT key FROM milestones") == []
        chat.admin("/deal lost Acme, price").press("$50,000, won today")
        chat.rep("/deal reopen Acme")
        chat.rep("/win Acme $50k")
        assert story(chat) == LONG
        assert channel(chat) == []
        chat.manager("/win Acme, how I remember it")
        latest(chat, chat.manager).says(f"it stays: “{LONG}”", "“how I remember it”").press("Add mine")
        assert story(chat) == f"{LONG} · Max Stone: how I remember it"
    finally:
        chat.close()
