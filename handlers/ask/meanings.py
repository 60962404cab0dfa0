"""“What does weighted forecast mean?”: the product's figures in one sentence each, from meanings.yaml."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from handlers.language.vocabulary import loaded

_LONGEST: Final = 90
_MEANS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"what (?:does|do|is|are) (?:(?:an?|the|your|my) )?(?P<what>.+?) (?:mean|stand for|meaning)",
        r"what (?:do you mean|is meant) (?:by|with) (?:(?:an?|the) )?(?P<what>.+)",
        r"(?:define|definition of|meaning of|explain) (?:(?:an?|the) )?(?P<what>.+)",
        r"what(?: is|'s|s) the (?:definition|meaning) of (?:(?:an?|the) )?(?P<what>.+)",
        r"(?P<what>.+?) (?:meaning|definition)",
        r"how (?:is|are|do you|do i) (?:(?:calculate|compute|measure|work out) )?(?:(?:an?|the|my) )?(?P<what>.+?)"
        r" (?:calculated|computed|measured|worked out|defined)",
        r"how do you (?:calculate|compute|measure|work out|define) (?:(?:an?|the|my) )?(?P<what>.+)",
    )
)
_IS: Final = re.compile(r"what(?: is|'s|s| are) (?P<one>an? )?(?P<bare>.+)")


class Meaning(str):
    """`Pace: what is won ÷ what is to be expected by now.`"""


def _read() -> dict[str, tuple[str, bool]]:
    """What it is called -> the sentence, and whether “what is …” alone asks for the figure."""
    found: dict[str, tuple[str, bool]] = {}
    for one in loaded(Path(__file__).parent / "meanings.yaml")["figures"]:
        name = str(one["called"][0])
        shown = name.upper() if name == "ote" else f"{name[0].upper()}{name[1:]}"
        for called in one["called"]:
            found[str(called)] = (f"{shown}: {one['means']}", bool(one.get("number")))
    return found


_OF: Final = _read()


def meaning(text: str) -> Meaning | None:
    """The sentence for a question what a figure is; None for any other words."""
    words = " ".join(text.lower().replace("’", "'").split()).strip("/.,:!?“”\"' ")
    if len(words) > _LONGEST:
        return None
    for pattern in _MEANS:
        match = pattern.fullmatch(words)
        if match is not None and (found := _OF.get(match["what"].strip("“”\"' "))) is not None:
            return Meaning(found[0])
    match = _IS.fullmatch(words)
    if match is None or (known := _OF.get(match["bare"].strip("“”\"' "))) is None:
        return None
    sentence, number = known
    return Meaning(sentence) if match["one"] or not number else None
