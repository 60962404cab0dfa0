"""The words that `/log` knows: words.yaml, and what app.yaml adds to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from handlers.conversation.company import Company
from handlers.language.fold import words_of


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Phrases, as joined folded words, and what they stand for."""

    kinds: tuple[str, ...]
    kind_phrases: Mapping[tuple[str, ...], str]

    @classmethod
    def build(cls, extra_kinds: Mapping[str, Sequence[str]] | None = None) -> Vocabulary:
        """words.yaml and these: a key may be a known kind (its value: further synonyms) or a new one."""
        with (Path(__file__).parent / "words.yaml").open(encoding="utf-8") as file:
            data: dict[str, Any] = yaml.safe_load(file)
        kinds = {kind: list(words) for kind, words in data["kinds"].items()}
        for kind, words in (extra_kinds or {}).items():
            kinds.setdefault(kind, [kind]).extend(words)
        phrases = {tuple(words_of(phrase)): kind for kind, words in kinds.items() for phrase in words}
        return cls(tuple(kinds), phrases)


DEFAULT = Vocabulary.build()


def vocabulary_of(company: Company) -> Vocabulary:
    """The words of a company: its settings are frozen, so they are read once."""
    return _built(tuple(company.kinds.items()))


@lru_cache(maxsize=16)
def _built(kinds: tuple[tuple[str, tuple[str, ...]], ...]) -> Vocabulary:
    return Vocabulary.build(dict(kinds))
