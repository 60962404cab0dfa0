"""words.yaml, read once: spellings, fillers, measures, and the patterns that say what is asked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from handlers.language.fold import words_of
from handlers.language.vocabulary import loaded

_DATA: Final = loaded(Path(__file__).parent / "words.yaml")


def _listed(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


SAME: Final = {
    tuple(words_of(said)): str(word) for word, others in _DATA["same"].items() for said in _listed(str(others))
}
"""What is said in these words is this one word."""
SAME_BY_FIRST: Final[dict[str, list[tuple[tuple[str, ...], str]]]] = {}
for _said, _word in sorted(SAME.items(), key=lambda pair: -len(pair[0])):
    SAME_BY_FIRST.setdefault(_said[0], []).append((_said, _word))
APART: Final = {str(word): tuple(str(said).split()) for word, said in _DATA["apart"].items()}
APART_WITH_MARK: Final = {str(word): tuple(str(said).split()) for word, said in _DATA["apart_with_mark"].items()}
FILLERS: Final = frozenset(
    word for line in _DATA["fillers"] for word in str(line).replace("'", "").split()
) - frozenset(_DATA["not_fillers"].split())
SOFT: Final = frozenset(word for line in _DATA["soft"] for word in str(line).split())
"""Words that change nothing beside words that say beyond doubt what is asked; alone they say something else."""

COMMON: Final = frozenset(word for line in _DATA["common"] for word in str(line).split())
"""English words that are close to one of ours, and are not it mistyped."""
SPELLABLE: Final = frozenset(word for line in _DATA["spellable"] for word in str(line).split())
SLIPPED: Final = frozenset(word for line in _DATA["slipped"] for word in str(line).split())
"""Words in whose place a slip of the finger is recognised, though no pattern holds them."""


def _phrases(table: Mapping[str, str]) -> list[tuple[tuple[str, ...], str]]:
    """Phrases and what they name, the longest first; each word in its one spelling."""
    found = {
        tuple(SAME.get((word,), word) if word != "*" else word for word in phrase.split()): name
        for name, phrases in table.items()
        for phrase in _listed(phrases)
    }
    return sorted(found.items(), key=lambda pair: -len(pair[0]))


MEASURES: Final = _phrases(_DATA["measures"])
KINDS: Final = _phrases(_DATA["kinds"])
_MACROS: Final[dict[str, str]] = {**_DATA["macros"], **_DATA["more_macros"]}


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way to ask: tried on the words with one blank before and behind each."""

    intent: str
    detail: str | None
    strong: bool
    regex: str
    gaps: int
    begins: frozenset[str] = frozenset()
    """One of these words must be there, if there are any: asked first, since a regex is slow to say no."""

    def search(self, words: str) -> re.Match[str] | None:
        """Where the words say it first."""
        return _regex(self.regex).search(words)


@cache
def _regex(text: str) -> re.Pattern[str]:
    """Compiled when it is first tried: all six hundred would take a tenth of every process's start."""
    return re.compile(text)


def _compiled(text: str, intent: str, detail: str | None, *, strong: bool, raw: bool = False) -> Pattern:
    """A pattern of the table. Its words are those of one spelling, unless it is tried on words as typed (`raw`)."""
    gaps = 0
    begins: frozenset[str] = frozenset()
    parts: list[str] = []
    for piece in _pieces(text):
        if piece in ("^", "$"):
            parts.append("(?<=\\A )" if piece == "^" else "\\Z")
            continue
        if piece == "*":
            parts.append(f"(?P<g{gaps}>(?:\\S+ ){{0,5}}?)")
            gaps += 1
            continue
        maybe = piece.endswith("?")
        choices = piece.rstrip("?").split("|")
        spelt = choices if raw else [said for choice in choices for said in {choice, SAME.get((choice,), choice)}]
        said = "|".join(_choice(choice) for choice in dict.fromkeys(spelt) if choice)
        if not begins and not maybe and "@any" not in choices:
            begins = frozenset(word for one in spelt for word in ((one, "@kinds") if one == "@kind" else (one,)))
            begins = frozenset("@kind" if word == "@onekind" else word for word in begins)
        parts.append(f"(?:(?:{said}) ){'?' if maybe else ''}")
    return Pattern(intent, detail, strong, " " + "".join(parts), gaps, begins)


def _pieces(text: str) -> list[str]:
    while "{" in text:
        for name, macro in _MACROS.items():
            text = text.replace("{" + name + "}", macro)
    return text.split()


def _choice(word: str) -> str:
    if word in ("@kinds", "@onekind"):
        return "@kinds" if word == "@kinds" else "@kind"
    if word == "@kind":
        return "@kinds?"
    return "\\S+" if word == "@any" else re.escape(word)


def _patterns() -> list[Pattern]:
    found = []
    for entry in _DATA["intents"]:
        for strength in ("strong", "weak"):
            for text in entry.get(strength, ()):
                found.append(_compiled(str(text), entry["intent"], entry.get("detail"), strong=strength == "strong"))
    return found


PATTERNS: Final = _patterns()
NOT_ASKED: Final = [_compiled(str(text), "unknown", None, strong=True) for text in _DATA["not_asked"]]
"""Texts that hold our words and ask for no number: orders, advice, who somebody is."""
ASIDES: Final = [_compiled(str(text), "unknown", None, strong=True, raw=True) for text in _DATA["asides"]]
"""Words around a question: greetings, how politely it is asked, for whom. Tried on the words as typed."""


def _keywords(texts: Iterable[str]) -> set[str]:
    return {word for text in texts for word in re.findall(r"(?<!@)\b[a-z]+\b", text)}


KEYWORDS: Final = frozenset(
    _keywords(pattern.regex for pattern in PATTERNS)
    | {word for said in SAME for word in said}
    | {str(word) for word in _DATA["same"]}
    | {word for said, _ in (*MEASURES, *KINDS) for word in said}
)
"""Words that a question is made of."""
