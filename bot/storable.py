"""What people type, as every database takes it. Each platform's way in goes through here."""

from __future__ import annotations


def storable(text: str) -> str:
    """The text without what no database takes: NUL becomes the sign for it, half a surrogate pair a question mark."""
    if "\0" in text:
        text = text.replace("\0", "\u2400")
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
