"""The words that `/log` knows: words.yaml, and what app.yaml adds to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from handlers.conversation.company import Company
from handlers.language.fold import words_of
from handlers.language.vocabulary import Phrase, Phrases, by_first_word, loaded, phrases_in, words_in
from handlers.log.entry import OUTCOMES

_DATA: Final = loaded(Path(__file__).parent / "words.yaml")


def _phrases(name: str) -> dict[str, list[tuple[str, ...]]]:
    """Phrases by their first word."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for phrase in phrases_in(_DATA[name]):
        words = tuple(words_of(phrase))
        found.setdefault(words[0], []).append(words)
    return found


FILLERS: Final = words_in(_DATA, "fillers")
ASIDES: Final = words_in(_DATA, "asides")
COUNTED: Final = words_in(_DATA, "counted")
WINS: Final = _phrases("wins")
FUTURE: Final = _phrases("future")
IMPLIED_KIND: Final[str] = _DATA["implied_kind"]
IMPLIED_BY: Final = frozenset(_DATA["implied_by"])


@dataclass(frozen=True, slots=True)
class Vocabulary(Phrases):
    """Kinds and outcomes, and the phrases that say them."""

    @classmethod
    def build(cls, extra_kinds: Mapping[str, Sequence[str]] | None = None) -> Vocabulary:
        """words.yaml and these: a key may be a known kind (its value: further synonyms) or a new one."""
        kinds: dict[str, list[str]] = {kind: phrases_in(lines) for kind, lines in _DATA["kinds"].items()}
        for kind, words in (extra_kinds or {}).items():
            kinds.setdefault(kind, [kind, f"{kind}s"]).extend(words)
        single = {phrase: kind for kind, phrases in kinds.items() for phrase in phrases if phrase.isalpha()}
        found: dict[tuple[str, ...], Phrase] = {}
        for outcome in OUTCOMES:
            implied = IMPLIED_KIND if outcome in IMPLIED_BY else None
            for phrase in (outcome.replace("_", " "), *phrases_in(_DATA["outcomes"][outcome])):
                words_here = tuple(words_of(phrase))
                # "great meeting" says both; "meeting booked" says that another will be held.
                held = single.get(words_here[-1]) if outcome != "booked" and len(words_here) == 2 else None
                found[words_here] = Phrase(words_here, implied or held, outcome)
        for kind, phrases in kinds.items():
            for phrase in phrases:
                words_here = tuple(words_of(phrase))
                if words_here and (words_here not in found or kind in (extra_kinds or {})):
                    found[words_here] = Phrase(words_here, kind)
        spellable = tuple(
            (entry.words[0], entry.kind)
            for entry in found.values()
            if entry.kind and not entry.outcome and len(entry.words) == 1 and len(entry.words[0]) > 3
        )
        return cls(tuple(kinds), by_first_word(found.values()), spellable)


def is_kind(phrase: Phrase) -> bool:
    """It says a kind, not only an outcome that implies one."""
    return phrase.kind is not None and phrase.outcome not in IMPLIED_BY


def vocabulary_of(company: Company) -> Vocabulary:
    """The words of a company: its settings are frozen, so they are read once."""
    return _built(tuple(company.kinds.items()))


@lru_cache(maxsize=16)
def _built(kinds: tuple[tuple[str, tuple[str, ...]], ...]) -> Vocabulary:
    return Vocabulary.build(dict(kinds)) if kinds else DEFAULT


DEFAULT = Vocabulary.build()
