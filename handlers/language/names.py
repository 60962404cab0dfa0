"""Known names (accounts) findable in free text: whole, by a clear part, by an alias, with typing errors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from rapidfuzz.distance import OSA

from handlers.language.fold import words_of

LEGAL: Final = frozenset(
    {
        *("inc", "incorporated", "ltd", "limited", "llc", "llp", "lp", "corp", "corporation", "co", "company", "plc"),
        *("gmbh", "ag", "kg", "ug", "se", "sa", "sas", "sarl", "srl", "spa", "bv", "nv", "ab", "oy", "oyj", "as"),
        *("aps", "pty", "pvt", "private", "kk", "lda", "sro", "doo"),
    }
)
"""What a company's legal form adds to its name: never a clear part of it."""

_SAME_FORM: Final = (
    ("corp", "corporation"),
    ("inc", "incorporated"),
    ("ltd", "limited"),
    ("co", "company"),
    ("pvt", "private"),
)
_OTHER_FORM: Final = {word: other for pair in _SAME_FORM for word, other in (pair, pair[::-1])}
_EMPTY_PARTS: Final = LEGAL | {"and", "of", "the", "for", "de", "la", "le", "und", "et", "y"}
_MOST_WORDS: Final = 8
_LONGEST_WORD: Final = 40
_MOST_CHOICES: Final = 10
_MOST_NARROWED: Final = 60
_MANY: Final = 40
"""Names of one key from which on their order is kept: a chain of shops has thousands of one name."""
_MOST_CANDIDATES: Final = 3000
"""Words looked at for one misspelt word, so that a lookup stays under a millisecond whatever is in the index."""


@dataclass(frozen=True, slots=True)
class Match:
    """What a text may name: one name, or several that fit, or none."""

    name: str | None = None
    choices: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.name is not None or bool(self.choices)


@dataclass(frozen=True, slots=True)
class Found:
    """Names met at a place of a line: `words` of the line were used, by a `whole` name or by a part of one."""

    names: tuple[str, ...]
    words: int
    whole: bool
    typos: int = 0

    def match(self) -> Match:
        """One name, or the choice."""
        return Match(self.names[0]) if len(self.names) == 1 else Match(None, self.names[:_MOST_CHOICES])


