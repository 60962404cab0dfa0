"""Names of people and accounts as a file writes them beside the known ones: small differences are joined, and told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
from rapidfuzz.distance import OSA

from handlers.language.fold import words_of
from handlers.language.names import LEGAL, core_words

_MOST_KEPT: Final = 100_000
_EXAMPLES: Final = 200
_MOST_NEAR: Final = 2000
_COMPARED: Final = 400
_MOST_PAIRS: Final = 20
_RARER: Final = 10
"""So many times rarer is a name that may be another one misspelt; two frequent ones are two."""


class Known(msgspec.Struct, frozen=True):
    """A person or an account that exists already. `key` is whatever the caller wants back in the rows."""

    key: str
    name: str
    email: str = ""
    aliases: tuple[str, ...] = ()


class Named(msgspec.Struct, frozen=True):
    """A name in a row: as written, and whom or what it was taken for. `key` is empty where nobody known fits."""

    written: str
    name: str
    key: str = ""


class Spelling(msgspec.Struct, frozen=True):
    """A name that differs a little from the one it was taken for, or that fits several and was taken for none."""

    written: str
    taken_for: tuple[str, ...]


def turned(name: str) -> str:
    """`Ortiz, Dana` -> `Dana Ortiz`; any other name as it is."""
    last, comma, first = name.partition(",")
    return f"{first.strip()} {last.strip()}" if comma and last.strip() and first.strip() and "," not in first else name


class Names:
    """Known names, found by e-mail, in full, by the words in another order, without legal form, with a typing error."""

    def __init__(self, known: Iterable[Known] = (), *, people: bool) -> None:
        self._people = people
        self._by_email: dict[str, Known] = {}
        self._by_key: dict[str, list[Known]] = {}
        self._by_core: dict[str, list[Known]] = {}
        self._by_edge: dict[str, list[tuple[list[str], Known]]] = {}
        self._cache: dict[str, tuple[Named, bool]] = {}
        self.spellings: dict[str, Spelling] = {}
        self.unknown: Counter[str] = Counter()
        self.size = 0
        for each in known:
            self.add(each)

    def add(self, known: Known) -> None:
        """Make it findable."""
        self.size += 1
        if known.email:
            self._by_email.setdefault(known.email.strip().casefold(), known)
        for name in (known.name, *known.aliases):
            words = words_of(name)
            if not words:
                continue
            _put(self._by_key, "".join(words), known)
            _put(self._by_core, self._core(words), known)
            for edge in {*_edges("".join(words), 3), *_edges("".join(words), 6)}:
                self._by_edge.setdefault(edge, []).append((words, known))

    def find(self, written: str, email: str = "") -> Named:
        """Whom or what the name stands for; an e-mail that is known goes before it."""
        address = (email or written).strip().casefold()
        if "@" in address:
            if (person := self._by_email.get(address)) is not None:
                return Named(written or email, person.name, person.key)
            if email and not written:
                self.unknown[email] += 1
                return Named(email, email)
        if (known := self._cache.get(written)) is None:
            known = self._find(written)
            if len(self._cache) < _MOST_KEPT:
                self._cache[written] = known
        found, sure = known
        if not sure and written and (written in self.unknown or len(self.unknown) < _MOST_KEPT):
            self.unknown[written] += 1
        return found

    def _find(self, written: str) -> tuple[Named, bool]:
        """Whom it stands for, and whether that is somebody known."""
        plain = turned(written) if self._people else written.strip()
        words = words_of(plain)
        if not words:
            return Named(written, plain), False
        for table, key in ((self._by_key, "".join(words)), (self._by_core, self._core(words))):
            found = table.get(key, [])
            if len(found) == 1:
                return Named(written, found[0].name, found[0].key), True
            if found:
                return self._unsure(written, found)
        near = self._near(words)
        if len(near) == 1:
            if len(self.spellings) < _EXAMPLES:
                self.spellings[written] = Spelling(written, (near[0].name,))
            return Named(written, near[0].name, near[0].key), True
        return self._unsure(written, near) if near else (Named(written, plain), False)

    def _unsure(self, written: str, found: Sequence[Known]) -> tuple[Named, bool]:
        if len(self.spellings) < _EXAMPLES:
            self.spellings[written] = Spelling(written, tuple(each.name for each in found[:5]))
        return Named(written, written.strip()), False

    def _core(self, words: list[str]) -> str:
        """People's words in any order (`Ortiz, Dana`); accounts' without legal form."""
        return "".join(sorted(words)) if self._people else "".join(core_words(" ".join(words)))

    def _near(self, words: list[str]) -> list[Known]:
        found: dict[str, Known] = {}
        for edges in zip(_edges(key := "".join(words), 3), _edges(key, 6), strict=True):
            # Names that all begin or end alike are looked up by more of it.
            near = next((held for edge in edges if len(held := self._by_edge.get(edge, [])) <= _MOST_NEAR), [])
            for other, known in near:
                if alike(words, other):
                    found.setdefault(known.key or known.name, known)
        return list(found.values())


def alike(words: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two names are one but for a typing error: two letters at most, no number and no short word among them."""
    if len(words) == len(other):
        total = 0
        for one, two in zip(words, other, strict=True):
            if one == two or (one in LEGAL and two in LEGAL):
                continue
            if any(letter.isdigit() for letter in one + two):
                return False
            shorter = min(len(one), len(two))
            if shorter < 6 and one[0] != two[0] and one[:2] != two[1::-1]:
                return False  # a short word's first letter is rarely mistyped: West is not East
            most = 0 if shorter < 4 else 1 if shorter < 8 else 2
            errors = OSA.distance(one, two, score_cutoff=most)
            if errors > most:
                return False
            total += errors
        return total <= 2
    one, two = "".join(words), "".join(other)
    if any(letter.isdigit() for letter in one + two):
        return one == two
    return min(len(one), len(two)) >= 8 and OSA.distance(one, two, score_cutoff=1) <= 1


def look_alike(counts: Counter[str]) -> list[tuple[str, str]]:
    """Pairs of names that may be one, the more frequent first: the same but for spaces and signs, or one letter apart
    where one of them is rare. Only the first few hundred names are compared.
    """
    cut = [(name, words_of(name), count) for name, count in counts.most_common(_COMPARED)]
    found = []
    for at, (one, words, many) in enumerate(cut):
        for two, other, few in cut[at + 1 :]:
            if not words or not other:
                continue
            same = sorted(words) == sorted(other) or "".join(words) == "".join(other)
            if same or (few * _RARER <= many and alike(words, other)):
                found.append((one, two))
    return found[:_MOST_PAIRS]


def _edges(key: str, length: int) -> tuple[str, str]:
    """How a key begins and ends: a typing error seldom spoils both."""
    return f"{length}<{key[:length]}", f"{length}>{key[-length:]}"


def _put(table: dict[str, list[Known]], key: str, known: Known) -> None:
    held = table.setdefault(key, [])
    if known not in held:
        held.append(known)
