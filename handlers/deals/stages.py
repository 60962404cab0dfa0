"""The pipeline as a line names it: the company's stages with their words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from handlers.conversation.company import STAGES, Company
from handlers.figures.stages import LOST, WON, words_for
from handlers.language.fold import words_of
from handlers.language.vocabulary import Phrase, Phrases, by_first_word, loaded, phrases_in, words_in

_DATA: Final = loaded(Path(__file__).parent / "words.yaml")

TYPES: Final = tuple(_DATA["types"])
WHY: Final = words_in(_DATA, "why")
BEFORE_WHY: Final = words_in(_DATA, "before_why")
DOUBT: Final = words_in(_DATA, "doubt")
NEGATED: Final = words_in(_DATA, "negated")
QUESTIONS: Final = words_in(_DATA, "questions")
SMALL: Final = words_in(_DATA, "small")
_ONE_OF_A_KIND: Final = ("slip", "move", "reopen", "closes", "fresh", "because")


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The stages in their order, won and lost last, and every phrase that a line about a deal may hold."""

    stages: tuple[str, ...]
    words: Phrases

    @classmethod
    def build(cls, stages: Iterable[str] = STAGES, synonyms: Mapping[str, Iterable[str]] | None = None) -> Pipeline:
        """Stages by name, known by the usual words for them, and by these."""
        names = tuple(dict.fromkeys((*stages, WON, LOST)))
        found: dict[tuple[str, ...], Phrase] = {}

        def add(phrases: Iterable[str], kind: str, what: str) -> None:
            for phrase in phrases:
                words = tuple(words_of(phrase))
                if words:
                    found.setdefault(words, Phrase(words, kind, what))

        for stage in names:
            add((stage.replace("_", " "), *(synonyms or {}).get(stage, ())), "stage", stage)
        for stage in names:
            add(words_for(stage, "said"), "stage", stage)
        for type_, phrases in _DATA["types"].items():
            add(_split(phrases), "type", type_)
        for kind in _ONE_OF_A_KIND:
            add(_split(_DATA[kind]), kind, kind)
        return cls(names, Phrases(names, by_first_word(found.values())))

    @property
    def open(self) -> tuple[str, ...]:
        """All stages but won and lost."""
        return tuple(stage for stage in self.stages if stage not in (WON, LOST))

    @property
    def first(self) -> str:
        """Where a deal begins whose stage nobody said."""
        return self.open[0]


def _split(phrases: Any) -> list[str]:
    return phrases_in([phrases])


DEFAULT: Final = Pipeline.build()
_built: dict[tuple[tuple[str, ...], tuple[tuple[str, tuple[str, ...]], ...]], Pipeline] = {}


def pipeline_of(company: Company) -> Pipeline:
    """The company's stages, with the usual words for them and its own."""
    key = (tuple(company.stages), tuple(company.stage_words.items()))
    if key not in _built:
        _built[key] = Pipeline.build(company.stages, company.stage_words)
    return _built[key]
