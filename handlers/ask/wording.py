"""Measures, activity kinds, `by`, and how many of the best or worst: the small words of a question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from handlers.ask.typed import Typed
from handlers.ask.vocabulary import KINDS, MEASURES, SAME
from handlers.language.fold import words_of
from handlers.language.numbers import NUMBER_WORDS

_BY: Final = frozenset(("by", "per", "each", "every", "across"))
_CUTS: Final = {
    "rep": "rep",
    "people": "rep",
    "team": "team",
    "teams": "team",
    "product": "product",
    "month": "month",
    "monthly": "month",
    "stage": "stage",
}
CUT_LISTS: Final = frozenset(("product", "month", "stage"))
"""What a ranking may be of besides people and teams: `top 3 products`, `best month`."""
_OTHER_CUTS: Final = frozenset(
    ("region", "quarter", "account", "customer", "country", "industry", "source", "segment", "territory", "regions")
)
_BEST: Final = frozenset(("best", "biggest", "most", "first"))
_BADLY: Final = frozenset(("badly", "poorly", "bad", "terrible", "terribly", "poor"))
_WORST: Final = frozenset(("worst", "smallest", "least", "fewest"))


def measure_of(typed: Typed, known: Sequence[str]) -> tuple[list[str], list[str]]:
    """The measures and the activity kinds that are named, in order; their words are claimed.

    `known` are further names that the company counts by.
    """
    own = [(tuple(words_of(name.replace("_", " "))), name) for name in known]
    own += [((*words[:-1], f"{words[-1]}s"), name) for words, name in own if words]
    measures: list[str] = []
    kinds: list[str] = []
    at = 0
    while at < len(typed.words):
        step = 1
        for table, found, mark in ((MEASURES, measures, "@measure"), (KINDS, kinds, "@kind"), (own, kinds, "@kind")):
            said = _phrase_at(typed, at, table)
            if said is None:
                continue
            name, step = said
            if name not in found:
                found.append(name)
            plural = mark == "@kind" and typed.words[at + step - 1].endswith("s")
            typed.claim(at, at + step, "@kinds" if plural else mark)
            break
        at += step
    return measures, kinds


def _phrase_at(typed: Typed, at: int, table: Sequence[tuple[tuple[str, ...], str]]) -> tuple[str, int] | None:
    first = typed.words[at]
    for words, name in table:
        if words[0] != first:
            continue
        if "*" in words:
            cut = words.index("*")
            head, tail = words[:cut], words[cut + 1 :]
            for gap in range(4):
                stop = at + len(head) + gap + len(tail)
                if (
                    tuple(typed.words[at : at + len(head)]) == head
                    and tuple(typed.words[stop - len(tail) : stop]) == tail
                ):
                    return name, stop - at
            continue
        stop = at + len(words)
        if tuple(typed.words[at:stop]) == words and typed.free(at, stop):
            return name, len(words)
    return None


def cut_of(typed: Typed) -> tuple[str | None, str | None]:
    """What the answer is to be cut by, and the word of a cut that there is none for."""
    other: str | None = None
    for at, word in enumerate(typed.words):
        if word == "monthly" and not typed.used[at]:
            typed.claim(at, at + 1, "@by")
            return "month", None
        if word not in _BY or typed.used[at]:
            continue
        after = at + 1 + (typed.word(at + 1) in ("each", "the", "individual"))
        if word == "across":
            after = at + 1 + (typed.word(at + 1) in ("all", "my", "our", "the", "each"))
            after += typed.word(after) in ("my", "our", "the")
        named = typed.word(after)
        if named in _CUTS and not typed.used[after]:
            stop = after + 1
            if named == "team" and typed.word(stop) == "people":
                named, stop = "rep", stop + 1
            typed.claim(at, stop, "@by")
            return _CUTS[named], None
        often = named in ("day", "week") and word != "across"
        if word in ("by", "per", "across", "each", "every") and (named in _OTHER_CUTS or often):
            other = typed.written(after)
            typed.claim(at, after + 1, "@by")
    if other is None:
        other = next((typed.written(at) for at in range(len(typed.words)) if _is_odd(typed, at)), None)
    return None, other


def _is_odd(typed: Typed, at: int) -> bool:
    """`regions`, `worst region`: a list that there is none of."""
    word = typed.words[at]
    if word in ("regions", "quarters"):
        return True
    return word == "region" and not typed.used[at] and typed.word(at - 1) in ("best", "worst", "which", "what", "top")


def who_is_listed(typed: Typed) -> str | None:
    """`top 5 reps`, `which teams`: whom a list is of, where no `by` says it."""
    for at, word in enumerate(typed.words):
        if typed.used[at] and typed.used[at] != "@by":
            continue
        before = typed.word(at - 1)
        people = word == "people" and not typed.written(at).lower().endswith(("one", "body"))
        if people or (word == "rep" and (before not in ("my", "the") or typed.written(at).lower().endswith("s"))):
            return "rep"
        if word in CUT_LISTS and not typed.used[at] and typed.word(at - 2) not in ("a", "an"):
            return word
        if word == "teams" or (word == "team" and (before in ("which", "best", "worst", "what") or _is_number(before))):
            return "team"
    return None


def how_many(typed: Typed) -> tuple[int | None, Literal["best", "worst"] | None]:
    """`top 5` -> 5, best; `the 3 weakest` -> 3, worst; `best` -> None, best."""
    order: Literal["best", "worst"] | None = None
    for at, word in enumerate(typed.words):
        if typed.used[at]:
            continue
        side: Literal["best", "worst"] | None = "best" if word in _BEST else "worst" if word in _WORST else None
        if word == "last" and {"who", "which", "place"}.intersection(typed.words):
            side = "worst"
        if word in ("worse", "weaker") and {"who", "which"}.intersection(typed.words):
            side = "worst"
        if word in _BADLY and {"who", "which"}.intersection(typed.words):
            side = "worst"
        if side is None:
            continue
        for beside in (at + 1 + (typed.word(at + 1) == "-"), at - 1):
            number = _number(typed.word(beside)) if beside >= 0 and typed.used[beside : beside + 1] == [""] else 0
            if number:
                typed.claim(beside, beside + 1, "@limit")
                return number, side
        if word not in ("first", "biggest"):
            order = order or side
        elif word == "biggest":
            order = order or "best"
    return None, order


def _number(word: str) -> int:
    return int(word) if word.isdecimal() and len(word) < 4 else NUMBER_WORDS.get(word, 0)


def _is_number(word: str) -> bool:
    return _number(word) > 0


def same(word: str) -> str:
    """The one spelling of a word."""
    return SAME.get((word,), word)
