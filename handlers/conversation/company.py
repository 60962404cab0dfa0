"""The company's settings, as the features see them. bot/config.py makes one from app.yaml."""

from __future__ import annotations

from typing import Literal

import msgspec


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
    undo_minutes: int = 60
    """How long `undo` and the Undo button take an activity back."""
    draft_hours: int = 24
    """How long a half-finished exchange waits for its answer."""
    command_prefix: str = ""
    """Put before every slash command, where another app owns the plain names."""
