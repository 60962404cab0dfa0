"""What is said to words that no command understands: the words again, and a way on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from handlers.conversation.command import Command
from handlers.conversation.reply import Button, Buttons, Reply, Text
from handlers.conversation.request import Outcome, Request
from storage import tokens
from storage.database import Transaction


def not_understood(request: Request, tx: Transaction, text: str, adopters: Iterable[Command]) -> Outcome:
    """The words come back, with a button for each command that would take them as they are."""
    sentence = f"I could not tell what to do with “{text.strip()}”. Type “help” to see what I understand."
    buttons = []
    for command in adopters:
        (token,) = tokens.issue(
            tx,
            ("", {"text": text}),
            person=request.actor.person,
            command=command.name,
            at=request.now,
            expires_at=request.now + timedelta(hours=request.company.draft_hours),
        )
        buttons.append(Button(command.adopt, token))
    return Outcome(reply=Reply(text=sentence, parts=(Text(sentence), Buttons(tuple(buttons))) if buttons else ()))
