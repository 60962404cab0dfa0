"""`home`: the person's own page, put together from what each command shows there; the same as a message, where a
platform has no such page.

The order is that of the tuple that `home_command` is given (handlers/__init__.py): my number, what waits for me, my
week.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import assert_never

import msgspec

from handlers.conversation.command import Command
from handlers.conversation.questions import ask_again
from handlers.conversation.reply import Buttons, Chart, Choice, Document, Facts, Part, Reply, Table, Text
from handlers.conversation.request import Outcome, Request
from storage import drafts
from storage.database import Transaction

NAME = "home"
QUESTIONS = 3
"""Half-finished questions on the page; what was asked last is likeliest to be answered."""


def home_command(shown: Sequence[Command]) -> Command:
    """The command whose answer is the page, with the parts of `shown` in that order after the open questions."""

    def handle(request: Request, tx: Transaction) -> Outcome:
        request = msgspec.structs.replace(request, text="", data={}, value="", values={}, listing=True)
        number, *others = (command for command in shown if command.home and command.roles & request.actor.roles)
        parts = (*_of(number, request, tx), *_questions(request, tx))
        for command in others:
            parts = (*parts, *_of(command, request, tx))
        return Outcome(reply=Reply(text=" ".join(_said(parts)), parts=parts), replace=False)

    return Command(
        name=NAME,
        summary="Show your number, what waits for you, and your week",
        usage="",
        examples=("home",),
        explain="In Slack the same stands on my Home tab, and is drawn anew whenever you open it.",
        handle=handle,
        shorthands=dict.fromkeys(("my page", "home page", "my day", "what is open", "what's open"), ""),
        slash=False,
    )


def _of(command: Command, request: Request, tx: Transaction) -> tuple[Part, ...]:
    assert command.home is not None
    return command.home(request, tx)


def _questions(request: Request, tx: Transaction) -> tuple[Part, ...]:
    """Mine that I have not answered yet, to be answered here."""
    waiting = drafts.open_of(tx, request.actor.person, request.now, QUESTIONS)
    asked = [part for draft in waiting for part in ask_again(request, tx, draft)]
    return (Text("Waiting for your word", style="strong"), *asked) if asked else ()


def _said(parts: Sequence[Part]) -> Iterator[str]:
    """The parts as sentences, figures included."""
    for part in parts:
        match part:
            case Text(text=text):
                yield text if text.endswith((".", "?", ":")) else f"{text}."
            case Facts(rows=rows):
                yield " ".join(f"{row.label}: {row.value}." for row in rows)
            case Table(columns=columns, rows=rows):
                for row in rows:
                    pairs = [one for one in zip(columns[1:], row[1:], strict=True) if one[1] not in ("", "–")]
                    named = (cell if name == "%" else f"{name.lower()} {cell}" for name, cell in pairs)
                    yield f"{row[0].lstrip('· ')}: {', '.join(named)}."
            case Choice(prompt=prompt):
                yield prompt
            case Chart(alt=alt):
                yield alt
            case Buttons() | Document():
                pass
            case _:
                assert_never(part)
