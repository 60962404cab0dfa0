"""The company's own names: its units and people, who leads what, and how people call them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from handlers.ask.reading import Scope
from handlers.ask.sounds import sounding
from handlers.language.fold import folded, words_of

UnitKind = Literal["company", "region", "team"]
_HEADER: Final = ("kind", "name", "leader", "parent")
_PLAIN_LETTERS: Final = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"}
)
"""Letters that are no others with an accent, as those type them who have no such key."""
_EMPTY: Final = frozenset(("and", "of", "the", "team", "region", "sales", "group", "unit", "de", "la", "von", "van"))
"""Words of a unit's name that alone do not stand for it."""


class OrgError(ValueError):
    """The list of people and units cannot be used; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A team, a region or the company. `key` is its id in the rows, `parent` the key of the unit above."""

    key: str
    name: str
    kind: UnitKind
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A person: the unit they belong to, the units they lead, and whether they carry a target themselves."""

    key: str
    name: str
    unit: str | None = None
    leads: tuple[str, ...] = ()
    carries_target: bool = True
    aliases: tuple[str, ...] = ()


Named = Unit | Member


@dataclass(frozen=True, slots=True)
class Called:
    """Who is called so. `whole` by their full name, else by a part of it, a short form or initials."""

    named: tuple[Named, ...]
    whole: bool


class Org:
    """An index over units and people, made once for a state of the rows. Never changed."""

    def __init__(self, units: Iterable[Unit], members: Iterable[Member]) -> None:
        self.units: dict[str, Unit] = {unit.key: unit for unit in units}
        self.members: dict[str, Member] = {member.key: member for member in members}
        self._leaders: dict[str, list[Member]] = {}
        self._whole: dict[str, list[Named]] = {}
        self._part: dict[str, list[Named]] = {}
        self._words: dict[str, None] = {}
        self.initials: dict[str, list[Named]] = {}
        """By letters that a person or unit is written with: counted only where they are typed as such."""
        self.most_words = 1
        for unit in self.units.values():
            self._add_unit(unit)
        for member in self.members.values():
            self._add_member(member)
        self.words = frozenset(self._words)
        """Every folded word of a name: none of them is a typing error."""
        self.spellable: dict[str, tuple[str, ...]] = {}
        """Words of names that are long enough to be recognised when misspelt, by their first letter."""
        begun: dict[str, list[str]] = {}
        for word in self._words:
            if len(word) > 3:
                begun.setdefault(word[0], []).append(word)
        self.spellable.update((letter, tuple(words)) for letter, words in begun.items())
        self.heard = sounding(self._words)
        """Words of names by how they sound."""

    @classmethod
    def from_csv(cls, text: str) -> Org:
        """`kind,name,leader,parent`, a row for a unit or a person; a leader without a row carries no target.

        A name is its own key, so two people of one name get their place in the file after it. OrgError says what is
        wrong with the file.
        """
        rows = list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))
        if not rows or any(name not in rows[0] for name in _HEADER):
            raise OrgError(f"The first line must be {','.join(_HEADER)}, with at least one row below it.")
        units: dict[str, Unit] = {}
        people: list[tuple[str, str | None]] = []
        led: dict[str, list[str]] = {}
        for number, row in enumerate(rows, start=2):
            kind, name, leader, parent = ((row[column] or "").strip() for column in _HEADER)
            if not name:
                raise OrgError(f"Line {number} names nobody.")
            if kind == "person":
                people.append((name, parent or None))
            elif kind in ("company", "region", "team"):
                units[name] = Unit(name, name, kind, parent or None)  # type: ignore[arg-type]
                if leader:
                    led.setdefault(leader, []).append(name)
            else:
                raise OrgError(f"Line {number}: “{kind}” is none of company, region, team, person.")
        for name, parent in [*((unit.name, unit.parent) for unit in units.values()), *people]:
            if parent is not None and parent not in units:
                raise OrgError(f"{name} belongs to “{parent}”, which no row of the file names.")
        members: dict[str, Member] = {}
        for name, parent in people:
            key = name if name not in members else f"{name} #{len(members)}"
            members[key] = Member(key, name, parent, tuple(led.pop(name, ())))
        for name, leads in led.items():
            members[name] = Member(name, name, units[leads[0]].parent, tuple(leads), carries_target=False)
        return cls(units.values(), members.values())

    # -------------------------------------------------------- the tree

    @property
    def company(self) -> Unit | None:
        """The unit above all others."""
        tops = [unit for unit in self.units.values() if unit.parent is None]
        return next((unit for unit in tops if unit.kind == "company"), tops[0] if tops else None)

    def above(self, key: str | None) -> list[Unit]:
        """That unit and those above it, the nearest first."""
        found: list[Unit] = []
        while key is not None and key in self.units and len(found) <= len(self.units):
            found.append(self.units[key])
            key = self.units[key].parent
        return found

    def led_by(self, member: Member) -> Unit | None:
        """The unit that a person leads; of several the one that is highest in the tree."""
        led = [self.units[key] for key in member.leads if key in self.units]
        return min(led, key=lambda unit: len(self.above(unit.key)), default=None)

    def own_unit(self, member: Member) -> Unit | None:
        """What `we` is to a person: the unit led, else the one belonged to, else the company."""
        return self.led_by(member) or self.units.get(member.unit or "") or self.company

    def within(self, named: Named, unit: Unit) -> bool:
        """A person or unit is in that unit or anywhere below it."""
        start = named.key if isinstance(named, Unit) else named.unit
        return unit in self.above(start) and named != unit

    def find(self, name: str) -> Member | None:
        """The one person of that name (or key); None if there is none, or more than one."""
        if name in self.members:
            return self.members[name]
        called = self.called("".join(words_of(name)))
        people = [named for named in called.named if isinstance(named, Member)] if called else []
        return people[0] if len(people) == 1 else None

    def scope(self, named: Named) -> Scope:
        """A unit or person as a question's scope."""
        return Scope(named.kind if isinstance(named, Unit) else "person", named.name, named.key)

    # -------------------------------------------------------- names

    def called(self, key: str) -> Called | None:
        """Who is called by these folded words, written together."""
        if key in self._whole:
            return Called(tuple(self._whole[key]), whole=True)
        if key in self._part:
            return Called(tuple(self._part[key]), whole=False)
        return None

    def _add_unit(self, unit: Unit) -> None:
        words = words_of(unit.name)
        self._know(words)
        self._put(self._whole, words, unit)
        bare = [word for word in words if word not in _EMPTY]
        if bare != words:
            self._put(self._whole, bare, unit)
        for start in range(len(words)):
            for stop in range(start + 1, len(words) + 1):
                part = words[start:stop]
                if part != words and part[0] not in _EMPTY and part[-1] not in _EMPTY:
                    self._put(self._part, part, unit)
        if len(bare) > 1:
            self._initial("".join(word[0] for word in bare), unit)

    def _add_member(self, member: Member) -> None:
        names = [words_of(name) for name in (member.name, *member.aliases)]
        for words in [*names, *([word.translate(_PLAIN_LETTERS) for word in words] for words in names)]:
            if not words:
                continue
            self._know(words)
            self._put(self._whole, words, member)
            if len(words) == 1:
                continue
            first, last = words[0], words[-1]
            self._put(self._whole, [*words[1:], first], member)
            self._put(self._whole, [last, *words[:-1]], member)
            for start in range(len(words)):
                for stop in range(start + 1, len(words) + 1):
                    part = words[start:stop]
                    if part != words and not (len(part) == 1 and (part[0] in _EMPTY or len(part[0]) < 2)):
                        self._put(self._part, part, member)
            self._put(self._part, [first, last[0]], member)
            self._put(self._part, [first[0], last], member)
            self._initial("".join(word[0] for word in words), member)
            # Hyphens and apostrophes part words: Mei-Ling Wu is MW to some and MLW to others.
            self._initial(first[0] + last[0], member)

    def _know(self, words: Sequence[str]) -> None:
        self._words.update(dict.fromkeys(words))
        self.most_words = max(self.most_words, len(words))

    def _put(self, table: dict[str, list[Named]], words: Sequence[str], named: Named) -> None:
        # All of one is put before the next: nobody else's stands between.
        holders = table.setdefault("".join(words), [])
        if not holders or holders[-1] is not named:
            holders.append(named)

    def _initial(self, letters: str, named: Named) -> None:
        holders = self.initials.setdefault(folded(letters), [])
        if not holders or holders[-1] is not named:
            holders.append(named)
