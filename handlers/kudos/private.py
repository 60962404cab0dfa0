"""Whether thanks are to be private: the word where it marks them, or where it may only be one of the reason's words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_WORD: Final = r"(?:in private|privately|private)"
_TAG: Final = re.compile(r"(?<!\S)#private(?:ly)?\b", re.I)
_ENCLOSED: Final = re.compile(rf"[(\[]\s*(?:keep (?:it|this) )?{_WORD}(?:,? please)?\s*[)\]]", re.I)
_FIRST: Final = re.compile(rf"\A\s*{_WORD}\b(?P<sign>\s*[,:;–—-]+\s*|\s+(?=(?:for|because)\b)|\s*\Z)?\s*", re.I)
_LAST: Final = re.compile(
    rf"(?:[\s,;.–—-]*\b(?:please )?keep (?:it|this|that) (?:private|between us)|\s*[,;:.–—-]\s*{_WORD}"
    r"|\s+privately|[\s,;.–—-]*\b(?:just )?between (?:the two of )?us)(?:,? please)?[\s.]*\Z",
    re.I,
)
_BEHIND_NAMES: Final = re.compile(
    rf"\A(?P<names>[^:]{{1,80}}?)[\s,]+{_WORD}\b"
    r"(?P<rest>\s*[,:;–—-].*|\s+(?:for|because|as|thanks|thank you)\b.*|\s*)\Z",
    re.I | re.S,
)
_REASONED: Final = re.compile(r"\b(?:for|because|as|who|that)\b|\s[-–—]\s", re.I)
_PERHAPS: Final = re.compile(
    r"\bprivate(?:ly)?\b|\bconfiden\w+|\bsecret(?:ly)?\b|\bdiscreet\w*|\boff the record\b|\banonym\w+"
    r"|\bbetween (?:the two of )?us\b|\b(?:nobody|no one) else\b|\bnot (?:in )?public\w*"
    r"|\b(?:me|us|him|her|them|you) only\b|\bonly (?:(?:for|to) (?:him|her|them|you|us|me)|me|us)\b"
    r"|\bfor (?:his|her|their|your) eyes\b"
    r"|\b(?:don['’]?t|do not|not) (?:post|share|publish|tell|in the channel)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Marked:
    """The words without what marks them. `doubt`: nothing marks them, and something may be meant to."""

    text: str
    private: bool
    doubt: bool


def without_marker(text: str, *, line: bool = False) -> Marked:
    """`line`: names stand in it, before the reason."""
    bare = _ENCLOSED.sub(" ", _TAG.sub(" ", text))
    private = bare != text
    first = _FIRST.match(bare)
    if first is not None and (line or first["sign"] is not None):
        bare, private = bare[first.end() :], True
    if line and (behind := _BEHIND_NAMES.match(bare)) and not _REASONED.search(_without_lead(behind["names"])):
        bare, private = f"{behind['names']} {_joined(behind['rest'])}", True
    without = _LAST.sub("", bare)
    if without != bare:
        bare, private = without, True
    return Marked(bare, private, not private and _PERHAPS.search(bare) is not None)


def _without_lead(names: str) -> str:
    return re.sub(r"\A\s*(?:for|to)\s+", "", names, flags=re.I)


def _joined(rest: str) -> str:
    """What stands behind the marker; a comma there was the marker's."""
    return f": {rest.strip()[1:]}" if rest.strip().startswith((",", ";", ":")) else rest.strip()
