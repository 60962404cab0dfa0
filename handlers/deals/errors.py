"""What cannot be done with a deal, as the person reads it."""

from __future__ import annotations

from handlers.conversation.errors import UserError


class NothingToUndo(UserError):
    """You have not changed any deal yet, so there is nothing to undo. “/deal list” shows your open deals."""


class UndoneAlready(UserError):
    """Your latest change is undone already: {what}. “/deal list” shows your open deals as they stand."""


class UndoTooLate(UserError):
    """Your latest change is more than {minutes} minutes old: {what}. Say how it is now and I will change it."""


class GoneAlready(UserError):
    """That was taken back already. “/deal list” shows your open deals as they stand."""


class ChangedSince(UserError):
    """{what} was changed since, by {who}, so I did not take yours back. Say how it is now and I will change it."""


class DealGone(UserError):
    """That deal was taken back meanwhile, so nothing was changed. “/deal list” shows your open deals."""


class WinAhead(UserError):
    """A deal is won on a day that has come, and {day} has not. Nothing was changed; say “closes {day}” for a plan."""


class NothingToReopen(UserError):
    """I know no closed deal with {account} that is yours to change, so there is nothing to reopen."""


class OneAtATime(UserError):
    """I read several accounts in that: {accounts}. Tell me of one deal a line, please. Your words were: {said}"""


class NothingFound(UserError):
    """I found no account in “{said}”. Say which deal and what is new, for example “/deal Acme negotiation $60k”."""


class NotClaimed(UserError):
    """That win counts already; nothing was changed."""
