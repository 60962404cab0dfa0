"""What an adapter is given, and what it gets back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

from bot.attached import Fetch
from handlers.conversation.reply import Form, Reply
from handlers.conversation.request import Incoming, Profile


class Answer(msgspec.Struct, frozen=True):
    """What a turn committed, as its platform's own response has to say it."""

    reply: Reply | None = None
    """To be carried by the response itself; set only for an `inline` event."""
    replace: bool = False
    """`reply` takes the place of the message whose button was pressed."""
    form: Form | None = None
    """To be opened now, within the trigger's 3 s. If that fails: `Turns.form_missed`."""
    problems: dict[str, str] = {}
    """Field name -> sentence: the submitted form stays open and shows them."""
    shown: Form | None = None
    """With `problems`: the form as it was, for a platform that has to draw it anew."""
    replayed: bool = False
    """The event had been seen before; this is what was answered then."""
    pending: bool = False
    """The database has not answered in 2 s: `reply` says "Not saved yet, I will confirm", the outcome follows."""


class TakesTurns(Protocol):
    """What an adapter is given."""

    async def take(self, incoming: Incoming, fetch: Fetch | None = None) -> Answer:
        """Run the turn to its commit and start the delivery of what it put into the outbox. Raises nothing that a
        person caused: mistakes and refusals come as replies.

        `fetch` brings the files that `incoming` announces (Said.files without content); it is called before the turn,
        if at all, and holds up nothing but what the same person says afterwards."""

    async def form_missed(self, incoming: Incoming, form: Form) -> None:
        """The form could not be opened in time: a message offers *Open form*."""

    async def file_answered(self, incoming: Incoming, file: str, upload: str) -> None:
        """The person was asked (`incoming.pressed_on`) whether they want the document `file`. `upload` says where it
        goes, in the platform's own words; empty: they do not want it. Twice the same answer is one."""

    async def left(self, install: str, user: str, conversation: str, event: str, team: str = "") -> None:
        """The app was removed for one person (`conversation` empty), or from one conversation: what waits for them is
        withdrawn, and the person is not written to until they come back. `team`: with all its channels.

        The same `event` again, perhaps after they came back, has no effect.
        """

    async def joined(self, install: str, team: str, service: str) -> None:
        """The app is in that team, or somebody joined it: its members are looked at for people of the plan. `service`
        is where it is asked."""

    async def accounts_like(self, install: str, profile: Profile, words: str, limit: int) -> list[str]:
        """Names of accounts that these words are part of, for a person who is known; nobody else learns any."""

    async def uninstalled(self, install: str, event: str = "") -> None:
        """The platform says that the app was removed: its credential is dropped and its outbox withdrawn.

        The same `event` again, perhaps after a new installation, has no effect.
        """


class Outgoing(Protocol):
    """What a turn needs of delivery."""

    owner: str

    def kick(self, keys: Sequence[str]) -> None:
        """Deliver these rows, which are claimed for `owner`, at once."""

    async def at_once(self, incoming: Incoming, reply: Reply) -> None:
        """Say something without the database, best effort: it is what is not answering."""
