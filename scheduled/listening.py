"""Facts that come from a job, told to the listeners of other features as a turn tells its own."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.conversation.command import Listener
from handlers.conversation.request import JobWanted, Message, Request
from storage.database import Transaction


def hear_all(
    listeners: Sequence[Listener], facts: Sequence[object], request: Request, tx: Transaction
) -> tuple[list[Message], list[JobWanted]]:
    """Let them hear these facts, and the facts that come of them: the messages and the jobs that they want.

    Nobody waits for an answer, so a reply of theirs goes nowhere.
    """
    messages: list[Message] = []
    wanted: list[JobWanted] = []
    waiting = list(facts)
    while waiting:
        fact = waiting.pop(0)
        for listener in listeners:
            if isinstance(fact, listener.fact):
                heard = listener.hear(fact, request, tx)
                messages += heard.messages
                wanted += heard.jobs
                waiting += heard.facts
    return messages, wanted
