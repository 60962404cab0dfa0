"""What is said to words that no command understands: the words again, and a way on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import TypeVar

from rapidfuzz.distance import OSA

from handlers.conversation.command import Command
from handlers.conversation.reply import Button, Buttons, Reply, Text
from handlers.conversation.request import Outcome, Request
from handlers.conversation.route import plain
from storage import tokens
from storage.database import Transaction

Meaning = TypeVar("Meaning")


def near_miss(text: str, ways: Mapping[str, Meaning]) -> tuple[str, Meaning] | None:
    """What one word may have been meant to say: with one wrong, missing, further or swapped letter, not the first."""
    word = plain(text)
    if not 3 <= len(word) <= 12 or not word.isalpha():
        return None
    for said, meaning in ways.items():
        if len(said) > 3 and said[0] == word[0] and OSA.distance(word, said, score_cutoff=1) == 1:
            return said, meaning
    return None


def _ways(command: Command) -> Iterator[tuple[str, tuple[Command, str]]]:
    """What may be typed for it, and what that comes to."""
    yield command.name, (command, "")
    for said, rest in command.shorthands.items():
        yield said, (command, rest)


def not_understood(request: Request, tx: Transaction, text: str, commands: Iterable[Command]) -> Outcome:
    """The words come back, with a button for what they nearly say, and for each command that takes words as they are.

    `commands` are those that the person may use.
    """
    sentence = f"I could not tell what to do with “{text.strip()}”. Type “help” to see what I understand."
    commands = tuple(commands)
    wanted = [(command.adopt, command, text) for command in commands if command.adopt]
    near = near_miss(text, {said: to for command in commands for said, to in _ways(command)})
    if near is not None:
        said, (command, rest) = near
        sentence = f"I could not tell what to do with “{text.strip()}”. Did you mean “{said}”?"
        wanted.insert(0, (f"Yes, {said}", command, rest))
    buttons = []
    for label, command, words in wanted:
        (token,) = tokens.issue(
            tx,
            ("", {"text": words}),
            person=request.actor.person,
            command=command.name,
            at=request.now,
            expires_at=request.now + timedelta(hours=request.company.draft_hours),
        )
        buttons.append(Button(label, token))
    return Outcome(reply=Reply(text=sentence, parts=(Text(sentence), Buttons(tuple(buttons))) if buttons else ()))
