"""What a word was meant to be: letters swapped, left out, doubled, or written as they sound; a neighbouring key."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from rapidfuzz.distance import OSA

from handlers.ask.org import Org
from handlers.ask.sounds import sound
from handlers.ask.vocabulary import (
    APART,
    APART_WITH_MARK,
    COMMON,
    FILLERS,
    KEYWORDS,
    SLIPPED,
    SOFT,
    SPELLABLE,
)
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
_KNOWN: Final = FILLERS | SOFT | KEYWORDS | PERIOD_WORDS | frozenset((*NUMBER_WORDS, *APART, *APART_WITH_MARK))
_SLIPPABLE: Final = frozenset(
    word for word in _KNOWN | SPELLABLE | SLIPPED if len(word) > 2 and word.isascii() and word.isalpha()
)
_SMALL: Final = frozenset(
    (
        *(
            "this",
            "last",
            "what",
            "which",
            "with",
            "year",
            "week",
            "does",
            "have",
            "make",
            "most",
            "from",
            "than",
            "that",
        ),
        *("will", "when", "where", "many", "much", "need", "next", "whose", "days", "since", "still", "since", "there"),
    )
)
"""Small words that a few letters without sense can only be: of the others which lack a letter a doubt stays."""
_USUAL: Final = frozenset(
    ("team", "plan", "deal", "pipe", "pace", "best", "miss", "call", "rank", "rate", "lost", "help")
)
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
_RIGHT: Final = FIRST_NAMES | ORDINARY | COMMON | SLIPPED
"""Words that are spelt right and mean nothing here: Diana is not Dana mistyped."""
_TARGETS: Final = SPELLABLE | {word for word in (*MONTHS, *WEEKDAYS) if len(word) > 4}
_SPELLABLE: Final = tuple(sorted(_TARGETS))
_LONG_MONTHS: Final = frozenset(word for word in MONTHS if len(word) > 3)
_KEYS: Final = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_VOWELS: Final = re.compile("[aeiou]")
_DOUBLED: Final = re.compile(r"(.)\1")


def _beside() -> dict[str, str]:
    found: dict[str, set[str]] = {}
    for row, keys in enumerate(_KEYS):
        for column, key in enumerate(keys):
            near = {keys[i] for i in (column - 1, column + 1) if 0 <= i < len(keys)}
            for other in (row - 1, row + 1):
                if 0 <= other < len(_KEYS):
                    near |= set(_KEYS[other][max(0, column - 1) : column + 2])
            found[key] = near
    return {key: "".join(sorted(near)) for key, near in found.items()}


_NEIGHBOURS: Final = _beside()


def _bare(word: str) -> str:
    return word[0] + _VOWELS.sub("", word[1:])


def _by_consonants() -> dict[str, str]:
    """`trgt` -> target: a word's consonants, where no other word has the same."""
    found: dict[str, set[str]] = {}
    for word in _TARGETS:
        bare = _bare(word)
        for key in {bare, _DOUBLED.sub(r"\1", bare)}:
            if len(key) > 2 and key != word:
                found.setdefault(key, set()).add(word)
    return {key: min(words, key=len) for key, words in found.items() if len({one.rstrip("s") for one in words}) == 1}


_CONSONANTS: Final = _by_consonants()
_SHORT: Final = frozenset(
    (
        *("top", "best", "last", "this", "next", "year", "week", "show", "what", "who", "how", "with", "won", "win"),
        *("gap", "whos", "whats", "hows", "deal", "deals", "call", "calls", "team", "reps", "rep", "for", "the", "and"),
        *("need", "rate", "lost", "goal", "plan", "pace", "are", "our", "my", "is", "vs", "ytd", "from", "since"),
    )
)
"""Short words whose letters are swapped more often than the result is a word of its own."""


