"""A win that was told is corrected wherever it stands: in channels, and in the chats of who read it privately."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import importing
from bot.playground.room import Back
from bot.playground.send import PlaygroundSender
from scheduled.clock import prune
from scheduled.sending import Operation, Result, Retry
from storage import people
from storage.database import Transaction
from tests.chat import NOW, Chat, Heard, Speaker
from tests.test_wins import ELDER, HEAD, bring, channel, company, hear, latest, opened

WHY = "It is kept private: you read it because you helped, or as the manager."
NOT_COUNTED = "Claimed: it counts once a manager, an admin or an import confirms it."


@pytest.fixture
def chat(database_url: str) -> Iterator[Chat]:
    talking = opened(database_url, company(milestones=()))
    yield talking
    talking.close()


def told(chat: Chat, who: Speaker) -> list[str]:
    """What stands in their chat of the win of Acme, other than answers to themselves."""
    hear(chat)
    return [one for one in who.inbox() if "Acme Corporation" in one and ("kept private" in one or "Taken back" in one)]


def kept_private(chat: Chat, words: str = "/win Acme $50k") -> None:
    chat.rep(words)
    latest(chat, chat.rep).press("Keep it private")
    hear(chat)


def by_command_line(chat: Chat, folder: Path, row: str, began: datetime | None = None) -> None:
    """`pacer import`; what it says waits for who delivers it."""
    path = folder / "deals.csv"
    path.write_text(HEAD + ELDER + row)
    now = began or chat.now
    importing.run(chat.database, company(milestones=()), importing.Options(path=path), lambda _: None, now=now)
    chat.later(minutes=1)
    chat.run(chat.core.delivery.tick())


# ---------------------------------------------------------------- in whose chats it stands


def test_a_private_win_is_corrected_where_the_manager_read_it(chat: Chat) -> None:
    kept_private(chat)
    (before,) = told(chat, chat.manager)
    assert "Rae Quinn won Acme Corporation: $50,000." in before
    chat.rep("Acme is now 70k").says("$50,000 → $70,000")
    (now,) = told(chat, chat.manager)
    assert now == (
        f"Rae Quinn won Acme Corporation: $70,000. East: $0 won in Q4 2026, without this win. {NOT_COUNTED} {WHY}"
    )
    chat.manager("/deal Acme won").says("Confirmed")
    (now,) = told(chat, chat.manager)
    assert now == f"Rae Quinn won Acme Corporation: $70,000. East: $70,000 won in Q4 2026. {WHY}"
    assert channel(chat) == []


def test_a_corrected_or_taken_back_private_win_can_still_be_asked_why_it_came(chat: Chat) -> None:
    kept_private(chat)
    latest(chat, chat.manager).press("Why this?").says("You got this because you won, helped, or manage who did.")

    def copy(said: str) -> Heard:
        hear(chat)
        return Heard(chat.manager, Back(messages=(next(one for one in chat.shown(chat.manager) if said in one.text),)))

    chat.rep("Acme is now 70k")
    assert copy("won Acme Corporation: $70,000").buttons == ["Why this?"]
    chat.rep("/deal lost Acme, price").press("$70,000, won today, claimed")
    copy("Taken back: Acme Corporation").press("Why this?").says("because you won, helped, or manage who did")


def test_an_import_confirms_and_corrects_a_private_win_for_all_who_were_told(chat: Chat) -> None:
    bring(chat, ELDER)
    kept_private(chat, "/win Acme $50k with @lee")
    bring(chat, ELDER, "D-1,Acme Corporation,Rae Quinn,52000,Closed Won,2026-11-18\n")
    for who in (chat.manager, chat.leader):
        (now,) = told(chat, who)
        assert now.startswith("Rae Quinn won Acme Corporation: $52,000. With: Lee Park. East: $52,000 won in Q4 2026.")
    assert channel(chat) == []


def test_a_private_win_that_is_taken_back_says_so_where_it_stands_each_time(chat: Chat) -> None:
    kept_private(chat)
    gone = "Taken back: Acme Corporation, $50,000. It was told as won by Rae Quinn, and is won no more."
    sentence = "The win of Acme Corporation, $50,000, was taken back by Rae Quinn, and is in no number any more."
    for times in (1, 2):
        chat.rep("/deal lost Acme, price").press("$50,000, won today, claimed")
        assert [one.startswith(gone) for one in told(chat, chat.manager)] == [True]
        assert chat.manager.inbox().count(sentence) == times, "each time they are told that their number is otherwise"
        chat.rep("/deal reopen Acme")
        chat.rep("won Acme")
        (again,) = told(chat, chat.manager)
        assert again.startswith("Rae Quinn won Acme Corporation: $50,000."), "and stands there again, once"
    assert channel(chat) == []


def test_who_is_concerned_no_more_sees_no_more_of_a_private_win(chat: Chat, tmp_path: Path) -> None:
    def ada_leads_lee(tx: Transaction) -> None:
        ada, lee = (people.by_email(tx, f"{one}@test.example") for one in ("ada", "lee"))
        assert ada is not None
        assert lee is not None
        people.give_manager(tx, lee, ada, NOW.date() - timedelta(days=300))

    chat.database.submit(ada_leads_lee).result()
    bring(chat, ELDER)
    kept_private(chat)
    won = "D-1,Acme Corporation,{},{},Closed Won,2026-11-18\n"
    by_command_line(chat, tmp_path, won.format("Rae Quinn", 50000))
    by_command_line(chat, tmp_path, won.format("Lee Park", 64000))
    assert told(chat, chat.manager) == [
        "Corrected: who won Acme Corporation, or who helped, is not as it stood here. It is kept private."
    ]
    (theirs,) = told(chat, chat.admin)
    assert theirs.startswith("Lee Park won Acme Corporation: $64,000.")
    by_command_line(chat, tmp_path, won.format("Lee Park", 65000))
    assert "65,000" not in " ".join(chat.manager.inbox())
    assert "65,000" in " ".join(told(chat, chat.admin))


def test_a_private_win_that_goes_out_after_all_is_corrected_in_both_places(chat: Chat) -> None:
    kept_private(chat)
    latest(chat, chat.rep).press("Announce").says("Announced")
    copy = [one for one in chat.manager.inbox() if "Acme Corporation" in one]
    assert [WHY in one for one in copy] == [False], "it is private no more"
    chat.rep("Acme is now 70k")
    copy = [one for one in chat.manager.inbox() if "Acme Corporation" in one]
    assert ["Acme Corporation: $70,000." in one for one in (*copy, *channel(chat))] == [True, True]


def test_a_story_that_is_told_later_is_told_to_who_read_the_private_win(chat: Chat) -> None:
    kept_private(chat)
    edit = latest(chat, chat.rep).press("Edit")
    edit.fill(story="A long road", helpers="@lee", who="private").says("Kept private", "Max Stone and Lee Park")
    (now,) = told(chat, chat.manager)
    assert "“A long road”" in now
    assert told(chat, chat.leader) == [now]
    edit = latest(chat, chat.rep).press("Edit")
    edit.fill(story="A longer road", helpers="", who="none").says("Nobody is told")
    (now,) = told(chat, chat.manager)
    assert "“A longer road”" in now
    (left,) = told(chat, chat.leader)
    assert left.startswith("Corrected: who won Acme Corporation, or who helped, is not as it stood here.")


def test_after_a_quarter_a_private_win_is_corrected_too(chat: Chat) -> None:
    bring(chat, ELDER)
    kept_private(chat)
    bring(chat, ELDER, "D-1,Acme Corporation,Rae Quinn,50000,Closed Won,2026-11-18\n")
    chat.later(days=100)
    chat.database.submit(lambda tx: prune(tx, chat.now)).result()
    assert chat.rows("SELECT key FROM outbox WHERE topic = 'win' AND operation = 'post'") == []
    bring(chat, ELDER, "D-1,Acme Corporation,Rae Quinn,40000,Closed Won,2026-11-18\n")
    assert ["Acme Corporation: $40,000." in one for one in told(chat, chat.manager)] == [True]


# ---------------------------------------------------------------- what stands there in the end


def test_a_win_of_what_was_just_lost_is_asked_about_and_stands_where_it_stood(chat: Chat) -> None:
    chat.rep("/win Acme $50k")
    latest(chat, chat.rep).press("Announce")
    chat.rep("/deal lost Acme, price").press("$50,000, won today, claimed")
    asked = chat.rep("/win Acme $60k").says("Acme Corporation was lost: $50,000, lost today.", "or a new deal?")
    assert asked.buttons[:2] == ["Yes, won after all", "A new deal"]
    asked.press("Yes, won after all").says("Won: Acme Corporation, $60,000")
    assert ["Rae Quinn won Acme Corporation: $60,000." in one for one in channel(chat)] == [True]
    assert len(chat.rows("SELECT id FROM deals")) == 1


class Busy:
    """A platform that asks to come again later for the first change of a message."""

    lane_interval: float = 0.0

    def __init__(self, behind: PlaygroundSender) -> None:
        self._behind = behind
        self.install_per_minute = behind.install_per_minute
        self.asked = 0
        self.find, self.lane = behind.find, behind.lane

    async def send(self, operation: Operation) -> Result:
        if operation.operation == "update" and not self.asked:
            self.asked += 1
            return Retry(1.0, "ratelimited", limited=True)
        return await self._behind.send(operation)


def test_the_correction_made_last_stands_last_whatever_the_clocks_say(chat: Chat, tmp_path: Path) -> None:
    won = "D-1,Acme Corporation,Rae Quinn,{},Closed Won,2026-11-18\n"
    bring(chat, ELDER)
    bring(chat, ELDER, won.format(50000))
    busy = chat.core.senders["playground"] = Busy(chat.room.sender)
    for install in chat.core.delivery._lanes._installs.values():
        install.sender = busy
    chat.admin("/deal Acme is now 60k").says("$50,000 → $60,000")
    assert busy.asked
    # An import that began before that, on another machine, comes to the row after it.
    by_command_line(chat, tmp_path, won.format(70000), began=chat.now - timedelta(minutes=1))
    assert channel(chat) == ["Rae Quinn won Acme Corporation: $70,000. East: $70,000 won in Q4 2026."]


def test_the_answer_to_a_turn_that_took_long_stands_above_what_is_asked_because_of_it(chat: Chat) -> None:
    turns = chat.core.turns
    turns._patience = 0.02
    written = chat.database.write

    class Slow:
        """A disk that takes its time for each commit."""

        read = staticmethod(chat.database.read)

        async def write(self, work: Callable[[Transaction], Any]) -> Any:
            done: Awaitable[Any] = written(work)
            result = await done
            await asyncio.sleep(0.1)
            return result

    turns._database = Slow()  # type: ignore[assignment]
    chat.rep("/win Acme $50k")
    said = [one.split(":")[0].split("?")[0] for one in chat.rep.inbox()[-3:]]
    assert said == ["Not saved yet, I will confirm.", "Won", "Shall I announce it in wins"]
