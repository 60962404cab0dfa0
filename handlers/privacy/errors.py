"""What cannot be done with somebody's data, as a person reads it."""

from __future__ import annotations

from handlers.conversation.errors import UserError


class WhoIsErased(UserError):
    """Say whom: “erase” and a name, or an e-mail address. It takes away what is kept about somebody who has left."""


class NobodyCalled(UserError):
    """{sentence} Nothing was erased."""


class StillHere(UserError):
    """{name} is still here, so nothing was erased. Say first that they leave: “people {name}”, Has left; then their
    deals and their team are somebody's."""


class ErasedAlready(UserError):
    """{name} is erased already: there is nothing left to take away."""


class OnlyOwn(UserError):
    """I hand out somebody's own data to nobody but them. {name} can ask me for it: “export my data”."""
