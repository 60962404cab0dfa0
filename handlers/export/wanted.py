"""What somebody wants as a file, by their words: `export East this quarter to excel`, `download my deals`. Pure.

Here are found what is exported and as what; whose and when is left to the grammar of questions (handlers/ask).
"""

from __future__ import annotations

import re
from typing import Any, Final, Literal

import msgspec

What = Literal["figures", "deals", "activities", "leaderboard"]
Format = Literal["csv", "xlsx"]

ALL: Final[tuple[What, ...]] = ("figures", "deals", "activities")

_WHATS: Final[dict[str, What]] = {
    **dict.fromkeys(
        ("figures", "figure", "numbers", "quota", "quotas", "targets", "attainment", "forecast"), "figures"
    ),
    **dict.fromkeys(("deals", "deal", "opportunities", "opportunity", "pipeline", "wins"), "deals"),
    **dict.fromkeys(("activities", "activity", "log"), "activities"),
    **dict.fromkeys(("leaderboard", "leaderboards", "ranking", "rankings", "ranks", "board"), "leaderboard"),
}
_FORMATS: Final[dict[str, Format]] = {
    "csv": "csv",
    **dict.fromkeys(("xlsx", "excel", "xls", "spreadsheet", "workbook", "sheet", "sheets"), "xlsx"),
}
_OWN: Final = frozenset(("my", "mine", "own", "myself"))
_FILLERS: Final = frozenset((
    "a", "an", "and", "all", "any", "as", "can", "could", "data", "download", "downloads", "everything",
    "export", "exported", "exporting", "exports", "file", "files", "for", "from", "get", "give", "i", "i'd",
    "in", "into", "like", "me", "need", "of", "please", "pull", "save", "send", "show", "the", "them", "to",
    "us", "want", "with", "would", "you"
))  # fmt: skip
_VERBS: Final = re.compile(r"\b(?:export|download)\b|\b(?:csv|xlsx|excel|spreadsheet)\b", re.IGNORECASE)
_ASKS: Final = re.compile(
    r"(?:(?:please|pls|hi|hey)[, ]+)*(?:(?:can|could|would) (?:you|i)\b|(?:i|we)(?:'d like| need| want)\b|export\b|"
    r"download\b|(?:send|give|get|make|create|pull) (?:me|us|my|our|an?)\b)",
    re.IGNORECASE,
)
_SURROUND: Final = "\"'“”‘’.,;:!?()"


class Wanted(msgspec.Struct, frozen=True):
    """One export as it was asked for. `rest` are the words about whose and when."""

    what: tuple[What, ...] = ALL
    format: Format = "xlsx"
    rest: str = ""
    own: bool = False
    """`my`: nobody else's."""
    sure: bool = False
    """The words ask for a file, said without the command's name."""

    def as_data(self) -> dict[str, Any]:
        """For the job that makes it."""
        return {"what": list(self.what), "format": self.format, "rest": self.rest, "own": self.own}


def read(text: str) -> Wanted:
    """What a text asks for; everything, as XLSX, where it names nothing."""
    what: list[What] = []
    format: Format = "xlsx"
    rest: list[str] = []
    own = False
    for word in text.split():
        bare = word.strip(_SURROUND).lower()
        if bare in _WHATS:
            what.append(_WHATS[bare])
        elif bare in _FORMATS:
            format = _FORMATS[bare]
        elif bare in _OWN:
            own = True
        elif bare not in _FILLERS:
            rest.append(word)
    return Wanted(
        what=tuple(dict.fromkeys(what)) or ALL,
        format=format,
        rest=" ".join(rest),
        own=own,
        sure=bool(_VERBS.search(text) and _ASKS.match(text.strip())),
    )
