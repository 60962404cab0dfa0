"""“Which wins wait for me?” and “confirm Acme”: claimed wins with *Confirm*, for whoever's word makes them count."""

from __future__ import annotations

from tests.chat import Chat
from tests.quota_team import east_of


def test_a_manager_reads_which_wins_wait_and_confirms_them_by_button_or_in_words(chat: Chat) -> None:
    east_of(chat)
    asks = "which wins wait for me?"
    chat.manager(asks).says("No win waits for your word.")
    for line in ("won Acme 50k", "won Woodgrove Bank 60k", "won Woodgrove Leasing 70k"):
        chat.rep(line)
    heard = chat.manager(asks).says("3 claimed wins wait for your word:", "Acme Corporation, $50,000", "(Rae Quinn)")
    heard.lacks("d3")
    assert heard.buttons == ["Confirm"] * 3
    chat.rep(asks).says("No win waits for your word.", "Claimed by you, and waiting for a manager's word: ")
    chat.rep("confirm Acme").says("A win is confirmed by a manager of its owner or an admin")
    chat.manager("confirm Acme Corporation").says("Confirmed: ")
    which = chat.manager("confirm Woodgrove").says("Which one do you confirm?", "Woodgrove Bank", "Woodgrove Leasing")
    assert which.buttons == ["Confirm", "Confirm"]
    which.press("Confirm").says("Confirmed: ")
    chat.manager("wins to confirm").says("1 claimed win waits for your word:").press("Confirm").says("Confirmed: ")
    assert [row["claimed"] for row in chat.rows("SELECT claimed FROM deals WHERE account IS NOT NULL")] == [0, 0, 0]


def test_what_names_no_claimed_win_is_left_to_others(chat: Chat) -> None:
    chat.rep("won Acme 50k")
    chat.manager("confirm Initech").lacks("Confirmed")
    chat.manager("confirm the meeting").lacks("Confirmed")
    chat.leader("which wins wait for me?").says("No win waits for your word.").lacks("Acme")
    chat.admin("which wins wait for me?").says("1 claimed win that you may confirm as their managers may:", "Acme")
    assert [row["claimed"] for row in chat.rows("SELECT claimed FROM deals")] == [1]
