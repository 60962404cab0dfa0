"""Who somebody of the plan is in Slack, by their e-mail."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from bot.finding import Here, Said
from bot.slack.api import Failed, Limited, Ok, SlackApi
from bot.slack.install import Installs, SlackInstall
from bot.slack.profiles import profile_of
from storage.finding import Missing, Roster

log = structlog.get_logger(__name__)

PACE = 1.2
"""Seconds until the next question: fifty a minute are allowed."""
LATER = 60.0
"""Seconds until Slack is asked again when it did not answer."""
REFUSED = 3600.0
"""The same for an install that may not ask."""


class SlackFinder:
    """users.lookupByEmail, one person a call: published for it are fifty calls a minute (Tier 3)."""

    at_once = 1

    def __init__(self, installs: Installs, api: SlackApi) -> None:
        self._installs = installs
        self._api = api

    def installs(self) -> Sequence[str]:
        """See TellsWho."""
        return [install.name for install in self._installs]

    def needs_teams(self) -> bool:
        """See TellsWho."""
        return False

    async def ask(self, install: str, wanted: Sequence[Missing], teams: Sequence[Roster]) -> Said:
        """See TellsWho."""
        listed = self._installs.named(install)
        if listed is None:
            return Said(wait=LATER)
        (who,) = wanted
        ended = await self._api.ask("users.lookupByEmail", listed.bot_token, {"email": who.email})
        match ended:
            case Ok(data=data):
                return _answered(listed, who, data.get("user"))
            case Failed(error="users_not_found" | "user_not_found" | "user_not_visible"):
                return Said({who.person: None}, wait=PACE)
            case Limited(after=after):
                return Said(wait=after)
            case Failed(error=error, needed=needed):
                log.error(
                    "Slack does not tell who people are by their e-mail, so those who never wrote hear nothing. "
                    "`pacer doctor` says what the app lacks.",
                    install=install,
                    reason=error,
                    needed=needed,
                )
                return Said(wait=REFUSED)
            case _:
                log.warning("slack_lookup_unanswered", install=install, reason=str(ended))
                return Said(wait=LATER)


def _answered(install: SlackInstall, who: Missing, user: object) -> Said:
    try:
        assert isinstance(user, dict)
        here = Here(profile_of(install, str(user["id"]), user))
    except (AssertionError, KeyError, TypeError, AttributeError):
        log.warning("slack_profile_unreadable", install=install.name)
        return Said(wait=LATER)
    return Said({who.person: here}, wait=PACE)
