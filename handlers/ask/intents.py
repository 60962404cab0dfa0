"""Which intent a question's words say, and which words nothing was made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, cast

from handlers.ask.reading import Intent
from handlers.ask.typed import Typed
from handlers.ask.vocabulary import FILLERS, NOT_ASKED, PATTERNS, SOFT, Pattern
from handlers.ask.wording import CUT_LISTS
from handlers.language.vocabulary import FIRST_NAMES

_ONE_TOKEN: Final = ("@name", "@when", "@measure", "@kinds", "@kind")
_UNSAID: Final = frozenset(("-", "%"))
_ABOUT_WHOM: Final = frozenset(
    ("team", "teams", "people", "region", "regions", "company", "rep", "compare", "against", "off")
)
"""Words whose sense the subjects and the comparison have taken, or that change nothing."""


@dataclass(frozen=True, slots=True)
class Meant:
    """An intent, whether its words said it beyond doubt, and the next best ones."""

    intent: Intent
    detail: str | None
    strong: bool
    words: frozenset[int]
    """The words that said it."""
    others: tuple[tuple[Intent, str | None], ...] = ()


class Plain:
    """A question as the patterns see it: a name, a period, a measure each as one word."""

    def __init__(self, typed: Typed) -> None:
        self.typed = typed
        tokens: list[str] = []
        self.members: list[tuple[int, ...]] = []
        at = 0
        while at < len(typed.words):
            used, word = typed.used[at], typed.words[at]
            if used in ("@limit", "@vs", "@aside") or word in _UNSAID:
                at += 1
                continue
            stop = at + 1
            if used.startswith(_ONE_TOKEN):
                while stop < len(typed.words) and typed.used[stop] == used:
                    stop += 1
                word = next(token for token in _ONE_TOKEN if used.startswith(token))
            tokens.append(word)
            self.members.append(tuple(range(at, stop)))
            at = stop
        self.tokens = frozenset(tokens)
        self.text = " " + "".join(f"{token} " for token in tokens)
        self._offsets: dict[int, int] = {}
        offset = 1
        for index, token in enumerate(tokens):
            self._offsets[offset] = index
            offset += len(token) + 1

    def words(self, start: int, stop: int) -> set[int]:
        """The words of the question between two offsets of the text."""
        found: set[int] = set()
        for offset, index in self._offsets.items():
            if start <= offset < stop:
                found.update(self.members[index])
        return found

    def match(self, pattern: Pattern) -> frozenset[int] | None:
        """The words that say this pattern, those in its gaps apart."""
        if pattern.begins and pattern.begins.isdisjoint(self.tokens):
            return None
        found = pattern.search(self.text)
        if found is None:
            return None
        words = self.words(found.start() + 1, found.end())
        for gap in range(pattern.gaps):
            words -= self.words(*found.span(f"g{gap}"))
        return frozenset(words)


def meant(typed: Typed) -> Meant | None:
    """The first intent in the table's order that the words say strongly, else weakly."""
    plain = Plain(typed)
    for strong in (True, False):
        best: Meant | None = None
        for pattern in PATTERNS:
            if pattern.strong is not strong:
                continue
            if best is not None and (pattern.intent, pattern.detail) == (best.intent, best.detail):
                continue
            words = plain.match(pattern)
            if words is None:
                continue
            if best is None:
                best = Meant(cast(Intent, pattern.intent), pattern.detail, strong, words)
            elif _is_another(pattern, best) and _apart(typed, words, best.words):
                second = (cast(Intent, pattern.intent), pattern.detail)
                best = Meant(best.intent, best.detail, strong, best.words, (second,))
                break
        if best is not None:
            return _completed(typed, plain, best)
    return None


def _is_another(pattern: Pattern, best: Meant) -> bool:
    """Whether a pattern says something besides what was found: another intent, or another forecast."""
    if pattern.intent == best.intent:
        return best.intent == "forecast" and best.detail == "projected" and pattern.detail != "projected"
    return pattern.intent not in {"status", *_SAME_LIST.get(best.intent, ())}