def mended(word: str, index: int, line: Line, org: Org, *, marked: bool) -> tuple[str, bool]:
    """The word that a token stands for, and whether it is doubtful which."""
    if word in org.words or (word in _KNOWN and not (marked and word[:-1] in org.words)):
        return word, False
    if word[-1] == "s" and (word[:-1] in org.words or word[:-1] in _LONG_MONTHS):
        return word[:-1], False
    if marked and index in line.possessive:
        word = word[:-1]
        if word in _KNOWN:
            return word, False
    if not word.isalpha():
        return word, False
    heard = _heard(word, org) if len(word) > 2 and word not in ORDINARY and word not in COMMON else ""
    if heard:
        return heard, False
    if len(word) < 3 or word in _RIGHT:
        return word, False
    if not _nearest_name(word, org)[0]:
        if near := _swapped(word, _SHORT) or _CONSONANTS.get(word, ""):
            return near, False
        if near := _swapped(word, org.words) or (_swapped(word[:-1], org.words) if word[-1] == "s" else ""):
            return near, True
    capital = line.capital(index) and index > 0 and not line.text.isupper()
    if len(word) > 3 and not capital and (near := _turned(word)):
        return near, False
    found = spelt(word, org) if len(word) > 3 else (word, False)
    if found[0] == word and not capital:
        if near := _slipped(word):
            return near, False
        if len(word) < 5 and (near := _lacking(word)):
            return near, near not in _SMALL
    if found[0] == word and len(bare := _bare(word)) > 3 and len(word) > 4:
        near = _CONSONANTS.get(bare, word)
        return (near if len(_VOWELS.findall(word)) < len(_VOWELS.findall(near)) else word), False
    return found


def _heard(word: str, org: Org) -> str:
    """A name written as it sounds (Viktor, Sara) or with a letter doubled; nothing where several sound so."""
    for bare in (word, word[:-1]) if word.endswith("s") and len(word) > 4 else (word,):
        names = org.heard.get(sound(bare), ())
        if len(names) == 1:
            return names[0]
    return ""


def _swapped(word: str, among: frozenset[str]) -> str:
    """The one of these that has two letters beside each other the other way round: `tpo`, `waht`."""
    if not 2 < len(word) < 6:
        return ""
    for at in range(len(word) - 1):
        other = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        if other != word and other in among:
            return other
    return ""


@lru_cache(maxsize=4096)
def _turned(word: str) -> str:
    """The one word of ours that has two letters beside each other the other way round: `wehre`, `slippnig`."""
    turned = {word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(len(word) - 1)}
    return _one_of(turned - {word})


@lru_cache(maxsize=4096)
def _slipped(word: str) -> str:
    """The one word of ours that lacks a letter typed twice (`hoow`), or, of a longer word, has one more (`closd`)."""
    if len(word) < 4:
        return ""
    doubled = {word[:at] + word[at + 1 :] for at in range(1, len(word)) if word[at] == word[at - 1]}
    if (near := _one_of(doubled)) or len(word) < 5:
        return near
    return _one_of({word[:at] + letter + word[at:] for at in range(1, len(word) + 1) for letter in _LETTERS})


@lru_cache(maxsize=4096)
def _lacking(word: str) -> str:
    """The one word of ours of which a short one may lack a letter: `thi`, `firt`; of three letters only the usual."""
    longer = {word[:at] + letter + word[at:] for at in range(1, len(word) + 1) for letter in _LETTERS}
    near = longer & (_SMALL | _USUAL if len(word) < 4 else _SLIPPABLE)
    return near.pop() if len(near) == 1 else ""


def _one_of(words: set[str]) -> str:
    """The word among these that is ours; nothing where there are several."""
    found = words & _SLIPPABLE
    return found.pop() if len(found) == 1 else ""


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
    found = _nearest(word, _SPELLABLE)
    if found[0] or len(word) < 5:
        return found
    # The finger beside: `wuota`, `gorecast`. The first letter of a name is not mended so: West is not East.
    for letter in _NEIGHBOURS.get(word[0], ""):
        if letter + word[1:] in _TARGETS:
            return letter + word[1:], 1, True
    return found


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
