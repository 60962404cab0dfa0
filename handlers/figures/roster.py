"""Who and what of the company is meant by a name: people and units, small spelling differences forgiven."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from rapidfuzz import fuzz, process

from handlers.conversation.wording import listed
from handlers.language.fold import folded, words_of
from storage import people, units
from storage.database import Transaction
from storage.people import Person
from storage.units import Unit

Named = TypeVar("Named", Person, Unit)

NEAR = 84
"""Of 100: how like a name a word must be to be taken for it mistyped."""
OFFERED = 6


@dataclass(frozen=True, slots=True)
class Roster:
    """Everybody, and every unit."""

    people: tuple[Person, ...]
    units: tuple[Unit, ...]

    def person(self, identifier: str | None) -> Person | None:
        """The one of that id."""
        return next((one for one in self.people if one.id == identifier), None)

    def unit(self, identifier: str | None) -> Unit | None:
        """The one of that id."""
        return next((one for one in self.units if one.id == identifier), None)

    def name(self, identifier: str | None) -> str:
        """Of a person; `somebody` for who is not known any more."""
        found = self.person(identifier)
        return found.name if found else "somebody"

    def people_called(self, words: str) -> list[Person]:
        """By e-mail address, the whole name, a part of it, else what is spelt nearly so."""
        wanted = words.strip()
        if "@" in wanted:
            return [one for one in self.people if one.email == wanted.lower()]
        found = _called(wanted, self.people)
        here = [one for one in found if not one.left]
        return here or found

    def units_called(self, words: str) -> list[Unit]:
        """The same for units; `team East` and `East team` are East."""
        bare = " ".join(word for word in words_of(words) if word not in ("team", "region", "the", "unit"))
        return _called(words, self.units) or (_called(bare, self.units) if bare else [])

    def whose(self, words: str) -> list[Person | Unit]:
        """People or units of that name; a name told whole wins over one told in part."""
        key = words_of(words)
        both: list[Person | Unit] = [*self.units_called(words), *self.people_called(words)]
        whole = [one for one in both if words_of(one.name) == key]
        return whole or both


def load(tx: Transaction) -> Roster:
    """All rows, leavers too."""
    return Roster(tuple(people.everybody(tx, leavers=True)), tuple(units.everything(tx)))


def unknown(words: str, names: Iterable[str], what: str) -> str:
    """The sentence for a name that nobody bears, with those that are near to it."""
    near = [name for name, score, _ in process.extract(words, list(names), scorer=fuzz.WRatio, limit=3) if score > 60]
    hint = f" Did you mean {listed(near, 'or')}?" if near else ""
    return f"I know no {what} called “{words}”.{hint}"


def several(words: str, found: Iterable[Person | Unit]) -> str:
    """The sentence for a name that several bear; the e-mail address tells people of one name apart."""
    names = [f"{one.name} ({one.email})" if isinstance(one, Person) and one.email else one.name for one in found]
    return f"“{words}” may be {listed(names[:OFFERED], 'or')}. Write the whole name or the e-mail address."


def _called(words: str, among: Iterable[Named]) -> list[Named]:
    wanted = words_of(words)
    if not wanted:
        return []
    named = [(one, words_of(one.name)) for one in among]
    whole = [one for one, name in named if name == wanted or sorted(name) == sorted(wanted)]
    if whole:
        return whole
    part = [one for one, name in named if all(word in name for word in wanted)]
    if part:
        return part
    if len(folded(words)) < 4:
        return []
    return [one for one, name in named if all(_near(word, name) for word in wanted)]


def _near(word: str, name: list[str]) -> bool:
    return any(word[0] == other[0] and fuzz.ratio(word, other) >= NEAR for other in name)
