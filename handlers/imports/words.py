"""Cells whose values are a few words: stages, deal types, measures, forecast calls, yes and no."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final, Literal

import msgspec

from handlers.conversation.company import STAGES
from handlers.figures.stages import LOST, WON, words_for, words_within
from handlers.language.fold import words_of

State = Literal["open", "won", "lost"]
DEFAULT_STAGES: Final[Mapping[str, Sequence[str]]] = dict.fromkeys(STAGES, ())

_MOST_KEPT: Final = 10_000
_SAID: Final = {WON: words_within(WON) | {"closedwon"}, LOST: words_within(LOST) | {"closedlost"}}


@lru_cache(maxsize=8)
def _cells(name: str) -> frozenset[str]:
    """Of `open`, `closed` and `not`, as cells are compared."""
    return frozenset(joined(word) for word in words_for(name, "cells"))


class Stage(msgspec.Struct, frozen=True):
    """What a stage cell stands for; `key` is empty where the pipeline has no such stage."""

    key: str
    state: State


class Stages:
    """The pipeline's stages by every word for them."""

    def __init__(self, stages: Mapping[str, Iterable[str]] = DEFAULT_STAGES) -> None:
        """`stages` are the company's with further words for each; `won` and `lost` are in every pipeline."""
        self._known: dict[str, Stage] = {}
        self._cache: dict[str, Stage | None] = {}
        for key in stages:
            self._add(key, (key,))
        for key, words in stages.items():
            self._add(key, words)
        for key in (*stages, WON, LOST):
            self._add(key, words_for(key, "cells"))

    def find(self, text: str) -> Stage | None:
        """The stage of a cell, without a key where the settings have none such; None if only `closed` is said."""
        if text not in self._cache:
            if len(self._cache) > _MOST_KEPT:
                self._cache.clear()
            self._cache[text] = self._find(text)
        return self._cache[text]

    def _find(self, text: str) -> Stage | None:
        key = joined(text)
        if (found := self._known.get(key)) is not None:
            return found
        words = set(words_of(text.replace("_", " ")))
        won, lost = words & _SAID[WON], words & _SAID[LOST]
        if (won or lost) and words & _cells("not"):
            return None
        if bool(won) != bool(lost):
            return Stage("won", "won") if won else Stage("lost", "lost")
        if (won and lost) or key in _cells("closed"):
            return None
        return Stage("", "open")

    def status(self, text: str) -> State | None:
        """What a status says: open, won or lost; None for anything else."""
        if joined(text) in _cells("open"):
            return "open"
        found = self.find(text)
        return found.state if found is not None and found.key else None

    def knows(self, stage: str, status: str) -> bool:
        """Whether a stage and a status, of which one may be blank, say anything that is known."""
        if any(text and self.status(text) is not None for text in (stage, status)):
            return True
        found = self.find(stage) if stage else Stage("", "open")
        return found is None or bool(found.key)

    def _add(self, key: str, words: Iterable[str]) -> None:
        state: State = "won" if key == "won" else "lost" if key == "lost" else "open"
        for word in words:
            self._known.setdefault(joined(word), Stage(key, state))


TYPES: Final[Mapping[str, tuple[str, ...]]] = {
    "new": (
        *("new business", "new customer", "new logo", "net new", "acquisition", "land", "new client", "new account"),
        *("initial", "first purchase"),
    ),
    "expansion": (
        *("existing business", "existing customer", "existing customer upgrade", "existing customer replacement"),
        *("upsell", "up sell", "cross sell", "upgrade", "add on", "addon", "growth", "expand", "existing", "extension"),
        *("existing customer downgrade", "replacement"),
    ),
    "renewal": ("renew", "renewals", "existing customer renewal", "contract renewal", "recurring"),
}
MEASURES: Final[Mapping[str, tuple[str, ...]]] = {
    "bookings": (
        "booking",
        "sales",
        "won",
        "closed won",
        "new business",
        "deals",
        "quota",
        "tcv",
        "amount",
        "acv",
        "arr",
    ),
    "revenue": ("recognized revenue", "recognised revenue", "turnover", "net revenue", "revenues"),
    "margin": ("gross margin", "profit", "gross profit", "gm", "margins"),
    "pipeline_created": ("pipeline created", "pipeline", "pipe", "pipeline generated", "new pipeline"),
    "meetings_booked": ("meetings booked", "booked meetings"),
}
FORECASTS: Final[Mapping[str, tuple[str, ...]]] = {
    "closed": ("closed won", "won"),
    "commit": ("committed", "commits"),
    "best_case": ("best case", "upside", "bestcase"),
    "pipeline": ("open", "all open", "open pipeline"),
    "omitted": ("omit", "omitted", "not forecasted", "none"),
}
_YES: Final = frozenset({"yes", "y", "true", "1", "t", "x", "✓"})
_NO: Final = frozenset({"no", "n", "false", "0", "f", ""})


class Words:
    """A fixed list of values, found by any word for them."""

    def __init__(self, values: Mapping[str, Iterable[str]]) -> None:
        self._known: dict[str, str] = {}
        for key in values:
            self._known[joined(key)] = key
        for key, words in values.items():
            for word in words:
                self._known.setdefault(joined(word), key)

    def find(self, text: str) -> str:
        """The value, or nothing."""
        return self._known.get(joined(text), "")


@lru_cache(maxsize=10_000)
def joined(text: str) -> str:
    """How such words are compared: folded, without spaces and signs."""
    return "".join(words_of(text.replace("_", " ")))


_GONE: Final = frozenset(
    (
        "terminated", "termination", "inactive", "deactivated", "left", "resigned", "separated", "dismissed", "retired",
        "former", "ex", "exited", "offboarded", "released", "fired", "departed", "deceased", "ended", "redundant",
    )
)  # fmt: skip
_NOT_YET: Final = frozenset(("notice", "pending", "leaving", "will"))


def gone(text: str) -> bool | None:
    """Whether an employment status says that somebody is here no more; None for a blank one."""
    words = words_of(text)
    if not words:
        return None
    if not _NOT_YET.isdisjoint(words):
        return False
    no_longer = "no longer" in " ".join(words) or {"not", "active"} <= set(words) or {"laid", "off"} <= set(words)
    return no_longer or not _GONE.isdisjoint(words)


def yes(text: str) -> bool | None:
    """Whether a cell says yes or no; None for anything else."""
    word = text.strip().lower()
    return True if word in _YES else False if word in _NO else None
