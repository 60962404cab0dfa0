"""What stands around a question: greetings, how politely it is asked, for whom, what else goes on today."""

from __future__ import annotations

from typing import Final

from handlers.ask.typed import Typed
from handlers.ask.vocabulary import ASIDES
from handlers.language.vocabulary import ORDINARY

MARK: Final = "@aside"
_PARTING: Final = frozenset(",;:.!?—–-")
_MOST_OPENINGS: Final = 4
_CONDITIONS: Final = frozenset(("if", "when", "except", "but", "without", "only", "not", "excluding", "unless", "no"))
_THEIRS: Final = frozenset(("he", "she", "they", "his", "her", "their", "him", "them"))


def set_aside(typed: Typed) -> None:
    """Claims the words by which a question is only introduced or closed. What would leave nothing is left alone."""
    for _ in range(_MOST_OPENINGS):
        if not _one(typed):
            return


def _one(typed: Typed) -> bool:
    places = [at for at, used in enumerate(typed.used) if not used]
    text = " " + "".join(f"{typed.words[at]} " for at in places)
    tokens = {typed.words[at] for at in places}
    for pattern in ASIDES:
        if pattern.begins and pattern.begins.isdisjoint(tokens):
            continue
        found = pattern.search(text)
        if found is None:
            continue
        start = text.count(" ", 0, found.start() + 1) - 1
        stop = text.count(" ", 0, found.end()) - 1
        if stop - start >= len(places) or stop <= start:
            continue
        for at in places[start:stop]:
            typed.claim(at, at + 1, MARK)
        return True
    return False


def without_asides(typed: Typed, meaning: frozenset[int], left: list[int]) -> list[int]:
    """The unread words without those of clauses that only lead up to the question: `after lunch I see Lee, how ...`."""
    if not left or not meaning:
        return left
    clauses = _clauses(typed)
    asking = {clauses[at] for at in meaning}
    if any(clauses[at] in asking for at in left):
        return left
    return [at for at in left if not _leads_up(typed, [i for i, one in enumerate(clauses) if one == clauses[at]])]


def _leads_up(typed: Typed, clause: list[int]) -> bool:
    first = typed.words[clause[0]]
    if first in _CONDITIONS:
        return False
    named = any(typed.used[at].startswith("@name") for at in clause)
    if len(clause) < 2:
        return first in ORDINARY
    return named or not _THEIRS.intersection(typed.words[clause[-1] + 1 :])


def _clauses(typed: Typed) -> list[int]:
    """The number of the clause that each word is in; a sign parts clauses where a blank stands behind it."""
    line, number = typed.line, 0
    of_token: list[int] = []
    for token, word in enumerate(line.words):
        of_token.append(number)
        end = line.ends[token]
        spaced = word not in "-–—:." or (end < len(line.text) and line.text[end] == " ")
        dashed = word not in "-–—" or line.text[line.starts[token] - 1 : line.starts[token]] == " "
        number += word in _PARTING and spaced and dashed
    return [of_token[token] for token in typed.source]
