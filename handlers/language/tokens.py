"""A line cut into words and signs once, for every grammar to read."""

from __future__ import annotations

import re
from typing import Final

from handlers.language.fold import folded

_TOKEN = re.compile(r"[^\W_]+(?:['’‘`´][^\W_]+)*|\S")
_POSSESSIVE: Final = ("'s", "’s")
_GLUE: Final = frozenset("-.")


class Line:
    """The tokens of a text: where each begins and ends in it, and its folded word (a sign stands for itself)."""

    __slots__ = ("count", "ends", "keys", "possessive", "starts", "text", "words")

    def __init__(self, text: str) -> None:
        self.text = text
        spans = [match.span() for match in _TOKEN.finditer(text)]
        plain = text.isascii() and "'" not in text and "`" not in text
        if plain:
            lower = text.lower()
            words = [lower[start:end] for start, end in spans]
        else:
            words = [folded(text[start:end]) for start, end in spans]
            if not all(words):
                spans = [span for span, word in zip(spans, words, strict=True) if word]
                words = [word for word in words if word]
        self.starts = [start for start, _ in spans]
        self.ends = [end for _, end in spans]
        self.words = words
        self.keys = [
            word if word[0].isalnum() else self._sign_key(word, *span) for word, span in zip(words, spans, strict=True)
        ]
        """What names are looked up by: a sign inside a name (7-Eleven) is nothing, `&` is `and`, others part names."""
        self.possessive = (
            frozenset()
            if plain
            else frozenset(
                index
                for index, (start, end) in enumerate(spans)
                if end - start > 2 and text[end - 2 : end] in _POSSESSIVE
            )
        )
        """Tokens that end in an apostrophe and s."""
        self.count = len(words)

    def _sign_key(self, sign: str, start: int, end: int) -> str:
        if sign in "&+":
            return "and"
        text = self.text
        inside = sign in _GLUE and start > 0 and end < len(text) and text[start - 1].isalnum() and text[end].isalnum()
        return "" if inside else "\0"

    def word(self, index: int) -> str:
        """The folded word there, empty beyond either end."""
        return self.words[index] if 0 <= index < self.count else ""

    def after(self, offset: int, index: int) -> int:
        """The first token from `index` on that begins at this offset of the text, or behind it."""
        starts, count = self.starts, self.count
        while index < count and starts[index] < offset:
            index += 1
        return index

    def glued(self, index: int) -> bool:
        """No white space stands between this token and the one before."""
        return index > 0 and self.starts[index] == self.ends[index - 1]

    def written(self, start: int, stop: int) -> str:
        """The tokens from `start` up to `stop`, as typed."""
        return self.text[self.starts[start] : self.ends[stop - 1]] if start < stop else ""

    def capital(self, index: int) -> bool:
        """The token begins with a capital letter."""
        return self.text[self.starts[index]].isupper()
