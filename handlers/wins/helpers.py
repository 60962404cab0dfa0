"""Who helped: colleagues by their names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from handlers.figures.roster import Roster, several, unknown

_BETWEEN: Final = re.compile(r"\s*(?:,|;|&|\+|\band\b)\s*", re.IGNORECASE)
MOST: Final = 8


def helpers_in(roster: Roster, words: str, standing: Sequence[tuple[str, str]] = ()) -> list[str] | str:
    """Ids of the people that `@sam, Dana Ortiz and lee` names; or the sentence about a name that is nobody's.
    `standing`: (id, name) of who is named already, and stays so, whoever has left or bears the same name."""
    found: list[str] = []
    for name in filter(None, (part.strip().lstrip("@").strip() for part in _BETWEEN.split(words))):
        kept = [one for one, its in standing if its.casefold() == name.casefold() and one not in found]
        if kept:
            found.append(kept[0])
            continue
        fits = [one for one in roster.people_called(name) if not one.left]
        if not fits:
            return unknown(name, [one.name for one in roster.people if not one.left], "colleague")
        if len(fits) > 1:
            return several(name, fits)
        found.append(fits[0].id)
    if len(found) > MOST:
        return f"That are {len(found)} people; name up to {MOST} who helped most."
    return list(dict.fromkeys(found))
