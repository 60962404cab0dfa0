"""The company's activity kinds: the built-in words and those of app.yaml."""

from __future__ import annotations

from functools import lru_cache

from handlers.conversation.company import Company
from handlers.log.parse import Vocabulary


@lru_cache(maxsize=4)
def _vocabulary(kinds: tuple[tuple[str, tuple[str, ...]], ...]) -> Vocabulary:
    return Vocabulary.build(dict(kinds))


def vocabulary_of(company: Company) -> Vocabulary:
    """Made once for a company."""
    return _vocabulary(tuple(company.kinds.items()))