def not_asked(typed: Typed) -> bool:
    """Whether the words say that something else is wanted than a number: an order, advice, who somebody is."""
    plain = Plain(typed)
    return any(plain.match(pattern) is not None for pattern in NOT_ASKED)


def _apart(typed: Typed, words: frozenset[int], taken: frozenset[int]) -> bool:
    """A second intent counts only if words of its own say it: none of them are the first one's."""
    own = {at for at in words if not typed.used[at] and typed.words[at] not in FILLERS}
    return bool(own) and not own & taken


def _completed(typed: Typed, plain: Plain, found: Meant) -> Meant:
    """With every word by which the table knows this intent, so that saying it twice leaves nothing over."""
    words = set(found.words)
    for pattern in PATTERNS:
        if pattern.intent in (found.intent, "status") and (said := plain.match(pattern)) is not None:
            words |= said
    return Meant(found.intent, found.detail, found.strong, frozenset(words), found.others)


_SAME_LIST: Final[dict[str, frozenset[str]]] = {
    "behind": frozenset(("ranking",)),
    "commission": frozenset(("forecast",)),
    "ranking": frozenset(("deals",)),
    "needed": frozenset(("deals", "forecast")),
    "why": frozenset(("deals",)),
}
"""Who is not on pace is no question of who is; what is earned by the end of a year is an estimate anyway; what must be
closed is no list of what closes."""
_ASKING: Final = frozenset(("why", "when"))
"""Question words that no other intent answers, however well its own words are understood."""
_COMPARING: Final = frozenset(
    (
        *("better", "worse", "stronger", "weaker", "faster", "slower", "higher", "lower", "more", "less", "side"),
        *(
            "up",
            "down",
            "ahead",
            "behind",
            "growth",
            "growing",
            "grown",
            "difference",
            "different",
            "change",
            "changed",
            "grow",
            "grew",
            "stack",
        ),
        *("doing", "ago", "before"),
    )
)
"""What a comparison is said with."""


_TELLING: Final = frozenset(("went", "well", "most", "least", "if"))
"""Small words that a plain number does not answer: `what went well last month`."""
_LISTS: Final = frozenset(("ranking", "behind", "deals", "win_rate", "activity"))
"""Intents of which a word like `not` asks for the others."""
_DENYING: Final = frozenset(("not", "never", "no", "none"))


def left_over(typed: Typed, found: Meant | None, *, comparing: bool) -> list[int]:
    """Words that say something which nothing was made from."""
    left = []
    taken = found.words if found else frozenset()
    clear = found is not None and found.strong
    lists = found is not None and found.intent in _LISTS
    deals = found is not None and found.intent == "deals"
    status = found is None or found.intent == "status"
    for at, word in enumerate(typed.words):
        if deals and word in ("where", "when"):
            left.append(at)  # in which place a deal is lost, on which day one closes: no list says it
            continue
        if at in taken or word in _UNSAID or word in _ABOUT_WHOM:
            continue
        if lists and word in _DENYING and not typed.used[at]:
            left.append(at)
            continue
        if word in ("but", "not") and typed.used[at + 1 : at + 2] and typed.used[at + 1].startswith("@name"):
            left.append(at)  # `everyone but Dana`
            continue
        if word in FILLERS and word not in _ASKING and not (status and word in _TELLING):
            continue
        if comparing and word in _COMPARING:
            continue
        if word == "100" and (typed.word(at + 1) == "%" or status):
            continue
        if typed.used[at] and not typed.used[at].startswith("@kind"):
            continue
        if word in CUT_LISTS and found is not None and found.intent == "ranking":
            continue
        if typed.used[at] == "@kinds" or (clear and _soft(word)):
            continue
        left.append(at)
    return left


_OFTEN: Final = frozenset(("weekly", "monthly", "hourly", "quarterly", "yearly", "biweekly", "family", "assembly"))
"""Words in -ly that do not say how."""


def _soft(word: str) -> bool:
    """A word that says only how, how much or how glad: nothing is lost with it."""
    how = len(word) > 5 and word.endswith("ly") and word not in FIRST_NAMES and word not in _OFTEN
    return how or word in SOFT
