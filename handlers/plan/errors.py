"""What cannot be done with targets, as a person reads it."""

from __future__ import annotations

from handlers.conversation.errors import UserError


class NotKnown(UserError):
    """{sentence} “/target” shows whose targets you may see."""


class NothingToChange(UserError):
    """{name} has no target for {what} yet, so there is nothing to adjust. “/target set” sets one."""


class ReplacedSince(UserError):
    """That target was set anew meanwhile. “/target” shows it as it stands."""


class AnsweredAlready(UserError):
    """You have answered that already. “/target” shows it."""


class WithdrawnAlready(UserError):
    """That adjustment is withdrawn, so nothing was changed. “/target” shows the target as it stands."""


class InputGone(UserError):
    """That question is settled: the target was set meanwhile. “/target” shows it."""
