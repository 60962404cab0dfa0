"""Making a text fit where a platform has limits. What is cut says so, and nothing is cut inside a character."""

from __future__ import annotations

import unicodedata

SHORTENED = "… (shortened)"
ROOM_FOR_THE_WORD = 200
"""A label shorter than this many characters has no room for the word; an ellipsis says the same there."""
_JOINER = "\u200d"


def clean(text: str, limit: int) -> str:
    """At most `limit` characters, never empty ("–" instead), without NUL or halves of characters.

    Slack refuses NUL, and a lone surrogate cannot be sent as UTF-8 at all; both become U+FFFD.
    """
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            text = "".join("\ufffd" if "\ud800" <= letter <= "\udfff" else letter for letter in text)
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    if len(text) > limit:
        word = SHORTENED if limit >= ROOM_FOR_THE_WORD else "…"
        return text[: _boundary(text, limit - len(word))] + word
    return text if text and not text.isspace() else "–"


def _boundary(text: str, end: int) -> int:
    """`end`, or a little before it where `end` would part an accent, a flag's joiner or the like from its letter."""
    for at in range(end, max(end - 8, 0), -1):
        if not _belongs_to_the_one_before(text[at]) and text[at - 1] != _JOINER:
            return at
    return end


def _belongs_to_the_one_before(letter: str) -> bool:
    skin_tone = "\U0001f3fb" <= letter <= "\U0001f3ff"
    return letter == _JOINER or skin_tone or unicodedata.category(letter) in ("Mn", "Me", "Mc")
