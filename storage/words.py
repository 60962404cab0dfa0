"""A person in others' words: found by name, e-mail and ids, and by what they wrote themselves. Pure."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

SHORT: Final = 8
"""Characters: a shorter text (“ok”, “next week”) is nobody's own, and is not looked for."""
ENOUGH: Final = 24
"""A text is repeated where its beginning is: messages shorten what they show."""


@dataclass(frozen=True, slots=True)
class Marks:
    """`probes`: plain pieces of which one stands in every text that a pattern is in, for the database to look for."""

    patterns: tuple[tuple[re.Pattern[str], str], ...]
    probes: tuple[str, ...]

    def within(self, value: object) -> bool:
        """Whether it names the person: a text, or what is in JSON."""
        return any(pattern.search(text) for text in walked(value) for pattern, _ in self.patterns)

    def replaced(self, value: Any) -> Any:
        """The same without the person."""
        match value:
            case str():
                for pattern, instead in self.patterns:
                    value = pattern.sub(instead, value)
                return value
            case dict():
                return {self.replaced(name): self.replaced(inner) for name, inner in value.items()}
            case list():
                return [self.replaced(inner) for inner in value]
            case _:
                return value


def marks_for(name: str, *, emails: Iterable[str], ids: Iterable[str], instead: str) -> Marks:
    """By a name of two words and more (a single one may be any word), e-mails, and ids that no word can be."""
    patterns: list[tuple[re.Pattern[str], str]] = []
    probes: list[str] = []
    address = instead.lower().replace(" ", "-")
    for email in sorted(filter(None, emails)):
        patterns.append((_bounded(re.escape(email)), address))
        probes.append(email)
    for one in sorted(filter(None, ids)):
        # An id of the playground is a first name.
        if len(one) >= 6 and re.search(r"\d", one):
            patterns.append((_bounded(re.escape(one)), address))
            probes.append(one)
    for words in {tuple(name.split()), tuple(_bare(name).split())}:
        if len(words) < 2:
            continue
        between = r"[\s\u00a0,._-]+"
        patterns.append((_bounded(between.join(map(re.escape, words))), instead))
        patterns.append((_bounded(between.join(map(re.escape, (words[-1], *words[:-1])))), instead))
        runs = re.findall(r"[A-Za-z0-9]+", " ".join(words))
        probes.append(max(runs, key=len) if runs else words[-1])
    return Marks(tuple(patterns), tuple(dict.fromkeys(probes)))


def _bounded(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){pattern}(?!\w)", re.IGNORECASE)


def _bare(name: str) -> str:
    """Without accents, as people type it."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", name) if not unicodedata.combining(sign))


class Texts:
    """What somebody wrote. Found in a text in one pass over it, however many there are."""

    def __init__(self, texts: Collection[str]) -> None:
        self._by_start: dict[str, set[str]] = {}
        for text in texts:
            for line in {text.strip(), *(line.strip() for line in text.splitlines())}:
                for form in {line, json.dumps(line, ensure_ascii=False)[1:-1]}:
                    if len(form) >= SHORT:
                        self._by_start.setdefault(form[:SHORT], set()).add(form[:ENOUGH])

    def __bool__(self) -> bool:
        return bool(self._by_start)

    def within(self, value: object) -> bool:
        """Whether one of them is repeated in it."""
        if not self._by_start:
            return False
        for text in walked(value):
            for at in range(len(text) - SHORT + 1):
                starts = self._by_start.get(text[at : at + SHORT])
                if starts is not None and any(text.startswith(start, at) for start in starts):
                    return True
        return False


def walked(value: object) -> Iterator[str]:
    """Every text in it, names of fields too."""
    match value:
        case str():
            yield value
        case bytes():
            yield value.decode("utf-8", "replace")
        case dict():
            for name, inner in value.items():
                yield str(name)
                yield from walked(inner)
        case list() | tuple():
            for inner in value:
                yield from walked(inner)
