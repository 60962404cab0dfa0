"""A question's words as they are compared: apart, in one spelling, with typing errors mended."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from handlers.ask.org import Org
from handlers.ask.spelling import mended
from handlers.ask.vocabulary import APART, APART_WITH_MARK, SAME_BY_FIRST
from handlers.language.tokens import Line

_MARKS: Final = frozenset("'’‘`´")
_KEPT_SIGNS: Final = frozenset("-–—%")
_JOINED: Final = re.compile(r"(top|bottom|btm|best|worst|last|next)(\d{1,3})\Z")
"""A word and a number written together: `top10`."""
_BEHIND_THIS: Final = {"weak": "week", "moth": "month", "quart": "quarter", "quater": "quarter", "ear": "year"}
"""Words that are other words but behind `this`, `last` or `next`."""
_ENGLISH: Final = frozenset(("is", "are", "was", "were", "has", "have", "did", "made", "hit", "will"))
_SOMEBODY: Final = frozenset(("i", "we", "he", "she", "they", "it", "my", "our", "the", "this", "team"))
_LONGEST: Final = 400
"""Characters of a text that are read; a question is shorter."""


@dataclass(slots=True)
class Typed:
    """The words of one question, and which of them something was made from."""

    line: Line
    words: list[str]
    source: list[int]
    """The token of the line that a word came from."""
    used: list[str] = field(default_factory=list)
    """Beside each word what claimed it, empty for nothing; a claimed word may stand as one `@` word in a pattern."""
    doubts: frozenset[int] = frozenset()
    """Tokens that were taken for a name which they are not very near to, or no nearer than to another one."""

    def claim(self, start: int, stop: int, what: str) -> None:
        """These words are explained."""
        self.used[start:stop] = [what] * (stop - start)

    def free(self, start: int, stop: int) -> bool:
        return not any(self.used[start:stop])

    def word(self, index: int) -> str:
        return self.words[index] if 0 <= index < len(self.words) else ""

    def written(self, index: int) -> str:
        """The token that a word came from, as typed."""
        token = self.source[index]
        return self.line.written(token, token + 1)

    def capital(self, index: int) -> bool:
        return self.line.capital(self.source[index])

    def merged(self) -> None:
        """Say in one word what is said in several or otherwise, but leave what is claimed."""
        words: list[str] = []
        source: list[int] = []
        used: list[str] = []
        at = 0
        while at < len(self.words):
            word, length = self.words[at], 1
            if not self.used[at]:
                for said, one in SAME_BY_FIRST.get(word, ()):
                    stop = at + len(said)
                    if tuple(self.words[at:stop]) == said and self.free(at, stop):
                        word, length = one, len(said)
                        break
            words.append(word)
            source.append(self.source[at])
            used.append(self.used[at])
            at += length
        self.words, self.source, self.used = words, source, used


def _is_who(behind: list[str], org: Org) -> bool:
    """Whether a `wo` before these words is `who`, and not where somebody stands as it is asked in German."""
    if len(behind) < 2 or behind[0] not in _ENGLISH:
        return False
    return behind[1] not in _SOMEBODY and behind[1] not in org.words


def typed(text: str, org: Org) -> Typed:
    """Cut, set apart and mend a text's words with the company's own names in mind."""
    line = Line(text[:_LONGEST])
    words: list[str] = []
    source: list[int] = []
    doubts: set[int] = set()
    for index, word in enumerate(line.words):
        if not word[0].isalnum():
            if word in _KEPT_SIGNS or word in "&+":
                words.append("and" if word in "&+" else "%" if word == "%" else "-")
                source.append(index)
            continue
        marked = any(sign in _MARKS for sign in line.text[line.starts[index] : line.ends[index]])
        apart = None if word in org.words else APART.get(word) or (APART_WITH_MARK.get(word) if marked else None)
        if word in _BEHIND_THIS and words and words[-1] in ("this", "last", "next", "per", "each"):
            apart = (_BEHIND_THIS[word],)
        if word == "wo" and _is_who(line.words[index + 1 : index + 3], org):
            apart = ("who",)
        if apart is None and (joined := _JOINED.match(word)) is not None:
            apart = (joined[1], joined[2])
        right, doubtful = (word, False) if apart else mended(word, index, line, org, marked=marked)
        if right != word and right not in org.words:
            apart = APART.get(right)
        if doubtful:
            doubts.add(index)
        for part in apart or (right,):
            words.append(part)
            source.append(index)
    return Typed(line, words, source, [""] * len(words), frozenset(doubts))
