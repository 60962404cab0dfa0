"""Making a text fit where a platform has limits. What is cut says so, and nothing is cut inside a character."""

from __future__ import annotations

import unicodedata

SHORTENED = "… (shortened)"
ROOM_FOR_THE_WORD = 200
"""A label shorter than this many characters has no room for the word; an ellipsis says the same there."""
_JOINER = "\u200d"


def clean(text: str, limit: int) -> str:
    """At most `limit` characters of what can be sent, never empty ("–" instead)."""
    text = sendable(text)
    if len(text) > limit:
        word = SHORTENED if limit >= ROOM_FOR_THE_WORD else "…"
        return text[: _boundary(text, limit - len(word))] + word
    return text if text and not text.isspace() else "–"


def sendable(text: str) -> str:
    """The text with U+FFFD for NUL, which Slack refuses, and for half a surrogate pair, which is no UTF-8."""
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return "".join("\ufffd" if "\ud800" <= letter <= "\udfff" else letter for letter in text)
    return text


def _boundary(text: str, end: int) -> int:
    """`end`, or a little before it where `end` would part an accent or an emoji's pieces from one another."""
    for at in range(end, max(end - 8, 0), -1):
        if not _belongs_to_the_one_before(text[at]) and text[at - 1] != _JOINER:
            return at
    return end


def _belongs_to_the_one_before(letter: str) -> bool:
    skin_tone = "\U0001f3fb" <= letter <= "\U0001f3ff"
    return letter == _JOINER or skin_tone or unicodedata.category(letter) in ("Mn", "Me", "Mc")
