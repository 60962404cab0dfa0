"""Errors that are sentences: the class's docstring is what the person reads."""

from __future__ import annotations

from handlers.conversation.reply import Reply


class UserError(Exception):
    """That cannot be done. Type `help` to see what can."""

    def __init__(self, **details: object) -> None:
        template = (self.__class__.__doc__ or "").strip()
        self.sentence = template.format(**details)
        super().__init__(self.sentence)

    def as_reply(self) -> Reply:
        """The sentence, for the person alone."""
        return Reply(text=self.sentence)


class NotAllowed(UserError):
    """{reason}"""


class ButtonUnknown(UserError):
    """That button is no longer known to me. Type `/log list` to see your last activities with fresh buttons."""


class ButtonExpired(UserError):
    """That button was good until {until}. Type `/log list` to see your last activities with fresh buttons."""


class ButtonUsed(UserError):
    """That was already done: {result}"""


class NotYourButton(UserError):
    """That button is for the person it was shown to. Type `help` to see what you can do yourself."""


class TextTooLong(UserError):
    """That is {length:,} characters; I take up to {limit:,} at a time. Nothing was stored. Your text begins: {start}"""
