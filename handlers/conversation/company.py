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


class WinRoute(msgspec.Struct, frozen=True):
    """Wins of a size, of a team, go to a channel."""

    name: str
    """As app.yaml calls the channel."""
    install: str
    conversation: str
    at_least: int = 0
    """In whole units of the plan's currency."""
    team: str = ""
    """A unit's name: only wins of its people, and of those below it. Empty: everybody's."""


MILESTONES = ("first", "best", "quota", "streak", "team")


class Wins(msgspec.Struct, frozen=True):
    """How wins are made known."""

    routes: tuple[WinRoute, ...] = ()
    amounts: bool = True
    attainment: bool = False
    """The team's number with its share of the target, where that gives no one person's away."""
    leader_from: int = 0
    """From this amount on, in whole units of the plan's currency, the leader is named; 0: never."""
    news_days: int = 7
    """An import's win is told of while it is under so many days old."""
    milestones: tuple[str, ...] = MILESTONES


class Value(msgspec.Struct, frozen=True):
    """One of the company's values, which thanks name."""

    key: str
    """As in `#customer-first`."""
    name: str
    about: str = ""


VALUES = (
    Value("customer-first", "Customer first", "We begin with what the customer needs."),
    Value("one-team", "One team", "We win together and help before we are asked."),
    Value("own-it", "Own it", "We do what we said, and say early when we cannot."),
    Value("keep-learning", "Keep learning", "We ask, try, and share what we found."),
)
"""Where the settings name none."""


class Thanks(msgspec.Struct, frozen=True):
    """How kudos are given."""

    install: str = ""
    conversation: str = ""
    """The channel that public ones are posted to; empty: to none."""
    monthly: int = 20
    """How many people somebody may thank in a calendar month, each as often as it is done; 0: as many as they like."""


class Retention(msgspec.Struct, frozen=True):
    """How long words are kept. 0: until they are erased."""

    message_days: int = 90
    checkin_months: int = 24
    note_months: int = 0
    leaver_months: int = 0


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
    wins: Wins = Wins()
    values: tuple[Value, ...] = VALUES
    kudos: Thanks = Thanks()
    retention: Retention = Retention()
