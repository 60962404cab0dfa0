"""The ways on which a won deal arrives, is corrected and is taken back: by /win, by /deal, and by `pacer import`.

Each is the whole path in one process (tests/beside.py): what a person types and presses there, or the command's run.
Each gives back what was answered.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from bot import importing
from bot.playground.room import Back
from bot.playground.transcript import direct
from tests.beside import Beside, CommandLine
from tests.chat import Heard, Speaker
from tests.test_wins import ELDER, HEAD

WON: Final = "Closed Won,2026-11-18"
LOST: Final = "Closed Lost,2026-11-18"


def by_win(chat: Beside, name: str) -> str:
    """The rep says it, and announces it where that is asked."""
    return chat.rep(f"/win {name} $50k").text + _announce(chat, name)


def by_deal(chat: Beside, name: str) -> str:
    """The same in other words, from another device."""
    return chat.rep(f"/deal won {name} $50k").text + _announce(chat, name)


def by_import(line: CommandLine, folder: str, name: str, owner: str, amount: int, stage: str) -> str:
    """The CRM's row of that account."""
    path = Path(folder) / f"{name}.csv"
    path.write_text(f"{HEAD}{ELDER}D-{name},{name},{owner},{amount},{stage}\n")
    said: list[str] = []
    importing.run(line.database, line.company, importing.Options(path=path), said.append, now=line.now)
    return "\n".join(said)


def rolled_back(line: CommandLine) -> str:
    """`pacer import --undo`."""
    said: list[str] = []
    importing.roll_back(line.database, line.company, None, said.append, now=line.now)
    return "\n".join(said)


def corrected_by_deal(chat: Beside, name: str) -> str:
    """An admin says another amount."""
    return chat.admin(f"/deal {name} is now 70k").text


def corrected_by_win(chat: Beside, name: str) -> str:
    """The manager tells how it went."""
    return chat.manager(f"/win {name} – {STORY}").text


STORY: Final = "A long road with many turns"


def lost_by_deal(chat: Beside, name: str) -> str:
    """The manager says that it is lost after all."""
    asked = chat.manager(f"/deal lost {name}, price")
    if asked.back.messages and len(asked.buttons) == 2 and "A new deal" in asked.buttons:
        return asked.press(asked.buttons[0]).text
    return asked.text


def reopened_by_deal(chat: Beside, name: str) -> str:
    """An admin opens it again."""
    return chat.admin(f"/deal reopen {name}").text


def deliver(chat: Beside) -> None:
    """What waits goes out, what is to be said unasked too."""
    chat.run(chat.core.say_what_is_due())
    chat.run(chat.core.delivery.tick())
    chat.shown(chat.rep)


def _announce(chat: Beside, name: str) -> str:
    own = [one for one in chat.shown(chat.rep) if one.conversation == direct("rae")]
    asked = [one for one in own if one.text.startswith("Shall I announce") and name in one.text]
    return _heard(chat.rep, asked[-1]).press("Announce").text if asked else ""


def _heard(who: Speaker, message: object) -> Heard:
    return Heard(who, Back(messages=(message,)))  # type: ignore[arg-type]
