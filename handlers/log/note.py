"""What is left of a line when all that could be understood is taken out."""

from __future__ import annotations

from typing import Final

from handlers.language.scan import Mark, Scan

_EDGES: Final = frozenset(
    {
        *(
            "and",
            "or",
            "at",
            "on",
            "in",
            "with",
            "w",
            "from",
            "to",
            "for",
            "of",
            "by",
            "a",
            "an",
            "the",
            "i",
            "we",
            "had",
            "did",
        ),
        *(
            "have",
            "has",
            "was",
            "were",
            "then",
            "also",
            "is",
            "hi",
            "hello",
            "took",
            "around",
            "shes",
            "hes",
            "theyre",
            "are",
            "were",
            "its",
            "as",
            "my",
            "our",
            "via",
            "over",
        ),
    }
)
_STEP_EDGES: Final = frozenset(
    ("is", "on", "by", "at", "for", "to", "and", "the", "with", "before", "this", "a", "of", "from")
)
"""`check in` stays whole at the end of a next step."""
_FRONT_ONLY: Final = frozenset(("it", "they", "just"))
_TAKEN: Final = frozenset(mark for mark in Mark if mark not in (Mark.FREE, Mark.OPAQUE))


def left_over(scan: Scan, start: int, stop: int, *, names: bool = False) -> str | None:
    """The free words from `start` to `stop` as typed, without orphaned small words and signs at the edges.

    `names`: accounts and people stay in, as in the text of a next step.
    """
    marks, words, line = scan.marks, scan.line.words, scan.line
    kept = (Mark.NAME, Mark.PERSON, Mark.KIND, Mark.OUTCOME, Mark.COUNT) if names else ()
    edges = _STEP_EDGES if names else _EDGES
    pieces: list[str] = []
    at = start
    while at < stop:
        if marks[at] in _TAKEN and marks[at] not in kept:
            at += 1
            continue
        first = at
        while at < stop and (marks[at] not in _TAKEN or marks[at] in kept):
            at += 1
        last = at
        while last > first and _is_edge(words[last - 1], edges) and not _closes(scan, last - 1):
            last -= 1
        while first < last and (_is_edge(words[first], _EDGES) or words[first] in _FRONT_ONLY):
            first += 1
        if first < last:
            pieces.append(line.written(first, last))
    return " ".join(pieces) or None


def _is_edge(word: str, edges: frozenset[str]) -> bool:
    return word in edges or not word[0].isalnum()


def _closes(scan: Scan, at: int) -> bool:
    """A sign that belongs to the word before it: `really?`."""
    return scan.line.glued(at) and scan.line.words[at] in ")?!%"
