"""The pipeline's steps and how likely a deal in each is to be won (GLOSSARY: *stage*), as the company set them."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

from handlers.conversation.company import Company
from handlers.language.vocabulary import loaded, phrases_in, words_in

WON, LOST = "won", "lost"
_WORDS: Final = loaded(Path(__file__).parent / "stage_words.yaml")


def open_stages(company: Company) -> tuple[str, ...]:
    """All but won and lost, in their order."""
    return tuple(stage for stage in company.stages if stage not in (WON, LOST))


def words_for(stage: str, where: Literal["said", "cells"]) -> list[str]:
    """What a stage of that name is usually called, in a line that somebody says or in a file's column."""
    known = _WORDS.get(stage, {})
    return [stage.replace("_", " "), *phrases_in([*known.get("words", ()), *known.get(where, ())])]


def words_within(stage: str) -> frozenset[str]:
    """The folded words that say the stage wherever they stand in a file's cell."""
    return words_in(_WORDS[stage], "within")


def probability(company: Company, stage: str) -> Fraction:
    """Of an open deal in that stage; a stage that the settings do not know counts nothing."""
    return _percent(company.stages.get(stage, 0))


@lru_cache(maxsize=128)
def _percent(number: int) -> Fraction:
    return Fraction(number, 100)


def stage_words(stage: str) -> str:
    """A stage as it is said."""
    return stage.replace("_", " ")
