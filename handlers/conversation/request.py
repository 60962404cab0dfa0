"""What comes in, and what a handler gives back.

A platform adapter turns a payload into an `Incoming`; `bot/turn.py` adds what the rows know and hands the handler a
`Request`. The handler answers with an `Outcome`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, TypeAlias
from zoneinfo import ZoneInfo

import msgspec

from handlers.conversation.company import Company
from handlers.conversation.reply import Form, Reply
from handlers.language.names import NameIndex
from storage.vault import Vault


class Profile(msgspec.Struct, frozen=True):
    """What the platform says of a person. `member` is false for guests and for other companies' people."""

    external_id: str
    name: str = ""
    email: str = ""
    zone: str = ""
    locale: str = ""
    member: bool = True
    known: bool = True
    """False when the platform could not be asked: nothing is linked or refused on such a profile."""


class Address(msgspec.Struct, frozen=True):
    """Where a message goes, or which message is meant. All ids are the platform's own.

    `message` is set when an existing message is meant (to be edited, or answered in its thread as `thread`).
    `only_to` makes a message in a shared conversation visible to that one user. `response_url` is a secret of the
    platform: it is encrypted before it is stored.
    """

    conversation: str = ""
    thread: str = ""
    message: str = ""
    only_to: str = ""
    response_url: str = ""
    service: str = ""
    """Where the platform takes what is sent here (Teams' service URL); empty where that is always the same."""


class Attached(msgspec.Struct, frozen=True):
    """A file that came with words, fetched by the platform's adapter before the turn."""

    name: str
    content: bytes = b""
    problem: str = ""
    """A sentence for the person, where it could not be fetched; then there is no content."""

    def __repr__(self) -> str:
        # What is in a file never gets into a log by way of what holds it.
        return f"Attached({self.name!r}, {len(self.content)} bytes, problem={self.problem!r})"


class Said(msgspec.Struct, frozen=True, tag="said"):
    """Words. `command` is set when the platform itself names it (a slash command); then `text` holds the rest."""

    text: str
    command: str = ""
    files: tuple[Attached, ...] = ()


class Pressed(msgspec.Struct, frozen=True, tag="pressed"):
    """A button, or a choice with the option's `value`."""

    token: str
    value: str = ""


class Submitted(msgspec.Struct, frozen=True, tag="submitted"):
    """A form that was sent; `values` by field name, empty string for nothing."""

    token: str
    values: dict[str, str]


class LogThis(msgspec.Struct, frozen=True, tag="shortcut"):
    """A message shortcut (`command` says whose) used on a message with this text."""

    command: str
    text: str
    author: str = ""
    """The name of who wrote it, as the platform tells; empty where it does not."""


class HomeOpened(msgspec.Struct, frozen=True, tag="home"):
    """The person looked at Pacer's own page."""


What: TypeAlias = Said | Pressed | Submitted | LogThis | HomeOpened


class Incoming(msgspec.Struct, frozen=True):
    """One thing that a person did, as a platform reports it."""

    install: str
    """The install's name in app.yaml."""
    key: str
    """The same for every delivery of the same event, unique within the install."""
    profile: Profile
    what: What
    place: Literal["direct", "group", "channel", "home"]
    reply_to: Address
    """Where an answer goes."""
    pressed_on: Address | None = None
    """The message that carried the button or opened the form, so that it can be replaced."""
    inline: bool = False
    """The platform's own response can carry the reply (a slash command's acknowledgement; a card in place of the one
    that was pressed)."""
    fleeting: bool = False
    """What the response carries is gone when the conversation is opened again: the message itself is edited too."""
    can_open_form: bool = False
    """The platform will open a form for this event."""


class Actor(msgspec.Struct, frozen=True):
    """The person who acts, as the rows know them at this moment."""

    person: str
    name: str
    email: str
    roles: frozenset[str]
    reports: frozenset[str] = frozenset()
    """Ids of the people whom they manage today."""


class Basis(msgspec.Struct, frozen=True):
    """What reading a text needs: the person's own clock and habits, and the names that are known."""

    now: datetime
    """Aware, in the person's own zone."""
    date_order: Literal["mdy", "dmy"]
    names: NameIndex
    revision: int
    """Of the names: a text read with an older one is read again."""

    @property
    def zone(self) -> ZoneInfo:
        zone = self.now.tzinfo
        assert isinstance(zone, ZoneInfo)
        return zone


class Request(msgspec.Struct, frozen=True):
    """What a handler is given. It never reads a clock, a setting or a network by itself."""

    incoming: Incoming
    actor: Actor
    company: Company
    basis: Basis
    now: datetime
    """Aware, UTC."""
    text: str = ""
    """The words after the command's name."""
    prepared: Any = None
    """What the command's `prepare` made of the text, before the transaction began."""
    data: dict[str, Any] = {}
    """What was stored under the token of the button or form, or in the draft that is being answered."""
    value: str = ""
    """The option chosen."""
    values: dict[str, str] = {}
    """The form's fields."""
    shown: Form | None = None
    """The form that was sent, as it was shown."""
    listing: bool = False
    """What is drawn is a page or a list with buttons for many things: it stays when one of them is pressed, and the
    answer comes below it."""
    vault: Vault | None = None
    """For secrets that somebody gave and that are to be stored. None where nobody said anything: in a job."""


class Place(msgspec.Struct, frozen=True):
    """A conversation that is nobody's own, such as a channel; `message` of the address where one there is meant."""

    install: str
    """By its name in app.yaml."""
    address: Address


class Message(msgspec.Struct, frozen=True):
    """Something said to somebody else. The same `key` twice is one message."""

    to: str
    """A person's id; empty where there is a `place`."""
    reply: Reply
    topic: str
    key: str
    until: datetime | None = None
    """How long it is worth sending; None: always."""
    place: Place | None = None
    """Said there, to all who read it."""
    edits: str = ""
    """The key of an earlier message at that place, which this one takes the place of."""


class JobWanted(msgspec.Struct, frozen=True):
    """Work for later (handlers/conversation/job.py), begun right after the commit. The same `key` twice is one job."""

    kind: str
    key: str
    data: dict[str, Any] = {}
    edits: bool = True
    """What it says takes the place of the answer to this; else it is a message of its own."""


class Outcome(msgspec.Struct, frozen=True):
    """What a handler decided: at most one of `reply`, `form` and `problems` answers the person who acted."""

    reply: Reply | None = None
    form: Form | None = None
    problems: dict[str, str] = {}
    """Field name -> what is wrong with it; the form stays open and nothing is stored."""
    home: Reply | None = None
    """The person's own page, drawn anew."""
    replace: bool = True
    """The reply takes the place of the message whose button was pressed."""
    messages: tuple[Message, ...] = ()
    facts: tuple[object, ...] = ()
    """What happened, for the listeners of other features."""
    jobs: tuple[JobWanted, ...] = ()
