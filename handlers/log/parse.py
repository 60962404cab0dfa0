"""From the line after `/log` to what it says. Pure: no clock, no rows, no settings but those handed in."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from handlers.language.fold import words_of
from handlers.language.names import NameIndex
from handlers.log.entry import OUTCOMES, Entry, NextStep, Understood
from handlers.log.vocabulary import DEFAULT, Vocabulary

__all__ = ["DEFAULT", "OUTCOMES", "Entry", "NextStep", "Understood", "Vocabulary", "parse"]


def parse(
    text: str,
    *,
    now: datetime,
    names: NameIndex,
    vocabulary: Vocabulary = DEFAULT,
    date_order: Literal["mdy", "dmy"] = "mdy",
    currency: str = "USD",
) -> Understood:
    """What the line says. `now` is aware and in the person's own zone; never raises, whatever the text."""
    words = words_of(text)
    kind = next((found for word in words if (found := vocabulary.kind_phrases.get((word,)))), None)
    account: str | None = None
    choices: tuple[str, ...] = ()
    for start in range(len(words)):
        match = names.at(words, start, len(words))
        if match is not None:
            resolved = match.match()
            account, choices = resolved.name, resolved.choices
            break
    return Understood(text, (Entry(kind, now.date(), account=account, choices=choices),))
