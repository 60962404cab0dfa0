"""What cannot be done with people, as an admin reads it."""

from __future__ import annotations

from handlers.conversation.errors import UserError


class NobodyLeft(UserError):
    """Everybody in the plan is linked on that install already, so there is nobody to link this newcomer to."""


class LinkedMeanwhile(UserError):
    """{who} has been linked to somebody in the plan meanwhile, so nothing was changed now."""


class NotKnown(UserError):
    """{sentence} “people” shows everybody."""


class PersonGone(UserError):
    """That person is no longer in the rows, so nothing was changed. “people” shows everybody."""


class LeavesAlready(UserError):
    """{name} is marked as leaving already, last day {day}. “people {name}” has a button for taking that back."""


class NeverLeft(UserError):
    """{name} is not marked as leaving, so there was nothing to take back."""
