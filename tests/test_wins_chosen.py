"""What its owner chose for a win holds, whatever an import, a reversal or somebody else's `/win` brings; on SQLite."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.chat import Chat
from tests.test_wins import ELDER, bring, channel, company, latest, opened

ACME = "D-1,Acme Corporation,Rae Quinn,50000,Closed {},2026-11-18\n"


@pytest.fixture
def chat(database_url: str) -> Iterator[Chat]:
    talking = opened(database_url, company(milestones=()))
    yield talking
    talking.close()


def nobody(chat: Chat) -> None:
    latest(chat, chat.rep).press("Edit").fill(who="none").says("Nobody is told")


def private(chat: Chat) -> None:
    latest(chat, chat.rep).press("Keep it private").says("Kept private")


def not_now(chat: Chat) -> None:
    latest(chat, chat.rep).press("Not now").says("is not announced")


@pytest.mark.parametrize("choose", [private, nobody, not_now])
def test_what_was_chosen_for_a_win_is_widened_by_its_owner_alone(chat: Chat, choose: Callable[[Chat], None]) -> None:
    bring(chat, ELDER)
    chat.rep("/win Acme $50k – between us")
    chat.manager("/win Acme")
    old = latest(chat, chat.manager)
    choose(chat)
    # The next one is public, and that choice is not this win's.
    chat.rep("/win Initech $20k")
    latest(chat, chat.rep).press("Announce")
    readers = len(chat.leader.inbox())
    chat.manager("/win Acme with @lee; everybody should know")
    given_back, said = chat.manager.inbox()[-2:]
    assert "everybody should know with Lee Park" in given_back
    assert "is for Rae Quinn to say" in said
    assert "between us" not in said
    old.press("Announce").says("was decided", "Rae Quinn may change it")
    for state in ("Won", "Lost", "Won"):
        bring(chat, ELDER, ACME.format(state))
    assert len(channel(chat)) == 1
    assert len(chat.leader.inbox()) == readers
    chat.rep("/win Acme")
    latest(chat, chat.rep).says("so far. Shall I announce it in wins?", "between us").press("Announce").says(
        "Announced"
    )
    assert len(channel(chat)) == 2


def test_a_manager_who_keeps_a_win_private_decides_for_that_win(chat: Chat) -> None:
    chat.rep("/win Acme $50k")
    chat.manager("/win Acme")
    latest(chat, chat.manager).press("Keep it private").says("Kept private:").lacks("next one")
    chat.rep("/win Green-Plus $10k")
    latest(chat, chat.rep).says("Shall I announce it in wins?")
    chat.rep("/win Acme")
    latest(chat, chat.rep).press("Announce").says("Announced")


def test_the_owners_story_stays_and_anothers_is_added_where_they_want_it(chat: Chat) -> None:
    chat.rep("/win Acme $50k – my tale")
    latest(chat, chat.rep).press("Announce")
    chat.manager("/win Acme – manager's tale")
    offered = latest(chat, chat.manager).says("it stays: “my tale”", "“manager's tale”")
    assert ["“my tale”" in one for one in channel(chat)] == [True]
    offered.press("Add mine").says("Corrected where it stands")
    offered.press("Add mine")
    assert ["“my tale · Max Stone: manager's tale”" in one for one in channel(chat)] == [True]
    chat.rep("/win Acme – told anew")
    assert ["“told anew”" in one for one in channel(chat)] == [True]


def test_a_win_told_beside_an_imported_open_deal_is_that_deal_once_the_file_says_won(chat: Chat) -> None:
    bring(chat, ELDER)
    chat.rep("/win Acme $50k – between us")
    latest(chat, chat.rep).press("Announce")
    opened = "D-1,Acme Corporation,Rae Quinn,50000,negotiation,2026-11-30\n"
    bring(chat, ELDER, opened)
    assert len(channel(chat)) == 1
    done = bring(chat, ELDER, ACME.format("Won"))
    living = "SELECT external_id, claimed FROM deals WHERE voided_at IS NULL AND external_id <> 'D-0'"
    assert channel(chat) == ["Rae Quinn won Acme Corporation: $50,000. “between us”. East: $50,000 won in Q4 2026."]
    assert chat.rows(living) == [{"external_id": "D-1", "claimed": 0}]
    bring(chat, ELDER, ACME.format("Won").replace("50000", "52000"))
    assert channel(chat) == ["Rae Quinn won Acme Corporation: $52,000. “between us”. East: $52,000 won in Q4 2026."]
    latest(chat, chat.admin).press("Roll back").press("Roll it back")
    chat.run(chat.core.jobs.idle())
    done.press("Roll back").press("Roll it back")
    chat.run(chat.core.jobs.idle())
    assert ["without this win" in one for one in channel(chat)] == [True]
    rows = chat.rows("SELECT external_id, stage FROM deals WHERE voided_at IS NULL ORDER BY stage")
    assert [(row["external_id"], row["stage"]) for row in rows] == [
        ("D-1", "negotiation"),
        ("D-0", "won"),
        (None, "won"),
    ]


def test_a_win_of_another_amount_beside_it_stays_another_deal_and_that_is_said(chat: Chat) -> None:
    bring(chat, ELDER)
    chat.rep("/win Acme $50k")
    latest(chat, chat.rep).press("Announce")
    bring(chat, ELDER, "D-1,Acme Corporation,Rae Quinn,90000,negotiation,2026-11-30\n")
    bring(chat, ELDER, ACME.format("Won").replace("50000", "60000")).shows("may be this one")
    assert len(channel(chat)) == 2
