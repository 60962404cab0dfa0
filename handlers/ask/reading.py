"""What a question is taken for: plain data, without a sum in it."""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec

from handlers.numbers.spans import Span

Intent = Literal[
    "status",
    "ranking",
    "behind",
    "forecast",
    "coverage",
    "needed",
    "why",
    "win_rate",
    "activity",
    "compare",
    "deals",
    "commission",
    "unknown",
]
Kind = Literal["me", "person", "team", "region", "company"]
Order = Literal["best", "worst"]

NO_MEASURE: Final = frozenset(("win_rate", "activity", "deals", "commission", "unknown"))
"""Intents that no measure is the default of."""


class Scope(msgspec.Struct, frozen=True):
    """Whose numbers. `key` is the id of the person or unit in the rows; None for `me`."""

    kind: Kind = "me"
    name: str | None = None
    key: str | None = None

    def as_data(self) -> dict[str, Any]:
        return {"kind": self.kind, "name": self.name}


class Question(msgspec.Struct, frozen=True):
    """A question as it was taken. `unknown` has neither scope nor period."""

    intent: Intent
    detail: str | None = None
    scope: Scope | None = None
    against_scope: Scope | None = None
    period: Span | None = None
    against: Span | None = None
    measure: str | None = None
    by: str | None = None
    limit: int | None = None
    order: Order | None = None
    sure: bool = True
    other_readings: tuple[Question, ...] = ()
    """Best first; empty where `sure`."""
    not_understood: tuple[str, ...] = ()
    """Words that none of this was made from, as typed."""
    refused: str | None = None
    """The sentence for what this person may not ask."""
    confidence: float = 1.0
    """0 to 1: how clearly the words ask about the numbers at all. `east` alone is a fragment, `quota east` is not."""
    whole: Span | None = None
    """The period of which `period` is the part up to today (`YTD`, `so far this quarter`); None where it is no part."""
    said: frozenset[str] = frozenset()
    """Which of intent, scope, period, measure, by and against the words said themselves: a follow-up keeps the rest."""

    def as_data(self) -> dict[str, Any]:
        """The JSON that `pacer parse ask` prints."""
        data: dict[str, Any] = {
            "intent": self.intent,
            "detail": self.detail,
            "scope": self.scope.as_data() if self.scope else None,
            "against_scope": self.against_scope.as_data() if self.against_scope else None,
            "period": _days(self.period),
            "against": _days(self.against),
            "measure": self.measure,
            "by": self.by,
            "limit": self.limit,
            "order": self.order,
            "sure": self.sure,
        }
        if self.other_readings:
            data["other_readings"] = [other.as_data() for other in self.other_readings]
        if self.not_understood:
            data["not_understood"] = list(self.not_understood)
        if self.refused:
            data["refused"] = self.refused
        return data


def _days(span: Span | None) -> dict[str, str] | None:
    return None if span is None else {"start": span.first.isoformat(), "end": span.last.isoformat()}
