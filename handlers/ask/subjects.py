"""Whose numbers a question is about: names, `my team`, `we`, `I`, or nobody said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from handlers.ask.names import Mention
from handlers.ask.org import Member, Named, Org, Unit
from handlers.ask.reading import Intent, Scope
from handlers.ask.typed import Typed

_ME: Final = frozenset(("i", "my", "mine", "myself", "me"))
_WE: Final = frozenset(("we", "our", "ours", "us"))
_TO_ME: Final = frozenset(("show", "tell", "give", "let", "send", "get", "to", "for", "help", "remind", "with"))
_UNIT: Final = frozenset(("team", "people", "teams", "region", "company"))
_NOT_OWN: Final = frozenset(("by", "per", "which", "what", "each", "every", "best", "worst", "any", "many"))
_FORCE: Final = {"name": 4, "unit": 3, "we": 2, "i": 1}
_OF_A_UNIT: Final = frozenset(("ranking", "behind"))


@dataclass(frozen=True, slots=True)
class Subject:
    """Words that say whose numbers, and what they may stand for, the likeliest first."""

    at: int
    force: int
    scopes: tuple[Scope, ...]
    sure: bool = True
    own: bool = False
    """`I` and `my`: for what only a unit has, the unit is meant."""


class Subjects:
    """Resolves who is meant, for one asker. An asker whom the org does not know asks about the company."""

    def __init__(self, org: Org, asker: Member | None) -> None:
        self.org, self.asker = org, asker
        self.unit = org.own_unit(asker) if asker else org.company
        self.led = org.led_by(asker) if asker else None

    def found(self, typed: Typed, mentions: list[Mention]) -> list[Subject]:
        """Everybody and everything the words speak of, in order."""
        found = [self._named(mention, mentions) for mention in mentions]
        for at, word in enumerate(typed.words):
            if typed.used[at] and typed.used[at] != "@by":
                continue
            before = typed.word(at - 1)
            if word in _UNIT and before not in _NOT_OWN and typed.used[at] != "@by":
                if word in ("people", "teams") and before not in ("my", "our", "the", "all"):
                    continue
                scope = self._unit_word(word)
                if scope is not None:
                    found.append(Subject(at, _FORCE["unit"], (scope,)))
            elif word in _WE:
                found.append(Subject(at, _FORCE["we"], (self.we(),)))
            elif word in _ME and not (word == "me" and before in _TO_ME):
                found.append(Subject(at, _FORCE["i"], (self.me(),), own=True))
        return sorted(found, key=lambda subject: subject.at)

    def default(self, intent: Intent) -> Scope:
        """Nobody is named: the unit led; a rep themselves, or their team where only a team will do."""
        if self.asker is None or self.led is not None or intent in _OF_A_UNIT:
            return self.we()
        return self.me()

    def we(self) -> Scope:
        return self.org.scope(self.unit) if self.unit is not None else Scope("me")

    def me(self) -> Scope:
        """The asker's own target if there is one, else the unit led."""
        if self.asker is not None and not self.asker.carries_target and self.led is not None:
            return self.org.scope(self.led)
        return Scope("me")

    def _unit_word(self, word: str) -> Scope | None:
        if word in ("team", "people", "teams"):
            return self.we()
        if word == "company":
            return self.org.scope(self.org.company) if self.org.company else None
        above = self.org.above(self.unit.key if self.unit else None)
        region = next((unit for unit in above if unit.kind == "region"), None)
        return self.org.scope(region) if region else None

    def _named(self, mention: Mention, mentions: list[Mention]) -> Subject:
        named = self._near(mention.named, [other for other in mentions if other is not mention])
        scopes: list[Scope] = []
        sure = mention.sure and len(named) == 1
        for one in named:
            if isinstance(one, Member) and not one.carries_target and (led := self.org.led_by(one)):
                # Who leads and carries no target has the unit's number; the person may still be meant.
                scopes += [self.org.scope(led), self.org.scope(one)]
                sure = False
            else:
                scopes.append(self.org.scope(one))
        return Subject(mention.start, _FORCE["name"], tuple(scopes), sure)

    def _near(self, named: tuple[Named, ...], others: list[Mention]) -> tuple[Named, ...]:
        """Namesakes: those of a unit named beside them, or of the unit that the asker leads; a unit before people."""
        if len(named) < 2:
            return named
        for other in others:
            if len(other.named) == 1 and isinstance(unit := other.named[0], Unit):
                inside = tuple(one for one in named if self.org.within(one, unit))
                if inside:
                    return inside
        if self.led is not None:
            inside = tuple(one for one in named if self.org.within(one, self.led))
            if len(inside) == 1:
                return inside
        if self.unit is not None:
            unit = self.unit
            return tuple(sorted(named, key=lambda one: not self.org.within(one, unit)))
        return named
