"""What cannot be done with a check-in, as sentences."""

from __future__ import annotations

from handlers.conversation.errors import UserError


class NoCheckin(UserError):
    """That check-in is not there any more. Type “checkin” to see what is."""


class NobodyCalled(UserError):
    """{sentence}"""


class ItsSchedule(UserError):
    """To change when check-ins are asked for, say “weekly check-in {words}”."""


class NoTeam(UserError):
    """You manage nobody, so nobody checks in with you. “checkin” alone is your own."""


class TakenBackTooLate(UserError):
    """It is with {manager} already. You can still change it: press Edit."""


class NothingToShare(UserError):
    """There is no older check-in of yours that {manager} cannot read already."""
