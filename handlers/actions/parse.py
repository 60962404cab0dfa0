"""`to send the NDA to Acme on Friday`: what is to be done, and by when."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from handlers.conversation.request import Basis
from handlers.language.dates import Reading, day_at
from handlers.language.tokens import Line

_LEAD: Final = re.compile(
    r"(?:me\s+)?(?:please\s+)?(?:to|about|that\s+i(?:\s+(?:should|must|need\s+to|have\s+to))?)\s+", re.I
)
_ENDS: Final = " ,.;!?…"
_COURTESIES: Final = (" please", " pls", " thanks", " thank you", " thx")
_BEFORE: Final = frozenset(("on", "by", "until", "till", "before", "due", "for", "this", "at", ",", "-", "–", ":", "("))
LONGEST: Final = 300


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be done; `due` None where no day was said."""

    text: str
    due: date | None


def parse(words: str, basis: Basis) -> Wanted:
    """The words, without the day that stands at their end or their beginning."""
    words = " ".join(words.split())
    lead = _LEAD.match(words)
    words = words[lead.end() :] if lead else words
    reading = Reading(basis.now.replace(tzinfo=None), future=True, order=basis.date_order)
    # Then without what only ends the sentence: “… on Friday, please?”
    for said in dict.fromkeys((words, _without_close(words))):
        line = Line(said)
        for at in range(1, line.count):
            found = day_at(line, at, reading, line.count)
            if found is not None and found.stop == line.count:
                return Wanted(_tidy(line, 0, at), found.coming or found.day)
    line = Line(words)
    begins = 1 if line.count > 1 and line.words[0] in _BEFORE else 0
    first = day_at(line, begins, reading, line.count) if line.count else None
    if first is not None and first.stop < line.count:
        rest = _tidy(line, first.stop, line.count)
        further = _LEAD.match(rest)
        return Wanted(_capital(rest[further.end() :] if further else rest), first.coming or first.day)
    return Wanted(_capital(words), None)


def _tidy(line: Line, start: int, stop: int) -> str:
    """The words there, without what only led to the day."""
    while stop > start and line.words[stop - 1] in _BEFORE:
        stop -= 1
    while start < stop and line.words[start] in (",", "-", "–", ":"):
        start += 1
    return _capital(line.text[line.starts[start] : line.ends[stop - 1]]) if stop > start else ""


def _capital(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"


def _without_close(words: str) -> str:
    words = words.rstrip(_ENDS)
    while words.lower().endswith(_COURTESIES):
        courtesy = next(one for one in _COURTESIES if words.lower().endswith(one))
        words = words[: -len(courtesy)].rstrip(_ENDS)
    return words
