"""A Slack workspace or enterprise that app.yaml lists."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SlackInstall:
    """Anything from an install that is not listed is refused."""

    name: str
    team_id: str
    enterprise_id: str
    bot_token: str = field(repr=False)
    signing_secret: str = field(repr=False)
    app_token: str = field(repr=False)
    """When given, events come by Socket Mode instead of signed HTTP."""
