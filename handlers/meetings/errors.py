"""What cannot be done with a meeting, as a person reads it."""

from __future__ import annotations

from handlers.conversation.errors import PIECE, UserError
from handlers.conversation.reply import Reply, Text


class WithWords(UserError):
    """{sentence}"""

    def __init__(self, *, sentence: str, text: str) -> None:
        super().__init__(sentence=sentence)
        self.text = text

    def as_reply(self) -> Reply:
        """The sentence, and the words to be sent again."""
        pieces = [self.text[start : start + PIECE] for start in range(0, len(self.text), PIECE)]
        kept = "Your words, to be sent again:"
        parts = (Text(self.sentence), Text(kept, style="quiet"), *map(Text, pieces))
        return Reply(f"{self.sentence} {kept} {self.text}", parts)


class NotFound(WithWords):
    """{sentence}"""


class OfACalendar(UserError):
    """{title} comes from a calendar, so it is moved, changed and cancelled there. What I read by its address follows by
    itself; a file is attached again."""


class CancelledAlready(UserError):
    """That meeting does not take place any more, so there is nothing to do. Type “/meeting” to see what is ahead."""


class CannotMove(WithWords):
    """{sentence}"""


class NotBegun(WithWords):
    """{sentence}"""
