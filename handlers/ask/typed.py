"""A question's words as they are compared: apart, in one spelling, with typing errors mended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from rapidfuzz.distance import OSA

from handlers.ask.org import Org
from handlers.ask.vocabulary import APART, APART_WITH_MARK, COMMON, FILLERS, KEYWORDS, SAME_BY_FIRST, SPELLABLE
from handlers.language.dates import MONTHS, WEEKDAYS
from handlers.language.numbers import NUMBER_WORDS
from handlers.language.tokens import Line
from handlers.language.vocabulary import FIRST_NAMES, ORDINARY

PERIOD_WORDS: Final = frozenset(
    (
        *MONTHS,
        *WEEKDAYS,
        *("today", "yesterday", "tomorrow", "tonight", "day", "week", "month", "quarter", "half", "year", "fortnight"),
        *(
            "last",
            "past",
            "previous",
            "prior",
            "this",
            "next",
            "current",
            "coming",
            "since",
            "until",
            "till",
            "through",
        ),
        *("ytd", "mtd", "qtd", "wtd", "htd", "fiscal", "calendar", "trailing", "rolling", "first", "second", "third"),
        *("fourth", "ago", "before", "between", "during", "upcoming", "date", "financial", "couple", "days", "same"),
    )
)
_KNOWN: Final = FILLERS | KEYWORDS | PERIOD_WORDS | frozenset((*NUMBER_WORDS, *APART, *APART_WITH_MARK))
_RIGHT: Final = FIRST_NAMES | ORDINARY | COMMON
"""Words that are spelt right and mean nothing here: Diana is not Dana mistyped."""
_SPELLABLE: Final = tuple(sorted(SPELLABLE | {word for word in (*MONTHS, *WEEKDAYS) if len(word) > 4}))
_MARKS: Final = frozenset("'’‘`´")
_KEPT_SIGNS: Final = frozenset("-–—%")
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
        mended, doubtful = (word, False) if apart else _mended(word, index, line, org, marked=marked)
        if doubtful:
            doubts.add(index)
        for part in apart or (mended,):
            words.append(part)
            source.append(index)
    return Typed(line, words, source, [""] * len(words), frozenset(doubts))


def _mended(word: str, index: int, line: Line, org: Org, *, marked: bool) -> tuple[str, bool]:
    if word in org.words or (word in _KNOWN and not (marked and word[:-1] in org.words)):
        return word, False
    if word[-1] == "s" and word[:-1] in org.words:
        return word[:-1], False
    if marked and index in line.possessive:
        word = word[:-1]
        if word in _KNOWN:
            return word, False
    if len(word) < 4 or not word.isalpha() or word in _RIGHT:
        return word, False
    return spelt(word, org)


def spelt(word: str, org: Org) -> tuple[str, bool]:
    """The known word or name that this one may be meant to be, else itself; and whether that is doubtful."""
    known, errors, _ = _nearest_keyword(word)
    name, name_errors, alone = _nearest_name(word, org)
    if word.endswith("s") and len(word) > 4 and name_errors:
        bare, bare_errors, bare_alone = _nearest_name(word[:-1], org)
        if bare_errors < name_errors:
            name, name_errors, alone = bare, bare_errors, bare_alone
    if name and name_errors <= errors:
        return name, not alone or name_errors > 1
    return known or word, False


@lru_cache(maxsize=4096)
def _nearest_keyword(word: str) -> tuple[str, int, bool]:
    return _nearest(word, _SPELLABLE)


def _nearest_name(word: str, org: Org) -> tuple[str, int, bool]:
    begun = org.spellable.get(word[0], ())
    return _nearest(word, (*begun, *org.spellable.get(word[1], ())) if len(word) > 4 and word[0] != word[1] else begun)


def _nearest(word: str, among: Sequence[str]) -> tuple[str, int, bool]:
    """The nearest of these, its errors, and whether no other is as near; nothing where none is near enough.

    A first letter is rarely mistyped but by swapping it with the second: West is not East.
    """
    best, distance, alone = "", 9, True
    allowed = 1 if len(word) < 7 else 2
    for other in among:
        swapped = len(other) > 4 and other[:2] == word[1::-1]
        if abs(len(other) - len(word)) > allowed or (other[0] != word[0] and not swapped):
            continue
        errors = OSA.distance(word, other, score_cutoff=allowed)
        if errors > allowed or (errors == 2 and len(other) < 7):
            continue
        if errors < distance:
            best, distance, alone = other, errors, True
        elif errors == distance and other != best:
            alone = False
    return best, distance, alone
