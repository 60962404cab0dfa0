"""The questions that are open where something is said: what a typed answer may be, and that they wait still.

The rule stands at Command.free_answers.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from handlers.conversation.command import Command
from handlers.conversation.questions import all_here, answerable, freely, open_here, waits, waved_away
from handlers.conversation.reply import Reply, Text
from handlers.conversation.request import Outcome, Request
from storage.database import Transaction
from storage.drafts import Draft


@dataclass(frozen=True, slots=True)
class Asked:
    """The latest open question, and the command that asks."""

    draft: Draft
    command: Command

    @property
    def freely(self) -> bool:
        """It has no options, and wants free words."""
        return self.command.free_answers is not None and freely(self.draft)

    def leaves(self, request: Request, sure: Command) -> bool:
        """Whether these words, which that command is sure of, are for it rather than the answer."""
        kind = self.command.free_answers
        if kind is None or waved_away(request):
            return False
        return sure.among_answers is None or sure.among_answers(request.text, kind)

    def answer(self, request: Request, tx: Transaction) -> Outcome | None:
        """The words as the answer; None where they are none."""
        assert self.command.answer is not None
        return self.command.answer(msgspec.structs.replace(request, data={"draft": self.draft.id}), tx)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What was open before the turn."""

    before: frozenset[str]
    answered: str
    """The one that typed words would have answered."""
    sentence: str
    """What says that this one is open still, where it takes words."""

    @classmethod
    def of(cls, request: Request, tx: Transaction) -> Waiting:
        """As it is now."""
        found = all_here(request, tx)
        now, before = answerable(request, found), frozenset(draft.id for draft in found)
        return cls(before, now.id, waits(now)) if now is not None else cls(before, "", "")

    def said_below(
        self, request: Request, tx: Transaction, outcome: Outcome, *, only_where_it_shows_again: bool = False
    ) -> Outcome:
        """The outcome with a sentence of the question in words that waits on: words typed next would answer it."""
        if not self.before or outcome.reply is None:
            return outcome
        now = open_here(request, tx)
        if now is None or now.id not in self.before or (only_where_it_shows_again and now.id == self.answered):
            return outcome
        return msgspec.structs.replace(outcome, reply=below(outcome.reply, waits(now)))


def below(reply: Reply, sentence: str) -> Reply:
    """The reply with that sentence at its end."""
    if not sentence:
        return reply
    parts = (*(reply.parts or (Text(reply.text),)), Text(sentence, style="quiet"))
    return msgspec.structs.replace(reply, text=f"{reply.text} {sentence}", parts=parts)
