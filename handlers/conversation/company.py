"""The company's settings, as the features see them. bot/config.py makes one from app.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

STAGES: Final[Mapping[str, int]] = {
    "prospecting": 10,
    "qualified": 25,
    "proposal": 50,
    "negotiation": 75,
    "won": 100,
    "lost": 0,
}
"""The pipeline where the settings name none (GLOSSARY: *stage*): percent, in order."""


class StatusLimits(msgspec.Struct, frozen=True):
    """From which pace on, in percent, each status holds; below `behind` somebody is at risk."""

    ahead: int = 105
    on_pace: int = 95
    behind: int = 75


QuestionKind = Literal["text", "commit", "best case", "rating"]


class Question(msgspec.Struct, frozen=True):
    """One question of a check-in."""

    name: str
    """Answers are kept under it, so it stays when the words change."""
    ask: str
    """`{commit}`, `{period}` and `{came}` stand for the commit that was missed."""
    kind: QuestionKind = "text"
    optional: bool = False
    when: str = ""
    """Asked only then: `missed commit`, `NAME <= 2` (of a rating), `NAME` (something was answered). Empty: always."""


class Company(msgspec.Struct, frozen=True):
    """One deployment serves one company. Every field is a setting of app.yaml; the defaults are the product's."""

    name: str = "Your company"
    currency: str = "USD"
    """ISO 4217; the plan's currency, which holds where a person names none."""
    zone: str = "UTC"
    """IANA name; periods begin and end in it, and it is a person's zone until a better one is known."""
    date_order: Literal["mdy", "dmy"] = "mdy"
    country: str = "US"
    """ISO 3166; whose holidays are no working days."""
    subdivision: str = ""
    fiscal_year_start: int = 1
    """Month, 1 to 12."""
    admins: frozenset[str] = frozenset()
    """E-mail addresses, lower case."""
    domains: frozenset[str] = frozenset()
    """The company's own e-mail domains, lower case. Only people in them are linked to imported people."""
    kinds: dict[str, tuple[str, ...]] = {}
    """Activity kind -> further words for it; a key that is not built in is a new kind."""
    expectations: dict[str, dict[str, int]] = {}
    """Role -> activity kind -> how many a week of five working days."""
    stages: dict[str, int] = msgspec.field(default_factory=lambda: dict(STAGES))
    """Stage -> how likely a deal in it is to be won, in percent, in the pipeline's order; `won` and `lost` are the last
    two."""
    stage_words: dict[str, tuple[str, ...]] = {}
    """Stage -> further words for it."""
    stuck_days: int = 30
    """An open deal is stuck when it is longer in its stage."""
    quiet_days: int = 21
    """It is stuck too when for longer neither it was touched nor its owner did anything with its account."""
    status_limits: StatusLimits = StatusLimits()
    ramp: tuple[int, ...] = (50, 50, 75, 75)
    """What a new rep carries of a full target in the first months, in percent; all of it after them."""
    quota_period: Literal["month", "quarter", "half", "year"] = "quarter"
    """What a question is about that names no period."""
    undo_minutes: int = 60
    """How long `undo` and the Undo button take an activity back."""
    draft_hours: int = 24
    """How long a half-finished exchange waits for its answer."""
    command_prefix: str = ""
    """Put before every slash command, where another app owns the plain names."""
    checkins: dict[str, tuple[Question, ...]] = {}
    """A unit's name, or `everyone` -> the questions of its check-ins, in their order; empty: the product's."""