class NameIndex:
    """Known names (accounts) findable in free text. Made for 50,000 names; names come and go at any time.

    Words are joined without spaces when compared, so that `Blue fin`, `blue-fin` and `Bluefin` are one.
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._order: dict[str, int] = {}
        self._keys: dict[str, tuple[set[str], set[str], set[str], set[str]]] = {}
        self._whole: dict[str, list[str]] = {}
        self._bare: dict[str, list[str]] = {}
        """Names by what is left without legal form and article, or by the other way to write the legal form."""
        self._parts: dict[str, list[str]] = {}
        self._by_word: dict[str, list[str]] = {}
        self._trigrams: dict[str, dict[str, None]] = {}
        self._ordered: dict[str, tuple[str, ...]] = {}
        self._added = 0
        for name in names:
            self.add(name)

    def __len__(self) -> int:
        return len(self._order)

    def __contains__(self, name: object) -> bool:
        return name in self._order

    def add(self, name: str, aliases: Iterable[str] = ()) -> None:
        """Make a name findable; an alias leads to it. Adding it again adds only what is new."""
        if not name.strip():
            return
        if name not in self._order:
            self._order[name] = self._added
            self._added += 1
            self._keys[name] = (set(), set(), set(), set())
        for written in (name, *aliases):
            self._register(name, written)

    def remove(self, name: str) -> None:
        """Forget a name and its aliases; one that is not there is no error."""
        if self._order.pop(name, None) is None:
            return
        self._ordered.clear()
        for keys, table in zip(self._keys.pop(name), self._tables(), strict=True):
            for key in keys:
                left = [other for other in table[key] if other != name]
                if left:
                    table[key] = left
                    continue
                del table[key]
                if table is self._by_word:
                    for trigram in _trigrams(key):
                        self._trigrams[trigram].pop(key, None)

    def resolve(self, text: str) -> Match:
        """What this text, all of it a name as somebody typed it, stands for."""
        words = words_of(text)[: 2 * _MOST_WORDS]
        if not words:
            return Match()
        for key in ("".join(words), _core(words)):
            if key in self._whole:
                return self._matched(self._whole[key])
            if found := self._called(key):
                return self._matched(found)
        scattered = self._with_all([{word} for word in words])
        if scattered:
            return self._matched(scattered)
        spelt = [self._spelt(word) for word in words if word not in LEGAL]
        return self._matched(self._with_all([set(options) for options in spelt if options])) if all(spelt) else Match()

    def at(self, words: Sequence[str], start: int, stop: int) -> Found | None:
        """The longest run of folded words from `start` that is a name or a part of one.

        Only a name (or an alias) that is exactly this goes before others that it is a part of.
        """
        whole, bare, parts = self._whole, self._bare, self._parts
        key = found = ""
        used = 0
        for index in range(start, min(stop, start + _MOST_WORDS)):
            word = words[index]
            if not word:
                continue
            key += word
            if key in parts or key in bare or key in whole:
                found, used = key, index - start + 1
        if not found:
            return None
        if found in whole:
            return Found(self._sorted(whole[found]), used, whole=True)
        names = self._ordered.get(found)
        if names is None:
            names = self._sorted(self._called(found))
            if len(names) >= _MANY:
                self._ordered[found] = names
        return Found(names, used, whole=len(names) == len(bare.get(found, ())))

    def near(self, words: Sequence[str], start: int, stop: int) -> Found | None:
        """The same with typing errors allowed in every word; what is right is cheaper to ask of `at`."""
        best: Found | None = None
        options: list[set[str]] = []
        for index in range(start, min(stop, start + _MOST_WORDS)):
            spelt = self._spelt(words[index])
            if not spelt:
                break
            options.append(set(spelt))
            names = self._with_all(options)
            if not names:
                break
            best = Found(self._sorted(names), len(options), whole=False, typos=1)
        return best

    def narrowed(self, names: Sequence[str], word: str, *, loosely: bool = False) -> tuple[str, ...]:
        """Those of the names that also hold this word; loosely, one that begins so or is this word misspelt."""
        if not loosely:
            holders = self._by_word.get(word)
            if not holders:
                return ()
            left = set(holders).intersection(names)
            return tuple(names) if len(left) == len(names) else self._sorted(left)
        if len(names) > _MOST_NARROWED:
            return ()
        allowed = _errors_allowed(word)
        found = []
        for name in names:
            held = self._keys[name][3]
            begun = len(word) > 2 and any(other.startswith(word) for other in held)
            if begun or (allowed and any(_errors(word, other, allowed) <= allowed for other in held)):
                found.append(name)
        return tuple(found)

    def _register(self, name: str, written: str) -> None:
        words = words_of(written)
        if not words:
            return
        self._ordered.clear()
        whole, bare, parts, single = self._keys[name]
        spellings = [words]
        if "and" in words:
            spellings.append([word for word in words if word != "and"])
        for spelling in spellings:
            _put(self._whole, whole, "".join(spelling), name)
            _put(self._bare, bare, _core(spelling), name)
            if len(spelling) > 1 and spelling[-1] in _OTHER_FORM:
                _put(self._bare, bare, "".join((*spelling[:-1], _OTHER_FORM[spelling[-1]])), name)
            counted = spelling[:_MOST_WORDS]
            for start in range(len(counted)):
                key = ""
                if counted[start] in _EMPTY_PARTS:
                    continue
                for stop in range(start, len(counted)):
                    key += counted[stop]
                    if counted[stop] not in _EMPTY_PARTS and len(key) > 1:
                        _put(self._parts, parts, key, name)
        for word in words:
            if word in _EMPTY_PARTS or len(word) > _LONGEST_WORD:
                continue
            if word not in self._by_word:
                for trigram in _trigrams(word):
                    self._trigrams.setdefault(trigram, {})[word] = None
            _put(self._by_word, single, word, name)

    def _tables(self) -> tuple[dict[str, list[str]], ...]:
        """In the order of a name's own keys."""
        return self._whole, self._bare, self._parts, self._by_word

    def _called(self, key: str) -> list[str]:
        """Names that this is all of but the legal form, and those that it is a part of: no rep tells them apart so."""
        bare, parts = self._bare.get(key), self._parts.get(key)
        if bare is None or parts is None:
            return bare or parts or []
        return list(dict.fromkeys((*bare, *parts)))

    def _spelt(self, word: str) -> list[str]:
        """The names' words that this one may be meant to be, the nearest only."""
        if word in self._by_word:
            return [word]
        allowed = _errors_allowed(word)
        if not allowed:
            return []
        counts: dict[str, int] = {}
        looked_at = 0
        for holders in sorted(filter(None, map(self._trigrams.get, _trigrams(word))), key=len):
            looked_at += len(holders)
            if looked_at > _MOST_CANDIDATES and counts:
                break
            for holder in holders:
                counts[holder] = counts.get(holder, 0) + 1
        nearest: list[str] = []
        distance = allowed
        for candidate in counts:
            if abs(len(candidate) - len(word)) > distance:
                continue
            errors = _errors(word, candidate, distance)
            if errors > distance:
                continue
            if errors < distance:
                nearest, distance = [], errors
            nearest.append(candidate)
        if not nearest and len(word) >= 4:
            nearest = [candidate for candidate in counts if candidate.startswith(word)]
        return nearest

    def _with_all(self, options: Sequence[set[str]]) -> list[str]:
        """Names holding, for every place, one of its words."""
        left: set[str] | None = None
        for words in options:
            holders: set[str] = set().union(*(self._by_word.get(word, ()) for word in words))
            left = holders if left is None else left & holders
            if not left:
                return []
        return list(left or ())

    def _sorted(self, names: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted(names, key=self._order.__getitem__))

    def _matched(self, names: Iterable[str]) -> Match:
        ordered = self._sorted(names)
        if not ordered:
            return Match()
        return Found(ordered, 0, whole=True).match()


def _errors_allowed(word: str) -> int:
    if len(word) < 4 or len(word) > _LONGEST_WORD or not word.isalpha():
        return 0
    return 1 if len(word) < 8 else 2


def _errors(word: str, known: str, most: int) -> int:
    """Typing errors between two words. A short word's first letter is rarely mistyped: West is not East."""
    if len(known) < 6 and word[0] != known[0] and word[:2] != known[1::-1]:
        return most + 1
    return OSA.distance(word, known, score_cutoff=most)


def _trigrams(word: str) -> list[str]:
    padded = f"^{word}$"
    return list(dict.fromkeys(padded[at : at + 3] for at in range(len(padded) - 2)))


def core_words(name: str) -> list[str]:
    """A name's words without its legal form and its article."""
    return _stripped(words_of(name))


def _core(words: Sequence[str]) -> str:
    return "".join(_stripped(words))


def _stripped(words: Sequence[str]) -> list[str]:
    stop = len(words)
    while stop > 1 and words[stop - 1] in LEGAL:
        stop -= 1
    start = 1 if stop > 1 and words[0] == "the" else 0
    return list(words[start:stop])


def _put(table: dict[str, list[str]], keys: set[str], key: str, name: str) -> None:
    if key in keys:
        return
    keys.add(key)
    table.setdefault(key, []).append(name)
