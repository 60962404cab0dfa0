"""Where a question names a unit or a person, and whom else it may mean."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from handlers.ask.org import Member, Named, Org, Unit
from handlers.ask.spelling import PERIOD_WORDS
from handlers.ask.typed import Typed
from handlers.ask.vocabulary import FILLERS, KEYWORDS, SAME

_COMMON: Final = FILLERS | KEYWORDS | PERIOD_WORDS
_BEFORE_A_NAME: Final = frozenset(("is", "about", "was", "does", "has", "vs", "and", "versus", "than", "with", "team"))
_BEFORE_A_WORD: Final = _BEFORE_A_NAME | {"will", "did", "can", "for", "of", "should", "would", "could", "by"}
_BEFORE_A_PERIOD: Final = frozenset(("in", "since", "last", "this", "during", "next", "until", "by", "from", "to"))
_UNIT_WORDS: Final = {
    **dict.fromkeys(("team", "rep", "people", "teams"), "team"),
    **{"region": "region", "company": "company"},
}


@dataclass(frozen=True, slots=True)
class Mention:
    """Words that name somebody or something of the company, from one word up to `stop`."""

    start: int
    stop: int
    named: tuple[Named, ...]
    sure: bool = True


def mentions(typed: Typed, org: Org) -> list[Mention]:
    """The names in a question, in order; their words are claimed."""
    found: list[Mention] = []
    at = 0
    while at < len(typed.words):
        mention = _at(typed, at, org) if not typed.used[at] else None
        if mention is None:
            at += 1
            continue
        if typed.doubts.intersection(typed.source[mention.start : mention.stop]):
            mention = replace(mention, sure=False)
        mention = _with_unit_word(typed, mention, org)
        typed.claim(mention.start, mention.stop, "@name")
        found.append(mention)
        at = mention.stop
    return found


def _at(typed: Typed, at: int, org: Org) -> Mention | None:
    words = typed.words
    for stop in range(min(len(words), at + org.most_words + 1), at, -1):
        run = [word for word in words[at:stop] if word != "-"]
        if not typed.free(at, stop):
            continue
        if not run or "-" in (words[at], words[stop - 1]):
            continue
        called = org.called("".join(run)) if "%" not in run else None
        if called is None and "and" in run and len(run) > 2:
            called = org.called("".join(word for word in run if word != "and"))
        if called is None:
            continue
        if stop - at == 1 and words[at] in _COMMON:
            return _common(typed, at, called.named)
        named = called.named
        if not called.whole and len(run) == 2 and all(word in _COMMON for word in run):
            continue
        return Mention(at, stop, named)
    return _initials(typed, at, org)


def _common(typed: Typed, at: int, named: tuple[Named, ...]) -> Mention | None:
    """A name that is also an ordinary word: April, Will, a team called Growth."""
    word, before = typed.words[at], typed.word(at - 1)
    capital = typed.capital(at) and at > 0 and not typed.line.text.isupper()
    possessive = typed.source[at] in typed.line.possessive
    if word in PERIOD_WORDS and (before in _BEFORE_A_PERIOD or (before in ("for", "of") and not possessive)):
        return None
    begins = at == 0 and word in PERIOD_WORDS and typed.word(1) in ("in", "this", "last", "is", "vs")
    likely = possessive or begins or before in (_BEFORE_A_NAME if word in PERIOD_WORDS else _BEFORE_A_WORD)
    if any(isinstance(one, Unit) for one in named) and word not in FILLERS:
        return Mention(at, at + 1, named)
    if not (likely or (capital and word not in PERIOD_WORDS)):
        return None
    return Mention(at, at + 1, named, sure=likely or capital)


def _initials(typed: Typed, at: int, org: Org) -> Mention | None:
    """DR, or dr where the letters are no word; US and IT are, so these must be typed as capitals."""
    word = typed.words[at]
    if not 2 <= len(word) <= 4:
        return None
    possessive = typed.source[at] in typed.line.possessive and word[-1] == "s" and word not in org.initials
    bare = word[:-1] if possessive else word
    named = org.initials.get(bare)
    if named is None:
        return None
    written = typed.written(at)
    shouted = written[: len(bare)].isupper() and not typed.line.text.isupper()
    if not shouted and (bare in _COMMON or len(bare) < 2):
        return None
    return Mention(at, at + 1, tuple(named), sure=shouted or len(named) == 1)


def _with_unit_word(typed: Typed, mention: Mention, org: Org) -> Mention:
    """`the East team`, `team East`, `Tessa's team`: the word beside a name says which of its namesakes is meant."""
    start, stop, named = mention.start, mention.stop, mention.named
    after, before = typed.word(stop), typed.word(start - 1)
    after, before = SAME.get((after,), after), SAME.get((before,), before)
    kind = _UNIT_WORDS.get(after)
    if kind is not None:
        people = [one for one in named if isinstance(one, Member)]
        units = [one for one in named if isinstance(one, Unit)]
        if units:
            of_kind = [unit for unit in units if unit.kind == kind] or units
            return Mention(start, stop + 1, tuple(of_kind), mention.sure)
        led = tuple(unit for one in people if (unit := org.own_unit(one)) is not None)
        return Mention(start, stop + 1, tuple(dict.fromkeys(led)) or named, mention.sure)
    if before == "team" and typed.used[start - 1] == "" and not any(isinstance(one, Unit) for one in named):
        led = tuple(unit for one in named if isinstance(one, Member) and (unit := org.led_by(one)) is not None)
        return Mention(start - 1, stop, led or named, mention.sure) if led else mention
    cut = before in ("rep", "people", "teams") and typed.word(start - 2) in ("by", "per", "each", "every")
    if (
        not cut
        and before in _UNIT_WORDS
        and typed.used[start - 1] == ""
        and any(isinstance(one, Unit) for one in named)
    ):
        of_kind = [one for one in named if isinstance(one, Unit) and one.kind == _UNIT_WORDS[before]]
        return Mention(start - 1, stop, tuple(of_kind) or named, mention.sure)
    return mention
