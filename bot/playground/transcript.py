"""What the playground shows, as Slack's servers keep what a workspace shows.

In memory: the rows are the truth, and a restart begins with empty conversations.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TypeAlias

import msgspec

from handlers.conversation.reply import Reply

PACER = "pacer"
CHANNEL = "channel:sales-east"
KEPT = 500
"""Messages that are shown at most; older ones leave."""
FILES_KEPT = 20
"""Documents that can be fetched."""


def direct(external_id: str) -> str:
    """The one-to-one conversation of a person with Pacer."""
    return f"direct:{external_id}"


class Shown(msgspec.Struct, frozen=True):
    """One message as it stands in a conversation now."""

    id: str
    conversation: str
    author: str
    """A person's external id, or `pacer`."""
    at: datetime
    text: str = ""
    """What a person typed. Of Pacer's messages, the sentence that says all of it."""
    files: tuple[str, ...] = ()
    """The names of those that a person attached."""
    reply: Reply | None = None
    only_to: str = ""
    """The one person who sees it in a shared conversation."""
    edited: bool = False

    def seen_by(self, external_id: str) -> bool:
        """Whether it stands on that person's page."""
        return self.conversation == direct(external_id) or (
            self.conversation == CHANNEL and self.only_to in ("", external_id)
        )


class Put(msgspec.Struct, frozen=True, tag_field="event", tag="message"):
    """A message is new, or stands there changed."""

    message: Shown


class Removed(msgspec.Struct, frozen=True, tag_field="event", tag="removed"):
    """A message is gone."""

    id: str


class Home(msgspec.Struct, frozen=True, tag_field="event", tag="home"):
    """A person's own page was drawn anew."""

    person: str
    home: Reply


class Closed(msgspec.Struct, frozen=True, tag_field="event", tag="closed"):
    """The playground stops; nothing follows."""


Change: TypeAlias = Put | Removed | Home | Closed


class Transcript:
    """The conversations and Home pages, and those who watch them change."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.homes: dict[str, Reply] = {}
        self.files: dict[str, bytes] = {}
        """Documents, by `Document.file`."""
        self._messages: dict[str, Shown] = {}
        self._watchers: list[tuple[str, asyncio.Queue[Change]]] = []

    def get(self, id: str) -> Shown | None:
        """The message of that id, if it is shown."""
        return self._messages.get(id)

    def seen_by(self, external_id: str) -> list[Shown]:
        """All that stands on a person's page, in the order in which it first appeared."""
        return [message for message in self._messages.values() if message.seen_by(external_id)]

    def put(self, message: Shown) -> None:
        """Show a message, or show it changed in its old place."""
        before = self._messages.get(message.id)
        if before is not None:
            message = msgspec.structs.replace(message, at=before.at)
        self._messages[message.id] = message
        if before is None and len(self._messages) > KEPT:
            self.remove(next(iter(self._messages)))
        self._tell(Put(message), message.seen_by)

    def remove(self, id: str) -> None:
        """Take a message away; one that is gone already is no mistake."""
        message = self._messages.pop(id, None)
        if message is not None:
            self._tell(Removed(id), message.seen_by)

    def keep(self, file: str, content: bytes) -> None:
        """A document can be fetched from now on."""
        self.files[file] = content
        while len(self.files) > FILES_KEPT:
            del self.files[next(iter(self.files))]

    def draw_home(self, external_id: str, home: Reply) -> None:
        """Replace a person's own page."""
        self.homes[external_id] = home
        self._tell(Home(external_id, home), external_id.__eq__)

    def close(self) -> None:
        """Tell every watcher that nothing follows."""
        self._tell(Closed(), lambda _: True)

    @contextmanager
    def watch(self, external_id: str) -> Iterator[asyncio.Queue[Change]]:
        """What changes from now on, as that person would see it."""
        changes: asyncio.Queue[Change] = asyncio.Queue()
        watcher = (external_id, changes)
        self._watchers.append(watcher)
        try:
            yield changes
        finally:
            self._watchers.remove(watcher)

    def _tell(self, change: Change, concerns: Callable[[str], bool]) -> None:
        for external_id, changes in self._watchers:
            if concerns(external_id):
                changes.put_nowait(change)
