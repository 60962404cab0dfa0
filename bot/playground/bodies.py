"""What the page sends: one shape for each thing that a person does."""

from __future__ import annotations

import msgspec


class Given(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file that was attached. One over the limit comes without its content."""

    name: str
    size: int
    """Bytes."""
    content: bytes = b""
    """Base64 in the JSON."""


class Say(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line typed into a conversation, files attached to it, or both."""

    who: str
    key: str
    conversation: str
    text: str
    files: tuple[Given, ...] = ()


class Press(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A button pressed, or an option chosen, on a message or on Home."""

    who: str
    key: str
    message: str
    token: str
    value: str = ""


class Submit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A form sent; `message` is the one whose button opened it."""

    who: str
    key: str
    token: str
    values: dict[str, str]
    conversation: str = ""
    message: str = ""


class UseShortcut(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An entry of a message's menu."""

    who: str
    key: str
    message: str
    command: str


class OpenHome(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The Home tab was opened."""

    who: str
    key: str


class Leap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The clock is to be taken forward, to one of the moments that were offered."""

    who: str
    key: str
    to: str
