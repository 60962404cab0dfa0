"""What delivery needs of a platform: a Sender, and the few ways in which sending can end."""

from __future__ import annotations

from typing import Protocol, TypeAlias

import msgspec

from handlers.conversation.reply import Reply
from handlers.conversation.request import Address


class Operation(msgspec.Struct, frozen=True):
    """One outbox row, ready for a platform.

    `operation` is `post` (a new message), `update` (the message at `address.message`, or the one behind
    `address.response_url`), `delete`, `home` (the person's own page), or `upload`: a message's pictures, in one of
    their own (a platform whose messages hold their pictures has nothing to do), or one of its documents, whose bytes
    are in `contents`. When `address.conversation` is empty the message is for `user` in their one-to-one chat.
    """

    id: str
    """Opaque and unique: goes into the message's metadata, so that an unsure send can be looked for."""
    key: str
    operation: str
    install: str
    address: Address
    user: str
    """The external id of the person it is for; empty for a channel's message."""
    body: Reply
    attempts: int = 0
    contents: dict[str, bytes] = {}
    """Of an upload: the bytes of its documents, by `Document.file`."""


class Sent(msgspec.Struct, frozen=True):
    """It is there. `address` is the message's own, for later edits."""

    address: Address


class Retry(msgspec.Struct, frozen=True):
    """The platform asks to come again after so many seconds (429); nothing was posted."""

    after: float
    reason: str
    whole_install: bool = False
    """The limit is the install's, not only that conversation's."""
    limited: bool = False
    """The platform itself asked to wait (429); else it could not be reached, or was busy."""


class Refused(msgspec.Struct, frozen=True):
    """It will never be taken. `operator` says what somebody must do; `install_gone` when the token was revoked.

    `closed`: nothing is taken for that person, and why: `absent` (they do not have the app), `blocked` (by themselves).
    """

    reason: str
    operator: str = ""
    install_gone: bool = False
    closed: str = ""


class Unsure(msgspec.Struct, frozen=True):
    """It may have been posted or not (a time-out or a 5xx after the bytes left). Never blindly sent again."""

    reason: str


class NotThere(msgspec.Struct, frozen=True):
    """The platform was asked: the message was never posted, so it may be sent."""


class CannotTell(msgspec.Struct, frozen=True):
    """The platform cannot be asked, or did not answer for good."""

    reason: str


Result: TypeAlias = Sent | Retry | Refused | Unsure


class Sender(Protocol):
    """One platform's way out. Implementations live in bot/<platform>/send.py."""

    async def send(self, operation: Operation) -> Result:
        """Render and send once, without any retry of its own."""

    async def find(self, operation: Operation) -> Sent | NotThere | CannotTell:
        """Look for a post that may have happened, by `operation.id`."""

    def lane(self, operation: Operation) -> str:
        """What is paced and kept in order together: normally the conversation."""

    @property
    def lane_interval(self) -> float:
        """Seconds between two messages of one lane, by the platform's published limits."""

    @property
    def install_per_minute(self) -> float:
        """Messages a minute that the platform takes for one install; `inf` for no limit."""
