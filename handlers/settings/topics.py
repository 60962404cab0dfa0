"""Which topics some words mean: `weekly nudge`, `nudges`, `everything`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from handlers.reach.gate import EVERYTHING
from handlers.reach.topic import Topic

_NOISE: Final = frozenset(
    ("the", "my", "your", "our", "any", "those", "these", "this", "that", "of", "me", "pacer", "from", "a", "an")
)
_ANY: Final = frozenset(
    ("everything", "all", "anything", "message", "notification", "nudge", "reminder", "prompt", "ping", "unasked")
)
"""Stems that mean whatever is said unasked, where no topic bears them."""
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Topics:
    """All topics, and the words that they go by."""

    all: tuple[Topic, ...]
    _keys: dict[str, frozenset[str]] = field(init=False)
    _whole: dict[str, list[frozenset[str]]] = field(init=False)

    def __post_init__(self) -> None:
        phrases = {one.name: [one.name.replace("_", " "), one.title, *one.called] for one in self.all}
        whole = {name: [stems(phrase) for phrase in said] for name, said in phrases.items()}
        object.__setattr__(self, "_whole", whole)
        object.__setattr__(self, "_keys", {name: frozenset().union(*sets) for name, sets in whole.items()})

    def named(self, name: str) -> Topic | None:
        """The one of that name, which is kept in rows."""
        return next((one for one in self.all if one.name == name), None)

    def titles(self, names: Iterable[str]) -> list[str]:
        """How they are called before people; all of it is `everything`."""
        found = ((name, self.named(name)) for name in names)
        return ["everything that I say unasked" if name == EVERYTHING else topic.title if topic else name
                for name, topic in found]  # fmt: skip

    def meant(self, words: str) -> tuple[str, ...]:
        """Names of the topics that go by all of these words, (`*`,) for everything, () for something else."""
        wanted = stems(words)
        wanted = wanted - {"all"} or wanted
        if not wanted:
            return ()
        exact = tuple(name for name, phrases in self._whole.items() if wanted in phrases)
        if exact:
            return exact
        part = tuple(name for name, key in self._keys.items() if wanted <= key)
        if part and not wanted <= {"all", "everything", "message"}:
            return part
        return (EVERYTHING,) if wanted <= _ANY else ()


def several(words: str) -> bool:
    """Whether the words may mean more than one: `nudges`."""
    said = _WORD.findall(words.casefold())
    return bool(said) and (said[-1].endswith("s") or "all" in said or "everything" in said)


def stems(words: str) -> frozenset[str]:
    """What a phrase is compared by: `the mid-week nudges` is `midweek`, `nudge`."""
    joined = re.sub(r"(?<=[^\W\d_])-(?=[^\W\d_])", "", words.casefold().replace("’", "'").replace("'s", ""))
    return frozenset(
        word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
        for word in _WORD.findall(joined)
        if word not in _NOISE
    )


def one_of(names: Sequence[str]) -> bool:
    """A single topic, not everything."""
    return len(names) == 1 and names[0] != EVERYTHING
