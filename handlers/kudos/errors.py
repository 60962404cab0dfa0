"""What cannot be done with kudos, as the person reads it."""

from __future__ import annotations

from handlers.conversation.errors import UserError


class NotOneself(UserError):
    """Kudos go to somebody else, so I left it. Your words were: {said}"""


class Enough(UserError):
    """This month's kudos do not reach for that."""

    def __init__(self, *, left: int, limit: int, wanted: int, said: str) -> None:
        if left > 0:
            sentence = f"You have kudos for {left} more this month, and these are {wanted}. Name fewer people, please."
        else:
            sentence = f"You have given this month's kudos: {limit} of {limit}. New ones come on the first."
        Exception.__init__(self, sentence)
        self.sentence = f"{sentence} Nothing was sent. Your words were: {said}"


class TooMany(UserError):
    """I take up to {most} people at a time, and these are {count}. Nothing was sent. Your words were: {said}"""


class TooLong(UserError):
    """The reason is {length} characters long and I take {most}. Nothing was sent. Your words were: {said}"""


class NothingToUndo(UserError):
    """You have given no kudos yet, so there is nothing to take back. “/kudos list” shows yours."""


class GoneAlready(UserError):
    """Those kudos were taken back already. “/kudos list” shows yours."""


class UndoTooLate(UserError):
    """Your latest kudos are more than {minutes} minutes old, so they stay: {what}"""


class NobodyCalled(UserError):
    """{sentence} “/kudos list” shows yours."""
