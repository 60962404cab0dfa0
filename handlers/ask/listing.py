"""Several things named one after the other: `attainment, pace, forecast` asks for more than one answer gives."""

from __future__ import annotations

from typing import Final

from handlers.ask.intents import Meant
from handlers.ask.reading import Intent
from handlers.ask.typed import Typed
from handlers.ask.vocabulary import FILLERS

Named = tuple[Intent, str | None]
_NAMES: Final[dict[str, Named]] = {
    **dict.fromkeys(("attainment", "pace", "gap", "quota", "number", "performance", "@measure"), ("status", None)),
    **{"forecast": ("forecast", "projected"), "commit": ("forecast", "commit"), "weighted": ("forecast", "weighted")},
    **{"coverage": ("coverage", None), "pipeline": ("deals", "open"), "winrate": ("win_rate", None)},
    **{"commission": ("commission", None), "leaderboard": ("ranking", "attainment")},
    **{"activity": ("activity", None), "@kind": ("activity", None), "@kinds": ("activity", None)},
}
"""Words that alone are the name of what is asked."""


def listed(typed: Typed) -> Meant | None:
    """The first of several intents that are only named, parted by commas or `and`, with the others; else None."""
    if "and" not in typed.words and "," not in typed.line.words:
        return None
    parts: list[list[int]] = [[]]
    for at, word in enumerate(typed.words):
        comma = at > 0 and "," in typed.line.words[typed.source[at - 1] : typed.source[at]]
        if comma or (word == "and" and not typed.used[at]):
            parts.append([])
        if word != "and":
            parts[-1].append(at)
    named: list[Named] = []
    said: set[int] = set()
    for part in parts:
        found: Named | None = None
        for at in part:
            used, word = typed.used[at], typed.words[at]
            name = _NAMES.get(used if used in _NAMES else word) if not used or used in _NAMES else None
            if word == "won" and typed.word(at + 1) == "rate":
                name = _NAMES["winrate"]
            if name is not None:
                said.add(at)
                found = found or name
            elif not used and word not in FILLERS:
                return None
        if found is not None:
            named.append(found)
    first, *others = dict.fromkeys(named) or [None]
    if first is None or not others:
        return None
    return Meant(first[0], first[1], strong=True, words=frozenset(said), others=tuple(one for one in others if one))
