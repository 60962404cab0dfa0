"""The lines of minutes that say what somebody will do: `- Dana: send NDA to Acme by Friday`, `action: …`, `@dana will
…`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final

from handlers.language.dates import Reading, day_at
from handlers.language.tokens import Line

_BULLET: Final = re.compile(r"\s*(?:[-*•–—]\s*(?:\[\s?\]\s*)?|\[\s?\]\s*|\d{1,2}[.)]\s+)")
_PREFIX: Final = re.compile(r"\s*(?:action(?:\s+(?:item|point))?s?|to-?do|next\s+steps?)\b\s*[:\-–]?\s*", re.I)
_NAME: Final = (
    r"@?(?P<name>[^\W\d_][\w'’.-]*(?:[ \t]+[^\W\d_][\w'’.-]*){0,2}?(?:\s*(?:,|&|\band\b)\s*@?[^\W\d_][\w'’.-]*){0,2}?)"
)
_COLON: Final = re.compile(rf"{_NAME}\s*:\s*(?P<what>\S.*)")
_WILL: Final = re.compile(
    rf"(?P<at>@?){_NAME}(?:\s+(?P<verb>will|to|shall|is\s+going\s+to|is\s+to)|(?:'|’)ll)\s+(?P<what>\S.*)", re.I
)
_IN_BRACKETS: Final = re.compile(r"\s*[(\[]@?(?P<name>[^()\[\]]{2,60})[)\]]\s*\Z")
_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+(?=[@A-Z])")
_SEVERAL: Final = re.compile(r"\s*(?:,|&|\band\b)\s*", re.I)
_BY: Final = frozenset(("by", "until", "till", "before", "due", "on"))
_ME: Final = frozenset(("i", "me", "myself"))
MOST: Final = 25
"""Of one set of minutes."""


@dataclass(frozen=True, slots=True)
class ActionLine:
    """Something that somebody will do. `owner` is a person's id."""

    owner: str
    text: str
    due: date | None


def action_lines(text: str, *, author: str, reading: Reading, whose: Callable[[str], str | None]) -> list[ActionLine]:
    """All of them, in order. `whose` says whom a name means, None where it is nobody's that surely."""
    found: list[ActionLine] = []
    for line in text.splitlines():
        found += _of_line(line, author, reading, whose)
    return found[:MOST]


def _of_line(line: str, author: str, reading: Reading, whose: Callable[[str], str | None]) -> list[ActionLine]:
    bullet = _BULLET.match(line)
    rest = line[bullet.end() :] if bullet else line.strip()
    prefix = _PREFIX.match(rest)
    # “Actions:” is a heading; “action: …” is one.
    if prefix is not None and prefix.end() < len(rest) and (":" in prefix[0] or "-" in prefix[0] or "–" in prefix[0]):
        return _said(rest[prefix.end() :], author, reading, whose, surely=True)
    if bullet is not None:
        return _said(rest, author, reading, whose, surely=False)
    found: list[ActionLine] = []
    for sentence in _SENTENCE.split(rest):
        match = _WILL.match(sentence)
        if match is not None and (match["verb"] or "will").casefold() == "will":
            found += _with_owners(match["name"], match["what"], author, reading, whose)
    return found


def _said(
    text: str, author: str, reading: Reading, whose: Callable[[str], str | None], *, surely: bool
) -> list[ActionLine]:
    """Of a bullet, or behind `action:`, where it is one in any case: the author's, if it names nobody."""
    for shape in (_COLON, _WILL):
        if match := shape.match(text):
            found = _with_owners(match["name"], match["what"], author, reading, whose)
            if found:
                return found
    if not surely:
        return []
    if match := _IN_BRACKETS.search(text):
        found = _with_owners(match["name"], text[: match.start()], author, reading, whose)
        if found:
            return found
    return [_action(author, text, reading)]


def _with_owners(
    names: str, what: str, author: str, reading: Reading, whose: Callable[[str], str | None]
) -> list[ActionLine]:
    owners = []
    for name in _SEVERAL.split(names):
        bare = name.strip(" @")
        owner = author if bare.casefold() in _ME else whose(bare)
        if owner is None:
            return []
        owners.append(owner)
    return [_action(owner, what, reading) for owner in dict.fromkeys(owners)]


def _action(owner: str, what: str, reading: Reading) -> ActionLine:
    text, due = _due(" ".join(what.split()), reading)
    return ActionLine(owner, text.strip(" .;,") or what.strip(), due)


def _due(text: str, reading: Reading) -> tuple[str, date | None]:
    """`send NDA by Friday` is `send NDA`, and the day."""
    line = Line(text.rstrip(" .;,)"))
    for at in range(line.count - 1, 0, -1):
        if line.words[at - 1] not in _BY:
            continue
        found = day_at(line, at, reading, line.count)
        if found is not None and found.stop == line.count:
            return text[: line.ends[at - 2]] if at >= 2 else "", found.day
    return text, None
