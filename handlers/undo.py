"""`undo`: whatever the person did last, with whichever command."""

from __future__ import annotations

from handlers.conversation.command import Command
from handlers.conversation.questions import asked_after, open_here
from handlers.conversation.request import Outcome, Request
from storage.database import Transaction


def undo_command(features: tuple[Command, ...]) -> Command:
    """The command that takes back the latest of those features that can; the first of them says when there is none."""
    able = [command for command in features if command.undo is not None]

    def handle(request: Request, tx: Transaction) -> Outcome:
        moments = [(command.latest(request, tx), command) for command in able if command.latest is not None]
        done = [(moment, command) for moment, command in moments if moment is not None]
        last, mine = max(done, key=lambda one: one[0]) if done else (None, able[0])
        draft = open_here(request, tx)
        if draft is not None and asked_after(draft, last):
            mine = next((command for command in able if command.name == draft.command), mine)
        assert mine.undo is not None
        return mine.undo(request, tx)

    return Command(
        name="undo",
        summary="Take back what you said last",
        usage="",
        examples=("/undo",),
        explain="It works once, for your latest, for a while after you said it; the lists have buttons for older ones.",
        handle=handle,
        shorthands=dict.fromkeys(
            ("oops", "whoops", "take that back", "take it back", "scratch that", "delete that"), ""
        ),
    )
