"""Errors that are sentences: the class's docstring is what the person reads."""

from __future__ import annotations

from handlers.conversation.reply import Reply, Text

PIECE, MOST_RETURNED = 2500, 7500
"""Characters of a text that comes back: in pieces that every platform shows whole, as far as a message goes."""


class UserError(Exception):
    """That cannot be done. Type `help` to see what can."""

    audit = ""
    """The audit log's word for it, where it belongs there."""
    waits = ""
    """What says that a question waits on all the same; bot/turn.py knows."""
    words = ""
    """What was typed and is kept nowhere now: it comes back with the sentence. What was typed into a form comes back
    without being named here."""
    kept = False
    """What was typed is kept, so it need not come back."""

    def __init__(self, **details: object) -> None:
        # A docstring's own line breaks are none of the sentence's.
        template = " ".join((self.__class__.__doc__ or "").split())
        self.sentence = template.format(**details)
        super().__init__(self.sentence)

    def as_reply(self) -> Reply:
        """The sentence, for the person alone."""
        return Reply(text=self.sentence)


def given_back(reply: Reply, words: str) -> Reply:
    """The answer with what was typed and not kept, where it does not say it already: nothing that somebody typed
    disappears. In pieces that every platform shows whole."""
    if not words or _plain(words) in _plain(reply.text):
        return reply
    lead = "Your words were:" if "othing was" in reply.text else "Nothing was kept. Your words were:"
    pieces = [words[start : start + PIECE] for start in range(0, min(len(words), MOST_RETURNED), PIECE)]
    parts = (*(reply.parts or (Text(reply.text),)), Text(lead, style="quiet"), *map(Text, pieces))
    return Reply(f"{reply.text} {lead} {words[:MOST_RETURNED]}", parts, reply.private)


def _plain(words: str) -> str:
    return " ".join(words.split())


class NotAllowed(UserError):
    """{reason}"""

    audit = "denied"


class NotMember(UserError):
    """I serve the members of {company} only, so nothing was kept. An admin of {company} can tell you more."""


class Refused(UserError):
    """An admin has said that I am not for this account. If that is a mistake, please ask them: {admins}."""


class HasLeft(UserError):
    """You are marked as having left {company}, so nothing was kept. If that is wrong, please ask: {admins}."""


class ButtonUnknown(UserError):
    """That button is no longer known to me, so nothing happened. Ask once more for what it stood below, and fresh ones
    come with the answer; “help” says how."""

    audit = "unknown_token"


class ButtonExpired(UserError):
    """That button was good until {until}.{way}"""

    def __init__(self, *, until: str, fresh: str) -> None:
        """`until`: a time of today, or another day; `fresh`: the line that brings fresh ones, where there is one."""
        super().__init__(until=until, way=f" Type “{fresh}” for fresh ones." if fresh else "")


class ButtonUsed(UserError):
    """That was done already. {result}"""

    kept = True


class NotYourButton(UserError):
    """That button is for the person it was shown to, so nothing happened. Type “help” to see what you can do."""

    audit = "foreign_token"


class TextTooLong(UserError):
    """That is {length:,} characters and I take {limit:,} at a time, so nothing was kept. Your text is below."""

    def __init__(self, *, text: str, limit: int) -> None:
        super().__init__(length=len(text), limit=limit)
        self.text = text

    def as_reply(self) -> Reply:
        """The sentence, and the text to be copied from."""
        pieces = [self.text[start : start + PIECE] for start in range(0, min(len(self.text), MOST_RETURNED), PIECE)]
        return Reply(text=self.sentence, parts=(Text(self.sentence), *map(Text, pieces)))
