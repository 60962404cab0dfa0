"""What else a question may have meant, where its own words offer nothing else: the intents that are told with the same
words."""

from __future__ import annotations

from typing import Final

import msgspec

from handlers.ask.reading import NO_MEASURE, Intent, Question
from handlers.ask.typed import Typed

_NEAREST: Final[dict[tuple[str, str | None], tuple[tuple[Intent, str | None], ...]]] = {
    ("status", None): (("forecast", "projected"), ("needed", None)),
    ("ranking", "attainment"): (("ranking", "amount"), ("status", None)),
    ("ranking", "amount"): (("ranking", "attainment"), ("status", None)),
    ("ranking", "improvement"): (("ranking", "attainment"), ("compare", None)),
    ("behind", None): (("ranking", "attainment"), ("status", None)),
    ("forecast", "projected"): (("forecast", "weighted"), ("status", None)),
    ("forecast", "weighted"): (("forecast", "projected"), ("deals", "open")),
    ("forecast", "commit"): (("forecast", "projected"), ("forecast", "weighted")),
    ("coverage", None): (("deals", "open"), ("needed", None)),
    ("needed", None): (("needed", "day"), ("status", None)),
    ("needed", "day"): (("needed", "week"), ("needed", None)),
    ("needed", "week"): (("needed", "day"), ("needed", None)),
    ("why", None): (("status", None), ("deals", "stuck")),
    ("win_rate", None): (("deals", "won"), ("deals", "lost")),
    ("activity", None): (("status", None), ("deals", "open")),
    ("compare", None): (("status", None), ("ranking", "attainment")),
    ("deals", "open"): (("deals", "closing"), ("coverage", None)),
    ("deals", "stuck"): (("deals", "open"), ("deals", "closing")),
    ("deals", "closing"): (("deals", "open"), ("forecast", "projected")),
    ("deals", "won"): (("status", None), ("deals", "closing")),
    ("deals", "lost"): (("win_rate", None), ("deals", "won")),
    ("commission", None): (("status", None), ("deals", "won")),
}
_TO_GET: Final = frozenset(("need", "to", "must", "should"))
_TO_COME: Final = frozenset(("will", "would", "going", "could", "might", "may", "about", "likely"))
"""Before `lose`: what may yet be lost is in no list of lost deals."""


def perhaps(typed: Typed, intent: Intent, detail: str | None) -> list[tuple[Intent, str | None]]:
    """What a few words mean as often as what they are taken for, so that it is asked which."""
    words = [word for word, used in zip(typed.words, typed.used, strict=True) if used != "@aside"]
    if intent == "needed" and not {"weekly", "daily"}.isdisjoint(words) and _TO_GET.isdisjoint(words):
        return [("status", None)]  # `weekly target`: that of the week, or what a week must bring
    if intent == "why" and "who" in words and words[-1] == "dragging":
        return [("behind", None)]
    if intent == "deals" and detail in ("stuck", "lost") and "lost" in words:
        before = words[max(0, words.index("lost") - 3) : words.index("lost")]
        if "you" not in before and not _TO_COME.isdisjoint(before):
            return [("deals", "lost" if detail == "stuck" else "stuck")]
    return []


def nearest(question: Question) -> list[Question]:
    """The two nearest other readings of a question, about the same people and the same days."""
    found = []
    for intent, detail in _NEAREST.get((question.intent, question.detail), ()):
        kept = question.measure if question.intent not in NO_MEASURE else None
        found.append(
            msgspec.structs.replace(
                question,
                intent=intent,
                detail=detail,
                measure=None if intent in NO_MEASURE else kept or "bookings",
                against=question.against if intent == "compare" else None,
                against_scope=question.against_scope if intent == "compare" else None,
                order=("best" if intent == "ranking" else None),
                limit=question.limit if intent == "ranking" else None,
                not_understood=(),
            )
        )
    # A comparison needs its other side, which the words of another intent do not say.
    return [one for one in found if one.intent != "compare" or one.against or one.against_scope]
