"""The words that `/log` knows: words.yaml, and what app.yaml adds to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import yaml
from rapidfuzz.distance import OSA

from handlers.conversation.company import Company
from handlers.language.dates import DAY_OPENERS
from handlers.language.fold import folded, words_of
from handlers.log.entry import OUTCOMES


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in a row that say a kind, an outcome, or an outcome that also implies a kind."""

    words: tuple[str, ...]
    kind: str | None = None
    outcome: str | None = None


def _load() -> dict[str, Any]:
    with (Path(__file__).parent / "words.yaml").open(encoding="utf-8") as file:
        data: dict[str, Any] = yaml.safe_load(file)
    return data


_DATA: Final = _load()


def _set(name: str) -> frozenset[str]:
    words = _DATA[name]
    return frozenset(folded(word) for word in (words.split() if isinstance(words, str) else words))


def _listed(lines: Iterable[str]) -> list[str]:
    return [phrase.strip() for line in lines for phrase in line.split(",") if phrase.strip()]


def _phrases(name: str) -> dict[str, list[tuple[str, ...]]]:
    """Phrases by their first word."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for phrase in _listed(_DATA[name]):
        words = tuple(words_of(phrase))
        found.setdefault(words[0], []).append(words)
    return found


MODIFIERS: Final = _set("modifiers")
FILLERS: Final = _set("fillers")
ASIDES: Final = _set("asides")
DEAL_WORDS: Final = _set("deal_words")
SUBJECTS: Final = _set("subjects")
COMPANY_WORDS: Final = _set("company_words")
REGIONS: Final = _set("regions")
COUNTED: Final = _set("counted")
TITLES: Final = _set("titles")
FIRST_NAMES: Final = _set("first_names")
ORDINARY: Final = _set("ordinary") | DAY_OPENERS | MODIFIERS | SUBJECTS | DEAL_WORDS
"""Words that are no name by themselves."""
WINS: Final = _phrases("wins")
FUTURE: Final = _phrases("future")
IMPLIED_KIND: Final[str] = _DATA["implied_kind"]
IMPLIED_BY: Final = frozenset(_DATA["implied_by"])


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Kinds and outcomes, and the phrases that say them, by their first word and the longest first."""

    kinds: tuple[str, ...]
    phrases: Mapping[str, tuple[Phrase, ...]]
    spellable: tuple[tuple[str, str], ...]
    """Single words long enough to be recognised when misspelt, and their kinds."""

    @classmethod
    def build(cls, extra_kinds: Mapping[str, Sequence[str]] | None = None) -> Vocabulary:
        """words.yaml and these: a key may be a known kind (its value: further synonyms) or a new one."""
        kinds: dict[str, list[str]] = {kind: _listed(lines) for kind, lines in _DATA["kinds"].items()}
        for kind, words in (extra_kinds or {}).items():
            kinds.setdefault(kind, [kind, f"{kind}s"]).extend(words)
        single = {phrase: kind for kind, phrases in kinds.items() for phrase in phrases if phrase.isalpha()}
        found: dict[tuple[str, ...], Phrase] = {}
        for outcome in OUTCOMES:
            implied = IMPLIED_KIND if outcome in IMPLIED_BY else None
            for phrase in (outcome.replace("_", " "), *_listed(_DATA["outcomes"][outcome])):
                words_here = tuple(words_of(phrase))
                # "great meeting" says both; "meeting booked" says that another will be held.
                held = single.get(words_here[-1]) if outcome != "booked" and len(words_here) == 2 else None
                found[words_here] = Phrase(words_here, implied or held, outcome)
        for kind, phrases in kinds.items():
            for phrase in phrases:
                words_here = tuple(words_of(phrase))
                if words_here and (words_here not in found or kind in (extra_kinds or {})):
                    found[words_here] = Phrase(words_here, kind)
        by_first: dict[str, list[Phrase]] = {}
        for entry in sorted(found.values(), key=lambda entry: -len(entry.words)):
            by_first.setdefault(entry.words[0], []).append(entry)
        spellable = tuple(
            (entry.words[0], entry.kind)
            for entry in found.values()
            if entry.kind and not entry.outcome and len(entry.words) == 1 and len(entry.words[0]) > 3
        )
        return cls(tuple(kinds), {first: tuple(entries) for first, entries in by_first.items()}, spellable)

    def spelt(self, word: str) -> str | None:
        """The kind that a misspelt word may be meant to say: `emial`, `phnoed`."""
        return _spelt(word, self.spellable)


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


def vocabulary_of(company: Company) -> Vocabulary:
    """The words of a company: its settings are frozen, so they are read once."""
    return _built(tuple(company.kinds.items()))


@lru_cache(maxsize=16)
def _built(kinds: tuple[tuple[str, tuple[str, ...]], ...]) -> Vocabulary:
    return Vocabulary.build(dict(kinds)) if kinds else DEFAULT


DEFAULT = Vocabulary.build()
