"""What cannot be set, as a person reads it."""

from __future__ import annotations

from handlers.conversation.errors import UserError


class NotRead(UserError):
    """I could not read “{text}” as a setting. Some that I can: “snooze nudges until Monday”, “turn off the weekly
    nudge”, “quiet hours 19:00 to 7:30”, “I'm on leave 21 Dec – 2 Jan”. Type “settings” to see all of yours."""


class NotForYou(UserError):
    """{title} does not come to you, so there is nothing to change. Type “settings” to see what does."""


class NoLeave(UserError):
    """You have no leave {when} that I know of, so nothing was changed. Type “settings” to see what is ahead."""


class TooLong(UserError):
    """That is leave of {days} days, and I take at most a year at a time. Please send the days again."""


class BackAlready(UserError):
    """{day} is not ahead of today, so that says nothing of leave to come. Please say the day on which you are back."""


class ChangedSince(UserError):
    """That was changed again since, so nothing was taken back. Type “settings” to see how it stands."""


class WhichUnit(UserError):
    """Say for whom, as in “{example}”. {who}"""


class UnitUnknown(UserError):
    """{sentence} Nothing was changed."""


class NoSchedule(UserError):
    """{title} goes by what happens, not by a schedule. You can turn it off or snooze it for yourself."""


class NoUnitsBelow(UserError):
    """{title} is for who leads a unit of several units, and {unit} has none below it. Nothing was changed."""


class WhenShallItCome(UserError):
    """{title} has no schedule for {whom} yet. Say when it shall come, as in “{example}”."""


class OffForAll(UserError):
    """{title} is off for {whom}. Who leads your unit can turn it on."""


class SameAlready(UserError):
    """{title} for {whom} is {rule} already, so nothing was changed."""


class WhichTopic(UserError):
    """“{words}” may be {topics}. Please say which one."""
