"""What of a line has been understood so far, token by token, and what phrases stand in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from handlers.language.names import NameIndex
from handlers.language.tokens import Line
from handlers.language.vocabulary import ORDINARY, Phrase, Phrases

_TAG = re.compile(r"#([^\W_][\w-]*)")
_OPAQUE = re.compile(
    r"(?:https?://|www\.)\S+|[\w.+-]+@[\w-]+\.[\w.-]+|\+?\(?\d{2,4}\)?(?:[\s-]\d{2,4}){1,4}(?![\w:/.])"
)
_OPAQUE_SIGNS = re.compile(r"://|www\.|\w@\w|\d\)?[ -]\d")
_ISO_DAY = re.compile(r"\d{4}-\d\d?-\d\d?|\d\d?-\d\d?-\d{2,4}")


class Mark(IntEnum):
    """What a token was understood as."""

    FREE = 0
    NAME = 1
    KIND = 2
    OUTCOME = 3
    WHEN = 4
    TAG = 5
    OPAQUE = 6
    MONEY = 7
    COUNT = 8
    PERSON = 9
    SAID = 10


@dataclass(frozen=True, slots=True)
class Mention:
    """Known accounts met from one token up to another; none of them: the name of a company that is not known."""

    start: int
    stop: int
    names: tuple[str, ...]
    whole: bool
    count: int = 0
    """`Acme x2`: so many with this one."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A phrase of the vocabulary met from one token up to another."""

    start: int
    stop: int
    phrase: Phrase


class Scan:
    """A line, the marks of its tokens, and the names in it (see mentions.py): sure ones (`mentions`) and mere ordinary
    words (`weak`).
    """

    __slots__ = ("index", "line", "marks", "mentions", "searches", "tags", "vocabulary", "weak")

    def __init__(self, line: Line, index: NameIndex, vocabulary: Phrases) -> None:
        self.line = line
        self.index = index
        self.vocabulary = vocabulary
        self.marks: list[int] = [Mark.FREE] * line.count
        self.mentions: dict[int, Mention] = {}
        self.weak: dict[int, Mention] = {}
        self.searches = 0
        """Searches for misspelt names so far: a line may ask for many."""
        self.tags: list[tuple[int, str]] = []
        self._claim_tags()
        self._claim_opaque()

    def claim(self, start: int, stop: int, mark: Mark) -> None:
        """These tokens are understood as that."""
        for index in range(start, stop):
            self.marks[index] = mark

    def spoken(self, start: int, stop: int) -> Iterator[Spoken]:
        """Phrases of the vocabulary, from left to right, the longest at each place."""
        words, marks, phrases = self.line.words, self.marks, self.vocabulary.phrases
        at = start
        while at < stop:
            known = phrases.get(words[at]) if marks[at] == Mark.FREE else None
            end = 0
            if known is not None:
                for phrase in known:
                    end = self.runs(phrase.words, at, stop)
                    if end:
                        yield Spoken(at, end, phrase)
                        break
            at = end or at + 1

    def runs(self, phrase: tuple[str, ...], at: int, stop: int) -> int:
        """Where the phrase ends if it stands at this token, else 0. Signs inside (`on-site`, `1:1`) do not matter."""
        words, line, marks = self.line.words, self.line, self.marks
        for number, word in enumerate(phrase):
            if number and at + 1 < stop and words[at] in "-:/" and line.glued(at) and line.glued(at + 1):
                at += 1
            if at >= stop or words[at] != word or marks[at] != Mark.FREE:
                return 0
            at += 1
        return at

    def proper(self, at: int) -> bool:
        """An ununderstood word that may be part of a name: capital and no common word, or no common word at all."""
        word = self.line.words[at]
        if self.marks[at] != Mark.FREE or not word[0].isalnum() or word in ORDINARY or word.isdecimal():
            return False
        return not (word[0] == "x" and word[1:].isdecimal()) and not (word[-1] == "x" and word[:-1].isdecimal())

    def times(self, at: int) -> tuple[int, int]:
        """`x2`, `2x`, `(x2)` or `(2)` behind an account: how many, and where it ends; 0 where none stands there."""
        words, stop = self.line.words, at
        bracket = stop < self.line.count and words[stop] == "("
        stop += bracket
        word, number = self.line.word(stop), ""
        if word in ("x", "×") and self.line.word(stop + 1).isdecimal():
            number, stop = words[stop + 1], stop + 2
        elif word[:1] == "x" or (word.isdecimal() and bracket):
            number, stop = word.removeprefix("x"), stop + 1
        elif word[-1:] == "x" or (word.isdecimal() and self.line.word(stop + 1) == "×"):
            number, stop = word.removesuffix("x"), stop + 1 + word.isdecimal()
        if bracket:
            if self.line.word(stop) != ")":
                return 0, at
            stop += 1
        if not number.isdecimal() or len(number) > 3 or not int(number) or any(self.marks[at:stop]):
            return 0, at
        return int(number), stop

    def _claim_tags(self) -> None:
        text = self.line.text
        if "#" not in text:
            return
        at = 0
        for match in _TAG.finditer(text):
            before = text[match.start() - 1] if match.start() else " "
            if before.isalnum() or match[1].isdecimal():
                continue
            at = self.line.after(match.start(), at)
            end = self.line.after(match.end(), at)
            self.claim(at, end, Mark.TAG)
            self.tags.append((at, match[1]))

    def _claim_opaque(self) -> None:
        """Addresses and telephone numbers: nothing in them is a date, an amount or a name."""
        text = self.line.text
        if _OPAQUE_SIGNS.search(text) is None:
            return
        at = 0
        for match in _OPAQUE.finditer(text):
            written = match[0]
            if written[0].isdigit() or written[0] in "+(":
                digits = sum(letter.isdigit() for letter in written)
                if digits < 7 or _ISO_DAY.match(written) or (match.start() and text[match.start() - 1] in "$€£₹.,"):
                    continue
            at = self.line.after(match.start(), at)
            self.claim(at, self.line.after(match.end(), at), Mark.OPAQUE)


SEPARATORS: Final = frozenset((",", "and", "&", "+", "/", "then", "plus"))
