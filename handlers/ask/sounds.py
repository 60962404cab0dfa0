"""Names as they are heard: who writes Viktor for Victor, Sara for Sarah or Samm for Sam means the same person."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

_DOUBLED: Final = re.compile(r"(.)\1")
_AS_HEARD: Final = (("ck", "k"), ("ph", "f"), ("th", "t"), ("y", "i"), ("c", "k"), ("z", "s"), ("w", "v"), ("h", ""))


@lru_cache(maxsize=4096)
def sound(word: str) -> str:
    """Two spellings of one name have the same: `viktor` and `victor`, `sara` and `sarah`, `jon` and `john`."""
    for letters, heard in _AS_HEARD:
        word = word[0] + word[1:].replace(letters, heard) if letters != "c" else word.replace(letters, heard)
    return _DOUBLED.sub(r"\1", word)


def sounding(words: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The words of names by how they sound."""
    found: dict[str, tuple[str, ...]] = {}
    for word in words:
        if len(word) > 2 and word.isalpha():
            found[sound(word)] = (*found.get(sound(word), ()), word)
    return found
