"""`--map "Column=field"`: what a person says that a column is; `field down` where it holds for blank rows below too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from handlers.imports.fields import FIELDS, Kind
from handlers.imports.text import Refused
from handlers.imports.words import joined

IGNORE: Final = "-"
_DOWN: Final = "_down"
Decided = tuple[str, str, int, str, bool]
"""Field, title as given, column (below 0: a constant), constant, whether it holds for blank rows below too."""


def decided(titles: Sequence[str], given: Mapping[str, str] | Iterable[str]) -> list[Decided]:
    """What each `--map` says. Raises Refused for a column that is not there, and for two that fall together."""
    pairs = list(given.items()) if isinstance(given, Mapping) else [_pair(each) for each in given]
    found: list[Decided] = []
    for title, said in pairs:
        field = said.strip().lower().replace(" ", "_").replace("-", "_") if said.strip() != IGNORE else IGNORE
        if title.startswith("="):
            found.append((field, title, -1 - len(found), title[1:].strip(), False))
            continue
        down = field.endswith(_DOWN)
        found.append((field.removesuffix(_DOWN), title, _column_of(titles, title), "", down))
    for at, (field, title, column, _, _) in enumerate(found):
        for other, second, place, *_more in found[:at]:
            if field != IGNORE and other == field:
                raise Refused(f"“{second}” and “{title}” are both said to be {field}. One column only.")
            if column >= 0 and column == place:
                raise Refused(f"“{title}” is said to be {other} and {field}. One of them only.")
    return found


def _pair(text: str) -> tuple[str, str]:
    title, equals, field = text.rpartition("=")
    if not equals or not title or not field.strip():
        raise Refused(f"“{text}” is not of the form Column=field.")
    return title.strip(), field


def _column_of(titles: Sequence[str], title: str) -> int:
    same = [at for at, each in enumerate(titles) if each.strip() == title.strip()]
    same = same or [at for at, each in enumerate(titles) if joined(each) == joined(title) and joined(title)]
    if not same and "#" in title:
        name, _, number = title.rpartition("#")
        places = [at for at, each in enumerate(titles) if joined(each) == joined(name)]
        if number.isdecimal() and 0 < int(number) <= len(places):
            return places[int(number) - 1]
    if not same:
        shown = ", ".join(f"“{each}”" for each in titles[:20] if each.strip())
        raise Refused(f"There is no column “{title}”. There are: {shown}.")
    if len(same) > 1:
        raise Refused(f"There are {len(same)} columns “{title}”. Say “{title}#1=…” or “{title}#2=…”.")
    return same[0]


def all_in(kind: Kind, decided: list[Decided]) -> bool:
    """Whether every field that is named is one of the kind."""
    names = {field.name for field in FIELDS[kind]} | {IGNORE}
    return all(field in names for field, *_ in decided)
