"""A question's words as they are compared: apart, in one spelling, with typing errors mended."""

from __future__ import annotations

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
    for index, word in enumerate(line.words):
        if not word[0].isalnum():
            if word in _KEPT_SIGNS or word in "&+":
                words.append("and" if word in "&+" else "%" if word == "%" else "-")
                source.append(index)
            continue
        marked = any(sign in _MARKS for sign in line.text[line.starts[index] : line.ends[index]])
        apart = None if word in org.words else APART.get(word) or (APART_WITH_MARK.get(word) if marked else None)
        for part in apart or (_mended(word, index, line, org, marked=marked),):
            words.append(part)
            source.append(index)
    return Typed(line, words, source, [""] * len(words))


def _mended(word: str, index: int, line: Line, org: Org, *, marked: bool) -> str:
    if word in org.words or (word in _KNOWN and not (marked and word[:-1] in org.words)):
        return word
    if word[-1] == "s" and word[:-1] in org.words:
        return word[:-1]
    if marked and index in line.possessive:
        bare = word[:-1]
        return bare if bare in _KNOWN or len(bare) < 4 else spelt(bare, org)
    if len(word) < 4 or not word.isalpha() or word in _RIGHT:
        return word
    return spelt(word, org)


def spelt(word: str, org: Org) -> str:
    """The known word or name that this one may be meant to be; itself where there is none."""
    known, errors = _nearest(word, _SPELLABLE)
    name, name_errors = _nearest(word, org.spellable)
    if word.endswith("s") and len(word) > 4 and name_errors:
        bare, bare_errors = _nearest(word[:-1], org.spellable)
        if bare_errors < name_errors:
            name, name_errors = bare, bare_errors
    if name and name_errors <= errors:
        return name
    return known or word


@lru_cache(maxsize=4096)
def _nearest(word: str, among: tuple[str, ...]) -> tuple[str, int]:
    """The nearest of these and its errors; nothing where none is near enough."""
    best, distance = "", 9
    allowed = 1 if len(word) < 7 else 2
    for other in among:
        swapped = len(other) > 5 and other[:2] == word[1::-1]
        if abs(len(other) - len(word)) > allowed or (other[0] != word[0] and not swapped):
            continue
        errors = OSA.distance(word, other, score_cutoff=allowed)
        if errors <= allowed and errors < distance and not (errors == 2 and len(other) < 7):
            best, distance = other, errors
    return best, distance
