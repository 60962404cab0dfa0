"""How words are compared: case, accents, width and apostrophes do not tell two of them apart."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+")
_APOSTROPHES = str.maketrans("", "", "'’‘`´")
_AND = str.maketrans({"&": " and ", "+": " and "})


def folded(text: str) -> str:
    """The text in lower case, without accents and apostrophes: `L'Oréal` -> `loreal`."""
    if not text.isascii():
        # Apostrophes go first: NFKD turns some of them into a space and a mark.
        text = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES))
        text = "".join(letter for letter in text if not unicodedata.combining(letter))
        return text.casefold().translate(_APOSTROPHES)
    if "'" in text or "`" in text:
        text = text.translate(_APOSTROPHES)
    return text.lower()


def words_of(text: str) -> list[str]:
    """The folded words of a name, `&` and `+` read as `and`: `May & Co.` -> `may`, `and`, `co`."""
    return _WORD.findall(folded(text.translate(_AND)))
