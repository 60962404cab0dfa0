"""A line of thanks, read: the value, whether it is private, who is thanked, and for what.

Whose names the words hold is seen with everybody's names at hand (`names`); the rest is read from the words alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from handlers.conversation.company import Value
from handlers.figures.roster import Roster
from handlers.kudos.private import without_marker
from handlers.language.fold import words_of

_TAG: Final = re.compile(r"(?<!\w)#(\w[\w-]*)")
_LEAD: Final = re.compile(r"\A(?:go(?:es)? |going )?(?:to|for)\s+", re.I)
_REASON: Final = re.compile(
    r"\s+(?:for|because(?: of)?|as|who|that)\s+|\s*:\s+|\s+[-–—]+\s+|\s*,?\s+(?:thank you|thanks) for\s+", re.I
)
_BETWEEN: Final = re.compile(r"\s*(?:,|;|\+|&|/|(?<!\S)@|(?<!\w)and(?!\w))\s*", re.I)
_FOR: Final = re.compile(r"\A(?:for|because(?: of)?|:|-|–|—)\s+", re.I)
_LABELLED: Final = re.compile(r"\A\s*[^\W\d][\w'’.-]*(?:\s+[^\W\d][\w'’.-]*)?\s*:\s")
_LONGEST_NAME: Final = 4
"""Words."""
_LONGEST_HEAD: Final = 160
"""Characters before the reason."""


@dataclass(frozen=True, slots=True)
class Said:
    """`names` as they were typed; `tags` that are none of the values. `doubt`: it may be meant to be private."""

    names: tuple[str, ...]
    reason: str
    value: str | None
    private: bool
    doubt: bool = False
    tags: tuple[str, ...] = ()


def read(text: str, values: Sequence[Value], roster: Roster) -> Said:
    """What the line says."""
    text, value, tags = _without_value(text, values)
    marked = without_marker(text, line=True)
    text = _LEAD.sub("", " ".join(marked.text.split()))
    names, reason = _split(text, roster)
    return Said(names, _tidy(reason), value, marked.private, marked.doubt, tags)


def read_reason(words: str, values: Sequence[Value]) -> Said:
    """What for, where that alone was asked."""
    text, value, tags = _without_value(words, values)
    marked = without_marker(" ".join(text.split()))
    # “Sam: …” reads like a note about Sam.
    doubt = not marked.private and (marked.doubt or _LABELLED.match(marked.text) is not None)
    return Said((), _tidy(marked.text), value, marked.private, doubt, tags)


def value_called(words: str, values: Sequence[Value]) -> str | None:
    """The key of the value that these words are: by its key or its name, whatever is between the words."""
    wanted = "".join(words_of(words))
    for one in values:
        if wanted and wanted in ("".join(words_of(one.key)), "".join(words_of(one.name))):
            return one.key
    return None


def pieces(words: str) -> list[str]:
    """`@Sam, Dana and Priya Nair` -> the names, without what stands between them."""
    return [piece.strip(" .!") for piece in _BETWEEN.split(words) if piece.strip(" .!")]


def _without_value(text: str, values: Sequence[Value]) -> tuple[str, str | None, tuple[str, ...]]:
    """The first tag that is a value goes out of the words; others are kept in them."""
    found: str | None = None
    others: list[str] = []
    for match in _TAG.finditer(text):
        key = value_called(match[1], values)
        if key is None:
            others.append(match[1])
        elif found is None:
            found = key
            text = text[: match.start()] + " " * len(match[0]) + text[match.end() :]
    return text, found, tuple(others)


def _split(text: str, roster: Roster) -> tuple[tuple[str, ...], str]:
    """The names at the beginning, and what follows."""
    whole = _all_names(text, roster)
    if whole:
        return whole, ""
    for match in _REASON.finditer(text[:_LONGEST_HEAD]):
        head = _all_names(text[: match.start()], roster)
        if head:
            return head, text[match.end() :]
    taken, rest = _greedy(text, roster)
    if taken:
        return taken, rest
    cut = _REASON.search(text[:_LONGEST_HEAD])
    if cut is not None and cut.start():
        # Nobody of that name: whom they mean is asked.
        return tuple(pieces(text[: cut.start()])), text[cut.end() :]
    if text.startswith("@"):
        first, _, rest = text.partition(" ")
        return (first.strip("@,:;. "),), rest
    return (), text


def _all_names(words: str, roster: Roster) -> tuple[str, ...]:
    """The names that these words are made of; empty where there is anything else among them."""
    found: list[str] = []
    for piece in pieces(words):
        if roster.people_called(piece):
            found.append(piece)
            continue
        taken, rest = _greedy(piece, roster, whole=True)
        if rest or not taken:
            return ()
        found += taken
    return tuple(found)


def _greedy(text: str, roster: Roster, *, whole: bool = False) -> tuple[tuple[str, ...], str]:
    """Names from the left, as long as each is written without a mistake; a further one behind a comma, an *and* or an
    @, or (`whole`) right behind."""
    found: list[str] = []
    tokens = text.split()
    at = 0
    while at < len(tokens):
        start = at
        joined = not found or whole
        while at < len(tokens) and tokens[at].casefold() in ("and", "&", "+", ","):
            at, joined = at + 1, True
        if at >= len(tokens) or not (joined or tokens[at].startswith("@") or tokens[start - 1].endswith(",")):
            at = start
            break
        length = next(
            (n for n in range(min(_LONGEST_NAME, len(tokens) - at), 0, -1) if _written(tokens[at : at + n], roster)), 0
        )
        if not length:
            at = start
            break
        found.append(" ".join(token.strip("@,:;.") for token in tokens[at : at + length]))
        at += length
    return tuple(found), " ".join(tokens[at:])


def _written(tokens: Sequence[str], roster: Roster) -> bool:
    if any(token.endswith((",", ":")) for token in tokens[:-1]):
        return False
    wanted = words_of(" ".join(tokens))
    return bool(wanted) and any(
        all(word in words_of(one.name) for word in wanted) for one in roster.people if not one.left
    )


def _tidy(reason: str) -> str:
    return _FOR.sub("", " ".join(reason.split()).lstrip(",;: ")).strip(" ,;")
