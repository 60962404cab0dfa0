"""English words that a sales line is made of (words.yaml), and phrases that a feature knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import yaml
from rapidfuzz.distance import OSA

from handlers.language.dates import DAY_OPENERS
from handlers.language.fold import folded


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in a row that say a kind, an outcome, or an outcome that also implies a kind."""

    words: tuple[str, ...]
    kind: str | None = None
    outcome: str | None = None


_LOADER: Final = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
"""Ten times as fast where PyYAML has it, and every process reads all words as it starts."""


def loaded(path: Path) -> dict[str, Any]:
    """A file of words."""
    with path.open(encoding="utf-8") as file:
        data: dict[str, Any] = yaml.load(file, _LOADER)
    return data


def words_in(data: Mapping[str, Any], name: str) -> frozenset[str]:
    """The folded words of an entry: a list, or words with blanks between."""
    words = data[name]
    return frozenset(folded(word) for word in (words.split() if isinstance(words, str) else words))


def phrases_in(lines: Iterable[str]) -> list[str]:
    """The phrases of lines with commas between."""
    return [phrase.strip() for line in lines for phrase in line.split(",") if phrase.strip()]


_DATA: Final = loaded(Path(__file__).parent / "words.yaml")

MODIFIERS: Final = words_in(_DATA, "modifiers")
DEAL_WORDS: Final = words_in(_DATA, "deal_words")
SUBJECTS: Final = words_in(_DATA, "subjects")
COMPANY_WORDS: Final = words_in(_DATA, "company_words")
REGIONS: Final = words_in(_DATA, "regions")
TITLES: Final = words_in(_DATA, "titles")
FIRST_NAMES: Final = words_in(_DATA, "first_names")
ORDINARY: Final = words_in(_DATA, "ordinary") | DAY_OPENERS | MODIFIERS | SUBJECTS | DEAL_WORDS
"""Words that are no name by themselves."""


@dataclass(frozen=True, slots=True)
class Phrases:
    """What a feature understands, by the first word of each phrase and the longest first."""

    kinds: tuple[str, ...]
    phrases: Mapping[str, tuple[Phrase, ...]]
    spellable: tuple[tuple[str, str], ...] = ()
    """Single words long enough to be recognised when misspelt, and their kinds."""

    def spelt(self, word: str) -> str | None:
        """The kind that a misspelt word may be meant to say: `emial`, `phnoed`."""
        return _spelt(word, self.spellable)


def by_first_word(phrases: Iterable[Phrase]) -> dict[str, tuple[Phrase, ...]]:
    """The phrases by their first word, the longest first."""
    found: dict[str, list[Phrase]] = {}
    for phrase in sorted(phrases, key=lambda phrase: -len(phrase.words)):
        found.setdefault(phrase.words[0], []).append(phrase)
    return {first: tuple(some) for first, some in found.items()}


@lru_cache(maxsize=4096)
def _spelt(word: str, spellable: tuple[tuple[str, str], ...]) -> str | None:
    if not 4 <= len(word) <= 16 or not word.isalpha() or word in ORDINARY or word in FIRST_NAMES:
        return None
    best: str | None = None
    distance = 3
    for known, kind in spellable:
        allowed = 1 if len(known) < 7 else 2
        swapped = len(word) == len(known) == 4
        if word[0] != known[0] and not (len(known) > 4 and sorted(word) == sorted(known)):
            continue
        errors = OSA.distance(word, known, score_cutoff=allowed)
        if errors > allowed or errors >= distance or (swapped and sorted(word) != sorted(known)):
            continue
        best, distance = kind, errors
    return best
